"""Scanner *permissions*: what the source reaches for, beside what the manifest asks for.

Access is not danger: all of it is told as facts, and only a difference to the manifest is a finding. A plugin can do
more than anybody can see in its source, and less. Never runs anything, never follows code out of the package.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from pluginry.encoding.quoting import enumerated
from pluginry.model.facts import ObservedAccess, SeenPlace
from pluginry.model.finding import Location, Severity
from pluginry.model.manifest import MANIFEST_FILE
from pluginry.model.rule import Rule
from pluginry.publisher.programs import HEAD_BYTES, is_native_code
from pluginry.publisher.scanners.scanner import Scanner, at
from pluginry.publisher.source_reading import access_kinds
from pluginry.publisher.source_reading.access_kinds import IN_WORDS, kinds_behind
from pluginry.publisher.source_reading.reading import lacking_parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.manifest import Permission
    from pluginry.publisher.scanners.scanner import Noticed, ScannedPackage

UNDECLARED = Rule(
    id="scan.undeclared-access",
    title="The code reaches for something that the manifest does not ask for",
    why="People decide by the permissions that they are shown.",
    fix="ask for the permission in plugin.yaml and say why, or tell the reviewer why the code never gets there",
    severity=Severity.NEEDS_REVIEW,
)
UNMENTIONED = Rule(
    id="scan.unmentioned-access",
    title="The code does something common that the manifest does not mention",
    why="Most programs do it; whoever wants to know exactly reads it here.",
    fix="ask for the permission in plugin.yaml if the host has one",
    severity=Severity.NOTE,
)
UNUSED = Rule(
    id="scan.unused-permission",
    title="The manifest asks for a permission whose use was not seen",
    why="A permission that nobody needs is one more thing that people are asked to accept.",
    fix="leave it out of plugin.yaml unless it is needed in a way that cannot be seen in the source",
    severity=Severity.NOTE,
)
UNREADABLE = Rule(
    id="scan.unreadable-source",
    title="A source file could not be read",
    why="Nobody can say what it uses.",
    fix="correct the file, or leave it out of the package",
    severity=Severity.NOTE,
)

_WEIGHTY: Final = frozenset(
    [access_kinds.NETWORK, access_kinds.PROCESS, access_kinds.CLIPBOARD, access_kinds.WATCHES],
)
_COMMON: Final = frozenset([access_kinds.WRITES, access_kinds.ENVIRONMENT, access_kinds.NATIVE, access_kinds.CODE])
_MAX_PLACES: Final = 5


def _scan(package: ScannedPackage) -> Iterator[Noticed]:
    """Yield what is used as facts, and findings where that is not what the manifest says."""
    seen: dict[str, list[SeenPlace]] = {}
    all_was_read = True
    for file, reading in package.sources():
        if reading.unreadable:
            all_was_read = False
            yield UNREADABLE.finding(at(file), reading.unreadable)
        for use in reading.uses:
            seen.setdefault(use.kind, []).append(SeenPlace(file=file.name, line=use.line, what=use.what))
    grants = _kinds_of_grants(package)
    for kind, places in sorted(seen.items()):
        declared = tuple(permission.grant for permission, kinds in grants.items() if kind in kinds)
        yield ObservedAccess(
            kind=kind,
            says=IN_WORDS[kind],
            count=len(places),
            places=_telling(places),
            declared=declared,
        )
        if not declared and kind in _WEIGHTY | _COMMON:
            rule = UNDECLARED if kind in _WEIGHTY else UNMENTIONED
            where = Location(file=places[0].file, line=places[0].line, column=1)
            yield rule.finding(where, f"the code {IN_WORDS[kind]} ({_names(places)}), and no permission says so")
    if seen and all_was_read and not _has_machine_code(package):
        for permission, kinds in grants.items():
            if kinds and not seen.keys() & kinds:
                where = Location(file=MANIFEST_FILE)
                yield UNUSED.finding(where, f"{permission.grant} is asked for, and no use of it was seen")


def _kinds_of_grants(package: ScannedPackage) -> Mapping[Permission, frozenset[str]]:
    """Return the permissions of the manifest with the kinds of access that they cover, as its hosts understand them."""
    profiles = [package.setup.hosts[host] for host in package.manifest.hosts if host in package.setup.hosts]
    grants = {}
    for permission in package.manifest.permissions:
        meanings = (profile.meaning_of(permission.type) for profile in profiles)
        covered = chain.from_iterable(meaning.covers for meaning in meanings if meaning)
        grants[permission] = frozenset((*covered, *kinds_behind(permission.type)))
    return grants


def _telling(places: list[SeenPlace]) -> tuple[SeenPlace, ...]:
    """Return the first place of each name before further places of the same name, few of all."""
    first = {place.what: place for place in reversed(places)}
    rest = [place for place in places if first[place.what] != place]
    return tuple((*sorted(first.values()), *rest)[:_MAX_PLACES])


def _names(places: list[SeenPlace]) -> str:
    names = list(dict.fromkeys(place.what for place in places))
    shown = names[:_MAX_PLACES] + (["others"] if len(names) > _MAX_PLACES else [])
    return enumerated(shown, joint="and")


def _has_machine_code(package: ScannedPackage) -> bool:
    return any(is_native_code(package.head_of(file)[:HEAD_BYTES]) for file in package.files)


SCANNER = Scanner(
    name="permissions",
    version="1",
    rules=(UNDECLARED, UNMENTIONED, UNUSED, UNREADABLE),
    scan=_scan,
    hindrance=lambda _setup: lacking_parser(),
)
