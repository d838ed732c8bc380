from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from jinja2.compiler import CodeGenerator

from pluginry.model.said import counted, said
from pluginry.publisher.pages.languages import ENGLISH, Language
from pluginry.publisher.pages.message_catalogue import TAG, fault_in
from pluginry.publisher.pages.sentences import install_sentences, trusted
from pluginry.publisher.pages.template_code import TemplateCode


class Bracketed(Mapping[str, tuple[str, ...]]):
    """Translations in which every sentence stands in brackets."""

    def __getitem__(self, english: str) -> tuple[str, ...]:
        return f"[{english}]", f"[{english.replace('one', 'many')}]"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


BRACKETS = replace(ENGLISH, tag="fr", messages=Bracketed())
ARABIC_LIKE = replace(BRACKETS, tag="ar", is_rtl=True)


def written(template: str, language: Language = BRACKETS, **context: object) -> str:
    """Return what `template` writes in `language`."""
    texts = []
    for kind in CodeGenerator, TemplateCode:
        environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
        environment.code_generator_class = kind
        install_sentences(environment, language)
        texts.append(environment.from_string(template).render(**context))
    assert texts[0] == texts[1]  # however a template becomes code, it writes the same
    return texts[0]


def test_sentences_are_translated_in_both_ways_of_writing_them() -> None:
    assert written('{{ _("Plugins") }} {% trans %}All of them{% endtrans %}') == "[Plugins] [All of them]"


def test_a_sentence_may_hold_markup_of_ours_and_what_is_put_in_is_escaped() -> None:
    text = written("{% trans name=name %}<b>{{ name }}</b>{% endtrans %}", name="<script>")
    assert text == "[<b>&lt;script&gt;</b>]"


def test_what_is_put_into_a_sentence_loses_characters_that_trick_readers() -> None:
    for template in ('{{ _("by %(name)s", name=name) }}', "{% trans name=name %}by {{ name }}{% endtrans %}"):
        assert written(template, name="safe\u202egpj.exe\x07") == "[by safegpj.exe]"


def test_numbers_choose_their_form_and_names_are_cleaned_there_too() -> None:
    template = (
        "{% trans count=n, who=who %}{{ who }}: {{ count }} one{% pluralize %}{{ who }}: {{ count }} many{% endtrans %}"
    )
    assert written(template, n=1, who="a\u202eb") == "[ab: 1 one]"
    assert written(template, n=2, who="<i>") == "[&lt;i&gt;: 2 many]"
    assert written(template, n=1234567, who="") == "[: 1\u202f234\u202f567 many]"


def test_a_percent_sign_stays_one() -> None:
    assert written('{% trans %}100% of it{% endtrans %} {{ _("%(n)s%% of it", n=5) }}') == "[100% of it] [5% of it]"


def test_a_sentence_is_looked_up_once_and_stays_the_same() -> None:
    assert written('{{ _("Again") }}{{ _("Again") }}') == "[Again][Again]"


def test_sentences_of_modules_are_said_in_the_language_of_the_page_also_inside_each_other() -> None:
    inner = said("the package for %(platform)s", platform="<linux>")
    text = said("%(what)s is signed", what=inner)
    assert text == "the package for <linux> is signed"
    assert written("{{ text }}", text=text) == "[[the package for &lt;linux&gt;] is signed]"
    assert written("{{ text }}", text=counted("%(count)s one", "%(count)s many", 2)) == "[2 many]"
    assert written("{{ text }}", ENGLISH, text=text) == "the package for &lt;linux&gt; is signed"


def test_values_that_pages_show_as_they_are_have_words_too() -> None:
    assert written("{{ value|word }}", value="beta") == "[beta]"
    assert written("{{ value|word }}", value="<beta>") == "[&lt;beta&gt;]"


def test_names_in_lines_from_right_to_left_cannot_reorder_them_and_markup_stays_whole() -> None:
    template = '{% trans page=page, name=name %}<a href="{{ page }}">{{ name }}</a>{% endtrans %}'
    assert written(template, ARABIC_LIKE, page="x/", name="acme") == '[<a href="x/">\u2068acme\u2069</a>]'
    assert ARABIC_LIKE.in_words(said("by %(who)s", who="acme")) == "[by \u2068acme\u2069]"


def test_a_translation_cannot_bring_markup_out_of_attributes_or_into_the_page() -> None:
    for hostile in ('x" onfocus="alert(1)', "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt;"):
        made = str(trusted("Plugins", hostile, BRACKETS))
        assert "<" not in made
        assert '"' not in made
    assert trusted("<b>A</b>", "<b>B<i>&</b>", BRACKETS) == "<b>B&lt;i&gt;&amp;</b>"


@given(st.lists(st.sampled_from(["<b>", "</b>", '<a href="%(page)s">', "</a>", "<script>", '"', "<", "x", "%(page)s"])))
def test_whatever_a_translation_is_made_of_only_markup_of_ours_comes_out_closed_in_order(parts: list[str]) -> None:
    english = '<b>See</b> <a href="%(page)s">this</a>'
    text = "".join(parts)
    if fault_in((english,), (text,), 1):
        return
    made = str(trusted(english, text, BRACKETS)) % {"page": "p"}
    tags = _Tags()
    tags.feed(made)
    assert sorted(TAG.findall(made)) == sorted(tag % {"page": "p"} for tag in TAG.findall(english))
    assert sorted(tags.seen) == ["a", "b"]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
