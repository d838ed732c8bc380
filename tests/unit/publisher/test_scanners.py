"""What the scanners find in harmful packages, and do not find in harmless ones."""

from __future__ import annotations

import pytest

from harmful_packages import HARMFUL, HARMLESS
from pluginry.model.finding import Severity
from pluginry.model.host import Harm, HostProfile, PermissionMeaning
from pluginry.model.names import Name
from pluginry.publisher.scan_setup import ScanSetup
from pluginry.publisher.source_reading import reading
from scanned_packages import scanned

MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software, subject to
the following conditions: The above copyright notice shall be included."""
APACHE = "Apache License\nVersion 2.0, January 2004\n"
MPL = "Mozilla Public License Version 2.0\nSecondary: the GNU General Public License, Version 2.0\n"


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_packages_are_found(name: str) -> None:
    files, expected = HARMFUL[name]
    assert {finding.rule for finding in scanned(files).findings if finding.severity is not Severity.NOTE} >= expected


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_packages_need_no_review(name: str) -> None:
    assert [finding for finding in scanned(HARMLESS[name]).findings if finding.severity is not Severity.NOTE] == []


class TestPermissions:
    def test_undeclared_access_is_told_once_for_each_kind_with_file_and_line(self) -> None:
        result = scanned({"a.py": "\nimport socket\nsocket.socket()\n", "b.py": "import httpx\n"})
        found = [f for f in result.findings if f.rule == "scan.undeclared-access"]
        assert [(f.where.file, f.where.line) for f in found] == [("a.py", 2)]
        assert (
            found[0].message == "the code uses the network (socket, socket.socket and httpx), and no permission says so"
        )

    def test_declared_access_is_a_fact_and_no_finding(self) -> None:
        result = scanned({"a.py": "import socket\n"}, "network:example.com:443")
        assert result.findings == ()
        (seen,) = result.observed
        assert (seen.kind, seen.count, seen.declared) == ("network", 1, ("network:example.com:443",))
        assert [(place.file, place.line, place.what) for place in seen.places] == [("a.py", 1, "socket")]

    def test_what_a_host_says_its_permission_covers_counts(self) -> None:
        meaning = PermissionMeaning(type="report", severity=Harm.LOW, says="Sends reports", covers=("network",))
        host = HostProfile(
            id=Name("mail"), title="Mail", summary="Mail", versions=(), runtimes=(), permissions=(meaning,)
        )
        files = {"a.py": "import httpx\n"}
        assert scanned(files, "report:daily").findings != ()
        assert scanned(files, "report:daily", setup=ScanSetup(hosts={host.id: host})).findings == ()

    def test_a_permission_whose_use_was_not_seen_is_noted(self) -> None:
        result = scanned({"a.py": "import os\nos.getenv('A')\n"}, "network:any", "environment:all", "ui:page")
        assert [(f.rule, f.severity) for f in result.findings] == [("scan.unused-permission", Severity.NOTE)]

    @pytest.mark.parametrize("other", [{"b.py": "def ("}, {"lib.so": b"\x7fELF\x02"}])
    def test_but_not_where_something_could_not_be_read(self, other: dict[str, bytes | str]) -> None:
        rules = {f.rule for f in scanned({"a.py": "import os\nos.getenv('A')\n", **other}, "network:any").findings}
        assert "scan.unused-permission" not in rules

    def test_few_places_of_many_are_kept_and_each_name_comes_first(self) -> None:
        source = "import socket\n" + "socket.socket()\n" * 50 + "import httpx\n"
        (seen,) = scanned({"a.py": source}, "network:any").observed
        assert seen.count == 52
        assert len(seen.places) == 5
        assert {place.what for place in seen.places[:3]} == {"socket", "socket.socket", "httpx"}

    def test_sources_beyond_what_a_package_may_cost_are_noted_and_not_parsed(self) -> None:
        filling = "#" + "x" * (reading.MAX_SOURCE_BYTES - 1)
        files = {f"a{number}.py": filling for number in range(4)}
        found = scanned({**files, "b.py": "import socket\n"}, "network").findings
        assert [(one.where.file, "comes after the first 8,388,608 bytes" in one.message) for one in found] == [
            ("b.py", True)
        ]

    @pytest.mark.parametrize(
        "files",
        [
            {"a.py": "import os\n" + "os.environ['A']\n" * 2000 + "import socket\n"},
            {f"broken{number}.py": "(" for number in range(150)} | {"z.py": "import socket\n"},
        ],
        ids=["uses of another kind", "files that nobody can read"],
    )
    def test_however_much_comes_before_it_undeclared_access_is_told(self, files: dict[str, bytes | str]) -> None:
        result = scanned(files)
        assert "network" in {one.kind for one in result.observed}
        assert "scan.undeclared-access" in {found.rule for found in result.findings}

    def test_a_file_that_cannot_be_read_is_noted(self) -> None:
        (found,) = scanned({"a.py": "print 'x'\n"}).findings
        assert (found.rule, found.severity, found.where.file) == ("scan.unreadable-source", Severity.NOTE, "a.py")


class TestLicences:
    def test_another_licence_than_listed_is_looked_at(self) -> None:
        (found,) = scanned({"LICENSE": APACHE}, licence="MIT").findings
        assert (found.rule, found.where.file) == ("scan.other-licence", "LICENSE")
        assert found.message == "this is Apache-2.0, and the listing says MIT"

    @pytest.mark.parametrize(
        ("files", "licence"),
        [
            ({"LICENSE": MIT}, "MIT"),
            ({"LICENSE.txt": APACHE, "lib/x-1.dist-info/LICENSE": MIT}, "Apache-2.0"),
            ({"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "MIT OR Apache-2.0"),
            ({"COPYING": MPL}, "MPL-2.0"),
            ({"LICENCE": "Do what you like."}, "LicenseRef-own"),
            ({"LICENSE": MIT, "vendor/a/LICENSE": APACHE}, "MIT"),
        ],
    )
    def test_the_right_one_and_unknown_ones_are_not(self, files: dict[str, bytes | str], licence: str) -> None:
        assert scanned(files, licence=licence).findings == ()

    def test_no_text_at_all_is_noted(self) -> None:
        (found,) = scanned({"a.txt": ""}, licence="MIT").findings
        assert (found.rule, found.severity) == ("scan.no-licence-text", Severity.NOTE)


class TestVendored:
    def test_packages_inside_are_facts(self) -> None:
        result = scanned(
            {
                "lib/Foo_Bar-1.dist-info/METADATA": "Name: Foo_Bar\nVersion: 1.0\n\nName: other\n",
                "node_modules/@a/b/package.json": '{"name": "@a/b", "version": "2.0.0"}',
                "requirements.txt": "# pinned\nflask==3.0.0 --hash=x\nhttpx>=1\n",
            }
        )
        assert [(one.ecosystem, one.name, one.version) for one in result.vendored] == [
            ("PyPI", "flask", "3.0.0"),
            ("PyPI", "foo-bar", "1.0"),
            ("npm", "@a/b", "2.0.0"),
        ]
        assert result.not_run == {"vulnerabilities": "no database of vulnerabilities was given"}


def test_without_a_parser_for_javascript_nothing_is_said_to_be_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "find_spec", lambda _name: None)
    not_run = scanned({"a.py": "import socket\n"}).not_run
    assert not_run["permissions"] == not_run["obfuscation"] == "tree-sitter-javascript is not installed"
