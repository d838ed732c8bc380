"""A plugin's texts bring scripts and disguised links into the catalogue's pages.

Every text of every page is tried with many more payloads in ``site/test_hostile_content.py``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import jinja2
import pytest

from catalogues import APlugin, a_catalogue, a_listing, as_files
from html_reader import read_page
from pluginry.publisher.pages import markdown
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from typing import Any

EVIL = "<script>alert(1)</script>"
PAGE = "plugins/acme/spam-filter/index.html"


def scripts_on(plugin: APlugin) -> list[str]:
    """Return the scripts on a plugin's page that are not the catalogue's own; a block of data is none."""
    page = read_page(as_files(site(a_catalogue([plugin])))[PAGE])
    programs = (element for element in page.all("script") if element.attributes.get("type") != "application/ld+json")
    return [element.text for element in programs if "src" not in element.attributes]


def in_the_listing() -> APlugin:
    return APlugin(listing=a_listing(summary=EVIL))


def in_the_readme() -> APlugin:
    return APlugin(readme=f"# Spam Filter\n\n{EVIL}\n")


@pytest.mark.parametrize("hostile", [in_the_listing, in_the_readme])
def test_a_script_in_a_text_does_not_run(hostile: Any) -> None:
    assert scripts_on(hostile()) == []


def test_without_escaping_a_script_in_the_listing_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unescaped(jinja2.Environment):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{**options, "autoescape": False})

    monkeypatch.setattr(jinja2, "Environment", Unescaped)
    assert "alert(1)" in scripts_on(in_the_listing())


def test_without_both_sanitisers_a_script_in_the_readme_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from markdown_it import MarkdownIt

    monkeypatch.setattr(markdown, "_parser", lambda: MarkdownIt("commonmark", {"html": True}).enable("table"))
    assert scripts_on(in_the_readme()) == []
    monkeypatch.setattr(markdown, "_cleaner_of_readmes", lambda: SimpleNamespace(clean=str))
    assert "alert(1)" in scripts_on(in_the_readme())
