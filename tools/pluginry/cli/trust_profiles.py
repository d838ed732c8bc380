"""The keys that a marketplace begins with, or is hardened with: options of ``pluginry trust init`` and ``harden``.

In: public keys and references, or nothing: then keys are made as files. Out: who may sign what, and the signers whose
private keys lie on this machine. It never reads a private key into anything but a signer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.publisher_wiring import INDEX_KEY_FILE, ONLINE_KEY_FILE, ROOT_KEY_FILE
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from securesystemslib.signer import Key, Signer

    from pluginry.adapters.tuf_ceremony import Ceremony
    from pluginry.adapters.tuf_roles import Quorum

SIMPLE, HARDENED = PROFILES = ("simple", "hardened")
_ROOT_FILES = {SIMPLE: (ROOT_KEY_FILE,), HARDENED: tuple(f"root-{number}.pem" for number in range(1, 6))}
_TARGETS_FILES = tuple(f"targets-{number}.pem" for number in range(1, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileOptions:
    """What was said about the keys; see the options of the same names."""

    profile: str
    root_keys: tuple[str, ...]
    root_threshold: int | None
    targets_keys: tuple[str, ...]
    targets_threshold: int | None
    online_key: str | None
    index_key: str | None

    def found(self, ceremony: Ceremony, folder: Path, *, now: datetime) -> tuple[Signer, ...]:
        """Make the first root (and targets) pending, make the keys that were not given; return the offline ones.

        Raises:
            UsageError: the options do not fit together, or a key file is there already.

        """
        from pluginry.adapters.tuf_roles import Quorum, root_document, targets_document

        is_hardened = self.profile == HARDENED
        if not is_hardened and (self.targets_keys or self.targets_threshold or self.index_key):
            raise UsageError(
                "profile simple has no keys for targets and index of their own", hint="choose --profile hardened"
            )
        self._check_thresholds()
        if is_hardened:
            root, targets, signers = self._quorums(folder)
        else:
            root, signers = _quorum(self.root_keys, self.root_threshold, folder, _ROOT_FILES[SIMPLE])
        online = _one(self.online_key, folder / ONLINE_KEY_FILE)
        if not is_hardened:
            ceremony.begin(root_document(root=root, targets=Quorum(keys=(online,)), online=online, now=now))
            return signers
        index = _one(self.index_key, folder / INDEX_KEY_FILE)
        ceremony.begin(
            root_document(root=root, targets=targets, online=online, now=now),
            targets_document(ceremony.target_bodies(pending=False), index=index, now=now),
        )
        return signers

    def harden(self, ceremony: Ceremony, folder: Path, *, targets_version: int, now: datetime) -> tuple[Signer, ...]:
        """Make the root and targets pending that turn profile *simple* into *hardened*; else as `found`.

        The online key stays where no other is given. The targets begin at `targets_version`.

        Raises:
            UsageError: as `found`.

        """
        from pluginry.adapters.signing_keys import public_key
        from pluginry.adapters.tuf_roles import hardened_root, targets_document
        from pluginry.cli.pin_prompt import ask_pin

        self._check_thresholds()
        root, targets, signers = self._quorums(folder)
        online = public_key(self.online_key, ask_pin=ask_pin) if self.online_key else None
        index = _one(self.index_key, folder / INDEX_KEY_FILE)
        files = ceremony.target_bodies(pending=False)
        ceremony.begin(
            hardened_root(ceremony.root, root=root, targets=targets, online=online, now=now),
            targets_document(files, index=index, now=now, version=targets_version),
        )
        return signers

    def _check_thresholds(self) -> None:
        _check_threshold("root", self.root_threshold, self.root_keys or _ROOT_FILES[self.profile])
        _check_threshold("targets", self.targets_threshold, self.targets_keys or _TARGETS_FILES)

    def _quorums(self, folder: Path) -> tuple[Quorum, Quorum, tuple[Signer, ...]]:
        """Return who signs roots and targets in profile *hardened*, and those of them that were made here."""
        root, signers = _quorum(self.root_keys, self.root_threshold, folder, _ROOT_FILES[HARDENED])
        targets, more = _quorum(self.targets_keys, self.targets_threshold, folder, _TARGETS_FILES)
        return root, targets, (*signers, *more)


def profile_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` the options of a profile, as the arguments of `ProfileOptions`."""
    profile = click.option(
        "--profile", type=click.Choice(PROFILES), default=SIMPLE, show_default=True, help="Who signs what."
    )
    return profile(key_options(online="The key that publishes, if there is one")(command))


def key_options(*, online: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what gives a command the options of the keys; `online` says what the online key is for."""
    key = "Public key (PEM, pkcs11:, awskms:) of who signs {}; give each. Without any, keys are made as files."
    threshold = "How many of them must sign. [default: more than half]"
    options = (
        click.option("--root-key", "root_keys", multiple=True, metavar="REF", help=key.format("roots")),
        click.option("--root-threshold", type=int, help=threshold),
        click.option("--targets-key", "targets_keys", multiple=True, metavar="REF", help=key.format("policies")),
        click.option("--targets-threshold", type=int, help=threshold),
        click.option("--online-key", metavar="REF", help=f"{online}: FILE, env:, awskms:, pkcs11:."),
        click.option("--index-key", metavar="REF", help="The key of the index (hardened), if there is one."),
    )

    def declare(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return declare


def _quorum(
    references: tuple[str, ...], threshold: int | None, folder: Path, files: tuple[str, ...]
) -> tuple[Quorum, tuple[Signer, ...]]:
    """Return a quorum of the keys that were given, or of new ones in `files`, and the signers of those."""
    from pluginry.adapters.signing_keys import create_key, load_key, public_key
    from pluginry.adapters.tuf_roles import Quorum
    from pluginry.cli.pin_prompt import ask_pin

    if references:
        keys = tuple(public_key(reference, ask_pin=ask_pin) for reference in references)
        return Quorum(keys=keys, threshold=threshold or len(keys) // 2 + 1), ()
    for name in files:
        create_key(folder / name)
    signers = tuple(load_key(folder / name) for name in files)
    keys = tuple(signer.public_key for signer in signers)
    return Quorum(keys=keys, threshold=threshold or len(keys) // 2 + 1), signers


def _one(reference: str | None, file: Path) -> Key:
    from pluginry.adapters.signing_keys import create_key, public_key
    from pluginry.cli.pin_prompt import ask_pin

    if reference is None:
        create_key(file)
    return public_key(reference or str(file), ask_pin=ask_pin)


def _check_threshold(role: str, threshold: int | None, keys: tuple[str, ...]) -> None:
    """Refuse what can never be signed, before any key is made."""
    if threshold is not None and not 1 <= threshold <= len(keys):
        raise UsageError(f"{threshold} of {len(keys)} {role} keys can never be reached")
