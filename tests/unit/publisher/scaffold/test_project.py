"""A new project is complete: it checks, tests, packs and runs as it was written, whatever the answers."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_extraction import extract
from pluginry.encoding.strict_yaml import parse
from pluginry.errors import UsageError
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.names import Name, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.load import load_project
from pluginry.publisher.pack import findings_of_tree, pack
from pluginry.publisher.packing.manifest_file import PLACEHOLDER
from pluginry.publisher.scaffold.project import LICENSE_TEXTS, Answers, project_files, write_project
from pluginry.publisher.validate import validate_project

if TYPE_CHECKING:
    from pathlib import Path


def answers(
    plugin: str = "acme/spam-filter",
    *,
    host: str = "mairust",
    summary: str = "Scores messages.",
    license_name: str = "MIT",
    author: str = "Acme & Söhne",
) -> Answers:
    return Answers(id=PluginId.parse(plugin), host=Name(host), summary=summary, license=license_name, author=author)


def profile(*versions: str, kind: str = "python", says: str = "Reads {scope}") -> HostProfile:
    return HostProfile(
        id=Name("mairust"),
        title="MaiRust",
        summary="A mail server",
        versions=tuple(map(Version, versions)),
        runtimes=(RuntimeKind(kind=kind, summary="Code"),),
        permissions=(
            PermissionMeaning(
                type="mail.body",
                severity=Harm.HIGH,
                says=says,
                scopes=(ScopeMeaning(name="inbound", says="the text of incoming messages"),),
            ),
            PermissionMeaning(type="network", severity=Harm.MEDIUM, says="Connects to {scope}", scope_pattern=".+"),
            PermissionMeaning(type="settings", severity=Harm.LOW, says="Has settings", implied=True),
        ),
    )


def findings_of(tree: Path) -> list[str]:
    loaded = load_project(tree)
    return [str(finding) for finding in (*loaded.findings, *validate_project(loaded), *findings_of_tree(tree))]


class TestANewProject:
    @pytest.mark.parametrize("license_name", [*LICENSE_TEXTS, "GPL-3.0-or-later WITH Bison-exception-2.2"])
    def test_it_has_no_findings(self, tmp_path: Path, license_name: str) -> None:
        write_project(project_files(answers(license_name=license_name)), tmp_path)
        assert findings_of(tmp_path) == []

    def test_its_tests_pass(self, tmp_path: Path) -> None:
        write_project(project_files(answers()), tmp_path)
        done = subprocess.run(
            [sys.executable, "-B", "-m", "unittest", "discover", "tests"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Ran 2 tests" in done.stderr

    def test_its_package_runs(self, tmp_path: Path) -> None:
        write_project(project_files(answers()), tmp_path / "project")
        packed = pack(tmp_path / "project", out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            extract(read_archive(stream), tmp_path / "installed")
        module, _, attribute = packed.manifest.runtime.entry_point.partition(":")
        program = f"import {module}; print({module}.{attribute}({{'greeting': 'Moin'}}, '.').greet('you')['text'])"
        folders = [str(tmp_path / "installed" / folder) for folder in packed.manifest.runtime.paths]
        done = subprocess.run(
            [sys.executable, "-B", "-c", program],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == "Moin, you!\n"

    def test_it_packs_what_users_need_and_nothing_else(self, tmp_path: Path) -> None:
        write_project(project_files(answers()), tmp_path / "project")
        packed = pack(tmp_path / "project", out=tmp_path / "out.zip")
        with packed.path.open("rb") as stream:
            names = {member.name for member in read_archive(stream).members}
        assert names == {
            "LICENSE",
            "README.md",
            "config.schema.json",
            "files.json",
            "plugin.json",
            "src/spam_filter.py",
        }

    def test_its_workflow_checks_and_packs(self) -> None:
        text = project_files(answers())[".github/workflows/release.yml"].decode()
        steps = parse(text.encode(), file="release.yml").value["jobs"]["check"]["steps"]
        commands = [step["run"] for step in steps if "run" in step]
        assert {"pluginry check --format github", "pluginry pack --dry-run"} <= set(commands)
        assert "${{ github.token }}" in text

    def test_its_examples_are_refused_until_they_are_rewritten(self, tmp_path: Path) -> None:
        write_project(project_files(answers()), tmp_path)
        manifest = tmp_path / "plugin.yaml"
        text = manifest.read_text().replace("permissions: []\n", "")
        assert PLACEHOLDER in text
        for line in ("permissions:", "  - type:", "    scope:", "    reason:"):
            text = text.replace(f"# {line}", line)
        manifest.write_text(text)
        assert [finding.rule for finding in findings_of_tree(tmp_path)] == ["pack.placeholder"]

    @pytest.mark.parametrize(
        ("name", "module"),
        [
            ("spam-filter", "spam_filter"),
            ("json", "json_plugin"),
            ("class", "class_plugin"),
            ("3d-view", "plugin_3d_view"),
        ],
    )
    def test_its_module_hides_none_of_pythons(self, tmp_path: Path, name: str, module: str) -> None:
        files = project_files(answers(f"acme/{name}"))
        assert {f"src/{module}.py", f"tests/test_{module}.py"} <= files.keys()
        write_project(files, tmp_path)
        assert findings_of(tmp_path) == []

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
    @given(
        st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True),
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60),
    )
    def test_any_answers_give_a_project_without_findings(
        self, tmp_path_factory: pytest.TempPathFactory, name: str, text: str
    ) -> None:
        folder = tmp_path_factory.mktemp("project")
        write_project(project_files(answers(f"{name}/{name}", host=name, summary=text, author=text)), folder)
        assert findings_of(folder) == []


class TestTheHost:
    def test_its_newest_version_gives_the_range(self) -> None:
        for versions, wanted in (
            (("0.4.0", "0.10.1", "0.9.0"), '">=0.10,<1"'),
            (("2.1.0-beta.1",), '">=2.1,<3"'),
            ((), '"*"'),
        ):
            text = project_files(answers(), profile=profile(*versions))["plugin.yaml"].decode()
            assert f"mairust: {wanted}\n" in text

    def test_its_permissions_stand_in_the_manifest_ready_to_be_copied(self) -> None:
        text = project_files(answers(), profile=profile("1.0.0"))["plugin.yaml"].decode()
        example = '#   - {type: mail.body, scope: "inbound", reason: ""}  # high: Reads the text of incoming messages\n'
        assert example in text
        assert '{type: network, scope: "...", reason: ""}  # medium' in text
        assert "settings, scope" not in text

    def test_what_it_says_cannot_leave_the_comment(self) -> None:
        hostile = profile("1.0.0", says="Reads\nextra: 1\u2028extra: 2")
        document = parse(project_files(answers(), profile=hostile)["plugin.yaml"], file="plugin.yaml")
        assert "extra" not in document.value

    def test_a_host_without_python_is_said(self) -> None:
        with pytest.raises(UsageError, match="no Python plugins: its runtimes are node"):
            project_files(answers(), profile=profile("1.0.0", kind="node"))

    def test_editors_learn_the_schema(self) -> None:
        text = project_files(answers(), schema_url="https://example.com/s.json")["plugin.yaml"].decode()
        assert text.startswith("# yaml-language-server: $schema=https://example.com/s.json\n")


class TestAnswers:
    @pytest.mark.parametrize("text", ["", " ", "a\nb", "\u202eevil", "x" * 201, "bell\x07"])
    def test_texts_are_a_line(self, text: str) -> None:
        with pytest.raises(UsageError):
            answers(summary=text)
        with pytest.raises(UsageError):
            answers(author=text)

    @pytest.mark.parametrize("text", ["", "MIT\n", "my own", "MIT OR", "../LICENSE", "MIT/X11"])
    def test_licences_are_expressions(self, text: str) -> None:
        with pytest.raises(UsageError):
            answers(license_name=text)


class TestWriting:
    @pytest.mark.parametrize("name", ["plugin.yaml", "LICENSE", "src/spam_filter.py", "plugin.json"])
    def test_nothing_is_overwritten_and_nothing_else_is_written(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(UsageError, match=f"{name} is there already"):
            write_project(project_files(answers()), tmp_path)
        assert sorted(tmp_path.rglob("*")) == before
        assert path.read_text() == "mine"

    def test_a_link_to_nowhere_is_something(self, tmp_path: Path) -> None:
        (tmp_path / "README.md").symlink_to("nowhere")
        with pytest.raises(UsageError, match=r"README\.md is there already"):
            write_project(project_files(answers()), tmp_path)

    def test_other_files_of_the_folder_stay(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / "src").mkdir()
        write_project(project_files(answers()), tmp_path)
        assert (tmp_path / "notes.txt").read_text() == "mine"

    def test_what_fails_half_way_leaves_nothing(self, tmp_path: Path) -> None:
        folder = tmp_path / "project"
        folder.mkdir()
        (folder / "tests").write_text("a file where a folder belongs")
        with pytest.raises(UsageError, match="nothing was written"):
            write_project(project_files(answers()), folder)
        assert [path.name for path in folder.rglob("*")] == ["tests"]

    def test_folders_are_made_and_taken_back_with_the_files(self, tmp_path: Path) -> None:
        files = {"a/b/c.txt": b"", f"a/{'x' * 300}": b""}
        with pytest.raises(UsageError):
            write_project(files, tmp_path / "new" / "project")
        assert list(tmp_path.iterdir()) == []
