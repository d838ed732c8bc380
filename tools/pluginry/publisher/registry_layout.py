"""What lies where in ``registry/``: kinds of documents, their places, how large files may be, and the rules of it.

In: paths relative to the registry. Out: kinds, paths, rules. Never touches a disk.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pluginry.model.advisory import Advisory
from pluginry.model.host import HostProfile
from pluginry.model.listing import Listing, Namespace, Review
from pluginry.model.manifest import Manifest
from pluginry.model.registry import RegistryConfig, Reserved
from pluginry.model.release import Release
from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.finding import DocumentPath
    from pluginry.model.registry import PluginEntry
    from pluginry.model.versions import Version

CONFIG_FILE: Final = "registry.yaml"
RESERVED_FILE: Final = "reserved.yaml"
LISTING_FILE: Final = "listing.yaml"
MANIFEST_FILE: Final = "plugin.yaml"
README_FILE: Final = "README.md"
ICON_FILE: Final = "icon.png"
YAML_SUFFIX: Final = ".yaml"

MAX_README_BYTES: Final = 256 << 10
MAX_PICTURE_BYTES: Final = 4 << 20
MAX_SCHEMA_BYTES: Final = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind:
    """A kind of document: its ``schema``, its ``model``, and where in it stands the name that its file has."""

    schema: str
    model: type[Any]
    name_path: DocumentPath = ()

    @property
    def keys(self) -> frozenset[str]:
        """The keys that such a document may have."""
        return frozenset(str(f.metadata.get("key", f.name)) for f in dataclasses.fields(self.model))


CONFIG: Final = DocumentKind(schema="registry", model=RegistryConfig)
RESERVED: Final = DocumentKind(schema="reserved", model=Reserved)
HOST: Final = DocumentKind(schema="host", model=HostProfile, name_path=("id",))
NAMESPACE: Final = DocumentKind(schema="namespace", model=Namespace, name_path=("namespace",))
ADVISORY: Final = DocumentKind(schema="advisory", model=Advisory, name_path=("id",))
LISTING: Final = DocumentKind(schema="listing", model=Listing)
RELEASE: Final = DocumentKind(schema="release", model=Release, name_path=("version",))
REVIEW: Final = DocumentKind(schema="review", model=Review, name_path=("author", "id"))
MANIFEST: Final = DocumentKind(schema="manifest", model=Manifest)

_BY_FILE_NAME = {CONFIG_FILE: CONFIG, RESERVED_FILE: RESERVED, LISTING_FILE: LISTING, MANIFEST_FILE: MANIFEST}
_BY_FOLDER_NAME = {
    "hosts": HOST,
    "namespaces": NAMESPACE,
    "advisories": ADVISORY,
    "releases": RELEASE,
    "reviews": REVIEW,
}
KINDS: Final = (*_BY_FILE_NAME.values(), *_BY_FOLDER_NAME.values())
_KEYS_IN_COMMON = 2  # fewer say nothing: every document has "schema", and most have "name" or "version"


def kind_by_place(folder_name: str, file_name: str) -> DocumentKind | None:
    """Return what a file of this name in a folder of that name is in a registry or plugin project."""
    return _BY_FILE_NAME.get(file_name) or _BY_FOLDER_NAME.get(folder_name)


def kind_by_shape(keys: Iterable[str]) -> DocumentKind | None:
    """Return the kind of document that has most of `keys`, or None when no kind has several of them."""
    there = set(keys) - {"schema"}
    best = max(KINDS, key=lambda kind: len(there & kind.keys))
    return best if len(there & best.keys) >= _KEYS_IN_COMMON else None


def listing_file(entry: PluginEntry) -> str:
    """Return the path of a plugin's listing, relative to the registry."""
    return f"{entry.folder}/{LISTING_FILE}"


def release_file(entry: PluginEntry, version: Version) -> str:
    """Return the path of a release of a plugin, relative to the registry."""
    return f"{entry.folder}/releases/{version}{YAML_SUFFIX}"


UNEXPECTED = Rule(
    id="layout.unexpected-file",
    title="Nothing in a registry has this name and place",
    why="A file in the wrong place is silently ignored, and what nobody reads nobody reviews.",
    fix="move it to its place, or delete it",
)
LINK = Rule(
    id="layout.link",
    title="This is a symbolic link",
    why="A link can point outside of the registry, and what it points to differs from machine to machine.",
    fix="put the file itself here",
)
NOT_A_FILE = Rule(
    id="layout.not-a-file",
    title="This is not a plain file or folder",
    why="A registry holds files and folders; devices, pipes and sockets cannot be published.",
    fix="delete it",
)
MISSING = Rule(
    id="layout.missing-file",
    title="A file that must be here is missing",
    why="Without it the rest has no meaning.",
    fix="add the file",
)
TOO_LARGE = Rule(
    id="layout.too-large",
    title="The file is too large",
    why="Everybody who builds or reviews the registry reads this file.",
    fix="make it smaller; large files belong into the package",
)
UNREADABLE = Rule(
    id="layout.unreadable",
    title="The file cannot be read",
    why="What cannot be read cannot be checked.",
    fix="see that the file may be read, and that it was not deleted meanwhile",
)
NOT_TEXT = Rule(
    id="layout.not-text",
    title="The file is not UTF-8 text",
    why="Readers guess differently what other bytes mean.",
    fix="save the file as UTF-8",
)
BAD_NAME = Rule(
    id="layout.name",
    title="The name does not have the form of the names in this folder",
    why="Names of files and folders become addresses in the catalogue and paths on the disks of users.",
    fix="rename it",
)
NAME_MISMATCH = Rule(
    id="layout.name-mismatch",
    title="The document names something else than its file or folder",
    why="Reviewers go by the name of the file, programs by what stands in it: both must mean the same thing.",
    fix="correct the value, or rename the file or folder",
)
VALUE = Rule(
    id="layout.value",
    title="A value has the right form but no meaning",
    why="Programs that read the published document would stumble over it.",
    fix="correct the value",
)
UNKNOWN_KIND = Rule(
    id="layout.unknown-kind",
    title="It is not clear what kind of document this is",
    why="What to check depends on the kind, which is known by file name, by folder, or by the keys.",
    fix="name the file as in a registry, such as listing.yaml, plugin.yaml or releases/1.0.0.yaml",
)
RULES: Final = (
    UNEXPECTED,
    LINK,
    NOT_A_FILE,
    MISSING,
    TOO_LARGE,
    UNREADABLE,
    NOT_TEXT,
    BAD_NAME,
    NAME_MISMATCH,
    VALUE,
    UNKNOWN_KIND,
)
