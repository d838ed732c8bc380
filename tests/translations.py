"""What the catalogue's pages say, gathered from templates, scripts and modules into the file for translators.

`PYTHONPATH=tests python tests/translations.py` writes ``site_templates/locales/pluginry.pot`` anew and brings the
catalogues of every shipped language up to date: new sentences are added without a translation, lost ones are dropped.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from pluginry.model.channel import Channel
from pluginry.publisher.source_reading.access_kinds import IN_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
TEMPLATES, MODULES = ROOT / "site_templates", ROOT / "tools" / "pluginry"
LOCALES = TEMPLATES / "locales"
TEMPLATE_FILE = LOCALES / "pluginry.pot"
_PYTHON = {"said": None, "counted": (1, 2)}
_SCRIPT = {"say": None, "sayCount": (1, 2)}
_ENUMERATIONS = (
    ("listing.schema.json", ("pricing", "model")),
    ("advisory.schema.json", ("references", "", "type")),
)
"""Values that pages show as they are written, in small letters."""
_HEADER = """\
# What the pages of the catalogue say.
#"""


def gathered() -> Catalog:
    """Return every sentence of the pages, in a fixed order."""
    catalogue = _empty()
    for path, english in sorted(_all(), key=lambda pair: (str(pair[0]), pair[1])):
        one = english if len(english) > 1 else english[0]
        catalogue.add(one, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """Return `catalogue` as a file: without times and line numbers, so that it changes when a sentence does."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, omit_header=True, include_lineno=False, sort_output=True)
    kept = f'{_HEADER}\nmsgid ""\nmsgstr ""\n{_head_of(catalogue)}\n'
    return kept.encode() + stream.getvalue()


def catalogues() -> Iterator[tuple[str, Path]]:
    """Yield tag and file of every shipped language but English."""
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/pluginry.po")):
        yield path.parents[1].name, path


def _head_of(catalogue: Catalog) -> str:
    fields = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if catalogue.locale:
        fields += [f"Language: {str(catalogue.locale).replace('_', '-')}", f"Plural-Forms: {catalogue.plural_forms}"]
    return "".join(f'"{field}\\n"\n' for field in fields)


def _empty(tag: str | None = None) -> Catalog:
    return Catalog(locale=tag.replace("-", "_") if tag else None, charset="utf-8")


def _all() -> Iterator[tuple[Path, tuple[str, ...]]]:
    for path in TEMPLATES.glob("*.html"):
        yield from _found(path, "jinja2.ext:babel_extract", {"trim_blocks": "true", "lstrip_blocks": "true"}, None)
    for path in (TEMPLATES / "assets").rglob("*.js"):
        yield from _found(path, "javascript", {"parse_template_string": "true"}, _SCRIPT)
    for path in MODULES.rglob("*.py"):
        if b"pluginry.model.said import" in path.read_bytes():
            yield from _found(path, "python", {}, _PYTHON)
    for says in IN_WORDS.values():
        yield MODULES / "publisher/source_reading/access_kinds.py", (says,)
    yield from ((MODULES / "model/channel.py", (channel.value,)) for channel in Channel)
    for name, path in _ENUMERATIONS:
        schema = ROOT / "schemas" / name
        at = json.loads(schema.read_text("utf-8"))
        for part in path:
            at = at["properties"][part] if part else at["items"]
        yield from ((schema, (value.lower(),)) for value in at["enum"])


def _found(
    path: Path, method: str, options: dict[str, str], keywords: object
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    from babel.messages.extract import DEFAULT_KEYWORDS

    chosen = keywords or {name: DEFAULT_KEYWORDS[name] for name in ("_", "gettext", "ngettext")}
    for _, message, _, _ in extract_from_file(method, path, keywords=chosen, options=options):
        yield path, (message,) if isinstance(message, str) else tuple(message)


def main() -> None:
    """Write the template and bring the catalogues up to date."""
    LOCALES.mkdir(exist_ok=True)
    template = gathered()
    TEMPLATE_FILE.write_bytes(written(template))
    for tag, path in catalogues():
        catalogue = _empty(tag)
        old = read_po(io.BytesIO(path.read_bytes()), locale=tag.replace("-", "_"), charset="utf-8")
        for message in template:
            if message.id:
                known = old.get(message.id[0] if isinstance(message.id, tuple) else message.id)
                same = known is not None and known.id == message.id
                catalogue.add(message.id, known.string if same else None, locations=message.locations)
        path.write_bytes(written(catalogue))


if __name__ == "__main__":
    main()
