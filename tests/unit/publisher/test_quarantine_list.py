"""What is in quarantine is told once, with what is offered instead and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.encoding import documents, strict_json
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import DocumentError, ObjectMissingError, PluginryError, TamperedError
from pluginry.model.finding import Finding, Location, Severity
from pluginry.model.layout import STATUS_KEY
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Cause, Fault, Quarantined, quarantined_for
from pluginry.model.versions import Version
from pluginry.publisher.index import build_index
from pluginry.publisher.quarantine_list import QuarantineList, published_items, refused, unexpected
from small_marketplace import SmallMarketplace

if TYPE_CHECKING:
    from pluginry.publisher.index import BuiltIndex

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DEMO, TOOL = PluginId.parse("acme/demo"), PluginId.parse("zenith/tool")


def built() -> BuiltIndex:
    market = SmallMarketplace()
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"):
        market.release("acme/demo", version)
    market.release("zenith/tool")
    return build_index(market.given(), previous=None, previous_digest=None, epoch=1, now=NOW, commit="a" * 40)


def told(*items: Quarantined, earlier: tuple[Quarantined, ...] = (), now: datetime = NOW) -> tuple[Quarantined, ...]:
    return QuarantineList(now=now, items=[*items], earlier=earlier).told(built().records)


def an_item(plugin: PluginId | None = DEMO, version: str = "", **more: str) -> Quarantined:
    number = Version(version) if version else None
    return Quarantined(id=plugin, version=number, kind=Fault.AUTHOR, reason=more.pop("reason", "bad"), **more)


def store_with(body: bytes) -> MemoryStore:
    return MemoryStore(location="here", objects={STATUS_KEY: body})


def test_what_is_offered_instead_is_said() -> None:
    whole, published, new, nothing = told(
        an_item(version="2.0.0"),
        an_item(version="1.4.0", kept="as of commit 0123"),
        an_item(kept="as of commit 0123"),
        an_item(PluginId.parse("zenith/unknown")),
    )
    assert (whole.version, whole.kept) == (None, "as of commit 0123; releases 1.4.0, 1.3.0, 1.2.0 and 2 more")
    assert (str(published.version), published.kept) == ("1.4.0", "as of commit 0123")
    assert (str(new.version), new.kept) == ("2.0.0", "releases 1.4.0, 1.3.0, 1.2.0 and 2 more")
    assert nothing.kept == ""


def test_each_is_told_once_in_order_of_the_plugins() -> None:
    items = told(an_item(TOOL), an_item(reason="first"), an_item(reason="second"), an_item(None, part="README.md"))
    assert [(item.id, item.reason) for item in items] == [(None, "bad"), (DEMO, "first"), (TOOL, "bad")]


def test_who_was_there_before_keeps_the_day_it_came() -> None:
    earlier = told(an_item(), an_item(version="2.0.0"))
    later = told(an_item(reason="another one"), an_item(TOOL), earlier=earlier, now=NOW + timedelta(days=3))
    assert [item.since for item in earlier] == [NOW, NOW]
    assert [item.since for item in later] == [NOW, NOW + timedelta(days=3)]
    back = told(an_item(version="2.0.0"), earlier=later, now=NOW + timedelta(days=9))
    assert [item.since for item in back] == [NOW + timedelta(days=9)]


def test_the_status_keeps_to_its_schema_and_can_be_read_back() -> None:
    finding = Finding(
        rule="schema.enum", severity=Severity.BLOCKS, where=Location(file="a", line=1, column=2), message="m", hint="h"
    )
    items = [
        quarantined_for([finding], plugin=DEMO, kept="x"),
        an_item(version="2.0.0"),
        an_item(None, part="README.md"),
    ]
    items.append(Quarantined(id=TOOL, kind=Fault.INFRASTRUCTURE, reason="away"))
    index = built()
    page = QuarantineList(now=NOW, items=items).page(index.root, index.records)
    assert (page.key, isinstance(page.body, bytes)) == (STATUS_KEY, True)
    body = bytes(page.body) if isinstance(page.body, bytes) else b""
    value = strict_json.parse(body, what="status", max_bytes=1 << 20)
    assert list(check_against_schema(ParsedDocument(file="status", value=value), "status")) == []
    assert (value["author_faults"], value["infrastructure_faults"], value["plugins"]) == (3, 1, 2)
    assert published_items(store_with(body)) == QuarantineList(now=NOW, items=items).told(index.records)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"format":1,"serial":1,"generated":"soon","quarantined":[]}',
        b'{"format":1,"serial":1,"generated":"2026-06-01T00:00:00Z","quarantined":[{"id":"../x","kind":"author","reason":""}]}',
        documents.encode({"left_out": []}),
    ],
)
def test_a_status_that_cannot_be_read_tells_nothing(body: bytes) -> None:
    assert published_items(store_with(body)) == ()


def test_before_the_first_publication_there_is_no_status() -> None:
    assert published_items(MemoryStore(location="here")) == ()


def test_an_exception_is_an_item_of_the_plugin_and_the_others_go_on() -> None:
    quarantine = QuarantineList(now=NOW)
    done = []
    for plugin in (DEMO, TOOL):
        with quarantine.rescuing(plugin, "rendering its pages"):
            if plugin == DEMO:
                raise KeyError("title")
            done.append(plugin)
    assert done == [TOOL]
    (item,) = quarantine.items
    assert (item.id, item.kind) == (DEMO, Fault.INFRASTRUCTURE)
    assert item.reason.startswith("KeyError while rendering its pages (test_quarantine_list.py:")
    assert item.reason.endswith("): 'title'")


def test_whoever_looks_for_the_mistake_gets_it() -> None:
    quarantine = QuarantineList(now=NOW, raises=True)
    with pytest.raises(ZeroDivisionError), quarantine.rescuing(DEMO, "rendering its pages"):
        _ = 1 // 0
    assert quarantine.items == []


@pytest.mark.parametrize("error", [ObjectMissingError("nowhere"), TamperedError("damaged")])
def test_what_cannot_be_read_ends_the_try_where_nobody_looked_at_it_before(error: PluginryError) -> None:
    relying, looked = QuarantineList(now=NOW, relies_on_objects=True), QuarantineList(now=NOW)
    with pytest.raises(type(error)), relying.rescuing(DEMO, "rendering its pages"):
        raise error
    with looked.rescuing(DEMO, "rendering its pages"):
        raise error
    with relying.rescuing(TOOL, "rendering its pages"):
        raise KeyError("title")
    assert [one.id for one in (*relying.items, *looked.items)] == [TOOL, DEMO]


def test_the_end_of_the_program_is_nobodys_item() -> None:
    quarantine = QuarantineList(now=NOW)
    with pytest.raises(KeyboardInterrupt), quarantine.rescuing(DEMO, "rendering its pages"):
        raise KeyboardInterrupt
    assert quarantine.items == []


def test_names_of_scratch_folders_are_not_told() -> None:
    error = DocumentError(
        "no", where="/var/pluginry-build-x1y2/acquired/source/plugin.yaml", why="in /a/pluginry-build-z/b"
    )
    assert refused(error, plugin=DEMO, kind=Fault.AUTHOR).reason == "acquired/source/plugin.yaml: no: in b"
    broken = unexpected(OSError("cannot read /var/pluginry-build-x1y2/a"), plugin=DEMO, doing="building")
    assert broken.reason.endswith("cannot read a")


def test_an_error_of_ours_speaks_for_itself() -> None:
    item = unexpected(TamperedError("changed", where="x"), plugin=DEMO, doing="building")
    assert (item.reason, item.kind) == ("x: changed", Fault.INFRASTRUCTURE)


def test_long_texts_of_strangers_are_clipped() -> None:
    findings = [
        Finding(
            rule="a.b", severity=Severity.BLOCKS, where=Location(file="x" * 900), message="m\n" * 900, hint="h" * 900
        )
    ] * 20
    item = quarantined_for(findings, plugin=DEMO)
    assert len(item.causes) == 5
    assert item.reason.endswith("... (and 19 more)")
    assert len(item.reason) < 600
    assert all(
        len(cause.message) < 600 and len(cause.hint) < 600 and "\n" not in cause.message for cause in item.causes
    )
    assert all(isinstance(cause, Cause) for cause in item.causes)
