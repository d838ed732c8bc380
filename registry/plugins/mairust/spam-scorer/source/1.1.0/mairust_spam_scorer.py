"""Scores incoming messages by their header lines and by DNS blocklists.

In: header lines as a mapping of name to value. Out: points, the reasons for them, and header lines for later readers.
Never reads the text of a message and never decides what happens with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Any

from mairust_dns_cache import DnsCache, Lookup, system_lookup
from mairust_spam_rules import Reason, blocklist_name, header_reasons, sending_address

SPAM_FROM = 5.0


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, lookup: Lookup = system_lookup) -> None:
        self._trusted = {address.lower() for address in config.get("trusted_senders", [])}
        self._blocklists = tuple(config.get("blocklists", ()))
        self._cache = DnsCache(lookup=lookup)

    def score(self, headers: dict[str, str]) -> dict[str, Any]:
        """Return the points of a message: 0 is clean, 5 and more is spam."""
        by_name = {name.lower(): value for name, value in headers.items()}
        if parseaddr(by_name.get("from", ""))[1].lower() in self._trusted:
            return _answer([(0.0, "the sender is trusted")])
        return _answer([*header_reasons(by_name), *self._blocklist_reasons(by_name)])

    def _blocklist_reasons(self, headers: Mapping[str, str]) -> Iterator[Reason]:
        address = sending_address(headers)
        if address is None:
            return
        for zone in self._blocklists:
            if self._cache.addresses_of(blocklist_name(address, zone)):
                yield 2.5, f"{address} is listed in {zone}"


def _answer(reasons: list[Reason]) -> dict[str, Any]:
    score = round(sum(points for points, _ in reasons), 1)
    return {
        "score": score,
        "reasons": [text for _, text in reasons],
        "headers": {"X-Spam-Score": f"{score:.1f}", "X-Spam-Flag": "YES" if score >= SPAM_FROM else "NO"},
    }
