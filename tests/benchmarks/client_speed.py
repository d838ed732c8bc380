"""How fast the client is from a cold start to an installed plugin, and `pip download` beside it, in the same run.

Both fetch a package of the same size from a server on loopback that answers alike. pip looks a name up in a simple
index and compares one digest; ours starts from trust metadata, reads the tree, verifies, unpacks and installs, and
where the package is signed it checks the attestation too. Every figure is that of a whole process.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from foreign_packages import Release  # noqa: E402 - found in the folders above

from loopback import LoopbackServer, answer  # noqa: E402 - as above
from pluginry.model.digest import Digest  # noqa: E402 - as above
from simulator import Simulator  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RUNS = 5
_RELEASE = Release(number=1, version="1.0.0", payload_bytes=34_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A command: seconds at least, in the median and of processor, MiB of memory at its peak, requests and bytes."""

    name: str
    least: float
    median: float
    processor: float
    resident: float
    requests: int = 0
    fetched: int = 0


def timed(
    name: str,
    command: Sequence[str],
    *,
    prepare: Callable[[], object] = lambda: None,
    server: LoopbackServer | None = None,
) -> Figure:
    """Return what running `command` takes; the first run does not count."""
    seconds, processor, resident, requests, fetched = [], [], 0.0, 0, 0
    for run in range(RUNS + 1):
        prepare()
        if server:
            server.requests.clear()
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment())
        resident = max(resident, _peak_of(process))
        error = process.stderr.read().decode() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.perf_counter() - started
        if process.stderr:
            process.stderr.close()
        if process.returncode:
            raise RuntimeError(f"{name}: {error}")
        if run:
            seconds.append(elapsed)
            processor.append(usage.ru_utime + usage.ru_stime)
        if server:
            requests = len(server.requests)
            fetched = sum(len(server.objects.get(key, b"")) for key in server.requests)
    return Figure(
        name=name,
        least=min(seconds),
        median=statistics.median(seconds),
        processor=min(processor),
        resident=resident,
        requests=requests,
        fetched=fetched,
    )


def _peak_of(process: subprocess.Popen[bytes]) -> float:
    """Return the largest resident set of a process in MiB, looked at until it ends; 0 where nothing tells."""
    peak = 0.0
    status = Path(f"/proc/{process.pid}/status")
    while status.exists():
        line = next((one for one in status.read_text().splitlines() if one.startswith("VmHWM")), None)
        if line is None:
            break
        peak = int(line.split()[1]) / 1024
        time.sleep(0.002)
    return peak


def client_figures() -> list[Figure]:
    """Return all figures."""
    python = sys.executable
    figures = [
        timed("python itself", [python, "-c", "pass"]),
        timed("import the client library", [python, "-c", "import pluginry.hosts.connections"]),
        timed("pluginry --help", [python, "-m", "pluginry", "--help"]),
    ]
    with tempfile.TemporaryDirectory() as scratch:
        figures += _installs(Path(scratch), is_signed=False)
        figures += _installs(Path(scratch), is_signed=True)
        figures.append(_pip(Path(scratch)))
    return figures


def _installs(scratch: Path, *, is_signed: bool) -> list[Figure]:
    """Return what it takes to install a plugin into a home that knows its marketplace."""
    market = Simulator(now=datetime.now(UTC).replace(microsecond=0))
    if not is_signed:
        market.policy = replace(market.policy, publish_attestation="optional")
    release = _RELEASE
    market.release("bench/one", files={"payload": release.payload}, **({} if is_signed else {"signed_by": None}))
    market.publish()
    home = scratch / ("signed" if is_signed else "unsigned")
    pluginry = [sys.executable, "-m", "pluginry"]
    kind = "signed" if is_signed else "not signed"
    with LoopbackServer(market.objects) as server:

        def known(steps: Sequence[Sequence[str]]) -> None:
            subprocess.run(["rm", "-rf", str(home)], check=True)
            for step in steps:
                subprocess.run(
                    [*pluginry, *step, "--home", str(home), "-q"],
                    check=True,
                    env=_environment(),
                    stdout=subprocess.DEVNULL,
                )

        fingerprint = Digest.of(market.repository.roots[0]).hex
        add = ("source", "add", "bench", server.address.rstrip("/"), "--fingerprint", fingerprint)
        install = [*pluginry, "install", "bench/one", "--home", str(home), "-q"]
        return [
            timed(f"install a plugin, {kind}", install, prepare=lambda: known([add]), server=server),
            timed(
                f"refresh, nothing new, {kind}",
                [*pluginry, "source", "refresh", "--home", str(home), "-q"],
                server=server,
            ),
            timed(f"list, {kind}", [*pluginry, "list", "--home", str(home), "-q"]),
        ]


def _pip(scratch: Path) -> Figure:
    """Return what `pip download` takes for a package of the same size."""
    name, project = "bench_one-1.0.0-py3-none-any.whl", "bench-one"
    body = _wheel(_RELEASE.payload)
    page = f'<!DOCTYPE html><a href="../../{name}#sha256={Digest.of(body).hex}">{name}</a>'.encode()
    target = scratch / "pip"
    with LoopbackServer({name: body, f"simple/{project}/": page}) as server:
        server.answers[f"simple/{project}/"] = answer("200 OK", page, Content_Type="text/html")
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "--no-input"]
        command += ["--disable-pip-version-check", "--index-url", f"{server.address}simple", "-d", str(target), project]
        return timed(
            "pip download, same size",
            command,
            prepare=lambda: subprocess.run(["rm", "-rf", str(target)], check=True),
            server=server,
        )


def _wheel(payload: bytes) -> bytes:
    """Return a wheel with `payload` in it."""
    folder = "bench_one-1.0.0.dist-info"
    files = {
        "bench_one/payload": payload,
        f"{folder}/METADATA": b"Metadata-Version: 2.1\nName: bench-one\nVersion: 1.0.0\n",
        f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/RECORD": b"",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _environment() -> dict[str, str]:
    """Return an environment in which neither tool is told of proxies or other indexes."""
    unwanted = ("PIP_", "PLUGINRY_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
    return {key: value for key, value in kept.items() if not key.lower().endswith("_proxy")}


def print_client_speed() -> None:
    """Print the table."""
    heads = ("minimum", "median", "processor", "MiB", "requests", "bytes")
    print(f"\n{'the client; milliseconds':<36}{''.join(f'{head:>10}' for head in heads)}")
    for one in client_figures():
        times = f"{one.least * 1000:>10.0f}{one.median * 1000:>10.0f}{one.processor * 1000:>10.0f}"
        print(f"{one.name:<36}{times}{one.resident:>10.0f}{one.requests:>10}{one.fetched:>10,}")


if __name__ == "__main__":
    print_client_speed()
