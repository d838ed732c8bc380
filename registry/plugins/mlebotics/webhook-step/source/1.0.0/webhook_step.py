#!/usr/bin/env python3
"""A step that sends its input to a web address.

Started as ``webhook_step.py HOOK``. In: one JSON object on standard input with ``config``, ``data_dir`` and
``arguments``. Out: one JSON object on standard output. Ends with status 0, or with 2 when it was called wrongly.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Mapping
from typing import Any


def send(arguments: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Send ``arguments["payload"]`` to the configured address; return the receiver's status, or why it failed."""
    url = config.get("url", "")
    if not url.startswith(("https://", "http://127.0.0.1:")):
        return {"sent": False, "error": "the address does not begin with https://"}
    body = json.dumps(arguments.get("payload", {})).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=config.get("timeout_s", 10)) as answer:
            return {"sent": True, "status": answer.status}
    except OSError as error:
        return {"sent": False, "error": str(error)}


def main(arguments: list[str]) -> int:
    """Read one call from standard input, answer it on standard output, and return the exit status."""
    if arguments != ["send"]:
        print("usage: webhook_step.py send", file=sys.stderr)
        return 2
    call = json.load(sys.stdin)
    json.dump(send(call.get("arguments", {}), call.get("config", {})), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
