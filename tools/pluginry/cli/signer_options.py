"""The options that say who signs releases, and under which conditions that counts.

In: options of a command. Out: an `AcceptedSigner` for the trust policy. It asks nobody whether such a signer exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pluginry.errors import UsageError
from pluginry.model.attestation import AcceptedSigner

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER = click.IntRange(min=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerOptions:
    """What was said about the signer; ids are numeric, as the forge's own pages and API give them."""

    issuer: str | None = None
    identity: str | None = None
    repository_id: int | None = None
    owner_id: int | None = None
    runner: str | None = None
    triggers: tuple[str, ...] = ()

    def signer(self) -> AcceptedSigner:
        """Return the signer.

        Raises:
            UsageError: issuer or identity is missing.

        """
        if not self.issuer or not self.identity:
            raise UsageError("say who signs releases", hint="pass --issuer and --identity")
        return AcceptedSigner(
            issuer=self.issuer,
            san=self.identity,
            repository_id=str(self.repository_id or ""),
            owner_id=str(self.owner_id or ""),
            runner=self.runner or "",
            triggers=self.triggers,
        )


def signer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of a signer, as the arguments of `SignerOptions`."""
    options = (
        click.option("--issuer", help="OIDC issuer of the identity that signs releases."),
        click.option("--identity", help="That identity: the subject alternative name in its certificates."),
        click.option("--repository-id", type=_NUMBER, help="Numeric id of the repository that it must be built from."),
        click.option("--owner-id", type=_NUMBER, help="Numeric id of that repository's owner."),
        click.option("--runner", help="Runner environment that it must run on, as in github-hosted."),
        click.option(
            "--trigger", "triggers", multiple=True, help="Event that may start it, as in push; give all of them."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
