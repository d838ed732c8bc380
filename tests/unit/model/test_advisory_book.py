"""A book of advisories finds for all plugins at once what it finds for each, and looks only where it has to."""

from __future__ import annotations

from dataclasses import replace

from busy_catalogue import busy_input
from catalogues import an_advisory
from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.names import PluginId
from pluginry.model.on_demand import OnDemand

SPAM = PluginId.parse("acme/spam-filter")


def test_all_plugins_at_once_have_what_each_has() -> None:
    given = busy_input()
    by_digest = given.records[SPAM].releases[0].artifacts[0].sha256
    one = an_advisory("desk/nobody", id="PLG-2026-0100")
    hit = replace(one, database_specific=replace(one.database_specific, digests=(by_digest,)))
    for advisories in ((), given.registry.advisories, (hit,), (one, hit, *given.registry.advisories)):
        book = AdvisoryBook.of(advisories)
        each = {plugin: book.about(record) for plugin, record in given.records.items()}
        assert book.about_each(given.records) == {plugin: about for plugin, about in each.items() if about}
    assert SPAM in AdvisoryBook.of((hit,)).about_each(given.records)


def test_records_that_nothing_names_are_not_read() -> None:
    given, read = busy_input(), []
    records = OnDemand(given.records, lambda plugin: read.append(plugin) or given.records[plugin])
    book = AdvisoryBook.of((an_advisory(str(SPAM)), an_advisory("desk/nobody", id="PLG-2026-0100")))
    assert book.about_each(records).keys() == {SPAM}
    assert read == [SPAM]
