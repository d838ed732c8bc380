"""Python source by its syntax tree: which names it reaches for, under whatever name it imported them.

In: the bytes of a file. Out: a `SourceReading`. Names are followed through imports, simple assignments, ``getattr`` and
``__import__`` with known texts; scopes are not, so a name means what any line of the file made of it.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from collections import deque
from typing import TYPE_CHECKING, Final

from pluginry.publisher.source_reading.access_kinds import CODE, PYTHON, PYTHON_METHODS, READS, WRITES, kind_of
from pluginry.publisher.source_reading.reading import SourceReading, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNNERS: Final = frozenset(["exec", "eval", "compile", "types.CodeType", "types.FunctionType", "__import__"])
_DECODERS: Final = (
    *("base64", "binascii.unhexlify", "binascii.a2b_base64", "codecs.decode", "marshal.loads", "bytes.fromhex"),
    *("zlib.decompress", "gzip.decompress", "bz2.decompress", "lzma.decompress", "bytearray.fromhex"),
)
_OPENERS: Final = frozenset(["open", "io.open", "codecs.open", "os.open", "os.fdopen", "builtins.open"])
_IMPORTERS: Final = frozenset(["__import__", "importlib.import_module", "builtins.__import__"])
_MAX_NAME: Final = 120
_LONG_CHAIN: Final = 20  # so many chr(...) in one expression are a text that somebody did not want to be read


def read_python(data: bytes) -> SourceReading:
    """Return what the Python source `data` does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a stranger's text is no warning about ours
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return SourceReading(unreadable=f"it is not Python 3 ({type(error).__name__})")
    try:
        return _Reader(tree).reading()
    except RecursionError:
        return SourceReading(unreadable="its expressions are nested too deeply")


