"""``pluginry conformance``: the forms of sigstore-conformance and tuf-conformance, and what is accepted and refused."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
from click.testing import CliRunner, Result
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from tuf.api.metadata import Metadata, Timestamp

from authority import TARGETS, Authority
from forged_zips import forged_zip
from hostile_zips import HOSTILE_ZIPS, MANIFEST
from loopback import LoopbackServer
from notary import Notary, lab
from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab, server
from pluginry.cli.main import run
from pluginry.encoding import canonical_json
from pluginry.model.attestation import PUBLISH_PREDICATE, STATEMENT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARTIFACT = b"an artifact\n"
DIGEST = f"sha256:{hashlib.sha256(ARTIFACT).hexdigest()}"
INDEX_ROOT = "index/root.json"


def pluginry(*arguments: str | Path) -> Result:
    return CliRunner().invoke(run, ["conformance", *map(str, arguments)])


def status(*arguments: str | Path) -> int:
    result = pluginry(*arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


# --- verify-bundle


def statement_about(artifact: bytes, **changes: Any) -> bytes:
    subject = {"name": "a.txt", "digest": {"sha256": hashlib.sha256(artifact).hexdigest()}}
    document = {"_type": STATEMENT_TYPE, "subject": [subject], "predicateType": PUBLISH_PREDICATE, "predicate": {}}
    return canonical_json.encode({**document, **changes})


def any_entry(proposal: bytes) -> bytes:
    """Write down an entry of kind ``hashedrekord``, which the lab's own log does not take."""
    document = json.loads(proposal)
    assert document["kind"] == "hashedrekord"
    return rfc8785.dumps({key: document[key] for key in ("apiVersion", "kind", "spec")})


