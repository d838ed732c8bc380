"""Whether an installed plugin is fit to run: nobody revoked it, and its files are what was installed.

In: an installed plugin, the home, the sources. Out: the revocations that hit it, or the refusal. It needs no network:
what was last heard counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client.integrity import damages
from pluginry.errors import DocumentError, NotFoundError, RevokedError, TamperedError
from pluginry.model.advisory import Subject
from pluginry.model.revocation import Verdict

if TYPE_CHECKING:
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.source_list import SourceList
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.model.revocation import Revocation


def revocations_of(installed: InstalledPlugin, *, home: PluginHome, sources: SourceList) -> tuple[Revocation, ...]:
    """Return the revocations that hit an installed plugin as far as is known, worst first."""
    in_force = sources.revocations_about(installed)
    if not in_force:
        return ()
    subject = _subject(installed, home)
    return tuple(revocation for revocation in in_force if revocation.hits(subject))


def require_fit(installed: InstalledPlugin, *, home: PluginHome, sources: SourceList) -> None:
    """Check that a plugin may be loaded.

    Raises:
        RevokedError: an advisory says that it must not run.
        TamperedError: its files are not what was installed.

    """
    found = damages(home, installed)
    if found:
        raise TamperedError(
            f"the files of {installed.id} {installed.version} are not what was installed",
            where=str(home.folder_of(installed.id, installed.version, installed.sha256)),
            why=f"{found[0].path} is {found[0].kind}" + (f", and {len(found) - 1} more" if found[1:] else ""),
            hint=f"install it again: pluginry install {installed.wanted_again}",
        )
    for revocation in revocations_of(installed, home=home, sources=sources):
        if revocation.action is Verdict.DISABLE:
            raise RevokedError(
                f"{installed.id} {installed.version} must not run",
                why=f"{revocation.advisory}: {revocation.summary}",
                hint=f"update it (pluginry update {installed.id}) or remove it",
            )


def require_installable(installed: InstalledPlugin, *, home: PluginHome, sources: SourceList) -> None:
    """Check that a plugin may be installed as it lies there.

    Raises:
        RevokedError: an advisory says that it must not run, or not be installed.
        TamperedError: its files are not what was installed.

    """
    require_fit(installed, home=home, sources=sources)
    for revocation in revocations_of(installed, home=home, sources=sources):
        if revocation.action is Verdict.BLOCK_INSTALL:
            raise RevokedError(
                f"{installed.id} {installed.version} must not be installed any more",
                why=f"{revocation.advisory}: {revocation.summary}",
                hint=f"take a version that was not withdrawn: pluginry update {installed.id}",
            )


def _subject(installed: InstalledPlugin, home: PluginHome) -> Subject:
    """Return an installed plugin as revocations see it; of one without a receipt its publisher is not known."""
    try:
        receipt = home.receipt(installed)
    except (NotFoundError, DocumentError):
        return Subject(plugin=installed.id, version=installed.version, digests=(installed.sha256,))
    return Subject(
        plugin=installed.id,
        version=installed.version,
        digests=(installed.sha256,),
        publisher=receipt.publisher,
        published_at=receipt.published_at,
    )
