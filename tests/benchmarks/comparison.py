"""Our builds beside the index builders of other repositories: same number and size of packages, rounds interleaved.

    python tests/benchmarks/comparison.py 1000 10000 --rounds 5 --json FIGURES --plot PICTURE --report PAGE

Each round is one of ours and one of each peer, so that a machine that is busy for a while is busy for all. What a peer
does and does not do is printed beside its figures: what they have in common is that they make an index of packages.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from builds import one_round, run
from corpus import make_corpus
from peers import measured, peers, prepared
from plot import bars
from report import report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus import Corpus

OURS: Final = "pluginry"
_STEPS: Final = {
    "cold, no pages": ("cold", f"{OURS}, no pages"),
    "cold, all outputs": ("cold", OURS),
    "no change": ("no change", OURS),
    "one release": ("one change", OURS),
}
_DOES: Final = {
    f"{OURS}, no pages": "checks claims, builds the hash tree, writes packages and nodes; no pages, no signature",
    OURS: "all of it: also trust metadata, catalogue, feeds, search data, badges, a page for each plugin and release",
}


def compared(count: int, rounds: int, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return figures by step and builder: ``minimum`` and ``median`` seconds, ``peak_mb`` of memory."""
    corpus = _corpus(folder, count)
    others = [(peer, prepared(peer, count, folder / "peers")) for peer in peers()]
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for number in range(rounds):
        for step, name, seconds, peak in _round(corpus, number):
            found.setdefault(step, {}).setdefault(name, []).append((seconds, peak))
        for peer, place in others:
            try:
                for step, one in measured(peer, place):
                    found.setdefault(step, {}).setdefault(peer.name, []).append((one.seconds, one.peak_mb))
            except RuntimeError as error:  # theirs, now and then; the other rounds count
                print(f"round {number + 1}, {peer.name}: {error}")
    return {step: {name: _figures(runs) for name, runs in named.items()} for step, named in found.items()}


def machine() -> str:
    """Return what this machine is, in a line."""
    names = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = names[0] if names else platform.processor()
    return f"{os.cpu_count()} x {processor}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _corpus(folder: Path, count: int) -> Corpus:
    corpus = make_corpus(folder / "ours", count)
    run(corpus.root, "-m", "pluginry", "trust", "init", "--signing", "none", "--quiet")
    corpus.commit("trust")
    return corpus


def _round(corpus: Corpus, number: int) -> Iterator[tuple[str, str, float, float]]:
    for step, cost in one_round(corpus, number):
        yield *_STEPS[step], cost.wall, cost.peak_mb


def _figures(runs: list[tuple[float, float]]) -> dict[str, float]:
    seconds = [one for one, _ in runs]
    return {
        "minimum": min(seconds),
        "median": statistics.median(seconds),
        "peak_mb": max(peak for _, peak in runs),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _print(count: int, figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    does = _what_each_does()
    for step, named in figures.items():
        print(f"\n{f'{count:,} packages, {step}':<36}{'minimum s':>10}{'median s':>10}{'ours to it':>12}{'peak MB':>9}")
        ours = named[OURS]["median"]
        for name, one in sorted(named.items(), key=lambda item: item[1]["median"]):
            ratio = "" if name.startswith(OURS) else f"{ours / one['median']:.2f}"
            row = f"{name:<36}{one['minimum']:>10.3f}{one['median']:>10.3f}{ratio:>12}{one['peak_mb']:>9.0f}"
            print(f"{row}  {does.get(name, '')}")


def _what_each_does() -> dict[str, str]:
    return {**_DOES, **{peer.name: peer.does for peer in peers()}}


def main() -> None:
    """Print the tables, and write figures and a picture where asked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000], help="numbers of packages")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", type=Path, help="write the figures to this file")
    options.add_argument("--plot", type=Path, help="draw the largest size into this SVG file")
    options.add_argument("--report", type=Path, help="write a page of Markdown that shows the picture beside it")
    given = options.parse_args()
    results: dict[str, Any] = {"machine": machine(), "rounds": given.rounds, "sizes": {}}
    print(results["machine"])
    for count in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            results["sizes"][str(count)] = figures = compared(count, given.rounds, Path(folder))
        _print(count, figures)
        if given.plot:
            medians = {step: {name: one["median"] for name, one in named.items()} for step, named in figures.items()}
            title = f"An index of {count:,} packages: seconds, median of {given.rounds} (logarithmic scale)"
            given.plot.write_text(bars(title, medians, unit="s", ours=OURS), "utf-8")
    if given.json:
        given.json.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
    if given.report:
        picture = os.path.relpath(given.plot, given.report.parent) if given.plot else ""
        given.report.write_text(report(results, does=_what_each_does(), ours=OURS, picture=picture), "utf-8")


if __name__ == "__main__":
    main()
