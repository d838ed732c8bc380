"""The decision as a comment for people: what was decided, why, what to do, and how to see it on one's own machine.

In: a decision, and the differences of packages. Out: Markdown, bounded, with a marker by which the comment is found and
updated in place. What comes from the pull request is shown as text: it makes no links, mentions, images or markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pluginry.model.decision import Waiting
from pluginry.model.finding import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.model.decision import Decision, Reason
    from pluginry.model.rule import Rule

MARKER: Final = "<!-- pluginry:decision -->"
"""Begins the comment; there is one for each pull request."""
MAX_CHARACTERS: Final = 60_000
"""Forges refuse longer comments."""
_MAX_TEXT: Final = 500
_MAX_SHOWN: Final = 40
_HEADINGS = {
    Verdict.PASS: "Nothing stands in the way",
    Verdict.NEEDS_REVIEW: "A person has to look",
    Verdict.REFUSED: "This cannot be merged as it is",
}
_TURNS = {
    Waiting.NOBODY: "",
    Waiting.AUTHOR: "It is the author's turn: correct what is listed below and push again.",
    Waiting.OWNERS: "An owner of the plugin, other than the author, has to approve this commit.",
    Waiting.REVIEWERS: "A reviewer of the registry has to approve this commit.",
}
_SECTIONS = {
    Severity.BLOCKS: "To be corrected",
    Severity.NEEDS_REVIEW: "To be looked at",
    Severity.NOTE: "Noticed",
}
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~@:&])")


def as_markdown(decision: Decision, rules: Mapping[str, Rule], *, differences: Iterable[str] = ()) -> str:
    """Return `decision` as a comment; `differences` are Markdown by `difference.py`, one for each new release."""
    turn = "Policy lets it merge by itself." if decision.merges else _TURNS[decision.waiting_for]
    lines = [MARKER, f"### {_HEADINGS[decision.verdict]}", ""]
    lines += [f"{turn or 'Whoever may merge can do so.'} Decided by tier {decision.tier}.", ""]
    if decision.plugins:
        shown = decision.plugins[:_MAX_SHOWN]
        more = f" and {len(decision.plugins) - len(shown)} more" if len(decision.plugins) > len(shown) else ""
        lines += [f"Plugins: {', '.join(f'`{plugin}`' for plugin in shown)}{more}.", ""]
    for severity, heading in _SECTIONS.items():
        reasons = [reason for reason in decision.reasons if reason.severity is severity]
        if reasons:
            lines += [f"#### {heading}", "", *_listed(reasons, rules), ""]
    body = "\n".join(lines)
    again = ["", "The same on your own machine:", "", "```sh", decision.command, "```", "", _footer(decision), ""]
    end = "\n".join(again)
    room = MAX_CHARACTERS - len(end)
    for difference in differences:
        if len(body) + len(difference) > room:
            body += "\nMore differences are not shown here.\n"
            break
        body += f"\n{difference}"
    return body[:room] + end


def quoted_text(text: str, *, limit: int = _MAX_TEXT) -> str:
    """Return `text` of strangers so that it shows as it is: one line, no markup, mentions, links or images.

    It is shown as code, where forges look for none of those, and what could be markup is written as an entity.
    """
    plain = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    clipped = plain if len(plain) <= limit else f"{plain[:limit]}..."
    return f"<code>{_MARKUP.sub(lambda found: f'&#{ord(found[1])};', clipped)}</code>"


def _listed(reasons: list[Reason], rules: Mapping[str, Rule]) -> Iterator[str]:
    for reason in reasons[:_MAX_SHOWN]:
        rule = rules.get(reason.rule)
        place = f"{reason.file}:{reason.line}" if reason.line else reason.file
        yield f"- **{rule.title if rule else 'Found'}** (`{reason.rule}`) in {quoted_text(place)}"
        if rule is None or reason.message != rule.title:
            yield f"  <br>{quoted_text(reason.message)}"
        if rule is not None:
            yield f"  <br>Why: {rule.why}"
        if reason.hint:
            is_ours = rule is not None and reason.hint == rule.fix
            yield f"  <br>What to do: {reason.hint if is_ours else quoted_text(reason.hint)}"
    if len(reasons) > _MAX_SHOWN:
        yield f"- and {len(reasons) - _MAX_SHOWN} more"


def _footer(decision: Decision) -> str:
    return f"<sub>Judged: {decision.head} into {decision.base}. It holds for this commit only.</sub>"
