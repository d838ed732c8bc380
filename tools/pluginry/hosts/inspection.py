"""Looking at a published marketplace from outside, as monitoring does: whether it is fresh, genuine and whole.

In: a way to read it, the fingerprint of its root of trust if somebody knows it, the time. Out: an `Inspection`. What
is genuine is decided by the client's own code. Without a fingerprint the root that is found there is believed: then all
of it may be somebody else's, and the inspection says so. It stops at nothing but a place that cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.encoding import documents, strict_json
from pluginry.errors import (
    DocumentError,
    ObjectMissingError,
    ObjectTooLargeError,
    PluginryError,
    TamperedError,
    TransportError,
    TrustError,
    is_missing,
)
from pluginry.hosts.one_place import OnePlace
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.quarantine import PublicationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pluginry.client.source import Source
    from pluginry.model.index import ReleaseRecord, TreeRoot
    from pluginry.model.names import PluginId
    from pluginry.ports import SizedTransport

_METADATA_BYTES = 256_000
_DOCUMENT_BYTES = 32 << 20
_MOST_ROOTS = 257


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFile:
    """A file of trust metadata, as it presents itself."""

    role: str
    version: int
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found at ``location``.

    `is_known` when somebody vouched for its root of trust; ``trouble`` is why a client does not accept it. ``root`` is
    that of the index, ``status`` what the last publication said of itself. ``flaws`` are objects that are missing or
    wrong, ``lags`` what people and simple clients still see of an earlier state.
    """

    location: str
    is_known: bool
    roles: tuple[RoleFile, ...] = ()
    trouble: PluginryError | None = None
    root: TreeRoot | None = None
    status: PublicationStatus | None = None
    plugins_checked: int = 0
    objects_checked: int = 0
    flaws: tuple[str, ...] = ()
    lags: tuple[str, ...] = ()


def inspect(
    place: SizedTransport,
    *,
    fingerprint: Digest | None,
    folder: Path,
    now: datetime,
    sample: int | None,
    advance: Callable[[int], None] = lambda _steps: None,
) -> Inspection:
    """Return what `place` looks like; `folder` is for a client that knows nothing yet.

    Of `sample` plugins the newest release is looked at; of all plugins every release when it is None.

    Raises:
        TransportError: the place cannot be read.
        AuthError: it asks for a credential.

    """
    client = Marketplace(home=PluginHome(folder), connector=OnePlace(place=place), now=lambda: now)
    found = client.fingerprint_of(place.location)
    roles: tuple[RoleFile, ...] = ()
    try:
        roles = tuple(_roles(place))
        client.add_source("inspected", place.location, fingerprint=fingerprint or found)
    except (TransportError, TrustError, DocumentError) as error:
        if isinstance(error, TransportError) and not is_missing(error):
            raise
        return Inspection(location=place.location, is_known=fingerprint is not None, roles=roles, trouble=error)
    (source,) = client.sources()
    visit = _Visit(source, place)
    visit.plugins(sample, advance)
    status, lags = _seen_by_people(place, source)
    return Inspection(
        location=place.location,
        is_known=fingerprint is not None,
        roles=roles,
        root=source.index().root,
        status=status,
        plugins_checked=visit.plugins_checked,
        objects_checked=visit.objects_checked,
        flaws=tuple(visit.flaws),
        lags=lags,
    )


