"""What a check found, in the form that assertions are about: the rule, and the place as ``file:line:column``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from builders import a_registry
from pluginry.model.finding import Finding, in_reading_order
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class At(NamedTuple):
    """The place where `text` stands in `file` (its `occurrence`-th time); the file as a whole without `text`.

    A ``>>`` in `text` marks the very place: ``scope: >>inbound``.
    """

    file: str
    text: str = ""
    occurrence: int = 1

    def in_folder(self, folder: Path) -> str:
        """Return the place as findings show it."""
        if not self.text:
            return self.file
        content = (folder / self.file).read_text()
        before, mark, after = self.text.partition(">>")
        index = -1
        for _ in range(self.occurrence):
            index = content.index(before + after, index + 1)
        index += len(before) if mark else 0
        line_start = content.rfind("\n", 0, index) + 1
        return f"{self.file}:{content.count(chr(10), 0, index) + 1}:{index - line_start + 1}"


def findings_in(registry: Path) -> tuple[Finding, ...]:
    """Return everything that loading and the rules have to say about a registry."""
    loaded = load_registry(registry)
    return in_reading_order((*loaded.findings, *validate(loaded)))


def assert_found(folder: Path, changes: Mapping[str, Any], *expected: tuple[str, At, str]) -> None:
    """Assert that a registry with `changes` breaks exactly the `expected` rules, at these places, with these words."""
    registry = a_registry(folder, changes)
    found = findings_in(registry)
    shown = [(finding.rule, str(finding.where)) for finding in found]
    assert sorted(shown) == sorted((rule, place.in_folder(registry)) for rule, place, _ in expected), found
    for rule, place, words in expected:
        said = [f for f in found if (f.rule, str(f.where)) == (rule, place.in_folder(registry))]
        assert any(words in f"{finding.message} | {finding.hint}" for finding in said), said
        assert all(finding.hint for finding in said)
