"""Finding plugins: what matches, and what comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.client.search import Filters, normalised, passes, rank, search
from pluginry.model.index import PluginSummary
from pluginry.model.listing import Status
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.release import Channel
from pluginry.model.versions import Version


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


def found(text: str, **filters: object) -> list[str]:
    return [str(plugin.id) for plugin in search(PLUGINS, text, Filters(**filters))]  # type: ignore[arg-type]


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
        assert [str(plugin.id) for plugin in search(plugins, "mail", Filters())] == ["a/two", "a/one"]

    def test_a_name_used_by_the_host_is_found(self) -> None:
        plugins = [a_plugin("a/one", aliases=("com.example.Tidy",))]
        assert len(search(plugins, "com.example.tidy", Filters())) == 1


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

    def test_what_passes_no_filter_is_not_ranked(self) -> None:
        assert all(passes(plugin, Filters(include_inactive=True)) for plugin in PLUGINS)


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
    assert rank(plugin, normalised(part).split()) > 0
