"""How long it takes to judge a pull request, by the size of the registry that it goes to.

    python tests/benchmarks/judging.py 1000 100000

In: numbers of plugins. Out: seconds for changes of several kinds, and the number of documents that were read for them.
Packages are not fetched.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders import SPAM, a_cache_listing, a_config, a_namespace, a_release, a_wheel, registry_files
from pull_requests import AUTO_MERGE, REVIEW, Forge

NAMESPACES = 200


def filled(folder: Path, plugins: int) -> Forge:
    """Return a registry with so many plugins, next to those of the tests."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "forge.git")], check=True)
    forge = Forge(folder / "forge.git")
    files = {**registry_files(), "registry.yaml": a_config(review=REVIEW, auto_merge=AUTO_MERGE)}
    files |= {
        f"namespaces/space-{space:03}.yaml": a_namespace(namespace=f"space-{space:03}") for space in range(NAMESPACES)
    }
    listing, release = a_cache_listing(name="NAME"), a_release("1.0.0", artifacts=[a_wheel()])
    for number in range(plugins):
        there = f"plugins/space-{number % NAMESPACES:03}/plugin-{number}"
        files[f"{there}/listing.yaml"] = listing.replace("NAME", f"Plugin {number}")
        files[f"{there}/README.md"] = f"# Plugin {number}\n"
        files[f"{there}/releases/1.0.0.yaml"] = release
    forge.main = forge.commit(files, parent=None)
    return forge


def main() -> None:
    """Measure, and print a line for each size and change."""
    for plugins in map(int, sys.argv[1:] or ["1000"]):
        with tempfile.TemporaryDirectory() as scratch:
            forge = filled(Path(scratch), plugins)
            there = "plugins/space-001/plugin-1"
            fresh = "plugins/space-001/quite-new"
            changes = {
                "a release": {f"{there}/releases/1.1.0.yaml": a_release("1.1.0", artifacts=[a_wheel()])},
                "a listing": {f"{there}/listing.yaml": a_cache_listing(name="Plugin 1", summary="Other words.")},
                "a new plugin": {
                    f"{fresh}/listing.yaml": a_cache_listing(name="Quite New"),
                    f"{fresh}/README.md": "# New\n",
                    f"{fresh}/releases/1.0.0.yaml": a_release("1.0.0", artifacts=[a_wheel()]),
                },
                "a release taken back": {
                    f"{there}/releases/1.0.0.yaml": a_release("1.0.0", artifacts=[a_wheel()], yanked="It is broken.")
                },
                "another plugin's text": {f"{SPAM}/README.md": "# Better\n"},
            }
            for what, change in changes.items():
                head = forge.branch(change)
                began = time.perf_counter()
                judgement = forge.judgement(head, desk=None, history=None)
                seconds = time.perf_counter() - began
                read = len(judgement.situation.sides.merged.documents)
                print(f"{plugins:>7} plugins, {what:<22} {seconds:6.2f} s, {read} documents read")


if __name__ == "__main__":
    main()
