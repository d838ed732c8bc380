"""A forge on loopback that speaks as much of GitHub's REST interface as the adapter uses, over bare git repositories.

Its answers have the keys and types of those in recorded/github: test_github_forge.py holds it to them. ``trouble``
answers once with something else: a status, a body and headers.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pluginry.adapters.github_api import GithubApi
from pluginry.adapters.github_forge import GithubForge
from pluginry.adapters.github_reviews import GithubReviews

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REGISTRY = "market/registry"
_NOTHING = 204
ANNAS_TOKEN = "token-anna"  # noqa: S105 - it opens nothing
ACCOUNTS = {
    ANNAS_TOKEN: ("anna", 101),
    "token-zoe": ("zoe", 202),
    "token-market": ("market", 900),
    "token-rosa": ("rosa", 901),
    "token-mallory": ("mallory", 666),
}
IDS = dict(ACCOUNTS.values())
ROBOT = ("github-actions[bot]", 41898282)
"""Whose the tokens of workflows are."""


@dataclass(slots=True)
class GithubServer:
    """The forge: ``folder`` holds a bare repository for each name in ``repositories``."""

    folder: Path
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    releases: dict[str, Any] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    collaborators: set[str] = field(default_factory=set)
    started: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def api(self, token: str = ANNAS_TOKEN, **more: Any) -> GithubApi:
        return GithubApi(token=token, address=self.address, **more)

    def forge(self, token: str = ANNAS_TOKEN) -> GithubForge:
        return GithubForge(api=self.api(token), repository=REGISTRY, sleep=lambda _: None)

    def reviews_of(self, token: str) -> GithubReviews:
        return GithubReviews(api=self.api(token), repository=REGISTRY, sleep=lambda _: None)

    def git(self, name: str, *arguments: str) -> str:
        """Run git in a repository."""
        done = subprocess.run(
            ["git", "-C", str(self.path(name)), *arguments], capture_output=True, check=True, text=True, timeout=60
        )
        return done.stdout.strip()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.git"

    def host(self, name: str, **more: Any) -> Path:
        """Begin to host a repository, whose files are at `path`."""
        owner = name.partition("/")[0]
        self.repositories[name] = {
            "id": 1000 + len(self.repositories),
            "full_name": name,
            "owner": {"login": owner, "id": IDS.get(owner, 999)},
            "html_url": f"https://github.com/{name}",
            "clone_url": self.path(name).as_uri(),
            "default_branch": "main",
            **more,
        }
        return self.path(name)

    def now(self, pull: dict[str, Any]) -> dict[str, Any]:
        """Return a pull request with the commit that its branch ends in today."""
        name = f"{pull['head']['owner']}/{REGISTRY.partition('/')[2]}"
        if pull["state"] == "open":
            pull["head"]["sha"] = self.git(name, "rev-parse", f"refs/heads/{pull['head']['ref']}")
            there = f"+refs/heads/{pull['head']['ref']}:refs/pull/{pull['number']}/head"
            self.git(REGISTRY, "fetch", "--quiet", str(self.path(name)), there)
        return pull

    def say(self, number: int, text: str, token: str, *, edited: bool = False) -> None:
        """Let the account of `token` write below a pull request."""
        login, account = ACCOUNTS.get(token) or (token, 41898282)
        moment = "2026-01-02T00:00:00Z"
        said = {"id": len(self.comments) + 1, "number": number, "body": text, "user": {"login": login, "id": account}}
        self.comments.append(
            said | {"created_at": moment, "updated_at": moment.replace("02T", "03T" if edited else "02T")}
        )

    def answer(self, method: str, path: str, query: dict[str, str], body: Any, token: str) -> tuple[int, Any]:
        """Return status and answer to a request."""
        login, number = ROBOT if token.startswith("ghs_") else ACCOUNTS.get(token, ("", 0))
        if method == "GET" and path == "/user":
            return (200, {"login": login, "id": number}) if login else (401, {"message": "Requires authentication"})
        if found := re.fullmatch(r"/user/([0-9]+)", path):
            names = {number: login for login, number in IDS.items()}
            known = names.get(int(found[1]))
            return (200, {"login": known, "id": int(found[1])}) if known else (404, {"message": "Not Found"})
        for pattern, respond in _ROUTES:
            if (found := pattern.fullmatch(f"{method} {path}")) and found["name"] in self.repositories:
                if method != "GET" and not login:
                    return 401, {"message": "Requires authentication"}
                answered: tuple[int, Any] = respond(self, found, query, body, (login, number))
                return answered
        return 404, {"message": "Not Found"}


def _repository(forge: GithubServer, found: re.Match[str], _query: Any, _body: Any, who: Any) -> tuple[int, Any]:
    push = found["name"].partition("/")[0] == who[0]
    return 200, {**forge.repositories[found["name"]], "permissions": {"admin": push, "push": push, "pull": True}}


def _fork(forge: GithubServer, found: re.Match[str], _query: Any, _body: Any, who: Any) -> tuple[int, Any]:
    name = f"{who[0]}/{found['name'].partition('/')[2]}"
    if name not in forge.repositories:
        forge.host(name)
        source, copy = forge.path(found["name"]), forge.path(name)
        subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(copy)], check=True, capture_output=True)
    return 202, forge.repositories[name]


def _ref(forge: GithubServer, found: re.Match[str], *_: Any) -> tuple[int, Any]:
    try:
        sha = forge.git(found["name"], "rev-parse", "--verify", f"refs/{found['rest']}")
    except subprocess.CalledProcessError:
        return 404, {"message": "Not Found"}
    return 200, {"ref": f"refs/{found['rest']}", "object": {"type": "commit", "sha": sha}}


def _list(forge: GithubServer, _found: Any, query: dict[str, str], *_: Any) -> tuple[int, Any]:
    if "head" not in query:
        there = [forge.now(pull) for pull in forge.pulls if pull["state"] == query["state"]]
        return 200, [one for one in there if one["base"]["ref"] == query["base"]] if query["page"] == "1" else []
    matching = [forge.now(pull) for pull in forge.pulls if pull["head"]["label"] == query["head"]]
    return 200, matching[::-1] if query.get("page") == "1" else []


def _open(forge: GithubServer, _found: Any, _query: Any, body: Any, who: Any) -> tuple[int, Any]:
    owner, _, branch = body["head"].partition(":")
    taken = any(pull["state"] == "open" and pull["head"]["label"] == body["head"] for pull in forge.pulls)
    if taken:
        message = f"A pull request already exists for {body['head']}."
        return 422, {"message": "Validation Failed", "errors": [{"message": message}]}
    pull = {
        "number": len(forge.pulls) + 1,
        "state": "open",
        "created_at": f"2026-01-01T00:{len(forge.pulls):02}:00Z",
        "draft": False,
        "title": body["title"],
        "body": body["body"],
        "html_url": f"https://github.com/{REGISTRY}/pull/{len(forge.pulls) + 1}",
        "user": {"login": who[0], "id": who[1]},
        "labels": [],
        "merged_at": None,
        "head": {"label": body["head"], "ref": branch, "sha": "", "owner": owner},
        "base": {"label": f"{REGISTRY.partition('/')[0]}:{body.get('base', 'main')}", "ref": body.get("base", "main")},
    }
    forge.pulls.append(pull)
    return 201, forge.now(pull)


def _change(forge: GithubServer, found: re.Match[str], _query: Any, body: Any, _who: Any) -> tuple[int, Any]:
    pull = forge.pulls[int(found["rest"]) - 1]
    pull.update(body)
    return 200, forge.now(pull)


def _merge(forge: GithubServer, found: re.Match[str], _query: Any, body: Any, _who: Any) -> tuple[int, Any]:
    pull = forge.now(forge.pulls[int(found["rest"]) - 1])
    if pull["head"]["sha"] != body["sha"]:
        return 409, {"message": "Head branch was modified. Review and try the merge again."}
    main = forge.git(REGISTRY, "rev-parse", "refs/heads/main")
    if main != pull["head"]["sha"]:
        done = subprocess.run(
            ["git", "-C", str(forge.path(REGISTRY)), "merge-tree", "--write-tree", main, pull["head"]["sha"]],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            return 405, {"message": "Pull Request is not mergeable"}
        names = ("-c", "user.name=Forge", "-c", "user.email=forge@example.org")
        tree = done.stdout.split()[0]
        merged = forge.git(REGISTRY, *names, "commit-tree", tree, "-p", main, "-m", pull["title"])
        forge.git(REGISTRY, "update-ref", "refs/heads/main", merged, main)
    pull.update(state="closed", merged_at="2026-01-01T00:00:00Z")
    return 200, {"sha": body["sha"], "merged": True, "message": "Pull Request successfully merged"}


def _comments(forge: GithubServer, found: re.Match[str], query: dict[str, str], body: Any, who: Any) -> tuple[int, Any]:
    if body is None:
        there = [one for one in forge.comments if one["number"] == int(found["rest"])]
        return 200, there if query["page"] == "1" else []
    moment = {"created_at": "2026-01-01T12:00:00Z", "updated_at": "2026-01-01T12:00:00Z"}
    made = {"id": len(forge.comments) + 1, "body": body["body"], "user": {"login": who[0], "id": who[1]}, **moment}
    forge.comments.append(made | {"number": int(found["rest"])})
    return 201, made


def _comment(forge: GithubServer, found: re.Match[str], _query: Any, body: Any, _who: Any) -> tuple[int, Any]:
    forge.comments[int(found["rest"]) - 1].update(body)
    return 200, forge.comments[int(found["rest"]) - 1]


def _reviews(forge: GithubServer, found: re.Match[str], query: dict[str, str], *_: Any) -> tuple[int, Any]:
    return 200, forge.reviews.get(int(found["rest"]), []) if query["page"] == "1" else []


def _asked(forge: GithubServer, found: re.Match[str], _query: Any, body: Any, _who: Any) -> tuple[int, Any]:
    if not set(body["reviewers"]) <= forge.collaborators:
        return 422, {"message": "Reviews may only be requested from collaborators."}
    pull = forge.pulls[int(found["rest"]) - 1]
    pull["requested_reviewers"] = [{"login": login, "id": IDS[login]} for login in body["reviewers"]]
    return 201, pull


def _dispatch(forge: GithubServer, found: re.Match[str], _query: Any, body: Any, _who: Any) -> tuple[int, Any]:
    forge.started.append((found["rest"], body["ref"]))
    return 204, None


def _labels(forge: GithubServer, found: re.Match[str], query: dict[str, str], body: Any, _who: Any) -> tuple[int, Any]:
    pull = forge.pulls[int(found["rest"]) - 1]
    if body is not None:
        pull["labels"] = [{"id": 1, "name": name} for name in body["labels"]]
    return 200, pull["labels"] if query.get("page", "1") == "1" else []


def _runs(forge: GithubServer, found: re.Match[str], *_: Any) -> tuple[int, Any]:
    runs = forge.runs.get(found["rest"], [])
    return 200, {"total_count": len(runs), "check_runs": runs}


def _release(forge: GithubServer, found: re.Match[str], *_: Any) -> tuple[int, Any]:
    there = forge.releases.get(f"{found['name']}@{found['rest']}")
    return (200, there) if there else (404, {"message": "Not Found"})


def _commit(forge: GithubServer, found: re.Match[str], *_: Any) -> tuple[int, Any]:
    tagged = forge.commits.get(f"{found['name']}@{found['rest']}")
    return (200, {"sha": tagged}) if tagged else (404, {"message": "Not Found"})


def _route(method: str, path: str, respond: Callable[..., tuple[int, Any]]) -> tuple[re.Pattern[str], Any]:
    return re.compile(f"{method} /repos/(?P<name>[^/]+/[^/]+){path}"), respond


_ROUTES = (
    _route("GET", "", _repository),
    _route("POST", "/forks", _fork),
    _route("GET", "/git/ref/(?P<rest>.+)", _ref),
    _route("GET", "/pulls", _list),
    _route("POST", "/pulls", _open),
    _route("PATCH", "/pulls/(?P<rest>[0-9]+)", _change),
    _route("PUT", "/pulls/(?P<rest>[0-9]+)/merge", _merge),
    _route("(?:GET|POST)", "/issues/(?P<rest>[0-9]+)/comments", _comments),
    _route("PATCH", "/issues/comments/(?P<rest>[0-9]+)", _comment),
    _route("(?:GET|PUT)", "/issues/(?P<rest>[0-9]+)/labels", _labels),
    _route("GET", "/pulls/(?P<rest>[0-9]+)/reviews", _reviews),
    _route("POST", "/pulls/(?P<rest>[0-9]+)/requested_reviewers", _asked),
    _route("POST", "/actions/workflows/(?P<rest>[^/]+)/dispatches", _dispatch),
    _route("GET", "/commits/(?P<rest>[0-9a-f]+)/check-runs", _runs),
    _route("GET", "/releases/tags/(?P<rest>.+)", _release),
    _route("GET", "/commits/(?P<rest>.+)", _commit),
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: some tests hang up."""


def _handler(forge: GithubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            forge.requests.append((self.command, self.path, token))
            if forge.trouble:
                status, data, headers = forge.trouble.pop(0)
            else:
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                content = json.loads(body) if body else None
                status, answer = forge.answer(self.command, unquote(parts.path), query, content, token)
                data, headers = b"" if status == _NOTHING else json.dumps(answer).encode(), {}
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._respond()

        def do_POST(self) -> None:
            self._respond()

        def do_PATCH(self) -> None:
            self._respond()

        def do_PUT(self) -> None:
            self._respond()

        def log_message(self, *_: object) -> None:
            pass

    return Handler
