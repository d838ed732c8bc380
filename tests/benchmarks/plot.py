"""Figures as a picture: horizontal bars in groups, on a logarithmic scale, as SVG that needs nothing else.

In: a title, groups of (label, value). Out: the text of an SVG, readable in light and dark and by a screen reader.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP = 760, 220, 70, 16, 6
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.head{font-weight:600}.bar{fill:#8a94a6}.ours{fill:#0b6bcb}"
    ".axis{stroke:#8a94a6;stroke-opacity:.35}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e9ee}.bar{fill:#7c8798}.ours{fill:#5aa9ff}}"
)


def bars(title: str, groups: Mapping[str, Mapping[str, float]], *, unit: str, ours: str) -> str:
    """Return the picture of `groups`; bars whose label begins with `ours` stand out."""
    values = [value for group in groups.values() for value in group.values()]
    least, most = (10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values))))
    body, bottom = [], 40
    for name, group in groups.items():
        body.append(f'<text class="head" x="0" y="{bottom + 14}">{escape(name)}</text>')
        bottom += 24
        for label, value in sorted(group.items(), key=lambda item: item[1]):
            body.extend(
                _bar(label, value, bottom, least, most, unit=unit, kind="ours" if label.startswith(ours) else "bar")
            )
            bottom += _BAR + _GAP
        bottom += 10
    across = [_at(power, least, most) for power in _powers(least, most)]
    grid = [f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="28" y2="{bottom}"/>' for x in across]
    told = "; ".join(
        f"{name}: " + ", ".join(f"{label} {value:.3g} {unit}" for label, value in group.items())
        for name, group in groups.items()
    )
    return "\n".join(
        (
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {bottom}" role="img" '
                'aria-labelledby="t d">'
            ),
            f'<title id="t">{escape(title)}</title><desc id="d">{escape(told)}</desc><style>{_STYLE}</style>',
            f'<text class="head" x="0" y="18">{escape(title)}</text>',
            *grid,
            *body,
            "</svg>\n",
        )
    )


def _bar(label: str, value: float, top: int, least: float, most: float, *, unit: str, kind: str) -> Iterator[str]:
    end = _at(value, least, most)
    yield f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(label)}</text>'
    yield f'<rect class="{kind}" x="{_LEFT}" y="{top}" width="{max(end - _LEFT, 1):.1f}" height="{_BAR}" rx="2"/>'
    yield f'<text x="{end + 6:.1f}" y="{top + 13}">{value:.3g} {escape(unit)}</text>'


def _at(value: float, least: float, most: float) -> float:
    share = math.log10(value / least) / math.log10(most / least)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _powers(least: float, most: float) -> Iterator[float]:
    power = least
    while power <= most * 1.001:
        yield power
        power *= 10
