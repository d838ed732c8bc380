"""Secrets are found whole, wherever the pieces of a file end; what only looks like one is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_trees import PRIVATE_KEY, TOKEN
from pluginry.publisher import secret_patterns
from pluginry.publisher.secret_patterns import MAX_SECRETS, Secret, kind_of_secret_file, secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing here is a secret: each is made of a prefix that services use and characters that count up.
LETTERS = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5kL7nM9qR1tV3xY5zA7cF9gJ1lN3pS5uX7" * 2
UPPER = "ABCDEFGH2345IJKLMNOP67QRSTUVWXYZ" * 2
HEX = "0123456789abcdef" * 6
SECRETS = [
    ("a private key", PRIVATE_KEY),
    (
        "a private key",
        PRIVATE_KEY.replace("PRIVATE", "RSA PRIVATE").replace("\nMII", "\nProc-Type: 4,ENCRYPTED\n\nMII"),
    ),
    ("a private key", PRIVATE_KEY.replace("PRIVATE", "OPENSSH PRIVATE").replace("\n", "\\n")),
    ("a private key", "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----\n\nlQdGBF9aB3d" + LETTERS),
    ("a PuTTY private key", "PuTTY-User-Key-File-" + "3: ssh-ed25519"),
    ("an age private key", "AGE-SECRET-KEY-1" + UPPER[:58]),
    ("an AWS access key", "AKIA" + UPPER[:16]),
    ("an AWS session key", "ASIA" + UPPER[:16]),
    ("an Azure storage key", "AccountKey=" + LETTERS[:86] + "=="),
    ("a DigitalOcean token", "dop_v1_" + HEX[:64]),
    ("a GitHub token", TOKEN),
    ("a GitHub token", "ghs_" + LETTERS[:36]),
    ("a GitHub token", "github_pat_" + LETTERS[:82]),
    ("a GitLab token", "glpat-" + LETTERS[:20]),
    ("a Google API key", "AIza" + LETTERS[:35]),
    ("a Hugging Face token", "hf_" + LETTERS[:34]),
    ("an npm token", "npm_" + LETTERS[:36]),
    ("an npm token", "//registry.example.com/:_authToken=" + LETTERS[:20]),
    ("an OpenAI key", "sk-proj-" + LETTERS[:20] + "T3BlbkFJ" + LETTERS[:20]),
    ("a PyPI token", "pypi-AgE" + LETTERS[:80]),
    ("a SendGrid key", "SG." + LETTERS[:22] + "." + LETTERS[:43]),
    ("a Slack token", "xoxb-" + "123456789012-" + LETTERS[:24]),
    ("a Slack web hook", "https://hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/" + LETTERS[:24]),
    ("a Stripe key", "sk_live_" + LETTERS[:24]),
    ("a Telegram bot token", "123456789:AA" + LETTERS[:33]),
]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize(("kind", "text"), SECRETS)
def test_secrets_are_found_with_their_line(kind: str, text: str) -> None:
    data = f"first\nsecond\nvalue = '{text}'\nlast\n".encode()
    assert list(secrets_in([data])) == [Secret(kind, 3)]


def test_every_pattern_has_a_sample_here() -> None:
    assert {kind for kind, _ in SECRETS} == {pattern.kind for pattern in secret_patterns._PATTERNS}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "if '-----BEGIN " + "PRIVATE KEY-----' in text: refuse()",
        "-----BEGIN CERTIFICATE-----\n" + LETTERS,
        "-----BEGIN PUBLIC KEY-----\n" + LETTERS,
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "prefixghp_" + LETTERS[:36],
        "ghp_" + LETTERS[:30],
        "AKIA" + UPPER[:17],
        "class='sk-circle'",
        "pypi-server",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert list(secrets_in([text.encode()])) == []


@given(st.integers(55_000, 140_000), st.integers(500, 80_000), st.integers(0, 6_000))
def test_a_secret_is_found_once_wherever_pieces_end(before: int, size: int, after: int) -> None:
    filler = (b"line of text\n" * 11_000)[:before]
    data = filler + b"\n" + TOKEN.encode() + b"\n" + b"x" * after
    assert list(secrets_in(pieces(data, size))) == [Secret("a GitHub token", filler.count(b"\n") + 2)]


def test_every_piece_is_read_however_many_secrets_there_are() -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield f"{TOKEN}\n".encode() * 10

    assert len(list(secrets_in(chunks()))) == MAX_SECRETS
    assert taken == list(range(100))


@pytest.mark.parametrize(
    "text",
    [b"-----BEGIN " + b"A " * 500_000, b"PRIVATE KEY-----BEGIN PRIVATE KEY-----" * 20_000, b"sk-T3BlbkF" * 90_000],
)
def test_hostile_text_is_read_in_one_go(text: bytes) -> None:
    assert list(secrets_in([text])) == []


@pytest.mark.parametrize("name", ["a/.env", ".ENV.production", "id_rsa", "deep/down/key.ppk", "_netrc"])
def test_names_of_secret_files(name: str) -> None:
    assert kind_of_secret_file(name)


@pytest.mark.parametrize("name", ["env", ".env.sample", ".envrc.md", "id_rsa.pub", ".env/settings.py", "ppk"])
def test_names_of_other_files(name: str) -> None:
    assert not kind_of_secret_file(name)