class _Visit:
    """Looks at one object after the other, and keeps what is wrong."""

    def __init__(self, source: Source, place: SizedTransport) -> None:
        self._source, self._place = source, place
        self.flaws: list[str] = []
        self.plugins_checked = self.objects_checked = 0

    def plugins(self, sample: int | None, advance: Callable[[int], None]) -> None:
        """Look at all plugins, or at `sample` of them: others after each publication."""
        chosen: tuple[PluginId, ...] = ()
        with _Noting(self, "the tree of the index"):
            chosen = self._source.plugins() if sample is None else self._some(sample)
        for plugin in chosen:
            with _Noting(self, str(plugin)):
                self._plugin(plugin, is_whole=sample is None)
            self.plugins_checked += 1
            advance(1)

    def _some(self, count: int) -> tuple[PluginId, ...]:
        serial = self._source.index().root.serial
        known = (summary.id for summary in self._source.catalogue().plugins)
        return tuple(sorted(known, key=lambda plugin: Digest.of(f"{serial} {plugin}".encode()).hex)[:count])

    def _plugin(self, plugin: PluginId, *, is_whole: bool) -> None:
        record = self._source.record(plugin)
        if record is None:
            raise TamperedError("the catalogue lists it, and the index does not", where=str(plugin))
        for release in record.releases if is_whole else record.releases[:1]:
            with _Noting(self, f"{plugin} {release.version}"):
                self._source.manifest(plugin, release)
                for attestation in release.attestations:
                    self._source.bundle(attestation)
            self._sizes(plugin, release)

    def _sizes(self, plugin: PluginId, release: ReleaseRecord) -> None:
        named = {layout.node_key(release.facts.sha256): release.facts.size}
        for artifact in release.artifacts:
            named[layout.package_key(plugin, release.version, artifact.platform)] = artifact.size
        for key, size in named.items():
            with _Noting(self, key):
                stored = self._place.size_of(key)
                if stored not in (size, None):
                    raise TamperedError(f"it has {stored:,} bytes instead of {size:,}", where=key)


@dataclass(frozen=True, slots=True)
class _Noting:
    """Counts what is looked at, and notes what is wrong with it or not there; everything else goes on its way."""

    visit: _Visit
    what: str

    def __enter__(self) -> None:
        self.visit.objects_checked += 1

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if not (is_missing(error) or isinstance(error, TrustError | ObjectTooLargeError)):
            return False
        self.visit.flaws.append(str(error) if self.what in str(error) else f"{self.what}: {error}")
        return True


def _roles(place: SizedTransport) -> Iterator[RoleFile]:
    """Yield the trust metadata, unchecked: also what has expired or is wrong is worth a look."""
    try:
        timestamp = _signed(place, layout.TIMESTAMP_KEY)
        snapshot = _signed(place, _key(timestamp["meta"]["snapshot.json"]["version"], "snapshot"))
        yield _role("root", _newest_root(place))
        for name, meta in snapshot["meta"].items():
            role = str(name).removesuffix(".json")
            yield _role(role, _signed(place, _key(meta["version"], role)))
        yield _role("snapshot", snapshot)
        yield _role("timestamp", timestamp)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TamperedError("this is no trust metadata", where=place.location, why=type(error).__name__) from error


def _newest_root(place: SizedTransport) -> Any:
    newest: Any = None
    for version in range(1, _MOST_ROOTS):
        try:
            newest = _signed(place, _key(version, "root"))
        except ObjectMissingError:
            break
    return newest


def _key(version: object, role: str) -> str:
    return f"{layout.METADATA_PREFIX}{int(str(version))}.{role}.json"


def _signed(place: SizedTransport, key: str) -> Any:
    body = place.fetch(key, max_bytes=_METADATA_BYTES)
    return strict_json.parse(body, what=key, max_bytes=_METADATA_BYTES)["signed"]


def _role(role: str, signed: Any) -> RoleFile:
    return RoleFile(role=role, version=int(signed["version"]), expires=datetime.fromisoformat(signed["expires"]))


def _seen_by_people(place: SizedTransport, source: Source) -> tuple[PublicationStatus | None, tuple[str, ...]]:
    """Return what the last publication said, and which documents for people and simple clients are of another one."""
    root, lags = source.index().root, []
    try:
        said = place.fetch(layout.STATUS_KEY, max_bytes=_DOCUMENT_BYTES)
        status: PublicationStatus | None = documents.decode(PublicationStatus, said, what=layout.STATUS_KEY)
        catalogue = Digest.of(place.fetch(layout.CATALOGUE_KEY, max_bytes=_DOCUMENT_BYTES))
    except (ObjectMissingError, ObjectTooLargeError, DocumentError) as error:
        return None, (str(error),)
    if status is not None and status.serial != root.serial:
        lags.append(f"{layout.STATUS_KEY} is of serial {status.serial}")
    if catalogue != root.catalogue.sha256:
        lags.append(f"{layout.CATALOGUE_KEY} is not the catalogue of serial {root.serial}")
    return status, tuple(lags)
