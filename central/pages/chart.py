"""Plots as small SVG pictures of our own: columns for a course of days, a bar for a line of a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT = 600, 140
_FOOT, _HEAD = 26, 24  # for what stands under the columns, and over the highest


def columns(points: Sequence[tuple[str, int]], spoken: str) -> Markup:
    """One column a point; each says its number when it is pointed at, and the highest says it always."""
    most = max([1, *(n for _, n in points)])
    step = WIDTH / max(1, len(points))
    wide = min(40.0, step * 0.72)
    tall = HEIGHT - _FOOT
    marks = [f'<path class="ground" d="M0 {tall + 0.5}H{WIDTH}"/>']
    for number, (label, n) in enumerate(points):
        if n > 0:
            high = max(2.0, (tall - _HEAD) * n / most)
            left = number * step + (step - wide) / 2
            marks.append(
                f'<rect x="{left:.1f}" y="{tall - high:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2">'
                f"<title>{escape(label)}: {n}</title></rect>"
            )
    highest = next((number for number, (_, n) in enumerate(points) if n == most), None)
    if highest is not None:
        place = min(WIDTH - 12.0, max(12.0, (highest + 0.5) * step))
        marks.append(f'<text class="most" x="{place:.0f}" y="{_HEAD - 5}" text-anchor="middle">{most}</text>')
    for number, anchor in _labelled(len(points)):
        place = {"start": 0.0, "middle": (number + 0.5) * step, "end": float(WIDTH)}[anchor]
        label = escape(points[number][0])
        marks.append(f'<text x="{place:.0f}" y="{HEIGHT - 5}" text-anchor="{anchor}">{label}</text>')
    return Markup(  # noqa: S704 (every text in it is escaped)
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(marks)}</svg>"
    )


def bar(n: int | None, most: int) -> Markup:
    """How long a number is beside the longest of its column; nothing for one that is not told."""
    share = 0.0 if not n or most <= 0 else max(1.0, 100 * n / most)
    return Markup(  # noqa: S704 (numbers of ours)
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{share:.1f}" height="6" rx="1"/></svg>'
    )


def _labelled(count: int) -> list[tuple[int, str]]:
    """Which points are named: the first, the last, and one between where there is room."""
    if count < 2:
        return [(0, "middle")] * count
    middle = [(count // 2, "middle")] if count > 4 else []
    return [(0, "start"), *middle, (count - 1, "end")]
