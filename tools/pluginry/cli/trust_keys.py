"""``pluginry trust``, the keys: made on this machine, or shown by who keeps them elsewhere.

In: a file to write, or a reference to a key. Out: public keys to hand on. A private key is written once, by
``new-key``, to a file of its own outside git; those of tokens and key services never get here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pluginry.cli.command import command
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pluginry.cli.console import Console

_PATH = click.Path(path_type=Path, dir_okay=False)


def refuse_in_git(file: Path, *, hint: str) -> None:
    """Refuse to make a private key at `file` where git would take it.

    Raises:
        UsageError: it would.

    """
    from pluginry.adapters.git_history import GitCheckout

    folder = next(parent for parent in file.resolve().parents if parent.is_dir())
    if GitCheckout(folder).would_track(file):
        raise UsageError("git would take a private key", where=str(file), hint=hint)


@command("new-key")
@click.argument("file", type=_PATH)
def new_key(console: Console, file: Path) -> None:
    """Make a key pair: the private key in FILE, for its owner only, the public one in FILE.pub."""
    from pluginry.adapters.signing_keys import create_key, load_key, write_public_key

    refuse_in_git(file, hint="name a file elsewhere")
    create_key(file)
    key = load_key(file).public_key
    public = file.with_name(f"{file.name}.pub")
    write_public_key(key, public)
    console.result(
        {"key": key.keyid, "private": str(file), "public": str(public)},
        [f"key      {key.keyid}", f"private  {file} (never hand it on)", f"public   {public}"],
    )


@command("public-key")
@click.argument("reference", metavar="REF")
@click.argument("file", type=_PATH)
def public_key(console: Console, reference: str, file: Path) -> None:
    """Write the public half of the key REF to FILE, to be handed on: pkcs11:TOKEN/ID, awskms:KEY, env:NAME or a file.

    A key on a token is made there, with the tools of its maker; so it cannot have been copied.
    """
    from pluginry.adapters import signing_keys
    from pluginry.cli.pin_prompt import ask_pin

    key = signing_keys.public_key(reference, ask_pin=ask_pin)
    signing_keys.write_public_key(key, file)
    console.result({"key": key.keyid, "public": str(file)}, [f"key      {key.keyid}", f"public   {file}"])


COMMANDS = (new_key, public_key)
