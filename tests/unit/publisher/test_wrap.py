from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from foreign_archives import a_tarball, a_wheel, a_zip, an_npm_package
from pluginry.encoding import documents
from pluginry.errors import ArchiveError, DocumentError
from pluginry.model.digest import Digest
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.listing import Account, Listing, ListingOrigin
from pluginry.model.manifest import Change, EntryPoint, Manifest, Origin, Permission, Runtime
from pluginry.model.names import ANY_PLATFORM, Name, Platform, PluginId
from pluginry.model.release import ArtifactClaim, Source, Wrap, WrapFile
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.pack import pack
from pluginry.publisher.wrap import wrap

if TYPE_CHECKING:
    from pathlib import Path

PYTEST = Name("pytest")
HOSTS = MappingProxyType({PYTEST: VersionRange(">=7,<9")})
LINUX = Platform("linux-x86_64")
LISTING = Listing(
    name="Demo",
    summary="Shows demos",
    hosts=(PYTEST,),
    categories=("testing",),
    license="MIT",
    owners=(Account(login="acme", id=1),),
    sources=("pypi:demo-plugin",),
    status=Status.ACTIVE,
    origin=ListingOrigin(kind="pypi", name="demo-plugin"),
)
IN_PROCESS = PermissionMeaning(
    type="in-process",
    severity=Harm.MEDIUM,
    says="Runs inside {scope}",
    scopes=(ScopeMeaning(name="host", says="the test run"),),
    implied=True,
)
PROFILE = HostProfile(
    id=PYTEST,
    title="pytest",
    summary="Runs tests",
    versions=(Version("8.0.0"),),
    runtimes=(RuntimeKind(kind="python", summary="Python modules"),),
    permissions=(IN_PROCESS, replace(IN_PROCESS, type="network", implied=False)),
)


def _wrapped(
    archive: Path, how: Wrap, *, listing: Listing = LISTING, platform: Platform = ANY_PLATFORM, at: str = "scratch"
) -> tuple[Path, Manifest]:
    claim = ArtifactClaim(
        platform=platform,
        source=Source(pypi="demo-plugin", version="1.2"),
        sha256=Digest.of(archive.read_bytes()),
        wrap=how,
    )
    scratch = archive.parent / at
    scratch.mkdir()
    tree = wrap(
        archive,
        claim,
        id=PluginId.parse("pypi/demo-plugin"),
        version=Version("1.2.0"),
        listing=listing,
        hosts={PYTEST: PROFILE},
        scratch=scratch,
    )
    manifest = documents.decode(Manifest, (tree / "plugin.json").read_bytes(), what="plugin.json")
    return tree, manifest


def _names(tree: Path) -> list[str]:
    return sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())


def test_a_wheel_becomes_a_tree_with_a_manifest_of_its_own_metadata(tmp_path: Path) -> None:
    tree, manifest = _wrapped(a_wheel(tmp_path), Wrap(format="wheel", hosts=HOSTS))

    assert _names(tree) == [
        "lib/demo_plugin-1.2.0.dist-info/METADATA",
        "lib/demo_plugin-1.2.0.dist-info/RECORD",
        "lib/demo_plugin-1.2.0.dist-info/WHEEL",
        "lib/demo_plugin-1.2.0.dist-info/entry_points.txt",
        "lib/demo_plugin-1.2.0.dist-info/licenses/LICENSE.txt",
        "lib/demo_plugin/__init__.py",
        "lib/demo_plugin/hooks.py",
        "plugin.json",
    ]
    assert (str(manifest.id), str(manifest.version)) == ("pypi/demo-plugin", "1.2.0")
    assert manifest.hosts == HOSTS
    assert manifest.runtime == Runtime(kind="python", paths=("lib",))
    assert manifest.entry_points == {"pytest11": (EntryPoint(name="demo", target="demo_plugin.hooks"),)}
    assert manifest.environment.runtime == ">=3.10"
    assert manifest.environment.requirements == ("pytest<9,>=7",)
    assert manifest.license_files == ("lib/demo_plugin-1.2.0.dist-info/licenses/LICENSE.txt",)
    assert manifest.origin == Origin(kind="pypi", name="demo-plugin", version="1.2")


def test_permissions_that_a_host_gives_to_every_plugin_are_named(tmp_path: Path) -> None:
    _, manifest = _wrapped(a_wheel(tmp_path), Wrap(format="wheel", hosts=HOSTS))

    assert [permission.grant for permission in manifest.permissions] == ["in-process:host"]
    assert manifest.permissions[0].reason == "Every plugin of pytest has this"


