"""What goes into a package and what stays out, and every reason for which a folder cannot be packed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from plugin_trees import MANIFEST, PLATFORM_FILES, PRIVATE_KEY, TOKEN, a_tree, names_in, rules_of, write
from pluginry.errors import DocumentError, UsageError
from pluginry.model.finding import Severity
from pluginry.model.names import Platform
from pluginry.publisher import pack as stage
from pluginry.publisher.pack import findings_of_tree, pack, packed_digest, plan_package

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.finding import Finding

LINUX, MACOS, WINDOWS = Platform("linux-x86_64"), Platform("macos-aarch64"), Platform("windows-x86_64")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return a_tree(tmp_path / "plugin")


def only_finding(tree: Path) -> Finding:
    (finding,) = findings_of_tree(tree)
    return finding


class TestWhatIsLeftOut:
    @pytest.mark.parametrize(
        "name",
        [
            "plugin.yaml",
            ".pluginryignore",
            ".git/config",
            ".gitignore",
            ".github/workflows/release.yml",
            ".venv/lib/x.py",
            "src/__pycache__/x.cpython-311.pyc",
            "src/x.pyc",
            "node_modules/left/index.js",
            ".DS_Store",
            "src/.DS_Store",
            "notes.txt~",
        ],
    )
    def test_what_tools_leave_behind(self, tree: Path, tmp_path: Path, name: str) -> None:
        expected = packed_digest(tree)
        if name != "plugin.yaml":
            write(tree, name, "")
        packed = pack(tree, out=tmp_path / "out.zip")
        assert name not in names_in(packed.path)
        assert packed.blob == expected

    @pytest.mark.parametrize(
        ("patterns", "left_out", "kept"),
        [
            ("tests/", ["tests/a.py", "src/tests/b.py"], ["src/tests.py"]),
            ("/tests/", ["tests/a.py"], ["src/tests/b.py"]),
            ("*.map", ["a.map", "src/deep/b.map"], ["map", "a.map.txt"]),
            ("src/*.txt", ["src/a.txt"], ["src/deep/a.txt", "a.txt"]),
            ("src/**/a.txt", ["src/a.txt", "src/x/y/a.txt"], ["a.txt"]),
            ("**/deep/*.txt", ["deep/a.txt", "x/y/deep/b.txt"], ["deep/x/a.txt"]),
            ("docs/**\n!docs/index.md", ["docs/a.md"], ["docs/index.md"]),
            ("*.txt\n!keep.txt", ["a.txt"], ["keep.txt", "src/keep.txt"]),
            ("!node_modules/", [], ["node_modules/left.js"]),
            ("# no comment\n\n  \nfile[0-9].bin\r\n", ["file1.bin"], ["filex.bin", "# no comment"]),
            ("?.c", ["a.c"], ["ab.c"]),
        ],
    )
    def test_what_the_author_names(
        self, tree: Path, tmp_path: Path, patterns: str, left_out: list[str], kept: list[str]
    ) -> None:
        write(tree, ".pluginryignore", patterns)
        for name in (*left_out, *kept):
            write(tree, name, "")
        packed = set(names_in(pack(tree, out=tmp_path / "out.zip").path))
        assert packed.isdisjoint(left_out)
        assert packed.issuperset(kept)

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"ok\n/\n", 2),
            (b"../secrets\n", 1),
            (b"a\n\xff\n", 2),
            (b"x\n" * 201, 201),
            (b"#" * (65 << 10), 0),
        ],
    )
    def test_patterns_that_cannot_be_used_are_a_finding(self, tree: Path, content: bytes, line: int) -> None:
        write(tree, ".pluginryignore", content)
        finding = only_finding(tree)
        assert (finding.rule, finding.where.line) == ("pack.ignore-file", line)

    def test_hostile_patterns_cost_little(self, tree: Path) -> None:
        write(tree, ".pluginryignore", "\n".join(["*a" * 60 + "b", "**/" * 60 + "x", "[" * 99] * 60))
        write(tree, "/".join(["a" * 8] * 30) + "/" + "a" * 200, "")
        assert findings_of_tree(tree) == ()


class TestPlatforms:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        return a_tree(tmp_path / "plugin", files=PLATFORM_FILES)

    def test_any_has_the_files_of_all(self, tree: Path, tmp_path: Path) -> None:
        names = names_in(pack(tree, out=tmp_path / "out.zip").path)
        assert {"bin/linux/fast.so", "bin/windows/fast.dll"} <= set(names)

    def test_a_platform_has_its_own_files_and_those_of_none(self, tree: Path, tmp_path: Path) -> None:
        for platform, own, other in (
            (LINUX, "bin/linux/fast.so", "bin/windows/fast.dll"),
            (Platform("linux-aarch64"), "bin/linux/fast.so", "bin/windows/fast.dll"),
            (WINDOWS, "bin/windows/fast.dll", "bin/linux/fast.so"),
        ):
            names = names_in(pack(tree, platform=platform, out=tmp_path / f"{platform}.zip").path)
            assert own in names
            assert "tools/train" in names
            assert other not in names

    def test_the_manifest_is_the_same_for_all(self, tree: Path, tmp_path: Path) -> None:
        manifests = {
            pack(tree, platform=platform, out=tmp_path / f"{platform}.zip").manifest_bytes
            for platform in (Platform("any"), LINUX, WINDOWS)
        }
        assert len(manifests) == 1

    def test_the_innermost_folder_decides(self, tmp_path: Path) -> None:
        manifest = PLATFORM_FILES["plugin.yaml"].replace(b"linux-aarch64: bin/linux", b"linux-aarch64: bin/linux/arm")
        tree = a_tree(tmp_path / "nested", {"plugin.yaml": manifest, "bin/linux/arm/x": ""}, files=PLATFORM_FILES)
        arm = names_in(pack(tree, platform=Platform("linux-aarch64"), out=tmp_path / "arm.zip").path)
        intel = names_in(pack(tree, platform=LINUX, out=tmp_path / "intel.zip").path)
        assert ("bin/linux/arm/x" in arm, "bin/linux/fast.so" in arm) == (True, False)
        assert ("bin/linux/arm/x" in intel, "bin/linux/fast.so" in intel) == (False, True)

    def test_a_platform_without_files_is_refused(self, tree: Path, tmp_path: Path) -> None:
        (finding,) = findings_of_tree(tree, platform=MACOS)
        assert finding.rule == "pack.platform"
        assert finding.where.line == 11
        with pytest.raises(DocumentError, match="none for macos-aarch64"):
            pack(tree, platform=MACOS, out=tmp_path / "out.zip")

    def test_a_plugin_without_folders_for_platforms_packs_for_any_of_them(self, tmp_path: Path) -> None:
        tree = a_tree(tmp_path / "plain")
        assert packed_digest(tree, platform=MACOS) == packed_digest(tree)


class TestRefusals:
    def test_a_good_folder_has_no_findings(self, tree: Path) -> None:
        assert findings_of_tree(tree) == ()

    def test_a_folder_without_manifest(self, tree: Path) -> None:
        (tree / "plugin.yaml").unlink()
        assert only_finding(tree).rule == "pack.no-manifest"

    def test_a_folder_with_two_manifests(self, tree: Path) -> None:
        write(tree, "plugin.json", "{}")
        assert only_finding(tree).rule == "pack.two-manifests"

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"", "yaml.empty"),
            (b"\xff\xfe", "yaml.encoding"),
            (b"a: [", "yaml.syntax"),
            (b"a: &x 1\nb: *x\n", "yaml.alias"),
            (MANIFEST.encode() + b"schema: 1\n", "yaml.duplicate-key"),
            (b"[" * 100_000, "yaml.too-deep"),
            (b"x" * (300 << 10), "yaml.too-large"),
            (b"schema: 1\n", "schema.required"),
            (MANIFEST.replace("acme/spam-filter", "../../etc").encode(), "schema.pattern"),
            (MANIFEST.replace("config.schema.json", "../secret").encode(), "schema.pattern"),
            (MANIFEST.encode() + b"extra: 1\n", "schema.unknown-key"),
        ],
    )
    def test_hostile_manifests(self, tree: Path, tmp_path: Path, content: bytes, rule: str) -> None:
        write(tree, "plugin.yaml", content)
        assert rule in rules_of(findings_of_tree(tree))
        with pytest.raises(DocumentError):
            pack(tree, out=tmp_path / "out.zip")
        assert not (tmp_path / "out.zip").exists()

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"schema": 1.0}', b"x" * (300 << 10)]
    )
    def test_hostile_finished_manifests(self, tree: Path, content: bytes) -> None:
        (tree / "plugin.yaml").unlink()
        write(tree, "plugin.json", content)
        assert rules_of(findings_of_tree(tree)) == {"pack.bad-manifest"}

    def test_everything_wrong_is_said_in_one_run(self, tree: Path) -> None:
        write(tree, "plugin.yaml", MANIFEST + "extra: 1\n")
        write(tree, ".env", "A=1")
        (tree / "link").symlink_to("LICENSE")
        assert rules_of(findings_of_tree(tree)) == {"schema.unknown-key", "pack.secret-file", "pack.link"}

    def test_places_are_the_way_the_folder_was_named(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tree, "src/settings.py", f"a = 1\ntoken = '{TOKEN}'\n")
        assert str(only_finding(tree).where) == f"{tree.as_posix()}/src/settings.py:2:1"
        monkeypatch.chdir(tree)
        assert str(only_finding(tree.__class__()).where) == "src/settings.py:2:1"

    @pytest.mark.parametrize("target", ["/etc/passwd", "LICENSE", "../..", "nowhere"])
    def test_symbolic_links(self, tree: Path, target: str) -> None:
        (tree / "src/link").symlink_to(target)
        assert only_finding(tree).rule == "pack.link"

    def test_a_manifest_that_is_a_link(self, tree: Path, tmp_path: Path) -> None:
        (tree / "plugin.yaml").rename(tmp_path / "elsewhere.yaml")
        (tree / "plugin.yaml").symlink_to(tmp_path / "elsewhere.yaml")
        assert only_finding(tree).rule == "pack.link"

    def test_a_link_that_is_left_out_is_nobodys_business(self, tree: Path) -> None:
        (tree / ".venv").symlink_to("/usr")
        write(tree, ".pluginryignore", "link\n.venv")
        (tree / "link").symlink_to("/etc")
        assert findings_of_tree(tree) == ()

    def test_a_pattern_file_that_is_a_link_is_not_read(self, tree: Path, tmp_path: Path) -> None:
        write(tmp_path, "patterns", "LICENSE")
        (tree / ".pluginryignore").symlink_to(tmp_path / "patterns")
        assert findings_of_tree(tree) == ()

    def test_hard_links_from_elsewhere(self, tree: Path, tmp_path: Path) -> None:
        os.link(write(tmp_path, "outside", "mine"), tree / "inside")
        assert only_finding(tree).rule == "pack.hard-link"

    def test_hard_links_inside_are_files(self, tree: Path) -> None:
        os.link(tree / "LICENSE", tree / "COPYING")
        assert findings_of_tree(tree) == ()

    def test_pipes(self, tree: Path) -> None:
        os.mkfifo(tree / "pipe")
        assert only_finding(tree).rule == "pack.special-file"

    @pytest.mark.parametrize(
        "name", [".env", ".env.local", "src/id_rsa", "id_ed25519", "conf/cert.P12", ".netrc", ".pypirc", "store.jks"]
    )
    def test_files_that_hold_secrets_by_their_name(self, tree: Path, name: str) -> None:
        write(tree, name, "")
        assert only_finding(tree).rule == "pack.secret-file"

    @pytest.mark.parametrize("name", [".env.example", "environment.py", "id_rsa.pub", "keys.md"])
    def test_files_that_only_sound_like_it(self, tree: Path, name: str) -> None:
        write(tree, name, "")
        assert findings_of_tree(tree) == ()

    @pytest.mark.parametrize("name", ["server.pem", "server.key", "src/code.py"])
    def test_private_keys(self, tree: Path, name: str) -> None:
        write(tree, name, f"first\n{PRIVATE_KEY}")
        finding = only_finding(tree)
        assert (finding.rule, finding.where.line) == ("pack.secret", 2)

    def test_a_secret_in_the_manifest(self, tree: Path) -> None:
        write(tree, "plugin.yaml", MANIFEST.replace("Scores", f"Uses {TOKEN}"))
        finding = only_finding(tree)
        assert (finding.rule, finding.where.line) == ("pack.secret", 7)

    def test_a_finding_does_not_repeat_the_secret(self, tree: Path) -> None:
        write(tree, "a.txt", TOKEN)
        assert TOKEN not in repr(only_finding(tree))

    @pytest.mark.parametrize(
        "name", ["CON", "src/aux.txt", "a\\b", "a:b", "ends.", "tab\there", "e\u0301.txt", "\u202egpj"]
    )
    def test_unsafe_names(self, tree: Path, name: str) -> None:
        write(tree, name, "")
        assert only_finding(tree).rule == "pack.unsafe-name"

    def test_names_that_are_not_utf8(self, tree: Path) -> None:
        write(tree, os.fsdecode(b"\xff.txt"), "")
        finding = only_finding(tree)
        assert finding.rule == "pack.unsafe-name"

    def test_an_unsafe_folder_is_said_once(self, tree: Path) -> None:
        write(tree, "aux/one", "")
        write(tree, "aux/two", "")
        assert only_finding(tree).rule == "pack.unsafe-name"

    def test_folders_that_are_too_deep(self, tree: Path) -> None:
        write(tree, "/".join("a" * 1 for _ in range(60)), "")
        assert only_finding(tree).rule == "pack.unsafe-name"

    @pytest.mark.parametrize(
        ("one", "two"),
        [("Notes.txt", "notes.txt"), ("Src/x", "src/y"), ("stra\u00dfe", "STRASSE"), ("Plugin.JSON", "z")],
    )
    def test_colliding_names(self, tree: Path, one: str, two: str) -> None:
        write(tree, one, "")
        write(tree, two, "")
        assert rules_of(findings_of_tree(tree)) == {"pack.colliding-name"}

    def test_a_files_json_of_the_plugin(self, tree: Path) -> None:
        write(tree, "files.json", "[]")
        assert only_finding(tree).rule == "pack.reserved-name"

    def test_too_many_files(self, tree: Path) -> None:
        for number in range(10_000):
            (tree / f"{number}").touch()
        assert only_finding(tree).rule == "pack.too-large"

    def test_too_many_bytes(self, tree: Path) -> None:
        with (tree / "hole").open("wb") as file:
            file.truncate((512 << 20) + 1)
        assert only_finding(tree).rule == "pack.too-large"

    def test_a_large_package_is_a_note(self, tree: Path) -> None:
        with (tree / "hole").open("wb") as file:
            file.truncate((64 << 20) + 1)
        plan = plan_package(tree)
        assert [(finding.rule, finding.severity) for finding in plan.findings] == [("pack.large", Severity.NOTE)]
        assert not plan.is_refused

    @pytest.mark.parametrize(
        ("old", "new", "line"),
        [
            ("config_schema: config.schema.json", "config_schema: Config.schema.json", 8),
            ("[LICENSE]", "[LICENSE, NOTICE]", 9),
            ("license_files: [LICENSE]", "assets: {icons: {'64': icon.png}}", 9),
            ("license_files: [LICENSE]", "assets: {docs: docs/}", 9),
            ("license_files: [LICENSE]", "assets: {locales: LICENSE}", 9),
            ("license_files: [LICENSE]", "assets: {platforms: {linux-x86_64: bin}}", 9),
            ("paths: [src]", "paths: [src, lib]", 5),
        ],
    )
    def test_manifests_that_name_what_is_not_there(self, tree: Path, old: str, new: str, line: int) -> None:
        write(tree, "plugin.yaml", MANIFEST.replace(old, new))
        finding = only_finding(tree)
        assert (finding.rule, finding.where.line) == ("pack.missing-file", line)

    def test_a_misspelt_file_is_suggested(self, tree: Path) -> None:
        write(tree, "plugin.yaml", MANIFEST.replace("config.schema.json", "config.schma.json"))
        assert only_finding(tree).hint == "did you mean 'config.schema.json'?"

    def test_what_is_left_out_is_not_there(self, tree: Path) -> None:
        write(tree, ".pluginryignore", "LICENSE")
        assert only_finding(tree).rule == "pack.missing-file"

    @pytest.mark.parametrize(
        "runtime",
        [
            'kind: python, entry_point: "spam_filters:Plugin", paths: [src]',
            'kind: python, entry_point: "spam_filter:Plugin"',
            'kind: python, entry_point: "spam filter", paths: [src]',
            'kind: python, entry_point: "spam_filter:Plugin()", paths: [src]',
            "kind: process, entry_point: tools/trane",
            "kind: wasm, entry_point: plugin.wasm",
        ],
    )
    def test_entry_points_that_are_not_there(self, tree: Path, runtime: str) -> None:
        line = 'kind: python, entry_point: "spam_filter:Plugin", paths: [src]'
        write(tree, "plugin.yaml", MANIFEST.replace(line, runtime))
        finding = only_finding(tree)
        assert (finding.rule, finding.where.line) == ("pack.entry-point", 5)

    @pytest.mark.parametrize(
        ("entry_point", "file"),
        [
            ("spam_filter", None),
            ("spam_filter:Plugin.start", None),
            ("deep.module:run", "src/deep/module.py"),
            ("fast:Plugin", "src/fast.cpython-311-x86_64-linux-gnu.so"),
            ("fast:Plugin", "src/fast.pyd"),
        ],
    )
    def test_entry_points_that_are_there(self, tree: Path, entry_point: str, file: str | None) -> None:
        write(tree, "plugin.yaml", MANIFEST.replace("spam_filter:Plugin", entry_point))
        if file:
            write(tree, file, "")
        assert findings_of_tree(tree) == ()

    def test_texts_of_the_template(self, tree: Path) -> None:
        write(tree, "plugin.yaml", MANIFEST.replace("Scores the sender", "REPLACE-ME"))
        write(tree, "README.md", "# Title\n\nREPLACE-ME\n")
        assert [(f.rule, f.where.line) for f in findings_of_tree(tree)] == [
            ("pack.placeholder", 3),
            ("pack.placeholder", 7),
        ]

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such folder"):
            findings_of_tree(tmp_path / "nowhere")

    def test_the_error_says_the_first_reasons_and_counts_the_rest(self, tree: Path, tmp_path: Path) -> None:
        for number in range(5):
            write(tree, f"{number}/.env", "")
        with pytest.raises(DocumentError, match=r"0/\.env: .*; and 2 more"):
            pack(tree, out=tmp_path / "out.zip")

    def test_files_and_folders_that_cannot_be_read(self, tree: Path) -> None:
        write(tree, "closed/file", "")
        program = (
            "import os; from pathlib import Path;"
            "from pluginry.publisher.pack import findings_of_tree;"
            "findings_of_tree(Path());"
            "Path('LICENSE').chmod(0); Path('closed').chmod(0);"
            "os.geteuid() or os.seteuid(65534);"  # the superuser reads everything
            "print(*[f'{f.rule} {f.where.file}' for f in findings_of_tree(Path())], sep=chr(10))"
        )
        answer = subprocess.run([sys.executable, "-c", program], cwd=tree, capture_output=True, check=True)
        assert answer.stdout.decode().split("\n")[:-1] == ["pack.unreadable LICENSE", "pack.unreadable closed"]

    def test_every_rule_says_what_why_and_how(self) -> None:
        assert len({rule.id for rule in stage.RULES}) == len(stage.RULES)
        for rule in stage.RULES:
            assert rule.id.startswith("pack.")
            assert rule.title
            assert rule.why
            assert rule.fix
