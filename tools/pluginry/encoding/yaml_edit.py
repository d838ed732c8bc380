"""Changes one entry of a YAML document, and leaves every other line of it as its author wrote it.

In: text that `strict_yaml` reads, a key of its outermost mapping, a value. Out: text that says the same but for that
entry. Comments and layout of everything else stay; what is written anew is in the style of `yaml_writer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from yaml import Node


def with_entry(text: str, key: str, value: object) -> str:
    """Return `text` with `value` for `key`: in the place where it was, or as the last entry.

    Raises:
        DocumentError: it is no mapping that is written one entry to a line.

    """
    return _replaced(text, key, write_yaml({key: value}).decode())


def without_entry(text: str, key: str) -> str:
    """Return `text` without `key`; errors as `with_entry`."""
    return _replaced(text, key, "")


def with_item(text: str, key: str, item: object) -> str:
    """Return `text` with one more `item` at the end of the list `key`, which is made when there is none.

    Raises:
        DocumentError: as `with_entry`; or the list is written on one line, where an item cannot be added by itself.

    """
    entries = _entries(text)
    if key not in entries:
        return _replaced(text, key, write_yaml({key: [item]}).decode())
    value = entries[key][1]
    if not value.value:
        return _replaced(text, key, write_yaml({key: [item]}).decode())
    if getattr(value, "flow_style", True):
        raise DocumentError(f"the list {key!r} is written on one line", hint="write one item to a line")
    lines = text.splitlines(keepends=True)
    indent = value.start_mark.column
    new = [f"{' ' * indent}{line[2:]}" for line in write_yaml({key: [item]}).decode().splitlines(keepends=True)[1:]]
    end = _end(lines, value)
    return "".join((*_whole(lines[:end]), *new, *lines[end:]))


def _replaced(text: str, key: str, entry: str) -> str:
    entries, lines = _entries(text), text.splitlines(keepends=True)
    if key not in entries:
        return "".join((*_whole(lines), entry))
    name, value = entries[key]
    return "".join((*lines[: name.start_mark.line], entry, *lines[_end(lines, value) :]))


def _entries(text: str) -> dict[str, tuple[Node, Node]]:
    """Return the entries of the outermost mapping, each with where it is."""
    import yaml

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise DocumentError("this is not YAML", why=str(error), hint="pluginry check says more") from error
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise DocumentError("this document is not written one entry to a line", hint="write it in block style")
    return {str(name.value): (name, value) for name, value in root.value}


def _end(lines: list[str], value: Node) -> int:
    """Return the number of the first line after `value`; what is said before the next entry belongs to that."""
    end = value.end_mark.line + (1 if value.end_mark.column else 0)
    while end > value.start_mark.line + 1 and (not (line := lines[end - 1].strip()) or line.startswith("#")):
        end -= 1
    return max(end, value.start_mark.line + 1)


def _whole(lines: list[str]) -> list[str]:
    """Return `lines`, of which the last one ends."""
    return [*lines[:-1], lines[-1].rstrip("\n") + "\n"] if lines else []
