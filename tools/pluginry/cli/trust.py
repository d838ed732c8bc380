"""``pluginry trust``: make and inspect what a marketplace signs with. Private keys never leave their folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.publisher_wiring import INSTANCES, LAB, NONE, PRIVATE, PUBLIC_GOOD, PublisherPlaces
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.model.attestation import SignerIdentity

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def trust() -> None:
    """Make and inspect the keys that the marketplace signs with."""


@command("init")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--keys", type=_FOLDER, help="Folder for the private keys; never in git. [default: .pluginry/keys]")
@click.option("--signing", type=click.Choice(INSTANCES), required=True, help="Which sigstore instance signs releases.")
@click.option("--issuer", help="OIDC issuer of the identity that signs releases.")
@click.option("--identity", help="That identity: the subject alternative name in its certificates.")
@click.option("--trusted-root", type=_FILE, help="trusted_root.json of a private sigstore instance.")
def init(
    console: Console,
    workspace: Path,
    keys: Path | None,
    signing: str,
    issuer: str | None,
    identity: str | None,
    trusted_root: Path | None,
) -> None:
    """Make a root of trust: two keys, the first root, and the policy.

    The root key is needed only to change who may sign: move it to a safe place, away from the machine
    that publishes.
    """
    from pluginry.adapters import tuf_repository
    from pluginry.adapters.git_history import GitCheckout
    from pluginry.encoding import documents
    from pluginry.model.digest import Digest
    from pluginry.model.index import TrustPolicy

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None)
    folder = places.workspace.index / "trust"
    if any(folder.glob("*.root.json")):
        raise UsageError("this marketplace has a root of trust already", where=str(folder))
    if GitCheckout(places.root).would_track(places.keys / tuf_repository.ROOT_KEY_FILE):
        raise UsageError(
            "git would take the private keys", where=str(places.keys), hint="name a folder elsewhere with --keys"
        )
    identities, root_bytes = _signers(places, signing, issuer, identity, trusted_root)
    policy = TrustPolicy(
        epoch=1,
        publish_attestation="optional" if signing == NONE else "required",
        registry_identities=identities,
        instance=signing,
    )
    for name in (tuf_repository.ROOT_KEY_FILE, tuf_repository.ONLINE_KEY_FILE):
        tuf_repository.create_key(places.keys / name)
    root = tuf_repository.first_root(
        tuf_repository.load_key(places.keys / tuf_repository.ROOT_KEY_FILE),
        tuf_repository.load_key(places.keys / tuf_repository.ONLINE_KEY_FILE),
        now=datetime.now(UTC),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trusted_root.json").write_bytes(root_bytes)
    (folder / "policy.json").write_bytes(documents.encode(policy))
    (folder / "1.root.json").write_bytes(root)
    fingerprint = Digest.of(root)
    if signing == LAB:
        console.say("The lab signs: for development only, it proves nothing about who built a release.")
    console.result(
        {"fingerprint": str(fingerprint), "keys": str(places.keys), "trust": str(folder), "signing": signing},
        [
            f"fingerprint  {fingerprint}",
            f"public       {folder} (commit it)",
            f"private      {places.keys} (never commit it; keep {tuf_repository.ROOT_KEY_FILE} somewhere safe)",
        ],
    )


@command("show")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
def show(console: Console, workspace: Path) -> None:
    """Show who may sign what, and until when."""
    import json

    from pluginry.encoding import documents
    from pluginry.model.digest import Digest

    places = PublisherPlaces.at(workspace.resolve(), None)
    roots = places.workspace.roots
    policy = documents.to_plain(places.policy)
    newest: dict[str, Any] = json.loads(roots[-1])["signed"] if roots else {"expires": "", "roles": {}}
    data = {
        "fingerprint": str(Digest.of(roots[0])) if roots else "",
        "root_version": len(roots),
        "expires": newest["expires"],
        "roles": {name: {"keys": r["keyids"], "threshold": r["threshold"]} for name, r in newest["roles"].items()},
        "policy": policy,
    }
    lines = [
        f"fingerprint  {data['fingerprint']}",
        f"root         version {len(roots)}, expires {newest['expires']}",
        *(f"{name:<12} {role['threshold']} of {len(role['keys'])} keys" for name, role in data["roles"].items()),
        f"releases     signed through {policy.get('instance', '')}, attestation {policy['publish_attestation']}",
        *(f"             {who['san']} ({who['issuer']})" for who in policy["registry_identities"]),
    ]
    console.result(data, lines)


trust.add_command(init)
trust.add_command(show)


def _signers(
    places: PublisherPlaces, signing: str, issuer: str | None, identity: str | None, trusted_root: Path | None
) -> tuple[tuple[SignerIdentity, ...], bytes]:
    """Return who may sign releases, and the sigstore root certificates that clients check them with."""
    from pluginry.model.attestation import SignerIdentity

    if signing == NONE:
        return (), b"{}"
    if signing == LAB:
        from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab

        return (LAB_IDENTITY,), Lab.open(places.lab).trusted_root
    if not issuer or not identity:
        raise UsageError(f"with {signing} signing, say who signs", hint="pass --issuer and --identity")
    signer = SignerIdentity(issuer=issuer, san=identity)
    if signing == PUBLIC_GOOD:
        from pluginry.adapters.sigstore_verifier import public_good_trusted_root

        return (signer,), public_good_trusted_root()
    if trusted_root is None:
        raise UsageError(f"with {PRIVATE} signing, give its root certificates", hint="pass --trusted-root FILE")
    return (signer,), trusted_root.read_bytes()
