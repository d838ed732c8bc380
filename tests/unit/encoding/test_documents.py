from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_model import MOMENTS, anything_of
from pluginry.encoding import canonical_json
from pluginry.encoding.documents import construct, decode, encode, parse_time, to_event, to_plain
from pluginry.errors import DocumentError
from pluginry.model.advisory import Advisory, AdvisoryList
from pluginry.model.attestation import SignerIdentity
from pluginry.model.digest import Digest
from pluginry.model.facts import Facts
from pluginry.model.home import HomeConfig
from pluginry.model.host import HostProfile
from pluginry.model.index import Catalogue, PluginRecord, TreeNode, TreeRoot, TreeShard, TrustPolicy
from pluginry.model.intent import Lock
from pluginry.model.ledger import Amended, Attested, Listed, Released, Rescanned
from pluginry.model.listing import Account, Listing, Namespace, Review
from pluginry.model.manifest import FileList, Manifest, Permission
from pluginry.model.names import PluginId
from pluginry.model.receipt import ClientPolicy, Generation, InstalledPlugin, Receipt, Sources, SourceState
from pluginry.model.registry import Limits, RegistryConfig, Reserved
from pluginry.model.release import Release, WrapFile
from pluginry.model.versions import Version

EVENTS = (Listed, Released, Attested, Amended, Rescanned)
DOCUMENTS = (
    *(Advisory, AdvisoryList, Catalogue, ClientPolicy, Facts, FileList, Generation, HomeConfig, HostProfile),
    *(Listing, Lock, Manifest, Namespace, PluginRecord, Receipt, RegistryConfig, Release, Reserved, Review),
    *(SignerIdentity, SourceState, Sources, TreeNode, TreeRoot, TreeShard, TrustPolicy, *EVENTS),
)
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(codec="utf-8"), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def a_manifest() -> dict[str, Any]:
    return {
        "schema": 1,
        "id": "acme/demo",
        "version": "1.0.0",
        "hosts": {"mail": ">=1"},
        "runtime": {"kind": "files"},
        "permissions": [{"type": "network", "scope": "*", "reason": "Looks things up"}],
    }


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=5)
@given(data=st.data())
def test_every_model_is_read_as_it_was_written(kind: type, data: st.DataObject) -> None:
    model = data.draw(anything_of(kind))
    written = encode(model)
    again = decode(kind, written, what="document")
    assert again == model
    assert encode(again) == written


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=5)
@given(data=st.data())
def test_every_event_is_read_as_the_event_it_is(kind: type, data: st.DataObject) -> None:
    event = data.draw(anything_of(kind))
    again = to_event(to_plain(event), what="line")
    assert type(again) is kind
    assert again == event


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=5)
@given(data=st.data())
def test_whatever_stands_somewhere_in_a_document_is_read_or_refused(kind: type, data: st.DataObject) -> None:
    plain = to_plain(data.draw(anything_of(kind)))
    place = data.draw(st.sampled_from(list(_places(plain))))
    hostile = _with(plain, place, data.draw(JSON_VALUES))
    assert _place_of_refusal(kind, hostile).startswith("document")


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.__name__)
@settings(max_examples=3)
@given(data=st.data())
def test_unknown_keys_are_for_newer_clients(kind: type, data: st.DataObject) -> None:
    model = data.draw(anything_of(kind))
    plain = to_plain(model)
    assert construct(kind, {**plain, "a-key-of-tomorrow": {"deep": [1]}}, what="document") == model


def _place_of_refusal(kind: type, plain: object) -> str:
    """Return where `plain` is refused; the document as a whole when it is not refused at all."""
    try:
        construct(kind, plain, what="document")
    except DocumentError as error:
        return error.where
    return "document"


