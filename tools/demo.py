"""The main job from end to end on the registry of this repository: what `make demo` runs.

It works in a scratch copy (build/demo), because the lab's signatures differ from run to run and must not
get into git; the marketplace goes to dist/. Every step is a `pluginry` command that you could type, shown
before it runs. A second run does only what changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = ROOT / "build" / "demo"
DIST = ROOT / "dist"
PLUGIN = "mairust/spam-scorer"
DEPENDENCY = "mairust/dns-cache"
MESSAGE = json.dumps(
    {
        "headers": {
            "From": "Prize Office <winner@prizes.example>",
            "Reply-To": "claims@elsewhere.example",
            "Subject": "YOU WON!!! CLAIM YOUR PRIZE NOW",
        }
    }
)
UNREACHABLE_EXIT_STATUS = 3
"""Without a network, releases that come from elsewhere wait in quarantine, and all else is published."""
TRUST_EXIT_STATUS = 5
CONSENT_EXIT_STATUS = 6


class DemoError(Exception):
    """A step did not do what it should."""


def title(text: str) -> None:
    """Print the heading of a step."""
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def pluginry(
    *arguments: str, expect: int = 0, or_else: int = 0, home: str = "home", show: bool = True
) -> dict[str, Any]:
    """Run a command in the scratch workspace; show it and what it says, or return its JSON answer."""
    command = [sys.executable, "-m", "pluginry", *arguments]
    if show:
        print(
            "$ pluginry " + " ".join(f"'{word}'" if set(word) & set(" {<*") else word for word in arguments), flush=True
        )
    else:
        command.append("--json")
    environment = {**os.environ, "PLUGINRY_HOME": str(SCRATCH / home)}
    output = None if show else subprocess.PIPE
    done = subprocess.run(command, cwd=SCRATCH, env=environment, text=True, stdout=output, check=False)
    if done.returncode not in (expect, or_else or expect):
        raise DemoError(
            f"`pluginry {' '.join(arguments)}` ended with {done.returncode}, not {expect}\n{done.stdout or ''}"
        )
    answer: Any = json.loads(done.stdout) if done.stdout else {}
    return answer if isinstance(answer, dict) else {"items": answer}


def copy_input() -> None:
    """Bring registry/ and index/ of the repository into the scratch workspace; keep what earlier runs signed there."""
    ours, theirs = ROOT / "index" / "ledger", SCRATCH / "index" / "ledger"
    for ledger in ours.glob("*/*.jsonl"):
        copy = theirs / ledger.relative_to(ours)
        if copy.exists() and not copy.read_bytes().startswith(ledger.read_bytes()):
            print("the ledger in git is another one than that of the last demo: starting afresh")
            for stale in (SCRATCH / "index", DIST):
                shutil.rmtree(stale, ignore_errors=True)
            break
    for ledger in ours.glob("*/*.jsonl"):
        copy = theirs / ledger.relative_to(ours)
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ledger, copy)
    shutil.rmtree(SCRATCH / "registry", ignore_errors=True)
    shutil.copytree(ROOT / "registry", SCRATCH / "registry")


def publish() -> dict[str, Any]:
    """Do the publisher's half: keys once, then check, publish and compare."""
    title("Publish: check, fetch, scan, pack, sign, index, catalogue")
    if not (SCRATCH / "index" / "trust" / "1.root.json").exists():
        shutil.rmtree(DIST, ignore_errors=True)
        shutil.rmtree(SCRATCH / ".pluginry" / "keys", ignore_errors=True)
        pluginry("trust", "init", "--signing", "lab")
    pluginry("check", "registry", "--quiet")
    started = time.monotonic()
    answer = pluginry("publish", str(DIST), show=False, or_else=UNREACHABLE_EXIT_STATUS)
    answer["seconds"] = round(time.monotonic() - started, 1)
    print(f"$ pluginry publish {DIST.relative_to(ROOT)}")
    print(f"{answer['plugins']} plugins with {answer['releases']} releases, index serial {answer['serial']}")
    print(f"built {len(answer['built'])} and signed {answer['signed']} releases, wrote {answer['created']} new and")
    print(f"{answer['replaced']} changed files in {answer['seconds']} s; {answer['unchanged']} were there already")
    for item in answer["quarantined"]:
        print(f"in quarantine: {item.get('id', '')} {item.get('version', '')}: {item['reason']}")
    title("Prove that dist/ was built from this registry and ledger")
    pluginry("build", "--check", str(DIST))
    return answer


