#!/usr/bin/env python3
"""A step that sends its input to a web address, signed so that the receiver can tell where it came from.

Started as ``webhook_step.py HOOK``. In: one JSON object on standard input with ``config``, ``data_dir`` and
``arguments``. Out: one JSON object on standard output. Ends with status 0, or with 2 when it was called wrongly.
Secrets come from the environment and are never written anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

KEY_VARIABLE = "MLEBOTICS_SECRET_WEBHOOK_KEY"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_MOST_ANSWER_BYTES = 2000
_RETRIED = (429, 500, 502, 503, 504)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could carry the message to an address that nobody configured."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def signature(body: bytes, key: str) -> str:
    """Return what stands in the header ``X-Signature-256`` for `body`."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def why_refused(url: str) -> str | None:
    """Return why nothing is sent to `url`, or None."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        return "the address holds a password; use the secret webhook-key"
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return None
    return "the address does not begin with https://"


def send(arguments: Mapping[str, Any], config: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """Send ``arguments["payload"]`` to the configured address; return the receiver's status, or why it failed."""
    url = config.get("url", "")
    if reason := why_refused(url):
        return {"sent": False, "error": reason}
    body = json.dumps(arguments.get("payload", {}), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "mlebotics-webhook-step"}
    if key:
        headers["X-Signature-256"] = signature(body, key)
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    for attempt in range(1 + config.get("retries", 2)):
        if attempt:
            time.sleep(config.get("pause_s", 1) * attempt)
        status, error = _post(request, config.get("timeout_s", 10))
        if error is None:
            return {"sent": True, "status": status, "attempts": attempt + 1}
        if status is not None and status not in _RETRIED:
            break
    return {"sent": False, "status": status, "error": error, "attempts": attempt + 1}


def _post(request: urllib.request.Request, timeout_s: float) -> tuple[int | None, str | None]:
    try:
        with _OPENER.open(request, timeout=timeout_s) as answer:
            answer.read(_MOST_ANSWER_BYTES)
            return answer.status, None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, f"the receiver answered {error.code}"
    except OSError as error:
        return None, f"the receiver was not reached: {getattr(error, 'reason', error)}"


def main(arguments: list[str]) -> int:
    """Read one call from standard input, answer it on standard output, and return the exit status."""
    if arguments != ["send"]:
        print("usage: webhook_step.py send", file=sys.stderr)
        return 2
    try:
        call = json.load(sys.stdin)
        result = send(call.get("arguments", {}), call.get("config", {}), os.environ.get(KEY_VARIABLE))
    except (ValueError, AttributeError) as error:
        print(f"standard input is not a call: {error}", file=sys.stderr)
        return 2
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
