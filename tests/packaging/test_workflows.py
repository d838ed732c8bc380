"""The pipelines of GitHub and GitLab: only commands that exist, as few rights as will do, everything pinned."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
import yaml

from pluginry.cli import main
from pluginry.contribution.issue_forms import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: path for path in sorted((GITHUB / "workflows").glob("*.yml"))}
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
GITLAB = ROOT / ".gitlab" / "marketplace.gitlab-ci.yml"
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+")
FETCHED = 'git fetch --quiet "$target" "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"'
READ, LEDGER, IDENTITY = ("contents", "read"), ("contents", "write"), ("id-token", "write")
PULLS = ("pull-requests", "write")
QUEUE = ("pull-requests", "read")
RIGHTS = {
    "check": {"registry": {READ}},
    "code": {"test": {READ}},
    "discover": {"discover": {LEDGER, PULLS}},
    "forms": {"forms": {LEDGER, PULLS, ("issues", "write")}},
    "publish": {"publish": {LEDGER, IDENTITY, QUEUE}},
    "refresh": {
        "timestamp": {READ, IDENTITY},
        "advisories": {LEDGER, IDENTITY},
        "publish": {LEDGER, IDENTITY, QUEUE},
    },
    "robot": {"robot": {LEDGER, PULLS, ("actions", "write")}},
    "rescan": {"published": {READ, IDENTITY}, "scanned": {LEDGER, IDENTITY}},
}
"""All rights that any job has."""
OF_GITHUB = {"discover", "forms", "robot"}
"""What other forges do in other ways; their jobs have a token in the step that needs it, and nowhere else."""


def read(path: Path) -> dict[Any, Any]:
    parsed: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return parsed


def triggers(name: str) -> Any:
    return read(WORKFLOWS[name])[True]  # YAML reads the word `on` so


def steps() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every step with its workflow and job."""
    for name, path in WORKFLOWS.items():
        for job, body in read(path)["jobs"].items():
            yield from ((name, job, step) for step in body.get("steps", ()))


def scripts() -> Iterator[tuple[str, str]]:
    """Yield every line that a shell runs, with the name of its pipeline."""
    for name, _, step in steps():
        yield from ((name, line) for line in step.get("run", "").splitlines())
    for job in read(GITLAB).values():
        if isinstance(job, dict):
            yield from (("gitlab", line) for line in job.get("script", ()))


def commands(pipeline: str = "") -> list[str]:
    """Return the ``pluginry`` commands, without what a shell makes of their exit status."""
    found = {line.partition(" || ")[0] for name, line in scripts() if not pipeline or name == pipeline}
    return sorted(line for line in found if line.startswith("pluginry "))


@pytest.mark.parametrize("line", commands())
def test_every_command_exists_with_its_options_and_arguments(line: str) -> None:
    command: click.Command = main.run
    context, words = click.Context(command), shlex.split(line)[1:]
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command, context = found, click.Context(found, parent=context)
    command.parse_args(context, words)  # raises for what it does not know


def test_nothing_is_run_but_pluginry_and_the_tests_of_the_tool() -> None:
    others = {(name, line) for name, line in scripts() if not line.startswith("pluginry ")}
    fetched = {(name, line) for name, line in others if name == "gitlab"}
    assert {line.split("=")[0] for _, line in fetched} == {"target", FETCHED}
    assert others - fetched == {("code", "make check"), ("code", "make test")}
    for action in ACTIONS:
        for step in read(action)["runs"]["steps"]:
            assert all(line.startswith("python -m pip install ") for line in step.get("run", "").splitlines())


@pytest.mark.parametrize("path", [*WORKFLOWS.values(), *ACTIONS], ids=lambda path: path.stem)
def test_every_action_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    for line in path.read_text("utf-8").splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert PINNED.fullmatch(line.strip().removeprefix("- ")), line


def test_no_text_of_strangers_reaches_a_shell_and_no_secret_is_used() -> None:
    assert not [line for _, line in scripts() if "${{" in line]
    for path in (*WORKFLOWS.values(), *ACTIONS, GITLAB):
        text = path.read_text("utf-8")
        assert not re.search(r"secrets[.:\[]", text), path
        assert "pull_request_target" not in text
        assert "workflow_run" not in text


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_job_has_the_rights_that_it_needs_and_no_others(name: str) -> None:
    workflow = read(WORKFLOWS[name])
    assert workflow["permissions"] == {}
    assert {job: set(body["permissions"].items()) for job, body in workflow["jobs"].items()} == RIGHTS[name]


