"""The command line in this process, over a marketplace in a folder: what it answers, says and ends with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from pluginry.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path
from simulator import Simulator


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended, what it printed, and what it said on standard error."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def pluginry(*words: str, home: Path | None = None) -> Answer:
    """Run a command; an exception that no command may let through comes out here."""
    variables = {"PLUGINRY_HOME": str(home)} if home else {}
    result = CliRunner().invoke(run, words, env=variables, prog_name="pluginry")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


@dataclass(slots=True)
class Shelf:
    """A marketplace in a folder, and a plugin home with it as a source named ``market``."""

    market: Simulator
    folder: Path
    home: Path

    @classmethod
    def at(cls, folder: Path) -> Shelf:
        """Return an empty one, whose clock shows the real time as commands see it."""
        return cls(Simulator(now=datetime.now(UTC)), folder / "market", folder / "home")

    def publish(self) -> None:
        """Publish what the simulator was told."""
        self.market.publish()
        self.market.write_to(self.folder)

    def add(self, *options: str) -> Answer:
        """Add it as a source, its fingerprint confirmed."""
        return self.run("source", "add", "market", str(self.folder), "--fingerprint", self.fingerprint, *options)

    def run(self, *words: str) -> Answer:
        return pluginry(*words, home=self.home)

    @property
    def fingerprint(self) -> str:
        return str(self.market.fingerprint)
