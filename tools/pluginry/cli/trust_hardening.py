"""``pluginry trust harden``: from profile *simple* to *hardened* while the marketplace lives, as one ceremony.

In: the public files of a simple marketplace, what it publishes now, the keys of people. Out: a root and offline targets
that wait in ``index/trust/pending/`` for the old root key and for both new quorums. Nothing that is published changes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pluginry.cli.command import command
from pluginry.cli.publish_target import reads_target
from pluginry.cli.publisher_wiring import INDEX_KEY_FILE, PublisherPlaces
from pluginry.cli.trust_ceremony import ceremony_of, tell_pending
from pluginry.cli.trust_keys import refuse_in_git
from pluginry.cli.trust_profiles import HARDENED, ProfileOptions, key_options
from pluginry.errors import UsageError

if TYPE_CHECKING:
    from pluginry.adapters.tuf_ceremony import Ceremony
    from pluginry.cli.console import Console
    from pluginry.cli.publish_target import Target

_FOLDER = click.Path(path_type=Path, file_okay=False)
ROOM_FOR_PUBLICATIONS: Final = 1000
"""How often the old online key may still publish until everybody has signed: targets never count backwards."""


@command("harden")
@reads_target
@click.option("--workspace", type=_FOLDER, default=Path(), help="Folder with registry/ and index/.")
@click.option("--keys", type=_FOLDER, help="Folder for private keys that are made. [default: .pluginry/keys]")
@key_options(online="A key in the place of the online key")
def harden(console: Console, target: Target, workspace: Path, keys: Path | None, **options: Any) -> None:
    """Propose to turn profile simple into hardened, for a marketplace that is published in TARGET.

    The old root key signs, and quorums of the new keys do. Until then everything goes on as it was; from then on the
    online key signs no policy any more, and clients follow without noticing. Called again, it proposes anew.
    """
    from pluginry.adapters.tuf_publication import published_now

    places = PublisherPlaces.at(workspace.resolve(), keys.resolve() if keys else None)
    ceremony = ceremony_of(workspace)
    _check_can_harden(ceremony)
    profile = ProfileOptions(profile=HARDENED, **options)
    if not (profile.root_keys and profile.targets_keys and profile.index_key):
        places.make_state_folder()
        refuse_in_git(places.keys / INDEX_KEY_FILE, hint="name a folder elsewhere with --keys")
    with target.open(writes=False) as store:
        current = published_now(store, ceremony.chain)
    counted = current.targets.says.version + ROOM_FOR_PUBLICATIONS if current else 0
    signers = profile.harden(ceremony, places.keys, targets_version=counted + 1, now=datetime.now(UTC))
    for signer in signers:
        ceremony.sign(signer)
    tell_pending(console, ceremony)


COMMANDS = (harden,)


def _check_can_harden(ceremony: Ceremony) -> None:
    """Refuse what is no simple marketplace, or would lose another change that waits."""
    files = ceremony.files
    if not files.roots:
        raise UsageError("this marketplace has no root of trust yet", hint="make one with `pluginry trust init`")
    if files.offline_targets is not None:
        raise UsageError("this marketplace is hardened already", hint="see `pluginry trust show`")
    if files.pending.read("root.json") is not None and files.pending.read("targets.json") is None:
        raise UsageError(
            "another change waits for signatures",
            where=str(files.pending.folder),
            hint="let it be signed first, or remove that folder",
        )
