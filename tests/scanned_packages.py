"""Packages of a few files, and what the scanners say of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from packages import package
from pluginry.encoding.archive import read_archive
from pluginry.model.digest import Digest
from pluginry.model.manifest import Manifest, Permission, Runtime
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.scan import scan
from pluginry.publisher.scan_setup import PLAIN_SETUP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.publisher.scan import ScanResult
    from pluginry.publisher.scan_setup import ScanSetup


def manifest_with(*grants: str) -> Manifest:
    """Return a manifest that asks for `grants`, each written type:scope."""
    asked = (grant.partition(":") for grant in grants)
    return Manifest(
        id=PluginId(Name("acme"), Name("demo")),
        version=Version("1.0.0"),
        hosts={Name("mail"): VersionRange("*")},
        runtime=Runtime(kind="python", entry_point="a:Plugin"),
        permissions=tuple(Permission(type=kind, scope=scope, reason="For the test") for kind, _, scope in asked),
    )


def package_of(files: Mapping[str, str | bytes], *grants: str) -> bytes:
    """Return a package with `files` that asks for `grants`."""
    bodies = {name: body.encode() if isinstance(body, str) else body for name, body in files.items()}
    return package(manifest_with(*grants), bodies)


def scanned(
    files: Mapping[str, str | bytes], *grants: str, licence: str = "", setup: ScanSetup = PLAIN_SETUP
) -> ScanResult:
    """Return what the scanners see in a package with `files` that asks for `grants`."""
    data = package_of(files, *grants)
    return scan(
        read_archive(io.BytesIO(data)),
        platform=ANY_PLATFORM,
        manifest=manifest_with(*grants),
        digest=Digest.of(data),
        licence=licence,
        setup=setup,
    )
