from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from pluginry.encoding.strict_yaml import MAX_BYTES, MAX_FINDINGS, RULES, parse
from pluginry.model.finding import Finding, Location, Severity

if TYPE_CHECKING:
    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import DocumentPath


@pytest.fixture(autouse=True, params=["libyaml", "python"])
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test holds for libyaml and for a PyYAML that was built without it."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader")


def read(text: str | bytes) -> ParsedDocument:
    return parse(text if isinstance(text, bytes) else text.encode(), file="a.yaml")


def found(text: str | bytes) -> list[tuple[str, int, int]]:
    return [(finding.rule, finding.where.line, finding.where.column) for finding in read(text).findings]


def only_finding(text: str | bytes) -> Finding:
    (finding,) = read(text).findings
    return finding


# Values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("7", 7),
        ("-42", -42),
        ("9007199254740991", 2**53 - 1),
        ("-9007199254740991", 1 - 2**53),
    ],
)
def test_a_few_plain_scalars_are_more_than_text(written: str, value: object) -> None:
    document = read(f"key: {written}\n")
    assert document.findings == ()
    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)


@pytest.mark.parametrize(
    "written",
    [
        "1.10",
        "1.0",
        "012",
        "00",
        "-0",
        "+1",
        "1e3",
        "0x10",
        "0o7",
        "1_000",
        "190:20:30",
        ".inf",
        ".nan",
        "no",
        "No",
        "yes",
        "on",
        "off",
        "y",
        "True",
        "FALSE",
        "Null",
        "NULL",
        "2026-01-31",
        "2026-01-31T23:59:59Z",
        "9007199254740992",
        "-9007199254740992",
        "1" * 5000,
        "=",
        "١٢",
        "a << b",
    ],
)
def test_everything_else_stays_text(written: str) -> None:
    document = read(f"key: {written}\n")
    assert document.findings == ()
    assert document.value == {"key": written}


@pytest.mark.parametrize("written", ["'1'", '"1"', "'null'", '"true"', "''", '"~"'])
def test_what_stands_in_quotes_is_text(written: str) -> None:
    assert read(f"key: {written}").value == {"key": written[1:-1]}


@pytest.mark.parametrize("written", ["|\n  true\n", ">\n  true\n"])
def test_a_block_is_text(written: str) -> None:
    assert read(f"key: {written}").value == {"key": "true\n"}


def test_keys_are_text_that_other_readers_take_for_booleans() -> None:
    assert read("on: 1\nno: 2\n1.10: 3\n'4': 5\n'<<': 6\n").value == {"on": 1, "no": 2, "1.10": 3, "4": 5, "<<": 6}


def test_lists_and_mappings_nest_in_both_styles() -> None:
    document = read("---\na:\n- 1\n- {b: [c, {d: e}]}\n-\n  - f\ng: []\nh: {}\n...\n")
    assert document.findings == ()
    assert document.value == {"a": [1, {"b": ["c", {"d": "e"}]}, ["f"]], "g": [], "h": {}}


