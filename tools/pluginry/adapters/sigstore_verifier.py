"""Checks sigstore bundles offline: who signed a statement, and that a log knows of it.

In: a bundle, the trusted root of a sigstore instance and the signers that are accepted, all as given by the
caller. Out: the statement and what was proven about it. Keys and authorities count only within the times that
the trusted root gives them, measured at the moment the certificate was issued: the library alone would accept
retired ones for ever.

It does not touch the network or any cache directory, look at the statement's subject or predicate, or ask
whether a signer was allowed to sign *this*: all that is the caller's.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pluginry.adapters.sigstore_policy import SignerPolicy, certified_build
from pluginry.encoding import strict_json
from pluginry.errors import PluginryError, PolicyError, TamperedError
from pluginry.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, VerifiedStatement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigstore.hashes import Hashed
    from sigstore.models import Bundle
    from sigstore.verify import Verifier

    from pluginry.model.attestation import SignerIdentity
    from pluginry.model.digest import Digest

MAX_BUNDLE_BYTES: Final = 256 * 1024
_PUBLIC_GOOD: Final = "https://tuf-repo-cdn.sigstore.dev"
_LONGEST_REASON: Final = 300
_STATEMENT_TYPES: Final = (STATEMENT_TYPE, "https://in-toto.io/Statement/v0.1")
_ROLES: Final = {
    "certificateAuthorities": "certificate authority",
    "ctlogs": "certificate log",
    "tlogs": "transparency log",
}


def public_good_trusted_root() -> bytes:
    """Return the trusted root of the public sigstore instance, as it came with the installed sigstore.

    Raises:
        PolicyError: sigstore is not installed.

    """
    _require_sigstore()
    return files("sigstore._store").joinpath(quote(_PUBLIC_GOOD, safe=""), "trusted_root.json").read_bytes()


class SigstoreVerifier:
    """The `Verifier` that uses the sigstore library.

    Raises:
        PolicyError: sigstore is not installed, so nothing could be checked.

    """

    def __init__(self) -> None:
        _require_sigstore()

    def verify(self, bundle: bytes, *, trusted_root: bytes, identities: Iterable[SignerIdentity]) -> VerifiedStatement:
        """Return the statement in `bundle` (at most `MAX_BUNDLE_BYTES`), signed by one of `identities`.

        An `AcceptedSigner` counts only under its conditions.

        Raises:
            TamperedError: anything at all is wrong with the bundle, or `trusted_root` cannot be read.
            PolicyError: `identities` is empty, or one of them leaves open who it is.

        """
        policy = SignerPolicy(identities)
        parsed, verifier = _prepared(bundle, trusted_root)
        with _refusing("the attestation does not verify"):
            payload_type, payload = verifier.verify_dsse(parsed, policy)
            if payload_type != PAYLOAD_TYPE:
                raise TamperedError("the attestation holds no in-toto statement", why=payload_type)
            return VerifiedStatement(
                payload_type=payload_type,
                payload=payload,
                signer=policy.matched(parsed.signing_certificate),
                signed_at=parsed.signing_certificate.not_valid_before_utc,
                log_index=_signed_log_index(parsed),
                build=certified_build(parsed.signing_certificate),
            )

    def verify_artifact(
        self, bundle: bytes, artifact: Digest, *, trusted_root: bytes, identities: Iterable[SignerIdentity]
    ) -> SignerIdentity:
        """Return which of `identities` signed the file with this digest: the file itself, or a statement about it.

        Raises:
            TamperedError: as for `verify`, or the statement is not about the file.
            PolicyError: as for `verify`.

        """
        policy = SignerPolicy(identities)
        parsed, verifier = _prepared(bundle, trusted_root)
        with _refusing("the signature does not verify"):
            if "dsseEnvelope" in json.loads(bundle):
                _check_subject(verifier.verify_dsse(parsed, policy), artifact)
            else:
                verifier.verify_artifact(_hashed(artifact), parsed, policy)
            return policy.matched(parsed.signing_certificate)


def _require_sigstore() -> None:
    if find_spec("sigstore") is None:
        raise PolicyError(
            "attestations cannot be checked here",
            why="the sigstore package is not installed",
            hint="pip install 'pluginry[verify]'",
        )


def _prepared(bundle: bytes, trusted_root: bytes) -> tuple[Bundle, Verifier]:
    """Return `bundle` as parsed, and a verifier for the moment when its certificate was issued."""
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise TamperedError(f"the attestation is larger than {MAX_BUNDLE_BYTES} bytes")
    with _refusing("the attestation cannot be read"):
        parsed = _parse_bundle(bundle)
        signed_at = parsed.signing_certificate.not_valid_before_utc
    with _refusing("the trusted root cannot be used", hint="update pluginry, its format may be newer"):
        return parsed, _verifier_at(trusted_root, signed_at)


def _check_subject(verified: tuple[str, bytes], artifact: Digest) -> None:
    payload_type, payload = verified
    statement = strict_json.parse(payload, what="statement", max_bytes=MAX_BUNDLE_BYTES)
    if payload_type != PAYLOAD_TYPE or statement["_type"] not in _STATEMENT_TYPES:
        raise TamperedError("the attestation holds no in-toto statement", why=payload_type)
    if artifact.hex not in [subject["digest"].get("sha256") for subject in statement["subject"]]:
        raise TamperedError("the statement is about another file", why=f"it does not name {artifact}")


def _hashed(artifact: Digest) -> Hashed:
    from sigstore.hashes import Hashed
    from sigstore_models.common.v1 import HashAlgorithm

    return Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(artifact.hex))


def _parse_bundle(bundle: bytes) -> Bundle:
    from sigstore.models import Bundle

    return Bundle.from_json(bundle)


def _verifier_at(trusted_root: bytes, moment: datetime) -> Verifier:
    """Return a verifier that knows only what was valid at `moment`."""
    narrowed = _read_root(trusted_root).copy()
    for role, name in _ROLES.items():
        narrowed[role] = [one for one in narrowed[role] if _covers(one, moment)]
        if not narrowed[role]:
            raise TamperedError(f"the trusted root has no {name} for the time of signing", why=f"{moment}")
    return _build_verifier(json.dumps(narrowed))


@lru_cache(maxsize=8)
def _read_root(trusted_root: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(trusted_root)
    return document


@lru_cache(maxsize=32)
def _build_verifier(trusted_root: str) -> Verifier:
    from sigstore.models import ClientTrustConfig
    from sigstore.verify import Verifier

    # The one public way to read a trusted root that is not a file: as a part of this document.
    signing_config = '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}'
    media_type = '"application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"'
    config = ClientTrustConfig.from_json(
        f'{{"mediaType":{media_type},"trustedRoot":{trusted_root},"signingConfig":{signing_config}}}'
    )
    return Verifier(trusted_root=config.trusted_root)


def _covers(entry: dict[str, Any], moment: datetime) -> bool:
    """Whether an authority or a log of the trusted root was in use at `moment`; both ends count."""
    window = entry.get("publicKey", entry).get("validFor", {})
    start, end = (window.get(bound) for bound in ("start", "end"))
    return (start is None or datetime.fromisoformat(start) <= moment) and (
        end is None or moment <= datetime.fromisoformat(end)
    )


def _signed_log_index(bundle: Bundle) -> int:
    """Return the entry's index from where a signature covers it: the log's promise, or else its checkpoint."""
    (entry,) = json.loads(bundle.to_json())["verificationMaterial"]["tlogEntries"]
    proof = entry["inclusionProof"]
    if proof["checkpoint"]["envelope"].split("\n")[1] != proof["treeSize"]:
        # The library compares root hashes only, and another size makes another index of the same path.
        raise TamperedError("the log's checkpoint is for another tree than the proof")
    promised = entry.get("inclusionPromise") and int(entry.get("integratedTime", "0"))
    return int(entry["logIndex"] if promised else proof["logIndex"])


@contextmanager
def _refusing(what: str, *, hint: str = "") -> Iterator[None]:
    """Turn anything that goes wrong into a `TamperedError`: hostile input provokes far more than one class."""
    try:
        yield
    except PluginryError:
        raise
    except Exception as error:
        reason = "".join(one if one.isprintable() else " " for one in str(error)[:_LONGEST_REASON])
        raise TamperedError(what, why=f"{type(error).__name__}: {reason}", hint=hint) from error
