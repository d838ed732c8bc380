"""Programs are told by how they start."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.publisher.programs import HEAD_BYTES, is_native_code, is_program

PE = b"MZ".ljust(60, b"\0") + (128).to_bytes(4, "little")


@pytest.mark.parametrize(
    "head", [b"\x7fELF\x02", b"\xcf\xfa\xed\xfe\x07", b"\xca\xfe\xba\xbe\x00\x00\x00\x02", PE], ids=repr
)
def test_native_code(head: bytes) -> None:
    assert is_native_code(head)
    assert is_program(head)


def test_scripts_are_programs_without_native_code() -> None:
    assert is_program(b"#!/usr/bin/env python3\n")
    assert not is_native_code(b"#!/usr/bin/env python3\n")


@pytest.mark.parametrize(
    "head",
    [b"", b"import os\n", b"MZ is how I sign my letters", b"\xca\xfe\xba\xbe\x00\x00\x00\x41", b" #!/bin/sh"],
    ids=repr,
)
def test_other_files(head: bytes) -> None:
    assert not is_program(head)


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_give_an_answer(head: bytes) -> None:
    assert is_program(head) in (True, False)
