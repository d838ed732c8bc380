from __future__ import annotations

import pytest

from pluginry.adapters.proxies import proxy_for
from pluginry.errors import UsageError
from pluginry.model.access import NO_ACCESS, Access

ADDRESS = "https://plugins.example/market/"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def address(access: Access = NO_ACCESS, of: str = ADDRESS) -> str:
    found = proxy_for(of, access)
    return found.address if found else ""


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://proxy.example:3128")
    assert address() == "http://proxy.example:3128"


def test_the_one_for_plain_http_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert address() == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("proxy.example:3128", "http://proxy.example:3128"),
        ("https://proxy.example", "https://proxy.example"),
        ("http://[::1]:3128/", "http://[::1]:3128"),
        ("http://ann:s3cret@proxy.example:3128/path?x=s3cret", "http://proxy.example:3128"),
    ],
)
def test_it_is_shown_without_what_is_nobodys_business(
    monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", written)
    found = proxy_for(ADDRESS, NO_ACCESS)
    assert found is not None
    assert found.address == meant
    assert "s3cret" not in repr(found)
    assert bool(found.headers) is ("@" in written)


@pytest.mark.parametrize(
    ("no_proxy", "bypassed"),
    [
        ("plugins.example", True),
        (".example", True),
        ("example", True),
        ("other.example,plugins.example", True),
        ("*", True),
        ("ugins.example", False),
        ("plugins.example.org", False),
        ("plugins.example:8443", False),
    ],
)
def test_hosts_without_it_are_named_too(monkeypatch: pytest.MonkeyPatch, no_proxy: str, bypassed: bool) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (address() == "") is bypassed


def test_a_source_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("MINE", "http://ann:s3cret@mine.example")
    assert address(Access(proxy="direct")) == ""
    assert address(Access(proxy="http://other.example:1")) == "http://other.example:1"
    assert address(Access(proxy="env:MINE")) == "http://mine.example"


@pytest.mark.parametrize(
    "written", ["", "socks5://s3cret@proxy.example", "http://", "http://s3cret@x:port", "http://[s3cret"]
)
def test_what_is_no_proxy_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("MINE", written)
    with pytest.raises(UsageError, match="MINE: this is not the address of a proxy") as caught:
        proxy_for(ADDRESS, Access(proxy="env:MINE"))
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"
