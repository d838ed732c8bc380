"""Says when TLS certificates end, before visitors find out.

In: names of servers and the present moment. Out: rows with the days that are left, the most urgent first.
Asks each server for its certificate as a browser would and sends nothing else. Keeps nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Fetch = Callable[[str, int, float], datetime]
_LEVELS = ("expired", "failed", "urgent", "soon", "fine")


class NoCertificate(Exception):
    """The server showed no certificate that a browser would accept; the message says why."""


def fetch_expiry(host: str, port: int, timeout_s: float) -> datetime:
    """Return the moment at which the certificate of `host` ends.

    Raises:
        NoCertificate: there is none, or it is not valid.
    """
    try:
        with (
            socket.create_connection((host, port), timeout=timeout_s) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert()
    except ssl.SSLCertVerificationError as error:
        raise NoCertificate(error.verify_message) from error
    except OSError as error:
        raise NoCertificate(f"not reached: {error.strerror or error}") from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)


def split_server(text: str) -> tuple[str, int]:
    """Return host and port of `text`: ``name``, ``name:port`` or ``[address]:port``; 443 when no port is written.

    Raises:
        ValueError: the port is not a number between 1 and 65535.
    """
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text.strip("[]"), 443
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} has no port between 1 and 65535")
    return host.strip("[]"), int(port)


class Plugin:
    """What the panel or the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, fetch: Fetch = fetch_expiry) -> None:
        self._servers = [split_server(server) for server in config.get("servers", [])]
        self._soon = config.get("soon_days", 30)
        self._urgent = config.get("urgent_days", 7)
        self._timeout_s = config.get("timeout_s", 5)
        self._fetch = fetch

    def page(self, now: str) -> dict[str, Any]:
        """Return a row for each server; `now` is a moment such as 2026-08-01T09:00:00Z."""
        moment = datetime.fromisoformat(now)
        rows = [self._row(host, port, moment) for host, port in self._servers]
        rows.sort(key=lambda row: (_LEVELS.index(row["level"]), row.get("days_left", 0), row["server"]))
        return {"title": "Certificates", "rows": rows}

    def _row(self, host: str, port: int, now: datetime) -> dict[str, Any]:
        server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            expires_at = self._fetch(host, port, self._timeout_s)
        except NoCertificate as error:
            level = "expired" if "expired" in str(error) else "failed"
            return {"server": server, "level": level, "error": str(error)}
        days = (expires_at - now).days
        return {
            "server": server,
            "level": self._level(days),
            "days_left": days,
            "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def _level(self, days: int) -> str:
        if days < 0:
            return "expired"
        return "urgent" if days < self._urgent else "soon" if days < self._soon else "fine"
