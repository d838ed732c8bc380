"""The client's end of the trust metadata: python-tuf's updater over our transport.

In: a folder with what was trusted before (or the first root alone), a `Transport`, the time. Out: the
bytes of targets, checked. A refresh works on a copy of the folder; `keep` makes the copy the truth,
after everything that hangs on it was accepted. It never follows an address from a document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from pluginry.adapters.tuf_copy import MetadataCopy
from pluginry.adapters.tuf_lag import lags_behind
from pluginry.encoding import strict_json
from pluginry.errors import (
    DocumentError,
    ObjectMissingError,
    PluginryError,
    RolledBackError,
    StaleError,
    TamperedError,
    TransportError,
)
from pluginry.model.layout import METADATA_PREFIX, TARGETS_PREFIX, TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tuf.api.metadata import TargetFile

    from pluginry.ports import Progress, Transport

_BASE = "https://marketplace.invalid/"
"""Stands for the transport's own location: python-tuf wants addresses, we want keys."""
_CHUNK_BYTES = 1 << 16
_NOT_FOUND = 404
_LIMITS = UpdaterConfig(
    max_root_rotations=256,
    root_max_length=64_000,
    timestamp_max_length=16_384,
    snapshot_max_length=64_000,
    targets_max_length=256_000,
)
_TARGET_MAX_BYTES = 16 << 20


@dataclass(slots=True, kw_only=True)
class TufClient:
    """Trusted metadata in `folder`; `root` is the first root of trust, taken from the source's configuration."""

    folder: Path
    root: bytes
    transport: Transport
    _copy: MetadataCopy | None = field(default=None, init=False)
    _updater: Updater | None = field(default=None, init=False)

    def refresh(self, *, now: datetime) -> None:
        """Bring a copy of the metadata up to date; see `TrustedMetadata`."""
        self.close()
        asked = _Asked(self.transport)
        try:
            self._copy = MetadataCopy.of(self.folder)
            updater = updater_at(self._copy.metadata, self.root, asked, now)
            updater.refresh()
        except (BadVersionNumberError, UnsignedMetadataError) as error:
            is_old = asked.key == TIMESTAMP_KEY and (
                isinstance(error, BadVersionNumberError) or self._lags_behind(asked.answer)
            )
            self.close()
            raise _older(error, asked.location) if is_old else translated(error, asked.location) from error
        except Exception as error:
            self.close()
            raise translated(error, self.transport.location) from error
        self._updater = updater

    def names(self, path: str) -> bool:
        """Return whether there is such a target; see `TrustedMetadata`."""
        try:
            return self._updater is not None and self._updater.get_targetinfo(path) is not None
        except Exception as error:
            raise translated(error, self.transport.location) from error

    def target(self, path: str, *, max_bytes: int = _TARGET_MAX_BYTES, kept: bytes | None = None) -> bytes:
        """Return the current bytes of the target at `path`; see `TrustedMetadata`."""
        if self._updater is None or self._copy is None:
            raise TamperedError("no metadata was refreshed yet", where=path)
        local = self._copy.scratch / path.replace("/", "_")
        try:
            info = target_info(self._updater, path, max_bytes=max_bytes)
            if kept is not None and _is_the_same(info, kept):
                return kept
            return Path(self._updater.download_target(info, str(local))).read_bytes()
        except Exception as error:
            raise translated(error, self.transport.location) from error

    def keep(self) -> None:
        """Make what was refreshed the truth."""
        if self._copy is None:
            return
        try:
            self._copy.keep()
        except OSError as error:
            raise translated(error, str(self.folder)) from error
        self.close()

    def close(self) -> None:
        """Forget what was refreshed and not kept."""
        if self._copy is not None:
            self._copy.close()
        self._copy = None
        self._updater = None

    def _lags_behind(self, timestamp: bytes) -> bool:
        return self._copy is not None and lags_behind(
            timestamp, first_root=self.root, folder=self._copy.metadata, trusted=self.folder / "timestamp.json"
        )


