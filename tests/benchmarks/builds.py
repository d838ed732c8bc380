"""What our own builds cost: all of it, nothing changed, one release more; each step in a process of its own.

In: how many plugins, how many rounds, a folder where corpora are kept (or none). Out: seconds on the wall, seconds of
the processor and peak memory, minimum and median over the rounds, as a table and as JSON. The steps of a round follow
each other, so that a machine that is busy for a while is busy for all of them. It asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from corpus import make_corpus
from process_cost import cost_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus import Corpus
    from process_cost import Cost

STEPS: Final = ("cold, no pages", "cold, all outputs", "no change", "one release")
_LASTING: Final = "--lasting-objects-of"
_LASTING_FOLDER: Final = ".pluginry/lasting"
_FORGOTTEN: Final = ".pluginry/forgotten"


def with_keys(corpus: Corpus) -> Corpus:
    """Return `corpus`, with trust metadata and keys if it had none."""
    if not (corpus.root / "index" / "trust").exists():
        _pluginry(corpus, "trust", "init", "--signing", "none", "--quiet")
        corpus.commit("trust")
    return corpus


def one_round(corpus: Corpus, number: int) -> Iterator[tuple[str, Cost]]:
    """Yield what each step takes; the release that is added is of another plugin in every round."""
    _forget_publications(corpus)
    yield STEPS[0], cost_of([sys.executable, str(Path(__file__).resolve()), _LASTING, str(corpus.root)])
    _forget_publications(corpus)  # also what was remembered of the files of the registry
    yield STEPS[1], _publish(corpus)
    yield STEPS[2], _publish(corpus, "--clean-checkout")
    corpus.release(number)
    yield STEPS[3], _publish(corpus, "--clean-checkout")


def cost_of_copying(corpus: Corpus) -> Cost:
    """Return what it takes to write the files of the last publication once more, and do nothing else."""
    copies = len(list((corpus.root / _FORGOTTEN).iterdir()))
    return cost_of(["cp", "-r", "dist", f"{_FORGOTTEN}/{copies}"], cwd=corpus.root)


def measure(corpus: Corpus, rounds: int) -> dict[str, Any]:
    """Return the figures of each step over `rounds`."""
    costs: dict[str, list[Cost]] = {step: [] for step in STEPS}
    first = releases_added(corpus)
    for number in range(first, first + rounds):
        for step, cost in one_round(corpus, number):
            costs[step].append(cost)
    shutil.rmtree(corpus.root / _FORGOTTEN)
    return {step: _figures(found) for step, found in costs.items()}


def _publish(corpus: Corpus, *options: str) -> Cost:
    return _pluginry(corpus, "publish", "dist", "--no-read-back", "--quiet", *options)


def _pluginry(corpus: Corpus, *arguments: str) -> Cost:
    return cost_of([sys.executable, "-m", "pluginry", *arguments], cwd=corpus.root)


def _figures(costs: list[Cost]) -> dict[str, float]:
    walls, processors = [cost.wall for cost in costs], [cost.processor for cost in costs]
    return {
        "wall_min": min(walls),
        "wall_median": statistics.median(walls),
        "processor_min": min(processors),
        "processor_median": statistics.median(processors),
        "peak_mb": max(cost.peak_mb for cost in costs),
    }


def _forget_publications(corpus: Corpus) -> None:
    """Move away what earlier steps left. It is deleted later: ext4 looks long for room among what was just deleted."""
    forgotten = corpus.root / _FORGOTTEN
    forgotten.mkdir(exist_ok=True)
    for name in ("dist", _LASTING_FOLDER, ".pluginry/inventories"):
        if (folder := corpus.root / name).exists():
            folder.rename(forgotten / str(len(list(forgotten.iterdir()))))


def releases_added(corpus: Corpus) -> int:
    """Return how many plugins of a kept corpus got one more release in earlier measurements."""
    counted = subprocess.run(
        ["git", "-C", str(corpus.root), "rev-list", "--count", "HEAD", "--", "registry"],
        check=True,
        capture_output=True,
    )
    return int(counted.stdout) - 1


def build_lasting_objects(root: Path) -> None:
    """Load, validate and index the marketplace in `root`, and write its packages and nodes, as who has no pages."""
    from pluginry.adapters.folder_store import FolderStore
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.cli.publisher_wiring import PublisherPlaces
    from pluginry.publisher.assembly import build_marketplace, lasting_objects_of
    from pluginry.publisher.publish import publish
    from pluginry.publisher.quarantine import sound_registry

    workspace = PublisherPlaces.at(root, None).workspace
    history = GitCheckout(workspace.registry)
    store = FolderStore(root / _LASTING_FOLDER)
    ledgers = workspace.ledgers()
    built = build_marketplace(
        workspace,
        sound_registry(workspace.registry, ledgers=ledgers, history=history).registry,
        ledgers,
        store=store,
        previous_root=None,
        commit=history.head_commit() or "",
        now=datetime.now(UTC),
        verifier=None,
    )
    publish(lasting_objects_of(built), store, timestamp_tag=None)


def main() -> None:
    """Print a table, and write JSON where asked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sizes", type=int, nargs="*", default=[1_000, 10_000], help="numbers of plugins")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--corpora", type=Path, help="keep corpora below this folder and use those that are there")
    options.add_argument("--json", type=Path, help="write the figures to this file")
    options.add_argument(_LASTING, type=Path, dest="lasting", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.lasting:
        build_lasting_objects(given.lasting)
        return
    results = {}
    print(f"{'plugins':>8} {'step':<20}{'wall min':>10}{'median':>10}{'cpu min':>10}{'median':>10}{'peak MB':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        for size in given.sizes:
            corpus = with_keys(make_corpus((given.corpora or Path(scratch)) / str(size), size))
            results[size] = measure(corpus, given.rounds)
            for step, figures in results[size].items():
                *times, peak = figures.values()
                print(f"{size:>8} {step:<20}{''.join(f'{seconds:>10.2f}' for seconds in times)}{peak:>10.0f}")
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
