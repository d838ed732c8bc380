"""Carries out changes of the registry's files: shown as a difference, written when they are good.

In: edits and what they mean. Out: changed files, all of them checked before the first one is touched. Never commits.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.cli.console import printable
from pluginry.encoding.whole_file import replace_file
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.cli.console import Console
    from pluginry.contribution.moderation import Moderation


def carry_out(console: Console, change: Moderation, folder: Path, *, dry_run: bool) -> None:
    """Write what `change` is in the registry `folder`, unless it is a `dry_run`, and show it.

    Raises:
        DocumentError: a changed document would not be accepted; nothing is written.

    """
    texts = {}
    for edit in change.edits:
        path = folder / edit.path
        before = path.read_text("utf-8") if path.exists() else ""
        texts[edit.path] = (before, edit.changed(before))
    for name, (_, after) in texts.items():
        _refuse_faulty(name, after)
    if not dry_run:
        for name, (_, after) in texts.items():
            replace_file(folder / name, after.encode())
    data = {
        "title": change.title,
        "files": [{"path": name, "before": before, "after": after} for name, (before, after) in texts.items()],
        "means": list(change.means),
        "dry_run": dry_run,
    }
    console.result(data, _lines(change, texts, folder, dry_run=dry_run))


def _refuse_faulty(name: str, text: str) -> None:
    """Refuse a document that would have findings: a reason may be too long, or hold what no reason may."""
    from pluginry.encoding.schema import check_against_schema
    from pluginry.encoding.strict_yaml import parse
    from pluginry.publisher.registry_layout import kind_by_place

    path = Path(name)
    kind = kind_by_place(path.parent.name, path.name)
    document = parse(text.encode(), file=name)
    findings = [*document.findings, *(check_against_schema(document, kind.schema) if kind else ())]
    for finding in findings:
        raise DocumentError(
            "the changed document would not be accepted",
            where=f"{name}:{finding.where.line}:{finding.where.column}",
            why=finding.message,
            hint=finding.hint,
        )


def _lines(change: Moderation, texts: dict[str, tuple[str, str]], folder: Path, *, dry_run: bool) -> Iterator[str]:
    yield change.title
    for name, (before, after) in texts.items():
        shown = str(folder / name)
        difference = difflib.unified_diff(before.splitlines(), after.splitlines(), shown, shown, n=1, lineterm="")
        yield from (f"  {printable(line)}" for line in difference)
    yield from change.means
    yield "Nothing was changed." if dry_run else "Commit it, and open a pull request."
