"""Templates become code that looks up nothing it could know, and writes what jinja2's own code writes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.languages import ENGLISH
from pluginry.publisher.pages.sentences import install_sentences
from pluginry.publisher.pages.template_code import TemplateCode

FRENCH = replace(
    ENGLISH,
    tag="fr",
    messages=MappingProxyType({"Plugins": ("Extensions d'ici",), "<b>All</b> of it": ("<b>Tout</b> & plus",)}),
)
TEMPLATES = {
    "page": '{% import "parts" as p with context %}{{ p.line(text) }}{{ p.line(_("Plugins")) }}'
    '{% macro own(it) %}{{ it }}{{ text }}{% endmacro %}{% call p.framed() %}{{ text }}{% endcall %}{{ own("<") }}',
    "parts": "{% macro line(it, mark=_('Plugins')) %}<p>{{ it }} {{ mark }}</p>{% endmacro %}"
    "{% macro framed() %}[{{ caller() }}]{% endmacro %}",
    "said": '{{ ", " ~ _("Plugins") if text }} {{ {"a": _("Plugins")}["a"] }} {{ text or _("Plugins") }} '
    '{{ _("Plugins")|upper }} {% trans %}<b>All</b> of it{% endtrans %} {{ _("by %(who)s", who=text) }} {{ at.HOME }}',
    "open": "{% autoescape false %}{{ text }}{{ _('Plugins') }}{% endautoescape %}{{ text }}",
}


@cache
def environment(code: type[CodeGenerator], kind: type[Environment] = Environment) -> Environment:
    made = kind(loader=DictLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"])
    made.code_generator_class = code
    install_sentences(made, FRENCH)
    made.globals.update({"at": addresses, "href": lambda key: f"../{key}"})
    return made


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("kind", [Environment, ImmutableSandboxedEnvironment])
@given(text=st.text(alphabet="a \t\n<>&'\"\u202e\u00e9\x07") | st.text())
def test_it_writes_the_same(name: str, kind: type[Environment], text: str) -> None:
    ours, theirs = (environment(code, kind).get_template(name) for code in (TemplateCode, CodeGenerator))
    assert ours.render(text=text) == theirs.render(text=text)


def test_what_is_known_is_not_looked_up() -> None:
    source = '<a href="{{ href(at.HOME) }}">{{ _("Plugins") }}</a> {% trans %}<b>All</b> of it{% endtrans %}'
    code = str(environment(TemplateCode).compile(source, raw=True))
    assert "Extensions d&#39;ici</a>" in code
    assert "<b>Tout</b> &amp; plus" in code
    assert f"'{addresses.HOME}'" in code
    assert "gettext" not in code
    assert "context.call" not in code


def test_a_sandbox_is_asked_about_every_call() -> None:
    def href(_key: str) -> str:
        return "called"

    href.unsafe_callable = True  # type: ignore[attr-defined]  # how a sandbox is told
    boxed = environment(TemplateCode, ImmutableSandboxedEnvironment)
    with pytest.raises(SecurityError):
        boxed.from_string("{{ href(at.HOME) }}").render(href=href)
