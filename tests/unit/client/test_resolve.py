"""Which releases satisfy what is wanted: the cases of tests/resolution, and small universes against brute force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.client.candidates import Situation, why_not
from pluginry.client.resolve import Chosen, Wanted, resolve
from pluginry.encoding import strict_yaml
from pluginry.errors import NotFoundError, ResolutionError
from pluginry.model.advisory import Action, Advisory, Affected, AffectedPackage, Directive, Subject
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord, ReleaseRecord
from pluginry.model.ledger import ArtifactFact
from pluginry.model.names import ANY_PLATFORM, Name, Platform, PluginId
from pluginry.model.revocation import Revocation, in_force
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

CASES = Path(__file__).parents[2] / "resolution" / "cases"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BLOB = BlobRef(sha256=Digest("0" * 64), size=1)


def a_release(version: str, said: Mapping[str, Any]) -> ReleaseRecord:
    """Return a release as a case writes it."""
    return ReleaseRecord(
        version=Version(version),
        channel=Channel(said.get("channel", "stable")),
        published_at=LONG_AGO,
        hosts={Name(host): VersionRange(span) for host, span in said.get("hosts", {"mairust": "*"}).items()},
        manifest=BLOB,
        facts=BLOB,
        artifacts=tuple(
            ArtifactFact(platform=Platform(name), sha256=Digest.of(f"{version} {name}".encode()), size=1)
            for name in said.get("platforms", ["any"])
        ),
        dependencies=ranges(said.get("needs", {})),
        conflicts=ranges(said.get("excludes", {})),
        yanked=said.get("yanked"),
    )


def a_record(plugin: str, said: Mapping[str, Any]) -> PluginRecord:
    """Return a record as a case writes it; newest release first, as in an index."""
    releases = [a_release(version, details) for version, details in said.get("releases", {}).items()]
    return PluginRecord(
        id=PluginId.parse(plugin),
        seq=1,
        status=Status(said.get("status", "active")),
        releases=tuple(sorted(releases, key=lambda release: release.version, reverse=True)),
    )


def ranges(said: Mapping[str, str]) -> dict[PluginId, VersionRange]:
    return {PluginId.parse(plugin): VersionRange(span) for plugin, span in said.items()}


def a_wish(text: str) -> Wanted:
    """Return a wish: ``acme/demo``, ``acme/demo >=1,<2`` or ``acme/demo on beta``."""
    wish, _, channel = text.partition(" on ")
    plugin, _, versions = wish.partition(" ")
    return Wanted(
        plugin=PluginId.parse(plugin),
        versions=VersionRange(versions or "*"),
        channel=Channel(channel or "stable"),
    )


def blocked(plugin: str, span: str, record: PluginRecord) -> Advisory:
    versions = tuple(release.version for release in record.releases if release.version in VersionRange(span))
    affected = Affected(package=AffectedPackage(ecosystem="pluginry", name=PluginId.parse(plugin)), versions=versions)
    return Advisory(
        schema_version="1.6.0",
        id="PLG-1",
        modified=LONG_AGO,
        published=LONG_AGO,
        summary="broken",
        affected=(affected,),
        database_specific=Directive(action=Action.BLOCK_INSTALL),
    )


def blocking(advisories: Iterable[Advisory]) -> Callable[[PluginId, ReleaseRecord], Revocation | None]:
    """Return what says whether one of `advisories` blocks a release."""
    revocations = in_force((), advisories)

    def blocks(plugin: PluginId, release: ReleaseRecord) -> Revocation | None:
        subject = Subject(plugin=plugin, version=release.version)
        return next((one for one in revocations if one.blocks_installing and one.hits(subject)), None)

    return blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file of tests/resolution/cases."""

    wants: tuple[Wanted, ...]
    situation: Situation
    expected: Mapping[str, Any]


def read_case(path: Path) -> Case:
    """Return the case at `path`, whose form stands in the README beside it."""
    parsed = strict_yaml.parse(path.read_bytes(), file=path.name)
    assert not parsed.findings
    said: Any = parsed.value
    records = {PluginId.parse(name): a_record(name, details) for name, details in said["plugins"].items()}
    here = said.get("here", {})
    situation = Situation(
        record=records.get,
        blocking=blocking(
            blocked(plugin, span, records[PluginId.parse(plugin)]) for plugin, span in said.get("blocked", {}).items()
        ),
        host=Name(here["host"]) if "host" in here else None,
        host_version=Version(here["version"]) if "version" in here else None,
        platform=Platform(here.get("platform", "any")),
        installed={PluginId.parse(name): Version(version) for name, version in said.get("installed", {}).items()},
        upgrade=frozenset(map(PluginId.parse, said.get("upgrade", []))),
    )
    return Case(wants=tuple(map(a_wish, said["want"])), situation=situation, expected=said)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read_case(path)
    if "gives" in case.expected:
        found = resolve(case.wants, case.situation)
        assert {str(one.plugin): str(one.release.version) for one in found} == case.expected["gives"]
    elif "missing" in case.expected:
        with pytest.raises(NotFoundError, match=case.expected["missing"]):
            resolve(case.wants, case.situation)
    else:
        with pytest.raises(ResolutionError) as caught:
            resolve(case.wants, case.situation)
        assert list(caught.value.reasons) == case.expected["fails"]


def test_there_are_cases() -> None:
    assert len([*CASES.glob("*.yaml")]) >= 40


# Small universes: four plugins with up to three releases each, and every way to combine them.