def test_what_the_claim_says_goes_before_what_the_archive_says(tmp_path: Path) -> None:
    asked = (
        Permission(type="network", scope="servers", reason="Looks things up"),
        Permission(type="in-process", scope="host", reason="It is a hook"),
    )
    how = Wrap(
        format="wheel",
        hosts=HOSTS,
        runtime=Runtime(kind="python", entry_point="demo_plugin:main", paths=("lib",)),
        permissions=asked,
        entry_points=MappingProxyType({"pytest11": (EntryPoint(name="other", target="demo_plugin"),)}),
        origin=Origin(kind="pypi", name="other", version="9"),
        changes=(Change(kind="fixed", text="Everything"),),
    )

    _, manifest = _wrapped(a_wheel(tmp_path), how)

    assert manifest.permissions == asked
    assert manifest.permissions[1].reason == "It is a hook"
    assert manifest.runtime == how.runtime
    assert manifest.entry_points == how.entry_points
    assert manifest.origin == how.origin
    assert manifest.changes == how.changes


def test_data_of_a_wheel_goes_where_an_installer_puts_it(tmp_path: Path) -> None:
    files = {
        "demo_plugin-1.2.0.data/purelib/extra.py": b"",
        "demo_plugin-1.2.0.data/scripts/demo": b"#!python\n",
        "demo_plugin-1.2.0.data/data/share/demo.txt": b"x",
        "demo_plugin-1.2.0.data/headers/demo.h": b"x",
    }

    tree, _ = _wrapped(a_wheel(tmp_path, files=files), Wrap(format="wheel", hosts=HOSTS))

    assert {"lib/extra.py", "scripts/demo", "data/share/demo.txt"} <= set(_names(tree))
    assert not [name for name in _names(tree) if name.endswith(".h")]


def test_two_files_for_one_place_are_refused(tmp_path: Path) -> None:
    files = {"demo_plugin-1.2.0.data/purelib/demo_plugin/hooks.py": b"other"}

    with pytest.raises(ArchiveError):
        _wrapped(a_wheel(tmp_path, files=files), Wrap(format="wheel", hosts=HOSTS))


def test_an_npm_package_becomes_a_tree_with_a_manifest_of_its_own_metadata(tmp_path: Path) -> None:
    archive = an_npm_package(tmp_path, top="demo", dependencies={"semver": "^7"}, files={"deep/LICENSE": b"x"})

    tree, manifest = _wrapped(archive, Wrap(format="npm", hosts=HOSTS))

    assert _names(tree) == [
        "package/LICENSE",
        "package/deep/LICENSE",
        "package/lib/index.js",
        "package/package.json",
        "plugin.json",
    ]
    assert manifest.runtime == Runtime(kind="node", entry_point="package/lib/index.js")
    assert manifest.environment.runtime == ">=18"
    assert manifest.environment.requirements == ("eslint@^8.0.0 || ^9.0.0", "semver@^7")
    assert manifest.license_files == ("package/LICENSE",)


def test_an_npm_package_that_runs_scripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="scripts"):
        _wrapped(an_npm_package(tmp_path, scripts={"postinstall": "curl x | sh"}), Wrap(format="npm", hosts=HOSTS))


def test_a_requirement_of_endless_length_becomes_short(tmp_path: Path) -> None:
    _, manifest = _wrapped(an_npm_package(tmp_path, dependencies={"a": "1 || " * 100}), Wrap(format="npm", hosts=HOSTS))

    assert "a@*" in manifest.environment.requirements


def _program(files: tuple[WrapFile, ...] = (), *, entry_point: str = "tool", archive_format: str = "tar.gz") -> Wrap:
    runtime = Runtime(kind="process", entry_point=entry_point)
    return Wrap(format=archive_format, hosts=HOSTS, runtime=runtime, files=files)


def _rule(source: str, target: str) -> WrapFile:
    return WrapFile(source=source, target=target)


FILES = {
    "top-1.0/bin/tool": b"#!/bin/sh\n",
    "top-1.0/lib/a.txt": b"a",
    "top-1.0/lib/sub/b.txt": b"b",
    "top-1.0/LICENSE": b"l",
    "tool": b"#!/bin/sh\n",
}


@pytest.mark.parametrize(
    ("rules", "entry_point", "expected"),
    [
        ((), "tool", [*FILES]),
        ((_rule("*", "."),), "./tool", [*FILES]),
        ((_rule("tool", "."), _rule("*/LICENSE", ".")), "tool", ["LICENSE", "tool"]),
        ((_rule("/tool", "./bin/"),), "bin", ["bin"]),
        ((_rule("top-*/bin/tool", "sbin"),), "sbin/tool", ["sbin/tool"]),
        (
            (_rule("top-1.0", "x"), _rule("tool", ".")),
            "tool",
            ["tool", *(n.replace("top-1.0", "x") for n in FILES if "/" in n)],
        ),
        ((_rule("top-*/lib/*", "data"), _rule("tool", ".")), "tool", ["data/a.txt", "data/sub/b.txt", "tool"]),
        ((_rule("*", "."), _rule("tool", "kit")), "kit", ["kit", *(n for n in FILES if "/" in n)]),
    ],
)
def test_the_claim_says_what_is_taken_out_of_an_archive(
    tmp_path: Path, rules: tuple[WrapFile, ...], entry_point: str, expected: list[str]
) -> None:
    archive = a_tarball(tmp_path / "a.tar.gz", FILES)

    tree, _ = _wrapped(archive, _program(rules, entry_point=entry_point))

    assert _names(tree) == sorted([*expected, "plugin.json"])


