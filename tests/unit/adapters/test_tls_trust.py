from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING

import pytest
import truststore

from certificates import Authority
from pluginry.adapters.tls_trust import tls_context
from pluginry.model.access import NO_ACCESS, Access

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_operating_system_vouches_where_truststore_is_installed() -> None:
    assert isinstance(tls_context(NO_ACCESS), truststore.SSLContext)


def test_openssl_does_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    assert type(tls_context(NO_ACCESS)) is ssl.SSLContext


def test_what_the_environment_names_comes_before_the_operating_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority.at(tmp_path, "company").file))
    context = tls_context(NO_ACCESS)
    assert type(context) is ssl.SSLContext
    assert b"company" in b"".join(context.get_ca_certs(binary_form=True))


def test_a_named_file_is_all_that_vouches(tmp_path: Path) -> None:
    context = tls_context(Access(ca_file=str(Authority.at(tmp_path).file)))
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("named", [False, True])
def test_certificate_and_name_are_always_checked(tmp_path: Path, named: bool) -> None:
    context = tls_context(Access(ca_file=str(Authority.at(tmp_path).file)) if named else NO_ACCESS)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
