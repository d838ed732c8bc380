"""What is different between two releases of a plugin, for the eyes of a person: the part of the report that matters.

In: a new release and the one before it. Out: Markdown, bounded. Everything in it may come from strangers and is shown
as code: inside a fence that is longer than any in the text, without characters that cannot be seen.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Final

from pluginry.contribution.aspects import aspects_of_manifest
from pluginry.contribution.report import quoted_text
from pluginry.model.manifest import MANIFEST_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.contribution.packages import BuiltPair, SeenRelease

MAX_FILES: Final = 50
MAX_DIFF_LINES: Final = 400
MAX_LINE: Final = 200
_FENCE: Final = re.compile(r"`{3,}")


def as_markdown(pair: BuiltPair) -> str:
    """Return the difference as Markdown."""
    before, after = pair.before, pair.after
    against = f"against {before.version}" if before else "the first release"
    lines = [f"#### {pair.plugin.id} {after.version}, {against}", "", "| | before | now |", "|---|---|---|"]
    lines += [f"| {name} | {_cell(old)} | {_cell(new)} |" for name, old, new in _rows(pair) if old or new]
    changed = tuple(_changed_files(before, after))
    if changed:
        differ = "1 file differs" if len(changed) == 1 else f"{len(changed)} files differ"
        lines += ["", f"<details><summary>{differ}</summary>", ""]
        lines += [f"- {word} {quoted_text(name)} {size}" for word, name, size in changed[:MAX_FILES]]
        lines += [f"- and {len(changed) - MAX_FILES} more"] if len(changed) > MAX_FILES else []
        lines += ["", "</details>"]
    text = _diff(before, after, [name for _, name, _ in changed[:MAX_FILES]])
    if text:
        fence = "`" * max(4, *(len(found) + 1 for found in _FENCE.findall(text)), 4)
        lines += ["", "<details><summary>Texts</summary>", "", f"{fence}diff", text, fence, "", "</details>"]
    return "\n".join([*lines, ""])


def _rows(pair: BuiltPair) -> Iterator[tuple[str, str, str]]:
    """Yield what is compared in a line each: its name, before, now."""
    before, after = pair.before, pair.after
    sides = tuple(aspects_of_manifest(side.manifest) if side else None for side in (before, after))
    for name in ("permissions", "dependencies", "requirements", "entry_points"):
        old, new = (", ".join(sorted(getattr(side, name))) if side else "" for side in sides)
        yield name.replace("_", " "), old, new
    old, new = (", ".join(f"{host} {wanted}" for host, wanted in side.hosts.items()) if side else "" for side in sides)
    yield "hosts", old, new
    yield "runtime", before.manifest.runtime.kind if before else "", after.manifest.runtime.kind
    yield "size", _sizes(before), _sizes(after)
    yield "files", _count(before), _count(after)
    yield "programs", _programs(before), _programs(after)
    yield "access seen in the code", _access(before), _access(after)
    yield "packages inside", _inside(before), _inside(after)
    yield "seen by scanners", _seen(before), _seen(after)
    old_listing = pair.plugin.before.listing if pair.plugin.before else None
    new_listing = pair.plugin.after.listing if pair.plugin.after else None
    yield "licence", old_listing.license if old_listing else "", new_listing.license if new_listing else ""
    publishers = (listing.publisher if listing else None for listing in (old_listing, new_listing))
    old, new = (f"{one.repository} {one.workflow}" if one else "" for one in publishers)
    yield "publisher", old, new
    yield "proved by its build", _yes(before), _yes(after)


def _cell(text: str) -> str:
    return quoted_text(text) if text else "-"


def _sizes(release: SeenRelease | None) -> str:
    return ", ".join(f"{one.platform} {one.size:,} bytes" for one in release.artifacts) if release else ""


def _count(release: SeenRelease | None) -> str:
    return str(len(release.files)) if release else ""


def _programs(release: SeenRelease | None) -> str:
    names = {name for one in release.facts.artifacts for name in one.executables} if release else set()
    return ", ".join(sorted(names))


def _access(release: SeenRelease | None) -> str:
    seen = release.facts.observed if release else ()
    return ", ".join(f"{one.kind} ({one.says})" if one.declared else f"{one.kind}, undeclared" for one in seen)


def _inside(release: SeenRelease | None) -> str:
    return ", ".join(f"{one.name} {one.version}" for one in release.facts.vendored) if release else ""


def _seen(release: SeenRelease | None) -> str:
    return ", ".join(sorted({hit.rule for hit in release.facts.findings})) if release else ""


def _yes(release: SeenRelease | None) -> str:
    return "" if release is None else "yes" if release.is_proved else "no"


def _changed_files(before: SeenRelease | None, after: SeenRelease) -> Iterator[tuple[str, str, str]]:
    """Yield what happened to each file that is not the same, its name and size."""
    old, new = (before.files if before else {}), after.files
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield "removed", name, f"({old[name].size:,} bytes)"
        elif name not in old:
            yield "added", name, f"({new[name].size:,} bytes)"
        elif old[name].sha256 != new[name].sha256:
            yield "changed", name, f"({old[name].size:,} to {new[name].size:,} bytes)"


def _diff(before: SeenRelease | None, after: SeenRelease, names: Iterable[str]) -> str:
    """Return the differences of text files, each line visible and short."""
    lines: list[str] = []
    for name in names if before else ():
        old, new = (_readable(side, name) if side and name in side.files else "" for side in (before, after))
        if old is not None and new is not None:
            found = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="", n=2)
            lines += [_visible(line) for line in found]
        if len(lines) > MAX_DIFF_LINES:
            return "\n".join([*lines[:MAX_DIFF_LINES], "... more is not shown"])
    return "\n".join(lines)


def _readable(release: SeenRelease, name: str) -> str | None:
    """Return a member as text; the manifest, which is a single line, as its author would lay it out."""
    text = release.text_of(name)
    return text if name != MANIFEST_FILE or text is None else json.dumps(json.loads(text), indent=1, ensure_ascii=False)


def _visible(line: str) -> str:
    shown = "".join(char if char.isprintable() or char == "\t" else ascii(char)[1:-1] for char in line)
    return shown if len(shown) <= MAX_LINE else f"{shown[:MAX_LINE]}..."
