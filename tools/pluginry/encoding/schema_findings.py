"""Violations of a schema as findings in plain words, with the place in the file and what to do.

In: errors of jsonschema and the document. Out: findings; where a value may have several forms, those about the form
that was most likely meant. Never shows jsonschema's own sentences, and never raises for bad content.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.encoding import schema_rules as rules
from pluginry.encoding.quoting import enumerated, path_as_text, quoted
from pluginry.encoding.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.encoding.schema_problem import Problem
    from pluginry.model.finding import Finding
    from pluginry.model.rule import Rule

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_TYPE_HINTS = {
    "array": "write a list: each entry on its own line after '- '",
    "object": "write a mapping: each key on its own line, followed by ': ' and its value",
    "boolean": "write true or false, without quotes",
    "integer": "write the number in digits, without quotes",
}
_FORMATS = {
    "date-time": "a time such as 2026-01-31T23:59:59Z",
    "uri": "an absolute address such as https://example.com/page",
}
# How to read the keywords that compare with a limit: rule, what is measured, which side the limit is on.
_LIMITS: MappingProxyType[str, tuple[Rule, str, str]] = MappingProxyType(
    {
        "minLength": (rules.LENGTH, "character", "at least"),
        "maxLength": (rules.LENGTH, "character", "at most"),
        "minItems": (rules.COUNT, "entry", "at least"),
        "maxItems": (rules.COUNT, "entry", "at most"),
        "minProperties": (rules.COUNT, "key", "at least"),
        "maxProperties": (rules.COUNT, "key", "at most"),
        "minimum": (rules.RANGE, "", "at least"),
        "maximum": (rules.RANGE, "", "at most"),
        "exclusiveMinimum": (rules.RANGE, "", "more than"),
        "exclusiveMaximum": (rules.RANGE, "", "less than"),
        "multipleOf": (rules.RANGE, "", "a multiple of"),
    }
)


def explain(problem: Problem) -> Iterator[Finding]:
    """Yield the findings that `problem` amounts to; the same finding may come more than once."""
    keyword = problem.keyword
    if problem.is_about_key:
        yield from _key_name(problem)
    elif keyword in _LIMITS:
        yield from _limit(problem, keyword)
    else:
        yield from _EXPLANATIONS.get(keyword, _invalid)(problem)


def _required(problem: Problem) -> Iterator[Finding]:
    properties = problem.schema.get("properties", {})
    for key in problem.wanted:
        if key not in problem.value:
            yield _missing(problem, key, properties.get(key))


def _dependent_required(problem: Problem) -> Iterator[Finding]:
    for key, needed in problem.wanted.items():
        for other in needed if key in problem.value else ():
            if other not in problem.value:
                properties = problem.schema.get("properties", {})
                yield _missing(problem, other, properties.get(other), because=f", which goes with {key!r}")


def _missing(problem: Problem, key: str, schema: Any, *, because: str = "") -> Finding:
    meaning = problem.note_of(schema, "description") or problem.note_of(schema, "x-pattern-says")
    message = f"{key!r} is missing{problem.inside}{because}" + (f": {meaning.rstrip('.')}" if meaning else "")
    allowed = next((part["enum"] for part in problem.with_definitions(schema) if "enum" in part), ())
    choice = f": {enumerated(map(quoted, allowed))}" if allowed else ""
    hint = problem.note_of(schema, "x-hint") or f"add the key {key!r}{choice}"
    return rules.REQUIRED.finding(problem.where_key, message, hint=hint)


def _unknown_keys(problem: Problem) -> Iterator[Finding]:
    schema = problem.schema
    combined = problem.keyword == "unevaluatedProperties"
    known = problem.known_keys(schema) if combined else set(schema.get("properties", ()))
    patterns = schema.get("patternProperties", ())
    unknown = [
        key for key in problem.value if key not in known and not any(re.search(pattern, key) for pattern in patterns)
    ]
    if not unknown:  # known only to a form that this value does not have
        yield from _invalid(problem)
    missing = known.difference(problem.value)
    for key in unknown:
        where = problem.document.location_of_key((*problem.path, key))
        hint = did_you_mean(key, sorted(missing)) or did_you_mean(key, sorted(known))
        if not hint and known:
            hint = f"the keys here are {enumerated(sorted(known), joint='and')}"
        yield rules.UNKNOWN_KEY.finding(where, f"the key {quoted(key)} is not known{problem.inside}", hint=hint)


def _key_name(problem: Problem) -> Iterator[Finding]:
    says = problem.note("x-pattern-says")
    message = f"the key {quoted(problem.value)} does not have the form of the keys here"
    yield rules.KEY_NAME.finding(
        problem.where_key, message + (f": {says}" if says else ""), hint=problem.note("x-hint")
    )


def _type(problem: Problem) -> Iterator[Finding]:
    wanted = problem.wanted
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    value = problem.value
    expected = enumerated(_KINDS[kind] for kind in kinds)
    if "string" in kinds and isinstance(value, int):
        hint = f'put it in quotes: "{quoted(value)}"'
    elif value is None:
        hint = "write a value after the colon, or remove the key"
    else:
        hint = problem.note("x-hint") or _TYPE_HINTS.get(kinds[0], "")
    yield rules.TYPE.finding(problem.where, f"{problem.subject} is {_shown(value)}, but must be {expected}", hint=hint)


def _pattern(problem: Problem) -> Iterator[Finding]:
    says = problem.schema.get("x-pattern-says", "of another form")
    message = f"{problem.subject} is {quoted(problem.value)}, but must be {says}"
    yield rules.PATTERN.finding(problem.where, message, hint=problem.note("x-hint"))


def _format(problem: Problem) -> Iterator[Finding]:
    name = problem.wanted
    message = f"{problem.subject} is {quoted(problem.value)}, but must be {_FORMATS.get(name, name)}"
    yield rules.FORMAT.finding(problem.where, message, hint=problem.note("x-hint"))


def _enum(problem: Problem) -> Iterator[Finding]:
    value, wanted = problem.value, problem.wanted
    allowed = wanted if problem.keyword == "enum" else [wanted]
    message = f"{problem.subject} is {_shown(value)}, but must be {enumerated(map(quoted, allowed))}"
    words = [word for word in allowed if isinstance(word, str)]
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    yield rules.ENUM.finding(problem.where, message, hint=hint or problem.note("x-hint"))


def _limit(problem: Problem, keyword: str) -> Iterator[Finding]:
    rule, unit, side = _LIMITS[keyword]
    value, limit = problem.value, problem.wanted
    if unit:
        message = f"{problem.subject} has {_counted(len(value), unit)}, but must have {side} {_counted(limit, unit)}"
    else:
        message = f"{problem.subject} is {value}, but must be {side} {limit}"
    yield rule.finding(problem.where, message, hint=problem.note("x-hint"))


def _too_many_items(problem: Problem) -> Iterator[Finding]:
    limit = len(problem.schema.get("prefixItems", ()))
    count = len(problem.value)
    message = f"{problem.subject} has {_counted(count, 'entry')}, but must have at most {_counted(limit, 'entry')}"
    yield rules.COUNT.finding(problem.where, message, hint=problem.note("x-hint"))


def _duplicate_item(problem: Problem) -> Iterator[Finding]:
    message = f"{quoted(problem.value)} stands twice in {path_as_text(problem.path[:-1]) or 'the list'}"
    yield rules.DUPLICATE_ITEM.finding(problem.where, message)


def _not_allowed(problem: Problem) -> Iterator[Finding]:
    meaning = problem.note("description")
    message = f"{problem.subject} is not allowed" + (f": {meaning.rstrip('.')}" if meaning else " here")
    yield rules.NOT_ALLOWED.finding(problem.where_key, message, hint=problem.note("x-hint"))


def _invalid(problem: Problem) -> Iterator[Finding]:
    meaning = problem.note("description") or f"the schema's {problem.keyword!r}"
    message = f"{problem.subject} does not fit its definition: {meaning.rstrip('.')}"
    yield rules.INVALID.finding(problem.where, message, hint=problem.note("x-hint"))


def _choice(problem: Problem) -> Iterator[Finding]:
    """Explain the branch that the value comes closest to, or name all forms when none is closer than another."""
    branches = problem.branches()
    scores = {index: _distance(problem, found) for index, found in branches.items()}
    nearest = [index for index, score in scores.items() if score == min(scores.values())]
    if len(nearest) == 1:
        for child_problem in branches[nearest[0]]:
            yield from explain(child_problem)
        return
    forms = enumerated(dict.fromkeys(_form(problem, branch) for branch in problem.wanted))
    wrong_kind = bool(scores) and all(score[0] for score in scores.values())
    if not branches:
        message = f"{problem.subject} fits several forms at once, but must have one: {forms}"
    elif wrong_kind or not isinstance(problem.value, dict | list):
        message = f"{problem.subject} is {_shown(problem.value)}, but must be {forms}"
    else:
        message = f"{problem.subject} fits none of its forms: {forms}"
    rule = rules.TYPE if wrong_kind else rules.CHOICE
    yield rule.finding(problem.where, message, hint=problem.note("x-hint"))


def _distance(choice: Problem, branch: list[Problem]) -> tuple[int, int, int, int]:
    """Return how far the value is from a branch: wrong kind, contradicting marks, keys too many or few, the rest."""
    kind = marks = keys = rest = 0
    for problem in branch:
        depth, keyword = len(problem.path) - len(choice.path), problem.keyword
        if depth == 0 and keyword == "type":
            kind += 1
        elif depth == 1 and keyword in ("const", "enum"):
            marks += 1
        elif depth == 0 and keyword == "required":
            keys += 1  # one error for each missing key
        elif depth == 0 and keyword in ("additionalProperties", "unevaluatedProperties"):
            keys += len(set(problem.value) - problem.known_keys(problem.schema))
        else:
            rest += 1
    return kind, marks, keys, rest


def _form(problem: Problem, branch: Any) -> str:
    for schema in problem.with_definitions(branch):
        if "const" in schema:
            return quoted(schema["const"])
        if "enum" in schema:
            return enumerated(map(quoted, schema["enum"]))
        for keyword in ("x-pattern-says", "title"):
            if keyword in schema:
                return str(schema[keyword])
        if schema.get("required"):
            return f"a mapping with {enumerated(schema['required'], joint='and')}"
        if "type" in schema:
            kinds = schema["type"]
            return enumerated(_KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    return "another form"


def _shown(value: object) -> str:
    """Return a value with its kind, so that ``1`` and ``'1'`` are told apart."""
    if value is None:
        return "empty"
    return f"the text {quoted(value)}" if isinstance(value, str) else quoted(value)


def _counted(count: int, unit: str) -> str:
    plural = {"entry": "entries"}.get(unit, f"{unit}s")
    return f"{count} {unit if count == 1 else plural}"


_EXPLANATIONS: MappingProxyType[str, Callable[[Problem], Iterator[Finding]]] = MappingProxyType(
    {
        "required": _required,
        "dependentRequired": _dependent_required,
        "additionalProperties": _unknown_keys,
        "unevaluatedProperties": _unknown_keys,
        "type": _type,
        "pattern": _pattern,
        "format": _format,
        "enum": _enum,
        "const": _enum,
        "items": _too_many_items,
        "uniqueItems": _duplicate_item,
        "anyOf": _choice,
        "oneOf": _choice,
        "not": _not_allowed,
    }
)
