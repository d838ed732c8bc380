"""The threats of the design, one file for each: refused as things are, and successful once the defence is gone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ATTACKS = {
    1: "tampered_package",
    2: "tampered_index",
    3: "rollback_of_the_index",
    4: "rollback_of_one_plugin",
    5: "freeze",
    6: "mix_and_match",
    7: "fast_forward",
    8: "endless_data",
    9: "hidden_plugin",
    10: "stripped_attestations",
    11: "stolen_online_key",
    12: "compromised_pull_request_run",
    13: "compromised_main_run",
    14: "compromised_developer",
    15: "resurrected_repository",
    16: "forgotten_revocation",
    17: "typosquatting",
    18: "star_jacking",
    19: "dependency_confusion",
    20: "manifest_confusion",
    21: "hostile_archive",
    22: "two_readings_of_a_document",
    23: "replayed_attestation",
    24: "forged_attestation",
    25: "retired_signing_key",
    26: "malicious_mirror",
    27: "script_in_the_catalogue",
    28: "tampered_cache",
    29: "path_in_a_name",
    30: "parallel_clients",
}
HERE = Path(__file__)
FILES = {path.stem.removeprefix("test_"): path for path in HERE.parent.glob("test_*.py") if path != HERE}


def test_there_is_a_file_for_each_attack_and_no_other() -> None:
    assert [*ATTACKS] == [*range(1, 31)]
    assert sorted(FILES) == sorted(ATTACKS.values())


@pytest.mark.parametrize("attack", ATTACKS.values())
def test_each_attack_is_refused_and_works_without_the_defence(attack: str) -> None:
    names = [
        node.name for node in ast.parse(FILES[attack].read_text("utf-8")).body if isinstance(node, ast.FunctionDef)
    ]
    tests = [name for name in names if name.startswith("test_")]
    without = [name for name in tests if name.startswith("test_without_")]
    assert without
    assert len(tests) > len(without)
