"""Starts a registry for what an importer brings: ``registry.yaml``, one host profile, one namespace.

In: models. Out: files, each only if it is not there, so that a second import adds to what a first one began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.model.channel import Channel
from pluginry.model.listing import MIRROR, Account, Namespace, Proof
from pluginry.model.registry import RegistryConfig

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name
    from pluginry.model.registry import Category


def write_registry(
    folder: Path, *, title: str, categories: tuple[Category, ...], host: HostProfile, namespace: Name, owner: Account
) -> None:
    """Write what the registry in `folder` lacks before plugins for `host` can be listed in `namespace`.

    Raises:
        OSError: the disk refused.
    """
    config = RegistryConfig(name=title, default_channel=Channel.STABLE, categories=categories)
    mirror = Namespace(
        namespace=namespace,
        title=title,
        owners=(owner,),
        proof=Proof(kind="registry", value=str(namespace)),
        status=MIRROR,
    )
    for path, model in (
        (folder / "registry.yaml", config),
        (folder / "hosts" / f"{host.id}.yaml", host),
        (folder / "namespaces" / f"{namespace}.yaml", mirror),
    ):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write_yaml(documents.to_plain(model)))
