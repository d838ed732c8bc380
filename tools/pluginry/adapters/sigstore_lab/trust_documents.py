"""The two documents by which clients know an instance: its trusted root, and where to send requests.

In: the lab's keys, and the URL it is served at. Out: canonical JSON in the formats that sigstore clients read.
The trusted root depends on the keys alone, never on the port.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography.hazmat.primitives.serialization import Encoding

from pluginry.adapters.sigstore_lab.keys import key_id, public_bytes
from pluginry.adapters.sigstore_lab.names import LAB_HOST, LAB_NOTICE, LAB_URL, LOG_NAME

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate

    from pluginry.adapters.sigstore_lab.keys import LabKeys


def trusted_root(keys: LabKeys) -> bytes:
    """Return the trusted root (version 0.1): what a client needs to verify offline."""
    return rfc8785.dumps(_trusted_root(keys))


def client_trust_config(keys: LabKeys, *, url: str) -> str:
    """Return the client trust configuration: the trusted root and the services at `url`, for signing."""
    service = {"majorApiVersion": 1, "operator": LAB_HOST, "validFor": _since(keys)}
    signing_config = {
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": [{**service, "url": url}],
        "oidcUrls": [],
        "rekorTlogUrls": [{**service, "url": url}],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": [{**service, "url": f"{url}/api/v1/timestamp"}],
        "tsaConfig": {"selector": "ANY"},
    }
    document: dict[str, Any] = {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": _trusted_root(keys),
        "signingConfig": signing_config,
    }
    return rfc8785.dumps(document).decode()


def _trusted_root(keys: LabKeys) -> dict[str, Any]:
    stamps, authority = keys.timestamps_certificate, keys.authority_certificate
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "certificateAuthorities": [_authority(keys, authority, url=LAB_URL)],
        "ctlogs": [_log(keys, keys.certificate_log, url=f"https://ct.{LAB_HOST}")],
        "tlogs": [_log(keys, keys.entry_log, url=f"https://{LOG_NAME}")],
        "timestampAuthorities": [_authority(keys, stamps, authority, url=f"https://time.{LAB_HOST}")],
    }


def _authority(keys: LabKeys, *chain: Certificate, url: str) -> dict[str, Any]:
    certificates = [{"rawBytes": _base64(one.public_bytes(Encoding.DER))} for one in chain]
    return {
        "subject": {"organization": LAB_HOST, "commonName": LAB_NOTICE},
        "uri": url,
        "certChain": {"certificates": certificates},
        "validFor": _since(keys),
    }


def _log(keys: LabKeys, key: EllipticCurvePrivateKey, *, url: str) -> dict[str, Any]:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _base64(public_bytes(key)),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": _since(keys),
        },
        "logId": {"keyId": _base64(key_id(key))},
    }


def _since(keys: LabKeys) -> dict[str, str]:
    return {"start": keys.created.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
