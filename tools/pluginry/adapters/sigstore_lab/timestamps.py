"""The timestamp authority of RFC 3161: signs that a hash existed at a moment.

In: a DER timestamp request and a moment. Out: a DER timestamp response, in whole seconds. It accepts SHA-256
hashes only, and never sees what was hashed.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding

from pluginry.adapters.sigstore_lab.keys import sign
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pluginry.adapters.sigstore_lab.keys import LabKeys

_POLICY: Final = "2.999.1"
"""Below the arc that is set aside for examples: no promise is made about these timestamps."""


def answer_timestamp_request(request: bytes, *, keys: LabKeys, now: datetime) -> bytes:
    """Return the response that dates the hash in `request` to `now`.

    Raises:
        DocumentError: it is not a timestamp request for a SHA-256 hash.

    """
    imprint, nonce = _read_request(request)
    stamp = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": imprint,
            "serial_number": secrets.randbits(127),
            "gen_time": now.astimezone(UTC).replace(microsecond=0),
            "accuracy": {"seconds": 1},
            "nonce": nonce,
        }
    )
    token = {"content_type": "signed_data", "content": _signed(stamp, keys=keys, now=now)}
    response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
    return bytes(response.dump())


def _read_request(request: bytes) -> tuple[Any, Any]:
    try:
        parsed = tsp.TimeStampReq.load(request, strict=True)
        imprint, nonce = parsed["message_imprint"], parsed["nonce"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
    except (ValueError, TypeError, KeyError) as error:
        raise DocumentError("the timestamp request cannot be read", why=str(error)) from error
    if algorithm != "sha256" or len(digest) != hashlib.sha256().digest_size:
        raise DocumentError("the lab dates SHA-256 hashes only")
    return imprint, nonce


def _signed(stamp: tsp.TSTInfo, *, keys: LabKeys, now: datetime) -> cms.SignedData:
    content = stamp.dump()
    certificate = asn1_x509.Certificate.load(keys.timestamps_certificate.public_bytes(Encoding.DER))
    attributes = _attributes(content, certificate, now)
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value={"issuer": certificate.issuer, "serial_number": certificate.serial_number},
        ),
        "digest_algorithm": _algorithm("sha256"),
        "signed_attrs": attributes,
        "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        "signature": sign(keys.timestamps, attributes.dump()),
    }
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [_algorithm("sha256")],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [certificate],
            "signer_infos": [signer],
        }
    )


def _attributes(content: bytes, certificate: asn1_x509.Certificate, now: datetime) -> cms.CMSAttributes:
    cert_id = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
    values: dict[str, Any] = {
        "content_type": "tst_info",
        "signing_time": cms.Time(name="utc_time", value=now.astimezone(UTC).replace(microsecond=0)),
        "message_digest": hashlib.sha256(content).digest(),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [cert_id]}),
    }
    return cms.CMSAttributes([cms.CMSAttribute({"type": name, "values": [value]}) for name, value in values.items()])


def _algorithm(name: str) -> algos.DigestAlgorithm:
    return algos.DigestAlgorithm({"algorithm": name})
