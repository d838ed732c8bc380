"""Where people found a marketplace with commands, and sign its root of trust one after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from e2e.marketplace_on_disk import Workspace, copy_registry
from pluginry.adapters.signing_keys import create_key, load_key, write_public_key
from pluginry.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

SIGNERS = ("ann", "ben", "cem", "dan", "eve")


class Desk:
    """A workspace and the keys of its people, each in a place of their own; keeps all that commands ever said."""

    def __init__(self, root: Path) -> None:
        self.keys = root / "keys"
        self.workspace = Workspace(root / "workspace")
        self.said = ""
        copy_registry(self.workspace.root, ())

    def run(self, *arguments: str, expect: int = 0) -> Any:
        """Run a command and return its JSON answer, held to the expected exit status."""
        return json.loads(self.text(*arguments, "--json", expect=expect))

    def trust(self, *arguments: str, expect: int = 0) -> Any:
        """Run a command of ``pluginry trust``."""
        return self.run("trust", *arguments, expect=expect)

    def text(self, *arguments: str, expect: int = 0) -> str:
        """Run a command and return what a person sees."""
        done = CliRunner().invoke(run, arguments)
        assert done.exit_code == expect, (arguments, done.output, done.exception)
        self.said += done.output
        return done.output

    def key(self, name: str) -> str:
        """Return the private key file of somebody, made when it is first asked for."""
        path = self.keys / f"{name}.pem"
        if not path.exists():
            create_key(path)
            write_public_key(load_key(path).public_key, path.with_name(f"{path.name}.pub"))
        return str(path)

    def public(self, name: str) -> str:
        """Return the public key file of somebody."""
        return f"{self.key(name)}.pub"

    def found(self) -> Any:
        """Found a hardened marketplace whose people hand in public keys."""
        root = [word for name in SIGNERS for word in ("--root-key", self.public(name))]
        targets = [word for name in SIGNERS[:3] for word in ("--targets-key", self.public(f"{name}-targets"))]
        online = ("--online-key", self.key("online"), "--index-key", self.key("index"))
        return self.trust("init", "--signing", "none", "--profile", "hardened", *root, *targets, *online)

    def publish(self, expect: int = 0) -> Any:
        """Publish with the online keys."""
        keys = ("--online-key", self.key("online"), "--index-key", self.key("index"))
        return self.run("publish", "dist", *keys, expect=expect)

    def sign(self, *names: str) -> Any:
        """Let people sign; return the last answer."""
        return [self.trust("sign", "--yes", "--key", self.key(name)) for name in names][-1]
