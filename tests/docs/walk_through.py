"""Records the walk-through of the documentation: real commands over a small marketplace, and what they print.

Run it to write the page anew: ``python tests/docs/walk_through.py``. A test runs it too and compares. What differs from
run to run (dates, digests, folders) is replaced by words.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does

from click.testing import CliRunner

from command_line import Shelf
from pluginry.cli.main import run
from pluginry.model.advisory import Action

PAGE = Path(__file__).parents[2] / "site_templates" / "docs" / "12-walk-through.md"
HEAD = """# A walk-through

What it looks like in a terminal, from the first command to an update that is taken back. This page is recorded by a
program that runs these commands; dates, digests and folders are replaced by words.

"""
_REPLACED = (
    (re.compile(r"sha256:[0-9a-f]{64}|\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\b20\d\d-\d\d-\d\d([ T]\d\d:\d\d(:\d\dZ)?)?"), "TODAY"),
    (re.compile(r"-[0-9a-f]{8}\b"), "-SHORT"),
    (re.compile(r"\b(linux|macos|windows|freebsd)-\w+"), "PLATFORM"),
)


def record() -> str:
    """Return the page."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf.at(Path(folder))
        _first_release(shelf)
        parts = [HEAD]
        for title, steps in _CHAPTERS:
            parts.append(f"## {title}\n\n")
            for says, words in steps:
                if callable(words):
                    words(shelf)
                    parts.append(f"{says}\n\n")
                else:
                    parts.append((f"{says}\n\n" if says else "") + _transcript(shelf, words, folder))
        return "".join(parts)


def _transcript(shelf: Shelf, words: tuple[str, ...], folder: str) -> str:
    known = {"MARKET": str(shelf.folder), "FINGERPRINT": shelf.fingerprint, "DEPLOY": str(Path(folder) / "deploy")}
    answer = CliRunner().invoke(
        run, [known.get(word, word) for word in words], env={"PLUGINRY_HOME": str(shelf.home)}, prog_name="pluginry"
    )
    shown = " ".join(f"'{word}'" if " " in word else word for word in words)
    text = answer.output.replace(str(shelf.folder), "MARKET").replace(folder, "~")
    for pattern, word in _REPLACED:
        text = pattern.sub(word, text)
    status = f"(exit status {answer.exit_code})\n" if answer.exit_code else ""
    return f"```text\n$ pluginry {shown}\n{text}{status}```\n\n"


def _first_release(shelf: Shelf) -> None:
    shelf.market.release("acme/dns-cache", "1.0.0")
    shelf.market.release(
        "acme/spam-filter",
        "1.0.0",
        dependencies={"acme/dns-cache": ">=1"},
        permissions=[("mail.headers", "inbound")],
        changes=[("added", "The first release.")],
    )
    shelf.publish()


def _wider_release(shelf: Shelf) -> None:
    shelf.market.release(
        "acme/spam-filter",
        "1.1.0",
        dependencies={"acme/dns-cache": ">=1"},
        permissions=[("mail.headers", "inbound"), ("network", "api.example.com:443")],
        changes=[("added", "Asks a server for the reputation of senders.")],
    )
    shelf.publish()


def _advisory(shelf: Shelf) -> None:
    shelf.market.advise("ACME-1", "acme/dns-cache", action=Action.WARN)
    shelf.publish()


_CHAPTERS = (
    (
        "Choose a marketplace, and look",
        (
            ("The fingerprint is what the marketplace's owner publishes.", ("source", "add", "main", "MARKET")),
            ("", ("source", "add", "main", "MARKET", "--fingerprint", "FINGERPRINT")),
            ("Say which application the plugins are for.", ("host", "mairust", "0.5.0")),
            ("", ("search", "spam")),
        ),
    ),
    (
        "Install",
        (
            ("Where nobody can be asked, nothing is agreed to:", ("install", "acme/spam-filter")),
            ("", ("install", "acme/spam-filter", "--accept-permissions", "mail.headers:inbound")),
            ("", ("enable", "acme/spam-filter")),
            ("", ("list",)),
        ),
    ),
    (
        "Update, and go back",
        (
            ("The developer publishes 1.1.0, which wants more than was agreed to.", _wider_release),
            ("", ("source", "refresh")),
            ("", ("update",)),
            ("", ("update", "--accept-permissions", "network:api.example.com:443")),
            (
                "When it hurts, one command brings the old version back, without a network:",
                ("rollback", "acme/spam-filter"),
            ),
        ),
    ),
    (
        "Take it along, and look after it",
        (
            ("", ("export", "DEPLOY")),
            ("Later the marketplace warns of a plugin.", _advisory),
            ("", ("source", "refresh")),
            ("", ("audit",)),
            ("", ("doctor",)),
            ("", ("verify",)),
        ),
    ),
)

if __name__ == "__main__":
    PAGE.write_text(record(), "utf-8")
