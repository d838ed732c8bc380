"""From a filled-in form to the change of the registry that it asks for; reports and appeals change nothing.

In: a form, the registry, a fetcher for packages. Out: files to propose, or a case for the moderators. Host, version and
digests come from the package itself, never from the form. Nothing that is there is ever overwritten.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluginry.contribution.issue_forms import APPEAL, CLAIM, SUBMIT
from pluginry.contribution.submission import BRANCHES, REGISTRY
from pluginry.encoding import documents
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import DocumentError, UsageError
from pluginry.model.channel import Channel
from pluginry.model.digest import blob_ref_of_stream
from pluginry.model.listing import Listing, Namespace, Proof, ReleaseFeed
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.proposal import Proposal
from pluginry.model.release import ArtifactClaim, Release, Source
from pluginry.model.status import Status
from pluginry.publisher.pack import adopt

if TYPE_CHECKING:
    from pluginry.contribution.issue_forms import FilledForm
    from pluginry.contribution.next_release import Upstream

_RELEASES: Final = "/releases/download/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something for the moderators to decide: the ``kind`` of form, and the plugin that it is about."""

    kind: str
    plugin: PluginId
    label: str


def change_of(form: FilledForm, upstream: Upstream) -> Proposal | Case:
    """Return what `form` asks for.

    Raises:
        UsageError: what it claims is there already, or its namespace is not.
        DocumentError: the package is none, or another one, or the result would not be valid.
        TransportError: the package cannot be fetched.

    """
    if form.name == SUBMIT.name:
        return _submission(form, upstream)
    if form.name == CLAIM.name:
        return _claim(form, upstream.root)
    label = "appeal" if form.name == APPEAL.name else f"report: {form.answers['What is wrong']}"
    plugin = form.answers.get("Plugin") or form.answers["Plugin to restore"]
    return Case(kind=form.name, plugin=PluginId.parse(plugin), label=label)


def _claim(form: FilledForm, registry: Path) -> Proposal:
    name = Name(form.answers["Namespace"])
    file = f"namespaces/{name}.yaml"
    if (registry / file).exists():
        raise UsageError("this namespace is taken", where=name, hint="ask its owners, or choose another name")
    claim = Namespace(
        namespace=name,
        title=form.answers["Title"],
        owners=(form.author,),
        proof=Proof(kind=form.answers["Kind of proof"], value=form.answers["Proof"]),
        status="active",
    )
    return _proposal(form, f"namespaces/{name}", f"Namespace {name}", {file: _yaml("namespace", claim, file)})


def _submission(form: FilledForm, upstream: Upstream) -> Proposal:
    plugin = PluginId.parse(form.answers["Plugin id"])
    folder = f"plugins/{plugin}"
    if (upstream.root / folder).exists():
        raise UsageError("this plugin is listed already", where=str(plugin), hint="propose a change with git")
    if not (upstream.root / f"namespaces/{plugin.namespace}.yaml").exists():
        hint = "claim it first, with the form for it"
        raise UsageError("there is no such namespace", where=plugin.namespace, hint=hint)
    address = form.answers["Address of the package"]
    with tempfile.TemporaryDirectory(prefix="pluginry-issue-") as scratch:
        source = Source(url=address)
        path = upstream.fetchers["url"].fetch(source, Path(scratch), expected=None, max_bytes=upstream.max_bytes)
        manifest = adopt(path).manifest
        with path.open("rb") as stream:
            found = blob_ref_of_stream(stream)
    if manifest.id != plugin:
        raise DocumentError("the package is another plugin", where=address, why=f"it is {manifest.id}")
    is_finished = not manifest.version.is_prerelease
    release = Release(
        version=manifest.version,
        channel=Channel.STABLE if is_finished else Channel.BETA,
        artifacts=(ArtifactClaim(platform=ANY_PLATFORM, source=source, sha256=found.sha256, size=found.size),),
    )
    listing = _listing(form, tuple(manifest.hosts), address, feeds=str(manifest.version) in address)
    files = {
        f"{folder}/listing.yaml": _yaml("listing", listing, f"{folder}/listing.yaml"),
        f"{folder}/README.md": f"# {listing.name}\n\n{listing.summary}\n".encode(),
        f"{folder}/releases/{manifest.version}.yaml": _yaml("release", release, "release"),
    }
    return _proposal(form, str(plugin), f"{plugin}: new plugin", files)


def _listing(form: FilledForm, hosts: tuple[Name, ...], address: str, *, feeds: bool) -> Listing:
    """Return the listing; only releases from where the first one came may follow."""
    before, found, _ = address.partition(_RELEASES)
    return Listing(
        name=form.answers["Display name"],
        summary=form.answers["What it does"],
        hosts=hosts,
        categories=(form.answers["Category"],),
        license=form.answers["Licence"],
        owners=(form.author,),
        sources=(f"{before}{found}" if found else f"{address.rpartition('/')[0]}/",),
        status=Status.ACTIVE,
        source=form.answers["Repository"],
        releases=ReleaseFeed(source="tags") if feeds else None,
    )


def _yaml(schema: str, model: object, file: str) -> bytes:
    value = documents.to_plain(model)
    for finding in check_against_schema(ParsedDocument(file=file, value=value), schema):
        raise DocumentError(finding.message, where=str(finding.where), hint="edit the issue")
    return write_yaml(value)


def _proposal(form: FilledForm, subject: str, title: str, files: dict[str, bytes]) -> Proposal:
    return Proposal(
        branch=f"{BRANCHES}/{subject}/issue-{form.number}",
        title=title,
        body=f"Asked for in #{form.number}, by the account with the number {form.author.id}.\n",
        files={f"{REGISTRY}/{path}": content for path, content in files.items()},
    )
