"""How the client reaches the world in a host application: the adapters behind the client's `Connector`.

In: locations. Out: transports, trusted metadata, the verifier. Heavy libraries are imported when they are
first needed: a host that only lists what is installed imports none of them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pluginry.errors import UsageError
from pluginry.model.access import NO_ACCESS, Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.client.lifecycle import Hooks
    from pluginry.client.marketplace import Marketplace
    from pluginry.ports import Transport, TrustedMetadata, Verifier


@dataclass(slots=True)
class Connections:
    """The `Connector` over folders, ``file://``, ``https://``, ``s3://``; ``offline`` it reads only what it kept."""

    offline: bool = False
    _verifier: Verifier | None = None

    def transport(self, location: str, access: Access = NO_ACCESS) -> Transport:
        """Return the transport for a folder or an address; see `Connector`."""
        if self.offline:
            from pluginry.adapters.no_transport import NoTransport

            return NoTransport(location)
        scheme = urlsplit(location).scheme if "://" in location else ""
        if scheme in ("https", "http"):
            from pluginry.adapters.http_transport import HttpTransport

            return HttpTransport(location, access)
        if scheme == "s3":
            from pluginry.adapters.s3_transport import open_s3_transport

            return open_s3_transport(location, access)
        from pluginry.adapters.folder_transport import FolderTransport

        if scheme == "file":
            return FolderTransport(_path_of(location))
        if scheme:
            raise UsageError(
                f"a marketplace cannot be read over {scheme}",
                where=location,
                hint="give a folder, or an address that begins with https:// or s3://",
            )
        return FolderTransport(Path(location).resolve())

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """End all reads of this thread together after `seconds`; see `Connector`."""
        from pluginry.adapters.deadline import Deadline

        with Deadline(seconds):
            yield

    def metadata(self, folder: Path, *, root: bytes, transport: Transport) -> TrustedMetadata:
        """Return the trusted metadata kept in `folder`; see `Connector`."""
        from pluginry.adapters.tuf_client import TufClient

        return TufClient(folder=folder, root=root, transport=transport)

    def verifier(self) -> Verifier:
        """Return what checks sigstore bundles, made once; see `Connector`."""
        if self._verifier is None:
            from pluginry.adapters.sigstore_verifier import SigstoreVerifier

            self._verifier = SigstoreVerifier()
        return self._verifier


def _path_of(address: str) -> Path:
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise UsageError("a file:// address is of this machine", where=address, hint="mount the share, or use https://")
    return Path(unquote(parts.path))


def open_marketplace(home: Path, *, offline: bool = False, hooks: Hooks | None = None) -> Marketplace:
    """Return the client over the plugin home at `home`, with this machine's clock and, unless `offline`, network.

    `hooks` are the host's callbacks, which hear of changes and may forbid them. What the machine's administrator wrote
    into ``pluginry/policy.toml`` of the folder for settings of all users goes before the home's own policy.
    """
    from pluginry.client.lifecycle import Hooks
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plugin_home import PluginHome

    return Marketplace(
        home=PluginHome(home, hooks=hooks or Hooks(), machine_policy=_machine_policy),
        connector=Connections(offline=offline),
        now=lambda: datetime.now(UTC),
    )


def _machine_policy() -> Path:
    import platformdirs

    return platformdirs.site_config_path("pluginry", appauthor=False) / "policy.toml"
