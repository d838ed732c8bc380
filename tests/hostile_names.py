"""Names that no package may have, alone or side by side, each with the rule it breaks."""

from __future__ import annotations

HOSTILE_NAMES = (
    ("archive.name-encoding", (b"caf\xe9.txt", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"a\xf5\x80\x80\x80")),
    (
        "archive.name-unprintable",
        (
            "a\0.txt",
            "a\nb",
            "a\x1b[2J",
            "\x7f",
            "a\u0085b",
            "a\u202etxt.exe",
            "a\u2066b",
            "a\u200eb",
            "a\u061cb",
            "a\u200bb",
            "a\u200db",
            "a\ufeffb",
            "a\u00adb",
            "a\u2028b",
            "a\u00a0b",
            "a\ue000b",
            "a\ufffeb",
            "a\U000e0041b",
        ),
    ),
    ("archive.name-character", ("..\\evil", "a\\b", "C:/evil", "a:stream", "a*", "a?", 'a"', "a<", "a>", "a|b")),
    ("archive.name-form", ("cafe\u0301.txt", "\u212bngstrom", "\u212aelvin")),
    ("archive.name-length", ("n" * 256, "d/" + "\u00e9" * 128, "/".join(["n" * 100] * 6), "n" * 700)),
    ("archive.name-depth", ("/".join("d" * 33),)),
    ("archive.name-absolute", ("/etc/passwd", "//server/share")),
    (
        "archive.name-traversal",
        ("../evil", "a/../../evil", "..", ".", "./a", "a/./b", "a//b", "a//", "", "a/..", "../"),
    ),
    ("archive.name-ending", ("a.", "a ", "a./b", "a /b", "...", " ", "a/.. ", "a/ ..", "d./")),
    (
        "archive.name-device",
        (
            "CON",
            "con",
            "Nul.txt",
            "aux.tar.gz",
            "prn",
            "COM1",
            "com0",
            "lpt9.log",
            "COM\u00b9",
            "lpt\u00b2.x",
            "LPT\u00b3",
            "nul .txt",
            "d/CON/x",
            "conin$",
            "CONOUT$",
            "clock$",
            "con/",
        ),
    ),
    (
        "archive.name-reserved",
        (
            "receipt.json",
            "Receipt.JSON",
            "receipt.json/x",
            "receipt.json/",
            ".receipt.json.new",
            ".RECEIPT.json.new/x",
            ".receipt.jsonabc",
        ),
    ),
)
"""Rule and the names that break it alone: bytes that are no text, or text."""

HOSTILE_PAIRS = (
    ("archive.name-duplicate", (("a", "a"), ("d/", "d/"), ("b", "plugin.json"))),
    (
        "archive.name-collision",
        (
            ("a", "A"),
            ("D/x", "d/y"),
            ("d/", "D/y"),
            ("d/x", "D/"),
            ("d/x", "D"),
            ("Stra\u00dfe", "STRASSE"),
            ("\u00c9", "\u00e9"),
            ("\u03a3", "\u03c2"),
            ("d/e/f/x", "d/E/f/y"),
            ("b", "PLUGIN.json"),
            ("\ufb01", "fi"),
        ),
    ),
    ("archive.name-file-and-directory", (("a", "a/b"), ("a/b", "a"), ("a", "a/"), ("a/", "a"), ("d/e", "d/e/f/g"))),
)
"""Rule and pairs of names that break it together (in every archive there is a plugin.json already)."""
