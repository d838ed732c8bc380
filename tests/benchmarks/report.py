"""The figures of a comparison as a page of Markdown: what BENCHMARKS.md says.

In: what `comparison.py` measured, and where its picture lies. Out: a text. It measures nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = """# Builds, beside other index builders

Written by `make bench`, which makes the packages, installs the others, and runs one of each in turn, so that a machine
that is busy for a while is busy for all. Seconds are those of whole processes; "ours to it" is the median of ours
divided by theirs: above 1 they are quicker. All have as many packages, with as large a payload: two of each plugin.
Peak memory begins with what the measuring program had when it started the other one: a small figure, met often, is its.

What they have in common is that they make an index of packages. What each does besides, and does not do:

{words}

![The largest size as a picture]({picture})
"""


def report(results: Mapping[str, Any], *, does: Mapping[str, str], ours: str, picture: str) -> str:
    """Return the page; `does` says what each builder does, by its name, and those of `ours` begin with that name."""
    sizes = {int(count): size for count, size in results["sizes"].items()}
    measured = sorted({name for size in sizes.values() for named in size["steps"].values() for name in named})
    words = "\n".join(f"- **{name}**: {does[name]}" for name in measured)
    tables = (line for count in sorted(sizes) for line in _tables(count, sizes[count], ours))
    return "\n".join((_HEAD.format(words=words, picture=picture), *tables))


def _tables(count: int, size: Mapping[str, Any], ours: str) -> Iterator[str]:
    rounds = "one round" if size["rounds"] == 1 else f"{size['rounds']} rounds"
    payload = f"a payload of {size['payload_bytes']:,} bytes" if size["payload_bytes"] else "no payload but a manifest"
    yield f"## {count:,} plugins, {size['packages']:,} packages\n"
    yield f"Each package has {payload}. Measured in {rounds} on {size['machine']}.\n"
    for name, why in size.get("failed", {}).items():
        yield f"{name} broke off: {why}\n"
    for step, named in size["steps"].items():
        yield f"### {step[0].upper()}{step[1:]}\n"
        yield "| builder | minimum s | median s | ours to it | peak MB |"
        yield "|---|---:|---:|---:|---:|"
        for name, one in sorted(named.items(), key=lambda item: item[1]["median"]):
            ratio = "" if name.startswith(ours) else f"{named[ours]['median'] / one['median']:.2f}"
            yield f"| {name} | {one['minimum']:.3f} | {one['median']:.3f} | {ratio} | {one['peak_mb']:.0f} |"
        yield ""
