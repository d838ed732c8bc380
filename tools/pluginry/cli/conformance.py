"""``pluginry conformance``: what we check, in the form in which suites of others put clients to the test.

The arguments are those of sigstore-conformance (``verify-bundle``) and tuf-conformance (``tuf``); ``archive`` is for
corpora of archives. All of them answer with exit status 0 for accepted and 1 for refused, whatever the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import OrNothing, command
from pluginry.errors import PluginryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.adapters.tuf_bare import BareRepository
    from pluginry.cli.console import Console
    from pluginry.model.digest import Digest

REFUSED = 1
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})\Z")


@click.group()
def conformance() -> None:
    """Let suites for sigstore clients, TUF clients and readers of archives test this one.

    Exit status 0 means accepted, 1 refused.
    """


@command("verify-bundle")
@click.option("--bundle", "bundle_file", type=_FILE, required=True, help="The sigstore bundle.")
@click.option("--certificate-identity", "san", type=OrNothing(), required=True, help="Who must have signed.")
@click.option("--certificate-oidc-issuer", "issuer", required=True, help="Who vouches for that identity.")
@click.option("--trusted-root", type=_FILE, help="trusted_root.json. [default: the public instance's]")
@click.argument("artifact")
def verify_bundle(
    console: Console, *, bundle_file: Path, san: str, issuer: str, trusted_root: Path | None, artifact: str
) -> int:
    """Check that a bundle signs ARTIFACT: a file, or sha256:HEX."""

    def check() -> dict[str, str]:
        from pluginry.adapters.sigstore_verifier import SigstoreVerifier, public_good_trusted_root
        from pluginry.model.attestation import SignerIdentity

        digest = _digest_of(artifact)
        root = trusted_root.read_bytes() if trusted_root else public_good_trusted_root()
        signer = SigstoreVerifier().verify_artifact(
            bundle_file.read_bytes(),
            digest,
            trusted_root=root,
            identities=[SignerIdentity(issuer=issuer, san=san)],
        )
        return {"artifact": str(digest), "issuer": signer.issuer, "identity": signer.san}

    return _judged(console, check)


@command("archive")
@click.argument("file", type=_FILE)
def archive(console: Console, *, file: Path) -> int:
    """Read FILE as a package's archive (profile zip-1), every byte of it."""

    def check() -> dict[str, Any]:
        from pluginry.encoding.archive import read_archive

        with file.open("rb") as stream:
            found = read_archive(stream)
            found.check_contents()
        return {"members": len(found.members), "bytes": sum(member.size for member in found.members)}

    return _judged(console, check)


@dataclass(frozen=True, slots=True, kw_only=True)
class TufOptions:
    """What stands before the command in the form of tuf-conformance."""

    metadata_dir: Path
    metadata_url: str | None
    target_name: str | None
    target_base_url: str | None
    target_dir: Path | None

    @property
    def repository(self) -> BareRepository:
        """The repository at the given addresses.

        Raises:
            UsageError: they are missing, or no addresses that are safe.

        """
        from pluginry.adapters.http_transport import HttpTransport
        from pluginry.adapters.tuf_bare import BareRepository, RoleFiles

        return BareRepository(
            metadata=RoleFiles(_given(self.metadata_url, "--metadata-url")),
            targets=HttpTransport(self.target_base_url) if self.target_base_url else None,
        )


@click.group()
@click.option("--metadata-dir", type=_FOLDER, required=True, help="Where trusted metadata is kept.")
@click.option("--metadata-url", help="Where the repository's metadata lies.")
@click.option("--target-name", help="Path of the target to download.")
@click.option("--target-base-url", help="Where the repository's targets lie.")
@click.option("--target-dir", type=_FOLDER, help="Where downloaded targets are kept.")
@click.pass_context
def tuf(
    ctx: click.Context,
    metadata_dir: Path,
    metadata_url: str | None,
    target_name: str | None,
    target_base_url: str | None,
    target_dir: Path | None,
) -> None:
    """Be a TUF client over our fetcher and limits."""
    ctx.obj = TufOptions(
        metadata_dir=metadata_dir,
        metadata_url=metadata_url,
        target_name=target_name,
        target_base_url=target_base_url,
        target_dir=target_dir,
    )


@command("init")
@click.argument("trusted_root", type=_FILE)
def tuf_init(console: Console, *, trusted_root: Path) -> int:
    """Begin with TRUSTED_ROOT."""
    options = _options()

    def start() -> dict[str, str]:
        from pluginry.adapters.tuf_bare import ROOT_FILE

        options.metadata_dir.mkdir(parents=True, exist_ok=True)
        (options.metadata_dir / ROOT_FILE).write_bytes(trusted_root.read_bytes())
        return {"metadata": str(options.metadata_dir)}

    return _judged(console, start)


@command("refresh")
def tuf_refresh(console: Console) -> int:
    """Bring the metadata up to date."""
    options = _options()

    def update() -> dict[str, str]:
        from pluginry.adapters import tuf_bare

        tuf_bare.refresh(options.metadata_dir, options.repository, now=datetime.now(UTC))
        return {"metadata": str(options.metadata_dir)}

    return _judged(console, update)


@command("download")
def tuf_download(console: Console) -> int:
    """Bring the metadata up to date, and download a target."""
    options = _options()

    def fetch() -> dict[str, str]:
        from pluginry.adapters import tuf_bare

        _given(options.target_base_url, "--target-base-url")
        into = Path(_given(str(options.target_dir or ""), "--target-dir"))
        into.mkdir(parents=True, exist_ok=True)
        name = _given(options.target_name, "--target-name")
        found = tuf_bare.download(options.metadata_dir, options.repository, name, into=into, now=datetime.now(UTC))
        return {"target": str(found)}

    return _judged(console, fetch)


for each in (verify_bundle, archive, tuf):
    conformance.add_command(each)
for each in (tuf_init, tuf_refresh, tuf_download):
    tuf.add_command(each)


def _judged(console: Console, check: Callable[[], dict[str, Any]]) -> int:
    """Report what `check` returns, or why it refuses: suites know no other exit status than 0 and 1."""
    try:
        found = check()
    except UsageError:
        raise
    except PluginryError as error:
        console.error(error)
        return REFUSED
    console.result(found, [f"{name:<10} {value}" for name, value in found.items()])
    return 0


def _options() -> TufOptions:
    found = click.get_current_context().find_object(TufOptions)
    if found is None:
        raise UsageError("this is a command of `pluginry conformance tuf`")
    return found


def _given(value: str | None, option: str) -> str:
    if not value:
        raise UsageError(f"this command needs {option}")
    return value


def _digest_of(artifact: str) -> Digest:
    """Return the digest of the file at `artifact`; of what only looks like a digest, that."""
    from pluginry.model.digest import Digest, blob_ref_of_stream

    path = Path(artifact)
    named = _DIGEST.match(artifact)
    if named and not path.exists():
        return Digest(named[1])
    if not path.is_file():
        raise UsageError("there is no such file", where=artifact, hint="give a file, or sha256:HEX")
    with path.open("rb") as stream:
        return blob_ref_of_stream(stream).sha256
