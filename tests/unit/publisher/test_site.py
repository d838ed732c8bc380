from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogues import APlugin, a_catalogue, as_files
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.languages import ENGLISH
from pluginry.publisher.pages.lists import Place
from pluginry.publisher.pages.markdown import document, readme_html
from pluginry.publisher.pages.words import external, plain, site_of
from pluginry.publisher.site import site

KEYS = st.lists(st.sampled_from(["a", "b", "plugins", "1.2.0", "x-y"]), max_size=5).map(
    lambda parts: "/".join([*parts, "index.html"])
)


# Addresses


@given(KEYS, KEYS)
def test_a_relative_address_leads_from_one_key_to_the_other(origin: str, target: str) -> None:
    written = layout.relative_address(origin, target)
    assert not written.startswith("/")
    where = origin.split("/")[:-1]
    for part in written.split("/"):
        if part == "..":
            where.pop()
        else:
            where.append(part)
    assert "/".join(where) == target


@pytest.mark.parametrize(
    ("origin", "target", "written"),
    [
        ("index.html", "index.html", "index.html"),
        ("index.html", "a/b.css", "a/b.css"),
        ("a/b/index.html", "index.html", "../../index.html"),
        ("a/b/index.html", "a/b/1/index.html", "1/index.html"),
        ("a/b/index.html", "a/c/index.html", "../c/index.html"),
        ("a/b/index.html", "", "../../"),
        ("index.html", "", ""),
    ],
)
def test_relative_addresses_are_as_short_as_can_be(origin: str, target: str, written: str) -> None:
    assert layout.relative_address(origin, target) == written


def test_pages_of_a_list_are_numbered_from_the_second() -> None:
    assert addresses.numbered("all/index.html", 1) == "all/index.html"
    assert addresses.numbered("all/index.html", 2) == "all/2/index.html"


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a b", "é", "-a", "a-", "a\n", "x" * 101, "%2e"])
def test_what_is_no_part_of_a_key_is_told_apart(text: str) -> None:
    assert not addresses.is_segment(text)


def test_a_letter_icon_has_the_first_letter_and_one_of_a_few_hues() -> None:
    assert addresses.letter_icon(PluginId.parse("acme/spam-filter")) == "assets/letters/s3.svg"


def test_the_pages_near_a_page_are_named_with_gaps_as_zero() -> None:
    assert Place(first="all/index.html", number=1, count=1).near == (1,)
    assert Place(first="all/index.html", number=6, count=12).near == (1, 0, 4, 5, 6, 7, 8, 0, 12)
    assert Place(first="all/index.html", number=2, count=4).near == (1, 2, 3, 4)


# Words


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (10_423, "10 kB"),
        (1_234, "1.2 kB"),
        (9_960, "10 kB"),
        (999_999, "1 MB"),
        (45_600_000, "46 MB"),
        (7_300_000_000, "7.3 GB"),
    ],
)
def test_sizes_are_told_in_few_digits(size_bytes: int, words: str) -> None:
    assert ENGLISH.size(size_bytes) == words


@given(st.text())
def test_shown_text_has_no_character_that_hides_or_reorders(text: str) -> None:
    shown = plain(text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]", shown)
    assert plain(shown) == shown


def test_writing_of_all_languages_and_symbols_stays_as_it_is() -> None:
    for text in ("Müller & Söhne", "日本語", "שלום", "क्‍ष", "👩‍💻 ✈️", "a\nb\tc"):
        assert plain(text) == text


@pytest.mark.parametrize(
    "address", ["https://example.com", "https://example.com:8443/a?b=c#d", "https://xn--bcher-kva.example/"]
)
def test_plain_https_addresses_are_linked(address: str) -> None:
    assert external(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "http://example.com",
        "HTTPS://example.com",
        "https://",
        "https://u@e.com/",
        "https://e.com/\n",
        " https://e",
    ],
)
def test_other_addresses_are_not_linked(address: str) -> None:
    assert external(address) == ""


def test_an_address_is_shown_by_its_site() -> None:
    assert site_of("https://www.example.com/a/") == "example.com/a"


# Markdown


