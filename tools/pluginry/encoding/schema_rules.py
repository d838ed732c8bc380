"""What a document is held to by its schema, as stable rules: one for each way of not fitting."""

from __future__ import annotations

from pluginry.model.rule import Rule

_ONE_MEANING = "Programs read this value; what does not fit its definition would break or be misread later."

REQUIRED = Rule(
    id="schema.required",
    title="A key that must be there is missing",
    why="Without it the document does not say enough to be used.",
    fix="add the key",
)
UNKNOWN_KEY = Rule(
    id="schema.unknown-key",
    title="A key is not known here",
    why="An unknown key is most often a misspelt one, and what it says would be silently ignored.",
    fix="correct its spelling or its indentation, or remove it",
)
KEY_NAME = Rule(
    id="schema.key-name",
    title="A key does not have the form of the keys in this mapping",
    why="Keys of this mapping name things, and names have a fixed form.",
    fix="write the name in its full form",
)
TYPE = Rule(id="schema.type", title="A value is of the wrong kind", why=_ONE_MEANING, fix="write a value of that kind")
PATTERN = Rule(
    id="schema.pattern", title="A text does not have its form", why=_ONE_MEANING, fix="write it in that form"
)
ENUM = Rule(
    id="schema.enum",
    title="A value is none of the allowed ones",
    why=_ONE_MEANING,
    fix="choose one of the allowed values",
)
LENGTH = Rule(
    id="schema.length",
    title="A text is too short or too long",
    why="Texts have to fit where they are shown, and say something there.",
    fix="shorten or complete the text",
)
COUNT = Rule(
    id="schema.count",
    title="There are too few or too many entries",
    why="Lists are bounded so that pages and builds are.",
    fix="add or remove entries",
)
RANGE = Rule(id="schema.range", title="A number is too small or too large", why=_ONE_MEANING, fix="correct the number")
FORMAT = Rule(
    id="schema.format", title="A text is not what it should denote", why=_ONE_MEANING, fix="write it in that form"
)
DUPLICATE_ITEM = Rule(
    id="schema.duplicate-item",
    title="An entry stands twice in a list",
    why="Each entry counts once; a repeated one is a slip of the pen.",
    fix="remove one of the two",
)
CHOICE = Rule(
    id="schema.choice",
    title="A value fits none, or several, of the forms it may have",
    why="The value may be written in several ways, and it has to be clear which one is meant.",
    fix="follow one of the forms",
)
NOT_ALLOWED = Rule(
    id="schema.not-allowed",
    title="A value is not allowed here",
    why="It contradicts something else in the document, or has been withdrawn.",
    fix="remove it",
)
INVALID = Rule(
    id="schema.invalid",
    title="A value does not fit its definition",
    why=_ONE_MEANING,
    fix="compare it with the schema of this document",
)
RULES = (
    REQUIRED,
    UNKNOWN_KEY,
    KEY_NAME,
    TYPE,
    PATTERN,
    ENUM,
    LENGTH,
    COUNT,
    RANGE,
    FORMAT,
    DUPLICATE_ITEM,
    CHOICE,
    NOT_ALLOWED,
    INVALID,
)
