"""What loading gives: the registry as a value, with everything needed to say where in which file something stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from pluginry.model.finding import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.registry import PluginEntry, Registry, SourceTree


class Locate(Protocol):
    """Finds the place in a file of the value at a path; of its key when asked ``of_key``."""

    def __call__(self, file: str, path: DocumentPath = (), *, of_key: bool = False) -> Location:
        """Return the place; the file as a whole when nothing is known of its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Documents:
    """Documents by the file they were read from."""

    documents: Mapping[str, ParsedDocument] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    findings: tuple[Finding, ...] = ()

    def locate(self, file: str, path: DocumentPath = (), *, of_key: bool = False) -> Location:
        """Return where the value at `path` (or its key) stands in `file`."""
        document = self.documents.get(file)
        if document is None:
            return Location(file=file, path=path)
        return document.location_of_key(path) if of_key else document.location_of(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRegistry(_Documents):
    """A registry, its ``documents`` by path relative to its folder, and what was wrong while reading."""

    registry: Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPlugin(_Documents):
    """One plugin of a registry: ``entry`` is None when it has no listing, ``left_out`` is as in `Registry`."""

    entry: PluginEntry | None
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProject(_Documents):
    """A plugin project on its own: ``tree`` is None when its manifest cannot be read."""

    tree: SourceTree | None
