"""Takes the answers of GitHub apart: what has another shape than is documented is refused.

In: plain values from the forge. Out: accounts, pull requests, texts. Never trusts that a key is there or of its type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pluginry.errors import TransportError
from pluginry.model.listing import Account
from pluginry.model.proposal import Comment, PullRequest, Review, Stage

_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_TEXT: Final = 2000
_MAX_TITLE: Final = 200


def whole(value: Any, what: str) -> Mapping[str, Any]:
    """Return `value` if it is an object.

    Raises:
        TransportError: it is not.

    """
    if not isinstance(value, Mapping):
        raise _strange(what)
    return value


def text_of(value: Mapping[str, Any], key: str) -> str:
    """Return the text under `key`, which must be there and can be shown; errors as `whole`."""
    found = value.get(key)
    if not isinstance(found, str) or not found or len(found) > _MAX_TEXT or not found.isprintable():
        raise _strange(key)
    return found


def number_of(value: Mapping[str, Any], key: str) -> int:
    """Return the positive number under `key`; errors as `whole`."""
    found = value.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or found <= 0:
        raise _strange(key)
    return found


def account_of(value: Any, what: str) -> Account:
    """Return an account; errors as `whole`."""
    found = whole(value, what)
    login = text_of(found, "login")
    if not _LOGIN.fullmatch(login):
        raise _strange("login")
    return Account(login=login, id=number_of(found, "id"))


def pull_request_of(value: Any) -> PullRequest:
    """Return a pull request; errors as `whole`."""
    found = whole(value, "pull request")
    head = text_of(whole(found.get("head"), "head"), "sha")
    url = text_of(found, "html_url")
    if not _COMMIT.fullmatch(head) or not url.startswith(("https://", "http://127.0.0.1:")):
        raise _strange("head")
    merged = found.get("merged_at") is not None
    return PullRequest(
        number=number_of(found, "number"),
        url=url,
        stage=Stage.MERGED if merged else Stage.OPEN if found.get("state") == "open" else Stage.CLOSED,
        author=account_of(found.get("user"), "user"),
        head=head,
        labels=tuple(text_of(whole(label, "label"), "name") for label in found.get("labels") or ()),
        title=_line(found.get("title")),
        opened_at=_moment(found.get("created_at")),
        is_draft=found.get("draft") is True,
        asked=frozenset(account_of(user, "reviewer").id for user in found.get("requested_reviewers") or ()),
    )


def comment_of(value: Any) -> Comment:
    """Return a comment; errors as `whole`. What does not say when it was written counts as edited."""
    found = whole(value, "comment")
    written, changed = found.get("created_at"), found.get("updated_at")
    text = found.get("body")
    return Comment(
        id=number_of(found, "id"),
        author=account_of(found.get("user"), "user"),
        text=text if isinstance(text, str) else "",
        is_edited=written is None or written != changed,
    )


def review_of(value: Any) -> Review | None:
    """Return a review, None when its author is no more; errors as `whole`."""
    found = whole(value, "review")
    if found.get("user") is None:
        return None
    commit = found.get("commit_id")
    return Review(
        author=account_of(found["user"], "user"),
        state=text_of(found, "state").upper(),
        commit=commit if isinstance(commit, str) else "",
    )


def _line(value: Any) -> str:
    """Return words of a stranger as one bounded line that can be printed."""
    text = value[:_MAX_TITLE] if isinstance(value, str) else ""
    return "".join(character if character.isprintable() else " " for character in text)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _strange("created_at") from error
    if found.tzinfo is None:
        raise _strange("created_at")
    return found


def _strange(what: str) -> TransportError:
    return TransportError("the forge answers in a way that nobody expects", why=f"its {what} is not one")
