"""Scores incoming messages by their header lines, by DNS blocklists and by words learnt from sorted mail.

In: header lines as a mapping of name to value, and the text. Out: points, the reasons for them, and header lines for
later readers. Never decides what happens with a message and never keeps one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from mairust_dns_cache import DnsCache, Lookup, system_lookup
from mairust_spam_rules import Reason, blocklist_name, header_reasons, says_listed, sending_address
from mairust_spam_words import WordMemory

SPAM_FROM = 5.0


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, lookup: Lookup = system_lookup) -> None:
        self._trusted = {address.lower() for address in config.get("trusted_senders", [])}
        self._blocklists = tuple(config.get("blocklists", ()))
        self._cache = DnsCache(lookup=lookup)
        self._memory = WordMemory(Path(data_dir) / "words.json")

    def score(self, headers: dict[str, str], body: str = "") -> dict[str, Any]:
        """Return the points of a message: 0 is clean, 5 and more is spam."""
        by_name = {name.lower(): value for name, value in headers.items()}
        if parseaddr(by_name.get("from", ""))[1].lower() in self._trusted:
            return _answer([(0.0, "the sender is trusted")])
        text = f"{by_name.get('subject', '')}\n{body}"
        return _answer([*header_reasons(by_name), *self._blocklist_reasons(by_name), *self._word_reasons(text)])

    def learn(self, headers: dict[str, str], body: str, spam: bool) -> dict[str, Any]:
        """Remember the words of a message that a person sorted."""
        subject = next((value for name, value in headers.items() if name.lower() == "subject"), "")
        self._memory.learn(f"{subject}\n{body}", spam=spam)
        return {"learnt": "spam" if spam else "wanted"}

    def _blocklist_reasons(self, headers: Mapping[str, str]) -> Iterator[Reason]:
        address = sending_address(headers)
        if address is None:
            return
        for zone in self._blocklists:
            if says_listed(self._cache.addresses_of(blocklist_name(address, zone))):
                yield 2.5, f"{address} is listed in {zone}"

    def _word_reasons(self, text: str) -> Iterator[Reason]:
        points = self._memory.points(text)
        if points:
            yield points, f"its words are those of {'spam' if points > 0 else 'wanted mail'}"


def _answer(reasons: list[Reason]) -> dict[str, Any]:
    score = max(0.0, round(sum(points for points, _ in reasons), 1))
    return {
        "score": score,
        "reasons": [text for _, text in reasons],
        "headers": {"X-Spam-Score": f"{score:.1f}", "X-Spam-Flag": "YES" if score >= SPAM_FROM else "NO"},
    }