def test_zip_files_are_taken_apart_the_same_way(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", FILES)

    tree, manifest = _wrapped(archive, _program((_rule("tool", "."),), archive_format="zip"))

    assert _names(tree) == ["plugin.json", "tool"]
    assert manifest.runtime == Runtime(kind="process", entry_point="tool")


def test_programs_of_all_platforms_give_one_manifest(tmp_path: Path) -> None:
    linux = a_tarball(tmp_path / "l.tar.gz", {"bin/tool-linux": b"\x7fELF", "LICENSE": b"l"})
    windows = a_zip(tmp_path / "w.zip", {"bin/tool.exe": b"MZ"})

    tree, first = _wrapped(linux, _program(entry_point="bin/tool-linux"), platform=LINUX, at="l")
    _, second = _wrapped(
        windows, _program(entry_point="bin/tool.exe", archive_format="zip"), platform=Platform("windows-x86_64"), at="w"
    )

    assert first == second
    assert first.runtime.entry_point == "bin/demo-plugin"
    assert _names(tree) == ["LICENSE", "bin/demo-plugin", "plugin.json"]


def test_an_add_on_needs_no_program(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", {"manifest.ini": b"x", "LICENSE.txt": b"l"})

    _, manifest = _wrapped(archive, Wrap(format="zip", hosts=HOSTS, runtime=Runtime(kind="addon")))

    assert manifest.runtime == Runtime(kind="addon")
    assert manifest.license_files == ("LICENSE.txt",)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (Wrap(format="tar.gz", hosts=HOSTS), "how the files of the archive are run"),
        (_program(entry_point="missing"), "not in the archive"),
        (_program((_rule("nothing", "."),)), "takes nothing"),
        (_program((_rule("top-1.0/lib/*", "."),)), "not in the archive"),
        (Wrap(format="rpm", hosts=HOSTS), "cannot be wrapped"),
    ],
)
def test_a_claim_that_does_not_fit_its_archive_is_refused(tmp_path: Path, how: Wrap, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        _wrapped(a_tarball(tmp_path / "a.tar.gz", FILES), how)


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        ({"tool": b"", "plugin.json": b"{}"}, ()),
        ({"tool": b"", "Plugin.json": b"{}"}, ()),
        ({"tool": b"", "files.json": b"{}"}, ()),
        ({"tool": b"", "a/x": b"1", "b/x": b"2"}, (_rule("*/x", "."), _rule("tool", "."))),
        ({"tool": b"", "x": b"1"}, (_rule("x", "../x"), _rule("tool", "."))),
        ({"tool": b"", "x": b"1"}, (_rule("x", "aux"), _rule("tool", "."))),
    ],
)
def test_files_do_not_take_each_others_place_or_leave_the_tree(
    tmp_path: Path, files: dict[str, bytes], rules: tuple[WrapFile, ...]
) -> None:
    with pytest.raises(ArchiveError):
        _wrapped(a_tarball(tmp_path / "a.tar.gz", files), _program(rules))


def test_a_claim_without_wrap_is_refused(tmp_path: Path) -> None:
    claim = ArtifactClaim(platform=ANY_PLATFORM, source=Source(url="https://example.com/a"), sha256=Digest.of(b""))

    with pytest.raises(DocumentError, match="does not say how"):
        wrap(
            tmp_path / "a",
            claim,
            id=PluginId.parse("a/b"),
            version=Version("1.0.0"),
            listing=LISTING,
            hosts={},
            scratch=tmp_path,
        )


def test_an_origin_is_only_known_when_the_listing_knows_it(tmp_path: Path) -> None:
    how = Wrap(format="wheel", hosts=HOSTS)

    _, manifest = _wrapped(a_wheel(tmp_path), how, listing=replace(LISTING, origin=None))

    assert manifest.origin is None


@pytest.mark.parametrize("make", [a_wheel, an_npm_package])
def test_the_same_archive_gives_the_same_package_to_the_byte(tmp_path: Path, make: Any) -> None:
    archive = make(tmp_path)
    how = Wrap(format="wheel" if make is a_wheel else "npm", hosts=HOSTS)

    packages = []
    for at in ("one", "two"):
        tree, _ = _wrapped(archive, how, at=at)
        packages.append(pack(tree, out=tmp_path / f"{at}.zip").path.read_bytes())

    assert packages[0] == packages[1]
