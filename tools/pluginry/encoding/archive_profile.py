"""The profile "zip-1": every rule a package obeys, the limits, and the one way to say that a rule is broken.

In: nothing. Out: `RULES` (also the source of the documentation page), `ArchiveLimits`, `refusal`.
Never: looks at an archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.encoding.quoting import quoted
from pluginry.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST_NAME: Final = "plugin.json"
RECEIPT_NAME: Final = "receipt.json"
"""What the client writes into the folder of an installed package, by way of a file ``.receipt.json...``."""
_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How much an archive may hold: ``entries``, bytes when expanded, and how far deflate may expand.

    ``ratio`` (size divided by compressed size) counts only for members above ``ratio_free_bytes``.
    """

    entries: int = 10_000
    expanded_bytes: int = 512 << 20
    ratio: int = 200
    ratio_free_bytes: int = 1 << 20


DEFAULT_LIMITS: Final = ArchiveLimits()


class ArchiveRule(NamedTuple):
    """Why a rule exists, and what to do about an archive that breaks it."""

    reason: str
    fix: str


def refusal(rule: str, what: str, name: str = "") -> ArchiveError:
    """Return the error, to be raised, that says that the member `name` (or the archive) breaks `rule`."""
    # Names come from strangers: what a terminal would obey is shown escaped.
    where = name[:_SHOWN_CHARACTERS] if name.isprintable() else quoted(name)
    return ArchiveError(rule, what, where=where, hint=RULES[rule].fix)


def refuse_if(checks: tuple[tuple[object, str, str], ...], name: str = "") -> None:
    """Raise the refusal of the first of `checks` (is it broken, rule, what) that is broken, if any.

    Raises:
        ArchiveError: one of them is.
    """
    for broken, rule, what in checks:
        if broken:
            raise refusal(rule, what, name)


_REPACK = "make the package with `pluginry pack`"
_DOWNLOAD = "the file is damaged or was changed: get it again, or make it again with `pluginry pack`"
_RENAME = "rename the file"