class _Reader:
    """One file: the nodes that run, and what its names stand for."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = tuple(_nodes_that_run(tree))
        self.names: dict[str, str] = {}
        self.decoded: set[str] = set()
        for node in self.nodes:
            self._bind_imports(node)
        for node in (*self.nodes, *self.nodes):  # twice: what a name stands for may be said after it is used
            self._bind_assignment(node)
        self.inner = {id(node.value) for node in self.nodes if isinstance(node, ast.Attribute)}

    def reading(self) -> SourceReading:
        uses = tuple(use for node in self.nodes for use in self._uses(node))
        disguised = tuple(use for node in self.nodes for use in self._disguised(node))
        return SourceReading(uses=uses, disguised=disguised)

    def _bind_imports(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for name in node.names:
                self.names[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            origin = f"{'.' * node.level}{node.module or ''}"
            for name in node.names:
                self.names[name.asname or name.name] = f"{origin}.{name.name}"

    def _bind_assignment(self, node: ast.AST) -> None:
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) or node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                if self._is_decoded(node.value):
                    self.decoded.add(target.id)
                known = self._name(node.value)
                if kind_of(known, PYTHON) or (isinstance(node.value, ast.Call) and known):
                    self.names.setdefault(target.id, known)

    def _uses(self, node: ast.AST) -> Iterator[Use]:
        if isinstance(node, ast.Import):
            for module in node.names:
                yield from _named(module.name, node)
        elif isinstance(node, ast.ImportFrom):
            for part in node.names:
                origin = f"{'.' * node.level}{node.module or ''}"
                # What runs code is told where it is called: importing it is half of every program.
                yield from (use for use in _named(f"{origin}.{part.name}", node) if use.kind != CODE)
        elif isinstance(node, ast.Call):
            yield from self._called(node)
        elif (
            isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in self.inner
        ):
            name = self._name(node)
            if name not in _RUNNERS and kind_of(name, PYTHON) != CODE:
                yield from _named(name, node)

    def _called(self, node: ast.Call) -> Iterator[Use]:
        name = self._name(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in _OPENERS or (method == "open" and _is_mode(node.args[:1])):
            writes = _writes(node, position=0 if name not in _OPENERS else 1)
            yield Use(line=node.lineno, kind=WRITES if writes else READS, what=f"{name or method}()"[:_MAX_NAME])
        elif name in _IMPORTERS:
            module = _text(node.args[0]) if node.args else ""
            yield from _named(module, node) if module else _named(name, node)
        elif kind_of(name, PYTHON) == CODE:
            if not (name == "eval" and node.args and isinstance(node.args[0], ast.Constant)):
                yield from _named(name, node)
        elif kind := PYTHON_METHODS.get(method, ""):
            yield Use(line=node.lineno, kind=kind, what=f".{method}()")
        elif isinstance(node.func, ast.Call):
            yield from _named(name, node)

    def _disguised(self, node: ast.AST) -> Iterator[Use]:
        if isinstance(node, ast.Call):
            name = self._name(node.func)
            if name.removeprefix("builtins.") in _RUNNERS and any(self._is_decoded(arg) for arg in node.args):
                yield Use(line=node.lineno, kind=CODE, what=name[:_MAX_NAME])

    def _is_decoded(self, expression: ast.expr) -> bool:
        """Return whether `expression` holds text that came out of a decoder, or was put together from numbers."""
        characters = 0
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id in self.decoded:
                return True
            if isinstance(node, ast.Call):
                name = self._name(node.func)
                if any(name == known or name.startswith(f"{known}.") for known in _DECODERS):
                    return True
                characters += name == "chr"
        return characters >= _LONG_CHAIN or _is_joined_characters(expression)

    def _name(self, node: ast.AST) -> str:
        """Return the dotted name that `node` stands for, or empty text."""
        if isinstance(node, ast.Name):
            # A name that nothing imported is a variable, whatever module it is called like.
            return self.names.get(node.id, node.id if hasattr(builtins, node.id) else "")
        if isinstance(node, ast.Attribute):
            base = self._name(node.value)
            return f"{base}.{node.attr}"[-_MAX_NAME * 4 :] if base else ""
        if isinstance(node, ast.Call) and node.args:
            function = self._name(node.func)
            if function in _IMPORTERS:
                return _text(node.args[0])
            if function == "getattr" and len(node.args) > 1:
                base, attribute = self._name(node.args[0]), _text(node.args[1])
                return f"{base}.{attribute}" if base and attribute else ""
        return ""


def _nodes_that_run(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every node but those that only type checkers see."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        yield node
        if isinstance(node, ast.If) and _is_for_type_checkers(node.test):
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _is_for_type_checkers(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _named(name: str, node: ast.AST) -> Iterator[Use]:
    kind = kind_of(name, PYTHON)
    if kind:
        yield Use(line=getattr(node, "lineno", 0), kind=kind, what=name[:_MAX_NAME])


def _text(node: ast.AST) -> str:
    """Return a text that is written down, also in pieces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return left + right if left and right else ""
    return ""


def _is_joined_characters(node: ast.expr) -> bool:
    """Return whether `node` is ``"".join(chr(n) for n in ...)`` or ``bytes([...])`` of a long list."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "decode":
        return _is_joined_characters(node.func.value)
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        inside = node.args[0]
        # "".join(chr(n) for n in ...) and "".join(map(chr, ...)) alike
        if isinstance(inside, ast.GeneratorExp | ast.ListComp):
            return isinstance(inside.elt, ast.Call) and getattr(inside.elt.func, "id", "") == "chr"
        return isinstance(inside, ast.Call) and any(getattr(arg, "id", "") == "chr" for arg in inside.args)
    first = node.args[0]
    is_bytes = isinstance(node.func, ast.Name) and node.func.id in ("bytes", "bytearray")
    return is_bytes and isinstance(first, ast.List | ast.Tuple) and len(first.elts) >= _LONG_CHAIN


def _is_mode(args: list[ast.expr]) -> bool:
    mode = _text(args[0]) if args else ""
    return bool(mode) and set(mode) <= set("rwaxbt+U")


def _writes(node: ast.Call, position: int) -> bool:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "mode"] or node.args[position : position + 1]
    return bool(given) and bool(set(_text(given[0])) & set("wax+"))
