"""A plugin's links to its homepage, sources and issues, and which of them somebody proved.

Anybody can write the address of somebody else's famous project into a listing. A link is *verified* only when the build
of a release proved that it ran in that very repository: its certificate names the repository's address and the numeric
id, which the forge never gives twice, and the id is the one of the plugin's publisher. In: a record, a release of it,
what its bundles proved here. Out: every link with its word. A link that is not verified may still be right: it is told
as what it is, the author's claim. It asks nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.model.attestation import PROVENANCE_PREDICATE
from pluginry.model.said import said
from pluginry.model.trust_statement import LinkWord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.attestation import CertifiedBuild, VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.listing import Listing

LINK_KINDS: Final = ("homepage", "source", "issues")
_ISSUES_BELOW = ("/issues", "/-/issues")
"""Where forges keep the issues of a repository, below its address."""
_PLAIN = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)+\Z")
"""An address that cannot lead anywhere else than it says: no query, no escapes, no steps upwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLink:
    """A link of one of the `LINK_KINDS`, and what it rests on when it is verified."""

    kind: str
    url: str
    word: LinkWord
    because: str = ""

    @property
    def says(self) -> str:
        """The word with what it rests on, in a sentence."""
        if not self.because:
            return self.word.heading
        return said("%(word)s: %(because)s", word=self.word.heading, because=self.because)


def claimed_links(listing: Listing) -> dict[str, str]:
    """Return the addresses that a listing gives, by kind."""
    return {kind: url for kind in LINK_KINDS if (url := getattr(listing, kind))}


def project_links(
    record: PluginRecord, release: ReleaseRecord | None, proved: Mapping[Digest, VerifiedStatement]
) -> tuple[ProjectLink, ...]:
    """Return the links of a plugin, held to what the bundles of `release` `proved` to somebody who checked them."""
    builds = tuple(_builds(record, release, proved)) if release else ()
    return tuple(_link(kind, record.links[kind], release, builds) for kind in LINK_KINDS if kind in record.links)


def _builds(
    record: PluginRecord, release: ReleaseRecord, proved: Mapping[Digest, VerifiedStatement]
) -> Iterator[CertifiedBuild]:
    """Yield the builds of the plugin's publisher, told from others by the repository's id."""
    if record.publisher is None or not record.publisher.repository_id:
        return
    for known in release.attestations:
        if known.type == PROVENANCE_PREDICATE and known.sha256 in proved:
            build = proved[known.sha256].build
            if build.repository_id == record.publisher.repository_id:
                yield build


def _link(kind: str, url: str, release: ReleaseRecord | None, builds: tuple[CertifiedBuild, ...]) -> ProjectLink:
    build = next((one for one in builds if _repository_of(kind, url) == _plain(one.repository) != ""), None)
    if build is None or release is None:
        return ProjectLink(kind=kind, url=url, word=LinkWord.CLAIMED)
    because = said(
        "%(version)s was provably built in this repository, whose id is %(repository)s",
        version=release.version,
        repository=build.repository_id,
    )
    return ProjectLink(kind=kind, url=url, word=LinkWord.VERIFIED, because=because)


def _repository_of(kind: str, url: str) -> str:
    """Return the repository that `url` is the address of, plainly; of a link to issues, the one that they are of."""
    plain = _plain(url)
    suffix = next((end for end in reversed(_ISSUES_BELOW) if plain.endswith(end)), "") if kind == "issues" else ""
    return plain.removesuffix(suffix)


def _plain(url: str) -> str:
    """Return an address in the one form in which two are compared, or nothing when it might lead elsewhere."""
    trimmed = url.removesuffix("/").removesuffix(".git")
    if not _PLAIN.match(trimmed):
        return ""
    scheme, _, rest = trimmed.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.lower()}{slash}{path}"
