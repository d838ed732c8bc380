"""The whole krew index and its refused submissions, when ``PLUGINRY_KREW_DATA`` says where they lie.

The folder has ``plugins/*.yaml`` and ``unmerged_prs_even.jsonl``; they are other people's data and not part of this
project. Without the variable nothing is collected.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pluginry.importing.krew import import_krew, judge_submission
from pluginry.model.finding import Severity
from pluginry.model.listing import Account
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

__test__ = "PLUGINRY_KREW_DATA" in os.environ
DATA = Path(os.environ.get("PLUGINRY_KREW_DATA", "."))


def _submissions() -> list[Any]:
    file = DATA / "unmerged_prs_even.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if __test__ else []


SUBMISSIONS = _submissions()


def test_nearly_every_manifest_is_accepted_and_the_result_is_valid(tmp_path: Path) -> None:
    report = import_krew(DATA, tmp_path / "registry", owner=Account(login="acme", id=7))

    counts = report.as_document()["counts"]
    assert counts["read"] == counts["accepted"] + counts["refused"]
    assert counts["accepted"] / counts["read"] > 0.98
    assert all(outcome.findings for outcome in report.outcomes if outcome.refused)
    loaded = load_registry(tmp_path / "registry")
    assert loaded.findings == ()
    assert [finding for finding in validate(loaded) if finding.severity is Severity.BLOCKS] == []


@pytest.mark.parametrize("submission", SUBMISSIONS, ids=lambda submission: str(submission["pr"]))
def test_no_submission_crashes_the_judge(submission: Any) -> None:
    for finding in judge_submission(submission["changes"]):
        assert finding.where.file
        assert finding.message


def test_hard_errors_are_found_in_a_tenth_of_the_refused_submissions() -> None:
    hard = [
        submission["pr"]
        for submission in SUBMISSIONS
        if any(finding.severity is Severity.BLOCKS for finding in judge_submission(submission["changes"]))
    ]

    assert len(hard) >= len(SUBMISSIONS) * 0.09
