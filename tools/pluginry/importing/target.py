"""What an importer has to know of the registry that it writes to: its hosts, shelves and owners, its advisories.

In: the folder of a registry. Out: `Target`. Never judges the registry: `pluginry check` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import DocumentError
from pluginry.model.advisory import Advisory
from pluginry.model.host import HostProfile
from pluginry.model.listing import MIRROR, Account, Namespace
from pluginry.model.names import Name
from pluginry.model.registry import RegistryConfig

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The registry in ``folder``, as seen by an importer that fills ``namespace``.

    ``is_mirror`` if that namespace is for plugins of another registry.
    """

    folder: Path
    namespace: Name
    is_mirror: bool
    owners: tuple[Account, ...]
    hosts: Mapping[Name, HostProfile]
    categories: tuple[str, ...]
    max_bytes: int
    advisories: tuple[Advisory, ...] = ()


def read_target(folder: Path, namespace: Name) -> Target:
    """Return what the importer has to know of the registry in `folder`.

    Raises:
        DocumentError: there is no registry, no such namespace, or a file that cannot be read.
    """
    config = _read(RegistryConfig, "registry", folder / "registry.yaml")
    owner = _read(Namespace, "namespace", folder / "namespaces" / f"{namespace}.yaml")
    hosts = {
        Name(path.stem): _read(HostProfile, "host", path) for path in sorted(folder.joinpath("hosts").glob("*.yaml"))
    }
    return Target(
        folder=folder,
        namespace=namespace,
        is_mirror=owner.status == MIRROR,
        owners=owner.owners,
        hosts=MappingProxyType(hosts),
        categories=tuple(category.id for category in config.categories),
        max_bytes=config.limits.upstream_bytes,
        advisories=tuple(
            _read(Advisory, "advisory", path) for path in sorted(folder.joinpath("advisories").glob("*.yaml"))
        ),
    )


def _read(kind: type[T], schema: str, path: Path) -> T:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            "the registry lacks a file",
            where=str(path),
            why=error.strerror or "",
            hint="name the folder of a registry with --registry; a namespace needs its file before an import",
        ) from error
    document = strict_yaml.parse(data, file=str(path))
    for finding in (*document.findings, *check_against_schema(document, schema)):
        raise DocumentError(
            finding.message, where=str(finding.where), hint="run `pluginry check` on the registry first"
        )
    return documents.construct(kind, document.value, what=str(path))
