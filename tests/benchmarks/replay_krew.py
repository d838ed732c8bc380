"""What would have become of the pull requests of a krew index, had it been a registry of ours.

    python tests/benchmarks/replay_krew.py DATA [--json FILE]

In: DATA, a folder with ``plugins/*.yaml`` (a krew index), ``replay_last300.jsonl`` (merged changes, oldest first) and
``unmerged_prs_even.jsonl`` (pull requests that were never merged). Out: how many would merge by themselves, wait for a
person, or be refused, and why. Every manifest is converted as `pluginry import krew` does it, committed, and judged by
`contribution.judge`, without network: what stands in packages plays no part.

Assumed, because the data says nothing of it: a plugin belongs to the first person who changed it in the data; the robot
that files most releases acts for the owner. A pull request that was not merged may have been withdrawn or replaced, so
that one that we would merge is no mistake by itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders import LEFT_OUT
from pluginry.contribution.rules.packages import NOT_SEEN
from pluginry.contribution.tiers import decide
from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.importing import krew_conversion
from pluginry.importing.foreign_versions import version_from_semver
from pluginry.importing.krew import NAMESPACE
from pluginry.importing.krew_manifest import read_krew_manifest
from pluginry.importing.listing_files import problems_of
from pluginry.importing.new_registry import write_registry
from pluginry.importing.texts import plugin_name
from pluginry.model.finding import Severity, Verdict
from pluginry.model.listing import Account
from pull_requests import Forge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REVIEWER = Account(login="reviewer", id=1)
NOBODY = Account(login="nobody", id=2)
AUTO_MERGE = "auto_merge:\n  enabled: true\n  tiers: [0]\n"
ANSWERS = ("merges by itself", "a person looks", "refused")


@dataclass(slots=True)
class Tally:
    """Answers, the rules behind those that were not a yes, and how long judging took."""

    answers: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=lambda: {answer: Counter() for answer in ANSWERS})
    seconds: list[float] = field(default_factory=list)

    def add(self, answer: str, rules: Iterable[str]) -> None:
        """Count one pull request."""
        self.answers[answer] += 1
        self.rules[answer].update(set(rules))

    def plain(self) -> dict[str, Any]:
        """Return the figures."""
        ordered = sorted(self.seconds) or [0.0]
        return {
            "pull requests": sum(self.answers.values()),
            **{answer: self.answers[answer] for answer in ANSWERS},
            "why": {answer: dict(self.rules[answer].most_common(12)) for answer in ANSWERS[1:]},
            "seconds each, median and slowest": [round(ordered[len(ordered) // 2], 2), round(ordered[-1], 2)],
        }


class RefusedError(Exception):
    """A manifest that has no form in our registry; ``rules`` say why."""

    def __init__(self, rules: Iterable[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = tuple(rules)


def converted(path: str, text: str, owner: Account, *, old: str | None = None) -> dict[str, str]:
    """Return the files of our registry that a krew manifest becomes; raises `RefusedError`.

    Places of the `old` manifest stay allowed: a krew manifest has no list of them, and older releases lie there.
    """
    stem = path.rpartition("/")[2].rpartition(".")[0]
    document = strict_yaml.parse(text.encode(errors="surrogatepass"), file=path)
    manifest, findings = read_krew_manifest(document, name=stem)
    blocking = [finding.rule for finding in findings if finding.severity is Severity.BLOCKS]
    name, version = plugin_name(stem), version_from_semver(manifest.version) if manifest else None
    if blocking or manifest is None or name is None or version is None:
        raise RefusedError(blocking or ["import.version-form" if manifest and not version else "import.name"])
    listing = krew_conversion.listing_of(manifest, name, owner)
    before = (
        read_krew_manifest(strict_yaml.parse(old.encode(errors="surrogatepass"), file=path), name=stem)[0]
        if old
        else None
    )
    if before is not None:
        known = krew_conversion.listing_of(before, name, owner).sources
        listing = replace(listing, sources=tuple(sorted({*listing.sources, *known})))
    release = krew_conversion.release_of(manifest, version)
    if problems := [*problems_of("listing", listing, file=path), *problems_of("release", release, file=path)]:
        raise RefusedError(found.message.partition(" ")[0] for found in problems)
    folder = f"plugins/{NAMESPACE}/{name}"
    return {
        f"{folder}/listing.yaml": write_yaml(documents.to_plain(listing)).decode(),
        f"{folder}/README.md": krew_conversion.readme_of(manifest),
        f"{folder}/releases/{version}.yaml": write_yaml(documents.to_plain(release)).decode(),
    }


def owners_of(merged: Iterable[Mapping[str, Any]], robot: str) -> dict[str, Account]:
    """Return for each path the first person who changed it."""
    owners: dict[str, Account] = {}
    for change in merged:
        if change["author_id"] != robot:
            owners.setdefault(change["path"], account(change["author_id"]))
    return owners


def account(author: str) -> Account:
    """Return an account for somebody of the data."""
    return Account(login=author, id=int(author, 16))


def judged(forge: Forge, head: str, author: Account, tally: Tally) -> None:
    """Judge `head`, and count the answer."""
    began = time.perf_counter()
    judgement = forge.judgement(head, author=author, desk=None, history=None)
    tally.seconds.append(time.perf_counter() - began)
    findings = tuple(finding for finding in judgement.findings if finding.rule != NOT_SEEN.id)
    decision = decide(findings, judgement.situation, command="replay")
    reasons = [reason for reason in decision.reasons if reason.tier != 0]
    if decision.verdict is Verdict.REFUSED:
        tally.add("refused", (reason.rule for reason in reasons if reason.tier is None))
    else:
        tally.add("merges by itself" if decision.merges else "a person looks", (reason.rule for reason in reasons))


def started(folder: Path, data: Path, merged: list[Any], owners: Mapping[str, Account]) -> Forge:
    """Return the registry as it was before the first merged change."""
    texts = {f"plugins/{path.name}": path.read_text() for path in sorted(data.glob("plugins/*.yaml"))}
    for change in reversed(merged):
        texts[change["path"]] = change["old"]
    files: dict[str, str] = {}
    for path, text in texts.items():
        try:
            files |= converted(path, text, owners.get(path, NOBODY)) if text else {}
        except RefusedError as refused:
            print(f"not convertible, left out: {path}: {refused}", file=sys.stderr)
    registry = folder / "registry"
    write_registry(
        registry,
        title="Replay",
        category=krew_conversion.CATEGORY,
        host=krew_conversion.host_profile(),
        namespace=NAMESPACE,
        owner=REVIEWER,
    )
    for file in registry.rglob("*.yaml"):
        files[file.relative_to(registry).as_posix()] = file.read_text()
    files["registry.yaml"] += AUTO_MERGE
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder / "forge.git")], check=True)
    forge = Forge(folder / "forge.git")
    forge.main = forge.commit(files, parent=None)
    return forge


def replay_merged(forge: Forge, merged: list[Any], owners: Mapping[str, Account], robot: str) -> dict[str, Tally]:
    """Judge each merged change on top of those before it, as they came."""
    tallies = {"releases by the robot": Tally(), "changes by people": Tally(), "new plugins": Tally()}
    for change in merged:
        kind = "new plugins" if change["status"] == "A" else ""
        kind = kind or ("releases by the robot" if change["author_id"] == robot else "changes by people")
        owner = owners.get(change["path"], NOBODY)
        author = owner if change["author_id"] == robot else account(change["author_id"])
        try:
            head = forge.branch(converted(change["path"], change["new"], owner, old=change["old"]))
        except RefusedError as refused:
            tallies[kind].add("refused", refused.rules)
            continue
        judged(forge, head, author, tallies[kind])
        forge.merge(head)
    return tallies


def replay_unmerged(forge: Forge, unmerged: list[Any], owners: Mapping[str, Account]) -> Tally:
    """Judge each pull request that was never merged, on top of what its plugins were then."""
    tally, now = Tally(), forge.main
    for request in unmerged:
        author = account(request["author_id"])
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        try:
            for change in request["changes"]:
                is_plugin = change["path"].startswith("plugins/") and change["path"].endswith(".yaml")
                if not is_plugin or change["new"] is None:
                    after[f"/{change['path']}"] = change["new"] or LEFT_OUT
                    continue
                owner = owners.get(change["path"], author if change["old"] is None else NOBODY)
                before |= dict(_cleared(change["path"]))
                before |= _readable(change["path"], change["old"], owner) if change["old"] else {}
                after |= converted(change["path"], change["new"], owner, old=change["old"])
        except RefusedError as refused:
            tally.add("refused", refused.rules)
            continue
        forge.merge(forge.commit(before, parent=now) if before else now)
        judged(forge, forge.branch(after), author, tally)
    forge.merge(now)
    return tally


def _readable(path: str, text: str, owner: Account) -> dict[str, str]:
    try:
        return converted(path, text, owner)
    except RefusedError:
        return {}


def _cleared(path: str) -> Iterator[tuple[str, Any]]:
    name = plugin_name(path.rpartition("/")[2].rpartition(".")[0])
    if name is not None:
        yield f"plugins/{NAMESPACE}/{name}", LEFT_OUT


def main() -> None:
    """Run both replays, and print the figures."""
    parser = argparse.ArgumentParser(description="Replay the pull requests of a krew index.")
    parser.add_argument("data", type=Path, help="folder with plugins/, replay_last300.jsonl, unmerged_prs_even.jsonl")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    merged, unmerged = (
        [json.loads(line) for line in (chosen.data / name).read_text().splitlines()]
        for name in ("replay_last300.jsonl", "unmerged_prs_even.jsonl")
    )
    robot = Counter(change["author_id"] for change in merged).most_common(1)[0][0]
    owners = owners_of(merged, robot)
    with tempfile.TemporaryDirectory() as scratch:
        forge = started(Path(scratch), chosen.data, merged, owners)
        tallies = replay_merged(forge, merged, owners, robot)
        tallies["never merged"] = replay_unmerged(forge, unmerged, owners)
    figures = json.dumps({name: tally.plain() for name, tally in tallies.items()}, indent=2)
    print(figures)
    if chosen.json:
        chosen.json.write_text(figures + "\n")


if __name__ == "__main__":
    main()
