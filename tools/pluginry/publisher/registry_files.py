"""Reading below a folder that strangers filled: names, bytes, texts and documents, and a finding for what is amiss.

In: paths relative to the folder, with ``/``. Out: values, or None with a finding that says why.
Never follows a link, never opens what is not a plain file, never reads more than asked for, never raises for content.
"""

from __future__ import annotations

import os
import stat
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.quoting import quoted
from pluginry.encoding.schema import check_against_schema
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import DocumentError
from pluginry.model.finding import Location
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.rule import Rule
    from pluginry.publisher.registry_layout import DocumentKind

# Not following links and not waiting for the other end of a pipe; both are missing on Windows, which has neither.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Children(NamedTuple):
    """Names of the plain ``folders`` and ``files`` in a folder, sorted."""

    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Parse(Protocol):
    """Does what `strict_yaml.parse` does."""

    def __call__(self, data: bytes, *, file: str) -> ParsedDocument:
        """Return what `data` says; `file` is the name that locations show."""


class RegistryFiles:
    """Reads below `root`, YAML with `parse`; keeps ``documents``, ``findings``, and what had to be ``left_out``."""

    def __init__(self, root: Path, parse: Parse = strict_yaml.parse) -> None:
        self.root = root
        self._place = f"{root}/"  # paths below are strings, for there are very many
        self._parse = parse
        self.documents: dict[str, ParsedDocument] = {}
        self.findings: list[Finding] = []
        self.left_out: set[str] = set()

    def report(self, rule: Rule, file: str, message: str = "", *, hint: str = "") -> None:
        """Keep a finding about `file` as a whole."""
        self.findings.append(rule.finding(Location(file=shown(file)), message, hint=hint))

    def leave_out(self, path: str) -> None:
        """Note that `path` is there but cannot be used."""
        self.left_out.add(path)

    def children(self, folder: str) -> Children:
        """Return what lies in `folder`; nothing when it is not there. Links and special files become findings."""
        place = self._place + folder
        if folder and os.path.islink(place):  # noqa: PTH114 - a string
            return Children()  # a finding of the folder around it
        folders, files = [], []
        try:
            with os.scandir(place) as entries:
                for entry in sorted(entries, key=attrgetter("name")):
                    if entry.is_symlink():
                        self.report(registry_layout.LINK, joined(folder, entry.name))
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    elif entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    else:
                        self.report(registry_layout.NOT_A_FILE, joined(folder, entry.name))
        except FileNotFoundError:
            return Children()
        except OSError as error:
            self.report(registry_layout.UNREADABLE, folder or ".", f"the folder cannot be read: {error.strerror}")
        return Children(tuple(folders), tuple(files))

    def refuse_others(self, folder: str, children: Children, known: Children) -> None:
        """Report every child of `folder` that is not `known` by name and kind."""
        for name in children.folders:
            if name not in known.folders:
                message = "a file is needed here, not a folder" if name in known.files else ""
                self.report(
                    registry_layout.UNEXPECTED, joined(folder, name), message, hint=did_you_mean(name, known.folders)
                )
        for name in children.files:
            if name not in known.files:
                message = "a folder is needed here, not a file" if name in known.folders else ""
                self.report(
                    registry_layout.UNEXPECTED, joined(folder, name), message, hint=did_you_mean(name, known.files)
                )

    def read(self, file: str, *, max_bytes: int) -> bytes | None:
        """Return the content of `file`, or None with a finding."""
        try:
            handle = os.open(self._place + file, _OPEN_FLAGS)
            with os.fdopen(handle, "rb", buffering=0) as stream:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    self.report(registry_layout.NOT_A_FILE, file)
                    return None
                # What is as small as it says is read to its end, without room for all that is allowed.
                data = stream.readall() if status.st_size <= max_bytes else b""
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "its name holds a null character"
            self.report(registry_layout.UNREADABLE, file, f"the file cannot be read: {why}")
            return None
        size = max(status.st_size, len(data))
        if size > max_bytes:
            self.report(
                registry_layout.TOO_LARGE, file, f"the file has {size:,} bytes; at most {max_bytes:,} are allowed"
            )
            return None
        return data

    def read_text(self, file: str, *, max_bytes: int) -> str | None:
        """Return the text in `file`, or None with a finding."""
        data = self.read(file, max_bytes=max_bytes)
        if data is None:
            return None
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.report(registry_layout.NOT_TEXT, file, f"byte {error.start} of the file, in line {line}, is not UTF-8")
            return None

    def parse(self, file: str) -> ParsedDocument | None:
        """Return the YAML document in `file` as it is written, or None with findings."""
        data = self.read(file, max_bytes=strict_yaml.MAX_BYTES)
        if data is None:
            return None
        document = self._parse(data, file=shown(file))
        self.documents[file] = document
        self.findings += document.findings
        return document if document.readable else None

    def read_document(self, file: str, kind: DocumentKind, *, name: str = "") -> Any:
        """Return the document in `file` as its model, or None with findings.

        `name` is what the document has to call itself: the name of its file, as a rule.
        """
        document = self.parse(file)
        model = None if document is None else self.construct(document, kind)
        if model is not None and name:
            model = model if self.is_called(file, kind.name_path, name) else None
        if model is None:
            self.leave_out(file)
        return model

    def construct(self, document: ParsedDocument, kind: DocumentKind) -> Any:
        """Return a document as its model, or None with findings."""
        found = list(check_against_schema(document, kind.schema))
        self.findings += found
        if found or document.findings:
            return None
        try:
            return documents.construct(kind.model, document.value, what=document.file)
        except DocumentError as error:
            where = document.location_of(_path_in(document, error.where.removeprefix(f"{document.file}:")))
            message = f"{error.what}: {error.why}" if error.why else error.what
            self.findings.append(registry_layout.VALUE.finding(where, message, hint=error.hint))
            return None

    def is_called(self, file: str, path: DocumentPath, name: str) -> bool:
        """Return whether the value at `path` of a document that was read is `name`; else there is a finding."""
        document = self.documents[file]
        value = document.value
        for key in path:
            value = value[key]
        if str(value) == name:
            return True
        message = f"by its place this is {quoted(name)}, but here stands {quoted(value)}"
        self.findings.append(registry_layout.NAME_MISMATCH.finding(document.location_of(path), message))
        return False


def joined(folder: str, name: str) -> str:
    """Return the path of `name` in `folder`; an empty folder is the root."""
    return f"{folder}/{name}" if folder else name


def shown(path: str) -> str:
    """Return a path as findings show it: what cannot be seen or encoded is escaped."""
    if path.isprintable():
        return path
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in path)


def _path_in(document: ParsedDocument, dotted: str) -> DocumentPath:
    """Return the path that is written ``a.0.b``: keys may hold dots, so it is looked up and not taken apart."""
    return next((path for path in document.marks if ".".join(map(str, path)) == dotted), ())
