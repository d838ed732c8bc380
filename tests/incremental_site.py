"""A site of which only what changed is made: who publishes it, and what is known of its plugins beforehand."""

from __future__ import annotations

import atexit
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pluginry.encoding.data_folder import data_folder
from pluginry.model.digest import BlobRef
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.glances import Glances
from pluginry.publisher.inventory import Inventory, body_of
from pluginry.publisher.pages.excerpts import SHARED
from pluginry.publisher.pages.kept_pictures import KeptPictures
from pluginry.publisher.reuse import AFRESH, Afresh, Reuse
from pluginry.publisher.site import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.publisher.site import CatalogueInput


@dataclass
class Publisher:
    """Publishes into ``files``, as one does who remembers what was made of what."""

    files: dict[str, bytes] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def publish(self, objects: Callable[[Afresh], Iterable[PublishedObject]]) -> int:
        """Publish and return how many objects were made for it."""
        marks = {key: sha256(body).hexdigest() for key, body in self.files.items()}
        reuse = Reuse(self.units, Inventory(marks=marks, is_complete=True), shared=SHARED)
        made = {one.key: body_of(one) for one in objects(reuse)}
        self.files |= made
        self.units = reuse.units
        return len(made)

    def differences(self, expected: Mapping[str, bytes]) -> list[str]:
        """Return the keys of what is not as `expected`."""
        return [key for key, body in expected.items() if self.files.get(key) != body]


@cache
def short_docs() -> SiteFiles:
    """Return files of an operator whose documentation is short: nobody reads it here."""
    names = (path.name for path in (data_folder("site_templates") / "docs").glob("*.md"))
    return SiteFiles(templates={f"docs/{name}": b"# Nothing\n" for name in names})


@contextmanager
def whatever(_plugin: PluginId, _doing: str) -> Iterator[None]:
    """Let the others go on: many a change of a single field makes no sense."""
    with suppress(Exception):  # that there are pages in its place is what is compared
        yield


@cache
def a_drawer() -> KeptPictures:
    """Return who draws the same picture once."""
    folder = TemporaryDirectory()
    atexit.register(folder.cleanup)
    return KeptPictures(Path(folder.name))


def everything(given: CatalogueInput, reuse: Afresh = AFRESH) -> Iterator[PublishedObject]:
    """Yield the whole catalogue."""
    yield from site(given, rescuing=whatever, reuse=reuse, drawing=a_drawer())


def as_it_is(given: CatalogueInput) -> CatalogueInput:
    """Return `given`, of whose plugins nothing is known beforehand."""
    return given


def by_name(given: CatalogueInput, documents: str = "") -> CatalogueInput:
    """Return `given` as after a publication: each plugin has a glance, with a name for all that it is made of."""
    registry, names = given.registry, Fingerprints()
    refs = {plugin: BlobRef.of(names.of(record).encode()) for plugin, record in given.records.items()}
    index: Any = SimpleNamespace(refs=refs, records=given.records, summaries=given.summaries)
    made_of = {
        plugin: f"{names.of((entry, registry.namespaces.get(plugin.namespace)))}{documents}"
        for plugin, entry in registry.plugins.items()
    }
    return replace(given, glances=Glances(registry=registry, index=index, made_of=made_of).all())
