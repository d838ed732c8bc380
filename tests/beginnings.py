"""A new marketplace in the folder ``market`` and a plugin project in ``hello``, both in the current folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from command_line import Answer, pluginry
from pluginry.publisher.load import load_registry

if TYPE_CHECKING:
    from pluginry.model.registry import PluginEntry

OWNER = ("--owner", "anna", "--owner-id", "101")
FOLDER = "plugins/acme/hello"


def begin() -> None:
    """Begin both."""
    words = ("--name", "Acme plugins", "--summary", "Plugins for Acme", "--host-id", "shell")
    assert pluginry("registry", "init", "market", *words).status == 0
    project("hello")


def project(folder: str, plugin: str = "acme/hello", host: str = "shell", **options: str) -> None:
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    answers = ("--id", plugin, "--host", host, "--summary", "Greets people.", "--defaults", *words)
    assert pluginry("init", folder, *answers).status == 0


def add(*words: str) -> Answer:
    return pluginry("registry", "add", "hello", "--registry", "market", *words)


def files(folder: str = "market") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))


def entry(plugin: str = "acme/hello") -> PluginEntry:
    plugins = load_registry(Path("market/registry")).registry.plugins
    return next(one for one in plugins.values() if str(one.id) == plugin)


def assert_refused(answer: Answer, status: int, says: str, before: list[str]) -> None:
    assert (answer.status, says in answer.out + answer.err) == (status, True), answer
    assert files() == before
