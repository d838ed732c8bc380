from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from pluginry.model.host import Harm, HostProfile, PermissionMeaning, ScopeMeaning
from pluginry.model.names import Name, PluginId

MAIL = PermissionMeaning(
    type="mail.headers",
    severity=Harm.LOW,
    says="Reads the headers of {scope}",
    scopes=(ScopeMeaning(name="inbound", says="incoming mail"), ScopeMeaning(name="all", says="all mail")),
)
HOST = HostProfile(id=Name("mail"), title="Mail", summary="", versions=(), runtimes=(), permissions=(MAIL,))


def test_a_known_scope_is_said_in_words() -> None:
    assert MAIL.in_words("inbound") == "Reads the headers of incoming mail"


def test_an_unknown_scope_is_said_as_it_is() -> None:
    assert MAIL.in_words("api.example.com:443") == "Reads the headers of api.example.com:443"


def test_a_scope_is_not_a_template() -> None:
    assert MAIL.in_words("{scope}{0}%s") == "Reads the headers of {scope}{0}%s"


def test_a_host_knows_its_own_permissions() -> None:
    assert HOST.meaning_of("mail.headers") is MAIL
    assert HOST.meaning_of("network") is None


def test_an_install_link_names_the_plugin_and_the_marketplace() -> None:
    host = replace(HOST, install_scheme="mail-app")
    link = host.install_link(PluginId.parse("acme/spam-filter"), "https://plugins.example/a?b&c=d")
    assert link.startswith("mail-app://install?")
    asked = parse_qs(urlsplit(link).query)
    assert asked == {"id": ["acme/spam-filter"], "source": ["https://plugins.example/a?b&c=d"]}


@pytest.mark.parametrize(
    "scheme", ["", "javascript", "data", "file", "https", "ms-settings", "Mail", "mail app", "mail:x", "a", "mail\n"]
)
def test_a_scheme_of_somebody_else_makes_no_link(scheme: str) -> None:
    assert replace(HOST, install_scheme=scheme).install_link(PluginId.parse("a/b"), "https://p.example/") == ""


def test_a_marketplace_without_address_makes_no_link() -> None:
    assert replace(HOST, install_scheme="mail-app").install_link(PluginId.parse("a/b"), "") == ""
