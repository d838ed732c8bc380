"""Holds outgoing messages that carry payment card numbers or bank accounts.

In: subject and text of a message. Out: a verdict and what was found, shortened so that it can be shown and logged.
Never keeps or sends what it reads.
"""

from __future__ import annotations

from typing import Any

from mairust_dlp_detectors import DETECTORS


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._action = config.get("action", "hold")
        self._detectors = tuple(config.get("detectors", DETECTORS))
        self._allowed = {number.replace(" ", "").upper() for number in config.get("allowed", [])}

    def check(self, subject: str, body: str) -> dict[str, Any]:
        """Return whether to send, hold or refuse a message, and the numbers found in it.

        Lines are counted from 1 in the body; line 0 is the subject.
        """
        text = f"{' '.join(subject.split())}\n{body}"
        found = [
            {"kind": number.kind, "shown": number.shown, "line": number.line - 1}
            for name in self._detectors
            for number in DETECTORS[name](text)
            if number.number not in self._allowed
        ]
        found.sort(key=lambda one: (one["line"], one["kind"]))
        return {"verdict": self._action if found else "send", "findings": found}
