"""Finding plugins: what matches, and what comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.client.search import Filters, search
from pluginry.client.search_table import SearchTable
from pluginry.encoding import documents
from pluginry.errors import DocumentError
from pluginry.model.channel import Channel
from pluginry.model.index import Catalogue, PluginSummary
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.ranking import normalised
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable


def a_plugin(plugin: str, summary: str = "Does something", **fields: object) -> PluginSummary:
    name = plugin.partition("/")[2].replace("-", " ").title()
    known: dict[str, object] = {
        "name": name,
        "hosts": (Name("mairust"),),
        "status": Status.ACTIVE,
        "channels": {Channel.STABLE: Version("1.0.0")},
        "platforms": (Platform("any"),),
        "license": "MIT",
    }
    # Fields by name, of many types.
    return PluginSummary(id=PluginId.parse(plugin), summary=summary, **{**known, **fields})  # type: ignore[arg-type]


PLUGINS = (
    a_plugin("acme/spam-filter", "Keeps junk away", tags=("mail",), categories=("security",)),
    a_plugin("acme/spam-filter-extra", "More rules", tags=("mail",), permissions=("network",)),
    a_plugin("acme/clock", "Shows the time, and no spam", hosts=(Name("panel"),), license="Apache-2.0 OR MIT"),
    a_plugin("other/old-spam", "Was good once", status=Status.DEPRECATED),
    a_plugin("other/gone", "Is gone", status=Status.REMOVED),
    a_plugin(
        "other/cpu",
        "Processor load",
        platforms=(Platform("linux-x86_64"),),
        channels={Channel.BETA: Version("1.0.0-beta.1")},
    ),
)


def a_table(plugins: Iterable[PluginSummary]) -> SearchTable:
    catalogue = Catalogue(name="Demo", hosts=(), categories=(), plugins=tuple(plugins))
    return SearchTable.of(documents.encode(catalogue), max_bytes=1 << 20)


def found_in(plugins: Iterable[PluginSummary], text: str, filters: Filters) -> list[str]:
    made = a_table(plugins)
    table = SearchTable.parse(made.text(), made.summaries)
    assert table == made
    return [str(table.summary(number).id) for _, number in search(table, text, filters)]


def found(text: str, **filters: object) -> list[str]:
    # As above.
    return found_in(PLUGINS, text, Filters(**filters))  # type: ignore[arg-type]


class TestOrder:
    def test_an_exact_name_comes_first_then_names_then_the_rest(self) -> None:
        assert found("spam filter") == ["acme/spam-filter", "acme/spam-filter-extra"]
        assert found("spam") == ["acme/spam-filter", "acme/spam-filter-extra", "acme/clock"]

    def test_an_exact_id_comes_first(self) -> None:
        assert found("acme/spam-filter")[0] == "acme/spam-filter"
        assert found("acme/clock") == ["acme/clock"]

    @pytest.mark.parametrize("text", ["spam-filter", "spam_filter", "Spam Filter", "SPAM.FILTER", " spam  filter "])
    def test_separators_and_case_do_not_matter(self, text: str) -> None:
        assert found(text)[0] == "acme/spam-filter"

    def test_without_words_everything_is_found_by_id(self) -> None:
        assert found("") == ["acme/clock", "acme/spam-filter", "acme/spam-filter-extra", "other/cpu"]

    def test_every_word_must_match_somewhere(self) -> None:
        assert found("spam mail") == ["acme/spam-filter", "acme/spam-filter-extra"]
        assert found("spam nowhere") == []

    def test_a_tag_is_worth_more_than_the_summary(self) -> None:
        plugins = [a_plugin("a/one", "About mail"), a_plugin("a/two", tags=("mail",))]
        assert found_in(plugins, "mail", Filters()) == ["a/two", "a/one"]

    def test_a_name_used_by_the_host_is_found(self) -> None:
        plugins = [a_plugin("a/one", aliases=("com.example.Tidy",))]
        assert found_in(plugins, "com.example.tidy", Filters()) == ["a/one"]


class TestFilters:
    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"host": Name("panel")}, ["acme/clock"]),
            ({"category": "security"}, ["acme/spam-filter"]),
            ({"tag": "mail"}, ["acme/spam-filter", "acme/spam-filter-extra"]),
            ({"license": "apache-2.0"}, ["acme/clock"]),
            ({"platform": Platform("windows-x86_64")}, ["acme/clock", "acme/spam-filter", "acme/spam-filter-extra"]),
            ({"channel": Channel.BETA}, ["other/cpu"]),
            ({"without_permission": ("network", "x")}, ["acme/clock", "acme/spam-filter", "other/cpu"]),
        ],
        ids=str,
    )
    def test_each_narrows_what_is_found(self, filters: dict[str, object], expected: list[str]) -> None:
        assert found("", **filters) == expected

    def test_deprecated_and_removed_plugins_are_found_only_when_asked_for(self) -> None:
        assert found("old") == []
        assert found("old", include_inactive=True) == ["other/old-spam"]
        assert "other/gone" in found("", include_inactive=True)

    @pytest.mark.parametrize(("version", "expected"), [("0.9.0", ["a/old"]), ("1.5.0", ["a/any", "a/new"])])
    def test_a_version_of_the_host_must_be_in_the_range(self, version: str, expected: list[str]) -> None:
        plugins = [
            a_plugin("a/any", works_with={Name("mairust"): VersionRange(">=1.0")}),
            a_plugin(
                "a/new", works_with={Name("mairust"): VersionRange(">=1.2,<2"), Name("panel"): VersionRange("<1")}
            ),
            a_plugin("a/old", works_with={Name("mairust"): VersionRange("<1")}),
        ]
        assert found_in(plugins, "", Filters(host=Name("mairust"), host_version=Version(version))) == expected

    def test_a_plugin_that_names_no_versions_fits_every_version_of_its_host(self) -> None:
        assert found("clock", host=Name("panel"), host_version=Version("9.0.0")) == ["acme/clock"]

    def test_words_of_trust(self) -> None:
        plugins = [
            a_plugin("a/one", trust=("signed-by-registry", "provenance")),
            a_plugin("a/two", trust=("unsigned",)),
        ]
        assert found_in(plugins, "", Filters(trust="provenance")) == ["a/one"]

    def test_one_value_is_not_taken_for_the_beginning_of_another(self) -> None:
        plugins = [a_plugin("a/one", tags=("mail-merge",)), a_plugin("a/two", tags=("mail",))]
        assert found_in(plugins, "", Filters(tag="mail")) == ["a/two"]


class TestTable:
    def test_damaged_ones_are_not_used(self) -> None:
        table = a_table(PLUGINS)
        text = table.text()
        for damaged in ("", text.rpartition("\n")[0], text + "\nmore", "x" + text):
            assert SearchTable.parse(damaged, table.summaries) is None
        assert SearchTable.parse(text, table.summaries[:-1]) is None

    def test_what_separates_the_parts_of_a_row_is_harmless_in_them(self) -> None:
        plugins = [
            a_plugin("a/one", "Two\nlines\x1f|trust:provenance|", license="MIT\nor\x1f|status:removed|more"),
            a_plugin("a/two"),
        ]
        assert found_in(plugins, "two lines", Filters()) == ["a/one"]
        assert found_in(plugins, "", Filters(license="mit or")) == ["a/one"]
        assert found_in(plugins, "", Filters(trust="provenance")) == []

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"plugins":[{"id":1}]}', b'{"plugins":[{"id":"a/b"}]}'])
    def test_what_is_no_catalogue_is_refused(self, body: bytes) -> None:
        with pytest.raises(DocumentError):
            SearchTable.of(body, max_bytes=1 << 20)


@given(st.text(max_size=30))
def test_any_text_is_searched_without_fuss(text: str) -> None:
    words = normalised(text)
    assert normalised(words) == words
    assert set(found(text)) <= set(found(""))


@given(st.sampled_from(PLUGINS), st.data())
def test_every_part_of_a_name_finds_it(plugin: PluginSummary, data: st.DataObject) -> None:
    name = normalised(plugin.id.name)
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    assert not normalised(part) or str(plugin.id) in found(part, include_inactive=True)
