"""Answers messages while somebody is away.

In: header lines of an incoming message and the present moment. Out: the answer to send, or why there is none.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr
from typing import Any

_DEFAULT_TEXT = "Thank you for your message. I am away and will answer when I am back."


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._mailbox = config.get("mailbox", "").lower()
        self._text = config.get("text", _DEFAULT_TEXT)
        self._away_from = config.get("away_from")
        self._away_until = config.get("away_until")

    def reply(self, headers: dict[str, str], now: str) -> dict[str, Any]:
        """Return the answer to a message, or the reason for none; `now` is a moment such as 2026-08-01T09:00:00Z."""
        by_name = {name.lower(): value for name, value in headers.items()}
        if not self._is_away(datetime.fromisoformat(now)):
            return {"reply": None, "reason": "the mailbox's owner is not away"}
        sender = parseaddr(by_name.get("from", ""))[1]
        if "@" not in sender:
            return {"reply": None, "reason": "nobody would get the answer"}
        subject = " ".join(by_name.get("subject", "your message").split())
        answer = {"From": self._mailbox, "To": sender, "Subject": f"Away: {subject}"}
        return {"reply": {"headers": answer, "body": self._text}, "reason": "the mailbox's owner is away"}

    def _is_away(self, now: datetime) -> bool:
        if not self._mailbox or not self._away_from or not self._away_until:
            return False
        return datetime.fromisoformat(self._away_from) <= now < datetime.fromisoformat(self._away_until)
