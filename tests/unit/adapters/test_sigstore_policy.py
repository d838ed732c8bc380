"""Accepted signers: what certificates must say beyond issuer and name, with genuine signatures made for the purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sigstore.errors import VerificationError

from github_builds import GITHUB, claims_of, signed_by_build
from notary import lab
from pluginry.adapters.sigstore_identity import SigstoreSigner
from pluginry.adapters.sigstore_policy import SignerPolicy, is_denied, matches_ref
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.attestation import STATEMENT_TYPE, AcceptedSigner, CertifiedBuild, SignerIdentity, Use

if TYPE_CHECKING:
    from pluginry.model.attestation import VerifiedStatement

STATEMENT = json.dumps(
    {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "demo.zip", "digest": {"sha256": "0" * 64}}],
        "predicateType": "urn:test",
        "predicate": {},
    }
).encode()
SAN = "https://github.com/acme/registry/.github/workflows/publish.yml@refs/heads/main"
NAMED = AcceptedSigner(issuer=GITHUB, san=SAN)
RUN = "https://github.com/acme/registry/actions/runs/77"
STRICT = replace(
    NAMED,
    repository="acme/registry",
    repository_id="632596897",
    owner_id="131804563",
    runner="github-hosted",
    triggers=("push", "schedule"),
    workflow=".github/workflows/publish.yml",
    refs=("refs/heads/main",),
)
DEVELOPER = AcceptedSigner(
    issuer=GITHUB,
    san="",
    repository="acme/demo",
    repository_id="632596897",
    workflow=".github/workflows/release.yml",
    refs=("refs/tags/v*",),
)
RELEASE: dict[str, Any] = {
    "repository": "acme/demo",
    "workflow": ".github/workflows/release.yml",
    "ref": "refs/tags/v1.2.0",
}


def verified(*signers: SignerIdentity, **claims: Any) -> VerifiedStatement:
    bundle = signed_by_build(STATEMENT, **claims)
    return SigstoreVerifier().verify(bundle, trusted_root=lab().trusted_root, identities=signers)


def is_accepted(*signers: SignerIdentity, **claims: Any) -> bool:
    try:
        verified(*signers, **claims)
    except TamperedError as error:
        if "not accepted" in error.why or "denied" in error.why:
            return False
        raise
    return True


@pytest.mark.parametrize(
    ("claims", "by_name", "by_all"),
    [
        pytest.param({}, True, True, id="the right one"),
        pytest.param({"repository_id": "999999999"}, True, False, id="repository registered again"),
        pytest.param({"repository_owner_id": "999999999"}, True, False, id="owner registered again"),
        pytest.param({"event_name": "pull_request_target"}, True, False, id="started by a pull request"),
        pytest.param({"event_name": "workflow_run"}, True, False, id="started by another workflow"),
        pytest.param({"ref": "refs/heads/evil"}, False, False, id="another branch"),
        pytest.param({"ref": "refs/pull/7/merge"}, False, False, id="a pull request's merge"),
        pytest.param({"workflow": ".github/workflows/evil.yml"}, False, False, id="another workflow file"),
        pytest.param({"repository": "evil/registry"}, False, False, id="another repository"),
        pytest.param({"runner_environment": "self-hosted"}, True, False, id="self-hosted runner"),
        pytest.param({"workflow_ref": "evil/x/.github/workflows/y.yml@refs/heads/main"}, True, False, id="as a part"),
        pytest.param({"iss": "https://evil.example"}, False, False, id="another issuer"),
    ],
)
def test_only_the_right_build_is_accepted_and_the_name_alone_would_not_tell(
    claims: dict[str, str], *, by_name: bool, by_all: bool
) -> None:
    assert is_accepted(NAMED, **claims) is by_name
    assert is_accepted(STRICT, **claims) is by_all


@pytest.mark.parametrize("missing", ["repository_id", "repository_owner_id", "runner_environment", "event_name", "ref"])
def test_a_condition_about_what_a_certificate_does_not_say_is_not_met(missing: str) -> None:
    bundle = lab_bundle_without(missing)
    root = lab().trusted_root
    assert SigstoreVerifier().verify(bundle, trusted_root=root, identities=[NAMED]).payload == STATEMENT
    with pytest.raises(TamperedError, match="not named"):
        SigstoreVerifier().verify(bundle, trusted_root=root, identities=[STRICT])


def lab_bundle_without(name: str) -> bytes:
    claims = {key: value for key, value in claims_of().items() if key != name}
    with lab().serve() as running:
        token = running.identity_token(claims)
        return SigstoreSigner.from_trust_config(running.trust_config_json, token=lambda: token).attest(STATEMENT)


def test_what_was_proved_about_the_build_is_told() -> None:
    proved = verified(STRICT)
    assert proved.signer == SignerIdentity(issuer=GITHUB, san=SAN)
    assert proved.build == CertifiedBuild(
        repository="https://github.com/acme/registry",
        repository_id="632596897",
        owner_id="131804563",
        workflow=SAN,
        commit="a" * 40,
        ref="refs/heads/main",
        trigger="push",
        runner="github-hosted",
        run=f"{RUN}/attempts/1",
    )


# --- developers, whose name holds the tag


def test_a_developers_build_of_any_fitting_tag_is_accepted() -> None:
    for ref in ("refs/tags/v1.2.0", "refs/tags/v2"):
        proved = verified(DEVELOPER, **{**RELEASE, "ref": ref})
        assert proved.signer.san == f"https://github.com/acme/demo/.github/workflows/release.yml@{ref}"


@pytest.mark.parametrize(
    "changes",
    [
        {"ref": "refs/heads/main"},
        {"ref": "refs/tags/1.2.0"},
        {"ref": "refs/tags/v1/evil"},
        {"repository": "evil/demo"},
        {"repository_id": "7"},
        {"workflow": ".github/workflows/ci.yml"},
        {"workflow": "x/.github/workflows/release.yml"},
        # A workflow of somebody else that the right one calls, and the right one called by somebody else.
        {"job_workflow_ref": "evil/builder/.github/workflows/release.yml@refs/tags/v1.2.0"},
        {"workflow_ref": "evil/demo/.github/workflows/release.yml@refs/tags/v1.2.0"},
    ],
)
def test_another_build_is_not_the_developers(changes: dict[str, str]) -> None:
    assert is_accepted(DEVELOPER, **RELEASE)
    assert not is_accepted(DEVELOPER, **{**RELEASE, **changes})


@pytest.mark.parametrize(
    ("pattern", "ref", "matches"),
    [
        ("refs/tags/v*", "refs/tags/v1.2.0", True),
        ("refs/tags/*", "refs/tags/a/b", False),
        ("refs/*/main", "refs/heads/main", True),
        ("*", "refs/heads/main", False),
        ("refs/heads/main", "refs/heads/Main", False),
        ("refs/tags/v*", "", False),
        ("refs/heads/release-[0-9]", "refs/heads/release-7", True),
    ],
)
def test_a_star_in_a_ref_stops_at_a_slash(pattern: str, ref: str, *, matches: bool) -> None:
    assert matches_ref(pattern, ref) is matches


# --- when, and which runs


@pytest.mark.parametrize(("start_h", "end_h", "accepted"), [(-1, 1, True), (1, 2, False), (-2, -1, False)])
def test_a_signature_counts_only_within_the_signers_time(start_h: int, end_h: int, *, accepted: bool) -> None:
    moment = verified(NAMED).signed_at
    start, end = (moment + timedelta(hours=hours) for hours in (start_h, end_h))
    assert is_accepted(replace(NAMED, not_before=start, not_after=end)) is accepted


def test_the_first_and_the_last_moment_count() -> None:
    moment = verified(NAMED).signed_at
    assert is_accepted(replace(NAMED, not_before=moment, not_after=moment))
    assert not is_accepted(replace(NAMED, not_after=moment - timedelta(seconds=1)))


@pytest.mark.parametrize("denied", [RUN, f"{RUN}/attempts/1"])
def test_a_denied_run_counts_for_nobody(denied: str) -> None:
    assert not is_accepted(replace(STRICT, deny_runs=(denied,)))
    assert not is_accepted(replace(STRICT, deny_runs=(denied,)), NAMED)
    assert is_accepted(replace(STRICT, deny_runs=(denied,)), run_id="78")


def test_another_attempt_of_a_run_is_another_run() -> None:
    assert is_denied(f"{RUN}/attempts/2", [RUN])
    assert not is_denied(f"{RUN}/attempts/2", [f"{RUN}/attempts/1"])
    assert not is_denied("", [RUN])


def test_who_does_not_name_his_run_is_refused_where_some_are_denied() -> None:
    bundle = lab_bundle_without("run_id")
    with pytest.raises(TamperedError, match="the run is not named"):
        SigstoreVerifier().verify(
            bundle, trusted_root=lab().trusted_root, identities=[replace(NAMED, deny_runs=(RUN,))]
        )


# --- policies that say too little


@pytest.mark.parametrize(
    "signer",
    [
        replace(NAMED, san=""),
        replace(NAMED, issuer=""),
        replace(DEVELOPER, refs=()),
        replace(DEVELOPER, workflow=""),
        replace(DEVELOPER, repository=""),
        replace(NAMED, triggers=("push", "")),
        replace(NAMED, deny_runs=("",)),
        replace(NAMED, use=()),
        replace(NAMED, use=(Use.PUBLISH_BACKFILL,)),
    ],
)
def test_a_signer_that_leaves_open_who_it_is_is_an_error_and_no_consent(signer: AcceptedSigner) -> None:
    with pytest.raises(PolicyError):
        SignerPolicy([NAMED, signer])


def test_nobody_is_not_everybody() -> None:
    with pytest.raises(PolicyError, match="no signer"):
        SignerPolicy([])


# --- certificates that no authority should have made


def text(value: str) -> bytes:
    data = value.encode()
    return bytes([0x0C, len(data)]) + data


def a_certificate(names: list[x509.GeneralName], extensions: dict[int, bytes]) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    start = datetime(2026, 3, 1, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(minutes=10))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
    )
    for number, data in extensions.items():
        oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, data), critical=False)
    return builder.sign(key, SHA256())


ME = SignerIdentity(issuer="https://accounts.example.org", san="me@example.org")
MAIL = x509.RFC822Name(ME.san)


@pytest.mark.parametrize(
    "extensions",
    [{1: ME.issuer.encode()}, {8: text(ME.issuer)}, {1: ME.issuer.encode(), 8: text(ME.issuer)}],
)
def test_the_issuer_is_read_in_both_its_spellings(extensions: dict[int, bytes]) -> None:
    assert SignerPolicy([ME]).matched(a_certificate([MAIL], extensions)) == ME


def test_a_user_name_of_an_instance_is_a_name_too() -> None:
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), text("ann!example.org"))
    ann = replace(ME, san="ann!example.org")
    assert SignerPolicy([ann]).matched(a_certificate([other], {8: text(ME.issuer)})) == ann


@pytest.mark.parametrize(
    ("names", "extensions"),
    [
        ([MAIL], {1: b"https://evil.example", 8: text(ME.issuer)}),
        ([MAIL, x509.RFC822Name("evil@example.org")], {8: text(ME.issuer)}),
        ([x509.DNSName(ME.san)], {8: text(ME.issuer)}),
        ([x509.OtherName(x509.ObjectIdentifier("1.2.3"), text(ME.san))], {8: text(ME.issuer)}),
        ([MAIL], {}),
    ],
)
def test_a_certificate_that_names_two_or_nobody_is_refused(
    names: list[x509.GeneralName], extensions: dict[int, bytes]
) -> None:
    with pytest.raises(VerificationError):
        SignerPolicy([ME]).matched(a_certificate(names, extensions))


@pytest.mark.parametrize(
    "data", [b"\x0c\x81\x02ab", b"\x0c\x05ab", b"\x0c\x02abc", b"\x16\x02ab", b"\x0c\x02\xff\xfe", b"\x0c\x82\x00\x85a"]
)
def test_text_that_is_not_written_as_text_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"extension|codec"):
        SignerPolicy([ME]).matched(a_certificate([MAIL], {8: text(ME.issuer), 14: data}))
