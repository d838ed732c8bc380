from __future__ import annotations

from gettext import NullTranslations

from jinja2 import Environment

from pluginry.publisher.pages.sentences import install_sentences, readable


class Backwards(NullTranslations):
    """A language in which every sentence stands in brackets."""

    def gettext(self, message: str) -> str:
        return f"[{message}]"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"[{msgid1 if n == 1 else msgid2}]"


def written(template: str, **context: object) -> str:
    """Return what `template` writes in that language."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"], finalize=readable)
    install_sentences(environment, Backwards())
    return environment.from_string(template).render(**context)


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


def test_a_percent_sign_stays_one() -> None:
    assert written('{% trans %}100% of it{% endtrans %} {{ _("%(n)s%% of it", n=5) }}') == "[100% of it] [5% of it]"


def test_a_sentence_is_looked_up_once_and_stays_the_same() -> None:
    assert written('{{ _("Again") }}{{ _("Again") }}') == "[Again][Again]"
