from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders import CACHE, SPAM, a_host, a_manifest, a_release, a_wheel
from findings import At, assert_found

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = f"{SPAM}/source/1.0.0/plugin.yaml"
WHEEL = f"{CACHE}/releases/1.0.0.yaml"


def a_permission(type_: str, scope: str) -> dict[str, str]:
    return {"type": type_, "scope": scope, "reason": "Needs it"}


def test_a_wrap_asks_for_permissions_that_the_host_knows(tmp_path: Path) -> None:
    wheel = a_wheel(permissions=[a_permission("mail.header", "inbound")])
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[wheel])},
        ("permissions.unknown-type", At(WHEEL, "mail.header"), "did you mean 'mail.headers'?"),
    )


def test_a_manifest_asks_for_permissions_that_the_host_knows(tmp_path: Path) -> None:
    assert_found(
        tmp_path,
        {MANIFEST: a_manifest(permissions=[a_permission("root", "all")])},
        ("permissions.unknown-type", At(MANIFEST, "root"), "it has mail.headers and network"),
    )


def test_every_host_has_to_know_the_permission(tmp_path: Path) -> None:
    wheel = a_wheel(
        hosts={"mail": "*", "panel": "*"},
        permissions=[a_permission("mail.headers", "inbound")],
        runtime={"kind": "python"},
    )
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[wheel])},
        ("permissions.unknown-type", At(WHEEL, "mail.headers"), "panel has no permission 'mail.headers'"),
        ("hosts.not-listed", At(WHEEL, "panel"), ""),
    )


@pytest.mark.parametrize(
    ("type_", "scope", "hint"),
    [
        ("mail.headers", "inbond", "did you mean 'inbound'?"),
        ("mail.headers", "everything", "there are inbound and outbound"),
        ("network", "api.example.com", "scopes have the form [a-z0-9.-]+:[0-9]{1,5}"),
        ("network", "api.example.com:443 ", "scopes have the form"),
    ],
)
def test_a_scope_is_one_that_the_host_knows(tmp_path: Path, type_: str, scope: str, hint: str) -> None:
    wheel = a_wheel(permissions=[a_permission(type_, scope)])
    text = f"'{scope}'" if scope.endswith(" ") else scope
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[wheel])},
        ("permissions.scope", At(WHEEL, f"scope: >>{text}"), hint),
    )


def test_any_scope_does_where_the_profile_says_nothing_of_scopes(tmp_path: Path) -> None:
    host = a_host(permissions=[{"type": "anything", "severity": "low", "says": "Does anything"}])
    wheel = a_wheel(permissions=[a_permission("anything", "whatever it is")])
    manifest = a_manifest(permissions=[])
    assert_found(tmp_path, {"hosts/mail.yaml": host, WHEEL: a_release("1.0.0", artifacts=[wheel]), MANIFEST: manifest})


def test_the_same_permission_is_asked_for_once(tmp_path: Path) -> None:
    wheel = a_wheel(permissions=[a_permission("mail.headers", "inbound"), a_permission("mail.headers", "inbound")])
    assert_found(
        tmp_path,
        {WHEEL: a_release("1.0.0", artifacts=[wheel])},
        ("permissions.twice", At(WHEEL, "type: mail.headers", 2), "'mail.headers:inbound' stands here again"),
    )
