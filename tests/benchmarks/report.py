"""The figures of a comparison as a page of Markdown: what BENCHMARKS.md says.

In: what `comparison.py` measured, and where its picture lies. Out: a text. It measures nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEAD = """# Builds, beside other index builders

Written by `make bench`, which makes the packages, installs the others, and runs one of each in turn, {rounds} rounds,
so that a machine that is busy for a while is busy for all. Seconds are those of whole processes; "ours to it" is the
median of ours divided by theirs: above 1 they are quicker. Measured on {machine}.

What they have in common is that they make an index of packages. What each does besides, and does not do:

{words}

![The largest size as a picture]({picture})
"""


def report(results: Mapping[str, Any], *, does: Mapping[str, str], ours: str, picture: str) -> str:
    """Return the page; `does` says what each builder does, by its name, and those of `ours` begin with that name."""
    measured = sorted({name for steps in results["sizes"].values() for named in steps.values() for name in named})
    words = "\n".join(f"- **{name}**: {does[name]}" for name in measured)
    head = _HEAD.format(rounds=results["rounds"], machine=results["machine"], words=words, picture=picture)
    tables = (line for count, steps in results["sizes"].items() for line in _tables(int(count), steps, ours))
    return "\n".join((head, *tables))


def _tables(count: int, steps: Mapping[str, Mapping[str, Mapping[str, float]]], ours: str) -> Iterator[str]:
    yield f"## {count:,} packages\n"
    for step, named in steps.items():
        yield f"### {step[0].upper()}{step[1:]}\n"
        yield "| builder | minimum s | median s | ours to it | peak MB |"
        yield "|---|---:|---:|---:|---:|"
        for name, one in sorted(named.items(), key=lambda item: item[1]["median"]):
            ratio = "" if name.startswith(ours) else f"{named[ours]['median'] / one['median']:.2f}"
            yield f"| {name} | {one['minimum']:.3f} | {one['median']:.3f} | {ratio} | {one['peak_mb']:.0f} |"
        yield ""
