"""How a publication is told: the exit status, what is in quarantine and why, and the summary of a job in Markdown.

In: the outcome of a publication. Out: plain data, lines, Markdown. What stands in it was written by strangers: in
Markdown it appears only as code, in one line, and never longer than a page can bear.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from pluginry.cli.console import printable
from pluginry.cli.table import counted
from pluginry.errors import TransportError
from pluginry.model.quarantine import Fault, faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.quarantine import Quarantined
    from pluginry.publisher.outcome import Outcome

AUTHOR_FAULTS_EXIT_STATUS = 1
INFRASTRUCTURE_FAULTS_EXIT_STATUS = TransportError.exit_status
_SHOWN = 100
_SHOWN_NAMES = 20


def exit_status_of(outcome: Outcome) -> int:
    """Return how the command ends: infrastructure goes before authors, because a second run can make up for it."""
    trouble = outcome.held_back or outcome.signing.stopped_by
    if trouble is not None:
        return trouble.exit_status
    if faults(outcome.quarantined, Fault.INFRASTRUCTURE):
        return INFRASTRUCTURE_FAULTS_EXIT_STATUS
    return AUTHOR_FAULTS_EXIT_STATUS if faults(outcome.quarantined, Fault.AUTHOR) else 0


def plain(outcome: Outcome) -> dict[str, Any]:
    """Return what is in quarantine, for programs."""
    return {
        "quarantined": [_plain(item) for item in outcome.quarantined],
        "author_faults": faults(outcome.quarantined, Fault.AUTHOR),
        "infrastructure_faults": faults(outcome.quarantined, Fault.INFRASTRUCTURE),
        "tolerated": [f"{finding.where}: {finding.message}" for finding in outcome.tolerated],
    }


def _plain(item: Quarantined) -> Any:
    from pluginry.encoding import documents  # only where something is in quarantine

    return documents.to_plain(item)


def quarantine_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what is in quarantine, for people."""
    for item in outcome.quarantined:
        yield f"in quarantine: {_name(item)} ({item.kind}): {item.reason}"
        yield f"  kept: {item.kept or 'nothing'}"
    if outcome.tolerated:
        yield f"{counted(len(outcome.tolerated), 'finding')} about what was published like that; see `pluginry check`"


def job_summary(outcome: Outcome) -> str:
    """Return what was done as Markdown."""
    return "\n".join(_summary_lines(outcome)) + "\n"


def _summary_lines(outcome: Outcome) -> Iterator[str]:
    plugins, releases = counted(outcome.plugins, "plugin"), counted(outcome.releases, "release")
    yield f"## Published: {plugins} with {releases}, index serial {outcome.serial}"
    yield ""
    yield f"- {counted(len(outcome.built), 'release')} built{_some(outcome.built)}"
    yield f"- {counted(outcome.signing.signed, 'package')} signed, {outcome.signing.waiting} waiting for a signature"
    yield f"- {counted(len(outcome.report.created), 'file')} new, {len(outcome.report.replaced)} changed"
    for error in (outcome.signing.stopped_by, outcome.held_back):
        if error is not None:
            yield f"- delayed: {as_code(str(error))}"
    if outcome.tolerated:
        yield f"- {counted(len(outcome.tolerated), 'finding')} about what was published like that (`pluginry check`)"
    for kind, title in ((Fault.AUTHOR, "Authors have to act"), (Fault.INFRASTRUCTURE, "Not a matter of authors")):
        items = [item for item in outcome.quarantined if item.kind is kind]
        if items:
            yield from ("", f"### In quarantine: {title} ({len(items)})", "")
            for item in items[:_SHOWN]:
                yield from _item_lines(item)
            if len(items) > _SHOWN:
                yield f"- and {len(items) - _SHOWN} more: see `v1/status.json`"


def _item_lines(item: Quarantined) -> Iterator[str]:
    yield f"- {as_code(_name(item))}: {as_code(item.reason)}"
    yield f"  - kept: {as_code(item.kept) if item.kept else 'nothing'}"
    if item.since is not None:
        yield f"  - since {item.since:%Y-%m-%d}"
    yield f"  - see it: {as_code(command_for(item))}"


def command_for(item: Quarantined) -> str:
    """Return the command that shows the same at home."""
    folder = f"registry/plugins/{item.id}" if item.id else "registry"
    if item.kind is Fault.AUTHOR:
        return f"pluginry check {shlex.quote(folder)}"
    return "pluginry publish --debug"


def as_code(text: str) -> str:
    """Return `text` as a code span: nothing in it is markup, whatever it is."""
    line = " ".join(printable(text).split()) or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def _some(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return f": {', '.join(map(as_code, names[:_SHOWN_NAMES]))}{more}"


def _name(item: Quarantined) -> str:
    if item.part:
        return f"plugins/{item.part}"
    return f"{item.id} {item.version}" if item.version else str(item.id)
