"""How templates become Python: what is known before any page is rendered is written into the code, and not looked up.

In: a template that was read, in an environment that speaks a language. Out: its code, which gives the same pages as
what jinja2 makes of it, in half the time. Sentences without gaps and keys of ours are constants, functions and macros
of ours are called as such, and what is shown is cleaned and escaped in one step. In a sandbox, that is still asked
about every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2.compiler import Frame

_SENTENCES: Final = frozenset({"_", "gettext"})
_FUNCTIONS: Final = _SENTENCES | {"ngettext", "href", "lang_of", "marked"}
_MODULES: Final = frozenset({"at", "layout", "structured"})


class TemplateCode(CodeGenerator):
    """Writes the code of one template; its environment has ``shown``, which makes markup of any value."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - as in jinja2
        """Write a whole template."""
        environment: Any = self.environment
        known = _Known(environment.globals["gettext"])
        node = known.visit(node)
        self._markup: dict[str, str] = {}
        self._modules, self._functions = _MODULES | known.modules, _FUNCTIONS | known.macros
        self.writeline("shown = environment.shown")
        super().visit_Template(node, frame)
        for text, name in self._markup.items():
            self.writeline(f"{name} = Markup({text!r})")

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802 - as in jinja2
        """Write a constant; markup is made once, and not each time that the code comes by."""
        if isinstance(node.value, Markup):
            self.write(self._markup.setdefault(str(node.value), f"markup_{len(self._markup)}"))
        else:
            super().visit_Const(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - as in jinja2
        """Write a call; functions of ours need nothing of what jinja2 looks for on the way to others."""
        if self.environment.sandboxed or forward_caller or not self._is_ours(node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("(shown(")  # as many brackets as are closed afterwards

    def _is_ours(self, call: nodes.Call) -> bool:
        match call:
            case nodes.Call(node=nodes.Name(name=name), dyn_args=None, dyn_kwargs=None):
                return name in self._functions
            case nodes.Call(node=nodes.Getattr(node=nodes.Name(name=name)), dyn_args=None, dyn_kwargs=None):
                return name in self._modules
        return False


class _Known(NodeTransformer):
    """Puts sentences and keys in place of the expressions that stand for them; notes what is imported and defined."""

    def __init__(self, gettext: Callable[[str], Markup]) -> None:
        self._gettext = gettext
        self.modules: set[str] = set()
        self.macros: set[str] = set()

    def visit_Import(self, node: nodes.Import) -> nodes.Node:  # noqa: N802 - as in jinja2
        """Note the name under which a template is imported."""
        self.modules.add(node.target)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802 - as in jinja2
        """Note the name of a macro, and go through it."""
        self.macros.add(node.name)
        return self.generic_visit(node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - as in jinja2
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name=name), args=[nodes.Const(value=str(sentence))], kwargs=[]) if (
                name in _SENTENCES
            ):
                return nodes.Const(self._gettext(sentence), lineno=node.lineno)
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802 - as in jinja2
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name == "at":
            key = getattr(addresses, node.attr, None)
            if isinstance(key, str):
                return nodes.Const(key, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - as in jinja2
        """Leave it: jinja2 forgets of constants that it puts together that they are markup."""
        return node
