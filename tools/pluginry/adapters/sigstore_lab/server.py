"""The lab's three services behind one HTTP server on loopback.

In: requests as sigstore clients send them. Out: answers as the public services give them. It hands out no
tokens, so another program on this machine that finds the port still cannot sign. It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import json
import logging
import sys
from base64 import b64decode
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from pluginry.adapters.sigstore_lab.authority import LIFETIME, issue_certificate
from pluginry.adapters.sigstore_lab.entries import entry_body
from pluginry.adapters.sigstore_lab.timestamps import answer_timestamp_request
from pluginry.adapters.sigstore_lab.tokens import verify_token
from pluginry.errors import AuthError, DocumentError, PluginryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from pluginry.adapters.sigstore_lab.keys import LabKeys
    from pluginry.adapters.sigstore_lab.log import TransparencyLog

MAX_REQUEST_BYTES: Final = 1 << 20
_TIMEOUT_S: Final = 10
_JSON: Final = "application/json"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: ``status``, ``media_type`` and ``body``."""

    status: HTTPStatus
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the server serves: the lab's keys, its open log, its clock, and how long certificates live."""

    keys: LabKeys
    log: TransparencyLog
    clock: Callable[[], datetime]
    certificate_life: timedelta = LIFETIME

    def answer(self, path: str, *, authorization: str, body: bytes) -> Answer:
        """Return the answer to ``POST path``; a refusal is an answer too."""
        try:
            if path == "/api/v2/signingCert":
                return self._certify(authorization, body)
            if path == "/api/v1/log/entries":
                return _json(HTTPStatus.CREATED, self.log.append(entry_body(body), now=self.clock()))
            if path == "/api/v1/timestamp":
                stamp = answer_timestamp_request(body, keys=self.keys, now=self.clock())
                return Answer(status=HTTPStatus.CREATED, media_type="application/timestamp-reply", body=stamp)
            return refusal(HTTPStatus.NOT_FOUND, "there is no such service")
        except AuthError as error:
            return refusal(HTTPStatus.UNAUTHORIZED, str(error))
        except PluginryError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))

    def _certify(self, authorization: str, body: bytes) -> Answer:
        now = self.clock()
        claims = verify_token(authorization.removeprefix("Bearer "), key=self.keys.tokens, now=now)
        try:
            request = b64decode(json.loads(body)["certificateSigningRequest"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DocumentError("the request holds no signing request", why=str(error)) from error
        chain = issue_certificate(request, claims=claims, keys=self.keys, now=now, life=self.certificate_life)
        return _json(HTTPStatus.CREATED, {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})


def refusal(status: HTTPStatus, message: str) -> Answer:
    """Return an answer that says no, and why."""
    return _json(status, {"code": status.value, "message": message})


class LabServer(ThreadingHTTPServer):
    """Serves `services` on a free port of 127.0.0.1; closing it waits for the answers under way."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, services: Services) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.services = services

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep a broken connection off the terminal."""
        _logger.debug("request %r from %r failed: %r", request, client_address, sys.exception())


class _Handler(BaseHTTPRequestHandler):
    server: LabServer
    timeout = _TIMEOUT_S

    def do_POST(self) -> None:
        length = _length(self.headers.get("Content-Length", ""))
        if length is None:
            self._send(refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large"))
            return
        body = self.rfile.read(length)
        authorization = self.headers.get("Authorization", "")
        self._send(self.server.services.answer(self.path, authorization=authorization, body=body))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server uses
        _logger.debug(format, *args)


def _length(header: str) -> int | None:
    """Return the number of bytes to read, or None when it is not known or too large."""
    if not header.isdecimal() or len(header) > len(str(MAX_REQUEST_BYTES)):
        return None
    return int(header) if int(header) <= MAX_REQUEST_BYTES else None


def _json(status: HTTPStatus, document: object) -> Answer:
    return Answer(status=status, media_type=_JSON, body=json.dumps(document).encode())
