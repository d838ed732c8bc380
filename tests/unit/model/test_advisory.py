from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_model import range_events, versions
from pluginry.errors import DocumentError
from pluginry.model.advisory import (
    Action,
    Advisory,
    Affected,
    AffectedPackage,
    AffectedRange,
    Directive,
    RangeEvent,
    RevokedSigner,
    Subject,
)
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

PLUGIN = PluginId.parse("acme/demo")
OTHER = PluginId.parse("acme/other")
FORGE = "https://forge.example"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
CLOSE = versions(st.integers(0, 2))


def span(*events: tuple[str, str]) -> AffectedRange:
    return AffectedRange(type="SEMVER", events=tuple(RangeEvent(**{kind: text}) for kind, text in events))


def an_advisory(
    *spans: AffectedRange, affected_versions: tuple[str, ...] = (), digests: Iterable[Digest] = ()
) -> Advisory:
    affected = Affected(
        package=AffectedPackage(ecosystem="Pluginry", name=PLUGIN),
        ranges=spans,
        versions=tuple(map(Version, affected_versions)),
    )
    return Advisory(
        schema_version="1.6.0",
        id="PLG-2026-0001",
        modified=MOMENT,
        published=MOMENT,
        summary="Something is wrong",
        affected=(affected,),
        database_specific=Directive(action=Action.DISABLE, digests=tuple(digests)),
    )


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ([("introduced", "0")], ["0.0.0-alpha.0", "0.0.0", "999999999.0.0"], []),
        ([("introduced", "0"), ("fixed", "1.0.0")], ["0.9.9", "1.0.0-rc.9"], ["1.0.0", "1.0.1-alpha.0"]),
        ([("introduced", "1.0.0")], ["1.0.0", "2.0.0"], ["0.9.0", "1.0.0-rc.1"]),
        ([("introduced", "1.0.0"), ("last_affected", "1.5.0")], ["1.0.0", "1.5.0"], ["1.5.1", "1.6.0-alpha.0"]),
        (
            [("introduced", "0"), ("fixed", "1.0.0"), ("introduced", "2.0.0"), ("fixed", "2.1.0")],
            ["0.5.0", "2.0.0", "2.0.9"],
            ["1.0.0", "1.9.0", "2.0.0-rc.1", "2.1.0", "3.0.0"],
        ),
        ([("introduced", "1.0.0"), ("fixed", "1.0.0")], [], ["0.9.0", "1.0.0", "1.0.1"]),
        ([("fixed", "1.0.0")], [], ["0.1.0", "1.0.0"]),
        ([("last_affected", "1.0.0")], [], ["0.1.0", "1.0.0", "2.0.0"]),
        ([], [], ["1.0.0"]),
    ],
)
def test_a_range_is_read_as_osv_defines_it(
    events: list[tuple[str, str]], inside: list[str], outside: list[str]
) -> None:
    affected = span(*events)
    assert [text for text in inside if Version(text) not in affected] == []
    assert [text for text in outside if Version(text) in affected] == []


@given(st.permutations([("introduced", "0"), ("fixed", "1.0.0"), ("introduced", "2.0.0"), ("fixed", "2.1.0")]), CLOSE)
def test_the_order_in_which_events_are_written_does_not_matter(order: list[tuple[str, str]], version: Version) -> None:
    assert (version in span(*order)) == (version < Version("1.0.0") or Version("2.0.0") <= version < Version("2.1.0"))


@given(st.lists(range_events(), max_size=5), CLOSE)
def test_every_range_agrees_with_the_algorithm_in_the_specification(events: list[RangeEvent], version: Version) -> None:
    vulnerable = False
    for event in sorted(events, key=lambda e: e.version):
        if event.introduced and (event.introduced == "0" or version >= Version(event.introduced)):
            vulnerable = True
        if event.fixed and version >= Version(event.fixed):
            vulnerable = False
        if event.last_affected and version > Version(event.last_affected):
            vulnerable = False
    assert (version in AffectedRange(type="SEMVER", events=tuple(events))) is vulnerable


def test_an_event_of_an_unknown_kind_changes_nothing() -> None:
    known = span(("introduced", "0"), ("fixed", "1.0.0"))
    grown = replace(known, events=(*known.events, RangeEvent()))
    assert Version("0.5.0") in grown
    assert Version("1.0.0") not in grown


@pytest.mark.parametrize("kind", ["introduced", "fixed", "last_affected"])
@pytest.mark.parametrize("text", ["1.0", "v1.0.0", "banana", "1.0.0\n"])
def test_an_event_names_a_version_or_cannot_be_made(kind: str, text: str) -> None:
    with pytest.raises(DocumentError, match="not a version"):
        RangeEvent(**{kind: text})


def a_subject(plugin: PluginId, version: str, *digests: Digest) -> Subject:
    return Subject(plugin=plugin, version=Version(version), digests=digests)


def test_an_advisory_is_about_its_plugin_and_its_versions() -> None:
    advisory = an_advisory(span(("introduced", "0"), ("fixed", "1.0.0")), affected_versions=("3.0.0",))
    assert advisory.hits(a_subject(PLUGIN, "0.9.0"))
    assert advisory.hits(a_subject(PLUGIN, "3.0.0"))
    assert not advisory.hits(a_subject(PLUGIN, "1.0.0"))
    assert not advisory.hits(a_subject(OTHER, "0.9.0"))
    assert advisory.action is Action.DISABLE


def test_an_artifact_that_is_named_by_its_digest_is_affected_under_any_name() -> None:
    bad, good = Digest.of(b"bad"), Digest.of(b"good")
    advisory = an_advisory(digests=[bad])
    assert advisory.hits(a_subject(OTHER, "1.0.0", good, bad))
    assert not advisory.hits(a_subject(OTHER, "1.0.0", good))
    assert not advisory.hits(a_subject(PLUGIN, "1.0.0"))


def test_what_a_revoked_signer_published_is_hit_in_its_time_and_nobody_elses() -> None:
    signer = RevokedSigner(issuer=FORGE, owner_id="7", after=MOMENT)
    advisory = replace(
        an_advisory(), affected=(), database_specific=Directive(action=Action.DISABLE, signers=(signer,))
    )
    theirs = Publisher(issuer=FORGE, repository="acme/demo", workflow="w.yml", refs=("*",), owner_id="7")
    subject = Subject(plugin=OTHER, version=Version("1.0.0"), publisher=theirs, published_at=MOMENT)
    assert advisory.hits(subject)
    assert not advisory.hits(replace(subject, published_at=MOMENT - timedelta(seconds=1)))
    assert not advisory.hits(replace(subject, publisher=replace(theirs, owner_id="8")))
    assert not advisory.hits(replace(subject, publisher=None))


def test_a_revoked_signer_is_told_in_words() -> None:
    assert RevokedSigner(issuer=FORGE, owner_id="7").says == f"owner 7 at {FORGE}"
    both = RevokedSigner(issuer=FORGE, owner_id="7", repository_id="9", after=MOMENT, before=MOMENT + timedelta(days=1))
    assert both.says == f"owner 7 and repository 9 at {FORGE} since 2026-01-01 00:00 UTC until 2026-01-02 00:00 UTC"


def test_a_withdrawn_advisory_affects_nothing() -> None:
    bad = Digest.of(b"bad")
    advisory = replace(an_advisory(span(("introduced", "0")), digests=[bad]), withdrawn=MOMENT)
    assert not advisory.hits(a_subject(PLUGIN, "1.0.0", bad))


def test_actions_are_listed_from_the_mildest() -> None:
    assert list(Action) == [Action.WARN, Action.BLOCK_INSTALL, Action.DISABLE]
