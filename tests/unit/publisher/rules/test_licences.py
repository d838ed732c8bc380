from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import SPAM, a_listing
from findings import At, assert_found
from pluginry.publisher.rules import licences

if TYPE_CHECKING:
    from pathlib import Path

LISTING = f"{SPAM}/listing.yaml"


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "Apache-2.0 OR MIT",
        "(MIT OR Apache-2.0) AND BSD-3-Clause",
        "( MIT )",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "LicenseRef-Acme-EULA",
        "LicenseRef-Acme OR GPL-3.0-or-later",
    ],
)
def test_spdx_expressions_are_licences(tmp_path: Path, licence: str) -> None:
    assert_found(tmp_path, {LISTING: a_listing(license=licence)})


@pytest.mark.parametrize(
    ("licence", "meant"),
    [
        ("Apache 2.0", "did you mean Apache-2.0?"),
        ("Apache License, Version 2.0", "did you mean Apache-2.0?"),
        ("Apache V2", "did you mean Apache-2.0?"),
        ("The MIT License", "did you mean MIT?"),
        ("GPL v2", "did you mean GPL-2.0-or-later?"),
        ("GPLv3", "did you mean GPL-3.0-or-later?"),
        ("GNU General Public License v3.0", "did you mean GPL-3.0-or-later?"),
        ("BSD", "did you mean BSD-3-Clause?"),
        ("MIT/Apache", "did you mean MIT OR Apache-2.0?"),
        ("Mozilla Public License 2.0", "did you mean MPL-2.0?"),
        ("Unlicence", "did you mean Unlicense?"),
        ("Proprietary", "did you mean LicenseRef-Proprietary?"),
        ("MIT AND", "LicenseRef-<name>"),
        ("((((", "LicenseRef-<name>"),
        ("see below", "LicenseRef-<name>"),
        ("Classpath-exception-2.0", "LicenseRef-<name>"),
    ],
)
def test_other_words_are_no_licence_but_may_be_recognised(tmp_path: Path, licence: str, meant: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(license=licence)},
        ("licences.expression", At(LISTING, f"license: >>{licence}"), meant),
    )


@pytest.mark.parametrize(
    ("licence", "proper"),
    [
        ("mit", "write MIT"),
        ("MIT or apache-2.0", "write MIT OR Apache-2.0"),
        ("GPL-3.0", "write GPL-3.0-only"),
        ("GPL-2.0+", "write GPL-2.0-or-later"),
    ],
)
def test_one_licence_has_one_spelling(tmp_path: Path, licence: str, proper: str) -> None:
    assert_found(
        tmp_path,
        {LISTING: a_listing(license=licence)},
        ("licences.spelling", At(LISTING, f"license: >>{licence}"), proper),
    )


@given(st.text(alphabet="MITGPLandorwth ANDORWITH()+-.0123:/,LicenseRef", max_size=60) | st.text(max_size=40))
def test_no_text_makes_the_judgement_fail(licence: str) -> None:
    assert all(message and rule in licences.RULES for rule, message, _ in licences._judged(licence))
