"""What YAML files of the registry are held to before anybody looks at their content.

Every rule refuses the file: what it forbids makes the same bytes mean different things to different readers.
"""

from __future__ import annotations

from pluginry.model.rule import Rule

TOO_LARGE = Rule(
    id="yaml.too-large",
    title="The file is too large",
    why="Files of the registry are read by people and by every build; a limit keeps both possible.",
    fix="move long texts into their own files, and data into the package",
)
ENCODING = Rule(
    id="yaml.encoding",
    title="The file is not UTF-8 without a byte order mark",
    why="Readers guess differently what other bytes mean, so a reviewer and a client could read different texts.",
    fix="save the file as UTF-8 without BOM",
)
CONTROL_CHARACTER = Rule(
    id="yaml.control-character",
    title="The file holds an invisible control character",
    why="Control characters and rare line breaks are shown by no editor and read differently by different parsers.",
    fix="delete the character; a line ends with a line feed",
)
BIDI_CONTROL = Rule(
    id="yaml.bidi-control",
    title="The file holds a character that changes the direction of text",
    why="With it a text reads differently on the screen of a reviewer than it is stored.",
    fix="delete the character; right-to-left text needs none",
)
SYNTAX = Rule(
    id="yaml.syntax",
    title="This is not valid YAML",
    why="Nothing after the mistake can be understood.",
    fix="compare the line and the one above it with a file that works: indentation, colons, quotes",
)
EMPTY = Rule(
    id="yaml.empty",
    title="The file is empty",
    why="A file without content claims nothing; it is likely to be saved by mistake.",
    fix="write the content, or delete the file",
)
DUPLICATE_KEY = Rule(
    id="yaml.duplicate-key",
    title="A key stands twice in the same mapping",
    why="Some readers take the first, some the last: what was reviewed may not be what is used.",
    fix="keep one of the two",
)
ALIAS = Rule(
    id="yaml.alias",
    title="Anchors (&) and aliases (*) are not allowed",
    why="An alias shows a reviewer a name in place of the value, and a few lines of them can expand without end.",
    fix="write the value out; a text that starts with & or * needs quotes",
)
TAG = Rule(
    id="yaml.tag",
    title="Tags (!) are not allowed",
    why="A tag changes what a value is, differently in every reader.",
    fix="remove the tag, and put the value in quotes if it is text; a text that starts with ! needs quotes",
)
MERGE_KEY = Rule(
    id="yaml.merge-key",
    title="Merge keys (<<) are not allowed",
    why="Only some readers know them, and the merged values do not stand where a reviewer looks.",
    fix="write the keys out",
)
KEY_NOT_TEXT = Rule(
    id="yaml.key-not-text",
    title="A key is not text",
    why="Documents are published as JSON, whose keys are text.",
    fix="put the key in quotes",
)
DIRECTIVE = Rule(
    id="yaml.directive",
    title="Directives (%) are not allowed",
    why="They change how the rest of the file is read.",
    fix="remove the line that starts with %",
)
MULTIPLE_DOCUMENTS = Rule(
    id="yaml.multiple-documents",
    title="The file holds more than one document",
    why="One file describes one thing; most readers would see the first document only.",
    fix="remove the line --- or move what follows it into a file of its own",
)
TOO_DEEP = Rule(
    id="yaml.too-deep",
    title="The document is nested too deeply",
    why="No document of the registry needs it, and deep nesting exhausts programs that read it.",
    fix="flatten the mappings and lists",
)
RULES = (
    TOO_LARGE,
    ENCODING,
    CONTROL_CHARACTER,
    BIDI_CONTROL,
    SYNTAX,
    EMPTY,
    DUPLICATE_KEY,
    ALIAS,
    TAG,
    MERGE_KEY,
    KEY_NOT_TEXT,
    DIRECTIVE,
    MULTIPLE_DOCUMENTS,
    TOO_DEEP,
)