def _places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def _with(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    changed = copy.copy(value)
    old = value.get(path[0]) if isinstance(value, dict) else value[path[0]]
    changed[path[0]] = _with(old, path[1:], replacement)
    return changed


@pytest.mark.parametrize(
    ("path", "value", "where", "what"),
    [
        ((), [], "plugin.json", "a list where a mapping belongs"),
        (("id",), "acme", "plugin.json:id", "'acme' is not a plugin id"),
        (("id",), 7, "plugin.json:id", "7 where a string belongs"),
        (("version",), "1.0", "plugin.json:version", "'1.0' is not a version"),
        (("schema",), "1", "plugin.json:schema", "'1' where a whole number belongs"),
        (("schema",), True, "plugin.json:schema", "true where a whole number belongs"),
        (("schema",), None, "plugin.json:schema", "nothing where a whole number belongs"),
        (("hosts",), [], "plugin.json:hosts", "a list where a mapping belongs"),
        (("hosts", "mail"), "^1", "plugin.json:hosts.mail", "'^1' is not a range of versions"),
        (("hosts", "Mail"), "*", "plugin.json:hosts.Mail", "'Mail' is not a valid name"),
        (("runtime",), "files", "plugin.json:runtime", "'files' where a mapping belongs"),
        (("runtime",), {}, "plugin.json:runtime", "'kind' is missing"),
        (("permissions",), {}, "plugin.json:permissions", "a mapping where a list belongs"),
        (("permissions", 0), "network", "plugin.json:permissions.0", "'network' where a mapping belongs"),
        (("permissions", 0, "scope"), {}, "plugin.json:permissions.0.scope", "a mapping where a string belongs"),
    ],
)
def test_a_refusal_says_where_and_what(path: tuple[Any, ...], value: object, where: str, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        construct(Manifest, _with(a_manifest(), path, value), what="plugin.json")
    assert caught.value.where == where
    assert caught.value.what.startswith(what)


def test_a_missing_field_is_named_and_so_is_its_place() -> None:
    incomplete = a_manifest()
    del incomplete["runtime"]
    with pytest.raises(DocumentError, match=r"^plugin\.json: 'runtime' is missing$"):
        construct(Manifest, incomplete, what="plugin.json")


def test_a_refused_value_is_not_repeated_at_any_length() -> None:
    for huge in ("x" * 1_000_000, list(range(1_000_000)), {"x" * 1_000_000: 1}):
        with pytest.raises(DocumentError) as caught:
            construct(Manifest, {**a_manifest(), "version": huge}, what="plugin.json")
        assert len(str(caught.value)) < 300


def test_a_word_that_is_none_of_the_known_ones_is_answered_with_them() -> None:
    plain = {"event": "listed", "at": "2026-01-01T00:00:00Z", "status": "gone"}
    with pytest.raises(DocumentError, match="'gone' where one of active, deprecated, adopt-me, removed belongs"):
        construct(Listed, plain, what="line")


def test_an_event_of_an_advisory_is_refused_at_its_place() -> None:
    plain = {
        "schema_version": "1.6.0",
        "id": "PLG-2026-0001",
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "summary": "s",
        "affected": [
            {
                "package": {"ecosystem": "Pluginry", "name": "acme/demo"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "soon"}]}],
            }
        ],
        "database_specific": {"action": "warn"},
    }
    with pytest.raises(DocumentError, match="'soon' is not a version") as caught:
        construct(Advisory, plain, what="advisory")
    assert caught.value.where == "advisory:affected.0.ranges.0.events.1"


@pytest.mark.parametrize("pointer", [[], ["ab" * 32], ["ab" * 32, 1, 2], "ab" * 32, [1, "ab" * 32], ["ab" * 32, "1"]])
def test_a_pair_has_two_parts_of_its_kinds(pointer: object) -> None:
    with pytest.raises(DocumentError):
        construct(TreeNode, {"nodes": [pointer]}, what="node")


@pytest.mark.parametrize(
    "line", [None, [], "released", 1, {}, {"event": "revoked"}, {"event": ["listed"]}, {"event": None}]
)
def test_what_names_no_event_is_no_line_of_the_ledger(line: object) -> None:
    with pytest.raises(DocumentError, match="not an event of the ledger") as caught:
        to_event(line, what="demo.jsonl:3")
    assert caught.value.where == "demo.jsonl:3"


