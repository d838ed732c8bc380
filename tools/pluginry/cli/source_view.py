"""A marketplace that plugins come from, for people and programs: what it is, who signs, how it is reached.

In: a `Source`, and what was found at its places. Out: lines of text, data for JSON. It asks nobody anything.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pluginry.cli.access_options import in_words
from pluginry.cli.table import counted
from pluginry.encoding import documents
from pluginry.errors import NotFoundError
from pluginry.model.trust_statement import LAB_INSTANCE

if TYPE_CHECKING:
    from pluginry.client.place_check import Place
    from pluginry.client.source import Source

LAB_WARNING = "DEVELOPMENT ONLY: its packages are signed by a lab whose signatures prove nothing"


def described(one: Source) -> dict[str, Any]:
    """Return what is known of a source, as JSON has it."""
    try:
        index = one.index()
    except NotFoundError:
        state: dict[str, Any] = {"plugins": 0, "instance": ""}
    else:
        state = {
            "marketplace": one.catalogue().name,
            "plugins": index.root.plugins,
            "releases": index.root.releases,
            "serial": index.root.serial,
            "generated": f"{index.root.generated:%Y-%m-%dT%H:%M:%SZ}",
            "as_of": f"{index.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "instance": index.policy.instance,
            "publish_attestation": index.policy.publish_attestation,
            "index_attestation": index.policy.index_attestation,
            "signers": [{"issuer": signer.issuer, "san": signer.san} for signer in index.policy.registry_identities],
        }
    config = one.config
    return {
        "name": config.name,
        "location": config.location,
        "fingerprint": str(config.root_sha256),
        "namespaces": list(config.namespaces),
        "mirrors": list(config.mirrors),
        "access": documents.to_plain(config.access),
        **state,
    }


def places_data(one: Source, places: tuple[Place, ...]) -> list[dict[str, Any]]:
    """Return what was found at each place, as JSON has it."""
    newest = _newest(one, places)
    return [
        {
            "location": place.location,
            "verdict": place.verdict(newest),
            **(
                {"code": place.problem.code, "problem": str(place.problem)}
                if place.problem
                else {"serial": place.serial}
            ),
        }
        for place in places
    ]


def places_text(one: Source, places: tuple[Place, ...]) -> list[str]:
    """Return what was found at each place, a line for each."""
    newest = _newest(one, places)
    return [
        f"  {place.location}: {place.verdict(newest)}, {place.problem or f'serial {place.serial}'}"
        + (f" ({place.problem.hint})" if place.problem and place.problem.hint else "")
        for place in places
    ]


def _newest(one: Source, places: tuple[Place, ...]) -> int:
    known = one.state()
    return max([place.serial for place in places] + [known.serial if known else 0])


def _served(one: Source) -> str:
    """Return how much of what a marketplace has is taken from it."""
    patterns = one.config.namespaces
    ids = [str(summary.id) for summary in one.catalogue().plugins]
    served = sum(any(fnmatchcase(plugin, pattern) for pattern in patterns) for plugin in ids)
    return f"{' '.join(patterns)}: {served} of its {counted(len(ids), 'plugin')}"


def about(one: Source) -> list[str]:
    """Return what a user wants to know about a new source."""
    data = described(one)
    lines = [
        f"Added {data['name']}: {data['marketplace']}",
        f"  {counted(data['plugins'], 'plugin')}, {counted(data['releases'], 'release')}, serial {data['serial']}",
        f"  made on {data['generated']}; from here it serves {_served(one)}",
        *(f"  reached {words}" for words in in_words(one.config.access)),
        f"  every release must be signed: {'yes' if data['publish_attestation'] == 'required' else 'no'}",
        f"  the index must be signed: {'yes' if data['index_attestation'] == 'required' else 'no'}",
        *(f"  signed by {signer['san']} (vouched for by {signer['issuer']})" for signer in data["signers"]),
        f"  sigstore instance: {data['instance'] or 'not named'}",
    ]
    if data["instance"] == LAB_INSTANCE:
        lines += ["", f"  *** {LAB_WARNING}. ***"]
    return lines
