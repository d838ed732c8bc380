"""What new packages bring, held against the release before: found by looking, never by running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.contribution.aspects import Aspects, aspects_of_manifest
from pluginry.contribution.rules.published import compare, new_versions
from pluginry.encoding.quoting import enumerated, quoted
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners import inventory, permissions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.contribution.packages import BuiltPair, SeenRelease
    from pluginry.contribution.situation import Situation
    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version

REFUSED = Rule(
    id="packages.refused",
    title="The release cannot be published",
    why="Publishing would stop here as well: what cannot be fetched, read or scanned is not offered to anybody.",
    fix="correct the release, or the package that it names",
)
NOT_SEEN = Rule(
    id="packages.not-seen",
    title="Nobody looked into the package",
    why="What a release asks for stands in its package; without it there is nothing to go by.",
    fix="run the check without --offline",
    severity=Severity.NEEDS_REVIEW,
)
NO_COMPARISON = Rule(
    id="packages.no-comparison",
    title="The release before cannot be looked at",
    why="What is new cannot be told from what was there.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
TOO_MANY = Rule(
    id="packages.too-many",
    title="There are more new releases than are looked at in one go",
    why="Packages are fetched and scanned one by one.",
    fix="make a pull request for each release",
    severity=Severity.NEEDS_REVIEW,
)
TOO_MUCH = Rule(
    id="packages.too-much",
    title="More would have to be fetched than one pull request may ask for, or it takes too long",
    why="Everybody else's pull requests wait meanwhile.",
    fix="make a pull request for each release; or wait for a reviewer, who looks at what nobody looked at here",
    severity=Severity.NEEDS_REVIEW,
)
SCAN = Rule(
    id="packages.scan",
    title="A scanner found something that was not in the release before",
    why="It may be harmless; a person looks at it.",
    fix="remove it, or say in the pull request what it is for",
    severity=Severity.NEEDS_REVIEW,
)
UNREAD = Rule(
    id="packages.unread",
    title="The scan could not look into something that it did not stop at before",
    why="Whatever the code does can be put where no scanner reads it.",
    fix="make it readable: smaller sources, files instead of archives; or wait for a reviewer who looks at it",
    severity=Severity.NEEDS_REVIEW,
)
ACCESS = Rule(
    id="packages.access",
    title="The code reaches for something that it did not reach for before, and does not ask for it",
    why="What is used and not declared is what nobody agreed to.",
    fix="declare the permission, with a reason; or wait for a reviewer who says that it is a false alarm",
    severity=Severity.NEEDS_REVIEW,
)
PROGRAM = Rule(
    id="packages.program",
    title="The package has programs that were not in the one before",
    why="A compiled program cannot be read by anybody.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
LICENCE = Rule(
    id="packages.licence",
    title="The text of the licence changes",
    why="Users agreed to other terms.",
    fix="another owner or a reviewer looks at it",
    severity=Severity.NEEDS_REVIEW,
)
UNKNOWN_NEED = Rule(
    id="packages.unknown-need",
    title="The package needs a plugin that is not there",
    why="Nobody could install the release.",
    fix="publish the other plugin first, or correct its id",
)
PROOF_LOST = Rule(
    id="packages.proof-lost",
    title="The release before was proved to come from its developer's build, and this one is not",
    why="Whoever took over an account can upload a file, but cannot make the developer's build sign it.",
    fix="release from the build again",
    severity=Severity.NEEDS_REVIEW,
)
GROWN = Rule(
    id="packages.grown",
    title="The package is much larger than the one before",
    why="It takes longer to fetch, and something may be in it by mistake.",
    fix="look at the list of files",
    severity=Severity.NOTE,
)
RULES = (
    REFUSED, NOT_SEEN, NO_COMPARISON, TOO_MANY, TOO_MUCH, SCAN, UNREAD, ACCESS, PROGRAM, LICENCE, UNKNOWN_NEED,
    PROOF_LOST, GROWN,
)  # fmt: skip

_MUCH_LARGER: Final = 2
_WORTH_SAYING_BYTES: Final = 1 << 20
_NO_NEWS: Final = "note"
_NOT_LOOKED_INTO: Final = frozenset({permissions.UNREADABLE.id, inventory.NESTED_ARCHIVE.id})
"""Notes of the scan about files of which it cannot tell what is in them."""


def check(situation: Situation, pair: BuiltPair, unknown: Iterable[PluginId]) -> Iterator[Finding]:
    """Yield findings about a new release; `unknown` are the plugins that it needs and that are not there."""
    before, after = pair.before, pair.after
    where = situation.at(file_of(pair.plugin.id, after.version))
    for plugin in unknown:
        yield UNKNOWN_NEED.finding(where, f"it needs {quoted(str(plugin))}")
    yield from _scan(situation, pair)
    if before is None:
        return
    yield from compare(where, after.version, _aspects(before), _aspects(after))
    for kind, says in sorted(_undeclared(after).items() - _undeclared(before).items()):
        yield ACCESS.finding(where, f"{kind}: {says}")
    if programs := sorted(_programs(after) - _programs(before)):
        yield PROGRAM.finding(where, f"new: {enumerated(map(quoted, programs), joint='and')}")
    if _licences(before) != _licences(after):
        yield LICENCE.finding(where)
    if before.is_proved and not after.is_proved:
        yield PROOF_LOST.finding(where)
    sizes = [sum(artifact.size for artifact in release.artifacts) for release in (before, after)]
    if sizes[1] > _WORTH_SAYING_BYTES and sizes[1] > _MUCH_LARGER * sizes[0]:
        yield GROWN.finding(where, f"{sizes[1]:,} bytes; before {sizes[0]:,}")


def unseen(situation: Situation) -> Iterator[Finding]:
    """Yield the new releases into which nobody looks."""
    for plugin in situation.plugins:
        for version in new_versions(plugin):
            yield NOT_SEEN.finding(situation.at(file_of(plugin.id, version)))


def file_of(plugin: PluginId, version: Version) -> str:
    """Return the file of a release, as a path of the repository."""
    return f"registry/plugins/{plugin}/releases/{version}.yaml"


def _scan(situation: Situation, pair: BuiltPair) -> Iterator[Finding]:
    known = {(hit.rule, hit.file) for hit in pair.before.facts.findings} if pair.before else set()
    where = situation.at(file_of(pair.plugin.id, pair.after.version))
    for hit in pair.after.facts.findings:
        if (hit.rule, hit.file) in known:
            continue
        if hit.rule in _NOT_LOOKED_INTO:
            yield UNREAD.finding(where, f"{quoted(hit.file)}: {hit.message}")
        elif hit.severity != _NO_NEWS:
            line = f":{hit.line}" if hit.line else ""
            yield SCAN.finding(where, f"{hit.rule} in {quoted(hit.file)}{line}: {hit.message}")


def _aspects(release: SeenRelease) -> Aspects:
    return aspects_of_manifest(release.manifest)


def _undeclared(release: SeenRelease) -> dict[str, str]:
    return {seen.kind: seen.says for seen in release.facts.observed if not seen.declared}


def _programs(release: SeenRelease) -> set[str]:
    return {name for artifact in release.facts.artifacts for name in artifact.executables}


def _licences(release: SeenRelease) -> set[str]:
    return {str(release.files[name].sha256) for name in release.manifest.license_files if name in release.files}
