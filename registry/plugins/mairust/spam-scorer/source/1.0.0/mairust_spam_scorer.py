"""Scores incoming messages by their header lines.

In: header lines as a mapping of name to value. Out: points and the reasons for them.
Never reads the text of a message and never decides what happens with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from typing import Any

_LURES = ("lottery", "you have won", "act now", "wire transfer", "unclaimed", "risk free", "100% free")


def _reasons(headers: Mapping[str, str]) -> Iterator[tuple[float, str]]:
    subject = headers.get("subject", "")
    if sum(letter.isalpha() for letter in subject) >= 8 and subject.upper() == subject:
        yield 1.0, "the subject is written in capitals"
    if subject.count("!") >= 3:
        yield 0.8, "the subject has three or more exclamation marks"
    if any(lure in subject.lower() for lure in _LURES):
        yield 1.5, "the subject promises what spam promises"
    if "message-id" not in headers:
        yield 1.2, "the message has no Message-ID"
    if "date" not in headers:
        yield 0.8, "the message has no Date"
    name, address = parseaddr(headers.get("from", ""))
    if "@" in name and address.lower() not in name.lower():
        yield 2.0, "the sender's name is another address than the sender's"


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._trusted = {address.lower() for address in config.get("trusted_senders", [])}

    def score(self, headers: dict[str, str]) -> dict[str, Any]:
        """Return the points of a message: 0 is clean, 5 and more is spam."""
        by_name = {name.lower(): value for name, value in headers.items()}
        if parseaddr(by_name.get("from", ""))[1].lower() in self._trusted:
            return {"score": 0.0, "reasons": ["the sender is trusted"]}
        found = list(_reasons(by_name))
        return {"score": round(sum(points for points, _ in found), 1), "reasons": [text for _, text in found]}
