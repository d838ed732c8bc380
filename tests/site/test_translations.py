"""The catalogues of translations: complete, harmless whoever wrote them, and of everything that pages say."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import translations
from pluginry.publisher.pages.message_catalogue import fault_in, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DOCUMENTATION = {"schema.html", "schemas.html"}
"""Templates whose content is documentation: in English, and marked so."""
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_UNTRANSLATED = {
    "JSON",
    "Markdown",
    "HTML",
    "sha",
    "256",
    "v1",
    "plugins",
    "lt",
    "gt",
    "namespace",
    "name",
    "json",
    "sigstore",
}


def test_the_file_that_translators_start_from_holds_every_sentence_of_the_pages() -> None:
    """If not: PYTHONPATH=tests python tests/translations.py."""
    assert translations.TEMPLATE_FILE.read_bytes() == translations.written(translations.gathered())


@pytest.mark.parametrize(("tag", "path"), tuple(translations.catalogues()))
def test_every_sentence_is_translated_with_its_names_its_markup_and_all_its_forms(tag: str, path: Path) -> None:
    body = path.read_bytes()
    read = read_catalogue(body, tag)
    wanted = {one.id[0] if isinstance(one.id, tuple) else one.id for one in translations.gathered() if one.id}
    assert read.problems == ()
    assert wanted - set(read.messages) == set()
    assert set(read.messages) - wanted == set()
    for message in read_po(io.BytesIO(body)):
        assert message.id == "" or all(message.string), message.id


def test_german_and_arabic_come_with_pluginry() -> None:
    assert [tag for tag, _ in translations.catalogues()] == ["ar", "de"]


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(translations.TEMPLATES.glob("*.html")) if path.name not in _DOCUMENTATION],
    ids=lambda path: path.name,
)
def test_templates_say_nothing_outside_of_sentences(path: Path) -> None:
    assert list(_bare_words(path.read_text("utf-8"))) == []


def _bare_words(template: str) -> Iterator[str]:
    """Yield words of `template` that no translation can reach: between tags, in attributes, and as texts in code."""
    text = re.sub(r"{#.*?#}|<style.*?</style>|<!--.*?-->", "", template, flags=re.DOTALL)
    text = re.sub(r"{%-? set code %}.*?{% endset %}|{% trans .*?%}.*?{% endtrans %}", "", text, flags=re.DOTALL)
    text = re.sub(r"{% trans %}.*?{% endtrans %}", "", text, flags=re.DOTALL)
    for code in re.findall(r"{[{%].*?[}%]}", text, flags=re.DOTALL):
        outside = re.sub(r'_\("[^"]*"', "", code)
        yield from re.findall(r'"([A-Z][a-z]+ [^"]*|[a-z]+ [a-z]+ [^"]*)"', outside)
    text = re.sub(r"{{.*?}}|{%.*?%}|<code>.*?</code>", "", text, flags=re.DOTALL)
    for attribute in re.findall(r' (?:aria-label|alt|title|placeholder|data-copy)="([^"]*)"', text):
        yield from (word for word in _LETTERS.findall(attribute) if word not in _UNTRANSLATED)
    yield from (word for word in _LETTERS.findall(re.sub(r"<[^>]*>", " ", text)) if word not in _UNTRANSLATED)


def test_scripts_say_nothing_outside_of_sentences() -> None:
    """A sentence in a script has a blank and begins with a capital letter, or stands in an element."""
    found = []
    for path in sorted((translations.TEMPLATES / "assets").rglob("*.js")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            code = line.split("// ")[0]
            outside = re.sub(r'say(?:Count)?\("[^"]*"(?:, "[^"]*")?', "", code)
            said_anyway = re.findall(r'"([A-Z][a-z]+ [^"]*)"|(?:textContent = |announce\()"([^"]+)"', outside)
            found += [(path.name, number, text) for text in said_anyway if "Error" not in code]
    assert found == []


def test_the_catalogue_in_the_documentation_is_a_sound_one() -> None:
    text = (translations.TEMPLATES / "docs" / "40-operators.md").read_text("utf-8")
    body = re.search(r"```\n(msgid .*?)```", text, re.DOTALL)
    assert body
    read = read_catalogue(body[1].encode(), "pl")
    assert read.problems == ()
    assert read.messages["%(count)s plugin"] == ("%(count)s wtyczka", "%(count)s wtyczki", "%(count)s wtyczek")
    assert (translations.LOCALES / "pluginry.pot").is_file()


# Hostile catalogues


@pytest.mark.parametrize(
    ("english", "forms", "why"),
    [
        (("by %(who)s",), ("von",), "names"),
        (("by %(who)s",), ("von %(who)s %(secret)s",), "names"),
        (("by %(who)s",), ("von %(who)s 100%",), "percent"),
        (("by %(who)s",), ("von %(who)s %(who)1000000s",), "percent"),
        (("<b>x</b>",), ("x",), "markup"),
        (("<b>x</b>",), ("</b>x<b>",), "not closed"),
        (("<b>x</b> <i>y</i>",), ("<b><i>x</b></i>",), "not closed"),
        (("x",), ("<script>x</script>",), "markup"),
        (("x",), ("a\u202eb",), "hides or reorders"),
        (("x",), ("y" * 1000,), "far longer"),
        (("%(count)s x", "%(count)s xs"), ("%(count)s y",), "counts in 2"),
    ],
)
def test_a_translation_that_could_do_harm_is_none(english: tuple[str, ...], forms: tuple[str, ...], why: str) -> None:
    assert why in fault_in(english, forms, 2)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"msgid",
        b'msgid "a',
        b'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[99999999] "d"\n',
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-7\\nPlural-Forms: nplurals=9999; plural=n\\n"\n',
        b'#, fuzzy\nmsgid "Plugins"\nmsgstr "Unsinn"\n',
        b"\x00" * 1000,
    ],
)
def test_a_catalogue_of_nonsense_is_read_without_harm(body: bytes) -> None:
    read = read_catalogue(body, "de")
    assert dict(read.messages) == {}


@given(st.binary(max_size=200) | st.text(alphabet='msgidtr_plu[]019 "\\\n%()#,~:fz<>', max_size=200).map(str.encode))
def test_whatever_lies_in_a_catalogue_is_told_and_never_raised(body: bytes) -> None:
    read = read_catalogue(b'msgid "Plugins"\nmsgstr "Wtyczki"\n\n' + body, "pl")
    assert set(read.messages) >= {"Plugins"} or read.problems
