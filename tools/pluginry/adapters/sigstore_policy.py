"""Holds a signing certificate to the signers that are accepted, extension by extension.

In: accepted signers, and a certificate that a verifier checked already. Out: who signed, and the build that the
certificate describes. An address and an issuer alone do not name a build: a repository can be registered again by
somebody else, and one workflow file runs for many events and branches; what tells them apart stands in extensions.
It never checks signatures, and never takes an open condition for consent: what a signer needs at least is an error
when it is missing.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from pluginry.errors import PolicyError
from pluginry.model.attestation import AcceptedSigner, CertifiedBuild, SignerIdentity, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from cryptography.x509 import Certificate

_ARC: Final = "1.3.6.1.4.1.57264.1."
_ISSUER_V1: Final = 1
_OTHER_NAME: Final = 7
_ISSUER_V2: Final = 8
_BUILD: Final = {
    "runner": 11,
    "repository": 12,
    "commit": 13,
    "ref": 14,
    "repository_id": 15,
    "owner_id": 17,
    "workflow": 18,
    "trigger": 20,
    "run": 21,
}
_FORGES: Final = {"https://token.actions.githubusercontent.com": "https://github.com"}
"""Where the repositories of an issuer are, when that is not the issuer's own address."""
_UTF8_STRING: Final = 0x0C
_LONG_LENGTH: Final = 0x80


class SignerPolicy:
    """A policy for the sigstore library: the certificate is of one of `signers`, and every condition holds.

    Raises:
        PolicyError: nobody is accepted, or a signer leaves open who it is.

    """

    def __init__(self, signers: Iterable[SignerIdentity]) -> None:
        self._signers = tuple(map(_with_conditions, signers))
        if not self._signers:
            raise PolicyError("no signer is accepted", hint="name at least one signer in the policy")
        for one in self._signers:
            _refuse_open(one)
        # A run that one signer is denied counts for none: the list names what somebody else was in control of.
        self._denied = tuple(run for one in self._signers for run in one.deny_runs)

    def verify(self, cert: Certificate) -> None:
        """Raise the library's VerificationError unless `matched` finds a signer."""
        self.matched(cert)

    def matched(self, cert: Certificate) -> SignerIdentity:
        """Return whom `cert` names, when that is an accepted signer and all of its conditions hold.

        Raises:
            VerificationError: the library's own; it says what is wrong.

        """
        from sigstore.errors import VerificationError

        found = SignerIdentity(issuer=_issuer(cert), san=_name(cert))
        build = certified_build(cert)
        if is_denied(build.run, self._denied):
            raise VerificationError(f"it was signed by a run that is denied: {build.run}")
        reasons = []
        for one in self._signers:
            reason = next(_objections(one, found, build, cert.not_valid_before_utc), None)
            if reason is None:
                return found
            reasons.append(reason)
        raise VerificationError(f"it was signed by somebody who is not accepted: {'; '.join(dict.fromkeys(reasons))}")


def certified_build(cert: Certificate) -> CertifiedBuild:
    """Return the build that `cert` describes in its extensions."""
    return CertifiedBuild(**{name: _text(cert, number) for name, number in _BUILD.items()})


def _with_conditions(signer: SignerIdentity) -> AcceptedSigner:
    """Return a signer that was named without conditions as one that has none."""
    return signer if isinstance(signer, AcceptedSigner) else AcceptedSigner(issuer=signer.issuer, san=signer.san)


def _refuse_open(signer: AcceptedSigner) -> None:
    if not signer.issuer or not (signer.san or (signer.repository and signer.workflow and signer.refs)):
        raise PolicyError(
            "an accepted signer needs both an issuer and a name",
            hint="give its san, or its repository, workflow and refs",
        )
    if not signer.use or "" in (*signer.triggers, *signer.refs, *signer.deny_runs):
        raise PolicyError("an accepted signer has an empty condition", where=signer.san or signer.repository)
    if Use.PUBLISH_BACKFILL in signer.use and signer.not_after is None:
        raise PolicyError("a signer for older releases needs a last day", where=signer.san, hint="give not_after")


def _objections(
    signer: AcceptedSigner, found: SignerIdentity, build: CertifiedBuild, signed_at: datetime
) -> Iterator[str]:
    """Yield what speaks against taking the certificate for `signer`, worst first."""
    # Without an exact name the workflow signs for itself: a shared one would be named here, with a ref of its own.
    pairs = (("issuer", found.issuer, signer.issuer), ("name", found.san, signer.san or build.workflow))
    yield from (f"the {what} is {is_found}" for what, is_found, wanted in pairs if is_found != wanted)
    yield from (
        f"the {what} is {is_found or 'not named'}"
        for what, is_found, is_met in _conditions(signer, build)
        if not (is_found and is_met)
    )
    if signer.not_before and signed_at < signer.not_before:
        yield f"it was signed on {signed_at}, before its signer was accepted"
    if signer.not_after and signed_at > signer.not_after:
        yield f"it was signed on {signed_at}, after its signer was accepted"


