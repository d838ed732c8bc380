"""``pluginry import marketplace``: a registry of plugins that were chosen from another marketplace.

In: where it lies, the fingerprint of its root of trust, ids. Out: files of the registry, and the packages in the
publisher's own store of objects, so that publishing needs no network. What is read is verified as clients do it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from pluginry.cli.access_options import access_of, access_options
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.plugin_argument import PluginAt
from pluginry.cli.written import Written
from pluginry.client.source_address import split_address
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pluginry.cli.chosen_releases import ChosenReleases
    from pluginry.cli.console import Console
    from pluginry.client.source import Source
    from pluginry.encoding.content_store import ContentStore
    from pluginry.importing.marketplace import Brought
    from pluginry.model.index import PluginRecord, PluginSummary, ReleaseRecord
    from pluginry.model.versions import Version

_NAME = "upstream"
_FOLDER = click.Path(path_type=Path, file_okay=False)
_README = "README.md"


@command("marketplace", short_help="List chosen plugins of another marketplace.")
@click.argument("location")
@click.argument("plugins", nargs=-1, required=True, type=Written(PluginAt.parse, "ID[@VERSION]"))
@click.option("--fingerprint", metavar="SHA256", help="Digest of its first root of trust, as its owner publishes it.")
@click.option("--address", metavar="URL", help="Where it lies on the web, if LOCATION is a copy of it.")
@click.option("--releases", type=click.IntRange(1, 100), default=1, show_default=True, help="How many, newest first.")
@click.option("--registry", type=_FOLDER, default=Path("registry"), show_default=True, help="The registry to write to.")
@click.option(
    "--owner", required=True, metavar="LOGIN:ID", help="Account at the forge that answers for these plugins here."
)
@access_options
def marketplace(
    console: Console,
    location: str,
    *,
    plugins: tuple[PluginAt, ...],
    fingerprint: str | None,
    address: str | None,
    releases: int,
    registry: Path,
    owner: str,
    **way_there: str | None,
) -> int:
    """List the PLUGINS of the marketplace at LOCATION, with what they depend on, in a registry of your own.

    Ids, versions and packages stay what they are. Everything is verified as clients do it, and the packages are kept
    beside the registry, in .pluginry/objects: `pluginry publish` there needs no network. Run it again to get newer
    releases. A registry that is not there is begun. Releases that are withdrawn or blocked there are left out.

    Exit status: 1 when nothing is listed; 10 when somebody has to look: the marketplace warns of a release that is
    listed here, what such a release needs is not listed, or an id is yours or comes from elsewhere.
    """
    from pluginry.cli.chosen_releases import choose
    from pluginry.cli.imports import account_named, tell
    from pluginry.cli.publisher_wiring import PublisherPlaces
    from pluginry.importing.marketplace import begin_registry, list_plugins
    from pluginry.model.finding import Severity

    account = account_named(owner)
    place, known = split_address(location, fingerprint=fingerprint)
    if known is None:
        raise UsageError("its root of trust is not confirmed", hint="pass what its owner publishes: --fingerprint")
    web = _web_address(address or place)
    objects = PublisherPlaces.at(registry.resolve().parent, None).workspace.objects
    with tempfile.TemporaryDirectory(prefix="pluginry-import-") as home, console.progress("importing"):
        client = open_client(Path(home))
        client.add_source(
            _NAME,
            place if "://" in place else str(Path(place).resolve()),
            fingerprint=known,
            access=access_of(**way_there),  # type: ignore[arg-type]  # click typed them
        )
        (source,) = client.sources()
        summaries = {one.id: one for one in source.catalogue().plugins}
        brought = tuple(
            _brought(source, one, summaries[one.record.id], objects) for one in choose(source, plugins, releases)
        )
        begin_registry(registry, brought, source.catalogue(), owner=account)
    report = list_plugins(brought, registry=registry, address=web)
    status = tell(console, report, None)
    needs_review = any(finding.severity is Severity.NEEDS_REVIEW for finding in report.findings)
    return status or (NEEDS_REVIEW_EXIT_STATUS if needs_review else 0)


def _web_address(address: str) -> str:
    """Return where releases say that their packages lie.

    Raises:
        UsageError: packages cannot be fetched from such an address.

    """
    if not address.startswith("https://"):
        raise UsageError(
            "releases name an https address of their package",
            where=address,
            hint="name the one of the marketplace that this is a copy of: --address https://...",
        )
    return address.rstrip("/") + "/"


def _brought(source: Source, chosen: ChosenReleases, summary: PluginSummary, objects: ContentStore) -> Brought:
    """Return a plugin with its chosen releases; their packages are in `objects` then.

    Raises:
        TrustError: something of it must not be used.

    """
    from pluginry.importing.marketplace import Brought

    record, releases = chosen.record, chosen.releases
    return Brought(
        record=record,
        summary=summary,
        releases=releases,
        manifests=MappingProxyType({one.version: source.manifest(record.id, one) for one in releases}),
        readme=_fetched(source, record, releases, objects),
        warned=_warned(source, record),
        needed_by=MappingProxyType(chosen.needed_by),
    )


def _warned(source: Source, record: PluginRecord) -> Mapping[Version, str]:
    """Return what is said there against releases: that they were withdrawn, or what an advisory says."""
    from pluginry.cli.chosen_releases import against

    found = {}
    for release in record.releases:
        advisories = against(source, record, release)
        if release.yanked is not None:
            found[release.version] = f"it was withdrawn ({release.yanked})"
        if advisories:
            found[release.version] = f"{advisories[0].advisory}: {advisories[0].summary}"
    return MappingProxyType(found)


def _fetched(source: Source, record: PluginRecord, releases: Sequence[ReleaseRecord], objects: ContentStore) -> str:
    """Verify the packages of `releases` and keep them in `objects`; return the README of the newest."""
    from pluginry.client.attestations import published_by
    from pluginry.client.resolve import Chosen
    from pluginry.encoding.archive import read_archive
    from pluginry.importing.texts import MAX_README_BYTES

    readme = ""
    for release in reversed(releases):
        for artifact in release.artifacts:
            published_by(Chosen(plugin=record.id, release=release), artifact, source)
            package = source.package(record.id, release, artifact)
            objects.add_file(package)
            with package.open("rb") as stream:
                archive = read_archive(stream)
                if any(member.name == _README for member in archive.members):
                    readme = archive.read(_README, max_bytes=MAX_README_BYTES).decode(errors="replace")
    return readme
