from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalogues import APlugin, ARelease, a_catalogue, as_files
from html_reader import read_page, words_of
from pluginry.model.names import PluginId
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from html_reader import ReadPage

PAGE = "stats/index.html"


def test_what_is_shown_is_counted(pages: Mapping[str, ReadPage]) -> None:
    text = words_of(pages[PAGE])
    assert "Plugins 5 Releases 16" in text
    assert "Deprecated 1" in text
    assert "By host Host Plugins Mairust 5 Shell 1" in text
    assert "By category Category Plugins Security 4 Interface 2" in text


def test_it_is_said_what_the_numbers_are_not(pages: Mapping[str, ReadPage]) -> None:
    assert "None of this says how good a plugin is, or how many people use it" in words_of(pages[PAGE])


def test_an_empty_marketplace_has_numbers_too() -> None:
    page = read_page(as_files(site(a_catalogue([])))[PAGE])
    assert page.errors == []
    assert "Plugins 0 Releases 0" in words_of(page)


def test_equal_packages_count_once_in_the_size() -> None:
    releases = (ARelease(version="1.0.0"), ARelease(version="1.0.1", day=1))
    given = a_catalogue([APlugin(releases=releases)])
    record = given.records[PluginId.parse("acme/spam-filter")]
    twins = tuple(replace(release, artifacts=record.releases[0].artifacts) for release in record.releases)
    same = replace(given, records={record.id: replace(record, releases=twins)})
    assert "Releases 2 All packages together 21 kB" in words_of(read_page(as_files(site(given))[PAGE]))
    assert "Releases 2 All packages together 10 kB" in words_of(read_page(as_files(site(same))[PAGE]))


def test_downloads_and_what_is_held_back_wait_for_their_documents(pages: Mapping[str, ReadPage]) -> None:
    sections = [e.attributes for e in pages[PAGE].all("section")]
    waiting = [a for a in sections if "data-downloads" in a or "data-status" in a]
    assert [a.get("data-downloads") or a["data-status"] for a in waiting] == ["../v1/stats.json", "../v1/status.json"]
    assert all("hidden" in a for a in waiting)
