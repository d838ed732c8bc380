"""Forms of issues: what was asked for is read, everything else is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_manifest, a_registry
from command_line import pluginry
from github_server import REGISTRY, GithubServer
from pluginry.contribution.issue_changes import Case, change_of
from pluginry.contribution.issue_forms import (
    APPEAL,
    CLAIM,
    FORMS,
    REPORT,
    SUBMIT,
    FilledForm,
    Form,
    read_body,
    read_issue,
)
from pluginry.contribution.next_release import Upstream
from pluginry.errors import DocumentError, PluginryError, UsageError
from pluginry.model.listing import Account
from pluginry.model.proposal import Proposal
from pluginry.publisher.load import load_registry
from pluginry.publisher.pack import pack
from pluginry.publisher.validate import validate
from registry_clone import Clone

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source

ADDRESS = "https://github.com/acme/new-thing/releases/download/v2.0.0/new-thing-2.0.0.zip"
ANSWERS = {
    "Plugin id": "acme/new-thing",
    "Display name": "New Thing",
    "What it does": "Does a new thing.",
    "Category": "security",
    "Licence": "Apache-2.0",
    "Repository": "https://github.com/acme/new-thing",
    "Address of the package": ADDRESS,
    "Namespace": "newcomer",
    "Title": "Plugins of a newcomer",
    "Kind of proof": "domain",
    "Proof": "newcomer.example",
    "Plugin": "acme/spam-filter",
    "Version": "1.1.0",
    "What is wrong": "malicious",
    "What you saw": "It sends mail.\n\n### A heading of mine\n\nEven at night.",
    "Plugin to restore": "acme/old-thing",
    "Decision": "_No response_",
    "Why it was wrong": "It was not me.",
}


def body_of(form: Form, **changes: str) -> str:
    answers = {**ANSWERS, **changes}
    return "\n\n".join(f"### {field.label}\n\n{answers[field.label]}" for field in form.fields)


def event_of(form: Form, **changes: str) -> dict[str, Any]:
    user = {"login": "anna", "id": 101}
    return {"action": "opened", "issue": {"number": 5, "user": user, "title": "t", "body": body_of(form, **changes)}}


def filled(form: Form, **changes: str) -> FilledForm:
    found = read_issue(json.dumps(event_of(form, **changes)).encode())
    assert found is not None
    return found


class Shelf:
    """A `SourceFetcher` with one package on it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        assert (source.url, expected) == (ADDRESS, None)
        copy = into / "download"
        copy.write_bytes(self._path.read_bytes()[:max_bytes])
        return copy


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    registry = a_registry(tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("spam_filter.py", "config.schema.json", "LICENSE"):
        (tree / name).write_bytes((registry / "plugins/acme/spam-filter/source/1.0.0" / name).read_bytes())
    (tree / "plugin.yaml").write_text(a_manifest(id="acme/new-thing", version="2.0.0"), "utf-8")
    pack(tree, out=tmp_path / "package.zip")
    return Upstream(fetchers={"url": Shelf(tmp_path / "package.zip")}, root=registry, max_bytes=1 << 20)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_form_is_read_as_it_was_filled_in(form: Form, end: str) -> None:
    found, answers = read_body(body_of(form).replace("\n", end))
    assert found is form
    assert answers == {
        field.label: "" if ANSWERS[field.label] == "_No response_" else ANSWERS[field.label] for field in form.fields
    }


def test_who_filled_it_in_is_known_by_number() -> None:
    assert filled(CLAIM).author == Account(login="anna", id=101)


@pytest.mark.parametrize(
    "body",
    [
        body_of(SUBMIT) + "\n\n### Plugin id\n\nacme/other",
        body_of(REPORT, **{"What you saw": "x\n### Version\n\n9.9.9"}),
        body_of(CLAIM).replace("### Title", "### Licence"),
        body_of(CLAIM) + "\n\n" + body_of(REPORT),
        "### Namespace\n\nacme",
        body_of(CLAIM, Namespace="../../etc"),
        body_of(CLAIM, Namespace="acme\nstatus: retired"),
        body_of(CLAIM, Namespace="_No response_"),
        body_of(CLAIM, **{"Kind of proof": "registry"}),
        body_of(SUBMIT, **{"Plugin id": "acme/new-thing/.."}),
        body_of(SUBMIT, **{"Address of the package": "http://acme.example/x.zip"}),
        body_of(SUBMIT, **{"Address of the package": "https://a@acme.example/x.zip"}),
        body_of(SUBMIT, **{"Address of the package": "https://acme.example/x.zip https://b.example/"}),
        body_of(SUBMIT, **{"What it does": "x" * 81}),
        body_of(SUBMIT, **{"Display name": "a\x1b[31mb"}),
        body_of(REPORT, **{"What you saw": "x" * 70_000}),
    ],
)
def test_hostile_and_careless_forms_are_refused(body: str) -> None:
    with pytest.raises(DocumentError):
        read_body(body)


@given(st.text())
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        read_body(text)


@pytest.mark.parametrize(
    "change",
    [
        {"pull_request": {}},
        {"number": "5"},
        {"number": True},
        {"user": {"login": "anna"}},
        {"user": {"login": "anna", "id": "101"}},
        {"body": None},
    ],
)
def test_what_is_no_issue_is_refused(change: dict[str, Any]) -> None:
    event = event_of(CLAIM)
    event["issue"] |= change
    with pytest.raises(DocumentError):
        read_issue(json.dumps(event).encode())


def test_an_ordinary_issue_is_left_alone() -> None:
    event = event_of(CLAIM)
    event["issue"]["body"] = "It does not start.\n\n### Version\n\n1.0"
    assert read_issue(json.dumps(event).encode()) is None


def test_a_submission_becomes_a_listing_and_a_release_that_the_registry_takes(upstream: Upstream) -> None:
    found = change_of(filled(SUBMIT), upstream)
    assert isinstance(found, Proposal)
    assert found.branch == "pluginry/acme/new-thing/issue-5"
    for path, content in found.files.items():
        file = upstream.root.parent / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    loaded = load_registry(upstream.root)
    assert [str(finding) for finding in (*loaded.findings, *validate(loaded)) if "new-thing" in str(finding)] == []
    entry = next(entry for plugin, entry in loaded.registry.plugins.items() if str(plugin) == "acme/new-thing")
    assert [owner.id for owner in entry.listing.owners] == [101]
    assert entry.listing.sources == ("https://github.com/acme/new-thing/releases/download/",)
    assert [str(version) for version in entry.releases] == ["2.0.0"]


def test_a_claim_becomes_a_namespace_of_its_author(upstream: Upstream) -> None:
    found = change_of(filled(CLAIM), upstream)
    assert isinstance(found, Proposal)
    assert set(found.files) == {"registry/namespaces/newcomer.yaml"}
    assert b"id: 101" in found.files["registry/namespaces/newcomer.yaml"]


@pytest.mark.parametrize(("form", "label"), [(REPORT, "report: malicious"), (APPEAL, "appeal")])
def test_reports_and_appeals_change_nothing(upstream: Upstream, form: Form, label: str) -> None:
    found = change_of(filled(form), upstream)
    assert isinstance(found, Case)
    assert found.label == label


@pytest.mark.parametrize(
    ("form", "changes", "error"),
    [
        (CLAIM, {"Namespace": "acme"}, UsageError),
        (CLAIM, {"Namespace": "con"}, DocumentError),
        (SUBMIT, {"Plugin id": "acme/spam-filter"}, UsageError),
        (SUBMIT, {"Plugin id": "nobody/thing"}, UsageError),
        (SUBMIT, {"Plugin id": "acme/other-thing"}, DocumentError),
    ],
)
def test_what_is_there_or_is_another_is_refused(
    upstream: Upstream, form: Form, changes: dict[str, str], error: type[PluginryError]
) -> None:
    with pytest.raises(error):
        change_of(filled(form, **changes), upstream)


def test_the_command_opens_the_pull_request_and_answers_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    event = tmp_path / "event.json"
    with GithubServer(tmp_path / "forge") as server:
        clone = Clone.of_registry(server, tmp_path)
        monkeypatch.setenv("GITHUB_API_URL", server.address)
        monkeypatch.setenv("GH_TOKEN", "token-market")
        words = ("ci", "from-issue", str(event), "--registry", str(clone.registry), "--repository", REGISTRY, "--json")
        event.write_text(json.dumps(event_of(CLAIM, Namespace="Bad Name @everyone")), "utf-8")
        assert pluginry(*words).status == 1
        assert "@everyone" not in server.comments[0]["body"]
        event.write_text(json.dumps(event_of(CLAIM)), "utf-8")
        answer = pluginry(*words)
        assert (answer.status, answer.data["url"]) == (0, server.pulls[0]["html_url"])
        assert pluginry(*words).data["url"] == answer.data["url"]
        assert (len(server.pulls), len(server.comments)) == (1, 1)
        assert "This became #1" in server.comments[0]["body"]
        branch = "pluginry/namespaces/newcomer/issue-5"
        assert server.git(REGISTRY, "diff", "--name-only", f"main..{branch}") == "registry/namespaces/newcomer.yaml"
        event.write_text(json.dumps({"issue": {**event_of(CLAIM)["issue"], "body": "Hello"}}), "utf-8")
        assert pluginry(*words).data == {"form": None}
