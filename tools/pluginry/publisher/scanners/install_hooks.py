"""Scanner *install-hooks*: files that other tools would run by themselves when the package is installed or loaded.

Pluginry runs nothing of a plugin when it installs it; a package that carries such files was meant for, or
can be misused with, a tool that does. Never runs or imports anything.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pluginry.encoding.quoting import enumerated
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scanners.scanner import Scanner, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.encoding.archive_member import Member
    from pluginry.model.finding import Finding
    from pluginry.publisher.scanners.scanner import ScannedPackage

INSTALL_SCRIPT = Rule(
    id="scan.install-script",
    title="The package has a script that package managers run",
    why="It would run with the rights of whoever installs, before anybody has agreed to anything.",
    fix="leave it out of the package: installing a plugin copies files and runs nothing",
    severity=Severity.NEEDS_REVIEW,
)
STARTUP_HOOK = Rule(
    id="scan.startup-hook",
    title="The package has code that Python runs when it starts",
    why="On the path of an interpreter it runs in every program, whether the plugin is enabled or not.",
    fix="leave it out, and do the work where the plugin is started",
    severity=Severity.NEEDS_REVIEW,
)
UNCLEAR = Rule(
    id="scan.unclear-scripts",
    title="A package.json cannot be read",
    why="Nobody can say whether it has scripts that run when it is installed.",
    fix="correct the file, or leave it out of the package",
    severity=Severity.NEEDS_REVIEW,
)

_SCRIPT_FILES = {
    "setup.py": "pip runs setup.py when it installs from sources",
    "binding.gyp": "npm builds native code when it sees binding.gyp",
}
_STARTUP_FILES = frozenset({"sitecustomize.py", "usercustomize.py"})
_NPM_SCRIPTS = ("preinstall", "install", "postinstall")
_NPM_FILE = "package.json"
_PTH_IMPORT = re.compile(rb"^import[ \t]", re.MULTILINE)
_MAX_BYTES = 1 << 20


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield the files that some tool runs by itself."""
    for file in package.files:
        name = file.name.rpartition("/")[2].lower()
        if name in _SCRIPT_FILES:
            yield INSTALL_SCRIPT.finding(at(file), _SCRIPT_FILES[name])
        elif name in _STARTUP_FILES:
            yield STARTUP_HOOK.finding(at(file), f"Python imports {name} when it starts")
        elif name.endswith(".pth"):
            yield from _startup_lines(package, file)
        elif name == _NPM_FILE:
            yield from _npm_scripts(package, file)


def _startup_lines(package: ScannedPackage, file: Member) -> Iterator[Finding]:
    head = package.head_of(file)
    match = _PTH_IMPORT.search(head)
    if match:
        line = head.count(b"\n", 0, match.start()) + 1
        yield STARTUP_HOOK.finding(at(file, line), "Python runs this line when it starts")


def _npm_scripts(package: ScannedPackage, file: Member) -> Iterator[Finding]:
    if file.size > _MAX_BYTES:
        yield UNCLEAR.finding(at(file), f"the file is larger than {_MAX_BYTES:,} bytes")
        return
    try:
        # Not strict: what npm accepts is to be seen here.
        document: Any = json.loads(package.archive.read(file.name, max_bytes=_MAX_BYTES))
    except (ValueError, RecursionError):
        yield UNCLEAR.finding(at(file))
        return
    scripts = document.get("scripts") if isinstance(document, dict) else None
    named = [name for name in _NPM_SCRIPTS if isinstance(scripts, dict) and scripts.get(name)]
    if named:
        yield INSTALL_SCRIPT.finding(at(file), f"npm runs its {enumerated(named, joint='and')} script")


SCANNER = Scanner(name="install-hooks", version="1", rules=(INSTALL_SCRIPT, STARTUP_HOOK, UNCLEAR), scan=_scan)
