"""What is no bundle, or one bent at random, is refused with `TamperedError` and nothing else."""

from __future__ import annotations

import copy
import json
import random
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_evidence import STATEMENT, Evidence, verify
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.sigstore_verifier import MAX_BUNDLE_BYTES, SigstoreVerifier
from pluginry.errors import TamperedError


@pytest.mark.parametrize("bundle", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"mediaType":"x"}'])
def test_nonsense_is_refused(evidence: Evidence, bundle: bytes) -> None:
    with pytest.raises(TamperedError):
        verify(evidence, bundle)


def test_a_bundle_of_the_greatest_size_is_read_and_one_byte_more_is_not(evidence: Evidence) -> None:
    padding = b" " * (MAX_BUNDLE_BYTES - len(evidence.bundle))
    assert verify(evidence, evidence.bundle + padding).payload == STATEMENT
    with pytest.raises(TamperedError, match="larger than 262144 bytes"):
        verify(evidence, evidence.bundle + padding + b" ")


def test_every_truncation_is_refused(evidence: Evidence) -> None:
    for length in range(0, len(evidence.bundle), 97):
        with pytest.raises(TamperedError):
            verify(evidence, evidence.bundle[:length])


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(TamperedError):
        SigstoreVerifier().verify(noise, trusted_root=b"{}", identities=[LAB_IDENTITY])


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to every value in a document."""
    if isinstance(value, dict):
        inner = [leaf for key, child in value.items() for leaf in leaves(child, (*path, key))]
    elif isinstance(value, list):
        inner = [leaf for key, child in enumerate(value) for leaf in leaves(child, (*path, key))]
    else:
        inner = []
    return [path, *inner] if path else inner


STRANGE = (None, 7, -1, 1.5, True, "", "x", "-1", "9" * 5000, "18446744073709551616", [], {}, [[]], {"a": 1}, "\0")


def mutated(bundle: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return `bundle` with one value dropped, doubled, replaced, moved or bent."""
    bundle = copy.deepcopy(bundle)
    *way, last = chance.choice(leaves(bundle))
    parent: Any = bundle
    for step in way:
        parent = parent[step]
    kind = chance.randrange(5)
    if kind == 0:
        del parent[last]
    elif kind == 1 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    elif kind == 2 and isinstance(parent[last], str) and parent[last]:
        at = chance.randrange(len(parent[last]))
        bent = chr(ord(parent[last][at]) ^ 1 << chance.randrange(7))
        parent[last] = parent[last][:at] + bent + parent[last][at + 1 :]
    elif kind == 3 and isinstance(parent[last], str):
        try:
            data = bytearray(b64decode(parent[last], validate=True) or b"\0")
        except ValueError:
            data = bytearray(b"\0")
        data[chance.randrange(len(data))] = chance.randrange(256)
        parent[last] = b64encode(data).decode()
    else:
        parent[last] = chance.choice(STRANGE)
    return bundle


@pytest.mark.parametrize("seed", range(8))
def test_no_mutation_raises_another_error_or_yields_another_statement(evidence: Evidence, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same mutations in every run
    genuine, expected = json.loads(evidence.bundle), verify(evidence, evidence.bundle)
    refused = 0
    for _ in range(150):
        bundle = genuine
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            bundle = mutated(bundle, chance)
        try:
            assert verify(evidence, bundle) == expected
        except TamperedError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("seed", range(4))
def test_no_bent_byte_raises_another_error_or_yields_another_statement(evidence: Evidence, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same mutations in every run
    expected, reasons = verify(evidence, evidence.bundle), []
    for _ in range(150):
        bent = bytearray(evidence.bundle)
        bent[chance.randrange(len(bent))] = chance.randrange(256)
        try:
            assert verify(evidence, bytes(bent)) == expected
        except TamperedError as error:
            reasons.append(str(error))
    assert len(reasons) > 100
    assert "".join(reasons).isprintable()
