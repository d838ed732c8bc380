"""New releases of listed plugins, found where their developers make them, so that nobody has to submit anything.

In: plugins whose listing says ``releases: {from: tags}``, the tags of their repositories. Out: for each new version
what could be proposed, or why it could not. Only what the owners allowed in the listing is looked at; one plugin's
trouble is never another's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.contribution.announced import numbered_publisher
from pluginry.contribution.next_release import newest, next_release, release_text
from pluginry.contribution.submission import release_proposal
from pluginry.errors import DocumentError, NotFoundError, PluginryError, PolicyError, UsageError
from pluginry.model.status import Status
from pluginry.model.versions import Version
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.contribution.next_release import Upstream
    from pluginry.model.listing import ReleaseFeed
    from pluginry.model.names import PluginId
    from pluginry.model.proposal import Proposal
    from pluginry.model.registry import PluginEntry
    from pluginry.ports import RepositoryTags

_PLACE: Final = "{version}"
_PATTERNS: Final = (f"v{_PLACE}", _PLACE)
"""How tags of versions are called where no listing says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A new ``version`` of a plugin (None: nothing could be asked): the ``proposal``, or the ``trouble`` with it."""

    plugin: PluginId
    version: Version | None = None
    proposal: Proposal | None = None
    trouble: PluginryError | None = None


def discover(
    plugins: Iterable[PluginEntry],
    *,
    tags: RepositoryTags,
    upstream: Upstream,
    is_known: Callable[[PluginId, Version], bool],
    numbers_of: Callable[[str], tuple[str, str]],
) -> Iterator[Discovered]:
    """Yield what is new of `plugins`; `is_known` says which versions were proposed before, and are left alone.

    `numbers_of` says which number a repository ``OWNER/NAME`` at the forge has now, and which its owner has.
    """
    for entry in plugins:
        if entry.listing.releases is None or entry.listing.status is not Status.ACTIVE:
            continue
        kept = _Remembered(tags)
        try:
            versions = new_versions(entry, kept)
        except PluginryError as error:
            yield Discovered(plugin=entry.id, trouble=error)
            continue
        # The newest only: who wants the ones between proposes them.
        for version in versions[-1:]:
            if not is_known(entry.id, version):
                yield _found(entry, version, kept, upstream, numbers_of)


def new_versions(entry: PluginEntry, tags: RepositoryTags) -> tuple[Version, ...]:
    """Return the versions that the plugin's repository has tags for, newer than any release, in their order.

    Raises:
        UsageError: the listing names no repository.
        NotFoundError: there is no such repository.
        TransportError: it does not answer.

    """
    newest_known = max(entry.releases, default=None)
    found = versions_of(tags.tags(_repository(entry)), _patterns(entry))
    return tuple(sorted(version for version in found if newest_known is None or version > newest_known))


def versions_of(tags: Mapping[str, str], patterns: Iterable[str]) -> Mapping[Version, str]:
    """Return the commit of each version that a tag is called after, as one of `patterns` says; the first one wins."""
    found: dict[Version, str] = {}
    for pattern in patterns:
        before, _, after = pattern.partition(_PLACE)
        form = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
        for tag, commit in tags.items():
            if match := form.fullmatch(tag):
                try:
                    found.setdefault(Version(match[1]), commit)
                except DocumentError:  # a tag of something else
                    continue
    return found


def commit_finder(entry: PluginEntry, version: Version, tags: RepositoryTags) -> Callable[[str], str]:
    """Return what tells the commit of `version` in a repository: that of its tag."""

    def find(repository: str) -> str:
        commit = versions_of(tags.tags(repository), _patterns(entry)).get(version)
        if commit is None:
            hint = "push the tag first, or give the commit"
            raise NotFoundError(f"there is no tag of version {version}", where=repository, hint=hint)
        return commit

    return find


def _found(
    entry: PluginEntry,
    version: Version,
    tags: RepositoryTags,
    upstream: Upstream,
    numbers_of: Callable[[str], tuple[str, str]],
) -> Discovered:
    try:
        _refuse_successors(entry, numbers_of)
        last = newest(entry)
        release = next_release(entry, version, upstream=upstream, commit_of=commit_finder(entry, version, tags))
        like = (upstream.root / registry_layout.release_file(entry, last.version)).read_text("utf-8")
        proposal = release_proposal(entry, version, release_text(release, like=(like, last)))
    except PluginryError as error:
        return Discovered(plugin=entry.id, version=version, trouble=error)
    return Discovered(plugin=entry.id, version=version, proposal=proposal)


def _refuse_successors(entry: PluginEntry, numbers_of: Callable[[str], tuple[str, str]]) -> None:
    """Refuse a repository that is not the one the listing names by numbers: its name was given up, or it was sold."""
    publisher = numbered_publisher(entry.listing)
    if publisher and numbers_of(publisher.repository) != (publisher.repository_id, publisher.owner_id):
        hint = "if it was handed over, its owners announce that with transfer in listing.yaml"
        why = "its number, or its owner's, is not that of the publisher in the listing"
        raise PolicyError("another repository is there now", where=entry.listing.source, why=why, hint=hint)


def _repository(entry: PluginEntry) -> str:
    if not entry.listing.source:
        hint = "write the address of the repository as source into listing.yaml"
        raise UsageError("the listing names no repository", where=str(entry.id), hint=hint)
    return entry.listing.source


def _patterns(entry: PluginEntry) -> tuple[str, ...]:
    feed: ReleaseFeed | None = entry.listing.releases
    return (feed.pattern,) if feed else _PATTERNS


class _Remembered:
    """Tags that are asked for once."""

    def __init__(self, tags: RepositoryTags) -> None:
        self._tags = tags
        self._known: dict[str, Mapping[str, str]] = {}

    def tags(self, repository: str) -> Mapping[str, str]:
        """Return the commit of every tag; see `RepositoryTags`."""
        if repository not in self._known:
            self._known[repository] = self._tags.tags(repository)
        return self._known[repository]
