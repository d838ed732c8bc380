"""Answers messages while somebody is away: once per sender, and never a machine.

In: header lines of an incoming message and the present moment. Out: the answer to send, or why there is none.
Keeps who was answered when in one file. Follows RFC 3834, so that two absent people do not write to each
other for ever.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any

_MACHINES = ("noreply", "no-reply", "mailer-daemon", "postmaster", "bounce", "owner-", "-request")
_DEFAULT_TEXT = "Thank you for your message. I am away and will answer when I am back."


def why_no_answer(headers: Mapping[str, str], mailbox: str) -> str | None:
    """Return why a message with `headers` (by lower-case name) gets no answer, or None when it may get one."""
    sender = parseaddr(headers.get("from", ""))[1].lower()
    if "@" not in sender or headers.get("return-path", "").strip() == "<>":
        return "nobody would get the answer"
    if any(part in sender.partition("@")[0] for part in _MACHINES) or sender == mailbox:
        return "the sender is a machine"
    if headers.get("auto-submitted", "no").strip().lower() != "no":
        return "the message was written by a machine"
    if headers.get("precedence", "").strip().lower() in ("bulk", "list", "junk") or "list-id" in headers:
        return "the message came through a list"
    if headers.get("x-spam-flag", "").strip().upper() == "YES":
        return "the message is spam"
    named = {address.lower() for _, address in getaddresses([headers.get("to", ""), headers.get("cc", "")])}
    return None if mailbox in named else "the message does not name this mailbox"


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._mailbox = config.get("mailbox", "").lower()
        self._text = config.get("text", _DEFAULT_TEXT)
        self._subject = config.get("subject", "Away: {subject}")
        self._away_from = _moment(config.get("away_from"))
        self._away_until = _moment(config.get("away_until"))
        self._again_after = timedelta(days=config.get("again_after_days", 7))
        self._file = Path(data_dir) / "answered.json"

    def reply(self, headers: dict[str, str], now: str) -> dict[str, Any]:
        """Return the answer to a message, or the reason for none; `now` is a moment such as 2026-08-01T09:00:00Z."""
        by_name = {name.lower(): value for name, value in headers.items()}
        moment = datetime.fromisoformat(now)
        reason = self._why_not_away(moment) or why_no_answer(by_name, self._mailbox)
        if reason:
            return {"reply": None, "reason": reason}
        sender = parseaddr(by_name["from"])[1]
        answered = self._answered()
        last = _moment(answered.get(sender.lower()))
        if last and moment - last < self._again_after:
            return {"reply": None, "reason": "the sender was answered already"}
        answered[sender.lower()] = moment.isoformat()
        self._write({who: when for who, when in answered.items() if self._is_recent(when, moment)})
        return {"reply": self._answer(sender, by_name), "reason": "the mailbox's owner is away"}

    def _why_not_away(self, now: datetime) -> str | None:
        if not self._mailbox or self._away_from is None or self._away_until is None:
            return "mailbox, away_from and away_until are not set"
        return None if self._away_from <= now < self._away_until else "the mailbox's owner is not away"

    def _answer(self, sender: str, headers: Mapping[str, str]) -> dict[str, Any]:
        message_id = headers.get("message-id", "")
        subject = " ".join(headers.get("subject", "your message").split())
        return {
            "headers": {
                "From": self._mailbox,
                "To": sender,
                "Subject": self._subject.replace("{subject}", subject),
                "Auto-Submitted": "auto-replied",
                "Precedence": "bulk",
                **({"In-Reply-To": message_id, "References": message_id} if message_id else {}),
            },
            "body": self._text,
        }

    def _is_recent(self, when: str, now: datetime) -> bool:
        return now - datetime.fromisoformat(when) < self._again_after

    def _answered(self) -> dict[str, str]:
        return json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    def _write(self, answered: dict[str, str]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(answered, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(beside, self._file)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
