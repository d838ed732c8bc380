"""What was made of what the last time: so that a publication makes only what it would make differently now.

In: units (a plugin's pages, a page of a list), each with all that it is made of and how to make it. Out: their objects,
but for those that are known to be published already. What is remembered of a unit are the fingerprint of what it was
made of and digests over the digests of what came out, never a body: whoever lacks one gets it made anew. Of things
that many units are made of, names are remembered: a unit can be kept without a look at it where all of them are `same`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain, repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pluginry.encoding import documents
from pluginry.errors import DocumentError
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.inventory import NOTHING_KNOWN, body_of, proofs_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.pages.excerpts import Excerpt
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import Card

T = TypeVar("T")
Tell = Callable[[Iterable["PublishedObject"]], None]
"""Told the objects of a unit that are made."""


def untold(made: Iterable[PublishedObject]) -> None:
    """Forget the objects that were `made`."""


class Afresh:
    """Makes every unit, whatever was made before."""

    skipped = 0
    """How many objects were not made, because they are published already."""

    def objects(
        self,
        unit: str,  # noqa: ARG002 - `Reuse` needs it
        made_of: object,  # noqa: ARG002 - `Reuse` needs it
        make: Callable[[], Iterable[PublishedObject]],
        place: Callable[[str], str] = str,  # noqa: ARG002 - `Reuse` needs it
    ) -> tuple[PublishedObject, ...]:
        """Return the objects of `unit`, which has a name of its own and is made by `make` of nothing but `made_of`.

        They are published under the keys that `place` gives them.
        """
        return tuple(make())

    def same(
        self,
        things: str,  # noqa: ARG002 - `Reuse` needs it
        common: str,  # noqa: ARG002 - `Reuse` needs it
        names: Mapping[str, str],  # noqa: ARG002 - `Reuse` needs it
    ) -> frozenset[str]:
        """Return which of some `things` have the same of the `names` as the last time, when all had the same `common`.

        Names, and what they are of, hold no white space but blanks; what has an empty name is never the same.
        """
        return frozenset()

    def keep(
        self,
        unit: str,  # noqa: ARG002 - `Reuse` needs it
        place: Callable[[str], str] = str,  # noqa: ARG002 - `Reuse` needs it
    ) -> bool:
        """Return whether all objects of `unit` are published, so that it is kept, whatever it is made of."""
        return False

    def noted(
        self,
        unit: str,  # noqa: ARG002 - `Reuse` needs it
        place: Callable[[str], str] = str,  # noqa: ARG002 - `Reuse` needs it
    ) -> str:
        """Return the text that was noted with `unit` the last time."""
        return ""

    def begin(
        self,
        unit: str,  # noqa: ARG002 - `Reuse` needs it
        made_of: object,  # noqa: ARG002 - `Reuse` needs it
        place: Callable[[str], str] = str,  # noqa: ARG002 - `Reuse` needs it
        note: str = "",  # noqa: ARG002 - `Reuse` needs it
    ) -> Tell | None:
        """Return what to tell the objects of `unit` when they are made; None when all of them are published.

        The `note` is a line of text that follows from what it is made of.
        """
        return untold

    def with_value(
        self,
        unit: str,  # noqa: ARG002 - `Reuse` needs it
        made_of: object,  # noqa: ARG002 - `Reuse` needs it
        make: Callable[[], tuple[T, tuple[PublishedObject, ...]]],
        kind: type[T],  # noqa: ARG002 - `Reuse` needs it
        place: Callable[[str], str] = str,  # noqa: ARG002 - `Reuse` needs it
    ) -> tuple[T, tuple[PublishedObject, ...]]:
        """Return what others need of `unit`, a value of a `kind` that is a document, and its objects; see `objects`."""
        return make()

    def page(
        self,
        renderer: Renderer,
        key: str,
        template: str,
        excerpt: Excerpt,
        lists: Mapping[str, Sequence[Card]] = MappingProxyType({}),
        **context: Any,
    ) -> tuple[PublishedObject, ...]:
        """Return a page, which is made of what the template is given: the view of `excerpt`, and the `context`.

        The cards of that view, in order, are those of the `lists`; the template gets these, too.
        """
        lengths = [(name, len(cards)) for name, cards in lists.items()]
        made_of = (renderer.made_of, template, excerpt.made_of(), lengths, context)

        def make() -> Iterable[PublishedObject]:
            yield renderer.page(key, template, **{"view": excerpt.view, **lists, **context})

        return self.objects(key, made_of, make, renderer.language.key)


AFRESH: Final = Afresh()
_LEAST_TABS: Final = 3  # fingerprint, value, digest, and one key at least


class Reuse(Afresh):
    """Makes those units that are made of something else than ``before``, or not `known` to be published."""

    def __init__(
        self, before: Mapping[str, str], known: Inventory = NOTHING_KNOWN, *, shared: Collection[type] = ()
    ) -> None:
        self._before = before
        self._known = known
        self._fingerprints = Fingerprints(shared)
        self.units: dict[str, str] = {}
        self.skipped = 0

    def objects(
        self,
        unit: str,
        made_of: object,
        make: Callable[[], Iterable[PublishedObject]],
        place: Callable[[str], str] = str,
    ) -> tuple[PublishedObject, ...]:
        """Return nothing when all objects are published."""
        tell = self.begin(unit, made_of, place)
        if tell is None:
            return ()
        made = tuple(make())
        tell(made)
        return made

    def same(self, things: str, common: str, names: Mapping[str, str]) -> frozenset[str]:
        """Return nothing when they have not the same in `common`."""
        last_common, *last = self._before.get(things, "").split("\t")
        if named := {one: name for one, name in names.items() if name}:
            self.units[things] = "\t".join((common, *chain.from_iterable(named.items())))
        if last_common != common:
            return frozenset()
        last_names = dict(zip(last[::2], last[1::2], strict=False))
        return frozenset(one for one, name in named.items() if last_names.get(one) == name)

    def keep(self, unit: str, place: Callable[[str], str] = str) -> bool:
        """Return whether it is kept."""
        return self._last_value(place(unit)) is not None

    def noted(self, unit: str, place: Callable[[str], str] = str) -> str:
        """Return an empty text where nothing was."""
        _, _, rest = self._before.get(place(unit), "").partition("\t")
        return rest.partition("\t")[0]

    def begin(self, unit: str, made_of: object, place: Callable[[str], str] = str, note: str = "") -> Tell | None:
        """Return None when all objects are published."""
        name, fingerprint = place(unit), self._fingerprint(made_of)
        if fingerprint and self._last_value(name, fingerprint) is not None:
            return None
        return lambda made: self._note(name, fingerprint, note, {place(one.key): one for one in made})

    def with_value(
        self,
        unit: str,
        made_of: object,
        make: Callable[[], tuple[T, tuple[PublishedObject, ...]]],
        kind: type[T],
        place: Callable[[str], str] = str,
    ) -> tuple[T, tuple[PublishedObject, ...]]:
        """Return no objects when all of them are published."""
        name, fingerprint = place(unit), self._fingerprint(made_of)
        last = self._last_value(name, fingerprint) if fingerprint else None
        if last is not None:
            with suppress(DocumentError):  # whoever wrote that, it is not what this program notes
                return documents.decode(kind, last.encode(), what=unit), ()
        value, made = make()
        self._note(name, fingerprint, documents.encode(value).decode(), {place(one.key): one for one in made})
        return value, made

    def _fingerprint(self, made_of: object) -> str:
        """Return an empty text for what has no fingerprint: it is made each time."""
        if isinstance(made_of, str):
            return hashlib.sha256(made_of.encode()).hexdigest()
        try:
            return self._fingerprints.of(made_of)
        except TypeError:
            return ""

    def _last_value(self, name: str, fingerprint: str = "") -> str | None:
        """Return what was noted of a unit that has the same `fingerprint` as before and is published, else None."""
        entry = self._before.get(name, "")
        if not entry.startswith(fingerprint) or entry.count("\t") < _LEAST_TABS:
            return None
        _, value, digests, *keys = entry.split("\t")
        if _digest(map(self._known.marks.get, keys, repeat(""))) not in digests:
            return None
        self.units[name] = entry
        self.skipped += len(keys)
        return value

    def _note(self, name: str, fingerprint: str, value: str, made: Mapping[str, PublishedObject]) -> None:
        if not fingerprint:
            return
        proofs = zip(*(proofs_of(body_of(one)) for one in made.values()), strict=True)
        self.units[name] = "\t".join((fingerprint, value, " ".join(map(_digest, proofs)), *made))


def _digest(marks: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(marks).replace('"', "").encode()).hexdigest()
