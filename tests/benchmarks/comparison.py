"""Our builds beside the index builders of other repositories: same number and size of packages, rounds interleaved.

    python tests/benchmarks/comparison.py 1000x5 10000x5 100000x1 --json FIGURES --plot PICTURE --report PAGE

that is 1,000 plugins in five rounds, and so on; figures of other sizes that the file has already are kept in it. Each
round is one of ours and one of each peer, so that a machine that is busy for a while is busy for all. What a peer does
and does not do is printed beside its figures: what they have in common is that they make an index of packages.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from builds import cost_of_copying, one_round, releases_added, with_keys
from corpus import NEXT_RELEASE, RELEASES, make_corpus
from foreign_packages import Release, releases
from peers import measured, peers, prepared
from plot import bars
from report import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus import Corpus
    from process_cost import Cost

OURS: Final = "pluginry"
COPYING: Final = "cp -r of what pluginry wrote"
_LARGEST_WITH_PAYLOAD: Final = 10_000
_STEPS: Final = {
    "cold, no pages": ("cold", f"{OURS}, no pages"),
    "cold, all outputs": ("cold", OURS),
    "no change": ("no change", OURS),
    "one release": ("one change", OURS),
}
_DOES: Final = {
    f"{OURS}, no pages": "checks claims, builds the hash tree, writes packages and nodes; no pages, no signature",
    OURS: "all of it: also trust metadata, catalogue, feeds, search data, badges, a page for each plugin and release",
    COPYING: "no builder: the least that so many files cost here, one after the other",
}


class Size(NamedTuple):
    """So many ``plugins``, measured in so many ``rounds``."""

    plugins: int
    rounds: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """Return the size that is written as PLUGINSxROUNDS.

        Raises:
            ValueError: it is something else.

        """
        plugins, _, rounds = text.partition("x")
        return cls(int(plugins), int(rounds))

    @property
    def payload_bytes(self) -> int:
        """How large the payload of each package is: as usual ones are, or none where the disk has no room for it."""
        return 34_000 if self.plugins <= _LARGEST_WITH_PAYLOAD else 0


Figures = dict[str, dict[str, dict[str, float]]]


def compared(size: Size, folder: Path) -> tuple[Figures, dict[str, str]]:
    """Return figures by step and builder: ``minimum`` and ``median`` seconds, ``peak_mb`` of memory.

    And what those said that broke off, by builder.
    """
    payload = size.payload_bytes
    corpus = with_keys(make_corpus(folder / "ours", size.plugins, payload))
    others = [(peer, prepared(peer, releases(size.plugins, RELEASES, payload), folder / "peers")) for peer in peers()]
    new = Release(number=0, version=NEXT_RELEASE, payload_bytes=payload)
    found: dict[str, dict[str, list[Cost]]] = {}
    failed: dict[str, str] = {}

    def note(step: str, name: str, cost: Cost) -> None:
        found.setdefault(step, {}).setdefault(name, []).append(cost)
        print(f"{size.plugins:,} plugins, {step}: {name} {cost.wall:.2f} s, {cost.peak_mb:.0f} MB", flush=True)

    first = releases_added(corpus)
    for number in range(size.rounds):
        for step, name, cost in _round(corpus, first + number):
            note(step, name, cost)
        for peer, place in others:
            try:
                for step, cost in measured(peer, place, new):
                    note(step, peer.name, cost)
            except RuntimeError as error:  # theirs, now and then; the other rounds count
                print(f"round {number + 1}, {peer.name}: {error}")
                failed[peer.name] = str(error).strip().rpartition("\n")[2]
    figures = {step: {name: _figures(costs) for name, costs in named.items()} for step, named in found.items()}
    return figures, failed


def machine() -> str:
    """Return what this machine is, in a line."""
    names = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = names[0] if names else platform.processor()
    return f"{os.cpu_count()} x {processor}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _round(corpus: Corpus, number: int) -> Iterator[tuple[str, str, Cost]]:
    for step, cost in one_round(corpus, number):
        yield *_STEPS[step], cost
    if corpus.count <= _LARGEST_WITH_PAYLOAD:
        yield "cold", COPYING, cost_of_copying(corpus)


def _figures(costs: list[Cost]) -> dict[str, float]:
    seconds = [cost.wall for cost in costs]
    return {
        "minimum": min(seconds),
        "median": statistics.median(seconds),
        "peak_mb": max(cost.peak_mb for cost in costs),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _print(results: Mapping[str, Any]) -> None:
    does = _what_each_does()
    for count, size in results["sizes"].items():
        for step, named in size["steps"].items():
            title = f"{int(count):,} plugins, {step}"
            print(f"\n{title:<36}{'minimum s':>10}{'median s':>10}{'ours to it':>12}{'peak MB':>9}")
            ours = named[OURS]["median"]
            for name, one in sorted(named.items(), key=lambda item: item[1]["median"]):
                ratio = "" if name.startswith(OURS) else f"{ours / one['median']:.2f}"
                row = f"{name:<36}{one['minimum']:>10.3f}{one['median']:>10.3f}{ratio:>12}{one['peak_mb']:>9.0f}"
                print(f"{row}  {does.get(name, '')}")


def _what_each_does() -> dict[str, str]:
    return {**_DOES, **{peer.name: peer.does for peer in peers()}}


def _picture(results: Mapping[str, Any]) -> str:
    count, size = max(results["sizes"].items(), key=lambda item: int(item[0]))
    medians = {step: {name: one["median"] for name, one in named.items()} for step, named in size["steps"].items()}
    title = f"An index of {int(count):,} plugins: seconds, median of {size['rounds']} (logarithmic scale)"
    return bars(title, medians, unit="s", ours=OURS)


def main() -> None:
    """Print the tables, and write figures and a picture where asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sizes", type=Size.parse, nargs="+", metavar="PLUGINSxROUNDS")
    options.add_argument(
        "--corpora", type=Path, help="keep all packages below this folder, and use those that are there"
    )
    options.add_argument("--json", type=Path, help="write the figures to this file, beside those of other sizes")
    options.add_argument("--plot", type=Path, help="draw the largest size into this SVG file")
    options.add_argument("--report", type=Path, help="write a page of Markdown that shows the picture beside it")
    given = options.parse_args()
    results = json.loads(given.json.read_bytes()) if given.json and given.json.exists() else {"sizes": {}}
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            steps, failed = compared(size, (given.corpora or Path(folder)) / str(size.plugins))
        results["sizes"][str(size.plugins)] = {
            "rounds": size.rounds,
            "packages": size.plugins * len(RELEASES),
            "payload_bytes": size.payload_bytes,
            "machine": machine(),
            "failed": failed,
            "steps": steps,
        }
        if given.json:  # a larger size may take hours, or break off
            given.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    _print(results)
    if given.plot:
        given.plot.write_text(_picture(results), "utf-8")
    if given.report:
        picture = os.path.relpath(given.plot, given.report.parent) if given.plot else ""
        given.report.write_text(report(results, does=_what_each_does(), ours=OURS, picture=picture), "utf-8")


if __name__ == "__main__":
    main()
