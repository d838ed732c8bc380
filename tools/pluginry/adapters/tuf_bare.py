"""A bare TUF client for suites that test TUF clients: our fetcher, limits and strict JSON, and none of a marketplace.

In: a folder of metadata, addresses of any TUF repository, the time. Out: the folder as far as it could be trusted,
and targets, checked. Unlike the client of a marketplace (tuf_client.py) it keeps what was accepted before something
failed: that is what such suites look at. A role may have any name there, though none of a marketplace's has to be
quoted in an address; targets whose names would have to be are not asked for. It is never used to install anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, unquote

from pluginry.adapters.http_transport import HttpTransport
from pluginry.adapters.tuf_client import target_info, translated, updater_at
from pluginry.errors import TransportError
from pluginry.model.layout import METADATA_PREFIX, TARGETS_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.ports import Progress

ROOT_FILE = "root.json"


class RoleFiles(HttpTransport):
    """Metadata files below an address, each named after a role: quoted, so that no name leads anywhere else."""

    __slots__ = ()

    def address_of(self, key: str) -> str:
        """Return where the file lies whose quoted name is `key`: one part of an address, whatever is in it.

        Raises:
            TransportError: it was not quoted, or would be no file but a folder.

        """
        if quote(unquote(key), safe="") != key or key in ("", ".", ".."):
            raise TransportError("this is not the name of a metadata file", where=repr(key))
        return self.base + key


@dataclass(frozen=True, slots=True, kw_only=True)
class BareRepository:
    """A `Transport` into a repository whose metadata and targets lie at addresses of their own."""

    metadata: RoleFiles
    targets: HttpTransport | None = None

    @property
    def location(self) -> str:
        """Where the metadata lies."""
        return self.metadata.location

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`."""
        place, rest = self._place_of(key)
        return place.fetch(rest, max_bytes=max_bytes)

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append the whole object to `into`; see `Transport`."""
        place, rest = self._place_of(key)
        place.download(rest, into, max_bytes=max_bytes, progress=progress)

    def _place_of(self, key: str) -> tuple[HttpTransport, str]:
        if self.targets is not None and key.startswith(TARGETS_PREFIX):
            return self.targets, key.removeprefix(TARGETS_PREFIX)
        return self.metadata, key.removeprefix(METADATA_PREFIX)


def refresh(folder: Path, repository: BareRepository, *, now: datetime) -> None:
    """Bring the metadata in `folder`, which begins with ``root.json``, up to date.

    Raises:
        TrustError, TransportError: as `TrustedMetadata.refresh`.

    """
    try:
        updater_at(folder, (folder / ROOT_FILE).read_bytes(), repository, now).refresh()
    except Exception as error:
        raise translated(error, repository.location) from error


def download(folder: Path, repository: BareRepository, path: str, *, into: Path, now: datetime) -> Path:
    """Return the file of the target at `path`, below `into`; what is there and right is not fetched again.

    Raises:
        TrustError, TransportError: as `TrustedMetadata.refresh` and `TrustedMetadata.target`.

    """
    try:
        updater = updater_at(folder, (folder / ROOT_FILE).read_bytes(), repository, now)
        updater.refresh()
        info = target_info(updater, path)
        local = into / path.replace("/", "_")
        found = updater.find_cached_target(info, str(local)) or updater.download_target(info, str(local))
        return Path(found)
    except Exception as error:
        raise translated(error, repository.location) from error
