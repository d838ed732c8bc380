"""How long the index builders of other repositories take for as many packages of the same size, on this machine.

In: how many names, in which versions, how large. Out: seconds and memory for a first run, one in which nothing changed,
and one after one new package. Peers are installed once into ``build/peers``; one that cannot be is left out, and that
is said. What each does and does not do stands beside its figures: none of them checks claims, signs, or makes a page
for each package, and all but dumb-pypi look at every package each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import foreign_packages
from process_cost import cost_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from foreign_packages import Release
    from process_cost import Cost

TOOLS = Path(__file__).resolve().parents[2] / "build" / "peers"
REQUIREMENTS = ("createrepo_c==1.2.5", "dumb-pypi==1.15.0", "py-rattler==0.28.0")
BLENDER = "bpy==5.0.1"
STEPS = ("cold", "no change", "one change")
_RATTLER = "import asyncio, sys; from rattler.index import index_fs; asyncio.run(index_fs(sys.argv[1]))"
_PACKAGE_LIST, _LAST_LIST = "packages.txt", "packages.before.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An index builder: how its packages are made, its ``command`` over a folder of them, and what it writes there."""

    name: str
    does: str
    path_of: Callable[[Release], str]
    package: Callable[[Release], bytes] | None
    command: Callable[[Path, str], list[str]]
    outputs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def peers() -> tuple[Peer, ...]:
    """Return the peers that could be installed here."""
    python, blender = _tools()
    found = []
    if python:
        found += [
            Peer(
                name="createrepo_c 1.2.5",
                does="reads every package; with --update only looks at names, sizes and times",
                path_of=lambda one: f"{one.name}-{one.version}-1.noarch.rpm",
                package=foreign_packages.rpm_package,
                command=lambda folder, step: [
                    str(python.with_name("createrepo_c")),
                    "--quiet",
                    "--workers=2",
                    *(["--update"] if step != "cold" else []),
                    str(folder),
                ],
                outputs=("repodata",),
            ),
            Peer(
                name="rattler index_fs 0.28",
                does="reads new packages; writes repodata, its zstd form and shards",
                path_of=lambda one: f"noarch/{one.name}-{one.version}-0.tar.bz2",
                package=foreign_packages.conda_package,
                command=lambda folder, _step: [str(python), "-c", _RATTLER, str(folder)],
                outputs=("noarch/repodata*", "noarch/shards", "linux-64"),
            ),
            Peer(
                name="dumb-pypi 1.15",
                does="reads names only, from a list; writes a page for each project",
                path_of=foreign_packages.wheel_name,
                package=None,
                command=lambda folder, step: [
                    str(python.with_name("dumb-pypi")),
                    f"--package-list={folder / _PACKAGE_LIST}",
                    *([f"--previous-package-list={folder / _LAST_LIST}"] if step != "cold" else []),
                    f"--output-dir={folder / 'out'}",
                    "--packages-url=../../packages/",
                    "--no-generate-timestamp",
                ],
                outputs=("out", _LAST_LIST),
            ),
        ]
    if _has_apt_ftparchive():
        found += [_apt("apt-ftparchive", "no-db"), _apt("apt-ftparchive --db", "db")]
    if blender:
        found.append(
            Peer(
                name="Blender server-generate 5.0",
                does="reads every package each time; writes one JSON document",
                path_of=lambda one: f"{one.name}-{one.version}.zip",
                package=foreign_packages.blender_extension,
                command=lambda folder, _step: [
                    sys.executable,
                    str(blender),
                    "server-generate",
                    f"--repo-dir={folder}",
                    "--output-type=JSON",
                ],
                outputs=("index.json",),
            )
        )
    return tuple(found)


def prepared(peer: Peer, packages: Iterable[Release], folder: Path) -> Path:
    """Write `packages` of the peer's kind below `folder`, unless they are there, and return where they are."""
    name = "".join(letter if letter.isalnum() else "-" for letter in peer.name)
    place, done = folder / name, folder / f"{name}.done"
    if not done.exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for release in packages:
            _add(peer, release, place)
        done.touch()
    return place


def measured(peer: Peer, place: Path, new: Release) -> Iterator[tuple[str, Cost]]:
    """Yield what each of `STEPS` costs, the last one with a `new` package; afterwards the place is as before."""
    for output in peer.outputs:
        for path in place.glob(output):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    listed = (place / _PACKAGE_LIST).read_text("utf-8") if peer.package is None else ""
    try:
        for step in STEPS:
            if step == "one change":
                _add(peer, new, place)
            yield step, cost_of(peer.command(place, step), environment={**os.environ, **peer.environment})
            if peer.package is None:
                shutil.copyfile(place / _PACKAGE_LIST, place / _LAST_LIST)
    finally:
        if peer.package is None:
            (place / _PACKAGE_LIST).write_text(listed, "utf-8")
        else:
            (place / peer.path_of(new)).unlink(missing_ok=True)


def _apt(name: str, database: str) -> Peer:
    # The shell keeps the output where the packages are; nothing of it comes from outside.
    cache = "--db cache.db " if database == "db" else ""
    return Peer(
        name=name,
        does="hashes every package four times" + (", once with a database" if cache else " each time"),
        path_of=lambda one: f"pool/{one.name}_{one.version}_all.deb",
        package=foreign_packages.debian_package,
        command=lambda folder, _step: [
            "sh",
            "-c",
            f'cd "$1" && apt-ftparchive {cache}packages pool > Packages',
            "sh",
            str(folder),
        ],
        outputs=("Packages", "cache.db"),
    )


def _has_apt_ftparchive() -> bool:
    """Return whether it is there; where this may, it is installed."""
    if not shutil.which("apt-ftparchive") and shutil.which("apt-get") and os.geteuid() == 0:
        command = ["apt-get", "install", "--quiet", "--quiet", "--yes", "--no-install-recommends", "apt-utils"]
        subprocess.run(command, check=False)
    return bool(shutil.which("apt-ftparchive"))


def _add(peer: Peer, release: Release, place: Path) -> None:
    if peer.package is None:
        with (place / _PACKAGE_LIST).open("a", encoding="utf-8") as names:
            names.write(f"{peer.path_of(release)}\n")
        return
    path = place / peer.path_of(release)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(peer.package(release))


def _tools() -> tuple[Path | None, Path | None]:
    """Return the Python that has the peers, and Blender's program; each None when it could not be installed."""
    python = TOOLS / "environment" / "bin" / "python"
    if not python.exists():
        venv.create(TOOLS / "environment", with_pip=True)
    if subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=False).returncode:
        return None, None
    found = next(TOOLS.glob("blender/**/blender_ext.py"), None)
    if found is None:
        wheels = TOOLS / "wheels"
        wanted = ["--only-binary=:all:", "--python-version=3.11", "--platform=manylinux_2_28_x86_64", BLENDER]
        subprocess.run([python, "-m", "pip", "download", "--quiet", "--no-deps", "-d", wheels, *wanted], check=False)
        for wheel in wheels.glob("bpy-*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                program = next(name for name in archive.namelist() if name.endswith("/cli/blender_ext.py"))
                found = Path(archive.extract(program, TOOLS / "blender"))
            wheel.unlink()
    return python, found
