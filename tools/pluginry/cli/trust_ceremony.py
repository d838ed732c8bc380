"""``pluginry trust``, the ceremonies: propose who may sign what, and sign it, one person at a time.

Every command changes files below ``index/trust/`` and nothing else: commit them, and let the next signer go on from
there. Private keys are used where they lie and never copied.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import agree
from pluginry.cli.publisher_wiring import PublisherPlaces
from pluginry.errors import NotFoundError, PolicyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import Key
    from tuf.api.metadata import Root, Targets

    from pluginry.adapters.tuf_ceremony import Ceremony
    from pluginry.cli.console import Console

_ROLES = ("root", "targets", "snapshot", "timestamp", "index")
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_workspace = click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")


def ceremony_of(workspace: Path) -> Ceremony:
    """Return the root of trust of a workspace."""
    from pluginry.adapters.tuf_ceremony import Ceremony

    return Ceremony(PublisherPlaces.at(workspace.resolve(), None).workspace.trust)


def pending_data(ceremony: Ceremony) -> dict[str, Any]:
    """Return what is pending as JSON has it: for each file the quorums that it needs."""
    return {
        role: [
            {
                "of": vote.of,
                "threshold": vote.threshold,
                "signed": [key.keyid for key in vote.signed],
                "unsigned": [key.keyid for key in vote.unsigned],
                "missing": vote.missing,
            }
            for vote in votes
        ]
        for role, votes in ceremony.votes().items()
    }


def tell_pending(console: Console, ceremony: Ceremony) -> None:
    """Say what is pending, and what to do about it."""
    from pluginry.adapters.tuf_words import pending_lines

    lines = [*pending_lines(ceremony), "commit index/trust/pending/, and let each signer run `pluginry trust sign`"]
    console.result({"pending": pending_data(ceremony)}, lines)


@command("add-signer")
@click.argument("role", type=click.Choice(_ROLES))
@click.argument("public_key", metavar="PUBLICKEY")
@click.option("--holder", default="", help="Who has the private key, to be shown to people.")
@click.option("--threshold", type=int, help="How many must sign from then on. [default: as before]")
@_workspace
def add_signer(
    console: Console, role: str, public_key: str, holder: str, threshold: int | None, workspace: Path
) -> None:
    """Propose that one more key may sign for ROLE. PUBLICKEY is a PEM file, awskms:KEY or pkcs11:TOKEN/ID."""
    from pluginry.adapters.tuf_roles import add_key

    key = _public_key(public_key, holder)
    ceremony = ceremony_of(workspace)
    _change(ceremony, role, lambda body: add_key(body, role, key, threshold=threshold))
    tell_pending(console, ceremony)


@command("rotate")
@click.argument("role", type=click.Choice(_ROLES))
@click.option("--new", "public_key", required=True, metavar="PUBLICKEY", help="The new key, as in add-signer.")
@click.option("--old", metavar="KEYID", help="The key to replace, or the beginning of its id, where there are several.")
@click.option("--holder", default="", help="Who has the new private key, to be shown to people.")
@_workspace
def rotate(console: Console, role: str, public_key: str, old: str | None, holder: str, workspace: Path) -> None:
    """Propose to replace a key of ROLE, and in every other role that the same key signs."""
    from pluginry.adapters.tuf_roles import keys_of, replace_key

    key = _public_key(public_key, holder)
    ceremony = ceremony_of(workspace)
    _change(
        ceremony, role, lambda body: replace_key(body, role, _only(keys_of(body, role), old or "", role).keyid, key)
    )
    tell_pending(console, ceremony)


@command("remove-signer")
@click.argument("role", type=click.Choice(_ROLES))
@click.argument("keyid")
@click.option("--threshold", type=int, help="How many must sign from then on. [default: as before]")
@_workspace
def remove_signer(console: Console, role: str, keyid: str, threshold: int | None, workspace: Path) -> None:
    """Propose that the key KEYID (or the beginning of its id) signs for ROLE no longer, and no other takes its place.

    In other roles it stays. A key that somebody else may have is to be replaced everywhere: `pluginry trust rotate`.
    """
    from pluginry.adapters.tuf_roles import keys_of, remove_key

    ceremony = ceremony_of(workspace)
    _change(
        ceremony,
        role,
        lambda body: remove_key(body, role, _only(keys_of(body, role), keyid, role).keyid, threshold=threshold),
    )
    tell_pending(console, ceremony)


@command("renew")
@click.argument("role", type=click.Choice(("root", "targets")))
@click.option("--policy", type=_FILE, help="The new trust policy (targets).")
@click.option("--trusted-root", type=_FILE, help="The new root certificates of the signers (targets).")
@_workspace
def renew(console: Console, role: str, policy: Path | None, trusted_root: Path | None, workspace: Path) -> None:
    """Propose the next version of ROLE, good for another year; for targets with another policy if one is given."""
    from pluginry.encoding import documents
    from pluginry.model.index import TrustPolicy
    from pluginry.model.layout import POLICY_TARGET, TRUSTED_ROOT_TARGET

    given = {POLICY_TARGET: policy, TRUSTED_ROOT_TARGET: trusted_root}
    files = {path: file.read_bytes() for path, file in given.items() if file}
    if files and role != "targets":
        raise UsageError("the policy is a matter of the targets keys", hint="pluginry trust renew targets")
    if POLICY_TARGET in files:
        documents.decode(TrustPolicy, files[POLICY_TARGET], what=str(policy))
    ceremony, now = ceremony_of(workspace), datetime.now(UTC)
    if role == "root":
        ceremony.change_root(lambda _body: None, now=now)
    else:
        ceremony.change_targets(lambda _body: None, now=now, files=files)
    tell_pending(console, ceremony)


@command("new-epoch")
@_workspace
def new_epoch(console: Console, workspace: Path) -> None:
    """Begin a new epoch: clients forget the serial that a thief counted up to.

    In profile simple the policy is changed at once, and the next publication signs it; in profile hardened it is
    proposed to the targets keys.
    """
    from dataclasses import replace

    from pluginry.encoding import documents
    from pluginry.encoding.trust_files import POLICY_FILE
    from pluginry.model.index import TrustPolicy
    from pluginry.model.layout import POLICY_TARGET

    ceremony = ceremony_of(workspace)
    body = ceremony.target_bodies(pending=False).get(POLICY_TARGET)
    if body is None:
        raise UsageError("this marketplace has no policy yet", hint="make one with `pluginry trust init`")
    before = documents.decode(TrustPolicy, body, what=POLICY_FILE)
    waiting = documents.decode(TrustPolicy, ceremony.target_bodies(pending=True)[POLICY_TARGET], what=POLICY_FILE)
    following = documents.encode(replace(waiting, epoch=before.epoch + 1))
    if ceremony.files.offline_targets is None and ceremony.pending_targets is None:
        ceremony.files.write(POLICY_FILE, following)
        console.result({"epoch": before.epoch + 1}, f"epoch {before.epoch + 1}: commit policy.json and publish")
        return
    ceremony.change_targets(lambda _body: None, now=datetime.now(UTC), files={POLICY_TARGET: following})
    tell_pending(console, ceremony)


@command("sign")
@click.option("--key", "reference", required=True, metavar="REF", help="Your key: FILE, pkcs11:TOKEN/ID or another.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@_workspace
def sign(console: Console, reference: str, yes: bool, workspace: Path) -> None:
    """Sign what is pending with one key, after showing what it changes."""
    from pluginry.adapters.signing_keys import open_key
    from pluginry.adapters.tuf_words import pending_lines
    from pluginry.cli.pin_prompt import ask_pin

    ceremony = ceremony_of(workspace)
    if not ceremony.votes():
        raise NotFoundError("nothing is pending", where=str(ceremony.files.pending.folder))
    for line in pending_lines(ceremony):
        console.say(line)
    signer = open_key(reference, ask_pin=ask_pin)
    roles = ceremony.may_sign(signer.public_key)
    if roles and not yes:
        if not console.can_ask:
            raise PolicyError("nothing was signed: nobody can be asked here", hint="read what is pending; pass --yes")
        agree(console, f"Sign {' and '.join(roles)} with key {signer.public_key.keyid[:8]}?")
    in_force = ceremony.sign(signer)
    console.result(
        {"signed": list(roles), "in_force": list(in_force), "pending": pending_data(ceremony)},
        [
            f"signed {' and '.join(roles)}",
            *(f"in force now: {name}" for name in in_force),
            *(pending_lines(ceremony) if ceremony.votes() else ()),
            "commit index/trust/",
        ],
    )


COMMANDS = (add_signer, remove_signer, rotate, renew, new_epoch, sign)


def _change(ceremony: Ceremony, role: str, change: Callable[[Root | Targets], object]) -> None:
    """Propose a change to the document that names the keys of `role`."""
    now = datetime.now(UTC)
    if role == "index":
        ceremony.change_targets(change, now=now)
    else:
        ceremony.change_root(change, now=now)


def _public_key(reference: str, holder: str) -> Key:
    from pluginry.adapters import signing_keys
    from pluginry.cli.pin_prompt import ask_pin

    return signing_keys.public_key(reference, holder=holder, ask_pin=ask_pin)


def _only(keys: tuple[Key, ...], beginning: str, role: str) -> Key:
    found = [key for key in keys if key.keyid.startswith(beginning)]
    if len(found) != 1:
        raise UsageError(
            f"{len(found)} keys of {role} are meant",
            why=", ".join(key.keyid for key in keys),
            hint="name one by its id, or the beginning of it",
        )
    return found[0]
