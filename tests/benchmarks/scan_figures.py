"""What the scanners find, miss and wrongly suspect: on harmful packages of ours, and on archives of real plugins.

    python tests/benchmarks/scan_figures.py [FOLDER]

FOLDER holds wheels and npm tarballs as their registries give them; without it only our own packages are looked at. A
finding that a person would have to look at counts as a false alarm in a real plugin, except undeclared access: that is
true of them, for they were never asked what they use.
"""

from __future__ import annotations

import io
import sys
import tarfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harmful_packages import HARMFUL, HARMLESS
from packages import zipped
from pluginry.encoding import documents
from pluginry.encoding.archive import read_archive
from pluginry.errors import ArchiveError
from pluginry.model.digest import Digest
from pluginry.model.finding import Severity
from pluginry.model.names import ANY_PLATFORM
from pluginry.publisher.scan import SCANNERS, scan
from scanned_packages import manifest_with, scanned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.publisher.scan import ScanResult

SCANNER_OF = {rule.id: scanner.name for scanner in SCANNERS for rule in scanner.rules}
UNDECLARED = "scan.undeclared-access"


def main(folder: Path | None) -> None:
    found, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for files, expected in HARMFUL.values():
        rules = weighty(scanned(files))
        found.update(SCANNER_OF[rule] for rule in expected & rules)
        missed.update(SCANNER_OF[rule] for rule in expected - rules)
    for harmless in HARMLESS.values():
        wrong.update({SCANNER_OF[rule] for rule in weighty(scanned(harmless))})
    print(f"{len(HARMFUL)} harmful packages, {len(HARMLESS)} that only remind of it")
    print(f"{'scanner':<18}{'found':>8}{'missed':>8}{'false':>8}")
    for scanner in SCANNERS:
        print(f"{scanner.name:<18}{found[scanner.name]:>8}{missed[scanner.name]:>8}{wrong[scanner.name]:>8}")
    if folder is not None:
        look_at_real_ones(folder)


def look_at_real_ones(folder: Path) -> None:
    suspected, notes, kinds = Counter[str](), Counter[str](), Counter[str]()
    examples: dict[str, list[str]] = {}
    times: list[tuple[float, str]] = []
    for path in sorted(folder.iterdir()):
        data = as_package(path)
        if data is None:
            continue
        start = time.perf_counter()
        try:
            archive = read_archive(io.BytesIO(data))
            result = scan(archive, platform=ANY_PLATFORM, manifest=manifest_with(), digest=Digest.of(data))
        except ArchiveError as error:
            print(f"{path.name}: {error}")
            continue
        times.append((time.perf_counter() - start, path.name))
        kinds.update(seen.kind for seen in result.observed)
        notes.update({finding.rule for finding in result.findings if finding.severity is Severity.NOTE})
        for rule in weighty(result):
            suspected[rule] += 1
            where = next(finding.where for finding in result.findings if finding.rule == rule)
            examples.setdefault(rule, []).append(f"{path.name}: {where}")
    total = sum(seconds for seconds, _ in times)
    slowest = max(times)
    print(f"\n{len(times)} real releases in {total:.1f} s, {total / len(times) * 1000:.0f} ms each,", end=" ")
    print(f"the slowest {slowest[0] * 1000:.0f} ms ({slowest[1]})")
    print("access seen:", ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print("notes:", ", ".join(f"{rule} {count}" for rule, count in notes.most_common()) or "none")
    alarms = {name for rule, names in examples.items() if rule != UNDECLARED for name in names}
    for rule, count in suspected.most_common():
        said = "true, never declared" if rule == UNDECLARED else "to be looked at"
        print(f"  {rule:<28}{count:>5}  {said}")
        for example in examples[rule][: 0 if rule == UNDECLARED else 8]:
            print(f"      {example}")
    print(f"alarms without undeclared access: {len(alarms)}")


def weighty(result: ScanResult) -> frozenset[str]:
    return frozenset(finding.rule for finding in result.findings if finding.severity is not Severity.NOTE)


def as_package(path: Path) -> bytes | None:
    """Return the files of a wheel or a tarball as a package of ours, or None for other files."""
    if path.suffix not in (".whl", ".tgz"):
        return None
    files = dict(members(path))
    return zipped({"plugin.json": documents.encode(manifest_with()), **files})


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            yield from ((info.filename, wheel.read(info)) for info in wheel.infolist() if not info.is_dir())
        return
    with tarfile.open(path) as tarball:
        for info in tarball:
            stream = tarball.extractfile(info) if info.isfile() else None
            if stream is not None:
                yield info.name, stream.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
