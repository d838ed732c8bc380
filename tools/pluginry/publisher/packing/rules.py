"""What the stage *pack* holds folders and finished packages to."""

from __future__ import annotations

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule

NO_MANIFEST = Rule(
    id="pack.no-manifest",
    title="There is no plugin.yaml at the top of the folder",
    why="The manifest says what the plugin is and what it needs; without it there is nothing to pack.",
    fix="write plugin.yaml (`pluginry init` writes one to start from), or name the folder that has it",
)
TWO_MANIFESTS = Rule(
    id="pack.two-manifests",
    title="There is a plugin.yaml and a plugin.json",
    why="Only one of them can be what the package says, and they can disagree.",
    fix="keep plugin.yaml and delete plugin.json, which is made from it",
)
BAD_MANIFEST = Rule(
    id="pack.bad-manifest",
    title="The manifest cannot be read",
    why="What cannot be read by the registry cannot be read by hosts.",
    fix="correct the file; plugin.json may also be replaced by a plugin.yaml",
)
RESERVED_NAME = Rule(
    id="pack.reserved-name",
    title="The name is taken by a file that pack writes",
    why="files.json lists everything in the package; a file of the plugin cannot stand in its place.",
    fix="rename the file, or move it into a folder",
)
LINK = Rule(
    id="pack.link",
    title="This is a symbolic link",
    why="A link can lead out of the folder, and not every system has links.",
    fix="replace the link by a copy, or name it in .pluginryignore",
)
HARD_LINK = Rule(
    id="pack.hard-link",
    title="The file is also known by a name outside of what is packed",
    why="A hard link brings a file from elsewhere into the package without anybody seeing it.",
    fix="replace the file by a copy of itself, or name it in .pluginryignore",
)
SPECIAL_FILE = Rule(
    id="pack.special-file",
    title="This is neither a file nor a folder",
    why="Devices, pipes and sockets have no content that could be packed.",
    fix="remove it, or name it in .pluginryignore",
)
UNREADABLE = Rule(
    id="pack.unreadable",
    title="The file cannot be read",
    why="A package without it would not be what its author sees.",
    fix="give yourself the right to read it, or name it in .pluginryignore",
)
UNSAFE_NAME = Rule(
    id="pack.unsafe-name",
    title="The name is not safe on every system",
    why="What one system stores under such a name another one refuses, changes or writes elsewhere.",
    fix="rename it",
)
COLLIDING_NAME = Rule(
    id="pack.colliding-name",
    title="Two names are one name on some systems",
    why="Windows and macOS do not tell upper from lower case: one of the two files would overwrite the other.",
    fix="rename one of them",
)
TOO_LARGE = Rule(
    id="pack.too-large",
    title="The folder holds more than a package can",
    why="Limits keep a package from filling somebody's disk.",
    fix="name in .pluginryignore what is not needed at run time",
)
LARGE = Rule(
    id="pack.large",
    title="The package is large",
    why="Every user loads it for every release, and registries refuse packages above a limit (64 MiB by default).",
    fix="`pluginry pack --list` shows what takes the space; .pluginryignore leaves it out",
    severity=Severity.NOTE,
)
SECRET_FILE = Rule(
    id="pack.secret-file",
    title="The file is of a kind that holds secrets",
    why="A package is public for ever: mirrors keep what was published once.",
    fix="move it out of the folder or name it in .pluginryignore; if it was ever public, replace the secret",
)
SECRET = Rule(
    id="pack.secret",
    title="There is a secret in the file",
    why="A package is public for ever: mirrors keep what was published once.",
    fix="read it from the plugin's settings at run time; if it was ever public, revoke it now",
)
IGNORE_FILE = Rule(
    id="pack.ignore-file",
    title=".pluginryignore cannot be used",
    why="What it leaves out would be packed, or the reverse.",
    fix="write UTF-8 text with one pattern on each line, such as tests/ or *.map",
)
MISSING_FILE = Rule(
    id="pack.missing-file",
    title="The manifest names something that is not in the package",
    why="Hosts open what the manifest names and would fail at the user's.",
    fix="add it, correct the path, or look whether .pluginryignore leaves it out",
)
ENTRY_POINT = Rule(
    id="pack.entry-point",
    title="The entry point cannot be found in the package",
    why="It is what the host starts: without it the plugin does nothing.",
    fix="write module:attribute for Python, where the module lies below runtime.paths; else the path of a file",
)
PLATFORM = Rule(
    id="pack.platform",
    title="The plugin has no files for this platform",
    why="The manifest names folders for some platforms; a package for another one would lack what it needs.",
    fix="name a folder for it under assets.platforms, or pack for one of the platforms that are there",
)
PLACEHOLDER = Rule(
    id="pack.placeholder",
    title="A text of the template is still there",
    why="Users read it when they decide about the plugin.",
    fix="write your own words in its place",
)
NOT_CANONICAL = Rule(
    id="pack.not-canonical",
    title="A document in the package is not canonical JSON",
    why="One meaning has one spelling (RFC 8785), so that equal packages have equal bytes.",
    fix="make the package with `pluginry pack`",
)
FILE_LIST = Rule(
    id="pack.file-list",
    title="files.json does not say what is in the package",
    why="Clients compare installed files with this list; it names every other file, and nothing else.",
    fix="make the package with `pluginry pack`",
)

RULES = (
    NO_MANIFEST,
    TWO_MANIFESTS,
    BAD_MANIFEST,
    RESERVED_NAME,
    LINK,
    HARD_LINK,
    SPECIAL_FILE,
    UNREADABLE,
    UNSAFE_NAME,
    COLLIDING_NAME,
    TOO_LARGE,
    LARGE,
    SECRET_FILE,
    SECRET,
    IGNORE_FILE,
    MISSING_FILE,
    ENTRY_POINT,
    PLATFORM,
    PLACEHOLDER,
    NOT_CANONICAL,
    FILE_LIST,
)
