"""What stands around every page, in templates of its own: rendered once for all pages on which it is the same.

In: a template environment. Out: the environment with ``around(template)``, which is written like an include and gives
the same. A template of the operator's is included each time: who knows what it looks at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import pass_context
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Container

    from jinja2 import Environment
    from jinja2.runtime import Context

_OF_PLUGINS: Final = "plugins/"


def install_around(environment: Environment, own: Container[str], *, has_languages: bool) -> None:
    """Let the templates of `environment` say what stands around them; `own` are those of the operator."""
    # The footer leads to the same page in other languages: where there are any, it is another one on each page.
    each_time = {"footer.html"} if has_languages else set()
    known: dict[tuple[str, str], Markup] = {}

    def included(template: str, context: Context) -> Markup:
        return Markup(environment.get_template(template).render(context.get_all()))  # noqa: S704 - rendered

    @pass_context
    def around(context: Context, template: str) -> Markup:
        # Nothing around leads into a plugin's folder, so all that it takes from a page there is the way out of it.
        if template in own or template in each_time or not context["key"].startswith(_OF_PLUGINS):
            return included(template, context)
        name = template, context["root"]
        if name not in known:
            known[name] = included(template, context)
        return known[name]

    environment.globals["around"] = around