@pytest.fixture(scope="module")
def signed_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Return a bundle with a signature over a file, not over a statement about it; and its trusted root."""
    own = Lab.open(tmp_path_factory.mktemp("lab"))
    with pytest.MonkeyPatch.context() as patch, own.serve() as running:
        patch.setattr(server, "entry_body", any_entry)
        context = SigningContext.from_trust_config(ClientTrustConfig.from_json(running.trust_config_json))
        with context.signer(IdentityToken(running.identity_token())) as signer:
            return signer.sign_artifact(ARTIFACT).to_json().encode(), own.trusted_root


class Signed:
    """A bundle and a trusted root as files, and the command over them."""

    def __init__(self, folder: Path, bundle: bytes, root: bytes) -> None:
        self.folder = folder
        (folder / "bundle.json").write_bytes(bundle)
        (folder / "root.json").write_bytes(root)
        (folder / "artifact").write_bytes(ARTIFACT)

    def status(
        self, artifact: str | Path = "", *, san: str = LAB_IDENTITY.san, issuer: str = LAB_IDENTITY.issuer
    ) -> int:
        return status(
            *("verify-bundle", "--bundle", self.folder / "bundle.json", "--certificate-identity", san),
            *("--certificate-oidc-issuer", issuer, "--trusted-root", self.folder / "root.json"),
            artifact or self.folder / "artifact",
        )


@pytest.fixture(params=["a statement", "a file"])
def signed(request: pytest.FixtureRequest, tmp_path: Path, signed_file: tuple[bytes, bytes]) -> Signed:
    if request.param == "a file":
        return Signed(tmp_path, *signed_file)
    return Signed(tmp_path, Notary().attest(statement_about(ARTIFACT)), lab().trusted_root)


def test_a_signed_file_is_accepted_by_path_and_by_digest(signed: Signed) -> None:
    assert signed.status() == 0
    assert signed.status(DIGEST) == 0


def test_another_file_is_refused(signed: Signed) -> None:
    (signed.folder / "artifact").write_bytes(ARTIFACT + b"x")
    assert signed.status() == 1
    assert signed.status(f"sha256:{'0' * 64}") == 1


def test_a_file_that_has_the_name_of_a_digest_is_the_file(
    signed: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / DIGEST).write_bytes(b"something else")
    assert signed.status(DIGEST) == 1


def test_others_are_refused(signed: Signed) -> None:
    assert signed.status(san="https://somebody.example/else") == 1
    assert signed.status(issuer="https://issuer.example") == 1
    assert signed.status(san="") == 1
    (signed.folder / "root.json").write_bytes(b"{}")
    assert signed.status() == 1


def test_a_changed_bundle_is_refused(signed: Signed) -> None:
    path = signed.folder / "bundle.json"
    bundle = json.loads(path.read_bytes())
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    entry["canonicalizedBody"] = b64encode(b"{}").decode()
    for changed in (json.dumps(bundle).encode(), b"", b"{}", b"[]", b"null", b"{" * 10_000, b" " * 300_000):
        path.write_bytes(changed)
        assert signed.status() == 1


@pytest.mark.parametrize(
    "statement",
    [
        statement_about(ARTIFACT, _type="https://in-toto.io/Statement/v9"),
        statement_about(b"another"),
    ],
)
def test_a_statement_about_something_else_is_refused(tmp_path: Path, statement: bytes) -> None:
    document = json.loads(statement)
    if document["_type"] != STATEMENT_TYPE:
        with pytest.raises(Exception, match="statement"):
            Notary().attest(statement)
        return
    assert Signed(tmp_path, Notary().attest(statement), lab().trusted_root).status() == 1


def test_without_a_trusted_root_the_public_instance_counts(signed: Signed) -> None:
    assert (
        status(
            *("verify-bundle", "--bundle", signed.folder / "bundle.json", "--certificate-identity", LAB_IDENTITY.san),
            *("--certificate-oidc-issuer", LAB_IDENTITY.issuer, signed.folder / "artifact"),
        )
        == 1
    )


def test_an_artifact_that_is_not_there_is_a_mistake_of_the_caller(signed: Signed) -> None:
    assert signed.status("sha256:short") == 2


# --- tuf


class Repository:
    """A repository on loopback, and the command over it with a clock of now."""

    def __init__(self, served: LoopbackServer, authority: Authority, folder: Path) -> None:
        self.server, self.authority = served, authority
        self.metadata, self.targets = folder / "metadata", folder / "targets"
        (folder / "initial_root.json").write_bytes(authority.roots[0])
        assert status("tuf", "--metadata-dir", self.metadata, "init", folder / "initial_root.json") == 0
        assert served.requests == []

    def refresh(self) -> int:
        return status("tuf", "--metadata-dir", self.metadata, *self._url(), "refresh")

    def download(self, name: str = INDEX_ROOT) -> int:
        place = f"{self.server.address}v1/targets"
        return status(
            *("tuf", "--metadata-dir", self.metadata, *self._url(), "--target-name", name),
            *("--target-base-url", place, "--target-dir", self.targets, "download"),
        )

    def version(self, role: str) -> int:
        return int(json.loads((self.metadata / f"{role}.json").read_bytes())["signed"]["version"])

    def downloaded(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(self.targets.rglob("*")) if path.is_file()]

    def _url(self) -> tuple[str, str]:
        return "--metadata-url", f"{self.server.address}v1/metadata"


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    authority = Authority(now=datetime.now(UTC))
    authority.publish()
    with LoopbackServer(authority.store.objects) as served:
        yield Repository(served, authority, tmp_path)


def test_metadata_is_brought_up_to_date_under_names_without_versions(repository: Repository) -> None:
    assert repository.refresh() == 0
    assert {role: repository.version(role) for role in ("root", "timestamp", "snapshot", "targets")} == {
        "root": 1,
        "timestamp": 1,
        "snapshot": 1,
        "targets": 1,
    }
    assert repository.server.requests == [
        f"v1/metadata/{name}.json" for name in ("2.root", "timestamp", "1.snapshot", "1.targets")
    ]


def test_a_new_root_and_a_new_state_are_followed(repository: Repository) -> None:
    assert repository.refresh() == 0
    repository.authority.rotate(repository.authority.online)
    repository.authority.publish({**TARGETS, INDEX_ROOT: b"newer"})
    assert repository.refresh() == 0
    assert (repository.version("root"), repository.version("targets")) == (2, 2)


def test_a_rollback_is_refused(repository: Repository) -> None:
    old = dict(repository.authority.store.objects)
    repository.authority.publish({**TARGETS, INDEX_ROOT: b"newer"})
    assert repository.refresh() == 0
    repository.server.objects.update(old)
    assert repository.refresh() == 1
    assert repository.version("timestamp") == 2


def test_what_was_accepted_before_something_failed_is_kept(repository: Repository) -> None:
    repository.server.objects["v1/metadata/1.snapshot.json"] = b"{}"
    assert repository.refresh() == 1
    assert repository.version("timestamp") == 1
    assert not (repository.metadata / "snapshot.json").exists()


def test_what_has_expired_is_refused(repository: Repository) -> None:
    published = Metadata[Timestamp].from_bytes(repository.server.objects["v1/metadata/timestamp.json"])
    published.signed.expires = repository.authority.now.replace(microsecond=0) - timedelta(days=1)
    published.sign(repository.authority.online)
    repository.server.objects["v1/metadata/timestamp.json"] = published.to_bytes()
    assert repository.refresh() == 1


def test_a_target_is_downloaded_once(repository: Repository) -> None:
    assert repository.download() == 0
    assert repository.downloaded() == [TARGETS[INDEX_ROOT]]
    repository.server.requests.clear()
    assert repository.download() == 0
    assert not [key for key in repository.server.requests if "targets/" in key]


def test_a_changed_target_takes_the_place_of_the_old_one(repository: Repository) -> None:
    assert repository.download() == 0
    repository.authority.publish({**TARGETS, INDEX_ROOT: b"newer"})
    assert repository.download() == 0
    assert repository.downloaded() == [b"newer"]


def test_a_target_that_is_not_what_the_metadata_says_is_refused(repository: Repository) -> None:
    for key in [key for key in repository.server.objects if key.startswith("v1/targets/index/")]:
        repository.server.objects[key] = b"the root of the mafia"
    assert repository.download() == 1
    assert repository.downloaded() == []
    assert repository.download("no/such.json") == 1


def test_addresses_and_folders_that_are_missing_are_a_mistake_of_the_caller(tmp_path: Path) -> None:
    assert status("tuf", "--metadata-dir", tmp_path, "refresh") == 2
    assert status("tuf", "--metadata-dir", tmp_path, "--metadata-url", "https://m.example/", "download") == 2
    assert status("tuf", "--metadata-dir", tmp_path, "--metadata-url", "http://m.example/", "refresh") == 2
    assert status("tuf", "refresh") == 2


def test_a_folder_without_a_root_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.metadata = tmp_path / "nothing"
    assert repository.refresh() == 1


# --- archive


def test_a_good_archive_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "good.zip").write_bytes(forged_zip(MANIFEST))
    assert status("archive", tmp_path / "good.zip") == 0


def test_every_hostile_archive_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "hostile.zip"
    for hostile in HOSTILE_ZIPS:
        path.write_bytes(hostile.data)
        result = pluginry("archive", path, "--json")
        assert result.exit_code == 1, hostile.about
        assert json.loads(result.stdout)["error"]["what"], hostile.about
