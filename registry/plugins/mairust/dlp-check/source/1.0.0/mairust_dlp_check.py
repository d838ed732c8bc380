"""Holds outgoing messages that carry payment card numbers.

In: subject and text of a message. Out: a verdict and what was found, shortened so that it can be shown and logged.
Never keeps or sends what it reads.
"""

from __future__ import annotations

import re
from typing import Any

_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def passes_luhn(digits: str) -> bool:
    """Return whether the check digit at the end of `digits` is right."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


class Plugin:
    """What the mail server loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._action = config.get("action", "hold")

    def check(self, subject: str, body: str) -> dict[str, Any]:
        """Return whether to send or hold a message, and the card numbers found in it."""
        findings = []
        for match in _DIGITS.finditer(f"{subject}\n{body}"):
            digits = re.sub(r"\D", "", match.group())
            if passes_luhn(digits):
                findings.append({"kind": "card", "shown": f"{digits[:4]}...{digits[-4:]}"})
        return {"verdict": self._action if findings else "send", "findings": findings}
