"""References to keys on tokens; tests/e2e/test_hardware_keys.py has the keys themselves."""

from __future__ import annotations

import sys

import pytest

from pluginry.adapters.hardware_keys import MODULE_VARIABLES, TokenKey, token_key
from pluginry.adapters.signing_keys import nobody_to_ask, open_key, public_key
from pluginry.cli.command import needs_extra
from pluginry.errors import AuthError, UsageError


def named(reference: str) -> TokenKey:
    """Return the key that a reference names, where nobody can be asked."""
    return token_key(reference, nobody_to_ask)


def test_a_reference_names_a_token_by_its_label_and_a_key_by_its_id() -> None:
    key = named("pkcs11:YubiKey%20PIV%20%2315835999/02")
    assert (key.token, key.number, key.pin_variable) == ("YubiKey PIV #15835999", 2, "")
    assert named("pkcs11:vault/0aFF").number == 0x0AFF
    assert named("pkcs11:vault/2").number == 2
    assert named("pkcs11:vault/02?pin=env:MY_PIN").pin_variable == "MY_PIN"


@pytest.mark.parametrize(
    "reference",
    [
        "pkcs11:",
        "pkcs11:vault",
        "pkcs11:vault/",
        "pkcs11:/02",
        "pkcs11:vault/xyz",
        "pkcs11:vault/00",
        "pkcs11:vault/0002",
        "pkcs11:vault/02/03",
        "pkcs11:vault/02?pin=env:",
        "pkcs11:vault/02?pin=file:pin.txt",
        "pkcs11:vault/02?pin=env:A&pin=env:B",
        "pkcs11:vault/02\n",
    ],
)
def test_what_names_no_key_is_refused(reference: str) -> None:
    with pytest.raises(UsageError, match="not a key on a token"):
        named(reference)
    with pytest.raises(UsageError, match="not a key on a token"):
        open_key(reference)


def test_a_pin_in_a_reference_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        public_key("pkcs11:vault/02?pin=739201")
    assert "739201" not in f"{caught.value} {caught.value.hint}"


def test_without_the_extra_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        open_key("pkcs11:vault/02")
    assert "pluginry[hsm]" in needs_extra(caught.value).hint


def test_without_a_module_it_is_said_which_variable_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODULE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="no module for tokens") as caught:
        public_key("pkcs11:vault/02")
    assert MODULE_VARIABLES[0] in caught.value.hint


def test_a_module_that_is_none_is_a_matter_of_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODULE_VARIABLES:
        monkeypatch.setenv(name, "/no/such/module.so")
    with pytest.raises(AuthError, match="could not be used"):
        public_key("pkcs11:vault/02")