RULES: Final[Mapping[str, ArchiveRule]] = MappingProxyType(
    {
        # The frame: nothing before, between or behind what the central directory lists.
        "archive.no-end-record": ArchiveRule(
            "A ZIP file ends with an end record; without one it is another file, or only a part of one.",
            _DOWNLOAD,
        ),
        "archive.trailing-data": ArchiveRule(
            "Programs disagree on where an archive ends when bytes follow the end record.",
            _REPACK,
        ),
        "archive.comment": ArchiveRule(
            "A comment can hold a second end record, so that two programs see two different archives.",
            "remove the comments (`zip -z`), or " + _REPACK,
        ),
        "archive.zip64": ArchiveRule(
            "ZIP64 says sizes and positions twice, and programs disagree on which one counts.",
            "keep the package below the size limits and make it with `pluginry pack`",
        ),
        "archive.multi-disk": ArchiveRule(
            "A package is one file; archives split over several disks are not.",
            _REPACK,
        ),
        "archive.count": ArchiveRule(
            "The end record counts the entries twice; different counts hide entries from some programs.",
            _REPACK,
        ),
        "archive.directory-position": ArchiveRule(
            "The central directory ends where the end record starts; else something is hidden around it.",
            "remove what stands before or behind the archive (a self-extractor, a signature), or " + _REPACK,
        ),
        "archive.directory-damaged": ArchiveRule(
            "The central directory holds the promised number of entries and nothing else.",
            _DOWNLOAD,
        ),
        "archive.gap": ArchiveRule(
            "Members follow each other from the first byte on; only some programs see data between them.",
            _REPACK,
        ),
        "archive.overlap": ArchiveRule(
            "Members that share bytes expand to more than the file can hold.",
            _REPACK,
        ),
        "archive.header-mismatch": ArchiveRule(
            "Some programs believe the header before a member, others the central directory: so they agree.",
            _REPACK,
        ),
        "archive.truncated": ArchiveRule(
            "The file got shorter while it was read.",
            _DOWNLOAD,
        ),
        # What one entry may be.
        "archive.extra-field": ArchiveRule(
            "Extra fields can carry a second name, size or file type.",
            "use `zip -X`, or " + _REPACK,
        ),
        "archive.encrypted": ArchiveRule(
            "What is encrypted cannot be reviewed.",
            "pack the files without a password",
        ),
        "archive.data-descriptor": ArchiveRule(
            "A data descriptor tells the size of a member only behind it, and programs guess differently.",
            "write the archive to a file, not to a pipe, or " + _REPACK,
        ),
        "archive.flags": ArchiveRule(
            "Only the flag for UTF-8 names is allowed; the others change how a member is read.",
            _REPACK,
        ),
        "archive.method": ArchiveRule(
            "Members are stored or deflated, which every program can read.",
            "choose the compression `store` or `deflate`, or " + _REPACK,
        ),
        "archive.version": ArchiveRule(
            "Entries need version 2.0 of the format at most and carry the attributes of Unix or DOS.",
            _REPACK,
        ),
        "archive.file-type": ArchiveRule(
            "A package holds regular files and folders; links and devices reach outside of it.",
            "replace the link by a copy of the file and remove everything that is no file or folder",
        ),
        "archive.setuid": ArchiveRule(
            "A package gives nobody the rights of another user.",
            "take the bits away (`chmod u-s,g-s,-t`), or " + _REPACK,
        ),
        "archive.mode": ArchiveRule(
            "A file is executable for all who may read it or for nobody, and written only by its readers, "
            "so that no program has to guess.",
            "set the mode to 755 or 644, or " + _REPACK,
        ),
        "archive.directory-data": ArchiveRule(
            "A folder has no content; bytes in it are hidden.",
            _REPACK,
        ),
        # Sizes and contents.
        "archive.entries": ArchiveRule(
            "A package has at most 10,000 entries.",
            "leave out what is not needed at run time, or put it in one data file",
        ),
        "archive.expanded-size": ArchiveRule(
            "A package expands to at most 512 MiB, so that nobody's disk is filled by surprise.",
            "leave out what is not needed at run time",
        ),
        "archive.ratio": ArchiveRule(
            "Members above 1 MiB expand at most 200 times: more is how decompression bombs are made.",
            "store the file without compression (`pluginry pack` does)",
        ),
        "archive.member-size": ArchiveRule(
            "A member is as long as its entry says, and a stored member takes as much space as it holds.",
            _DOWNLOAD,
        ),
        "archive.deflate": ArchiveRule(
            "Deflated data is one valid stream that ends exactly at the end of the member.",
            _DOWNLOAD,
        ),
        "archive.checksum": ArchiveRule(
            "The content of a member matches its CRC-32.",
            _DOWNLOAD,
        ),
        # Names.
        "archive.name-encoding": ArchiveRule(
            "Names are UTF-8 and flagged as such unless they are plain ASCII; other encodings are guesswork.",
            _REPACK,
        ),
        "archive.name-unprintable": ArchiveRule(
            "Control, bidirectional and invisible characters make a name look like another one.",
            _RENAME + " without control, invisible or unusual space characters",
        ),
        "archive.name-character": ArchiveRule(
            'Windows cannot store \\ : * ? " < > | in a name, or gives them a meaning.',
            _RENAME + ' without \\ : * ? " < > |',
        ),
        "archive.name-form": ArchiveRule(
            "Letters with accents have one form only (Unicode NFC), so that equal names have equal bytes.",
            _RENAME + " to the composed form (NFC)",
        ),
        "archive.name-length": ArchiveRule(
            "A part of a path has at most 255 bytes of UTF-8, a path 512: not every system stores more.",
            "shorten the names",
        ),
        "archive.name-depth": ArchiveRule(
            "A path has at most 32 parts.",
            "use fewer folders inside folders",
        ),
        "archive.name-absolute": ArchiveRule(
            "A package is written below its own folder, so its paths do not start at the root.",
            "use paths relative to the folder of the plugin",
        ),
        "archive.name-traversal": ArchiveRule(
            "Empty parts, `.` and `..` lead elsewhere or nowhere.",
            "use plain paths such as `folder/file.txt`",
        ),
        "archive.name-ending": ArchiveRule(
            "Windows drops dots and spaces at the end of a name and would write another file.",
            _RENAME + " without a dot or space at the end",
        ),
        "archive.name-device": ArchiveRule(
            "Names such as CON, NUL or COM1, with any extension, are devices on Windows and not files.",
            _RENAME,
        ),
        "archive.name-reserved": ArchiveRule(
            "Clients write receipt.json beside the files of a package; nothing of a package stands in its place.",
            _RENAME + ", or move it into a folder",
        ),
        "archive.name-duplicate": ArchiveRule(
            "Two members of one name: programs disagree on which one counts.",
            "remove one of them",
        ),
        "archive.name-collision": ArchiveRule(
            "Names that differ in upper and lower case only are one file on Windows and macOS.",
            "rename one of them, and spell a folder the same way everywhere",
        ),
        "archive.name-file-and-directory": ArchiveRule(
            "A name cannot be a file and a folder.",
            "rename one of them",
        ),
        "archive.no-manifest": ArchiveRule(
            "A package has its manifest, the file plugin.json, at the top level.",
            "put plugin.json at the top of the archive, not inside a folder, or " + _REPACK,
        ),
        # Asked of a good archive, or of files that are to be packed.
        "archive.no-such-member": ArchiveRule(
            "The package has no file of this name.",
            "add the file to the package, or correct the name where it is mentioned",
        ),
        "archive.member-too-large": ArchiveRule(
            "Files with a special meaning, such as the manifest, have a limit of their own.",
            "make the file smaller",
        ),
        "archive.changed-while-packing": ArchiveRule(
            "A file changed while it was packed, so its checksum and content do not belong together.",
            "pack again when nothing is writing to the folder",
        ),
    }
)
"""Rule id to reason and fix; ids are stable."""