@dataclass(slots=True)
class _Asked:
    """A transport that knows what it was asked for last, and what the answer was."""

    transport: Transport
    key: str = ""
    answer: bytes = b""

    @property
    def location(self) -> str:
        """The transport's."""
        return self.transport.location

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`."""
        self.key = key
        self.answer = self.transport.fetch(key, max_bytes=max_bytes)
        return self.answer

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append the whole object to `into`; see `Transport`."""
        self.key = key
        self.transport.download(key, into, max_bytes=max_bytes, progress=progress)


class _TransportFetcher(FetcherInterface):
    """Answers python-tuf's downloads from a `Transport`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _fetch(self, url: str) -> Iterator[bytes]:
        key = url.removeprefix(_BASE)
        try:
            data = self._transport.fetch(key, max_bytes=_TARGET_MAX_BYTES)
        except ObjectMissingError as error:
            raise DownloadHTTPError(str(error), _NOT_FOUND) from error
        if key.startswith(METADATA_PREFIX):
            # Signatures cover the parsed document, so a repeated key would have two readings under one signature.
            strict_json.parse(data, what=key, max_bytes=_TARGET_MAX_BYTES)
        return (data[start : start + _CHUNK_BYTES] for start in range(0, len(data), _CHUNK_BYTES))


def updater_at(folder: Path, root: bytes, transport: Transport, now: datetime) -> Updater:
    """Return python-tuf's updater over `folder`, which reads through `transport` and takes `now` for the time."""
    updater = Updater(
        metadata_dir=str(folder),
        metadata_base_url=_BASE + METADATA_PREFIX,
        target_base_url=_BASE + TARGETS_PREFIX,
        fetcher=_TransportFetcher(transport),
        config=_LIMITS,
        bootstrap=root,
    )
    # python-tuf has no public way to say what time it is; a test holds it to this one.
    trusted: Any = updater._trusted_set  # noqa: SLF001 - see above
    trusted.reference_time = now
    return updater


def target_info(updater: Updater, path: str, *, max_bytes: int = _TARGET_MAX_BYTES) -> TargetFile:
    """Return what the metadata says of the target at `path`.

    Raises:
        TamperedError: nothing, or it is larger than `max_bytes`.

    """
    info = updater.get_targetinfo(path)
    if info is None:
        raise TamperedError("the marketplace's metadata does not name this file", where=path)
    if info.length > max_bytes:
        raise TamperedError("a target is larger than any marketplace needs", where=path)
    return info


def _is_the_same(info: TargetFile, kept: bytes) -> bool:
    try:
        info.verify_length_and_hashes(kept)
    except LengthOrHashMismatchError:
        return False
    return True


def _older(error: Exception, location: str) -> PluginryError:
    """Return our error for a whole state that is older: such a one shows in its timestamp, which is read first."""
    return RolledBackError(
        "the marketplace's metadata is older than what was seen before",
        where=location,
        why=str(error),
        hint="it is a copy that lags behind, or somebody puts an old state back",
    )


_MEANINGS: tuple[tuple[type[Exception], type[PluginryError], str], ...] = (
    (DocumentError, TamperedError, "is not strict JSON"),
    (ExpiredMetadataError, StaleError, "has expired"),
    (RepositoryError, TamperedError, "is not trustworthy"),
    (DownloadHTTPError, TransportError, "is incomplete"),
    (OSError, TransportError, "cannot be kept on this machine"),
    (Exception, TamperedError, "cannot be used"),
)
_EXPIRED_HINT = "nobody signed it lately, or somebody keeps the newer one from you; check this machine's clock too"


def translated(error: Exception, location: str) -> PluginryError:
    """Return our error for one of python-tuf's: what cannot be explained counts as tampering."""
    if type(error) is DownloadError and isinstance(error.__cause__, Exception):
        error = error.__cause__  # python-tuf wraps whatever our transport raises
    if isinstance(error, PluginryError) and not isinstance(error, DocumentError):
        return error
    kind, what = next((kind, what) for foreign, kind, what in _MEANINGS if isinstance(error, foreign))
    return kind(
        f"the marketplace's metadata {what}",
        where=location,
        why=str(error) or type(error).__name__,
        hint=_EXPIRED_HINT if kind is StaleError else "",
    )
