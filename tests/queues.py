"""Queues of pull requests as a forge may have them, with what strangers write into titles."""

from __future__ import annotations

from datetime import UTC, datetime

from pluginry.model.listing import Account
from pluginry.model.queue import Queue, QueuedRequest, WaitingFor

HOSTILE_TITLE = "</td><img src=x onerror=alert(1)> \u202egnp.exe & <script>alert(2)</script>"


def a_queue(*titles: str) -> Queue:
    """Return a queue with a pull request for each of `titles`; without any, with one that is hostile."""
    return Queue(
        generated_at=datetime(2026, 5, 11, 12, tzinfo=UTC),
        requests=tuple(
            QueuedRequest(
                number=number,
                url=f"https://forge.example/market/registry/pull/{number}",
                title=title,
                author=Account(login="mallory", id=66),
                waiting_for=WaitingFor.REVIEWERS,
                opened_at=datetime(2026, 5, 1, 12, tzinfo=UTC),
                is_held=True,
                reasons=("names.similar", "entries.new"),
            )
            for number, title in enumerate(titles or (HOSTILE_TITLE,), 7)
        ),
    )
