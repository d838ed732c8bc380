"""Quarantines incoming messages with attached programs.

In: names of the attachments. Out: a verdict and the reasons. Never opens or keeps an attachment.
"""

from __future__ import annotations

from typing import Any

PROGRAMS = frozenset("bat cmd com cpl exe hta iso jar js lnk msi ps1 scr vbs wsf".split())


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._refused = PROGRAMS | {extension.lower() for extension in config.get("more_extensions", [])}

    def inspect(self, attachments: list[dict[str, str]]) -> dict[str, Any]:
        """Return whether to deliver or quarantine a message, and why."""
        reasons = []
        for attachment in attachments:
            extension = attachment["name"].rpartition(".")[2].lower()
            if extension in self._refused:
                reasons.append(f"{attachment['name']} is a program ({extension})")
        return {"verdict": "quarantine" if reasons else "deliver", "reasons": reasons}
