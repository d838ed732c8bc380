"""What passwords, tokens and private keys look like: by the name of a file, and by what is in it.

In: names and contents, from anybody and of any size. Out: the kind of secret and its line.
Never repeats a secret, and never decides what a secret means: that is for the stage that found it.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_SECRETS: Final = 10
"""More of one file are not listed."""

_OVERLAP_BYTES = 4096  # longer than anything a pattern can match
_WINDOW_BYTES = 1 << 16  # smaller pieces are put together first
_MIN_DISTINCT = 8  # fewer different characters are a row of x: a placeholder
_BODY_BYTES = 32
_SAMPLE = b"EXAMPLE"


class Secret(NamedTuple):
    """A secret of a ``kind`` (in words) on ``line``, counted from 1."""

    kind: str
    line: int


class _Pattern(NamedTuple):
    kind: str
    marker: bytes  # is in every match, and quick to look for
    regex: re.Pattern[bytes]


def _pattern(kind: str, marker: str, regex: str) -> _Pattern:
    return _Pattern(kind, marker.encode(), re.compile(regex.encode()))


_START = r"(?<![A-Za-z0-9_-])"
# A header alone is what programs look for; a header with key material behind it is a key.
_KEY_MATERIAL = r"(?:(?!-----)[\s\S]){0,200}?[A-Za-z0-9+/]{32}"
_PATTERNS: Final = (
    _pattern(
        "a private key",
        "PRIVATE KEY",
        rf"-----BEGIN (?:[A-Z0-9]{{1,12}} ){{0,2}}PRIVATE KEY(?: BLOCK)?-----{_KEY_MATERIAL}",
    ),
    _pattern("a PuTTY private key", "PuTTY-User-Key-File-", r"PuTTY-User-Key-File-[0-9]: [A-Za-z0-9-]{3,40}"),
    _pattern("an age private key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    _pattern("an AWS access key", "AKIA", _START + r"AKIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _pattern("an AWS session key", "ASIA", _START + r"ASIA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _pattern("an Azure storage key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
    _pattern("a DigitalOcean token", "dop_v1_", _START + r"dop_v1_[a-f0-9]{64}"),
    *(_pattern("a GitHub token", f"gh{use}_", _START + rf"gh{use}_[A-Za-z0-9]{{36}}") for use in "oprsu"),
    _pattern("a GitHub token", "github_pat_", _START + r"github_pat_[A-Za-z0-9_]{82}"),
    _pattern("a GitLab token", "glpat-", _START + r"glpat-[A-Za-z0-9_-]{20}"),
    _pattern("a Google API key", "AIza", _START + r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _pattern("a Hugging Face token", "hf_", _START + r"hf_[A-Za-z0-9]{34}(?![A-Za-z0-9])"),
    _pattern("an npm token", "npm_", _START + r"npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    _pattern("an npm token", "_authToken=", r"_authToken=[A-Za-z0-9_-]{20}"),
    _pattern("an OpenAI key", "T3BlbkFJ", _START + r"sk-[A-Za-z0-9_-]{10,100}T3BlbkFJ[A-Za-z0-9_-]{10}"),
    _pattern("a PyPI token", "pypi-AgE", _START + r"pypi-AgE[A-Za-z0-9_-]{60}"),
    _pattern("a SendGrid key", "SG.", _START + r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _pattern("a Slack token", "xox", _START + r"xox[abeprs]-[0-9]{8,14}-[A-Za-z0-9-]{16}"),
    _pattern("a Slack web hook", "hooks.slack.com", r"hooks\.slack\.com/services/[A-Z0-9/]{10,30}/[A-Za-z0-9]{20}"),
    _pattern("a Stripe key", "k_live_", _START + r"[rs]k_live_[A-Za-z0-9]{24}"),
    _pattern("a Telegram bot token", ":AA", _START + r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"),
)

_FILES: Final = (
    (".env", "settings of a machine, which hold passwords"),
    (".env.*", "settings of a machine, which hold passwords"),
    (".netrc", "passwords of web sites"),
    ("_netrc", "passwords of web sites"),
    (".git-credentials", "passwords of git servers"),
    (".pgpass", "passwords of databases"),
    (".htpasswd", "passwords of a web server"),
    (".pypirc", "the token that uploads to PyPI"),
    ("id_rsa", "a private SSH key"),
    ("id_dsa", "a private SSH key"),
    ("id_ecdsa", "a private SSH key"),
    ("id_ecdsa_sk", "a private SSH key"),
    ("id_ed25519", "a private SSH key"),
    ("id_ed25519_sk", "a private SSH key"),
    ("secring.gpg", "private PGP keys"),
    ("*.ppk", "a private SSH key"),
    ("*.pfx", "a certificate with its private key"),
    ("*.p12", "a certificate with its private key"),
    ("*.jks", "a key store"),
    ("*.keystore", "a key store"),
    ("*.kdbx", "a password store"),
)
_SAMPLE_ENDINGS = (".example", ".sample", ".template", ".dist")


def kind_of_secret_file(name: str) -> str:
    """Return what files called like the last part of the path `name` hold, or empty text when it is nothing secret."""
    last = name.rpartition("/")[2].lower()
    if last.endswith(_SAMPLE_ENDINGS):
        return ""
    return next((kind for pattern, kind in _FILES if fnmatchcase(last, pattern)), "")


def secrets_in(chunks: Iterable[bytes]) -> Iterator[Secret]:
    """Yield the secrets in a file whose content comes in `chunks`; every chunk is taken, however many are found."""
    found = 0
    for window in _windows(chunks):
        for start, kind in sorted(_matches(window)):
            found += 1
            if found <= MAX_SECRETS:
                yield Secret(kind, window.line + window.text.count(b"\n", 0, start))


class _Window(NamedTuple):
    """Some text whose first byte is on ``line``; matches count that start at ``begin`` or later, before ``end``."""

    text: bytes
    line: int
    begin: int
    end: int


def _windows(chunks: Iterable[bytes]) -> Iterator[_Window]:
    """Yield windows that overlap, so that no secret is cut in two and none is found twice."""
    text, line, begin = b"", 1, 0
    for chunk in chunks:
        text += chunk
        if len(text) >= _WINDOW_BYTES:
            end = len(text) - _OVERLAP_BYTES
            yield _Window(text, line, begin, end)
            # One byte before the next match is kept: patterns look at what stands before them.
            line += text.count(b"\n", 0, end - 1)
            text, begin = text[end - 1 :], 1
    yield _Window(text, line, begin, len(text))


def _matches(window: _Window) -> Iterator[tuple[int, str]]:
    for pattern in _PATTERNS:
        if pattern.marker not in window.text:
            continue
        for match in pattern.regex.finditer(window.text, window.begin):
            if match.start() < window.end and _looks_real(match[0]):
                yield match.start(), pattern.kind


def _looks_real(text: bytes) -> bool:
    return _SAMPLE not in text and len(set(text[-_BODY_BYTES:])) >= _MIN_DISTINCT
