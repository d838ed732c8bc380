"""The signer: signs under the identity its token names, renews in time, and translates every failure."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from pluginry.adapters.sigstore_identity import SigstoreSigner, ambient_token, identity_in
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.errors import AuthError, DocumentError, TamperedError, TransportError
from pluginry.model.attestation import PAYLOAD_TYPE, STATEMENT_TYPE, SignerIdentity
from pluginry.publisher.patient_signer import PatientSigner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pluginry.adapters.sigstore_lab import RunningLab

GITHUB = "https://token.actions.githubusercontent.com"
WORKFLOW = "acme/registry/.github/workflows/publish.yml@refs/heads/main"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.open(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def running(lab: Lab) -> Iterator[RunningLab]:
    with lab.serve() as running:
        yield running


def a_statement(name: str = "demo.zip") -> bytes:
    subject = {"name": name, "digest": {"sha256": "0" * 64}}
    document = {"_type": STATEMENT_TYPE, "subject": [subject], "predicateType": "urn:test", "predicate": {}}
    return json.dumps(document).encode()


def a_signer(running: RunningLab, **claims: object) -> SigstoreSigner:
    return SigstoreSigner.from_trust_config(running.trust_config_json, token=lambda: running.identity_token(claims))


def certificate_in(bundle: bytes) -> x509.Certificate:
    raw = json.loads(bundle)["verificationMaterial"]["certificate"]["rawBytes"]
    return x509.load_der_x509_certificate(b64decode(raw))


def entry_in(bundle: bytes) -> dict[str, str]:
    (entry,) = json.loads(bundle)["verificationMaterial"]["tlogEntries"]
    return entry


def test_a_signed_statement_verifies_with_time_log_and_envelope_in_one_bundle(lab: Lab, running: RunningLab) -> None:
    signer = a_signer(running)
    bundle = signer.attest(a_statement())
    document = json.loads(bundle)
    assert document["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert document["dsseEnvelope"]["payloadType"] == PAYLOAD_TYPE
    assert b64decode(document["dsseEnvelope"]["payload"]) == a_statement()
    assert len(document["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]) == 1
    assert signer.identity == LAB_IDENTITY
    verified = SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])
    assert verified.payload == a_statement()
    assert verified.signer == LAB_IDENTITY


@pytest.mark.parametrize(
    ("claims", "identity"),
    [
        (
            {"iss": GITHUB, "sub": "repo:acme/registry:ref:refs/heads/main", "job_workflow_ref": WORKFLOW},
            SignerIdentity(issuer=GITHUB, san=f"https://github.com/{WORKFLOW}"),
        ),
        (
            {"iss": "https://accounts.example.org", "email": "me@example.org"},
            SignerIdentity(issuer="https://accounts.example.org", san="me@example.org"),
        ),
        (
            {"sub": "https://ci.example.org/job/7"},
            SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://ci.example.org/job/7"),
        ),
    ],
)
def test_the_certificate_names_whom_the_token_names(
    lab: Lab, running: RunningLab, claims: dict[str, object], identity: SignerIdentity
) -> None:
    signer = a_signer(running, **claims)
    assert signer.identity == identity
    bundle = signer.attest(a_statement())
    verified = SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[identity])
    assert verified.signer == identity


def test_a_gitlab_token_names_the_pipeline_file() -> None:
    claims = {
        "iss": "https://gitlab.com",
        "sub": "x",
        "ci_config_ref_uri": "gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main",
    }
    assert identity_in(claims) == SignerIdentity(
        issuer="https://gitlab.com", san="https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main"
    )


@pytest.mark.parametrize("claims", [{}, {"iss": "https://x.invalid"}, {"sub": "me"}, {"iss": "", "sub": "me"}])
def test_claims_without_issuer_or_name_are_nobody(claims: dict[str, object]) -> None:
    with pytest.raises(AuthError, match="nobody"):
        identity_in(claims)


def test_one_certificate_serves_until_a_minute_before_its_end(running: RunningLab) -> None:
    moments = [datetime.now(UTC)]
    signer = SigstoreSigner.from_trust_config(
        running.trust_config_json, token=running.identity_token, clock=lambda: moments[-1]
    )
    first = certificate_in(signer.attest(a_statement()))
    moments.append(first.not_valid_after_utc - timedelta(seconds=61))
    assert certificate_in(signer.attest(a_statement())) == first
    moments.append(first.not_valid_after_utc - timedelta(seconds=60))
    renewed = certificate_in(signer.attest(a_statement()))
    assert renewed != first
    assert renewed.public_key() != first.public_key()


def test_tokens_are_asked_for_only_when_needed(running: RunningLab) -> None:
    asked, moments = [], [datetime.now(UTC)]

    def token() -> str:
        asked.append(moments[-1])
        return running.identity_token()

    signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=token, clock=lambda: moments[-1])
    assert not asked
    assert signer.identity == signer.identity == LAB_IDENTITY
    signer.attest(a_statement())
    signer.attest(a_statement())
    assert len(asked) == 1
    moments.append(moments[-1] + timedelta(seconds=241))
    assert signer.identity == LAB_IDENTITY
    assert len(asked) == 2


def test_a_new_token_for_somebody_else_is_refused(running: RunningLab) -> None:
    moments, names = [datetime.now(UTC)], iter(["https://a.invalid/1", "https://b.invalid/2"])
    signer = SigstoreSigner.from_trust_config(
        running.trust_config_json,
        token=lambda: running.identity_token({"sub": next(names)}),
        clock=lambda: moments[-1],
    )
    signer.attest(a_statement())
    moments.append(moments[-1] + timedelta(minutes=11))
    with pytest.raises(AuthError, match="names another signer"):
        signer.attest(a_statement())


def test_four_threads_share_one_certificate_and_every_bundle_verifies(lab: Lab, running: RunningLab) -> None:
    signer = a_signer(running)
    statements = [a_statement(f"file-{number}.zip") for number in range(16)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        bundles = list(pool.map(signer.attest, statements))
    verifier = SigstoreVerifier()
    verified = [verifier.verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY]) for bundle in bundles]
    assert [one.payload for one in verified] == statements
    assert len({one.log_index for one in verified}) == len(statements)
    assert len({certificate_in(bundle).serial_number for bundle in bundles}) == 1


def test_certificates_are_replaced_in_time_while_eight_threads_sign(tmp_path: Path) -> None:
    lab = Lab.open(tmp_path / "lab", certificate_life=timedelta(seconds=3))
    bundles: dict[bytes, bytes] = {}
    with lab.serve() as running, ThreadPoolExecutor(max_workers=8) as pool:
        impatient = SigstoreSigner.from_trust_config(
            running.trust_config_json, token=running.identity_token, margin=timedelta(seconds=2)
        )
        signer = PatientSigner(signer=impatient, pause=lambda _seconds: None, chance=lambda: 0.0)
        while len({certificate_in(bundle).serial_number for bundle in bundles.values()}) < 3:
            statements = [a_statement(f"file-{len(bundles) + number}.zip") for number in range(16)]
            bundles.update(zip(statements, pool.map(signer.attest, statements), strict=True))
    verifier = SigstoreVerifier()
    for statement, bundle in bundles.items():
        verified = verifier.verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])
        assert verified.payload == statement


def test_a_bundle_whose_certificate_ran_out_meanwhile_is_not_handed_out(lab: Lab, running: RunningLab) -> None:
    moments = [datetime.now(UTC)]

    def token() -> str:
        moments.append(moments[0] + timedelta(minutes=11))
        return running.identity_token()

    signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=token, clock=lambda: moments[-1])
    with pytest.raises(TransportError, match="ran out"):
        signer.attest(a_statement())
    moments.pop()
    bundle = signer.attest(a_statement())
    assert SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])


def test_log_indices_go_on_rising_when_the_lab_is_opened_again(tmp_path: Path) -> None:
    indices, roots = [], set()
    for _ in range(3):
        lab = Lab.open(tmp_path / "lab")
        roots.add(lab.trusted_root)
        with lab.serve() as running:
            signer = a_signer(running)
            bundles = [signer.attest(a_statement()) for _ in range(3)]
        for bundle in bundles:
            verified = SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[LAB_IDENTITY])
            indices.append(verified.log_index)
    assert indices == list(range(9))
    assert len(roots) == 1


# --- failures


@pytest.mark.parametrize("statement", [b"", b"{}", b"not json", a_statement().replace(b"sha256", b"gitCommit")])
def test_only_in_toto_statements_are_signed(running: RunningLab, statement: bytes) -> None:
    with pytest.raises(DocumentError, match="in-toto"):
        a_signer(running).attest(statement)


@pytest.mark.parametrize("config", ["", "{}", "[]", '{"mediaType": 7}'])
def test_a_configuration_that_is_none_is_refused(config: str) -> None:
    with pytest.raises(DocumentError, match="client trust configuration"):
        SigstoreSigner.from_trust_config(config)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "pypi"},
        {"exp": 1_700_000_000},
        {"exp": 10**30},
        {"iss": ["https://lab.pluginry.invalid"]},
        {"iss": ""},
    ],
)
def test_a_token_that_cannot_be_used_is_a_matter_of_credentials(running: RunningLab, claims: dict[str, object]) -> None:
    signer = a_signer(running, **claims)
    with pytest.raises(AuthError) as caught:
        signer.attest(a_statement())
    assert running.identity_token(claims).split(".")[1] not in str(caught.value)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.e30"])
def test_nonsense_for_a_token_is_a_matter_of_credentials(running: RunningLab, token: str) -> None:
    signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=lambda: token)
    with pytest.raises(AuthError):
        assert signer.identity


def test_a_token_of_another_lab_is_refused_by_the_authority_and_its_reason_is_told(
    tmp_path: Path, running: RunningLab
) -> None:
    with Lab.open(tmp_path / "other").serve() as other:
        signer = SigstoreSigner.from_trust_config(running.trust_config_json, token=other.identity_token)
        with pytest.raises(AuthError, match="not signed by this lab") as caught:
            signer.attest(a_statement())
    assert "401" in caught.value.why
    assert other.identity_token().split(".")[2] not in str(caught.value)


def test_a_certificate_for_somebody_else_is_not_used(running: RunningLab) -> None:
    # The lab knows nothing of GitLab: it certifies the token's subject, not the pipeline file.
    claims = {"sub": "https://x.invalid/", "ci_config_ref_uri": "gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main"}
    with pytest.raises(AuthError, match="names another signer"):
        a_signer(running, **claims).attest(a_statement())


def test_a_lab_that_stopped_is_a_matter_of_transport(tmp_path: Path) -> None:
    with Lab.open(tmp_path / "lab").serve() as running:
        fresh, used = a_signer(running), a_signer(running)
        used.attest(a_statement())
    with pytest.raises(TransportError, match="no signing certificate"):
        fresh.attest(a_statement())
    with pytest.raises(TransportError, match="could not be signed"):
        used.attest(a_statement())


def test_an_authority_of_another_instance_is_noticed_before_anything_is_logged(
    tmp_path: Path, running: RunningLab
) -> None:
    stranger = Lab.open(tmp_path / "other")
    config = json.loads(running.trust_config_json) | {"trustedRoot": json.loads(stranger.trusted_root)}
    signer = SigstoreSigner.from_trust_config(json.dumps(config), token=running.identity_token)
    before = int(entry_in(a_signer(running).attest(a_statement()))["logIndex"])
    with pytest.raises(TamperedError):
        signer.attest(a_statement())
    assert int(entry_in(a_signer(running).attest(a_statement()))["logIndex"]) == before + 1


@contextmanager
def a_server(status: int, body: bytes) -> Iterator[str]:
    """Answer everything with one answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def elsewhere(running: RunningLab, service: str, url: str) -> str:
    config = json.loads(running.trust_config_json)
    config["signingConfig"][service][0]["url"] = url
    return json.dumps(config)


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls"])
@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"\x1b[31mdown"), (502, b""), (201, b""), (201, b"{}"), (201, b"[7]"), (201, b'{"x":{"body":"!"}}')],
)
def test_a_broken_service_is_a_matter_of_transport(running: RunningLab, service: str, status: int, body: bytes) -> None:
    with a_server(status, body) as url:
        signer = SigstoreSigner.from_trust_config(elsewhere(running, service, url), token=running.identity_token)
        with pytest.raises(TransportError) as caught:
            signer.attest(a_statement())
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls"])
def test_a_service_that_is_silent_is_not_waited_for_for_ever(running: RunningLab, service: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = elsewhere(running, service, f"http://127.0.0.1:{silent.getsockname()[1]}")
        signer = SigstoreSigner.from_trust_config(config, token=running.identity_token, timeout_s=0.1)
        with pytest.raises(TransportError, match="timed out"):
            signer.attest(a_statement())


def test_a_refusal_is_shown_without_control_characters(running: RunningLab) -> None:
    with a_server(403, b"\x1b[31mno\r\n" + b"x" * 10_000) as url:
        signer = SigstoreSigner.from_trust_config(elsewhere(running, "caUrls", url), token=running.identity_token)
        with pytest.raises(AuthError) as caught:
            signer.attest(a_statement())
    assert caught.value.why.isprintable()
    assert len(caught.value.why) < 400


# --- ambient credentials


@pytest.fixture
def no_ci(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Take this process out of any continuous integration; the result puts single variables back."""
    names = ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "GITLAB_CI")
    for name in (*names, "CIRCLECI", "BUILDKITE", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


def test_a_github_job_signs_with_its_own_token(
    lab: Lab, running: RunningLab, no_ci: Callable[[str, str], None]
) -> None:
    claims = {"iss": GITHUB, "sub": "repo:acme/registry", "job_workflow_ref": WORKFLOW}
    with a_server(200, json.dumps({"value": running.identity_token(claims)}).encode()) as url:
        no_ci("GITHUB_ACTIONS", "true")
        no_ci("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret")
        no_ci("ACTIONS_ID_TOKEN_REQUEST_URL", f"{url}/token?x=1")
        signer = SigstoreSigner.from_trust_config(running.trust_config_json)
        bundle = signer.attest(a_statement())
    identity = SignerIdentity(issuer=GITHUB, san=f"https://github.com/{WORKFLOW}")
    verified = SigstoreVerifier().verify(bundle, trusted_root=lab.trusted_root, identities=[identity])
    assert verified.signer == identity


def test_a_github_job_without_permission_is_told_what_it_needs(no_ci: Callable[[str, str], None]) -> None:
    no_ci("GITHUB_ACTIONS", "true")
    with pytest.raises(AuthError) as caught:
        ambient_token()
    assert "id-token: write" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "body"), [(500, b""), (200, b""), (200, b'{"value": 7}'), (200, b'{"value": "a.b.c"}')]
)
def test_a_broken_token_service_is_a_matter_of_credentials(
    no_ci: Callable[[str, str], None], status: int, body: bytes
) -> None:
    with a_server(status, body) as url:
        no_ci("GITHUB_ACTIONS", "true")
        no_ci("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret")
        no_ci("ACTIONS_ID_TOKEN_REQUEST_URL", url)
        with pytest.raises(AuthError, match="no identity token"):
            ambient_token()


def test_outside_of_any_ci_there_is_no_ambient_token(no_ci: Callable[[str, str], None]) -> None:
    no_ci("PATH", "")
    with pytest.raises(AuthError, match="nothing around this process"):
        ambient_token()


def test_the_public_instance_is_unreachable_without_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise OSError("the network is closed")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(TransportError, match="public sigstore instance"):
        SigstoreSigner.public_good()
