"""What the address of a file at a code forge stands for: what its developers published, a commit, or anybody's file.

In: an address. Out: the commit that it names and of which repository, or whether strangers can put files there. Forges
hand out commits of every fork, proposals and attachments of issues under the address of the original repository.
Never asks anybody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_MIRRORS: Final = {
    "raw.githubusercontent.com": re.compile(r"(?P<repository>/[^/]+/[^/]+)/(?P<rest>.*)"),
    "media.githubusercontent.com": re.compile(r"/media(?P<repository>/[^/]+/[^/]+)/(?P<rest>.*)"),
    "codeload.github.com": re.compile(r"(?P<repository>/[^/]+/[^/]+)/[a-z.]+/(?P<rest>.*)"),
    "api.github.com": re.compile(r"/repos(?P<repository>/[^/]+/[^/]+)/(?:zip|tar)ball/(?P<rest>.*)"),
}
"""Other machines of GitHub: they say the same in another order."""
_FORGES: Final = frozenset({"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"})
_CONTENT: Final = r"(?:archive|raw|media|zipball|tarball|blob|get|legacy\.zip|legacy\.tar\.gz)"
_COMMIT: Final = re.compile(
    rf"(?P<repository>(?:/[^/]+?){{2,}}?)/(?:-/)?{_CONTENT}/(?:commit/|refs/[a-z]+/)?"
    r"(?P<commit>[0-9a-fA-F]{64}|[0-9a-fA-F]{40})(?:[./]|\Z)"
)
_PUBLISHED: Final = re.compile(
    r"/api/v4/projects/[0-9]+/packages/.+|(?:/[^/]+){2,}?/(?:releases/download|-/releases|-/package_files|downloads)/.+"
    rf"|(?:/[^/]+){{2,}}?/(?:-/)?{_CONTENT}/(?:refs/(?:tags|heads)/.+|(?:tag|branch)/.+|(?!refs/|pull/|merge-requests/).+)"
)
_SHORT_COMMIT: Final = re.compile(rf".*/{_CONTENT}/(?:commit/)?[0-9a-fA-F]{{4,63}}(?:[./].*)?")
_EXPRESSION: Final = re.compile(
    rf"(?:/[^/]+){{2,}}?/(?:-/)?{_CONTENT}/.*(?:[~^:{{%]|-g[0-9a-fA-F]{{4,64}}(?:[./]|\Z)).*"
)
"""What git makes a commit of and no branch or tag is called: ``COMMIT~0``, ``COMMIT^{}``, ``any-1-gCOMMIT``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Where a file is: ``repository`` and ``commit`` if the address names one; ``is_open`` to files of strangers."""

    repository: str = ""
    commit: str = ""
    is_open: bool = False


def upstream_of(address: str) -> Upstream:
    """Return what `address`, an ordinary one over https, stands for."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    path = re.sub(r"/{2,}", "/", unquote(parts.path))
    if host in _MIRRORS:
        mirrored = _MIRRORS[host].fullmatch(path)
        host, path = "github.com", f"{mirrored['repository']}/raw/{mirrored['rest']}" if mirrored else "/"
    is_expression = _EXPRESSION.fullmatch(path) is not None
    if named := _COMMIT.match(path):
        place = host if parts.port in (None, 443) else f"{host}:{parts.port}"
        repository = f"https://{place}{named['repository']}"
        return Upstream(repository=repository, commit=named["commit"].lower(), is_open=is_expression)
    is_published = _PUBLISHED.fullmatch(path) and not _SHORT_COMMIT.fullmatch(path)
    return Upstream(is_open=is_expression or (host in _FORGES and not is_published))
