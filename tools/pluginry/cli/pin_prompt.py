"""The PIN of a hardware token, asked for where somebody can answer, and shown nowhere."""

from __future__ import annotations

import sys

import click

from pluginry.adapters.signing_keys import nobody_to_ask
from pluginry.cli.console import printable


def ask_pin(token: str) -> str:
    """Return the PIN of the token labelled `token`, as somebody types it without seeing it.

    Raises:
        AuthError: there is nobody to ask.

    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        nobody_to_ask(token)
    return str(click.prompt(f"PIN of {printable(token)}", hide_input=True, err=True))
