"""Whatever stands in the files of a registry, loading and rules answer with findings and never with an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import a_registry, registry_files
from findings import findings_in

if TYPE_CHECKING:
    from pathlib import Path


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(registry_files())), st.binary(max_size=200))
def test_random_bytes_in_any_file_never_crash_anything(tmp_path: Path, name: str, content: bytes) -> None:
    registry = a_registry(tmp_path, {name: content})
    for finding in findings_in(registry):
        assert finding.message
        assert finding.hint
        assert (registry / finding.where.file).parent.exists()


NAMES_OF_DOCUMENTS = sorted(name for name in registry_files() if name.endswith((".yaml", ".json", ".md")))
WORDS = [
    "0",
    "''",
    "null",
    "[]",
    "{}",
    "- x",
    "true",
    "1.0.0",
    "'*'",
    "99999999999",
    "x: y",
    "\u202e",
    "acme/x",
    "../x",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_mutations_of_valid_documents_never_crash_anything(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES_OF_DOCUMENTS))
    content = registry_files()[name]
    assert isinstance(content, str)
    lines = content.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "repeat", "replace", "value", "indent"]))
        key, colon, _ = lines[at].partition(":")
        if kind == "drop" and len(lines) > 1:
            del lines[at]
        elif kind == "repeat":
            lines.insert(at, lines[at])
        elif kind == "replace":
            lines[at] = data.draw(st.text(max_size=20))
        elif kind == "value" and colon:
            lines[at] = f"{key}: {data.draw(st.sampled_from(WORDS) | st.text(max_size=10))}"
        else:
            lines[at] = "  " + lines[at]
    registry = a_registry(tmp_path, {name: "\n".join(lines).encode("utf-8", "surrogatepass")})
    for finding in findings_in(registry):
        assert finding.message
        assert finding.hint
