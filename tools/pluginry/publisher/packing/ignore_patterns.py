"""What is left out of packages: by default what tools leave behind, and what ``.pluginryignore`` names.

In: the text of ``.pluginryignore``. Out: `LeftOut`, which answers for one path at a time. The patterns are
those that authors know from git: ``*``, ``?``, ``[abc]``, ``**``, a ``/`` at the end for folders only, one
at the start or inside for paths from the top, ``!`` to keep what an earlier pattern leaves out. The last
pattern that fits decides. Never: reads what git ignores, which differs from one person's machine to another's.
"""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.encoding.quoting import quoted
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

IGNORE_FILE: Final = ".pluginryignore"
MAX_BYTES: Final = 64 << 10
MAX_PATTERNS: Final = 200

DEFAULTS: Final = (
    IGNORE_FILE,
    "/plugin.yaml",  # its content is in plugin.json
    # version control
    ".git",
    ".gitignore",
    ".gitattributes",
    ".gitmodules",
    ".gitkeep",
    ".hg",
    ".hgignore",
    ".svn",
    ".jj",
    ".bzr",
    "CVS/",
    # forges
    "/.github/",
    "/.gitlab/",
    "/.gitlab-ci.yml",
    "/.forgejo/",
    "/.gitea/",
    # editors and desktops
    ".idea/",
    ".vscode/",
    ".editorconfig",
    "*~",
    "*.swp",
    ".DS_Store",
    "__MACOSX/",
    "._*",
    "Thumbs.db",
    "desktop.ini",
    # caches and environments
    "__pycache__/",
    "*.pyc",
    "*.pyo",
    ".venv/",
    ".tox/",
    ".nox/",
    ".mypy_cache/",
    ".ruff_cache/",
    ".pytest_cache/",
    ".hypothesis/",
    ".coverage",
    "*.egg-info/",
    "node_modules/",
    # packages that are being written
    ".*.partial",
)


class _Pattern(NamedTuple):
    """A line: what the ``parts`` of a path (None: any number of them) look like, from the top or only at its end."""

    parts: tuple[re.Pattern[str] | None, ...]
    from_top: bool
    folders_only: bool
    keeps: bool


class LeftOut:
    """Says what is left out: `defaults`, earlier packages of `plugin_name`, and what `text` names.

    Raises:
        DocumentError: too many patterns, or one that names nothing; ``where`` is its line.
    """

    __slots__ = ("_patterns",)

    def __init__(self, text: str = "", *, plugin_name: str = "", defaults: Iterable[str] = DEFAULTS) -> None:
        packages = (f"/{plugin_name}-[0-9]*.zip",) if plugin_name else ()
        self._patterns = [pattern for line in (*defaults, *packages) if (pattern := _parsed(line))]
        limit = len(self._patterns) + MAX_PATTERNS
        for number, line in enumerate(text.split("\n"), start=1):
            try:
                pattern = _parsed(line)
            except DocumentError as error:
                raise DocumentError(error.what, where=str(number)) from error
            if pattern:
                self._patterns.append(pattern)
            if len(self._patterns) > limit:
                raise DocumentError(f"there are more than {MAX_PATTERNS} patterns", where=str(number))

    def holds(self, name: str, *, is_folder: bool) -> bool:
        """Return whether the path `name` is left out; nobody asks for what is in a folder that is left out."""
        parts = name.split("/")
        for pattern in reversed(self._patterns):
            if (is_folder or not pattern.folders_only) and _fits(
                parts if pattern.from_top else parts[-1:], pattern.parts
            ):
                return not pattern.keeps
        return False


def _parsed(line: str) -> _Pattern | None:
    """Return the pattern in `line`, if it holds one."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    path = text.removeprefix("!")
    parts = [part for part in path.split("/") if part]
    if not parts or any(part in (".", "..") for part in parts):
        raise DocumentError(f"{quoted(text)} names nothing in this folder")
    if parts[-1] == "**":
        parts.append("*")  # what is in a folder, and not the folder
    try:
        # translate() makes expressions that do not go back over what they matched.
        compiled = tuple(None if part == "**" else re.compile(translate(part)) for part in parts)
    except re.error as error:
        raise DocumentError(f"{quoted(text)} is not a pattern") from error
    return _Pattern(
        parts=compiled,
        from_top="/" in path.rstrip("/"),
        folders_only=path.endswith("/"),
        keeps=text.startswith("!"),
    )


def _fits(parts: Sequence[str], pattern: Sequence[re.Pattern[str] | None]) -> bool:
    """Return whether the whole path fits.

    Only the latest ``**`` is given more parts, which finds every match in parts times patterns steps at most.
    """
    at = wanted = 0
    retry: tuple[int, int] | None = None
    while at < len(parts):
        expected = pattern[wanted] if wanted < len(pattern) else None
        if wanted < len(pattern) and expected is None:
            wanted += 1
            retry = (at, wanted)
        elif expected is not None and expected.match(parts[at]):
            at += 1
            wanted += 1
        elif retry:
            at, wanted = retry = (retry[0] + 1, retry[1])
        else:
            return False
    return all(part is None for part in pattern[wanted:])
