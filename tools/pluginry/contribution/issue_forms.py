"""The forms of issues: a front door that takes no git. What comes in is taken apart strictly, or refused.

In: the forge's event of an issue. Out: which form it is, who filled it in, and the answers, each of the kind that was
asked for. A heading more or less, in another order or twice, is refused: nobody guesses what a stranger meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pluginry.encoding import strict_json
from pluginry.errors import DocumentError
from pluginry.model.listing import Account

MAX_EVENT_BYTES: Final = 8 << 20
MAX_BODY: Final = 65_536
_MAX_DEPTH: Final = 64
_NOTHING: Final = "_No response_"
_ID = r"[a-z0-9][a-z0-9-]{0,39}/[a-z0-9][a-z0-9-]{0,39}"
_ADDRESS = r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[!-~]{1,400}"
_LINE = r"[^\x00-\x1f\x7f]{3,%d}"
_TEXT = r"(?s).{3,4000}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A question: its ``label``, and the pattern that all of the answer has to match."""

    label: str
    pattern: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, called as its file in ISSUE_TEMPLATE is."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """Form ``name`` as ``author`` filled it in, as issue ``number``; ``answers`` by label, empty when left out."""

    name: str
    number: int
    author: Account
    answers: Mapping[str, str]


SUBMIT: Final = Form(
    name="submit-plugin",
    fields=(
        Field(label="Plugin id", pattern=_ID),
        Field(label="Display name", pattern=_LINE % 60),
        Field(label="What it does", pattern=_LINE % 80),
        Field(label="Category", pattern=r"[a-z0-9][a-z0-9-]{0,39}"),
        Field(label="Licence", pattern=r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+){0,10}"),
        Field(label="Repository", pattern=_ADDRESS),
        Field(label="Address of the package", pattern=_ADDRESS),
    ),
)
CLAIM: Final = Form(
    name="claim-namespace",
    fields=(
        Field(label="Namespace", pattern=r"[a-z0-9][a-z0-9-]{0,39}"),
        Field(label="Title", pattern=_LINE % 60),
        Field(label="Kind of proof", pattern="repository|domain"),
        Field(label="Proof", pattern=_LINE % 300),
    ),
)
REPORT: Final = Form(
    name="report-plugin",
    fields=(
        Field(label="Plugin", pattern=_ID),
        Field(label="Version", pattern=r"[0-9A-Za-z.-]{1,40}", required=False),
        Field(label="What is wrong", pattern="malicious|vulnerable|impersonation|licence|broken|other"),
        Field(label="What you saw", pattern=_TEXT),
    ),
)
APPEAL: Final = Form(
    name="appeal-removal",
    fields=(
        Field(label="Plugin to restore", pattern=_ID),
        Field(label="Decision", pattern=_ADDRESS, required=False),
        Field(label="Why it was wrong", pattern=_TEXT),
    ),
)
FORMS: Final = (SUBMIT, CLAIM, REPORT, APPEAL)
_FIRST: Final = re.compile("### (?:{})[ \r]*\n".format("|".join(re.escape(form.fields[0].label) for form in FORMS)))


def read_issue(data: bytes) -> FilledForm | None:
    """Return the form that the event of an issue brings, or None for an issue that does not begin like one.

    Raises:
        DocumentError: it is no such event, or no form that was filled in as asked.

    """
    event = strict_json.parse(data, what="the event", max_bytes=MAX_EVENT_BYTES, max_depth=_MAX_DEPTH)
    issue = _of(event, "issue")
    if not issue or "pull_request" in issue:
        raise DocumentError("this is not the event of an issue", where="issue")
    user: Mapping[str, Any] = _of(issue, "user")
    number: Any = issue.get("number")
    account: Any = user.get("id")
    login, body = user.get("login"), issue.get("body")
    if not (_is_number(number) and _is_number(account) and isinstance(login, str) and isinstance(body, str)):
        raise DocumentError("an issue has a number, a text, and an author with login and number", where="issue")
    if not _FIRST.match(body):
        return None
    form, answers = read_body(body)
    return FilledForm(name=form.name, number=number, author=Account(login=login, id=account), answers=answers)


def read_body(body: str) -> tuple[Form, Mapping[str, str]]:
    """Return which form the text of an issue is, and its answers by label.

    Raises:
        DocumentError: it is none of the forms, or an answer is not of the kind that was asked for.

    """
    if len(body) > MAX_BODY:
        raise DocumentError("the issue is too long", why=f"at most {MAX_BODY:,} characters are read")
    known = {field.label for form in FORMS for field in form.fields}
    found: list[tuple[str, list[str]]] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        label = line.removeprefix("### ").rstrip()
        if line.startswith("### ") and label in known:
            found.append((label, []))
        elif found:
            found[-1][1].append(line)
    labels = [label for label, _ in found]
    form = next((form for form in FORMS if [field.label for field in form.fields] == labels), None)
    if form is None:
        hint = "choose a form, and leave its headings as they are"
        raise DocumentError(
            "the issue is none of the forms", why=f"its headings are {', '.join(labels[:10])}", hint=hint
        )
    given = ("\n".join(lines).strip() for _, lines in found)
    return form, {field.label: _answer(field, text) for field, text in zip(form.fields, given, strict=True)}


def _answer(field: Field, text: str) -> str:
    if text in ("", _NOTHING):
        if field.required:
            raise DocumentError(f"{field.label!r} is missing", hint="edit the issue and fill it in")
        return ""
    if not re.fullmatch(field.pattern, text) or "\x00" in text:
        raise DocumentError(f"{field.label!r} has not the form that was asked for", hint="edit the issue")
    return text


def _of(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
