"""Every exception of Pluginry, one tree, each family with the exit status a command ends with.

An error ends the operation. It holds data (``what``, ``where``, ``why``, ``hint``); the command line
writes the sentence. News about *content* is not an error but a finding (``model/finding.py``).
"""

from __future__ import annotations

from typing import ClassVar


class PluginryError(Exception):
    """What every deliberate failure is.

    ``what`` happened, ``where`` (a file, position, key or URL without credentials), ``why``, and
    ``hint``: what the reader can do, the ``advice`` of the family where nothing better is known.
    ``code`` is the family's stable name in JSON output.
    """

    exit_status: ClassVar[int] = 1
    code: ClassVar[str] = "error"
    advice: ClassVar[str] = ""
    details: ClassVar[tuple[str, ...]] = ()
    """Names of further attributes, for programs."""

    def __init__(self, what: str, *, where: str = "", why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint or self.advice

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        reason = f": {self.why}" if self.why else ""
        return f"{place}{self.what}{reason}"


class DocumentError(PluginryError):
    """A document cannot be read as what it claims to be."""

    exit_status = 1
    code = "document"


class ArchiveError(DocumentError):
    """A package is not a ZIP of profile zip-1. ``rule`` names the broken rule."""

    code = "archive"
    details = ("rule",)

    def __init__(self, rule: str, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.rule = rule


class UsageError(PluginryError):
    """The operation was asked for in a way that makes no sense."""

    exit_status = 2
    code = "usage"


class TransportError(PluginryError):
    """Network or store unavailable: nothing is known to be bad; try again."""

    exit_status = 3
    code = "transport"
    advice = "try again later"


class ObjectMissingError(TransportError):
    """The other side answered, and says that it has no such object."""

    code = "missing"
    advice = "try again in some minutes; if it stays so, tell who runs the marketplace, and try a mirror"


class ObjectTooLargeError(TransportError):
    """The other side sends more than was asked for; who knew the exact size knows that it is another object."""

    code = "too-large"


class DiskError(TransportError):
    """A file or folder on this machine cannot be read or written."""

    code = "disk"


class HomeUnusableError(DiskError):
    """The disk of the plugin home is full, read-only or broken."""

    code = "home-unusable"


class AuthError(PluginryError):
    """Credentials are missing or refused."""

    exit_status = 4
    code = "auth"


class TrustError(PluginryError):
    """What was received must not be used. There is no way round it."""

    exit_status = 5
    code = "trust"


class TamperedError(TrustError):
    """Bytes or signatures differ from what was promised."""

    code = "tampered"
    advice = "nothing of it was used; if it happens again, tell who runs the marketplace, and try a mirror"


class RolledBackError(TamperedError):
    """Signed by the right keys, but older than what was seen: a copy that lags behind, or somebody's old state."""

    code = "rolled-back"


class StaleError(TrustError):
    """Genuine, but older than the policy allows."""

    code = "stale"


class RevokedError(TrustError):
    """Genuine, but withdrawn by the marketplace."""

    code = "revoked"


class PolicyError(PluginryError):
    """Refused by policy, or consent is missing."""

    exit_status = 6
    code = "policy"


class VetoError(PolicyError):
    """The host application forbids a change."""

    code = "veto"


class UnhealthyError(PolicyError):
    """The host application is not well after a change, which was taken back."""

    code = "unhealthy"


class ConsentNeededError(PolicyError):
    """The user has not agreed to these permissions yet. ``permissions`` lists them as ``type:scope``."""

    code = "consent"
    details = ("permissions",)

    def __init__(self, what: str, permissions: tuple[str, ...], *, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.permissions = permissions


class NotFoundError(PluginryError):
    """What was named is not there: a plugin, a version of it, a source, an earlier state."""

    exit_status = 7
    code = "not-found"


class ResolutionError(PluginryError):
    """The wanted plugins are there and cannot be had, together or here. ``reasons`` is the chain, one sentence each."""

    exit_status = 8
    code = "resolution"
    details = ("reasons",)

    def __init__(self, what: str, reasons: tuple[str, ...], *, hint: str = "") -> None:
        super().__init__(what, why="; ".join(reasons), hint=hint)
        self.reasons = reasons


class BusyError(PluginryError):
    """Somebody else is at it."""

    exit_status = 9
    code = "busy"


class HomeLockedError(BusyError):
    """Another process is changing this plugin home."""

    code = "home-locked"


class PublishConflictError(BusyError):
    """Another publisher changed the marketplace meanwhile."""

    code = "publish-conflict"


def is_missing(error: BaseException | None) -> bool:
    """Return whether the reason for `error` is that the other side has no such object."""
    return error is not None and (isinstance(error, ObjectMissingError) or is_missing(error.__cause__))


NEEDS_REVIEW_EXIT_STATUS = 10
"""Only findings of severity ``needs_review``: a person has to look."""
