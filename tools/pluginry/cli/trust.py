"""``pluginry trust``: make and inspect what a marketplace signs with. Private keys never leave their folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli import trust_ceremony, trust_hardening, trust_keys, trust_upkeep
from pluginry.cli.command import command
from pluginry.cli.publisher_wiring import INSTANCES, LAB, NONE, PRIVATE, PUBLIC_GOOD, ROOT_KEY_FILE, PublisherPlaces
from pluginry.cli.signer_options import SignerOptions, signer_options
from pluginry.cli.trust_ceremony import ceremony_of, pending_data
from pluginry.cli.trust_keys import refuse_in_git
from pluginry.cli.trust_profiles import HARDENED, SIMPLE, ProfileOptions, profile_options
from pluginry.encoding.trust_files import POLICY_FILE, TRUSTED_ROOT_FILE
from pluginry.errors import UsageError
from pluginry.model.attestation import AcceptedSigner, Demand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.adapters.tuf_ceremony import Ceremony
    from pluginry.cli.console import Console

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def trust() -> None:
    """Make and inspect the keys that the marketplace signs with."""


@command("init")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--keys", type=_FOLDER, help="Folder for the private keys; never in git. [default: .pluginry/keys]")
@click.option("--signing", type=click.Choice(INSTANCES), required=True, help="Which sigstore instance signs releases.")
@click.option(
    "--index-attestation",
    type=click.Choice([demand.value for demand in Demand]),
    help="Whether clients demand a signed index. [default: required in profile hardened, when releases are signed]",
)
@profile_options
@signer_options
@click.option("--trusted-root", type=_FILE, help="trusted_root.json of a private sigstore instance.")
def init(
    console: Console,
    workspace: Path,
    keys: Path | None,
    signing: str,
    index_attestation: str | None,
    trusted_root: Path | None,
    **options: Any,
) -> None:
    """Make a root of trust: keys, the first root, and the policy.

    Without public keys it makes all keys as files and signs. With them, the first root lies in
    index/trust/pending/ until enough of their holders ran `pluginry trust sign`. Offline keys (root, and in
    profile hardened targets) are needed only to change who may sign: move them away from the machine that publishes.
    """
    from pluginry.adapters.tuf_ceremony import Ceremony
    from pluginry.encoding import documents
    from pluginry.model.index import TrustPolicy

    profile = ProfileOptions(**{name: options.pop(name) for name in ProfileOptions.__slots__})
    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None)
    files = places.workspace.trust
    if files.roots or files.pending.folder.exists():
        raise UsageError("this marketplace has a root of trust already", where=str(files.folder))
    chosen = _chosen_signer(signing, SignerOptions(**options))
    places.make_state_folder()
    refuse_in_git(places.keys / ROOT_KEY_FILE, hint="name a folder elsewhere with --keys")
    if signing == LAB:
        refuse_in_git(places.lab / ROOT_KEY_FILE, hint="let git ignore that folder: the lab keeps its keys there")
    identities, root_bytes = _signers(places, signing, chosen, trusted_root)
    policy = TrustPolicy(
        epoch=1,
        publish_attestation="optional" if signing == NONE else "required",
        registry_identities=identities,
        instance=signing,
        index_attestation=_index_attestation(index_attestation, signing, profile.profile),
    )
    ceremony = Ceremony(files)
    files.write(TRUSTED_ROOT_FILE, root_bytes)
    files.write(POLICY_FILE, documents.encode(policy))
    for signer in profile.found(ceremony, places.keys, now=datetime.now(UTC)):
        if ceremony.may_sign(signer.public_key):
            ceremony.sign(signer)
    if signing == LAB:
        console.say("The lab signs: for development only, it proves nothing about who built a release.")
    _tell_founded(console, ceremony, places, signing)


@command("show")
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
def show(console: Console, workspace: Path) -> None:
    """Show who may sign what, until when, and what is pending."""
    from pluginry.adapters.signing_keys import holder_of
    from pluginry.adapters.tuf_words import pending_lines, roles_of
    from pluginry.encoding import documents

    places = PublisherPlaces.at(workspace.resolve(), None)
    ceremony = ceremony_of(workspace)
    policy = documents.to_plain(places.policy)
    root, targets = ceremony.root, ceremony.targets
    roles = {**roles_of(root), **(roles_of(targets) if targets else {})}
    data = {
        "fingerprint": _fingerprint(ceremony),
        "profile": HARDENED if targets or (ceremony.pending_targets and not ceremony.chain) else SIMPLE,
        "root_version": len(ceremony.chain),
        "expires": root.expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "roles": {
            role: {
                "keys": [key.keyid for key in keys],
                "threshold": threshold,
                "holders": [holder_of(key) for key in keys],
            }
            for role, (threshold, keys) in roles.items()
        },
        "targets_expire": targets.expires.strftime("%Y-%m-%dT%H:%M:%SZ") if targets else "",
        "pending": pending_data(ceremony),
        "policy": policy,
    }
    lines = [
        f"fingerprint  {data['fingerprint'] or 'none yet: the first root is pending'}",
        f"profile      {data['profile']}",
        f"root         version {data['root_version']}, expires {root.expires:%Y-%m-%d}",
        *([f"targets      version {targets.version}, expires {targets.expires:%Y-%m-%d}"] if targets else ()),
        *(
            f"{role:<12} {threshold} of {len(keys)}: {', '.join(map(holder_of, keys))}"
            for role, (threshold, keys) in roles.items()
        ),
        f"releases     signed through {policy.get('instance', '')}, attestation {policy['publish_attestation']}",
        f"index        attestation {policy.get('index_attestation', Demand.OPTIONAL)}",
        *(f"             {line}" for signer in policy["registry_identities"] for line in _signer_lines(signer)),
        *(pending_lines(ceremony) if data["pending"] else ()),
    ]
    console.result(data, lines)


for _command in (
    init,
    show,
    *trust_keys.COMMANDS,
    *trust_ceremony.COMMANDS,
    *trust_hardening.COMMANDS,
    *trust_upkeep.COMMANDS,
):
    trust.add_command(_command)


def _fingerprint(ceremony: Ceremony) -> str:
    """Return what users compare; nothing before the first root is signed."""
    from pluginry.model.digest import Digest

    roots = ceremony.files.roots
    return str(Digest.of(roots[0])) if roots else ""


def _tell_founded(console: Console, ceremony: Ceremony, places: PublisherPlaces, signing: str) -> None:
    from pluginry.adapters.tuf_words import pending_lines

    fingerprint, folder = _fingerprint(ceremony), ceremony.files.folder
    console.result(
        {
            "fingerprint": fingerprint,
            "keys": str(places.keys),
            "trust": str(folder),
            "signing": signing,
            "pending": pending_data(ceremony),
        },
        [
            f"fingerprint  {fingerprint or 'none yet: the first root is pending'}",
            f"public       {folder} (commit it)",
            f"private      {places.keys} (never commit it; keep the offline keys somewhere safe)",
            *(pending_lines(ceremony) if ceremony.votes() else ()),
        ],
    )


def _index_attestation(wanted: str | None, signing: str, profile: str) -> Demand:
    """Return whether the index must be signed: by default where the key that publishes cannot take that back."""
    if signing == NONE and wanted == Demand.REQUIRED:
        raise UsageError("without signing, clients cannot demand a signed index")
    is_default = wanted is None and profile == HARDENED and signing != NONE
    return Demand.REQUIRED if is_default else Demand(wanted or Demand.OPTIONAL)


def _signer_lines(signer: dict[str, Any]) -> Iterator[str]:
    yield f"{signer['san']} ({signer['issuer']})"
    for name, value in signer.items():
        if name not in ("issuer", "san"):
            yield f"  {name}: {', '.join(value) if isinstance(value, list) else value}"


def _chosen_signer(signing: str, who: SignerOptions) -> AcceptedSigner | None:
    """Return who shall sign releases, as far as that is a choice."""
    if signing not in (NONE, LAB):
        return who.signer()
    if who != SignerOptions():
        raise UsageError(f"with {signing} signing, who signs is not a choice", hint="leave out --issuer and the rest")
    return None


def _signers(
    places: PublisherPlaces, signing: str, signer: AcceptedSigner | None, trusted_root: Path | None
) -> tuple[tuple[AcceptedSigner, ...], bytes]:
    """Return who may sign releases, and the sigstore root certificates that clients check them with."""
    if signing == LAB:
        from pluginry.adapters.sigstore_lab import LAB_IDENTITY, Lab

        lab = AcceptedSigner(issuer=LAB_IDENTITY.issuer, san=LAB_IDENTITY.san)
        return (lab,), Lab.open(places.lab).trusted_root
    if signer is None:
        return (), b"{}"
    if signing == PUBLIC_GOOD:
        from pluginry.adapters.sigstore_verifier import public_good_trusted_root

        return (signer,), public_good_trusted_root()
    if trusted_root is None:
        raise UsageError(f"with {PRIVATE} signing, give its root certificates", hint="pass --trusted-root FILE")
    return (signer,), trusted_root.read_bytes()
