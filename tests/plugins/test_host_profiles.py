"""The host profiles of the registry: products with their own vocabularies, and tools that run plugins inside."""

from __future__ import annotations

import re

import pytest

from pluginry.model.host_pattern import HostPattern
from plugins.plugin_sources import entry_of, plugin_ids, registry

HOSTS = {str(name): profile for name, profile in registry().hosts.items()}
PRODUCT_HOSTS = {"mairust", "tauri-shell", "mlebotics", "panel", "oko"}


def test_the_five_product_hosts_have_their_own_vocabularies() -> None:
    assert HOSTS.keys() >= PRODUCT_HOSTS
    vocabularies = [
        frozenset(permission.type for permission in HOSTS[host].permissions) for host in sorted(PRODUCT_HOSTS)
    ]
    assert len(set(vocabularies)) == len(PRODUCT_HOSTS)
    for host in PRODUCT_HOSTS:
        profile = HOSTS[host]
        assert profile.id_mapping is not None
        assert profile.manifest_mapping is not None
        assert {permission.severity.value for permission in profile.permissions} == {"low", "medium", "high"}
        assert len(profile.versions) >= 3
        assert not any(permission.implied for permission in profile.permissions)


def test_tools_that_run_plugins_inside_say_so() -> None:
    for name in HOSTS.keys() - PRODUCT_HOSTS:
        profile = HOSTS[name]
        implied = [permission for permission in profile.permissions if permission.implied]
        assert [permission.type for permission in implied] == ["in-process"]
        assert "all rights" in implied[0].in_words("host")
        assert (profile.upstream.pypi is None) != (profile.upstream.npm is None)


def test_sentences_about_permissions_describe_access_and_not_danger() -> None:
    loaded_words = re.compile(
        r"\b(danger|dangerous|unsafe|risk|risky|malicious|warning|harmful|attack)\b", re.IGNORECASE
    )
    for profile in HOSTS.values():
        for permission in profile.permissions:
            for scope in [scope.name for scope in permission.scopes] or ["something"]:
                sentence = permission.in_words(scope)
                assert "{" not in sentence
                assert sentence[0].isupper()
                assert not loaded_words.search(sentence), sentence


@pytest.mark.parametrize(
    ("host", "example"),
    [("mairust", "com.example.mairust.ai.spamfilter"), ("oko", "my_plugin"), ("tauri-shell", "unique-plugin-id")],
)
def test_hosts_keep_their_own_shape_of_ids(host: str, example: str) -> None:
    mapping = HOSTS[host].id_mapping
    assert mapping is not None
    assert mapping.example == example


@pytest.mark.parametrize("plugin", plugin_ids())
def test_every_plugin_has_the_id_that_its_hosts_give_it(plugin: str) -> None:
    entry = entry_of(plugin)
    for host in entry.listing.hosts:
        mapping = HOSTS[host].id_mapping
        assert mapping is not None
        named = mapping.template.replace("{namespace}", entry.id.namespace).replace("{name}", entry.id.name)
        named = named.replace("{name_underscored}", entry.id.name.replace("-", "_"))
        assert named in entry.listing.aliases
        assert HostPattern(mapping.pattern).matches(named)
