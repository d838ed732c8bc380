"""What the log writes down about a signature: the body of a Rekor v1 entry of kind ``dsse``.

In: a proposed entry as a client posts it. Out: the canonical body, made from what was proposed and checked.
It never writes down the payload itself, only its hash.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping


def entry_body(proposal: bytes) -> bytes:
    """Return the RFC 8785 body that stands in the log for the DSSE envelope in `proposal`.

    Raises:
        DocumentError: it proposes something else, or its signature is wrong.

    """
    try:
        document = json.loads(proposal)
        if (document["kind"], document["apiVersion"]) != ("dsse", "0.0.1"):
            raise DocumentError("the lab's log takes entries of kind dsse 0.0.1 only")
        proposed = document["spec"]["proposedContent"]
        (certificate,) = proposed["verifiers"]
        envelope = json.loads(proposed["envelope"])
        (signature,) = envelope["signatures"]
        _check_signature(envelope, b64decode(signature["sig"]), b64decode(certificate))
    except InvalidSignature as error:
        raise DocumentError("the signature in the proposed entry is wrong") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError("the proposed entry cannot be read", why=str(error)) from error
    spec: dict[str, Any] = {
        "envelopeHash": _sha256(proposed["envelope"].encode()),
        "payloadHash": _sha256(b64decode(envelope["payload"])),
        "signatures": [{"signature": signature["sig"], "verifier": certificate}],
    }
    return rfc8785.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})


def _check_signature(envelope: Mapping[str, Any], signature: bytes, certificate: bytes) -> None:
    key = x509.load_pem_x509_certificate(certificate).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("the verifier is not a certificate for an elliptic curve key")
    payload, payload_type = b64decode(envelope["payload"]), envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type, len(payload), payload)
    key.verify(signature, signed, ec.ECDSA(SHA256()))


def _sha256(data: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
