from __future__ import annotations

import pytest
from hypothesis import given

from any_model import DIGESTS, PLATFORMS, PLUGIN_IDS, versions
from pluginry.errors import TransportError
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version

PLUGIN = PluginId.parse("acme/demo")
DIGEST = Digest("ab" * 32)


def test_objects_lie_where_the_formats_say() -> None:
    assert layout.node_key(DIGEST) == f"v1/t/ab/{DIGEST}.json"
    assert layout.attestation_key(DIGEST) == f"v1/a/ab/{DIGEST}.sigstore.json"
    assert layout.plugin_key(PLUGIN) == "v1/plugins/acme/demo.json"
    assert layout.schema_key("x.schema.json") == "v1/schemas/x.schema.json"


@pytest.mark.parametrize(
    ("platform", "file"), [("any", "demo-1.0.0.zip"), ("linux-x86_64", "demo-1.0.0-linux-x86_64.zip")]
)
def test_a_package_names_its_platform_unless_it_is_for_any(platform: str, file: str) -> None:
    version = Version("1.0.0")
    assert layout.package_file(PLUGIN, version, Platform(platform)) == file
    assert layout.package_key(PLUGIN, version, Platform(platform)) == f"v1/packages/acme/demo/1.0.0/{file}"


@given(PLUGIN_IDS, versions(), PLATFORMS, DIGESTS)
def test_every_key_that_is_made_here_is_one(
    plugin: PluginId, version: Version, platform: Platform, digest: Digest
) -> None:
    for key in (
        layout.node_key(digest),
        layout.attestation_key(digest),
        layout.plugin_key(plugin),
        layout.package_key(plugin, version, platform),
    ):
        assert layout.is_key(key)
        assert "/".join(layout.parts_of_key(key)) == key


@pytest.mark.parametrize("key", ["index.html", "v1/index.json", ".nojekyll", "a/...", "a/..b", "assets/a_b@2x+~=.png"])
def test_ordinary_keys_are_keys(key: str) -> None:
    assert layout.parts_of_key(key) == tuple(key.split("/"))


ESCAPES = [
    *(
        "",
        "/",
        "/etc/passwd",
        "a/",
        "a//b",
        "..",
        ".",
        "../a",
        "a/..",
        "a/../b",
        "a/./b",
        "..\\a",
        "a\\b",
        "C:/a",
        "c:",
    ),
    *("a\0", "a\n", "a b", "ä", "a%2e%2e", "%2e%2e/a", "a?b", "a#b", "a/\u2025", "~/../x"),
]


@pytest.mark.parametrize("key", ESCAPES)
def test_what_leads_elsewhere_is_no_key(key: str) -> None:
    assert not layout.is_key(key)
    with pytest.raises(TransportError, match="not a key"):
        layout.parts_of_key(key)
