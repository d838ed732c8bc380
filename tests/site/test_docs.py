"""The documentation tells the truth: every command and code in it exists."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest

from catalogues import a_catalogue, as_files
from html_reader import read_page
from pluginry import errors
from pluginry.cli import main
from pluginry.cli.entry import INTERRUPTED_EXIT_STATUS
from pluginry.client.intent_files import read_intent
from pluginry.client.settings import read_settings
from pluginry.encoding import strict_yaml
from pluginry.encoding.data_folder import data_folder
from pluginry.encoding.schema import check_against_schema
from pluginry.model.intent import Intent
from pluginry.model.receipt import ClientPolicy
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from html_reader import ReadPage

DOCS = {path.name: path.read_text("utf-8") for path in sorted((data_folder("site_templates") / "docs").glob("*.md"))}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def fenced(language: str) -> list[tuple[str, str]]:
    """Return the blocks of `language` with the name of their page."""
    return [(name, body) for name, text in DOCS.items() for kind, body in FENCE.findall(text) if kind == language]


def command_lines() -> Iterator[str]:
    """Yield every command line in the documentation, in blocks and within sentences."""
    for _, body in fenced(""):
        yield from (line for line in body.splitlines() if line.startswith("pluginry "))
    for text in DOCS.values():
        yield from re.findall(r"`(pluginry [^`]+)`", FENCE.sub("", text))


def test_there_is_a_page_for_each_reader() -> None:
    assert list(DOCS) == [
        "10-getting-started.md",
        "12-walk-through.md",
        "15-sources.md",
        "18-everyday.md",
        "20-plugin-developers.md",
        "30-host-authors.md",
        "40-operators.md",
        "41-chosen-plugins.md",
        "42-moderation.md",
        "45-continuous-integration.md",
        "45-hosting.md",
        "47-scanning.md",
        "48-capacity.md",
        "50-formats.md",
        "60-trust.md",
        "65-verify-in-another-language.md",
        "70-exit-codes.md",
    ]


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_every_command_in_the_documentation_exists_with_its_options(line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = main.run
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    options = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("-")} <= options
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    assert not words or words[0].startswith("-") or arguments


def test_the_table_of_exit_codes_is_that_of_the_errors() -> None:
    def statuses(family: type[errors.PluginryError]) -> Iterator[int]:
        yield family.exit_status
        for child in family.__subclasses__():
            yield from statuses(child)

    told = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", DOCS["70-exit-codes.md"], re.MULTILINE)}
    real = {0, errors.NEEDS_REVIEW_EXIT_STATUS, INTERRUPTED_EXIT_STATUS, *statuses(errors.PluginryError)}
    assert told == real


@pytest.mark.parametrize(("name", "body"), fenced("yaml"))
def test_every_example_document_is_what_its_schema_wants(name: str, body: str) -> None:
    parsed = strict_yaml.parse(body.encode(), file=name)
    assert parsed.findings == ()
    kinds = {"scanning": "registry", "site": "registry", "hosts": "manifest", "artifacts": "release"}
    schema = {**kinds, "permissions": "", "deltas": ""}
    kind = next(kind for key, kind in schema.items() if key in parsed.value)
    if kind:
        assert list(check_against_schema(parsed, kind)) == []


@pytest.mark.parametrize(("name", "body"), fenced("python"))
def test_every_python_example_uses_names_that_exist(name: str, body: str) -> None:
    compile(body, name, "exec")
    exec("\n".join(line for line in body.splitlines() if line.startswith("from ")), {})  # noqa: S102 - our own lines


def test_every_page_is_in_the_table_of_contents_and_in_the_order_of_its_number(pages: Mapping[str, ReadPage]) -> None:
    links = [e.attributes["href"] for e in pages["docs/index.html"].all("a") if "main" in e.inside]
    slugs = [name.split("-", 1)[1].removesuffix(".md") for name in DOCS]
    assert links == [*(f"{slug}/index.html" for slug in slugs), "schemas/index.html", "rules/index.html"]


def test_every_rule_has_its_place_on_the_page_of_rules(pages: Mapping[str, ReadPage]) -> None:
    page = pages["docs/rules/index.html"]
    assert {"naming.confusable", "package.size"} <= set(page.ids)
    text = " ".join(page.all("main")[0].text.split())
    assert "naming.confusable refuses Looks alike. Why: People confuse it. What to do: Rename it." in text
    assert "package.size notes" in text


def test_without_rules_there_is_no_page_of_them() -> None:
    files = as_files(site(a_catalogue([])))
    assert "docs/rules/index.html" not in files
    assert "rules/" not in "".join(a for _, a in read_page(files["docs/index.html"]).addresses())


@pytest.mark.parametrize(("name", "body"), [one for one in fenced("toml") if one[1].startswith("schema = 1")])
def test_every_settings_file_shown_can_be_read(name: str, body: str, tmp_path: Path) -> None:
    kind = Intent if "[plugins]" in body else ClientPolicy
    (tmp_path / ("plugins.toml" if kind is Intent else "policy.toml")).write_text(body)
    found = read_intent(tmp_path) if kind is Intent else read_settings(ClientPolicy, tmp_path)
    assert found != kind(), name


def test_configurations_are_shown_as_they_are_shipped(pages: Mapping[str, ReadPage]) -> None:
    shown = [block.text.strip() for block in pages["docs/hosting/index.html"].all("pre")]
    shipped = sorted((data_folder("site_templates") / "hosting").iterdir())
    assert [file.name for file in shipped] == ["Caddyfile", "cloudflare.json", "cloudfront.json", "nginx.conf"]
    for file in shipped:
        assert file.read_text("utf-8").strip() in shown


def test_a_page_that_includes_what_is_not_there_is_wrong() -> None:
    own = SiteFiles(templates={"docs/99-mine.md": b"# Mine\n\n<!-- include hosting/nothing.conf -->\n"})
    with pytest.raises(errors.DocumentError, match="includes a file that is not there"):
        list(site(a_catalogue([], site_files=own)))
