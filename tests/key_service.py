"""A key service that speaks the protocol of AWS KMS on loopback, as far as signing needs it: for the real boto3 client.

It signs what its documentation says: with ``MessageType: DIGEST`` the digest itself, not a digest of it.
"""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class KeyService:
    """Keys by name; `denied` names what nobody may do; `requests` lists what was asked for."""

    keys: dict[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]
    denied: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)

    def answer(self, action: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.requests.append(action)
        key = self.keys.get(asked["KeyId"])
        if action in self.denied:
            return 400, {"__type": "AccessDeniedException", "message": f"not allowed to {action}"}
        if key is None:
            return 400, {"__type": "NotFoundException", "message": "no such key"}
        is_ec = isinstance(key, ec.EllipticCurvePrivateKey)
        if action == "GetPublicKey":
            public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            algorithms = ["ECDSA_SHA_256"] if is_ec else ["RSASSA_PSS_SHA_256"]
            return 200, {"PublicKey": base64.b64encode(public).decode(), "SigningAlgorithms": algorithms}
        assert (action, asked["MessageType"]) == ("Sign", "DIGEST")
        digest, hashed = base64.b64decode(asked["Message"]), Prehashed(SHA256())
        if isinstance(key, ec.EllipticCurvePrivateKey):
            signature = key.sign(digest, ec.ECDSA(hashed))
        else:
            signature = key.sign(digest, padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), hashed)
        return 200, {"Signature": base64.b64encode(signature).decode()}


@contextmanager
def serving(service: KeyService) -> Iterator[str]:
    """Serve `service`, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = service.answer(self.headers["X-Amz-Target"].rpartition(".")[2], asked)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
