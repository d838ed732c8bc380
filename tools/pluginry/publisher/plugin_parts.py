"""The parts of a plugin that can be bad without each other: its listing, each release, each review.

In: where a finding is. Out: the part of a plugin that it is about, because that is what can be held back alone. Never
judges anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError
from pluginry.model.finding import Severity
from pluginry.model.names import Name, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.registry_layout import YAML_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.finding import Finding

PLUGINS_FOLDER = "plugins/"
_DEPTH_OF_A_PLUGIN = 3


class Kind(IntEnum):
    """Which part: the listing stands for everything that is neither release nor review."""

    LISTING = 0
    RELEASE = 1
    REVIEW = 2


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of ``plugin``; ``name`` is that of the release or review."""

    plugin: PluginId
    kind: Kind = Kind.LISTING
    name: str = ""

    @property
    def file(self) -> str:
        """Its file below ``plugins/``, when it is neither a plugin nor a release."""
        folder = {Kind.RELEASE: "releases", Kind.REVIEW: "reviews"}.get(self.kind)
        return f"{self.plugin}/{folder}/{self.name}" if folder and self.version is None else ""

    @property
    def version(self) -> Version | None:
        """The release, if it is one and has the name of one."""
        try:
            return Version(self.name) if self.kind is Kind.RELEASE else None
        except DocumentError:
            return None


def part_of(file: str) -> Part | None:
    """Return the part that `file`, relative to the registry, belongs to; None when it is in no plugin's folder."""
    top, *steps = file.split("/")
    if f"{top}/" != PLUGINS_FOLDER or len(steps) < _DEPTH_OF_A_PLUGIN - 1:
        return None
    try:
        plugin = PluginId(Name(steps[0]), Name(steps[1]))
    except DocumentError:
        return None
    match steps[2:]:
        case ["releases", name]:
            return Part(plugin, Kind.RELEASE, name.removesuffix(YAML_SUFFIX))
        case ["source", name, *_]:
            return Part(plugin, Kind.RELEASE, name)
        case ["reviews", name]:
            return Part(plugin, Kind.REVIEW, name.removesuffix(YAML_SUFFIX))
    return Part(plugin)


def blocking_by_part(findings: Iterable[Finding]) -> dict[Part, list[Finding]]:
    """Return the findings that block, of those about plugins, by the part they are about."""
    found: dict[Part, list[Finding]] = {}
    for finding in findings:
        part = part_of(finding.where.file) if finding.severity is Severity.BLOCKS else None
        if part is not None:
            found.setdefault(part, []).append(finding)
    return found
