"""``pluginry queue``: the open pull requests in a fair order: how old, waiting for whom, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.cli.contribution_wiring import github_api, repository_of
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.model.queue import Queue, QueuedRequest


@command("queue", short_help="List open pull requests: how old, and waiting for whom.")
@click.option("--repository", help="OWNER/NAME at GitHub. [default: that of the workflow]")
@click.option("--base", default="main", show_default=True, help="Branch that changes are merged into.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write queue.json here.")
def queue(console: Console, *, repository: str | None, base: str, output: Path | None) -> None:
    """List the open pull requests in turns: the oldest of every author, then the second oldest of every author.

    Whose turn it is say the labels of the robot; what has none waits for the robot. Labels are for people who look, not
    what merging goes by: everybody with the right to set labels can change them.
    """
    from pluginry.adapters.github_reviews import GithubReviews
    from pluginry.contribution.queue import queue_of
    from pluginry.encoding.documents import encode, to_plain

    name = repository or repository_of(None)
    if not name:
        raise UsageError("it is not known where the registry lies", hint="give --repository OWNER/NAME")
    forge = GithubReviews(api=github_api(), repository=name, base=base)
    now = datetime.now(UTC).replace(microsecond=0)
    found = queue_of(forge.open_requests(), now=now)
    if output is not None:
        try:
            output.write_bytes(encode(found))
        except OSError as error:
            raise UsageError("the queue cannot be written", where=str(output), why=error.strerror or "") from error
    console.result(to_plain(found), _lines(found) or ["no pull request is open"])


def _lines(found: Queue) -> list[str]:
    return [line for turn in found.requests for line in _of(turn, found.generated_at)]


def _of(turn: QueuedRequest, now: datetime) -> list[str]:
    age = f"{(now - turn.opened_at).days} days" if turn.opened_at else "unknown age"
    held = ", held" if turn.is_held else ""
    reasons = [f"    {', '.join(turn.reasons)}"] if turn.reasons else []
    first = f"#{turn.number} by {turn.author.login}, {age}, waiting for {turn.waiting_for}{held}: {turn.title}"
    return [first, *reasons, f"    {turn.url}"]