@pytest.mark.parametrize("data", [b"", b"{", b'{"id":1,"id":2}', b"[1.5]", b"\xff", b"[" * 20 + b"]" * 20])
def test_what_is_not_strict_json_is_no_document(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"plugin\.json"):
        decode(Manifest, data, what="plugin.json")


def test_a_document_is_not_read_beyond_its_limit() -> None:
    with pytest.raises(DocumentError, match="too large"):
        decode(Manifest, canonical_json.encode(a_manifest()), what="plugin.json", max_bytes=50)


def test_fields_with_their_default_are_left_out_except_where_the_form_wants_them() -> None:
    assert to_plain(construct(Manifest, a_manifest(), what="x")) == a_manifest()
    assert to_plain(Limits()) == {}
    generation = Generation(number=1, at=AT, cause="first")
    assert to_plain(generation) == {
        "format": 1,
        "number": 1,
        "at": "2026-01-02T03:04:05Z",
        "cause": "first",
        "plugins": [],
    }
    installed = InstalledPlugin(id=PluginId.parse("acme/demo"), version=Version("1.0.0"), sha256=Digest.of(b""))
    assert to_plain(installed)["enabled"] is False
    assert "held" not in to_plain(installed)


def test_a_field_may_be_called_otherwise_in_the_document() -> None:
    plain = {"from": "a/*", "to": "b/"}
    assert construct(WrapFile, plain, what="x") == WrapFile(source="a/*", target="b/")
    assert to_plain(WrapFile(source="a/*", target="b/")) == plain


def test_fields_that_do_not_count_in_comparisons_are_written_all_the_same() -> None:
    assert to_plain(Account(login="ann", id=1)) == {"login": "ann", "id": 1}
    permission = Permission(type="network", scope="*", reason="because")
    assert to_plain(permission)["reason"] == "because"


def test_plain_values_are_only_what_json_has() -> None:
    model = construct(Manifest, a_manifest(), what="x")
    kinds = {type(value) for value in _leaves(to_plain(model))}
    assert kinds <= {str, int, bool, type(None)}


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def test_mappings_in_models_cannot_be_changed() -> None:
    model = construct(Manifest, a_manifest(), what="x")
    assert isinstance(model.hosts, MappingProxyType)


def test_limits_that_are_not_given_are_the_usual_ones() -> None:
    config = {"schema": 1, "name": "n", "default_channel": "stable", "categories": []}
    assert construct(RegistryConfig, config, what="x").limits == Limits()


@given(MOMENTS)
def test_a_moment_is_read_as_it_is_written(moment: datetime) -> None:
    text = to_plain(moment)
    assert len(text) == len("2026-01-31T23:59:59Z")
    assert parse_time(text) == moment


def test_a_moment_is_written_in_utc_and_to_the_second() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert to_plain(datetime(2026, 1, 1, 2, 0, 0, 999_999, tzinfo=east)) == "2025-12-31T20:30:00Z"


def test_a_moment_of_no_known_time_zone_is_not_guessed() -> None:
    with pytest.raises(DocumentError, match="without a time zone"):
        to_plain(datetime(2026, 1, 1))  # noqa: DTZ001 - exactly this is refused


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31t23:59:59z", "2026-01-31 23:59:59Z"),
        *("2026-1-31T23:59:59Z", "2026-01-31T3:59:59Z", "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z"),
        *("2026-01-31T23:59:60Z", "2026-01-31T23:59:59+00:00", "2026-01-31T23:59:59+01:00", "2026-01-31T23:59:59.5Z"),
        *("20260131T235959Z", "2026-W05-6T23:59:59Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"),
        *("2026-01-31T23:59:59Z\n", " 2026-01-31T23:59:59Z", "\u0662026-01-31T23:59:59Z", "2026-01-31T23:59:59ZZ"),
    ],
)
def test_a_moment_has_one_spelling(text: str) -> None:
    with pytest.raises(DocumentError, match="not a moment in UTC"):
        parse_time(text)
