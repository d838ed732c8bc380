"""Scanner *patterns*: YARA rules, ours and those that the operator put into a folder.

A rule may say ``severity = "needs_review"`` in its ``meta``, and ``description`` for people; other matches are notes.
Large files are looked at up to a limit, each for a limited time; what took too long is told.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yara_x import Rules

    from pluginry.model.finding import Finding
    from pluginry.publisher.scan_setup import ScanSetup
    from pluginry.publisher.scanners.scanner import ScannedPackage

SUSPICIOUS = Rule(
    id="scan.suspicious-pattern",
    title="A file looks like something harmful",
    why="Files like this were harmful elsewhere; this one may be a sample, a test or a defence.",
    fix="tell the reviewer what it is for, or leave it out",
    severity=Severity.NEEDS_REVIEW,
)
NOTABLE = Rule(
    id="scan.notable-pattern",
    title="A file matches a pattern that somebody wants to know of",
    why="It is no harm by itself.",
    fix="nothing has to be done",
    severity=Severity.NOTE,
)
NOT_FINISHED = Rule(
    id="scan.patterns-not-finished",
    title="Looking for patterns in a file took too long",
    why="Nobody knows what the rest of the search would have found.",
    fix="make the file smaller, or tell the reviewer what it is",
    severity=Severity.NEEDS_REVIEW,
)

_OWN_RULES: Final = Path(__file__).parent / "rules"
_MAX_BYTES: Final = 16 << 20
_SECONDS: Final = 10
_SUFFIXES: Final = ("*.yar", "*.yara")


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield each rule that matches once in each file."""
    from yara_x import Scanner as Search
    from yara_x import TimeoutError as TooLong

    search = Search(_compiled(_texts(package.setup.rules)))
    search.set_timeout(_SECONDS)
    for file in package.files:
        data = b"".join(_first_bytes(package, file))
        try:
            found = search.scan(data).matching_rules
        except TooLong:
            yield NOT_FINISHED.finding(at(file))
            continue
        for rule in found:
            said = dict(rule.metadata)
            kind = SUSPICIOUS if said.get("severity") == Severity.NEEDS_REVIEW.value else NOTABLE
            description = str(said.get("description", "")) or "no description"
            yield kind.finding(at(file, _line_of(rule, data)), f"{rule.identifier}: {description}")


def _first_bytes(package: ScannedPackage, file: Any) -> Iterator[bytes]:
    size = 0
    for chunk in package.archive.open_chunks(file):
        yield chunk
        size += len(chunk)
        if size >= _MAX_BYTES:
            return


def _line_of(rule: Any, data: bytes) -> int:
    """Return the line of the first match, or 0 in a file that is no text."""
    offsets = [match.offset for pattern in rule.patterns for match in pattern.matches]
    return data.count(b"\n", 0, min(offsets)) + 1 if offsets and b"\0" not in data else 0


@lru_cache(maxsize=2)
def _compiled(texts: tuple[tuple[Path, bytes], ...]) -> Rules:
    """Return rules that are compiled once for the same `texts`: who scans for days must see that they changed.

    Raises:
        DocumentError: a file of rules cannot be read.
    """
    from yara_x import CompileError, Compiler

    compiler = Compiler()
    compiler.enable_includes(False)  # noqa: FBT003 - the library's signature
    for path, text in texts:
        compiler.new_namespace(path.stem)
        try:
            compiler.add_source(text.decode())
        except (CompileError, UnicodeDecodeError) as error:
            raise DocumentError("these YARA rules cannot be read", where=str(path), why=quoted(str(error))) from error
    return compiler.build()


def _texts(folder: Path | None) -> tuple[tuple[Path, bytes], ...]:
    """Return our rules and those in `folder`.

    Raises:
        DocumentError: a file of rules cannot be read.
    """
    read = []
    for path in _files(folder):
        try:
            read.append((path, path.read_bytes()))
        except OSError as error:
            raise DocumentError("these YARA rules cannot be read", where=str(path), why=quoted(str(error))) from error
    return tuple(read)


def _files(folder: Path | None) -> list[Path]:
    folders = [_OWN_RULES] if folder is None else [_OWN_RULES, folder]
    return [path for place in folders for path in sorted(p for suffix in _SUFFIXES for p in place.glob(suffix))]


def _hindrance(setup: ScanSetup) -> str:
    """Return that the library is missing or the rules are wrong, if so."""
    try:
        import yara_x  # noqa: F401 - to know whether it is there
    except ModuleNotFoundError:
        return "yara-x is not installed"
    try:
        _compiled(_texts(setup.rules))
    except DocumentError as error:
        return f"{error.what}: {error.where}"
    return ""


def _data(setup: ScanSetup) -> str:
    """Return which rules of the operator there are; ours belong to the version."""
    if setup.rules is None:
        return ""
    return hashlib.sha256(b"\0".join(text for _, text in _texts(setup.rules))).hexdigest()[:12]


SCANNER = Scanner(
    name="patterns",
    version="1",
    rules=(SUSPICIOUS, NOTABLE, NOT_FINISHED),
    scan=_scan,
    hindrance=_hindrance,
    data=_data,
)
