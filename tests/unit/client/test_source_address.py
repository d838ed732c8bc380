from __future__ import annotations

import pytest

from pluginry.client.source_address import split_address
from pluginry.errors import UsageError
from pluginry.model.digest import Digest

HEX = "ab" * 32


@pytest.mark.parametrize("written", [f"#sha256:{HEX}", f"#{HEX}"])
@pytest.mark.parametrize("location", ["https://plugins.example/market/", "file:///srv/market", "s3://bucket/market"])
def test_an_address_may_bring_its_fingerprint(location: str, written: str) -> None:
    assert split_address(location + written) == (location, Digest(HEX))
    assert split_address(location + written, fingerprint=f"sha256:{HEX}") == (location, Digest(HEX))


@pytest.mark.parametrize("location", ["https://plugins.example/", "/srv/market", "/srv/plugins #1"])
def test_without_one_it_is_given_or_unknown(location: str) -> None:
    assert split_address(location) == (location, None)
    assert split_address(location, fingerprint=f" {HEX}\n") == (location, Digest(HEX))


def test_two_that_differ_are_none() -> None:
    with pytest.raises(UsageError, match="different marketplaces"):
        split_address(f"https://plugins.example/#{HEX}", fingerprint="0" * 64)


@pytest.mark.parametrize("fragment", ["", "sha256:", "sha512:" + HEX, HEX[:-1], HEX.upper(), "top"])
def test_a_fragment_that_is_no_fingerprint_is_not_taken_for_none(fragment: str) -> None:
    with pytest.raises(UsageError, match="not a sha256 digest"):
        split_address(f"https://plugins.example/#{fragment}")
