"""An example host application that drives pluginry as a subprocess: ``python_host.py PLUGIN COMMAND...``.

It installs and enables PLUGIN, agrees to whatever permissions its own policy (the variable ALLOWED) allows, and prints
what it knows in the end as JSON. A host in any language can do the same: it needs processes, pipes and JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys


def drive(command: list[str], allowed: set[str], heard: dict[str, list[object]]) -> dict[str, object]:
    """Run a command to its end and return its last event; `heard` gets everything else."""
    process = subprocess.Popen(
        [*command, "--json-lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    last: dict[str, object] = {}
    with process:
        for line in process.stdout:
            last = json.loads(line)
            heard.setdefault(str(last["event"]), []).append(last)
            if last["event"] == "question":
                about = last["about"]
                assert isinstance(about, dict)
                agreed = all(ask["permission"] in allowed for ask in about["permissions"])
                process.stdin.write(json.dumps({"answer": agreed}) + "\n")
                process.stdin.flush()
    last["exit_status"] = process.returncode
    return last


def main() -> None:
    """Install, enable and list."""
    plugin, *pluginry = sys.argv[1:]
    allowed = set(filter(None, os.environ.get("ALLOWED", "").split(",")))
    heard: dict[str, list[object]] = {}
    done = drive([*pluginry, "install", plugin], allowed, heard)
    if done["event"] == "result":
        done = drive([*pluginry, "enable", plugin], allowed, heard)
    listed = drive([*pluginry, "list"], allowed, heard)
    sys.stdout.write(json.dumps({"last": done, "installed": listed["data"], "heard": heard}))


if __name__ == "__main__":
    main()