def test_windows_line_ends_read_like_others() -> None:
    document = read("a: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert document.value == {"a": 1, "b": "x\ny\n"}
    assert document.location_of(("b",)).line == 2


# Places

PLACES = """\
# comment
name: spam
owners:
  - {login: a, id: 3}
  -   login: ä😀
      id: "x"
'ta gs': [one,
   two]
empty:
text: |
  long
last:
- null
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (2, 1), (2, 1)),
        (("name",), (2, 7), (2, 1)),
        (("owners",), (4, 3), (3, 1)),
        (("owners", 0), (4, 5), (4, 5)),
        (("owners", 0, "login"), (4, 13), (4, 6)),
        (("owners", 0, "id"), (4, 20), (4, 16)),
        (("owners", 1), (5, 7), (5, 7)),
        (("owners", 1, "login"), (5, 14), (5, 7)),
        (("owners", 1, "id"), (6, 11), (6, 7)),
        (("ta gs",), (7, 10), (7, 1)),
        (("ta gs", 0), (7, 11), (7, 11)),
        (("ta gs", 1), (8, 4), (8, 4)),
        (("empty",), (9, 1), (9, 1)),
        (("text",), (10, 7), (10, 1)),
        (("last",), (13, 1), (12, 1)),
        (("last", 0), (13, 3), (13, 3)),
    ],
)
def test_every_value_and_key_knows_its_place(path: DocumentPath, value: tuple[int, int], key: tuple[int, int]) -> None:
    document = read(PLACES)
    assert document.location_of(path) == Location(file="a.yaml", line=value[0], column=value[1], path=path)
    assert document.location_of_key(path) == Location(file="a.yaml", line=key[0], column=key[1], path=path)


@pytest.mark.parametrize("text", ["a:\nb: 1", "{a: , b: 1}", "{a, b: 1}", "a: # nothing\nb: 1"])
def test_a_value_that_is_not_written_is_found_at_its_key(text: str) -> None:
    document = read(text)
    assert document.value == {"a": None, "b": 1}
    assert document.location_of(("a",)) == document.location_of_key(("a",))


# Refusals


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b: c\n", 1, 5),
        ("a: [1\nb: 2\n", 2, 2),
        ("a: {x: 1\n", 2, 1),
        ("a: 'x\n", 2, 1),
        ("a: @home\n", 1, 4),
        ("a: `x`\n", 1, 4),
        ("a: %x\n", 1, 4),
        ("a\nb: c\n", 2, 2),
        ("a: 1\n  b: 2\n", 2, 4),
        ("- a\nb: 1\n", 2, 1),
        ("]", 1, 1),
        ("a: [", 1, 5),
        ("a: 'b", 1, 6),
    ],
)
def test_what_is_not_yaml_is_refused_at_its_place(text: str, line: int, column: int) -> None:
    document = read(text)
    assert found(text) == [("yaml.syntax", line, column)]
    assert document.value is None
    assert not document.readable
    assert document.findings[0].message.startswith("this is not valid YAML: ")


@pytest.mark.parametrize("text", ["a:\n\tb: 1\n", "a:\n  b: 1\n \tc: 2\n", "\ta: 1\n"])
def test_a_tab_as_indentation_is_called_by_its_name(text: str) -> None:
    finding = only_finding(text)
    assert finding.rule == "yaml.syntax"
    assert finding.hint == "the line starts with a tab: YAML indents with spaces only"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("summary: this: that", "quotes"),
        ("a: @x", "quotes"),
        ("a: 'x", "never closed"),
        ('a: "C:\\q"', "single quotes"),
    ],
)
def test_common_mistakes_come_with_their_remedy(text: str, hint: str) -> None:
    assert hint in only_finding(text).hint


@pytest.mark.parametrize("text", ['"\\U00110000"', '"\\UFFFFFFFF"', '"\\uD800"', "!<%ED%A0%80> a", "%YAML 9.9\n---\na"])
def test_what_pyyaml_itself_stumbles_over_is_a_finding(text: str) -> None:
    document = read(text)
    assert document.value is None
    assert len(document.findings) == 1


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "   "])
def test_an_empty_file_is_refused(text: str) -> None:
    assert found(text) == [("yaml.empty", 0, 0)]
    assert not read(text).readable


def test_a_file_that_says_null_is_read_as_null() -> None:
    document = read("null\n")
    assert (document.value, document.findings, document.readable) == (None, (), True)


def test_every_repeated_key_is_listed_and_the_first_value_stays() -> None:
    text = "a: 1\nb: {c: 1, c: 2}\na: 3\nd:\n  - e: 1\n    e: {f: 1, f: 2}\na: {b: 1}\n"
    assert found(text) == [
        ("yaml.duplicate-key", 2, 11),
        ("yaml.duplicate-key", 3, 1),
        ("yaml.duplicate-key", 6, 5),
        ("yaml.duplicate-key", 6, 15),
        ("yaml.duplicate-key", 7, 1),
    ]
    document = read(text)
    assert document.value == {"a": 1, "b": {"c": 1}, "d": [{"e": 1}]}
    assert document.location_of(("a",)).line == 1
    assert ("a", "b") not in document.marks


def test_a_repeated_key_names_the_line_of_the_first() -> None:
    message = only_finding("x: 0\nname: a\ny: 0\nname: b\n").message
    assert message == "the key 'name' stands here again; it already stands in line 2"


@pytest.mark.parametrize("text", ["'a': 1\na: 2\n", '"\\x61": 1\na: 2\n', "? a\n: 1\na: 2\n"])
def test_a_key_is_repeated_however_it_is_written(text: str) -> None:
    assert [rule for rule, _, _ in found(text)] == ["yaml.duplicate-key"]


def test_anchors_and_aliases_are_refused_where_they_stand() -> None:
    text = "a: &x 1\nb: *x\nc: &y [1]\nd: &z {}\n*x : 1\n&k e: 1\n"
    assert found(text) == [
        ("yaml.alias", 1, 4),
        ("yaml.alias", 2, 4),
        ("yaml.alias", 3, 4),
        ("yaml.alias", 4, 4),
        ("yaml.alias", 5, 1),
        ("yaml.alias", 6, 1),
    ]
    assert read(text).value is None


def test_an_alias_of_nothing_is_refused_like_any_other() -> None:
    assert found("a: *nothing\n") == [("yaml.alias", 1, 4)]


def test_an_alias_bomb_is_refused_without_expanding_it() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 40)
    )
    document = read(bomb)
    assert document.value is None
    assert {finding.rule for finding in document.findings} == {"yaml.alias"}
    assert len(document.findings) == MAX_FINDINGS


def test_an_alias_to_its_own_parent_is_refused() -> None:
    assert found("&a [*a]") == [("yaml.alias", 1, 1), ("yaml.alias", 1, 5)]


@pytest.mark.parametrize(
    "value",
    ["!!str 1", "!local x", "! x", "!<tag:yaml.org,2002:str> x", "!!python/object/apply:os.system [true]", "!!set {}"],
)
def test_every_explicit_tag_is_refused(value: str) -> None:
    assert found(f"a: {value}\n") == [("yaml.tag", 1, 4)]
    assert read(f"a: {value}\n").value is None


def test_a_merge_key_is_refused() -> None:
    assert found("a: 1\n<<: {b: 2}\n") == [("yaml.merge-key", 2, 1)]
    assert read("a: 1\n<<: {b: 2}\n").value is None


@pytest.mark.parametrize("key", ["1", "-3", "true", "null", "~", "{a: b}", "[a]"])
def test_a_key_that_is_not_text_is_refused(key: str) -> None:
    text = f"a: 1\n? {key}\n: {{b: 1, b: 2}}\nc: 3\n"
    assert found(text) == [("yaml.key-not-text", 2, 3), ("yaml.duplicate-key", 3, 10)]
    assert read(text).value is None


def test_a_second_document_is_refused() -> None:
    assert found("a: 1\n---\nb: 2\n") == [("yaml.multiple-documents", 2, 1)]
    assert read("a: 1\n---\nb: 2\n").value is None


@pytest.mark.parametrize("directive", ["%YAML 1.1", "%TAG ! tag:example.com,2000:"])
def test_directives_are_refused(directive: str) -> None:
    assert found(f"{directive}\n---\na: 1\n") == [("yaml.directive", 1, 1)]


def test_nesting_ends_at_sixteen_levels() -> None:
    assert read("[" * 16 + "]" * 16).findings == ()
    assert found("[" * 17 + "]" * 17) == [("yaml.too-deep", 1, 17)]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_extreme_nesting_is_refused_like_any_other(opening: str) -> None:
    document = read(opening * (MAX_BYTES // len(opening)))
    assert document.value is None
    assert document.findings[-1].rule in ("yaml.too-deep", "yaml.syntax")


def test_the_limits_are_the_callers() -> None:
    assert parse(b"[[1]]", file="a", max_depth=2).value == [[1]]
    assert parse(b"[[1]]", file="a", max_depth=1).findings[0].rule == "yaml.too-deep"
    assert parse(b"[[1]]", file="a", max_bytes=4).findings[0].rule == "yaml.too-large"


def test_a_file_above_256_kib_is_refused_unread() -> None:
    assert read(b"a: " + b"x" * (MAX_BYTES - 3)).findings == ()
    assert found(b"#" * (MAX_BYTES + 1)) == [("yaml.too-large", 0, 0)]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\xef\xbb\xbfa: 1", "yaml.encoding"),
        (b"a: \xff", "yaml.encoding"),
        (b"a: \x00", "yaml.control-character"),
        (b"a: '\x1b[31m'", "yaml.control-character"),
        (b'a: "\\0"', "yaml.control-character"),
        (b'a: "\\e[31m"', "yaml.control-character"),
        (b'a: "\\r\\n"', "yaml.control-character"),
        (b'"\\N": a', "yaml.control-character"),
    ],
)
def test_bytes_and_escapes_that_hide_something_make_a_file_unreadable(data: bytes, rule: str) -> None:
    document = read(data)
    assert [finding.rule for finding in document.findings] == [rule]
    assert document.value is None


def test_a_direction_character_is_reported_once_at_its_exact_place() -> None:
    text = "a: 1\nname: 'x\u202ey'\nname: 2\n"
    assert found(text) == [("yaml.bidi-control", 2, 9), ("yaml.duplicate-key", 3, 1)]
    assert read(text).readable


def test_an_escaped_direction_character_is_reported_at_its_text() -> None:
    assert found('a: 1\nb: "x\\u202Ey"\n') == [("yaml.bidi-control", 2, 4)]


def test_what_stands_before_a_syntax_error_is_reported_with_it() -> None:
    assert found("a: 1\na: 2\nb: !x y\nc: [\n") == [
        ("yaml.duplicate-key", 2, 1),
        ("yaml.tag", 3, 4),
        ("yaml.syntax", 5, 1),
    ]


def test_a_file_with_endless_faults_is_cut_off_and_unreadable() -> None:
    document = read("a: 1\n" * 1000)
    assert len(document.findings) == MAX_FINDINGS
    assert not document.readable


def test_a_message_never_carries_hostile_text_along() -> None:
    finding = only_finding('? "a\\n::error::\\u00e9"\n: 1\n? "a\\n::error::\\u00e9"\n: 2\n')
    assert finding.message.isprintable()


def test_every_rule_refuses_and_says_why_and_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == 14
    for rule in RULES:
        assert rule.id.startswith("yaml.")
        assert rule.severity is Severity.BLOCKS
        assert rule.title
        assert rule.why
        assert rule.fix
