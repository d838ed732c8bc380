"""The ways to install a release, as text to copy: nothing here that the client or the named tools do not accept.

In: a plugin, the release that people get, and the view. Out: `InstallWays`. It promises nothing about the outcome:
what is copied asks, verifies and may refuse like any other use of the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.attestation import RELEASE_PREDICATES
from pluginry.model.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.attestation import SignerIdentity
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact, AttestationFact
    from pluginry.publisher.pages.view import Card, CatalogueView

_PUBLIC_INSTANCE = "public-good"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLink:
    """A link that makes a host ask its user about the plugin."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A package to fetch by hand: its key, how its digest is compared, and how its signature is checked.

    ``verify`` is empty where no public tool can check it; ``bundle`` is the key of what it needs for that.
    """

    artifact: ArtifactFact
    file: str
    key: str
    compare: str
    bundle: str = ""
    verify: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallWays:
    """Commands, the lines of ``plugins.toml`` and ``plugins.lock``, packages, and links into hosts."""

    commands: str
    wish: str
    lock: str
    packages: tuple[PackageFile, ...]
    links: tuple[HostLink, ...]


def install_ways(card: Card, release: ReleaseRecord, view: CatalogueView) -> InstallWays:
    """Return every way to install `release` of `card`."""
    channel = "" if release.channel is Channel.STABLE else f" --channel {release.channel}"
    return InstallWays(
        commands=f"pluginry install {card.id}{channel}\npluginry enable {card.id}",
        wish=_wish(card, release),
        lock=_lock_entry(card, release),
        packages=tuple(_packages(card, release, view)),
        links=tuple(_links(card, view)),
    )


def _wish(card: Card, release: ReleaseRecord) -> str:
    versions = f'">={release.version}"'
    if release.channel is not Channel.STABLE:
        versions = f'{{version = {versions}, channel = "{release.channel}"}}'
    return f'schema = 1\n\n[plugins]\n"{card.id}" = {versions}'


def _lock_entry(card: Card, release: ReleaseRecord) -> str:
    head = f'[[plugins]]\nid = "{card.id}"\nversion = "{release.version}"\nsource = "NAME"\n'
    return head + "".join(
        f'\n[[plugins.artifacts]]\nplatform = "{one.platform}"\nsha256 = "{one.sha256}"\nsize = {one.size}\n'
        for one in release.artifacts
    ).rstrip("\n")


def _packages(card: Card, release: ReleaseRecord, view: CatalogueView) -> Iterator[PackageFile]:
    for artifact in release.artifacts:
        file = layout.package_file(card.id, release.version, artifact.platform)
        bundle, verify = _verification(artifact, release, file, view)
        yield PackageFile(
            artifact=artifact,
            file=file,
            key=layout.package_key(card.id, release.version, artifact.platform),
            compare=f'echo "{artifact.sha256}  {file}" | sha256sum --check',
            bundle=bundle,
            verify=verify,
        )


def _verification(artifact: ArtifactFact, release: ReleaseRecord, file: str, view: CatalogueView) -> tuple[str, str]:
    """Return the bundle that speaks for `artifact`, and the command of the sigstore project that checks it."""
    for known in release.attestations:
        signer = _signer(known, view)
        if known.artifact == artifact.sha256 and known.type in RELEASE_PREDICATES and signer:
            bundle = layout.attestation_key(known.sha256)
            return bundle, (
                f"sigstore verify identity --bundle {bundle.rpartition('/')[2]} "
                f"--cert-identity {quote(signer.san)} --cert-oidc-issuer {quote(signer.issuer)} {file}"
            )
    return "", ""


def _signer(known: AttestationFact, view: CatalogueView) -> SignerIdentity | None:
    """Return who signed, or is the only one whose signature counts; None where that cannot be said in one name."""
    if view.given.policy.instance != _PUBLIC_INSTANCE:
        return None
    statement = view.given.signatures.get(known.sha256)
    if statement:
        return statement.signer
    accepted = view.given.policy.signers_of(known.type)
    return accepted[0] if len(accepted) == 1 and accepted[0].san else None


def _links(card: Card, view: CatalogueView) -> Iterator[HostLink]:
    for host in card.listing.hosts:
        profile = view.host(host)
        address = profile.install_link(card.id, view.given.registry.config.base_url) if profile else ""
        if profile and address:
            yield HostLink(title=profile.title, address=address)
