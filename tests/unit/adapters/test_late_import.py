from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from in_new_process import in_new_process
from pluginry.adapters.late_import import imported_late

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from pathlib import Path
Path(__file__).with_suffix(".loaded").touch()
ANSWER = 42
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that shows that the module `big_library` was loaded."""
    (tmp_path / "big_library.py").write_text(PROGRAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "big_library", raising=False)
    return tmp_path / "big_library.loaded"


def test_a_module_is_loaded_when_something_in_it_is_asked_for(library: Path) -> None:
    with imported_late("big_library"):
        module = importlib.import_module("big_library")
    assert not library.exists()
    assert module.ANSWER == 42
    assert library.exists()


def test_outside_modules_are_loaded_as_ever(library: Path) -> None:
    with imported_late("big_library"):
        pass
    importlib.import_module("big_library")
    assert library.exists()


def test_a_module_that_is_there_stays(library: Path) -> None:
    before = importlib.import_module("big_library")
    with imported_late("big_library"):
        assert importlib.import_module("big_library") is before
    assert library.exists()


def test_other_modules_are_loaded_at_once(library: Path) -> None:
    with imported_late("another_library"):
        importlib.import_module("big_library")
    assert library.exists()


def test_a_module_that_is_not_there_is_missed_as_ever() -> None:
    with pytest.raises(ModuleNotFoundError), imported_late("no_such_library"):
        importlib.import_module("no_such_library")


def keys_at_amazon() -> None:
    with imported_late("boto3"):
        from securesystemslib.signer import AWSSigner
    from botocore.exceptions import BotoCoreError

    assert "boto3.session" not in sys.modules
    with pytest.raises(BotoCoreError):
        AWSSigner.import_("alias/ours")
    assert "boto3.session" in sys.modules


def test_keys_at_amazon_find_their_library(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("REGION", "eu-west-1"), ("ENDPOINT_URL", "http://127.0.0.1:9"), ("MAX_ATTEMPTS", "1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    in_new_process(keys_at_amazon)
