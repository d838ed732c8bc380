from __future__ import annotations

import pytest

from pluginry.importing.licenses import spdx_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPL v2", "GPL-2.0-only"),
        ("gpl2", "GPL-2.0-only"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("GPLv2+", "GPL-2.0-or-later"),
        ("GPL v3", "GPL-3.0-only"),
        ("GNU General Public License v3", "GPL-3.0-only"),
        ("LGPL-2.1", "LGPL-2.1-only"),
        ("Apache v2", "Apache-2.0"),
        ("Apache-v2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The MIT License (MIT)", "MIT"),
        ("mit", "MIT"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("BSD-3", "BSD-3-Clause"),
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("BSD", ""),
        ("NewGPL v3", ""),
        ("Proprietary", ""),
        ("see LICENSE", ""),
        ("", ""),
        ("AND AND (", ""),
        ("MIT " * 100, ""),
    ],
)
def test_spellings_of_licences(text: str, expected: str) -> None:
    assert spdx_expression(text=text) == expected


def test_an_expression_counts_more_than_classifiers_and_these_more_than_text() -> None:
    classifiers = ("Programming Language :: Python", "License :: OSI Approved :: MIT License")

    assert (
        spdx_expression(expression="Apache-2.0 or mit", classifiers=classifiers, text="GPL v2") == "Apache-2.0 OR MIT"
    )
    assert spdx_expression(expression="rubbish!", classifiers=classifiers, text="GPL v2") == "MIT"
    assert (
        spdx_expression(classifiers=("License :: OSI Approved :: BSD License",), text="BSD 3-Clause") == "BSD-3-Clause"
    )


def test_classifiers_that_name_two_licences_leave_the_relation_open() -> None:
    classifiers = (
        "License :: OSI Approved :: MIT License",
        "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)",
    )

    assert spdx_expression(classifiers=classifiers) == ""
