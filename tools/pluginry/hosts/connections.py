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

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.ports import Transport, TrustedMetadata, Verifier


@dataclass(slots=True)
class Connections:
    """The `Connector` over folders, ``file://`` and ``https://``."""

    _verifier: Verifier | None = None

    def transport(self, location: str) -> Transport:
        """Return the transport for a folder or an address; see `Connector`."""
        scheme = urlsplit(location).scheme if "://" in location else ""
        if scheme in ("https", "http"):
            from pluginry.adapters.http_transport import HttpTransport

            return HttpTransport(location)
        from pluginry.adapters.folder_transport import FolderTransport

        if scheme == "file":
            return FolderTransport(Path(unquote(urlsplit(location).path)))
        if scheme:
            raise UsageError(
                f"a marketplace cannot be read over {scheme}",
                where=location,
                hint="give a folder or an https:// address",
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


def open_marketplace(home: Path) -> Marketplace:
    """Return the client over the plugin home at `home`, with this machine's clock and network."""
    return Marketplace(home=PluginHome(home), connector=Connections(), now=lambda: datetime.now(UTC))
