"""Makes the texts of READMEs searchable with the program Pagefind, offline, in a folder that is thrown away.

In: sanitised HTML. Out: files by name: words, excerpts, and the two scripts that search them. It keeps none of
Pagefind's own looks, and asks no network.
"""

from __future__ import annotations

import html
import importlib
import importlib.metadata
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.adapters.tool_process import environment, run_tool
from pluginry.errors import TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.text_page import TextPage

_TIMEOUT_S: Final = 1800
_WANTED: Final = re.compile(
    r"pagefind(?:-worker)?\.js|pagefind-entry\.json|wasm\.[a-z-]+\.pagefind|pagefind\.[a-z0-9_-]+\.pf_meta"
    r"|(?:index|fragment)/[a-z0-9_-]+\.pf_(?:index|fragment)"
)
_PAGE: Final = (
    '<!doctype html><html lang="{language}"><body data-pagefind-body>'
    '<h1 data-pagefind-meta="id:{id}" data-pagefind-ignore>{name}</h1><main>{html}</main></body></html>'
)


class PagefindIndexer:
    """Runs the binary that the package ``pagefind-bin`` brings, or the `program` given."""

    def __init__(self, program: Path | None = None) -> None:
        self._program = program

    @property
    def version(self) -> str:
        """The version of the package, or an empty string where it is not installed."""
        try:
            return importlib.metadata.version("pagefind-bin")
        except importlib.metadata.PackageNotFoundError:
            return ""

    def index(self, pages: Iterable[TextPage], *, language: str) -> Mapping[str, bytes]:
        """Return the files by their names.

        Raises:
            UsageError: Pagefind is not installed.
            TransportError: it failed, or took longer than half an hour.

        """
        program = self._program or _installed()
        with tempfile.TemporaryDirectory(prefix="pluginry-text-") as scratch:
            folder = Path(scratch)
            (folder / "site").mkdir()
            for number, page in enumerate(pages):
                written = _PAGE.format(
                    language=language, id=html.escape(str(page.id)), name=html.escape(page.name), html=page.html
                )
                (folder / "site" / f"{number}.html").write_text(written, "utf-8", newline="\n")
            command = [
                str(program),
                "--site",
                "site",
                "--output-path",
                "found",
                "--force-language",
                language,
                "--silent",
            ]
            finished = run_tool(command, folder=folder, variables=environment(), timeout_s=_TIMEOUT_S)
            found = _files(folder / "found")
        if finished.status or "pagefind-entry.json" not in found:
            raise TransportError("Pagefind failed", why=finished.errors.strip()[-300:] or f"status {finished.status}")
        return found


def _installed() -> Path:
    hint = "install pluginry[fulltext], or set site.full_text to false in registry.yaml"
    try:
        return Path(importlib.import_module("pagefind_bin").get_executable())
    except ImportError as error:
        raise UsageError("Pagefind is not installed", hint=hint) from error
    except FileNotFoundError as error:
        raise UsageError("Pagefind brings no program for this machine", hint=hint) from error


def _files(folder: Path) -> dict[str, bytes]:
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if _WANTED.fullmatch(name)}
