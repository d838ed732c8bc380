"""Makes the test vectors for clients in other languages: ``python tests/make_vectors.py``.

Out: the folder ``vectors/``: a small marketplace, what attackers make of it, and what a client must say to each.
Keys and signatures are new each time, so run it only when the format grows, and look at what changed.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner

from authority import first_root, signed
from notary import Notary
from packages import package
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.tuf_publication import root_chain
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.adapters.tuf_roles import next_version, replace_key
from pluginry.encoding import canonical_json, documents, tree
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.manifest import Permission
from pluginry.model.names import PluginId
from pluginry.model.revocation import Revocation, Verdict
from pluginry.model.versions import Version
from signature_vectors import STRANGER, add_backfills, add_signed_indexes
from simulator import START, Simulator
from victims import (
    DEMO,
    EVIL,
    FILE,
    GOOD,
    evil_package,
    key_of_record,
    lie,
    manifest_of,
    offer_signed,
    publish_target,
    publish_targets,
    put_package,
    with_package,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.index import PluginRecord

Change = Callable[[Simulator], object]
VECTORS = Path(__file__).parent / "vectors"
NOW, LATER = "2026-03-01T12:00:00Z", "2026-03-09T12:00:00Z"
WANTED = {"plugin": "acme/demo", "version": "1.1.0"}


@dataclass(slots=True)
class Vectors:
    """The cases so far, and the marketplace that they begin with."""

    folder: Path
    market: Simulator
    good: Mapping[str, bytes]
    cases: list[dict[str, Any]] = field(default_factory=list)

    def accepted(self, name: str, about: str, expected: Mapping[str, Any], **given: Any) -> None:
        """Add a case in which the marketplace is as it should be."""
        self._add(name, about, {"accepted": expected}, given, {})

    def refused(self, name: str, about: str, step: int, attack: Change, **given: Any) -> None:
        """Add a case in which something was changed, by whoever controls the files or by who holds the online key."""
        self._add(name, about, {"refused_at_step": step}, given, self._changed_by(attack))

    def accepted_after(self, name: str, about: str, expected: Mapping[str, Any], change: Change) -> None:
        """Add a case in which the owner changed something."""
        self._add(name, about, {"accepted": expected}, {}, self._changed_by(change))

    def _changed_by(self, change: Change) -> dict[str, bytes | None]:
        change(self.market)
        changed = {
            key: self.market.objects.get(key)
            for key in sorted({*self.market.objects, *self.good})
            if self.market.objects.get(key) != self.good.get(key)
        }
        self.market.objects.clear()
        self.market.objects.update(self.good)
        return changed

    def _add(
        self,
        name: str,
        about: str,
        expected: Mapping[str, Any],
        given: Mapping[str, Any],
        changed: Mapping[str, bytes | None],
    ) -> None:
        written, removed = [], []
        for key, body in changed.items():
            if body is None:
                removed.append(key)
                continue
            written.append(key)
            write(self.folder / "changes" / name / key, body)
        case = {"name": name, "about": about, "now": NOW, "seen": {}, "wanted": WANTED, **given, "expected": expected}
        self.cases.append({**case, "changed": written, "removed": removed})


def make(folder: Path) -> None:
    """Write the vectors to the new folder `folder`."""
    market = Simulator()
    owner, online = CryptoSigner.generate_ed25519(), CryptoSigner.generate_ed25519()
    market.repository = TufRepository(online=online, roots=(first_root(owner, online, now=START),))
    market.release("acme/demo", "1.0.0", files={FILE: GOOD})
    market.release("acme/other", "1.0.0", files={"other.txt": b"other\n"})
    market.publish()
    market.release("acme/demo", "1.1.0", files={FILE: b"better\n"}, permissions=[("mail.headers", "inbound")])
    market.publish()
    for key, body in market.objects.items():
        if key.startswith(("v1/metadata/", "v1/targets/", "v1/t/", "v1/a/", "v1/packages/")):
            write(folder / "marketplace" / key, body)
    good = dict(market.objects)
    vectors = Vectors(folder=folder, market=market, good=good)
    add_accepted(vectors)
    add_roots(vectors, owner)
    add_changed_files(vectors)
    add_revocations(vectors)
    add_lies(vectors)
    expected = next(case for case in vectors.cases if case["name"] == "accepted-1.1.0")["expected"]["accepted"]
    add_signed_indexes(vectors, expected)
    add_backfills(vectors, expected)
    first = market.repository.roots[0]
    write(folder / "first_root.json", first)
    document = {
        "format": 1,
        "first_root": {"file": "first_root.json", "sha256": Digest.of(first).hex},
        "cases": vectors.cases,
        "tree": a_tree(folder / "tree"),
    }
    write(folder / "vectors.json", json.dumps(document, indent=1, sort_keys=True).encode() + b"\n")


def add_accepted(vectors: Vectors) -> None:
    """Add what a client must accept."""
    objects, signer = vectors.good, {"issuer": LAB_IDENTITY.issuer, "san": LAB_IDENTITY.san}
    for version, about in (("1.1.0", "the newest release"), ("1.0.0", "an older release")):
        body = objects[vectors.market.package_key("acme/demo", version)]
        expected = {"package": {"sha256": Digest.of(body).hex, "size": len(body)}, "signer": signer}
        vectors.accepted(f"accepted-{version}", about, expected, wanted={"plugin": "acme/demo", "version": version})
    vectors.accepted(
        "accepted-absent",
        "a plugin that is not there, and is proved not to be",
        {"absent": True},
        wanted={"plugin": "acme/nothing", "version": "1.0.0"},
    )
    vectors.refused("expired", "nobody signed the timestamp anew", 2, lambda _: None, now=LATER)
    vectors.refused("older-index", "an index with a higher serial was seen", 3, lambda _: None, seen={"serial": 3})
    vectors.refused("older-record", "a record with a higher number was seen", 5, lambda _: None, seen={"seq": 99})


def add_roots(vectors: Vectors, owner: CryptoSigner) -> None:
    """Add roots that follow the first one, and one that does not."""
    first, stranger = vectors.market.repository.roots[0], CryptoSigner.generate_ed25519()
    second = next_version(root_chain((first,))[-1], now=START)
    replace_key(second, "timestamp", vectors.market.repository.online.public_key.keyid, stranger.public_key)

    def new_keys(market: Simulator) -> None:
        before = market.repository
        market.repository = TufRepository(online=stranger, roots=(first, signed(second, owner)))
        market.publish()
        market.repository = before

    def stolen(market: Simulator) -> None:
        market.objects["v1/metadata/2.root.json"] = signed(second, stranger)

    expected = next(case for case in vectors.cases if case["name"] == "accepted-1.1.0")["expected"]["accepted"]
    vectors.accepted_after(
        "accepted-new-keys", "the owner signed a second root, with another online key", expected, new_keys
    )
    vectors.refused("root-of-a-stranger", "a second root that the first one's keys did not sign", 1, stolen)


def add_changed_files(vectors: Vectors) -> None:
    """Add what whoever controls the files can do."""
    market = vectors.market
    root = documents.decode(type(market.publish()), _root_bytes(market), what="root")
    manifest = manifest_of(market, "1.1.0")
    package_key = market.package_key("acme/demo", "1.1.0")
    manifest_key = layout.node_key(Digest.of(documents.encode(manifest)))
    attestation = _attestation_key(market)

    def flipped(key: str, place: int) -> Callable[[Simulator], None]:
        def attack(market: Simulator) -> None:
            body = bytearray(market.objects[key])
            body[place] ^= 1
            market.objects[key] = bytes(body)

        return attack

    def replaced(key: str, old: bytes, new: bytes) -> Callable[[Simulator], None]:
        def attack(market: Simulator) -> None:
            assert old in market.objects[key]
            market.objects[key] = market.objects[key].replace(old, new, 1)

        return attack

    def copied(source: str, target: str) -> Callable[[Simulator], None]:
        return lambda market: market.objects.update({target: market.objects[source]})

    timestamp = layout.TIMESTAMP_KEY
    for name, about, step, attack in (
        (
            "timestamp-changed",
            "one version more, without a signature",
            2,
            replaced(timestamp, b'"version":2', b'"version":3'),
        ),
        (
            "timestamp-with-two-readings",
            "a key twice, under a valid signature",
            2,
            replaced(timestamp, b'"version":', b'"version":999,"version":'),
        ),
        (
            "snapshot-of-before",
            "parts of two states",
            2,
            copied("v1/metadata/1.snapshot.json", "v1/metadata/2.snapshot.json"),
        ),
        (
            "targets-of-before",
            "parts of two states",
            2,
            copied("v1/metadata/1.targets.json", "v1/metadata/2.targets.json"),
        ),
        ("index-changed", "the index root", 3, replaced(_root_key(market), b'"serial":2', b'"serial":9')),
        ("record-changed", "a release less", 5, replaced(key_of_record(root), b'"1.1.0"', b'"1.0.9"')),
        (
            "record-longer",
            "spaces at the end",
            5,
            lambda market: market.objects.update({key_of_record(root): market.objects[key_of_record(root)] + b"  "}),
        ),
        (
            "manifest-changed",
            "less permissions than the package asks for",
            6,
            replaced(manifest_key, b"mail.headers", b"mail.nothing"),
        ),
        ("package-changed", "one bit", 7, flipped(package_key, 60)),
        (
            "package-longer",
            "a byte more",
            7,
            lambda market: market.objects.update({package_key: market.objects[package_key] + b"\0"}),
        ),
        ("package-withheld", "it is missing", 7, lambda market: market.objects.pop(package_key)),
        ("attestation-changed", "one bit", 8, flipped(attestation, 2000)),
        ("attestation-withheld", "it is missing", 8, lambda market: market.objects.pop(attestation)),
    ):
        vectors.refused(name, about, step, attack)


def add_revocations(vectors: Vectors) -> None:
    """Add a release that was revoked, and lists that want a revocation to be forgotten."""
    revoked = Digest.of(vectors.good[vectors.market.package_key("acme/demo", "1.1.0")])

    def listed(*digests: Digest) -> bytes:
        entries = (
            Revocation(
                n=n,
                at=START,
                advisory=f"PLG-2026-{n:04}",
                action=Verdict.DISABLE,
                summary="It loses mail",
                digests=(digest,),
            )
            for n, digest in enumerate(digests, start=1)
        )
        return b"".join(canonical_json.encode_line(documents.to_plain(entry)) for entry in entries)

    def published(*digests: Digest) -> Change:
        return lambda market: publish_target(market, layout.REVOCATIONS_TARGET, listed(*digests))

    other = Digest.of(b"another package")
    seen = listed(other, revoked)
    seen_later = listed(other, revoked, Digest.of(b"one more package")).removeprefix(seen)
    remembered = {"revocations": {"size": len(seen), "sha256": Digest.of(seen).hex}}
    add = vectors.refused
    add("revoked", "the list of revocations names the package", 5, published(other, revoked))
    add("revocations-shortened", "the list was longer", 3, published(other), seen=remembered)
    add("revocations-reordered", "the list began in another way", 3, published(revoked, other), seen=remembered)
    add("revocations-withheld", "there was a list", 3, lambda _: None, seen=remembered)
    parts = {layout.revocations_part(1): listed(other, revoked), layout.REVOCATIONS_TARGET: seen_later}
    add("revoked-in-a-part", "a part of the list names the package", 5, lambda market: publish_targets(market, parts))
    rest = {layout.REVOCATIONS_TARGET: seen_later}
    add("revocations-part-withheld", "the list begins with its second part", 3, lambda m: publish_targets(m, rest))


def add_lies(vectors: Vectors) -> None:
    """Add what a thief of the online key can do: every signature of the metadata is right."""

    def other_epoch(market: Simulator) -> None:
        policy = market.policy
        market.policy = replace(policy, epoch=2)
        market.publish(change_root=lambda root: replace(root, epoch=1, serial=root.serial + 1))
        market.policy = policy

    def other_record(market: Simulator) -> None:
        other = PluginId.parse("acme/other")
        market.publish(
            change_root=lambda root: replace(
                root, shard={**root.shard, DEMO: root.shard[other]}, serial=root.serial + 1
            )
        )

    def without_attestation(market: Simulator) -> None:
        def strip(record: PluginRecord) -> PluginRecord:
            return replace(record, releases=tuple(replace(one, attestations=()) for one in record.releases))

        lie(market, strip)

    def replayed(market: Simulator) -> None:
        ref = put_package(market, evil_package(market, "1.1.0"), "1.1.0")
        lie(market, lambda record: with_package(record, ref))

    def by_a_stranger(market: Simulator) -> None:
        offer_signed(market, evil_package(market, "1.1.0"), "1.1.0", signer=Notary(STRANGER))

    def other_manifest(market: Simulator) -> None:
        greedy = (Permission(type="network", scope="*", reason="Needs it"),)
        manifest = replace(manifest_of(market, "1.1.0"), permissions=greedy)
        offer_signed(market, package(manifest, {FILE: EVIL}), "1.1.0")

    for name, about, step, attack in (
        ("epochs-differ", "policy and index are of different epochs", 3, other_epoch),
        ("record-of-another", "the record of another plugin stands under this id", 5, other_record),
        (
            "attestation-not-named",
            "the record names no attestation, and the policy demands one",
            8,
            without_attestation,
        ),
        ("attestation-replayed", "the genuine attestation is named for another package", 8, replayed),
        ("attestation-of-a-stranger", "a valid signature of somebody whom the policy does not name", 8, by_a_stranger),
        ("manifest-inside-differs", "the package holds another manifest than the index shows", 9, other_manifest),
    ):
        vectors.refused(name, about, step, attack)


def a_tree(folder: Path) -> dict[str, Any]:
    """Write the parts of a tree of 300 plugins that three lookups need, and return root and answers."""
    planted = tree.plant(
        {PluginId.parse(f"acme/plugin-{n}"): BlobRef.of(b"%d" % n) for n in range(300)}, inline_limit=0
    )
    bodies = {Digest.of(body): body for body in planted.bodies}
    lookups = []
    for name in ("acme/plugin-7", "acme/plugin-299", "acme/plugin-300"):
        bits = format(int.from_bytes(bytes.fromhex(Digest.of(name.encode()).hex)[:4], "big"), "032b")
        below: list[Any] = [[digest.hex, size] for digest, size in planted.nodes]
        for level in planted.fanout:
            digest = Digest(below[int(bits[:level], 2)][0])
            write(folder / layout.node_key(digest), bodies[digest])
            bits, node = bits[level:], json.loads(bodies[digest])
            below = node.get("nodes", [])
        lookups.append({"id": name, "record": node["plugins"].get(name)})
    root = {"fanout": list(planted.fanout), "nodes": [[digest.hex, size] for digest, size in planted.nodes]}
    return {"root": root, "lookups": lookups}


def write(path: Path, body: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


def _root_key(market: Simulator) -> str:
    targets = json.loads(market.objects["v1/metadata/2.targets.json"])["signed"]["targets"]
    return f"{layout.TARGETS_PREFIX}index/{targets[layout.INDEX_ROOT_TARGET]['hashes']['sha256']}.root.json"


def _root_bytes(market: Simulator) -> bytes:
    return market.objects[_root_key(market)]


def _attestation_key(market: Simulator) -> str:
    (fact,) = market._ledgers[DEMO].attestations_of(Version("1.1.0"))
    return layout.attestation_key(fact.sha256)


if __name__ == "__main__":
    shutil.rmtree(VECTORS / "marketplace", ignore_errors=True)
    for old in ("changes", "tree"):
        shutil.rmtree(VECTORS / old, ignore_errors=True)
    make(VECTORS)
    sys.stdout.write(f"{VECTORS}\n")
