"""What the scan sees in a package: numbers, programs, secrets, and scripts that other tools would run."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from packages import zipped
from plugin_trees import FILES, PRIVATE_KEY, TOKEN, a_tree
from pluginry.encoding.archive import read_archive
from pluginry.encoding.documents import decode, encode
from pluginry.errors import ArchiveError
from pluginry.model.digest import Digest
from pluginry.model.facts import Facts
from pluginry.model.finding import Severity
from pluginry.model.names import ANY_PLATFORM, Platform
from pluginry.publisher import scan as stage
from pluginry.publisher.pack import PackedArtifact, pack
from pluginry.publisher.scan import SCANNERS, ScanResult, facts_of_release, scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NATIVE = b"\x7fELF\x02\x01\x01"


@pytest.fixture
def packed(tmp_path: Path) -> PackedArtifact:
    return pack(a_tree(tmp_path / "plugin"), out=tmp_path / "out.zip")


def scanned(packed: PackedArtifact, extra: Mapping[str, bytes | str], platform: Platform = ANY_PLATFORM) -> ScanResult:
    """Scan an archive of just a manifest and `extra` files: the scan does not ask for more."""
    bodies = {name: body.encode() if isinstance(body, str) else body for name, body in extra.items()}
    data = zipped({"plugin.json": packed.manifest_bytes, **bodies})
    archive = read_archive(io.BytesIO(data))
    return scan(archive, platform=platform, manifest=packed.manifest, digest=Digest.of(data))


def seen(packed: PackedArtifact, extra: Mapping[str, bytes | str]) -> list[tuple[str, str, int]]:
    return [(f.rule, f.where.file, f.where.line) for f in scanned(packed, extra).findings]


class TestFacts:
    def test_a_package_by_numbers(self, packed: PackedArtifact) -> None:
        with packed.path.open("rb") as stream:
            result = scan(
                read_archive(stream), platform=ANY_PLATFORM, manifest=packed.manifest, digest=packed.blob.sha256
            )
        facts = result.facts
        assert (facts.platform, facts.sha256, facts.files) == (ANY_PLATFORM, packed.blob.sha256, len(FILES) + 1)
        assert facts.unpacked_size == sum(member.file_size for member in zipfile.ZipFile(packed.path).infolist())
        assert facts.executables == ("tools/train",)
        assert facts.suffixes == {"(none)": 2, ".json": 3, ".md": 1, ".py": 1, ".txt": 1}
        assert result.findings == ()

    def test_programs_are_those_that_are_marked_or_start_like_one(self, packed: PackedArtifact) -> None:
        facts = scanned(packed, {"a": NATIVE, "b": "#!/bin/sh\n", "c": "echo\n"}).facts
        assert facts.executables == ("a", "b")

    @pytest.mark.parametrize(
        ("name", "suffix"),
        [
            ("a.TAR.GZ", ".gz"),
            (".hidden", "(none)"),
            ("a.b/c", "(none)"),
            ("x." + "y" * 100, "(other)"),
            ("dot.x", ".x"),
        ],
    )
    def test_suffixes(self, packed: PackedArtifact, name: str, suffix: str) -> None:
        assert scanned(packed, {name: ""}).facts.suffixes == {".json": 1, suffix: 1}

    def test_a_thousand_suffixes_are_put_together(self, packed: PackedArtifact) -> None:
        suffixes = scanned(packed, {f"f.{number}": "" for number in range(1000)}).facts.suffixes
        assert len(suffixes) == 101
        assert sum(suffixes.values()) == 1001

    def test_folders_are_no_files(self, packed: PackedArtifact) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(zipfile.ZipInfo("plugin.json"), packed.manifest_bytes)
            archive.writestr(zipfile.ZipInfo("folder/"), b"")
        result = scan(read_archive(stream), platform=ANY_PLATFORM, manifest=packed.manifest, digest=packed.blob.sha256)
        assert result.facts.files == 1

    def test_facts_of_a_release_are_a_document(self, packed: PackedArtifact) -> None:
        linux, windows = Platform("linux-x86_64"), Platform("windows-x86_64")
        results = [scanned(packed, {"a": NATIVE, "setup.py": ""}, platform) for platform in (windows, linux)]
        facts = facts_of_release(packed.manifest, results)
        assert [artifact.platform for artifact in facts.artifacts] == [linux, windows]
        assert [(f.rule, f.severity, f.file) for f in facts.findings] == [
            ("scan.native-code", "note", "a"),
            ("scan.install-script", "needs_review", "setup.py"),
        ]
        assert set(facts.scanners) == {scanner.name for scanner in SCANNERS}
        assert decode(Facts, encode(facts), what="facts") == facts


class TestFindings:
    def test_secrets_have_file_and_line_and_need_review(self, packed: PackedArtifact) -> None:
        result = scanned(packed, {"conf/.env": "", "src/a.py": f"\n\nkey = '{TOKEN}'\n{PRIVATE_KEY}"})
        assert [(f.rule, f.where.file, f.where.line) for f in result.findings] == [
            ("scan.secret-file", "conf/.env", 0),
            ("scan.secret", "src/a.py", 3),
            ("scan.secret", "src/a.py", 4),
        ]
        assert {finding.severity for finding in result.findings} == {Severity.NEEDS_REVIEW}
        assert TOKEN not in repr(result)

    def test_contents_that_nobody_can_look_into_are_noted(self, packed: PackedArtifact) -> None:
        assert seen(packed, {"lib/x.so": NATIVE, "data.zip": b"PK\x03\x04...", "a.gz": b"\x1f\x8b\x08"}) == [
            ("scan.nested-archive", "a.gz", 0),
            ("scan.nested-archive", "data.zip", 0),
            ("scan.native-code", "lib/x.so", 0),
        ]

    @pytest.mark.parametrize("name", ["setup.py", "deep/Setup.py", "binding.gyp"])
    def test_install_scripts(self, packed: PackedArtifact, name: str) -> None:
        assert seen(packed, {name: ""}) == [("scan.install-script", name, 0)]

    @pytest.mark.parametrize("script", ["preinstall", "install", "postinstall"])
    def test_npm_scripts(self, packed: PackedArtifact, script: str) -> None:
        document = f'{{"version": 1.0, "scripts": {{"{script}": "node x.js", "test": "jest"}}}}'
        assert seen(packed, {"package/package.json": document}) == [("scan.install-script", "package/package.json", 0)]

    @pytest.mark.parametrize(
        "document", ["{}", '{"scripts": {"test": "jest", "install": ""}}', '{"scripts": []}', "[]", '{"scripts": "x"}']
    )
    def test_npm_packages_without_install_scripts(self, packed: PackedArtifact, document: str) -> None:
        assert seen(packed, {"package.json": document}) == []

    @pytest.mark.parametrize("document", [b"{", b"\xff", b"[" * 100_000, b" " * ((1 << 20) + 1)], ids=len)
    def test_npm_packages_that_cannot_be_read(self, packed: PackedArtifact, document: bytes) -> None:
        assert seen(packed, {"package.json": document}) == [("scan.unclear-scripts", "package.json", 0)]

    def test_startup_hooks_of_python(self, packed: PackedArtifact) -> None:
        files = {"a.pth": "lib\nimport evil\n", "b.pth": "lib\nimportant\n", "src/sitecustomize.py": ""}
        assert seen(packed, files) == [
            ("scan.startup-hook", "a.pth", 2),
            ("scan.startup-hook", "src/sitecustomize.py", 0),
        ]

    def test_a_flood_of_findings_is_cut_for_each_scanner(self, packed: PackedArtifact) -> None:
        files = {f"{number}/setup.py": "" for number in range(300)} | {f"{number}.so": NATIVE for number in range(300)}
        rules = [rule for rule, _, _ in seen(packed, files | {"z.txt": TOKEN})]
        assert (rules.count("scan.install-script"), rules.count("scan.native-code")) == (100, 100)
        assert "scan.secret" in rules

    def test_findings_do_not_depend_on_how_members_are_compressed(self, packed: PackedArtifact) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("plugin.json", packed.manifest_bytes)
            archive.writestr("a.txt", "x\n" * 100_000 + TOKEN)
        result = scan(read_archive(stream), platform=ANY_PLATFORM, manifest=packed.manifest, digest=packed.blob.sha256)
        assert [(f.rule, f.where.line) for f in result.findings] == [("scan.secret", 100_001)]

    def test_damaged_contents_are_an_error(self, packed: PackedArtifact) -> None:
        data = packed.path.read_bytes().replace(b"lottery", b"lOttery")
        with pytest.raises(ArchiveError):
            scan(
                read_archive(io.BytesIO(data)),
                platform=ANY_PLATFORM,
                manifest=packed.manifest,
                digest=packed.blob.sha256,
            )


def test_every_rule_says_what_why_and_how() -> None:
    assert len({rule.id for rule in stage.RULES}) == len(stage.RULES)
    for rule in stage.RULES:
        assert rule.id.startswith("scan.")
        assert all((rule.title, rule.why, rule.fix))
        assert rule.severity is not Severity.BLOCKS, "a scanner's hit never blocks by itself"
