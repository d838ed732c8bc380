"""What a pull request may touch at all: how much, what kinds of files, and which places."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pluginry.contribution.areas import PROTECTED, REGISTRY, Area
from pluginry.encoding.member_names import TakenNames, check_member_name
from pluginry.encoding.quoting import enumerated, quoted
from pluginry.errors import ArchiveError
from pluginry.model.finding import Location, Severity
from pluginry.model.rule import Rule
from pluginry.model.status import Status
from pluginry.publisher.registry_files import shown
from pluginry.publisher.registry_layout import RESERVED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.contribution.change import ChangedFile, RegistryChange
    from pluginry.contribution.situation import Situation
    from pluginry.model.finding import Finding
    from pluginry.model.registry import ReviewPolicy

UNRELATED = Rule(
    id="changes.unrelated",
    title="The branch shares no history with the registry",
    why="What it would change cannot be told from what it never had.",
    fix="start a new branch from the registry's main branch",
)
TANGLED = Rule(
    id="changes.tangled",
    title="The branch and the registry parted in several places",
    why="Which changes are new depends on where one looks from: some could go in unseen.",
    fix="merge the registry's main branch into yours, or put your changes on top of it",
)
TOO_MANY = Rule(
    id="changes.too-many-files",
    title="The pull request changes too many files",
    why="Nobody can look at so much, and nothing that one plugin needs is so large.",
    fix="split it; one plugin in a pull request",
)
TOO_LARGE = Rule(
    id="changes.too-large",
    title="The pull request brings too many bytes",
    why="Everybody who clones the registry keeps them for ever.",
    fix="large files belong into the package, which is fetched from its own place",
)
LINK = Rule(
    id="changes.link",
    title="This is a symbolic link or a submodule",
    why="It stands for something that is not in the registry, and that can change without a pull request.",
    fix="put the file itself here",
)
PATH = Rule(
    id="changes.path",
    title="The path is not safe, or not the same, on every system",
    why="Whoever checks the registry out would get another file, or a file elsewhere.",
    fix="rename the file: letters, digits and . _ - in every part",
)
COLLISION = Rule(
    id="changes.collision",
    title="Some systems cannot keep two of the names apart",
    why="Where letter case or the form of accents does not count, one file would take the place of the other.",
    fix="rename one of the two",
)
CONFLICT = Rule(
    id="changes.conflict",
    title="The registry changed this file as well",
    why="What is judged must be what is merged.",
    fix="bring the branch up to date with the registry's main branch",
)
PROTECTED_PLACE = Rule(
    id="changes.protected",
    title="This file decides about all plugins; only reviewers of the registry change it",
    why="Ledger, root of trust, policy and workflows give power over everything that is published.",
    fix="take it out of the pull request, or ask a reviewer of the registry",
)
SENSITIVE = Rule(
    id="changes.sensitive",
    title="A reviewer changes what decides about all plugins",
    why="Two people see more than one, and one stolen account must not be enough.",
    fix="wait for another reviewer",
    severity=Severity.NEEDS_REVIEW,
)
OUTSIDE = Rule(
    id="changes.outside",
    title="The file is no part of a plugin",
    why="What is not a plugin's is everybody's: a reviewer of the registry decides.",
    fix="wait for a reviewer, or take it out of the pull request",
    severity=Severity.NEEDS_REVIEW,
)
SEVERAL = Rule(
    id="changes.several-plugins",
    title="The pull request changes several plugins",
    why="What belongs to different plugins is decided, merged and taken back separately.",
    fix="make a pull request for each plugin",
    severity=Severity.NEEDS_REVIEW,
)
NOTHING = Rule(
    id="changes.nothing",
    title="Merging this would change nothing",
    why="It was merged already, or was never committed.",
    fix="close the pull request",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (
    UNRELATED, TANGLED, TOO_MANY, TOO_LARGE, LINK, PATH, COLLISION, CONFLICT, PROTECTED_PLACE, SENSITIVE, OUTSIDE,
    SEVERAL, NOTHING,
)  # fmt: skip

_SHOWN = 20
_RESERVED = f"{REGISTRY}/{RESERVED_FILE}"
_EVERYWHERE = Location(file=".")


def check_shape(change: RegistryChange, policy: ReviewPolicy) -> Iterator[Finding]:
    """Yield what is wrong with `change` before anything of it is read."""
    if len(change.merge_bases) != 1:
        yield (TANGLED if change.merge_bases else UNRELATED).finding(_EVERYWHERE)
        return
    if not change.files:
        yield NOTHING.finding(_EVERYWHERE)
    if change.is_cut or len(change.files) > policy.max_files:
        more = "more than " if change.is_cut else ""
        yield TOO_MANY.finding(
            _EVERYWHERE, f"{more}{len(change.files):,} files change; at most {policy.max_files:,} are allowed"
        )
    brought = sum(file.size for file in change.files)
    if brought > policy.max_bytes:
        yield TOO_LARGE.finding(_EVERYWHERE, f"{brought:,} bytes are new; at most {policy.max_bytes:,} are allowed")
    named = Counter(file.path for file in change.files)
    for path in (path for path, count in named.items() if count > 1):
        yield COLLISION.finding(Location(file=shown(path)), "the folder has two files of this name")
    for file in change.files[: policy.max_files]:
        yield from _file(file)


def _file(file: ChangedFile) -> Iterator[Finding]:
    where = Location(file=shown(file.path))
    if file.after is not None and not file.after.is_plain:
        yield LINK.finding(where)
    if file.in_conflict:
        yield CONFLICT.finding(where)
    if file.after is not None:
        try:
            check_member_name(file.path)
        except ArchiveError as error:
            yield PATH.finding(where, error.what)


def check(situation: Situation) -> Iterator[Finding]:
    """Yield what no plugin's owner can decide."""
    for file in situation.change.files:
        area, where = file.place.area, Location(file=shown(file.path))
        if area in PROTECTED and not (file.path == _RESERVED and _only_buries(situation)):
            yield (SENSITIVE if situation.is_by_reviewer else PROTECTED_PLACE).finding(where)
        elif area in (Area.OTHER, Area.HOST, Area.ADVISORY):
            yield OUTSIDE.finding(where)
    yield from _collisions(situation)
    plugins = situation.change.plugins
    if len(plugins) > 1:
        named = enumerated(map(quoted, map(str, plugins)), joint="and", limit=_SHOWN)
        yield SEVERAL.finding(_EVERYWHERE, f"{len(plugins)} plugins change: {named}")


def _collisions(situation: Situation) -> Iterator[Finding]:
    """Yield the changed files whose names take the place of others, as far as those were looked at."""
    changed = {file.path for file in situation.change.files if file.after is not None}
    names = TakenNames()
    for path in (*sorted(situation.sides.paths - changed), *sorted(changed)):
        try:
            names.add(path, is_directory=False)
        except ArchiveError as error:
            if path in changed:
                yield COLLISION.finding(Location(file=shown(path)), error.what)


def _only_buries(situation: Situation) -> bool:
    """Return whether all that is new among reserved names are tombstones of plugins that the same change removes."""
    before, after = situation.sides.base.registry.reserved, situation.sides.merged.registry.reserved
    known = set(before.tombstones)
    removed = {
        plugin.id for plugin in situation.plugins if plugin.after and plugin.after.listing.status is Status.REMOVED
    }
    return (
        before.namespaces == after.namespaces
        and known <= set(after.tombstones)
        and {tombstone.id for tombstone in after.tombstones if tombstone not in known} <= removed
    )
