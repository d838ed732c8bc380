"""The other end of a call: runs in a process of its own, loads one Python plugin and calls it once.

In, on standard input: one JSON object ``{target, paths, arguments, config, data_dir, traceback}``. Out, on what was
standard output when it started: one JSON object, ``{"answer": ...}`` or ``{"error": ...}``. Whatever the plugin
prints goes to standard error. It uses the standard library alone, so that it starts fast and shares nothing with the
plugin. It is no sandbox.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    """Read a request, call the plugin, write the answer."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # also for what is not Python
        request = json.load(sys.stdin)
        sys.path[:0] = request["paths"]
        try:
            reply = json.dumps({"answer": _call(request)}, allow_nan=False)
        except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, also SystemExit
            if request["traceback"]:
                traceback.print_exc()
            reply = json.dumps({"error": f"{type(error).__name__}: {error}"})
        out.write(reply)


def _call(request: dict[str, Any]) -> Any:
    """Return what ``module:Class.method`` or ``module:function`` returns; a class on the way is made an object."""
    module, _, attributes = request["target"].partition(":")
    found: Any = importlib.import_module(module)
    for name in attributes.split("."):
        found = getattr(found, name)
        if isinstance(found, type):
            found = found(request["config"], request["data_dir"])
    return found(**request["arguments"])


if __name__ == "__main__":
    main()
