"""JavaScript by a real parser: which names it reaches for, under whatever name it required or imported them.

In: the bytes of a file; TypeScript is read as JavaScript with mistakes, which the parser gets over. Out: a
`SourceReading`. Scopes are not followed. In minified text short names mean nothing, so there only modules and the names
of methods speak.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from pluginry.publisher.source_reading.access_kinds import (
    CODE,
    JAVASCRIPT,
    JAVASCRIPT_METHODS,
    kind_of,
    module_of,
)
from pluginry.publisher.source_reading.reading import SourceReading, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Parser, Query

_QUERY: Final = """
(call_expression) @call
(new_expression) @new
(import_statement) @import
(export_statement source: (string)) @import
(member_expression) @member
(subscript_expression) @member
(variable_declarator) @declared
"""
_GLOBALS: Final = frozenset(
    [
        *("fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "RTCPeerConnection", "navigator"),
        *("eval", "Function", "process", "document", "window", "globalThis", "Deno", "Bun", "WebAssembly"),
        *("importScripts", "setTimeout", "setInterval", "require"),
    ]
)
_RUNNERS: Final = frozenset(["eval", "Function", "setTimeout", "setInterval"])
_DECODING: Final = re.compile(
    rb"\batob\s*\(|fromCharCode|\bunescape\s*\(|decodeURIComponent\s*\(|['\"](?:base64|hex)['\"]"
    rb"|function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k\s*,\s*e\b"
)
_BRACKETS: Final = re.compile(rb"[(\[{}\])]")
_CHAIN: Final = re.compile(rb"(?:\.[\w$]{1,40}(?:\([^()\n]{0,40}\))?){1000}|[!~+-]{1000}")
_DEEPEST: Final = 1000
_MINIFIED_LINE: Final = 600
_SHORT_NAME: Final = 2
_MAX_NAME: Final = 120
_LONGEST_NAME: Final = 20
_LOOKED_AT: Final = 4096


def read_javascript(data: bytes) -> SourceReading:
    """Return what the JavaScript source `data` does."""
    from tree_sitter import QueryCursor

    if _is_too_deep(data):
        return SourceReading(unreadable="it is nested too deeply")
    parser, query = _tools()
    captures = QueryCursor(query).captures(parser.parse(data).root_node)
    lines = data.count(b"\n") + 1
    reader = _Reader(captures, is_minified=len(data) > _MINIFIED_LINE * lines)
    return SourceReading(uses=tuple(reader.uses()), disguised=tuple(reader.disguised()))


@cache
def _tools() -> tuple[Parser, Query]:
    import tree_sitter_javascript
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_javascript.language())
    return Parser(language), Query(language, _QUERY)


def _is_too_deep(data: bytes) -> bool:
    """Return whether `data` is nested as no program is: the parser would take minutes."""
    if _CHAIN.search(data):
        return True
    depth = 0
    for bracket in _BRACKETS.finditer(data):
        depth = depth + 1 if bracket[0] in b"([{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return True
    return False


class _Reader:
    """One file: the parts of it that matter, and what its names stand for."""

    def __init__(self, captures: dict[str, list[Node]], *, is_minified: bool) -> None:
        self.captures = captures
        self.is_minified = is_minified
        self.names: dict[str, str] = {}
        self.decoded: set[bytes] = set()
        for node in captures.get("import", ()):
            self._bind_import(node)
        for node in captures.get("declared", ()):
            self._bind(node)

    def uses(self) -> Iterator[Use]:
        for node in self.captures.get("import", ()):
            source = node.child_by_field_name("source")
            yield from _named(module_of(_string(source)), node)
        for node in self.captures.get("call", ()):
            yield from self._called(node)
        for node in self.captures.get("new", ()):
            name = self._name(node.child_by_field_name("constructor"))
            if name != "Function" or not _is_harmless(node):
                yield from _named(name, node)
        members = self.captures.get("member", ())
        inner = {part.id for node in members if (part := node.child_by_field_name("object")) is not None}
        for node in members:
            if node.id not in inner:
                yield from (use for use in _named(self._name(node), node) if use.kind != CODE)

    def disguised(self) -> Iterator[Use]:
        for node in (*self.captures.get("call", ()), *self.captures.get("new", ())):
            name = self._name(node.child_by_field_name("function") or node.child_by_field_name("constructor"))
            arguments = node.child_by_field_name("arguments")
            if (name in _RUNNERS or name.startswith("vm.")) and arguments is not None:
                text = (arguments.text or b"")[:_LOOKED_AT]
                is_text = not name.startswith("set") or not re.match(rb"\(\s*(?:async|function|\(|[\w$]+\s*=>)", text)
                if is_text and (_DECODING.search(text) or text.strip(b"() \n") in self.decoded):
                    yield Use(line=_line(node), kind=CODE, what=name[:_MAX_NAME])

    def _bind_import(self, node: Node) -> None:
        module = module_of(_string(node.child_by_field_name("source")))
        for clause in node.named_children:
            for part in clause.named_children if clause.type == "import_clause" else ():
                if part.type == "identifier":
                    self._name_is(part, module)
                elif part.type == "namespace_import":
                    self._name_is(part.named_children[-1], module)
                elif part.type == "named_imports":
                    self._bind_names(part, module)

    def _bind_names(self, part: Node, module: str) -> None:
        for specifier in part.named_children:
            name = specifier.child_by_field_name("name")
            if name is not None:
                self._name_is(specifier.child_by_field_name("alias") or name, f"{module}.{_text(name)}")

    def _bind(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        if name.type == "identifier" and _DECODING.search((value.text or b"")[:_LOOKED_AT]):
            self.decoded.add(name.text or b"")
        known = self._name(value)
        if not kind_of(known, JAVASCRIPT):
            return
        if name.type == "identifier":
            self._name_is(name, known)
        elif name.type == "object_pattern":
            for part in name.named_children:
                if part.type == "shorthand_property_identifier_pattern":
                    self._name_is(part, f"{known}.{_text(part)}")
                elif part.type == "pair_pattern":
                    key, alias = part.child_by_field_name("key"), part.child_by_field_name("value")
                    if alias is not None:
                        self._name_is(alias, f"{known}.{_text(key)}")

    def _name_is(self, node: Node, meaning: str) -> None:
        name = _text(node)
        if not (self.is_minified and len(name) <= _SHORT_NAME):
            self.names.setdefault(name, meaning)

    def _called(self, node: Node) -> Iterator[Use]:
        function = node.child_by_field_name("function")
        if function is None:
            return
        loader = "require" if self._name(function) == "require" else "import" if function.type == "import" else ""
        if loader:
            module = self._loaded(node)
            yield from _named(module or loader, node)
            return
        name = self._name(function)
        method = _text(function.child_by_field_name("property")) if function.type == "member_expression" else ""
        if name == "Function" and _is_harmless(node):
            return
        found = tuple(_named(name, node))
        yield from found
        if not found and (kind := JAVASCRIPT_METHODS.get(method, "")):
            yield Use(line=_line(node), kind=kind, what=f".{method}()")

    def _loaded(self, node: Node) -> str:
        """Return the module that a call of ``require`` or ``import`` names, or empty text."""
        arguments = node.child_by_field_name("arguments")
        first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        return module_of(_string(first)) if first is not None else ""

    def _name(self, node: Node | None) -> str:
        """Return the dotted name that `node` stands for, or empty text."""
        trail: list[str] = []
        while node is not None and len(trail) < _LONGEST_NAME:
            if node.type in ("member_expression", "subscript_expression"):
                attribute = node.child_by_field_name("property")
                index = node.child_by_field_name("index")
                part = _text(attribute) if attribute is not None else _string(index)
                if not part:
                    return ""
                if part != "default":
                    trail.append(part)
                node = node.child_by_field_name("object")
            elif node.type in ("parenthesized_expression", "await_expression", "sequence_expression"):
                node = node.named_children[-1] if node.named_children else None
            elif node.type == "identifier":
                name = _text(node)
                base = self.names.get(name, name if name in _GLOBALS else "")
                return _joined(base, trail)
            elif node.type == "call_expression":
                function = node.child_by_field_name("function")
                is_loading = function is not None and (function.type == "import" or _text(function) == "require")
                return _joined(self._loaded(node), trail) if is_loading else ""
            else:
                return ""
        return ""


def _joined(base: str, trail: list[str]) -> str:
    name = ".".join((base, *reversed(trail))) if base else ""
    return name.removeprefix("globalThis.").removeprefix("window.") or name


def _named(name: str, node: Node) -> Iterator[Use]:
    kind = kind_of(name, JAVASCRIPT)
    if kind:
        yield Use(line=_line(node), kind=kind, what=name[:_MAX_NAME])


def _is_harmless(node: Node) -> bool:
    """Return whether a call of ``Function`` is the old way to find the global object."""
    return b"return this" in (node.text or b"")[:_MAX_NAME]


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace")[:_MAX_NAME] if node is not None else ""


def _string(node: Node | None) -> str:
    """Return a text that is written down, also in pieces; otherwise empty text."""
    if node is None:
        return ""
    if node.type == "string":
        return _text(node).strip("'\"`")
    if node.type == "binary_expression":
        left, right = _string(node.child_by_field_name("left")), _string(node.child_by_field_name("right"))
        return left + right if left and right else ""
    return ""
