from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.credentials import authorization
from pluginry.errors import AuthError

if TYPE_CHECKING:
    from pathlib import Path

HOST = "plugins.example"


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def header(credential: str, host: str = HOST) -> str:
    return authorization(credential, host=host)


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    return tmp_path / "netrc"


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("abc.DEF-123_~+/==", "Bearer abc.DEF-123_~+/=="),
        ("  abc\n", "Bearer abc"),
        ("ann:secret", basic("ann:secret")),
        ("ann:with: colon and space", basic("ann:with: colon and space")),
        ("änn:geheim", basic("änn:geheim")),
        ("ann:", basic("ann:")),
    ],
)
def test_the_form_says_whether_it_is_a_token_or_a_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: str, expected: str
) -> None:
    monkeypatch.setenv("KEPT", kept)
    assert header("env:KEPT") == expected
    (tmp_path / "kept").write_text(kept, "utf-8")
    assert header(f"file:{tmp_path / 'kept'}") == expected


@pytest.mark.parametrize("kept", ["", "   ", "two words", "a\nb", "ann:one\r\nX-Evil: 1", ":secret", "a\x00b", "tökén"])
def test_what_is_neither_is_refused_and_not_shown(tmp_path: Path, kept: str) -> None:
    (tmp_path / "kept").write_text(kept, "utf-8")
    with pytest.raises(AuthError, match="no credential") as caught:
        header(f"file:{tmp_path / 'kept'}")
    assert kept.strip() in ("", "a") or kept not in f"{caught.value!s} {caught.value.hint}"


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(AuthError, match="NOWHERE_AT_ALL"):
        header("env:NOWHERE_AT_ALL")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthError, match="nowhere"):
        header(f"file:{tmp_path / 'nowhere'}")
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AuthError, match="cannot be read"):
        header(f"file:{tmp_path / 'noise'}")


def test_a_file_in_the_home_folder_may_be_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text("abc")
    assert header("file:~/token") == "Bearer abc"


class TestPrograms:
    def test_it_prints_the_credential(self) -> None:
        assert header(f"command:{sys.executable} -c 'print(\"abc\")'") == "Bearer abc"

    def test_it_is_run_without_a_shell(self) -> None:
        with pytest.raises(AuthError):
            header("command:echo abc; echo def")

    @pytest.mark.parametrize("program", ["no-such-program-anywhere x", "'unclosed", "false"])
    def test_one_that_fails_is_named_without_its_arguments(self, program: str) -> None:
        with pytest.raises(AuthError) as caught:
            header(f"command:{program}")
        assert caught.value.where == program.partition(" ")[0]

    def test_what_it_says_about_its_failure_stays_with_it(self) -> None:
        line = f"{sys.executable} -c 'import sys; sys.exit(\"s3cret\")'"
        with pytest.raises(AuthError, match="exit status 1") as caught:
            header(f"command:{line}")
        assert "s3cret" not in f"{caught.value} {caught.value.hint}"


class TestNetrc:
    def test_the_entry_of_the_host_is_used(self, netrc: Path) -> None:
        netrc.write_text(
            "machine other.example login bob password no\nmachine plugins.example login ann password yes\n"
        )
        assert header("netrc") == basic("ann:yes")
        assert header("netrc", "other.example") == basic("bob:no")

    def test_a_host_that_is_not_named_gets_nothing_not_even_the_default(self, netrc: Path) -> None:
        netrc.write_text("machine other.example login bob password no\ndefault login all password everywhere\n")
        assert header("netrc") == ""
        assert header("netrc", "evil-plugins.example") == ""

    def test_without_a_file_there_is_nothing(self, netrc: Path) -> None:
        assert not netrc.exists()
        assert header("netrc") == ""

    def test_a_file_that_cannot_be_read_is_not_quoted(self, netrc: Path) -> None:
        netrc.write_text("machine plugins.example login ann s3cret\n")
        with pytest.raises(AuthError, match="netrc file cannot be read") as caught:
            header("netrc")
        assert "s3cret" not in f"{caught.value} {caught.value.why} {caught.value.hint}"


def test_another_kind_of_place_is_unknown_and_not_repeated() -> None:
    with pytest.raises(AuthError) as caught:
        header("vault:s3cret")
    assert "s3cret" not in str(caught.value)
