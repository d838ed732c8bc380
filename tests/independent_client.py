"""A client that shares nothing with Pluginry: written from the page "Verify in another language" alone.

It stands for a client in any language, and proves that the page and the test vectors say all that is needed. It does
the work of a TUF library for the simplest case only (ed25519 keys, no delegations), and of a sigstore library not
at all beyond the signature, its certificate and the statement: real clients use real libraries for both.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64decode
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


TOGETHER = "urn:pluginry:attestations:publish-backfill:v1"
USES = {
    "urn:pluginry:attestations:publish:v1": {"publish", "publish-backfill"},
    TOGETHER: {"publish-backfill"},
}
STATE = ("epoch", "serial")


class RefusedError(Exception):
    """``args[0]`` is the step of the page at which a client must stop."""


def need(holds: object, step: int) -> None:
    if not holds:
        raise RefusedError(step)


def parse(data: bytes, step: int) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs), step)
        return dict(pairs)

    try:
        return json.loads(data, object_pairs_hook=once)
    except ValueError:
        raise RefusedError(step) from None


class Client:
    """`read` returns the bytes under a key, or None; `seen` is what was remembered of earlier visits."""

    def __init__(
        self, read: Callable[[str], bytes | None], first_root: bytes, now: str, seen: Mapping[str, Any] | None = None
    ) -> None:
        self.read, self.now, self.seen = read, now, seen or {}
        self.targets = self.metadata(first_root)
        self.policy = parse(self.target("trust/policy.json"), 3)
        self.root = parse(self.target("index/root.json"), 3)
        need(self.root["format"] == 1 and self.root["epoch"] == self.policy["epoch"], 3)
        need(self.root["serial"] >= self.seen.get("serial", 0), 3)
        self.index_signature()
        self.revocations = self.continued(self.seen.get("revocations", {"size": 0, "sha256": None}))

    def metadata(self, first_root: bytes) -> Any:
        root = self.signed(first_root, "root", parse(first_root, 1)["signed"], 1, expires=False)
        while newer := self.read(f"v1/metadata/{root['version'] + 1}.root.json"):
            by_old = self.signed(newer, "root", root, 1, expires=False)
            need(by_old["version"] == root["version"] + 1, 1)
            root = self.signed(newer, "root", by_old, 1, expires=False)
        need(root["expires"] > self.now, 1)
        timestamp = self.signed(self.read("v1/metadata/timestamp.json"), "timestamp", root, 2)
        snapshot = self.part("snapshot", timestamp["meta"]["snapshot.json"], root)
        return self.part("targets", snapshot["meta"]["targets.json"], root)["targets"]

    def part(self, role: str, meta: Any, root: Any) -> Any:
        body = self.read(f"v1/metadata/{meta['version']}.{role}.json")
        need(body and hashlib.sha256(body).hexdigest() == meta["hashes"]["sha256"], 2)
        found = self.signed(body, role, root, 2)
        need(found["version"] == meta["version"], 2)
        return found

    def signed(self, body: bytes | None, role: str, root: Any, step: int, *, expires: bool = True) -> Any:
        document = parse(body or b"", step)
        says = json.dumps(document["signed"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        allowed, good = root["roles"][role], set()
        for one in document["signatures"]:
            if one["keyid"] in allowed["keyids"]:
                public = bytes.fromhex(root["keys"][one["keyid"]]["keyval"]["public"])
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(one["sig"]), says)
                    good.add(one["keyid"])
                except InvalidSignature:
                    continue
        need(len(good) >= allowed["threshold"] and document["signed"]["_type"] == role, step)
        need(not expires or document["signed"]["expires"] > self.now, step)
        return document["signed"]

    def target(self, path: str) -> bytes:
        info = self.targets[path]
        folder, _, name = path.rpartition("/")
        return self.checked(f"v1/targets/{folder}/{info['hashes']['sha256']}.{name}", *sized(info), 3)

    def continued(self, known: Any) -> dict[str, Any]:
        """Return the last entry of each advisory, in a list that begins with the one that is known."""
        complete = takewhile(self.targets.__contains__, (f"index/revocations.{number}.jsonl" for number in count(1)))
        rest = {"index/revocations.jsonl"} & self.targets.keys()
        data = b"".join(self.target(path) for path in (*complete, *rest))
        need(known["sha256"] in (None, hashlib.sha256(data[: known["size"]]).hexdigest()), 3)
        lines = [parse(line, 3) for line in data.splitlines()]
        need([line["n"] for line in lines] == list(range(1, len(lines) + 1)), 3)
        return {line["advisory"]: line for line in lines}

    def checked(self, key: str, sha256: str, size: int, step: int) -> bytes:
        body = self.read(key)
        need(body is not None and len(body) == size and hashlib.sha256(body).hexdigest() == sha256, step)
        return body

    def node(self, sha256: str, size: int, step: int) -> bytes:
        return self.checked(f"v1/t/{sha256[:2]}/{sha256}.json", sha256, size, step)

    def lookup(self, plugin: str) -> Any:
        if not self.root["fanout"]:
            return self.root["shard"].get(plugin)
        bits = format(int.from_bytes(hashlib.sha256(plugin.encode()).digest()[:4], "big"), "032b")
        below, used = self.root["nodes"], 0
        for level in self.root["fanout"]:
            pointer = below[int(bits[used : used + level], 2)]
            used += level
            found = parse(self.node(*pointer, 4), 4)
            below = found.get("nodes")
        return found["plugins"].get(plugin)

    def install(self, plugin: str, version: str) -> tuple[bytes, str | None] | None:
        """Return the verified package and who signed it; None when there is no such plugin."""
        pointer = self.lookup(plugin)
        if pointer is None:
            return None
        record = parse(self.node(*pointer, 5), 5)
        need(record["id"] == plugin and record["seq"] >= self.seen.get("seq", 0), 5)
        release = next(one for one in record["releases"] if one["version"] == version)
        artifact = next(one for one in release["artifacts"] if one["platform"] == "any")
        for one in self.revocations.values():
            hit = artifact["sha256"] in one.get("digests", []) and one["action"] in ("block-install", "disable")
            need(not hit, 5)
        ref = release["manifest"]
        manifest = parse(self.node(ref["sha256"], ref["size"], 6), 6)
        need((manifest["id"], manifest["version"]) == (plugin, version), 6)
        name = f"{plugin.split('/')[1]}-{version}.zip"
        package = self.checked(f"v1/packages/{plugin}/{version}/{name}", artifact["sha256"], artifact["size"], 7)
        signer = self.attestation(release, artifact, name, plugin)
        inside = zipfile.ZipFile(io.BytesIO(package)).read("plugin.json")
        need(hashlib.sha256(inside).hexdigest() == ref["sha256"], 9)
        return package, signer

    def index_signature(self) -> None:
        path, root = "index/root.sigstore.json", self.targets["index/root.json"]
        if path not in self.targets:
            need(self.policy.get("index_attestation") != "required", 3)
            return
        statement, _ = self.signed_statement(self.target(path), "urn:pluginry:attestations:index:v1", {"index"}, 3)
        need(statement["subject"] == [{"name": "index/root.json", "digest": {"sha256": sized(root)[0]}}], 3)
        need([statement["predicate"].get(key) for key in STATE] == [self.root[key] for key in STATE], 3)

    def attestation(self, release: Any, artifact: Any, name: str, plugin: str) -> str | None:
        sha256 = artifact["sha256"]
        about = [one for one in release.get("attestations", []) if one["artifact"] == sha256 and one["type"] in USES]
        if not about:
            need(self.policy["publish_attestation"] != "required", 8)
            return None
        named = about[-1]
        body = self.checked(f"v1/a/{named['sha256'][:2]}/{named['sha256']}.sigstore.json", *ref_of(named), 8)
        statement, signer = self.signed_statement(body, named["type"], USES[named["type"]], 8)
        subjects, says = statement["subject"], statement["predicate"]
        if named["type"] == TOGETHER:
            need(len(subjects) <= 256, 8)
            says = says["packages"].get(sha256, {})
        else:
            need(len(subjects) == 1, 8)
        need(subjects.count({"name": name, "digest": {"sha256": sha256}}) == 1, 8)
        need([says.get(key) for key in ("plugin", "version", "platform")] == [plugin, release["version"], "any"], 8)
        need(says["manifest_sha256"] == release["manifest"]["sha256"], 8)
        return signer

    def signed_statement(self, body: bytes, predicate_type: str, uses: set[str], step: int) -> tuple[Any, str]:
        need(len(body) <= 256 * 1024, step)
        bundle = parse(body, step)
        envelope = bundle["dsseEnvelope"]
        payload, kind = b64decode(envelope["payload"]), envelope["payloadType"]
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
        signer = self.check_signature(bundle, signed, uses, step)
        statement = parse(payload, step)
        need(kind == "application/vnd.in-toto+json", step)
        need(statement["_type"] == "https://in-toto.io/Statement/v1", step)
        need(statement["predicateType"] == predicate_type, step)
        return statement, signer

    def check_signature(self, bundle: Any, signed: bytes, uses: set[str], step: int) -> str:
        """Stand in for a sigstore library, which also asks the logs and looks at every time."""
        leaf = x509.load_der_x509_certificate(b64decode(bundle["verificationMaterial"]["certificate"]["rawBytes"]))
        authorities = parse(self.target("trust/trusted_root.json"), step)["certificateAuthorities"]
        chains = [one["certChain"]["certificates"][0]["rawBytes"] for one in authorities]
        try:
            leaf.public_key().verify(b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]), signed, ECDSA(SHA256()))
            leaf.verify_directly_issued_by(x509.load_der_x509_certificate(b64decode(chains[0])))
        except (InvalidSignature, ValueError):
            raise RefusedError(step) from None
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        san = names.get_values_for_type(x509.UniformResourceIdentifier)[0]
        signed_at = f"{leaf.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
        allowed = [
            one["san"]
            for one in self.policy["registry_identities"]
            if uses & set(one.get("use", ["publish", "index"]))
            and one.get("not_before", "") <= signed_at <= one.get("not_after", "9999")
        ]
        need(san in allowed, step)
        return san


def sized(info: Any) -> tuple[str, int]:
    return info["hashes"]["sha256"], info["length"]


def ref_of(named: Any) -> tuple[str, int]:
    return named["sha256"], named["size"]
