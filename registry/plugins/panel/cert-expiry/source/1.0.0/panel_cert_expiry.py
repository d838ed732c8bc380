"""Says when TLS certificates end, before visitors find out.

In: names of servers and the present moment. Out: rows with the days that are left.
Asks each server for its certificate as a browser would and sends nothing else. Keeps nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Fetch = Callable[[str], datetime]


def fetch_expiry(host: str) -> datetime:
    """Return the moment at which the certificate of `host` ends.

    Raises:
        OSError: there is none, or it is not valid.
    """
    with (
        socket.create_connection((host, 443), timeout=5) as connection,
        ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured,
    ):
        certificate = secured.getpeercert()
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, fetch: Fetch = fetch_expiry) -> None:
        self._servers = config.get("servers", [])
        self._fetch = fetch

    def page(self, now: str) -> dict[str, Any]:
        """Return a row for each server; `now` is a moment such as 2026-08-01T09:00:00Z."""
        moment = datetime.fromisoformat(now)
        return {"title": "Certificates", "rows": [self._row(server, moment) for server in self._servers]}

    def _row(self, server: str, now: datetime) -> dict[str, Any]:
        try:
            return {"server": server, "days_left": (self._fetch(server) - now).days}
        except OSError as error:
            return {"server": server, "error": str(error)}
