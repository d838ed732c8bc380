"""One plugin with everything that helps to decide about it, as lines for people and as data for programs.

In: a marketplace and an id, with or without versions. Out: a `PluginView`. What strangers wrote is kept from looking
like lines of ours.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.cli.consent_dialogue import ask_data
from pluginry.cli.table import one_line, table
from pluginry.client.candidates import releases_in
from pluginry.client.consent import ask_consent
from pluginry.encoding import documents
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import NotFoundError, PolicyError, TamperedError
from pluginry.model.attestation import PROVENANCE_PREDICATE, RELEASE_PREDICATES
from pluginry.model.channel import Channel
from pluginry.model.project_links import project_links
from pluginry.model.status import Status
from pluginry.model.trust_statement import trust_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.cli.plugin_argument import PluginAt
    from pluginry.client.consent import PermissionAsk
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.source import Source
    from pluginry.model.advisory import Advisory
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, PluginSummary, ReleaseRecord
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.project_links import ProjectLink
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.model.trust_statement import TrustStatement
    from pluginry.model.versions import VersionRange

_SHOWN_VERSIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginView:
    """A plugin; ``release`` and ``manifest`` are of the version in question, None when it has none to offer."""

    summary: PluginSummary
    record: PluginRecord
    source: Source
    release: ReleaseRecord | None
    manifest: Manifest | None
    asks: tuple[PermissionAsk, ...]
    advisories: tuple[Advisory, ...]
    installed: InstalledPlugin | None
    proved: Mapping[Digest, VerifiedStatement] = field(default_factory=lambda: MappingProxyType({}))

    def data(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        plain: dict[str, Any] = documents.to_plain(self.summary)
        plain |= {
            "seq": self.record.seq,
            "source": self.source.config.name,
            "releases": documents.to_plain(self.record.releases),
            "advisories": documents.to_plain(self.advisories),
            "installed": documents.to_plain(self.installed) if self.installed else None,
            "publisher": documents.to_plain(self.record.publisher) if self.record.publisher else None,
            "links": documents.to_plain(self._links()),
            "release": None,
        }
        if self.release and self.manifest:
            plain["release"] = {
                **documents.to_plain(self.release),
                "asks": [ask_data(ask) for ask in self.asks],
                "changes": documents.to_plain(self.manifest.changes),
                "runtime": documents.to_plain(self.manifest.runtime),
                "attested": _attested(self.release),
                "trust": documents.to_plain(self._statements(self.release)),
                "signers": documents.to_plain(self.source.index().policy.registry_identities),
                "advisories": [one.id for one in self._hitting(self.release)],
            }
        return plain

    def lines(self) -> Iterator[str]:
        """Yield everything as text, each line of it on one line."""
        yield from map(one_line, self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.summary.id}  {self.summary.name}"
        yield f"  {self.summary.summary}"
        yield from self._standing()
        yield from self._facts()
        if self.release and self.manifest:
            yield from self._permissions()
            yield from self._needs(self.release)
            yield from self._changes(self.manifest)
            yield from self._trust(self.release)
        yield from self._versions()

    def _standing(self) -> Iterator[str]:
        if self.summary.status is not Status.ACTIVE:
            instead = f", use {self.summary.replaced_by} instead" if self.summary.replaced_by else ""
            yield f"  This plugin is {self.summary.status}{instead}."
        if self.installed:
            yield f"  Installed: {self.installed.version}, {'enabled' if self.installed.enabled else 'disabled'}"
        for advisory in self.advisories:
            yield f"  ADVISORY {advisory.id} ({advisory.action}): {advisory.summary}"

    def _facts(self) -> Iterator[str]:
        newest = ", ".join(
            f"{self.summary.channels[channel]} ({channel})" for channel in Channel if channel in self.summary.channels
        )
        facts = {
            "Newest": newest or "nothing to install",
            "Licence": self.summary.license,
            "Origin": self.summary.origin,
            "Categories": ", ".join(self.summary.categories),
            "Tags": ", ".join(self.summary.tags),
            "Also known as": ", ".join(self.summary.aliases),
        }
        for name, value in facts.items():
            if value:
                yield f"  {name}: {value}"
        for link in self._links():
            yield f"  {link.kind.capitalize()}: {link.url} ({link.says})"

    def _permissions(self) -> Iterator[str]:
        yield ""
        if not self.asks:
            yield "Permissions: none requested"
            return
        yield "Permissions (what it says that it does; nothing enforces them yet):"
        for ask in self.asks:
            yield f"  {ask.says} [{ask.grant}]"
            yield f"    reason given: {ask.reason}"

    def _needs(self, release: ReleaseRecord) -> Iterator[str]:
        platforms = ", ".join(artifact.platform for artifact in release.artifacts)
        yield ""
        yield f"Version {release.version} is for {_spans(release.hosts)} on {platforms}"
        if release.dependencies:
            yield f"  needs {_spans(release.dependencies)}"
        if release.conflicts:
            yield f"  does not work together with {_spans(release.conflicts)}"

    def _changes(self, manifest: Manifest) -> Iterator[str]:
        if manifest.changes:
            yield ""
            yield f"Changes in {manifest.version}:"
            yield from (f"  {change.kind}: {change.text}" for change in manifest.changes)

    def _trust(self, release: ReleaseRecord) -> Iterator[str]:
        yield ""
        yield f"Evidence for {release.version} (checked again when it is installed):"
        yield f"  named by the signed index of {self.source.config.name}, serial {self.source.index().root.serial}"
        for statement in self._statements(release):
            yield f"  {statement.word.heading}: {statement.says}"
            if statement.because:
                yield f"    {statement.because}"
        for signer in self.source.index().policy.release_signers:
            yield from (f"  Of {signer.name}: {limit}" for limit in signer.limits)
        yield from (f"  sha256 {artifact.sha256} ({artifact.platform})" for artifact in release.artifacts)

    def _statements(self, release: ReleaseRecord) -> tuple[TrustStatement, ...]:
        return trust_statements(
            self.record,
            release,
            policy=self.source.index().policy,
            proved=self.proved,
            advisories=self._hitting(release),
        )

    def _hitting(self, release: ReleaseRecord) -> tuple[Advisory, ...]:
        """Return the advisories about one of the releases."""
        subject = self.record.subject_of(release)
        return tuple(one for one in self.advisories if one.hits(subject))

    def _links(self) -> tuple[ProjectLink, ...]:
        return project_links(self.record, self.release, self.proved)

    def _remark(self, release: ReleaseRecord) -> str:
        withdrawn = [f"withdrawn: {release.yanked}"] if release.yanked is not None else []
        return ", ".join([*(one.id for one in self._hitting(release)), *withdrawn])

    def _versions(self) -> Iterator[str]:
        rows = (
            (
                f"  {release.version}",
                release.channel,
                f"{release.published_at:%Y-%m-%d}",
                self._remark(release),
            )
            for release in self.record.releases[:_SHOWN_VERSIONS]
        )
        yield ""
        yield from table(("  VERSION", "CHANNEL", "PUBLISHED", ""), rows)
        if len(self.record.releases) > _SHOWN_VERSIONS:
            yield f"  and {len(self.record.releases) - _SHOWN_VERSIONS} older ones"


def view_plugin(marketplace: Marketplace, wanted: PluginAt, *, check_signatures: bool = False) -> PluginView:
    """Return what is known of a plugin and of its newest release among the wanted versions.

    Raises:
        TrustError: a signature was to be checked and is not good.
        NotFoundError: there is no such plugin, or no such version of it.

    """
    source = marketplace.source_of(wanted.plugin)
    record = source.record(wanted.plugin)
    plugins = {plugin.id: plugin for plugin in source.catalogue().plugins}
    if record is None or wanted.plugin not in plugins:
        raise no_such_plugin(marketplace, wanted.plugin)
    release = _in_question(record, wanted)
    manifest = source.manifest(wanted.plugin, release) if release else None
    installed = marketplace.home.installed().get(wanted.plugin)
    granted = {wanted.plugin: installed.granted} if installed else {}
    consent = ask_consent([manifest] if manifest else [], hosts=marketplace.hosts(), granted=granted)
    return PluginView(
        summary=plugins[wanted.plugin],
        record=record,
        source=source,
        release=release,
        manifest=manifest,
        asks=consent.asks,
        advisories=_advisories(source, record),
        installed=installed,
        proved=_proved(source, record, release) if release and check_signatures else {},
    )


def no_such_plugin(marketplace: Marketplace, plugin: PluginId) -> NotFoundError:
    """Return the error that says which id was perhaps meant."""
    known = [str(one.id) for source in marketplace.sources() for one in source.catalogue().plugins]
    hint = did_you_mean(str(plugin), known) or "look for it with `pluginry search`"
    return NotFoundError(f"there is no plugin {plugin}", hint=hint)


def _in_question(record: PluginRecord, wanted: PluginAt) -> ReleaseRecord | None:
    """Return the newest release that is wanted, of the most finished channel, rather one that was not withdrawn."""
    channels = tuple(Channel)
    ranked = sorted(
        releases_in(record, wanted.versions),
        key=lambda release: (release.yanked is not None, channels.index(release.channel)),
    )
    return ranked[0] if ranked else None


def _advisories(source: Source, record: PluginRecord) -> tuple[Advisory, ...]:
    """Return the advisories that hit any offered version of a plugin."""
    subjects = [record.subject_of(release) for release in record.releases]
    return tuple(one for one in source.index().advisories if any(map(one.hits, subjects)))


def _proved(source: Source, record: PluginRecord, release: ReleaseRecord) -> dict[Digest, VerifiedStatement]:
    """Return what the signatures on a release prove, checked now: the registry's must be good, a developer's may."""
    from pluginry.client.provenance import accept_provenance, developers_of
    from pluginry.client.verify_release import accept_statement

    artifacts = {artifact.sha256: artifact for artifact in release.artifacts}
    proved = {}
    for fact in release.attestations:
        artifact = artifacts.get(fact.artifact)
        if artifact and fact.type in RELEASE_PREDICATES:
            proved[fact.sha256] = source.statement(fact)
            accept_statement(proved[fact.sha256], plugin=record.id, release=release, artifact=artifact, kind=fact.type)
        elif artifact and fact.type == PROVENANCE_PREDICATE:
            with suppress(TamperedError, PolicyError):
                statement = source.statement(fact, signers=developers_of(record, release))
                accept_provenance(statement, release=release, artifact=artifact)
                proved[fact.sha256] = statement
    return proved


def _attested(release: ReleaseRecord) -> bool:
    """Return whether there is an attestation about every package of a release."""
    return {artifact.sha256 for artifact in release.artifacts} <= {fact.artifact for fact in release.attestations}


def _spans(versions: Mapping[Any, VersionRange]) -> str:
    return ", ".join(f"{name} {span}" for name, span in sorted(versions.items()))
