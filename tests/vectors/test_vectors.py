"""The test vectors for clients in other languages: a client that is not ours, and ours, judge every case as it says."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import independent_client
import make_vectors
from independent_client import Client, RefusedError
from memory_store import MemoryStore
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.source_memory import STATE_FILE
from pluginry.encoding import documents
from pluginry.encoding.data_folder import data_folder
from pluginry.errors import PolicyError, ResolutionError, TransportError, TrustError
from pluginry.hosts.connections import Connections
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.receipt import RevocationMark
from simulated_client import install, want

if TYPE_CHECKING:
    from pluginry.client.resolve import Wanted
    from pluginry.ports import Transport

HERE = Path(__file__).parent
DOCUMENT: dict[str, Any] = json.loads((HERE / "vectors.json").read_bytes())
CASES: list[dict[str, Any]] = DOCUMENT["cases"]
PAGE = "65-verify-in-another-language.md"


def objects_of(case: dict[str, Any], folder: Path = HERE) -> dict[str, bytes]:
    """Return what the marketplace of `case` holds."""
    market, changes = folder / "marketplace", folder / "changes" / case["name"]
    found = {path.relative_to(market).as_posix(): path.read_bytes() for path in market.rglob("*") if path.is_file()}
    found |= {key: (changes / key).read_bytes() for key in case["changed"]}
    return {key: body for key, body in found.items() if key not in case["removed"]}


def verdict_of_the_independent_client(case: dict[str, Any], folder: Path = HERE) -> object:
    """Return what a client that is not ours makes of `case`, in the words of ``expected``."""
    first_root = (folder / "first_root.json").read_bytes()
    try:
        client = Client(objects_of(case, folder).get, first_root, case["now"], case["seen"])
        found = client.install(**case["wanted"])
    except RefusedError as refusal:
        return {"refused_at_step": refusal.args[0]}
    if found is None:
        return {"accepted": {"absent": True}}
    package, san = found
    signer = {"issuer": "https://lab.pluginry.invalid", "san": san}
    return {"accepted": {"package": {"sha256": Digest.of(package).hex, "size": len(package)}, "signer": signer}}


class Shelf(Connections):
    """The connector of our client to the objects of a case."""

    store: MemoryStore

    def transport(self, location: str, _access: object = None) -> Transport:
        assert location == self.store.location
        return self.store


def visit(home: Path, case: dict[str, Any]) -> Marketplace:
    """Return our client after its visit to the marketplace of `case`, having seen before what the case says."""
    connector = Shelf()
    connector.store = MemoryStore(location="https://market.test", objects=objects_of(case))
    now = datetime.fromisoformat(case["now"])
    client = Marketplace(home=PluginHome(home), connector=connector, now=lambda: now)
    client.add_source("vectors", connector.store.location, fingerprint=Digest(DOCUMENT["first_root"]["sha256"]))
    if case["seen"]:
        (source,) = client.sources()
        state = source.state()
        assert state is not None
        plugin = PluginId.parse(case["wanted"]["plugin"])
        seen = {plugin: case["seen"]["seq"]} if "seq" in case["seen"] else {}
        serial = case["seen"].get("serial", state.serial)
        known = case["seen"].get("revocations")
        mark = RevocationMark(n=2, size=known["size"], sha256=Digest(known["sha256"])) if known else state.revocations
        (source.folder / STATE_FILE).write_bytes(
            documents.encode(replace(state, serial=serial, plugins=seen, revocations=mark))
        )
    client.refresh()
    return client


def wish(case: dict[str, Any]) -> Wanted:
    return want(case["wanted"]["plugin"], f"=={case['wanted']['version']}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_client_written_from_the_page_alone_judges_as_the_vectors_say(case: dict[str, Any]) -> None:
    assert verdict_of_the_independent_client(case) == case["expected"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_our_client_judges_the_same(case: dict[str, Any], tmp_path: Path) -> None:
    accepted = case["expected"].get("accepted")
    if accepted is None:
        with pytest.raises((TrustError, PolicyError, TransportError, ResolutionError)):
            install(visit(tmp_path, case), wish(case), accepted=["mail.headers:inbound"])
        assert not [*tmp_path.glob("plugins/*/*/*")]
    elif accepted.get("absent"):
        assert visit(tmp_path, case).record(wish(case).plugin) is None
    else:
        client = visit(tmp_path, case)
        (installed,) = install(client, wish(case), accepted=["mail.headers:inbound"]).plugins
        receipt = client.home.receipt(installed)
        assert documents.to_plain(receipt.artifact) == accepted["package"]
        assert receipt.signer is not None
        assert {"issuer": receipt.signer.issuer, "san": receipt.signer.san} == accepted["signer"]


def test_every_step_of_the_page_has_a_case_that_is_refused_there() -> None:
    refused = {case["expected"].get("refused_at_step") for case in CASES} - {None}
    text = (data_folder("site_templates") / "docs" / PAGE).read_text("utf-8")
    numbers = {int(line.partition(".")[0]) for line in text.splitlines() if line[:1].isdigit() and ". **" in line}
    assert numbers == set(range(1, 10))
    assert refused == numbers - {4}  # the tree has vectors of its own


def test_the_tree_vectors_are_looked_up() -> None:
    client = Client.__new__(Client)
    client.root = DOCUMENT["tree"]["root"]
    files = {p.relative_to(HERE / "tree").as_posix(): p.read_bytes() for p in (HERE / "tree").rglob("*.json")}
    client.read = files.get
    for one in DOCUMENT["tree"]["lookups"]:
        assert client.lookup(one["id"]) == one["record"]
    assert [one["record"] is None for one in DOCUMENT["tree"]["lookups"]] == [False, False, True]
    for key, body in files.items():
        files[key] = body.replace(b"[", b" ", 1)
    with pytest.raises(RefusedError):
        client.lookup("acme/plugin-7")


def test_the_other_client_shares_nothing_with_ours() -> None:
    tree = ast.parse(Path(str(independent_client.__file__)).read_text("utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported == {
        *("__future__", "hashlib", "io", "itertools", "json", "zipfile", "base64", "typing", "collections"),
        "cryptography",
    }


def test_new_vectors_say_the_same_as_those_that_are_kept(tmp_path: Path) -> None:
    make_vectors.make(tmp_path)
    made = json.loads((tmp_path / "vectors.json").read_bytes())["cases"]
    assert [(case["name"], case["expected"].keys()) for case in made] == [
        (case["name"], case["expected"].keys()) for case in CASES
    ]
    for case in made:
        assert verdict_of_the_independent_client(case, tmp_path) == case["expected"], case["name"]


def test_the_vectors_hold_no_private_key() -> None:
    for path in HERE.rglob("*.json"):
        assert b"PRIVATE" not in path.read_bytes()
    assert layout.TIMESTAMP_KEY in objects_of(CASES[0])
