from __future__ import annotations

from pluginry.model.host import Harm, HostProfile, PermissionMeaning, ScopeMeaning
from pluginry.model.names import Name

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
