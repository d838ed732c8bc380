"""The first files of a plugin project, complete enough to be checked, tested, packed and run as they are.

In: answers that were checked when they were made. Out: files by name, or written below a folder, all of
them or none. Never asks anybody, never overwrites, never fetches.
"""

from __future__ import annotations

import keyword
import re
import string
import sys
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from pluginry.encoding.quoting import quoted
from pluginry.errors import UsageError
from pluginry.model.manifest import MANIFEST_FILE
from pluginry.model.versions import EVERY_VERSION, VersionRange
from pluginry.publisher.scaffold.new_files import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name, PluginId

LICENSE_TEXTS: Final = ("Apache-2.0", "MIT", "BSD-3-Clause", "0BSD")
"""Licences whose text comes with the project; others are named only."""

MAX_LINE: Final = 200
_LICENSE = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+){0,10}")
_NOT_TEXT = re.compile("null|true|false|[0-9]+")  # what YAML takes for something else, though it is a good name
_RUNTIME = "python"
_TEMPLATES = resources.files(__package__) / "templates"
_FILES: Final[Mapping[str, str]] = {
    "plugin.yaml": "plugin.yaml",
    "README.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "config.schema.json": "config.schema.json",
    "src/%%{module}.py": "module.py",
    "tests/test_%%{module}.py": "test_module.py",
    ".github/workflows/release.yml": "release.yml",
    ".gitignore": "gitignore",
    ".pluginryignore": "pluginryignore",
}


class _Template(string.Template):
    delimiter = "%%"  # no other notation in the templates uses it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What only the author knows. ``summary`` and ``author`` are one line, ``license`` is an SPDX expression.

    Raises:
        UsageError: a text is empty, or not of that form.
    """

    id: PluginId
    host: Name
    summary: str
    license: str
    author: str

    def __post_init__(self) -> None:
        one_line(self.summary)
        one_line(self.author)
        license_expression(self.license)


def one_line(text: str) -> str:
    """Return `text` if it is a line that can be shown.

    Raises:
        UsageError: it is empty, too long, or has characters that cannot be seen.
    """
    if not text.strip() or not text.isprintable() or len(text) > MAX_LINE:
        raise UsageError(f"{quoted(text)} is not a line of 1 to {MAX_LINE} characters")
    return text


def license_expression(text: str) -> str:
    """Return `text` if it has the form of an SPDX expression.

    Raises:
        UsageError: it has not.
    """
    if not _LICENSE.fullmatch(text):
        raise UsageError(f"{quoted(text)} is not a licence", hint="write an SPDX expression such as MIT or Apache-2.0")
    return text


def project_files(answers: Answers, *, profile: HostProfile | None = None, schema_url: str = "") -> Mapping[str, bytes]:
    """Return the files of a new project by name.

    With the `profile` of the host its newest version and its permissions are written into the manifest;
    with `schema_url` editors know which keys there are.

    Raises:
        UsageError: the host does not run Python plugins.
    """
    if profile and _RUNTIME not in {runtime.kind for runtime in profile.runtimes}:
        offered = ", ".join(runtime.kind for runtime in profile.runtimes)
        raise UsageError(f"{profile.id} runs no Python plugins", why=f"its runtimes are {offered}")
    name = answers.id.name
    values = {
        "id": str(answers.id),
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "module": _module(name),
        "host": answers.host,
        "host_key": f'"{answers.host}"' if _NOT_TEXT.fullmatch(answers.host) else answers.host,
        "range": str(_range(profile)),
        "summary": answers.summary,
        "license": answers.license,
        "author": answers.author,
        "schema_line": f"# yaml-language-server: $schema={schema_url}\n" if schema_url else "",
        "vocabulary": "".join(f"{line}\n" for line in _vocabulary(profile)) if profile else "",
    }
    files = {_filled(path, values): _file(f"{template}.template", values) for path, template in _FILES.items()}
    license_file = answers.license if answers.license in LICENSE_TEXTS else "other"
    return {**files, "LICENSE": _file(f"licenses/{license_file}", values)}


def write_project(files: Mapping[str, bytes], folder: Path) -> None:
    """Write `files` below `folder`, which is made if need be. If one cannot be written, none stays behind.

    Raises:
        UsageError: one of the files is there already, or cannot be written.
    """
    write_new(files, folder, but_not_beside=(MANIFEST_FILE,))


def _file(template: str, values: Mapping[str, str]) -> bytes:
    return _filled(_TEMPLATES.joinpath(*template.split("/")).read_text(encoding="utf-8"), values).encode()


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _Template(text).substitute(values)


def _module(name: str) -> str:
    """Return the module of the plugin called `name`; it hides no module of Python."""
    module = name.replace("-", "_")
    if module[0].isdigit():
        module = f"plugin_{module}"
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        module = f"{module}_plugin"
    return module


def _range(profile: HostProfile | None) -> VersionRange:
    """Return the versions of the host from the newest known one to the end of its major version."""
    if profile is None or not profile.versions:
        return EVERY_VERSION
    major, minor, _ = max(profile.versions).text.partition("-")[0].split(".")
    return VersionRange(f">={major}.{minor},<{int(major) + 1}")


def _vocabulary(profile: HostProfile) -> Iterator[str]:
    """Yield a comment for each permission and scope, ready to be copied; each stays one line, whatever it says."""
    yield f"# What {_line(profile.title)} knows, with the harm that misuse could do, and what users are told:"
    for permission in profile.permissions:
        if permission.implied:
            continue
        for scope in [scope.name for scope in permission.scopes] or ["..."]:
            example = f'{{type: {permission.type}, scope: "{_line(scope)}", reason: ""}}'
            yield f"#   - {example}  # {permission.severity.value}: {_line(permission.in_words(scope))}"


def _line(text: str) -> str:
    return " ".join(text.split())
