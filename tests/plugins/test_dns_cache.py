from __future__ import annotations

import socket
from typing import Any

import pytest

from plugins.plugin_sources import load

DNS = load("mairust/dns-cache")


class Names:
    """A resolver that counts how often it is asked."""

    def __init__(self, **known: tuple[str, ...]) -> None:
        self.known = known
        self.asked: list[str] = []

    def __call__(self, name: str) -> tuple[str, ...]:
        self.asked.append(name)
        return self.known.get(name.partition(".")[0], ())


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_name_is_asked_once_until_its_time_is_over() -> None:
    names, clock = Names(mx=("192.0.2.25",)), Clock()
    cache = DNS.DnsCache(ttl_s=300, lookup=names, clock=clock)
    assert cache.addresses_of("mx.example.com") == ("192.0.2.25",)
    clock.now = 299
    assert cache.addresses_of("mx.example.com") == ("192.0.2.25",)
    assert names.asked == ["mx.example.com"]
    clock.now = 300
    cache.addresses_of("mx.example.com")
    assert len(names.asked) == 2


def test_that_there_is_no_such_name_is_kept_for_a_shorter_time() -> None:
    names, clock = Names(), Clock()
    cache = DNS.DnsCache(ttl_s=300, failure_ttl_s=30, lookup=names, clock=clock)
    assert cache.addresses_of("gone.example.com") == ()
    clock.now = 29
    cache.addresses_of("gone.example.com")
    assert len(names.asked) == 1
    clock.now = 30
    cache.addresses_of("gone.example.com")
    assert len(names.asked) == 2


def test_the_answer_that_was_not_used_for_longest_goes_first() -> None:
    names = Names(a=("192.0.2.1",), b=("192.0.2.2",), c=("192.0.2.3",))
    cache = DNS.DnsCache(size=2, lookup=names, clock=Clock())
    for name in ("a.example", "b.example", "a.example", "c.example", "a.example"):
        cache.addresses_of(name)
    assert len(cache) == 2
    assert names.asked == ["a.example", "b.example", "c.example"]
    cache.addresses_of("b.example")
    assert names.asked[-1] == "b.example"


def test_one_name_has_one_spelling() -> None:
    names = Names(mx=("192.0.2.25",))
    cache = DNS.DnsCache(lookup=names, clock=Clock())
    for spelling in ("MX.Example.com", "mx.example.com.", " mx.example.com "):
        cache.addresses_of(spelling)
    assert names.asked == ["mx.example.com"]
    assert (cache.hits, cache.misses) == (2, 1)


@pytest.mark.parametrize("name", ["", ".", "a..b", "-a.example", "a b", "a/../b", "x" * 64, "é.example", "a\0b"])
def test_what_is_not_a_host_name_is_never_asked(name: str) -> None:
    names = Names()
    with pytest.raises(ValueError, match="is not a host name"):
        DNS.DnsCache(lookup=names).addresses_of(name)
    assert names.asked == []


def test_the_plugin_answers_the_server(tmp_path: Any) -> None:
    plugin = DNS.Plugin({"size": 10}, str(tmp_path), lookup=Names(mx=("192.0.2.25", "2001:db8::25")))
    assert plugin.resolve(name="MX.example.com") == {
        "name": "mx.example.com",
        "addresses": ["192.0.2.25", "2001:db8::25"],
    }
    plugin.resolve(name="mx.example.com")
    assert plugin.statistics() == {"answers": 1, "hits": 1, "misses": 1}


def test_the_resolver_of_the_system_is_asked_for_addresses_of_both_families(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(name: str, port: None, *, type: int) -> list[Any]:  # noqa: A002 - the name of the standard library
        assert (port, type) == (None, socket.SOCK_STREAM)
        if name == "gone.example":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 0, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert DNS.system_lookup("two.example") == ("192.0.2.1", "2001:db8::1")
    assert DNS.system_lookup("gone.example") == ()


def test_numbers_need_no_network() -> None:
    assert DNS.system_lookup("127.0.0.1") == ("127.0.0.1",)
