"""The options that say how a marketplace is reached: proxy, certificates, and where the credential is kept.

In: options of a command. Out: an `Access` for ``sources.toml``, its paths absolute, and words for it. A secret is never
an option: what is typed is seen by others and kept by shells.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import OrNothing
from pluginry.errors import DocumentError, UsageError
from pluginry.model.access import FILE, Access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FILE = click.Path(dir_okay=False, exists=True, resolve_path=True)


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of an access; see `access_of`."""
    options = (
        click.option(
            "--credential",
            metavar="WHERE",
            type=OrNothing(),
            default="",
            help="Where the token, or name:password, is kept: env:NAME, file:PATH, command:PROGRAM or netrc.",
        ),
        click.option("--client-certificate", type=_FILE, help="PEM file with the certificate to show the server."),
        click.option("--client-key", type=_FILE, help="PEM file with its key, if that is another file."),
        click.option("--ca-file", type=_FILE, help="PEM file with the authorities that vouch for the server."),
        click.option(
            "--proxy",
            metavar="ADDRESS",
            type=OrNothing(),
            default="",
            help="Proxy, env:NAME for a variable with its address, or direct. [default: HTTPS_PROXY and NO_PROXY]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def access_of(
    *, credential: str, client_certificate: str | None, client_key: str | None, ca_file: str | None, proxy: str
) -> Access:
    """Return what the options say.

    Raises:
        UsageError: one of them makes no sense, or is a secret itself.

    """
    if credential.startswith(FILE):
        credential = FILE + str(Path(credential.removeprefix(FILE)).expanduser().resolve())
    try:
        return Access(
            credential=credential,
            client_certificate=client_certificate or "",
            client_key=client_key or "",
            ca_file=ca_file or "",
            proxy=proxy,
        )
    except DocumentError as error:
        raise UsageError(error.what, why=error.why, hint=error.hint) from error


def in_words(access: Access) -> Iterator[str]:
    """Yield how a place is reached, a line for each thing that is out of the ordinary."""
    if access.credential:
        yield f"with the credential of {access.credential}"
    if access.client_certificate:
        yield f"with the client certificate {access.client_certificate}"
    if access.ca_file:
        yield f"vouched for by {access.ca_file}"
    if access.proxy:
        yield f"through the proxy {access.proxy}"
