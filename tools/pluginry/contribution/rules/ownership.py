"""Who may change what: owners of the base, by number; and what owners themselves cannot decide alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.contribution.announced import is_announced
from pluginry.contribution.areas import Area
from pluginry.contribution.situation import names_of
from pluginry.encoding.quoting import quoted
from pluginry.model.finding import Location, Severity
from pluginry.model.names import Name
from pluginry.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.contribution.situation import PluginChange, Situation
    from pluginry.model.finding import Finding
    from pluginry.model.listing import Account, Listing

UNKNOWN_AUTHOR = Rule(
    id="ownership.unknown-author",
    title="It is not known who asks for this",
    why="Only owners change a plugin, and who somebody is says the forge, not the commit.",
    fix="give the account's number: --author-id, or the forge's event",
    severity=Severity.NEEDS_REVIEW,
)
IMPOSTOR = Rule(
    id="ownership.login-reused",
    title="The author has an owner's login, but is another account",
    why="A login that was given up can be taken by anybody; only the number says who somebody is.",
    fix="if the registry has a wrong number, a reviewer corrects it; else this is not the owner",
)
STRANGER = Rule(
    id="ownership.stranger",
    title="The author does not own the plugin",
    why="Only owners change a plugin; others may propose, and an owner decides. Releases that are proved to come from "
    "the publisher's build need no owner.",
    fix="wait for an owner's approval",
    severity=Severity.NEEDS_REVIEW,
)
STRANGER_DECIDES = Rule(
    id="ownership.takeover",
    title="Somebody who is no owner changes who decides about the plugin, or takes something away",
    why="This is how plugins are taken over.",
    fix="ask an owner to do it; if none answers, ask a reviewer of the registry about adoption",
)
OWNERS = Rule(
    id="ownership.owners",
    title="The plugin gets other owners",
    why="Users trusted those who owned it; a sale or a stolen account looks the same.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
SILENT = Rule(
    id="ownership.silent-owner",
    title="A new owner has not agreed yet",
    why="Whoever owns a plugin answers for it: nobody is made an owner by others.",
    fix="the new owner approves the pull request",
    severity=Severity.NEEDS_REVIEW,
)
PUBLISHER = Rule(
    id="ownership.publisher",
    title="Releases will be signed by somebody else",
    why="Clients trust the plugin because of who builds it, and will ask their users again.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
UNANNOUNCED = Rule(
    id="ownership.transfer-unannounced",
    title="The publisher changes, and the listing does not say so",
    why="Users of the plugin see the handing over in its listing, with the publisher it had and the reason.",
    fix="write transfer with the previous publisher and the reason into listing.yaml",
    severity=Severity.NEEDS_REVIEW,
)
NAMESPACE_STRANGER = Rule(
    id="ownership.namespace-stranger",
    title="No owner of the namespace stands behind the new plugin",
    why="A namespace stands for its owners.",
    fix="an owner of the namespace approves the pull request",
    severity=Severity.NEEDS_REVIEW,
)
NOT_YOURS = Rule(
    id="ownership.for-others",
    title="The author is not among the owners that the new document names",
    why="Claiming something in the name of others has to be agreed with them.",
    fix="add yourself to owners, or let one of them approve",
    severity=Severity.NEEDS_REVIEW,
)
CLAIM = Rule(
    id="ownership.namespace-claim",
    title="Somebody claims a namespace",
    why="The proof has to be looked at: it is given once and holds for ever.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
NAMESPACE_CHANGED = Rule(
    id="ownership.namespace-changed",
    title="Owners, proof or status of a namespace change",
    why="Who owns a namespace decides what is published in it.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
NAMESPACE_TAKEOVER = Rule(
    id="ownership.namespace-takeover",
    title="Somebody who is no owner changes a namespace",
    why="This is how names are taken over.",
    fix="ask an owner of the namespace",
)
OTHERS_REVIEW = Rule(
    id="ownership.review-of-another",
    title="The review is that of another account",
    why="A review is the word of the account whose number its file has.",
    fix="call the file after your own account's number",
)
NEW_REVIEW = Rule(
    id="ownership.review",
    title="Somebody reviews a plugin",
    why="What is said of others in public is read by a person first.",
    fix="wait for a reviewer",
    severity=Severity.NEEDS_REVIEW,
)
_OWNERS_ALONE = (
    "owners", "publisher", "sources", "releases", "transfer", "status", "replaced_by", "pricing", "aliases",
)  # fmt: skip
"""What of a listing nobody else can even propose to change."""
RULES = (
    UNKNOWN_AUTHOR, IMPOSTOR, STRANGER, STRANGER_DECIDES, OWNERS, SILENT, PUBLISHER, UNANNOUNCED, NAMESPACE_STRANGER,
    NOT_YOURS, CLAIM, NAMESPACE_CHANGED, NAMESPACE_TAKEOVER, OTHERS_REVIEW, NEW_REVIEW,
)  # fmt: skip


def check(situation: Situation) -> Iterator[Finding]:
    """Yield findings about authors, owners, publishers and namespaces."""
    if situation.people.author is None:
        yield UNKNOWN_AUTHOR.finding(Location(file="."))
    for plugin in situation.plugins:
        yield from _reviews(situation, plugin)
        if all(file.place.area is Area.REVIEW for file in plugin.files):
            continue
        yield from _impostor(situation, plugin.owners, plugin.listing_file)
        if plugin.known:
            yield from _known_plugin(situation, plugin)
        elif plugin.after is not None:
            yield from _new_plugin(situation, plugin, plugin.after.listing)
    yield from _namespaces(situation)


def _impostor(situation: Situation, owners: tuple[Account, ...], file: str) -> Iterator[Finding]:
    author = situation.people.author
    if author is None or not author.login or author.id in {owner.id for owner in owners}:
        return
    for owner in owners:
        if owner.login.casefold() == author.login.casefold():
            message = f"{quoted(author.login)} is {author.id} here; the owner is {owner.id}"
            yield IMPOSTOR.finding(Location(file=file), message)


def _known_plugin(situation: Situation, plugin: PluginChange) -> Iterator[Finding]:
    before = plugin.before.listing if plugin.before else None
    after = plugin.after.listing if plugin.after else None
    where = situation.at(plugin.listing_file)
    author, taken = situation.people.author, _takeover(plugin)
    if taken and not situation.people.include(plugin.owners) and not situation.is_by_reviewer:
        yield STRANGER_DECIDES.finding(where, f"no owner of {plugin.id} stands behind this: {taken} changes")
    elif (author is None or author.id not in {owner.id for owner in plugin.owners}) and not is_announced(
        plugin, situation.people
    ):
        yield STRANGER.finding(where, f"{plugin.id} belongs to {names_of(plugin.owners)}")
    if before is not None and after is not None:
        yield from _owners(situation, plugin, before, after)
        yield from _publisher(situation, plugin, before, after)


def _takeover(plugin: PluginChange) -> str:
    """Return what of a plugin changes that strangers cannot even propose, or empty text."""
    if plugin.before is None or plugin.after is None:
        return "its listing"
    before, after = plugin.before.listing, plugin.after.listing
    for key in _OWNERS_ALONE:
        if getattr(before, key) != getattr(after, key):
            return key
    for version, release in plugin.before.releases.items():
        if version not in plugin.after.releases or plugin.after.releases[version] != release:
            return f"release {version}"
    return ""


def _owners(situation: Situation, plugin: PluginChange, before: Listing, after: Listing) -> Iterator[Finding]:
    added = [owner for owner in after.owners if owner.id not in {known.id for known in before.owners}]
    gone = [owner for owner in before.owners if owner.id not in {known.id for known in after.owners}]
    where = situation.at(plugin.listing_file, ("owners",))
    if added or gone:
        said = [f"{word}: {names_of(accounts)}" for word, accounts in (("new", added), ("gone", gone)) if accounts]
        yield OWNERS.finding(where, f"owners of {plugin.id}, {'; '.join(said)}")
    author = situation.people.author
    for owner in after.owners:
        logins = {known.login for known in (*before.owners, author) if known and known.id == owner.id}
        if owner.id not in {new.id for new in added} and owner.login not in logins:
            yield OWNERS.finding(where, f"{quoted(owner.login)} is not what the forge calls {owner.id}")
    silent = [owner for owner in added if owner.id not in situation.people.agreeing]
    if silent:
        yield SILENT.finding(where, f"not heard of yet: {names_of(silent)}")


def _publisher(situation: Situation, plugin: PluginChange, before: Listing, after: Listing) -> Iterator[Finding]:
    if after.transfer not in (None, before.transfer):
        message = f"it is announced that {quoted(after.transfer.previous.repository)} handed the plugin over"
        yield PUBLISHER.finding(situation.at(plugin.listing_file, ("transfer",)), message)
    if before.publisher == after.publisher:
        return
    where = situation.at(plugin.listing_file, ("publisher",))
    if before.publisher is None or after.publisher is None:
        said = "releases will not be signed by their developer any more" if after.publisher is None else ""
        yield PUBLISHER.finding(where, said or f"releases will be signed by {quoted(_repository(after))}")
    elif not after.publisher.is_same_as(before.publisher):
        message = f"releases were signed by {quoted(_repository(before))}, and will be by {quoted(_repository(after))}"
        yield PUBLISHER.finding(where, message)
        if after.transfer is None or after.transfer.previous != before.publisher:
            yield UNANNOUNCED.finding(where)


def _repository(listing: Listing) -> str:
    return f"{listing.publisher.repository} {listing.publisher.workflow}" if listing.publisher else "nobody"


def _new_plugin(situation: Situation, plugin: PluginChange, listing: Listing) -> Iterator[Finding]:
    where = situation.at(plugin.listing_file, ("owners",))
    if not situation.people.include(listing.owners):
        yield NOT_YOURS.finding(where, f"the new plugin would belong to {names_of(listing.owners)}")
    namespace = situation.sides.base.registry.namespaces.get(plugin.id.namespace)
    if namespace is not None:
        yield from _impostor(situation, namespace.owners, plugin.listing_file)
        if not situation.people.include(namespace.owners):
            message = f"the namespace {plugin.id.namespace} belongs to {names_of(namespace.owners)}"
            yield NAMESPACE_STRANGER.finding(where, message)


def _namespaces(situation: Situation) -> Iterator[Finding]:
    base, merged = situation.sides.base.registry.namespaces, situation.sides.merged.registry.namespaces
    for file in situation.change.files:
        if file.place.area is not Area.NAMESPACE:
            continue
        where = situation.at(file.path)
        before = next((one for name, one in base.items() if name == file.place.name), None)
        after = merged.get(Name(file.place.name)) if file.place.name in set(merged) else None
        if file.is_new:
            yield CLAIM.finding(where, f"the namespace {quoted(file.place.name)} is claimed")
            if after is not None and not situation.people.include(after.owners):
                yield NOT_YOURS.finding(where, f"it would belong to {names_of(after.owners)}")
            continue
        owners = before.owners if before else ()
        yield from _impostor(situation, owners, file.path)
        if situation.people.include(owners) or situation.is_by_reviewer:
            yield NAMESPACE_CHANGED.finding(where)
        else:
            yield NAMESPACE_TAKEOVER.finding(where, f"it belongs to {names_of(owners)}")


def _reviews(situation: Situation, plugin: PluginChange) -> Iterator[Finding]:
    author = situation.people.author
    for file in plugin.files:
        if file.place.area is Area.REVIEW:
            mine = author is not None and file.place.name == str(author.id)
            yield (NEW_REVIEW if mine or situation.is_by_reviewer else OTHERS_REVIEW).finding(situation.at(file.path))
