"""The documents of the index for everybody: one per plugin, and numbers.

In: values of the index. Out: plain values that say the same as the records which verifying clients read. An
address in a document is relative to that document, so that a copy works wherever it lies.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pluginry.encoding import documents
from pluginry.model import layout

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, ReleaseRecord, TreeRoot
    from pluginry.model.listing import Listing
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.project_links import ProjectLink
    from pluginry.publisher.glance import Glance

_IN_THE_MANIFEST = ("permissions", "dependencies", "conflicts")
_FOR_VERIFIERS = ("facts", "attestations")


def plugin_document(
    listing: Listing,
    plugin_record: PluginRecord,
    manifests: Mapping[Digest, Manifest],
    advisories: Iterable[str],
    *,
    links: Iterable[ProjectLink] = (),
) -> dict[str, Any]:
    """Return the document of a plugin with all its releases; `advisories` are the ids of those about it.

    `links` are its addresses as far as they are proved: those in the listing are what its authors claim.
    """
    plain: dict[str, Any] = documents.to_plain(plugin_record)
    plain["listing"] = documents.to_plain(listing)
    plain["advisories"] = list(advisories)
    plain["links"] = [documents.to_plain(link) for link in links]
    for release, body in zip(plugin_record.releases, plain["releases"], strict=True):
        for name in (*_IN_THE_MANIFEST, *_FOR_VERIFIERS):
            body.pop(name, None)
        body["manifest"] = documents.to_plain(manifests[release.manifest.sha256])
        body["artifacts"] = list(_artifacts(plugin_record.id, release))
    return plain


def stats_document(root: TreeRoot, glances: Collection[Glance]) -> dict[str, Any]:
    """Return what can be counted without watching anybody."""
    sizes = {digest: size for glance in glances for digest, size in glance.packages}
    return {
        "format": 1,
        "plugins": root.plugins,
        "releases": root.releases,
        "package_bytes": sum(sizes.values()),
        "by_host": Counter(host for glance in glances for host in glance.hosts),
        "by_category": Counter(category for glance in glances for category in glance.categories),
        "by_status": Counter(glance.status.value for glance in glances),
        "method": "Counted from the index. Nobody's downloads or installations are counted.",
    }


def _artifacts(plugin: PluginId, release: ReleaseRecord) -> Iterable[dict[str, Any]]:
    key = layout.plugin_key(plugin)
    for artifact in release.artifacts:
        package = layout.package_key(plugin, release.version, artifact.platform)
        yield {
            **documents.to_plain(artifact),
            "url": layout.relative_address(key, package),
            "attestations": [
                {
                    "type": known.type,
                    **documents.to_plain(known.blob),
                    "url": layout.relative_address(key, layout.attestation_key(known.sha256)),
                }
                for known in release.attestations
                if known.artifact == artifact.sha256
            ],
        }