def test_markdown_becomes_html() -> None:
    html = readme_html("Some *text* with `code` and ~~less~~.\n\n1. one\n2. two\n\n> said\n")
    assert "<em>text</em> with <code>code</code> and <s>less</s>" in html
    assert "<ol>" in html
    assert "<blockquote>" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>bold</b> text", "<p>bold text</p>"),
        ("<script>alert(1)</script>\n\ntext", "<p>text</p>"),
        ("![](https://x.example/p.png)", ""),
        ("![a chart](charts/p.png)", "<p>a chart</p>"),
        ("![a chart](data:image/png;base64,AAAA)", "<p>a chart</p>"),
        ("![<script>x</script>](http://x.example/p.png)", "<p>x</p>"),
        ("[![p](https://x.example/p.png)](https://x.example/)", ""),
        ("[![p](https://x.example/p.png) and words](https://x.example/)", "and words</a></p>"),
        ("[local](docs/a.md) and [mail](mailto:a@b.c)", "<p>local and mail</p>"),
        ("[bad](javascript:alert(1))", "<p>[bad](javascript:alert(1))</p>"),
        ("&#106;avascript:", "<p>javascript:</p>"),
    ],
)
def test_what_a_readme_may_not_do_is_left_out(text: str, html: str) -> None:
    assert readme_html(text).strip().endswith(html)
    assert "<img" not in readme_html(text)


def test_the_words_for_a_picture_lead_to_it() -> None:
    html = readme_html("See ![a *chart*](https://x.example/p.png).")
    link = '<a href="https://x.example/p.png" rel="nofollow ugc noopener noreferrer">a chart</a>'
    assert html.strip() == f"<p>See {link}.</p>"


def test_links_of_a_readme_are_vouched_for_by_nobody() -> None:
    html = readme_html("[a](https://example.com/)")
    assert '<a href="https://example.com/" rel="nofollow ugc noopener noreferrer">a</a>' in html


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# Name\n\n## A\n\n### B\n", ["h3", "h4"]),
        ("# A\n\n# B\n", ["h3"]),
        ("text\n\n# A\n\n## B\n", ["h3", "h4"]),
        ("### A\n\n# B\n", ["h3", "h3"]),
        ("text\n\n# A\n\n##### B\n", ["h3", "h4"]),
    ],
)
def test_headings_of_a_readme_go_below_those_of_the_page_without_gaps(text: str, tags: list[str]) -> None:
    assert re.findall(r"<(h\d)>", readme_html(text)) == tags


def test_a_page_of_the_documentation_has_title_lead_and_anchors() -> None:
    page = document("# Title\n\nLead with `code`.\n\n## A part\n\n[b](b.md)\n\n## A part\n", link=str.upper)
    assert page.title == "Title"
    assert page.lead == "Lead with code."
    assert page.headings == (("a-part", "A part"), ("a-part-again", "A part"))
    assert '<a href="B.MD">b</a>' in page.html


# The stage


def test_a_template_of_the_operator_goes_before_the_shipped_one() -> None:
    own = {
        "footer.html": b"<footer>Run by {{ frame.name }}</footer>\n",
        "assets/pluginry.css": b"body { color: plum; }\n",
        "assets/more.js": b"// ours\n",
        "docs/05-house-rules.md": b"# House rules\n\nBe kind.\n",
    }
    files = as_files(site(a_catalogue([APlugin()], site_files=SiteFiles(templates=own))))
    assert b"<footer>Run by Harbour</footer>" in files["plugins/acme/spam-filter/index.html"]
    assert files["assets/pluginry.css"] == own["assets/pluginry.css"]
    assert files["assets/more.js"] == own["assets/more.js"]
    assert b"Be kind." in files["docs/house-rules/index.html"]
    assert files["docs/index.html"].index(b"House rules") < files["docs/index.html"].index(b"Getting started")


@pytest.mark.parametrize(
    "footer",
    [
        b"{{ frame.nmae }}",
        b"{% if %}",
        b"{% include 'lost.html' %}",
        b"{% include '/etc/passwd' %}",
        b"{% include '../pyproject.toml' %}",
        b"{{ frame.__class__.__mro__ }}",
        b"{{ href.__globals__ }}",
        b"{{ ''.__class__.__base__.__subclasses__() }}",
        b"{{ at.re }}{{ at.__loader__.get_data('/etc/passwd') }}",
        b"{% set _ = view.cards.clear() %}{{ ().__class__ }}",
    ],
)
def test_a_template_that_does_not_work_or_reaches_out_is_an_error_that_names_it(footer: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        list(site(a_catalogue([], site_files=SiteFiles(templates={"footer.html": footer}))))
    assert caught.value.where == "home.html"
    assert caught.value.why
