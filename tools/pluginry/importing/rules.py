"""What can be wrong with a plugin of another registry: everything that keeps it out, and what is lost on the way."""

from __future__ import annotations

from typing import Final

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule

SHAPE: Final = Rule(
    id="import.shape",
    title="The document does not have the shape of its registry's documents",
    why="A value that is missing or of another kind would have to be guessed.",
    fix="write it as the registry that it comes from describes it",
)
UNKNOWN_KEY: Final = Rule(
    id="import.unknown-key",
    title="The key is not known",
    why="A misspelt key is silently ignored, and what it was to say gets lost.",
    fix="correct or remove the key",
)
PLACE: Final = Rule(
    id="import.place",
    title="The file does not lie where its registry looks for plugins",
    why="What lies elsewhere is never listed.",
    fix="put it where the other plugins are, with the ending they have",
)
NAME: Final = Rule(
    id="import.name",
    title="The name cannot be a plugin's name",
    why="A name is 1 to 40 lower-case letters, digits and inner hyphens; it becomes a folder and an address.",
    fix="choose another name",
)
FILE_NAME: Final = Rule(
    id="import.file-name",
    title="The plugin is called otherwise than its file",
    why="Reviewers go by the name of the file, programs by the name inside of it.",
    fix="rename the file or the plugin",
)
TAKEN: Final = Rule(
    id="import.name-taken",
    title="Two plugins would get the same id",
    why="Names that only differ in case or punctuation are one id here.",
    fix="import one of them, or give one another name",
)
VERSION: Final = Rule(
    id="import.version",
    title="This is not a version",
    why="Without an order of versions nobody knows what an update is.",
    fix="write a semantic version such as v1.2.0",
)
VERSION_FORM: Final = Rule(
    id="import.version-form",
    title="The version has no portable form",
    why="Only X.Y.Z and X.Y.Z-(alpha|beta|rc).N are ordered alike by everybody.",
    fix="nothing, unless the author releases it under a portable version",
)
SAME_VERSION: Final = Rule(
    id="import.same-version",
    title="A version that was published changes its files",
    why="Who has the version already would never get the new files, and who checks it would see an attack.",
    fix="give the release a new version",
)
DIGEST: Final = Rule(
    id="import.digest",
    title="This is not a sha256 digest",
    why="Without it nobody can tell the file from another one.",
    fix="run sha256sum on the file and copy the first word",
)
SAME_DIGEST: Final = Rule(
    id="import.same-digest",
    title="Two different files have the same digest",
    why="Nearly always the digest of one file was copied to the other, which then cannot be installed.",
    fix="compute the digest of each file",
    severity=Severity.NEEDS_REVIEW,
)
ADDRESS: Final = Rule(
    id="import.address",
    title="The address cannot be fetched from",
    why="Files come over https, from an address that leads where it reads: without credentials, .. or an encoded /.",
    fix="write an https:// address",
)
ARCHIVE: Final = Rule(
    id="import.archive",
    title="The file is no archive that can be wrapped",
    why="Packages are made from .tar.gz, .tgz and .zip files.",
    fix="publish the file inside of an archive",
)
PATH: Final = Rule(
    id="import.path",
    title="The path does not stay inside of the package",
    why="A package is written below its own folder, on every system.",
    fix="use a relative path without .. and without characters that Windows forbids",
)
PLATFORM: Final = Rule(
    id="import.platform",
    title="The platform is not known",
    why="An artifact for an unknown platform is never installed by anybody.",
    fix="use an operating system and an architecture that the host runs on",
)
NEVER_CHOSEN: Final = Rule(
    id="import.never-chosen",
    title="This artifact is never installed",
    why="Another one that stands before it is for the same platforms.",
    fix="correct its platform, or remove it",
)
PLATFORM_GONE: Final = Rule(
    id="import.platform-gone",
    title="An artifact is left out: its host does not run on that platform",
    why="Nobody could install it.",
    fix="nothing",
    severity=Severity.NOTE,
)
CHANNEL: Final = Rule(
    id="import.channel",
    title="The channel is not known",
    why="Channels decide who gets a release.",
    fix="use one of the registry's channels",
)
LICENSE: Final = Rule(
    id="import.license",
    title="The licence is not known",
    why="What is not stated, or stated unclearly, is not guessed; the listing says that it is unknown.",
    fix="look it up and write the SPDX expression into the listing",
    severity=Severity.NOTE,
)
ADDRESS_LOST: Final = Rule(
    id="import.address-lost",
    title="An address is left out of the listing",
    why="Listings hold https addresses only.",
    fix="nothing, or write the right address into the listing",
    severity=Severity.NOTE,
)
RANGE_WIDENED: Final = Rule(
    id="import.range-widened",
    title="A range of host versions got wider",
    why="The other registry can say more than comparators can; narrower would keep users from a working plugin.",
    fix="narrow it in the release's amends when it matters",
    severity=Severity.NOTE,
)
TEXT_LOST: Final = Rule(
    id="import.text-lost",
    title="A text is left out or cut",
    why="It is too long, or not Markdown.",
    fix="write the README or the listing by hand when it matters",
    severity=Severity.NOTE,
)
NO_HOST: Final = Rule(
    id="import.no-host",
    title="No host profile fits",
    why="A plugin is listed for a host; none of the known ones appears in what the package says it needs or offers.",
    fix="add a host profile, or name the host with --host",
)
NO_ARTIFACT: Final = Rule(
    id="import.no-artifact",
    title="The release has no file that can be wrapped",
    why="Nothing is built or compiled on the way, so only finished files for every platform can be listed.",
    fix="nothing, unless the author publishes such a file",
)
INSTALL_SCRIPT: Final = Rule(
    id="import.install-script",
    title="The package runs a script when it is installed",
    why="Nothing of a plugin runs before its user has enabled it, so such a package would not work.",
    fix="nothing, unless the author publishes a package that needs no script",
)
UNREADABLE: Final = Rule(
    id="import.unreadable",
    title="The package cannot be read",
    why="A damaged or unusual archive is not repaired.",
    fix="nothing, unless the author publishes it again",
)
NOTHING_OFFERED: Final = Rule(
    id="import.nothing-offered",
    title="The marketplace offers no release like the wanted one",
    why="Releases that were withdrawn there, that an advisory blocks or that are not finished are not taken over.",
    fix="name a version: ID@VERSION; or wait for the next release",
)
WARNED_THERE: Final = Rule(
    id="import.warned-there",
    title="The marketplace that a release comes from speaks against it by now",
    why="Its advisories and withdrawals are no law here: somebody has to decide whether they count.",
    fix="write an advisory of your own (`pluginry registry advise`), or withdraw it (`pluginry registry yank`)",
    severity=Severity.NEEDS_REVIEW,
)
NEED_UNMET: Final = Rule(
    id="import.need-unmet",
    title="What a release needs is not listed here",
    why="Nobody can install it before.",
    fix="list a version that it needs, or withdraw it (`pluginry registry yank`)",
    severity=Severity.NEEDS_REVIEW,
)
OTHER_ORIGIN: Final = Rule(
    id="import.other-origin",
    title="Plugins of this id come from elsewhere here",
    why="What is yours, or another marketplace's, would get releases of somebody who only chose the same id.",
    fix="leave it out; if it is the same plugin, its listing has to allow the place, and its namespace to be a mirror",
    severity=Severity.NEEDS_REVIEW,
)
CAME_ALONG: Final = Rule(
    id="import.came-along",
    title="A release comes along that nobody asked for",
    why="Another one needs it, and whoever publishes it answers for it, too.",
    fix="look at it before you publish",
    severity=Severity.NOTE,
)
RUNTIME_MISSING: Final = Rule(
    id="import.runtime-missing",
    title="The host has no such runtime here",
    why="An import changes no host that is there, and the catalogue would not say that the host runs such plugins.",
    fix="add the runtime to the host's file in hosts/",
    severity=Severity.NOTE,
)
INVALID: Final = Rule(
    id="import.invalid",
    title="The result would not be valid",
    why="The importer checks what it writes against the same schemas as everybody else.",
    fix="report it: the importer should have noticed earlier",
)
RULES: Final = (
    SHAPE,
    UNKNOWN_KEY,
    PLACE,
    NAME,
    FILE_NAME,
    TAKEN,
    VERSION,
    VERSION_FORM,
    SAME_VERSION,
    DIGEST,
    SAME_DIGEST,
    ADDRESS,
    ARCHIVE,
    PATH,
    PLATFORM,
    NEVER_CHOSEN,
    PLATFORM_GONE,
    CHANNEL,
    LICENSE,
    ADDRESS_LOST,
    RANGE_WIDENED,
    TEXT_LOST,
    NO_HOST,
    NO_ARTIFACT,
    INSTALL_SCRIPT,
    UNREADABLE,
    NOTHING_OFFERED,
    WARNED_THERE,
    NEED_UNMET,
    OTHER_ORIGIN,
    CAME_ALONG,
    RUNTIME_MISSING,
    INVALID,
)
