from __future__ import annotations

import pytest

from pluginry.encoding import documents
from pluginry.errors import DocumentError
from pluginry.model.access import NO_ACCESS, Access
from pluginry.model.receipt import Sources

SOURCE = {"name": "acme", "location": "https://plugins.example/", "root_sha256": "0" * 64}


@pytest.mark.parametrize(
    "credential", ["", "env:TOKEN", "env:_X9", "file:/run/secrets/token", "command:token --for plugins", "netrc"]
)
def test_a_credential_is_named_by_where_it_is_kept(credential: str) -> None:
    assert Access(credential=credential).credential == credential


@pytest.mark.parametrize(
    "credential",
    [
        "s3cret",
        "Bearer s3cret",
        "ann:s3cret",
        "env:",
        "env:9",
        "env:A-s3cret",
        "file:",
        "command: ",
        "netrc:s3cret",
        "\n",
    ],
)
def test_a_secret_itself_is_refused_and_not_repeated(credential: str) -> None:
    with pytest.raises(DocumentError, match="not written down") as caught:
        Access(credential=credential)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("proxy", ["", "direct", "env:MY_PROXY", "http://proxy:3128", "https://proxy.example/"])
def test_a_proxy_is_an_address_or_the_name_of_one(proxy: str) -> None:
    assert Access(proxy=proxy).proxy == proxy


@pytest.mark.parametrize(
    "proxy",
    ["http://ann:s3cret@proxy", "http://s3cret@proxy", "socks5://s3cret", "s3cret", "http://", "http://[s3cret"],
)
def test_a_proxy_with_a_password_is_refused_and_not_repeated(proxy: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Access(proxy=proxy)
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"


def test_a_key_needs_a_certificate() -> None:
    with pytest.raises(DocumentError, match="without its client certificate"):
        Access(client_key="/ann.key")


def test_another_host_gets_the_way_there_and_no_secret() -> None:
    full = Access(
        credential="env:TOKEN",
        client_certificate="/ann.pem",
        client_key="/ann.key",
        ca_file="/ca.pem",
        proxy="http://proxy",
    )
    assert full.without_secrets() == Access(ca_file="/ca.pem", proxy="http://proxy")
    assert Access(credential="netrc").without_secrets() == Access(credential="netrc")


def test_a_document_keeps_it_and_says_nothing_where_there_is_nothing_to_say() -> None:
    plain = {"schema": 1, "sources": [{**SOURCE, "access": {"credential": "env:TOKEN"}}, SOURCE]}
    sources = documents.construct(Sources, plain, what="sources.toml")
    assert [one.access for one in sources.sources] == [Access(credential="env:TOKEN"), NO_ACCESS]
    assert documents.to_plain(sources) == plain


def test_a_document_with_a_secret_says_where_it_stands_and_not_what_it_is() -> None:
    plain = {"schema": 1, "sources": [{**SOURCE, "access": {"credential": "s3cret"}}]}
    with pytest.raises(DocumentError, match=r"sources\.toml:sources\.0\.access") as caught:
        documents.construct(Sources, plain, what="sources.toml")
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"