def use_plugins() -> None:
    """Do the client's half: every step verifies before it believes."""
    shutil.rmtree(SCRATCH / "home", ignore_errors=True)
    fingerprint = pluginry("trust", "show", show=False)["fingerprint"]
    title("Add the marketplace as a source, by the fingerprint of its root")
    pluginry(
        "source", "add", "demo", str(DIST), "--fingerprint", fingerprint, "--host", "mairust", "--host-version", "0.5.0"
    )
    title("Find a plugin, and see what it may do before agreeing")
    pluginry("search", "spam")
    pluginry("show", PLUGIN)
    title("Install needs consent; with it, the plugin and what it depends on come together")
    pluginry("install", f"{PLUGIN}@<1.2", expect=CONSENT_EXIT_STATUS)
    pluginry("install", f"{PLUGIN}@<1.2", "--accept-permissions", accepted(f"{PLUGIN}@<1.2"))
    title("Installed is not enabled")
    pluginry("run", PLUGIN, "score", "--args", MESSAGE, expect=CONSENT_EXIT_STATUS)
    pluginry("enable", PLUGIN)
    pluginry("run", PLUGIN, "score", "--args", MESSAGE)
    title("An update that asks for more waits for consent, and the old version keeps running")
    pluginry("update")
    pluginry("update", PLUGIN, "--accept-permissions", "mail.body:inbound,storage:plugin-data")
    pluginry("run", PLUGIN, "score", "--args", MESSAGE)
    title("Roll back, and hash everything that is installed")
    pluginry("rollback", PLUGIN)
    pluginry("list")
    pluginry("verify")


def accepted(plugin: str, home: str = "home") -> str:
    """Return the permissions that installing `plugin` asks for: what a person would read and agree to."""
    answer = pluginry("install", plugin, show=False, expect=CONSENT_EXIT_STATUS, home=home)
    return ",".join(answer["error"]["permissions"])


def tampered_copies_are_refused() -> int:
    """Change a byte here and there in copies of dist/; return how many copies were refused."""
    title("Tampered copies are refused")
    fingerprint = pluginry("trust", "show", show=False)["fingerprint"]
    copy = SCRATCH / "tampered"
    at_first_sight = {"the timestamp": "metadata/timestamp.json", "the root of the index": "targets/index/*.root.json"}
    at_installation = {"a package": f"packages/{DEPENDENCY}/*/*.zip", "its attestation": "a/*/*.json"}
    for what, pattern in (at_first_sight | at_installation).items():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(SCRATCH / "victim", ignore_errors=True)
        shutil.copytree(DIST / "v1", copy / "v1")
        for path in (copy / "v1").glob(pattern):
            flip_a_byte(path)
        print(f"-- one bit of {what} is changed")
        add = ("source", "add", "demo", str(copy), "--fingerprint", fingerprint)
        if what in at_first_sight:
            pluginry(*add, home="victim", expect=TRUST_EXIT_STATUS)
        else:
            pluginry(*add, home="victim", show=False)
            agreed = accepted(DEPENDENCY, "victim")
            install = ("install", DEPENDENCY, "--accept-permissions", agreed, "--quiet")
            pluginry(*install, home="victim", expect=TRUST_EXIT_STATUS)
    shutil.rmtree(copy)
    return len(at_first_sight) + len(at_installation)


def flip_a_byte(path: Path) -> None:
    """Change one byte in the middle of a file."""
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0x01
    path.write_bytes(body)


def digest_of_published() -> str:
    """Return one digest over every published file but the ones that carry a time."""
    whole = hashlib.sha256()
    for path in sorted(DIST.rglob("*")):
        if path.is_file() and "metadata" not in path.parts:
            whole.update(f"{path.relative_to(DIST)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def main() -> int:
    """Run every step and print a summary; exit status 1 when a step does not do what it should."""
    started = time.monotonic()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    try:
        copy_input()
        answer = publish()
        use_plugins()
        refused = tampered_copies_are_refused()
    except DemoError as error:
        print(f"\nthe demo failed: {error}", file=sys.stderr)
        return 1
    title("Done")
    print(f"published   {answer['plugins']} plugins, {answer['releases']} releases in dist/ ({digest_of_published()})")
    waiting = len(answer["quarantined"])
    print(f"this run    built {len(answer['built'])}, signed {answer['signed']}, in quarantine {waiting}")
    print(f"client      installed, enabled, ran, updated and rolled back {PLUGIN}; refused {refused} tampered copies")
    print("signed by   the lab: a development instance of sigstore that proves nothing outside this machine")
    print("look at     dist/index.html, or `make serve` and http://127.0.0.1:8000/")
    print(f"took        {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