def test_only_those_who_push_keep_the_token() -> None:
    for name, job, step in steps():
        if "checkout" in step.get("uses", ""):
            pushes = LEDGER in RIGHTS[name][job] and name not in OF_GITHUB
            assert step["with"]["persist-credentials"] is pushes, (name, job)


@pytest.mark.parametrize("name", ["check", "code"])
def test_what_looks_at_a_pull_request_can_do_nothing_else(name: str) -> None:
    assert set(triggers(name)) == {"pull_request"}
    text = WORKFLOWS[name].read_text("utf-8")
    assert not re.search(r"vars\.|environment:|github\.token", text)


def test_a_pull_request_is_checked_as_data_by_the_tool_of_the_base_branch() -> None:
    base, tool, files, findings, judgement = read(WORKFLOWS["check"])["jobs"]["registry"]["steps"]
    assert base["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "path" not in base["with"]
    assert tool["uses"] == "./.github/actions/pluginry"
    assert (files["with"]["path"], "ref" in files["with"]) == ("pull-request", False)
    assert findings["working-directory"] == "pull-request"
    assert findings["run"].startswith("pluginry check registry ")
    assert judgement["working-directory"] == "pull-request"
    assert judgement["run"].startswith('pluginry ci check --event "$GITHUB_EVENT_PATH" ')
    assert files["with"]["fetch-depth"] == 0


def test_one_publication_at_a_time_is_never_cut_short_and_publishes_the_newest() -> None:
    assert read(WORKFLOWS["publish"])["concurrency"] == {"group": "publish", "cancel-in-progress": False}
    for name, _, step in steps():
        if name in ("publish", "refresh") and "checkout" in step.get("uses", ""):
            assert step["with"]["ref"] == "main"
    for name in ("publish", "refresh"):
        jobs = read(WORKFLOWS[name])["jobs"].values()
        assert {job["environment"] for job in jobs if "steps" in job} == {"publish"}


def test_a_publication_goes_on_where_the_forge_does_not_answer() -> None:
    asks, publishes = [step for _, job, step in steps() if job == "publish" and "pluginry" in step.get("run", "")]
    assert asks["continue-on-error"] is True
    assert asks["env"] == {"GH_TOKEN": "${{ github.token }}"}
    assert asks["run"].removeprefix("pluginry queue --output ") == publishes["run"].partition("--queue ")[2]
    assert "GH_TOKEN" not in publishes["env"]


def test_a_publication_gets_the_memories_of_the_last_one_and_no_keys_are_kept() -> None:
    kept = [
        (step["uses"].partition("@")[0].rpartition("/")[2], step["with"], step.get("if", "success()"))
        if "actions/cache" in step.get("uses", "")
        else step.get("run", "").partition(" --")[0]
        for name, _, step in steps()
        if name == "publish"
    ]
    (restore, restored, _), (save, saved, when) = (step for step in kept if isinstance(step, tuple))
    assert (restore, save, when) == ("restore", "save", "${{ !cancelled() }}")
    assert [type(step) for step in kept[-4:]] == [tuple, str, str, tuple]
    assert restored["path"] == saved["path"] == ".pluginry/inventories"
    assert restored["key"] == saved["key"]
    assert saved["key"].startswith(restored["restore-keys"])
    assert not [name for name, _, step in steps() if "actions/cache" in step.get("uses", "") and name != "publish"]
    caches = {name: job["cache"] for name, job in read(GITLAB).items() if isinstance(job, dict) and "cache" in job}
    assert caches == {"publish": {"key": "publication", "paths": [".pluginry/inventories/"], "when": "always"}}


def test_what_a_publication_writes_starts_no_other() -> None:
    assert set(re.findall(r"--ledger-branch (\S+)", "\n".join(commands()))) == {"ledger"}
    for name in ("publish", "refresh"):
        assert triggers(name)["push"]["branches"] == ["main"]
        assert not [path for path in triggers(name)["push"]["paths"] if "ledger" in path or "revocations" in path]


def test_an_advisory_takes_the_fast_way_and_publishes_once() -> None:
    advisories = "registry/advisories/**"
    assert triggers("refresh")["push"]["paths"] == [advisories]
    assert f"!{advisories}" in triggers("publish")["push"]["paths"]
    after = read(WORKFLOWS["refresh"])["jobs"]["publish"]
    assert (after["needs"], after["uses"]) == ("advisories", "./.github/workflows/publish.yml")


def test_gitlab_runs_the_same_commands() -> None:
    ours = {line for name in RIGHTS.keys() - OF_GITHUB for line in commands(name)}
    ours = {line for line in ours if not line.startswith("pluginry queue ")}  # it asks GitHub
    for option in (
        " --format github",
        ' --queue "$RUNNER_TEMP/queue.json"',
        ' --summary "$GITHUB_STEP_SUMMARY"',
        ' --report "$GITHUB_STEP_SUMMARY"',
        " --annotations",
    ):
        ours = {line.removesuffix(option) for line in ours}
    of_a_request = {
        ' --event "$GITHUB_EVENT_PATH"': ' --base FETCH_HEAD --head "$CI_COMMIT_SHA"',
    }
    for option, same in of_a_request.items():
        ours = {line.replace(option, same) for line in ours}
    assert ours == set(commands("gitlab"))


def test_at_gitlab_a_merge_request_is_judged_against_the_tip_of_its_target() -> None:
    """Where it once branched off, somebody may have been an owner who is none any more."""
    lines = read(GITLAB)["check"]["script"]
    (judging,) = (number for number, line in enumerate(lines) if line.startswith("pluginry ci check"))
    assert "--base FETCH_HEAD" in lines[judging]
    assert "$CI_MERGE_REQUEST_PROJECT_PATH" in lines[judging - 2]
    assert lines[judging - 1] == FETCHED


def test_at_gitlab_only_jobs_of_the_main_branch_have_an_identity() -> None:
    jobs = {name: job for name, job in read(GITLAB).items() if isinstance(job, dict) and "script" in job}
    assert {name for name, job in jobs.items() if "id_tokens" in job} == jobs.keys() - {"check"}
    for name, job in jobs.items():
        rules = " ".join(rule["if"] for rule in job["rules"])
        assert ("merge_request_event" in rules) is (name == "check")
        assert ("resource_group" in job) is (name != "check")


def test_those_who_have_to_agree_are_asked_about_files_that_exist() -> None:
    rules = [line.split() for line in (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines()]
    paths = [rule[0] for rule in rules if rule and not rule[0].startswith("#")]
    assert {"*", "/index/", "/.github/", "/registry/advisories/"} <= set(paths)
    assert all((ROOT / path.strip("/")).is_dir() for path in paths if path != "*")


def conforms(schema: str, *more: str | Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_are_what_their_schemas_want() -> None:
    conforms("vendor.github-workflows", *WORKFLOWS.values())
    conforms("vendor.github-actions", *ACTIONS)
    conforms("vendor.dependabot", GITHUB / "dependabot.yml")
    conforms("vendor.gitlab-ci", "--data-transform", "gitlab-ci", GITLAB)


def test_every_job_ends_some_time() -> None:
    conforms("custom.github-workflows-require-timeout", *WORKFLOWS.values())
    assert all("timeout" in job for job in read(GITLAB).values() if isinstance(job, dict) and "script" in job)


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [str(zizmor), "--offline", "--persona", "pedantic", "--collect", "all", "--strict-collection", "."]
    done = subprocess.run(command, cwd=GITHUB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout + done.stderr


def test_no_workflow_is_offered_to_be_called_by_repositories_of_plugins() -> None:
    """What it signs would bear the marketplace's name, and is refused as a proof of the plugin's own build."""
    assert not [name for name, _, step in steps() if "attest" in step.get("uses", "")]
    docs = ROOT / "site_templates" / "docs"
    lines = [line for path in docs.glob("*.md") for line in path.read_text("utf-8").splitlines()]
    assert not [line for line in lines if "uses:" in line and ".github/workflows/" in line]


def test_the_forms_ask_what_is_read() -> None:
    files = {path.stem: path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"}
    conforms("vendor.github-issue-forms", *files.values())
    assert set(files) == {form.name for form in FORMS}
    for form in FORMS:
        asked = read(files[form.name])["body"]
        assert [one["attributes"]["label"] for one in asked] == [field.label for field in form.fields]
        assert [one["validations"]["required"] for one in asked] == [field.required for field in form.fields]
        for one, field in zip(asked, form.fields, strict=True):
            for option in one["attributes"].get("options", ()):
                assert re.fullmatch(field.pattern, option)