def _conditions(signer: AcceptedSigner, build: CertifiedBuild) -> Iterator[tuple[str, str, bool]]:
    """Yield each condition of `signer`: its name, what the certificate says, and whether that meets it."""
    if signer.repository:
        address = f"{_FORGES.get(signer.issuer, signer.issuer)}/{signer.repository}"
        yield "repository", build.repository, build.repository == address
    if signer.workflow:
        yield "workflow", build.workflow, _is_of_workflow(build, signer.workflow)
    if signer.refs:
        yield "ref", build.ref, any(matches_ref(pattern, build.ref) for pattern in signer.refs)
    if signer.repository_id:
        yield "repository id", build.repository_id, build.repository_id == signer.repository_id
    if signer.owner_id:
        yield "owner id", build.owner_id, build.owner_id == signer.owner_id
    if signer.runner:
        yield "runner", build.runner, build.runner == signer.runner
    if signer.triggers:
        yield "trigger", build.trigger, build.trigger in signer.triggers
    if signer.deny_runs:
        # Which runs do not count is looked at for all signers at once; here it only must be known.
        yield "run", build.run, True


def _is_of_workflow(build: CertifiedBuild, path: str) -> bool:
    """Return whether the build is of the workflow file `path` in its repository; GitLab writes two slashes."""
    address, at, _ = build.workflow.rpartition("@")
    return bool(at) and address in (f"{build.repository}/{path}", f"{build.repository}//{path}")


def matches_ref(pattern: str, ref: str) -> bool:
    """Return whether `ref` is one that `pattern` means: part by part, so that ``*`` never reaches over a ``/``."""
    wanted, parts = pattern.split("/"), ref.split("/")
    return len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted))


def is_denied(run: str, denied: Iterable[str]) -> bool:
    """Return whether the build at the address `run` is one of those `denied`, in this attempt or altogether."""
    return bool(run) and not {run, run.partition("/attempts/")[0]}.isdisjoint(denied)


def _issuer(cert: Certificate) -> str:
    """Return the OIDC issuer, which stands there once or twice: as bare text, and since 2023 as a string of DER."""
    from sigstore.errors import VerificationError

    older, newer = _raw(cert, _ISSUER_V1), _text(cert, _ISSUER_V2)
    if older is None:
        return newer
    issuer = older.decode("utf-8")
    if newer and newer != issuer:
        raise VerificationError(f"the certificate names two issuers: {newer} and {issuer}")
    return issuer


def _name(cert: Certificate) -> str:
    """Return the one subject alternative name."""
    from cryptography.x509 import (
        ObjectIdentifier,
        OtherName,
        RFC822Name,
        SubjectAlternativeName,
        UniformResourceIdentifier,
    )
    from sigstore.errors import VerificationError

    names = cert.extensions.get_extension_for_class(SubjectAlternativeName).value
    if len(names) != 1:
        raise VerificationError(f"the certificate has {len(names)} names")
    (name,) = names
    if isinstance(name, RFC822Name | UniformResourceIdentifier):
        return name.value
    if isinstance(name, OtherName) and name.type_id == ObjectIdentifier(f"{_ARC}{_OTHER_NAME}"):
        return _decoded(name.value)
    raise VerificationError("the certificate has a name of another kind")


def _text(cert: Certificate, number: int) -> str:
    """Return the text of an extension; empty when the certificate has none."""
    data = _raw(cert, number)
    return "" if data is None else _decoded(data)


def _raw(cert: Certificate, number: int) -> bytes | None:
    from cryptography.x509 import ExtensionNotFound, ObjectIdentifier, UnrecognizedExtension

    try:
        value = cert.extensions.get_extension_for_oid(ObjectIdentifier(f"{_ARC}{number}")).value
    except ExtensionNotFound:
        return None
    return value.value if isinstance(value, UnrecognizedExtension) else None


def _decoded(der: bytes) -> str:
    """Return the text of a DER UTF8String; what is written in another way is no text.

    Raises:
        ValueError: it is anything else, or not in its shortest form.

    """
    tag, length, start = der[0], der[1], 2
    if length & _LONG_LENGTH:
        start += length & ~_LONG_LENGTH
        length = int.from_bytes(der[2:start], "big")
        if length < _LONG_LENGTH or der[2] == 0:
            raise ValueError("a certificate extension has a length that is not in its shortest form")
    if tag != _UTF8_STRING or len(der) != start + length:
        raise ValueError("a certificate extension holds no text")
    return der[start:].decode("utf-8")
