"""Reads releases of developers at GitHub; see `ForgeReleases`.

In: ``OWNER/NAME`` and a tag. Out: the release, its files, the repository's own words. Answers of another shape, and of
another repository than was asked for, are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pluginry.adapters.github_answers import account_of, number_of, text_of, whole
from pluginry.errors import DocumentError, NotFoundError, TransportError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.forge_release import ForgeRelease, ReleaseFile

if TYPE_CHECKING:
    from pluginry.adapters.github_api import GithubApi

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_TAG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_FILES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubReleases:
    """Asks through ``api``, which needs no token for what is public."""

    api: GithubApi

    def release(self, name: str, tag: str) -> ForgeRelease:
        """Return what is released in repository `name` as `tag`; see `ForgeReleases`."""
        if not _NAME.fullmatch(name) or not _TAG.fullmatch(tag) or ".." in f"{name}/{tag}":
            raise UsageError("this names no release", where=f"{name[:100]}@{tag[:100]}", hint="write OWNER/REPO@TAG")
        there = whole(self.api.get(f"/repos/{name}"), "repository")
        if text_of(there, "full_name").casefold() != name.casefold() or there.get("private") is True:
            raise NotFoundError("the repository is called otherwise by now, or is not public", where=name)
        commit = text_of(whole(self.api.get(f"/repos/{name}/commits/{quote(tag, safe='')}"), "commit"), "sha")
        if not _COMMIT.fullmatch(commit):
            raise TransportError("the forge answers in a way that nobody expects", why="its commit is not one")
        found = there.get("license")
        return ForgeRelease(
            name=text_of(there, "full_name"),
            tag=tag,
            commit=commit,
            address=f"https://github.com/{text_of(there, 'full_name')}",
            repository_id=number_of(there, "id"),
            owner=account_of(there.get("owner"), "owner"),
            files=self._files(name, tag),
            summary=_words(there.get("description")),
            homepage=_words(there.get("homepage")),
            license=_words(found.get("spdx_id")) if isinstance(found, dict) else "",
            topics=tuple(_words(topic) for topic in there.get("topics") or ()),
        )

    def _files(self, name: str, tag: str) -> tuple[ReleaseFile, ...]:
        """Return the files of a release; none where there is only a tag."""
        try:
            found = whole(self.api.get(f"/repos/{name}/releases/tags/{quote(tag, safe='')}"), "release")
        except NotFoundError:
            return ()
        if found.get("draft") is True:
            return ()
        assets = found.get("assets")
        return tuple(_file(whole(one, "asset"), name, tag) for one in (assets or ())[:_MAX_FILES])


def _file(asset: Any, repository: str, tag: str) -> ReleaseFile:
    name, address = text_of(asset, "name"), text_of(asset, "browser_download_url")
    digest = asset.get("digest")
    wanted = f"https://github.com/{repository}/releases/download/{quote(tag, safe='')}/{quote(name)}"
    if not _FILE.fullmatch(name) or address.casefold() != wanted.casefold():
        raise TransportError("a file of the release lies elsewhere", where=name[:100], why="not at its repository")
    try:
        sha256 = Digest(digest.removeprefix("sha256:")) if isinstance(digest, str) else None
    except DocumentError as error:
        raise TransportError("the forge answers in a way that nobody expects", why="its digest is not one") from error
    return ReleaseFile(name=name, address=address, sha256=sha256)


def _words(value: Any) -> str:
    """Return a text of the repository as a line that can be shown, or empty text."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())[:500]