_PLUGINS = ("t/a", "t/b", "t/c", "t/d")
_VERSIONS = ("1.0.0", "2.0.0", "3.0.0-beta.1")
_RANGES = st.sampled_from(["*", ">=2", "<2", "==1.0.0", "==2.0.0", ">=1,<3", ">=9"])
_EDGES = st.dictionaries(st.sampled_from(_PLUGINS), _RANGES, max_size=2)
_RELEASES = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from(["stable", "beta"]),
        "yanked": st.sampled_from([None, None, "why"]),
        "hosts": st.sampled_from([{"mairust": "*"}, {"mairust": "<2"}, {"mairust": ">=9"}, {"panel": "*"}]),
        "platforms": st.sampled_from([["any"], ["linux-x86_64"], ["any", "windows-x86_64"], ["windows-x86_64"]]),
        "needs": _EDGES,
        "excludes": st.dictionaries(st.sampled_from(_PLUGINS), _RANGES, max_size=1),
    },
)
_UNIVERSES = st.fixed_dictionaries(
    {plugin: st.dictionaries(st.sampled_from(_VERSIONS), _RELEASES, min_size=1, max_size=3) for plugin in _PLUGINS}
)
_WISHES = st.lists(
    st.builds(
        lambda plugin, span, channel: Wanted(
            plugin=PluginId.parse(plugin), versions=VersionRange(span), channel=Channel(channel)
        ),
        st.sampled_from(_PLUGINS),
        _RANGES,
        st.sampled_from(["stable", "beta"]),
    ),
    min_size=1,
    max_size=3,
)
_INSTALLED = st.dictionaries(st.sampled_from(_PLUGINS), st.sampled_from(_VERSIONS), max_size=2)


def is_answer(chosen: Mapping[PluginId, ReleaseRecord], wants: list[Wanted], situation: Situation) -> bool:
    """Return whether `chosen` is what may be installed for `wants`: written once more, without any search."""
    asked = {(want.plugin, want.exact) for want in wants if want.exact}
    channels = [want.channel for want in wants]
    channels += [release.channel for plugin, release in chosen.items() if (plugin, release.version) in asked]
    loosest = max(channels, key=list(Channel).index)
    opened = replace(situation, asked=frozenset(asked), channel=loosest)
    needs = [*wants]
    for plugin, release in chosen.items():
        needs += [
            Wanted(plugin=needed, versions=span, channel=release.channel, wanted_by=str(plugin))
            for needed, span in release.dependencies.items()
        ]
    if {want.plugin for want in needs} != set(chosen) or not _only_what_is_reached(chosen, wants):
        return False
    for plugin, release in chosen.items():
        if any(why_not(release, want, opened) for want in needs if want.plugin == plugin):
            return False
        if any(other in chosen and chosen[other].version in span for other, span in release.conflicts.items()):
            return False
    return True


def _only_what_is_reached(chosen: Mapping[PluginId, ReleaseRecord], wants: list[Wanted]) -> bool:
    reached: set[PluginId] = set()
    waiting = [want.plugin for want in wants]
    while waiting:
        plugin = waiting.pop()
        if plugin not in reached and plugin in chosen:
            reached.add(plugin)
            waiting += chosen[plugin].dependencies
    return reached == set(chosen)


def answer_or_none(wants: list[Wanted], situation: Situation) -> dict[PluginId, ReleaseRecord] | None:
    try:
        return {one.plugin: one.release for one in resolve(wants, situation)}
    except (NotFoundError, ResolutionError):
        return None


def every_answer(wants: list[Wanted], situation: Situation) -> Iterator[dict[PluginId, ReleaseRecord]]:
    plugins = [PluginId.parse(name) for name in _PLUGINS]
    options = []
    for plugin in plugins:
        record = situation.record(plugin)
        options.append([None, *(record.releases if record else ())])
    for combination in product(*options):
        chosen = {plugin: release for plugin, release in zip(plugins, combination, strict=True) if release}
        if is_answer(chosen, wants, situation):
            yield chosen


@given(universe=_UNIVERSES, wants=_WISHES, installed=_INSTALLED)
def test_an_answer_is_found_exactly_when_there_is_one(
    universe: dict[str, Any], wants: list[Wanted], installed: dict[str, str]
) -> None:
    records = {PluginId.parse(name): a_record(name, {"releases": releases}) for name, releases in universe.items()}
    situation = Situation(
        record=records.get,
        host=Name("mairust"),
        host_version=Version("1.0.0"),
        platform=Platform("linux-x86_64"),
        installed={PluginId.parse(name): Version(version) for name, version in installed.items()},
    )
    answers = list(every_answer(wants, situation))
    found = answer_or_none(wants, situation)
    assert (found in answers) if answers else (found is None)
    assert found == answer_or_none(wants[::-1], situation)


@given(versions=st.sets(st.sampled_from(["1.0.0", "1.1.0", "1.1.1", "2.0.0", "10.0.0"]), min_size=1), span=_RANGES)
def test_alone_the_newest_version_in_the_range_wins(versions: set[str], span: str) -> None:
    record = a_record("t/a", {"releases": {version: {} for version in versions}})
    fitting = [Version(version) for version in versions if Version(version) in VersionRange(span)]
    situation = Situation(record={record.id: record}.get, platform=ANY_PLATFORM)
    wanted = Wanted(plugin=record.id, versions=VersionRange(span))
    if fitting:
        assert resolve([wanted], situation) == (
            Chosen(plugin=record.id, release=next(r for r in record.releases if r.version == max(fitting))),
        )
    else:
        with pytest.raises(NotFoundError):
            resolve([wanted], situation)
