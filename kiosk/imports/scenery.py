"""What stands behind a cover's picture: small scenes and patterns, painted at twice the size and reduced."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from PIL import ImageDraw

from kiosk.imports.palette import Colour, Scheme

Paint = Callable[[ImageDraw.ImageDraw, Scheme, Random, int, int, int], None]
"""Paints one scene: canvas, colours, chance, width, height, and the line (y) above which the title stands."""


_CRAYONS: tuple[Colour, ...] = (
    (239, 99, 81), (255, 200, 87), (63, 160, 150), (84, 140, 214), (250, 168, 190), (255, 243, 214),
)  # fmt: skip


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour mixed into one."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: Colour) -> None:
    draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _star(draw: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: Colour, points: int = 5) -> None:
    corners = []
    for corner in range(points * 2):
        reach = r if corner % 2 == 0 else r * 0.45
        turn = math.pi * corner / points - math.pi / 2
        corners.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    draw.polygon(corners, fill=colour)


def _cloud(draw: ImageDraw.ImageDraw, x: float, y: float, r: float, colour: Colour) -> None:
    for dx, dy, share in ((-1.1, 0.15, 0.7), (0, -0.15, 1.0), (1.1, 0.1, 0.75), (0.4, 0.3, 0.8)):
        _disc(draw, x + dx * r, y + dy * r, r * share, colour)
    draw.rounded_rectangle((x - 1.8 * r, y + 0.2 * r, x + 1.85 * r, y + 0.9 * r), r * 0.35, fill=colour)


def _window(w: int, h: int, top: int) -> tuple[float, float, float]:
    """Where the picture stands: its middle, and the radius that stays clear of the title above it."""
    return w / 2, (top + h * 0.955) / 2, min(w * 0.37, (h * 0.955 - top) * 0.48)


def _leaf(
    draw: ImageDraw.ImageDraw, x: float, y: float, length: float, thick: float, rise: float, colour: Colour
) -> None:
    steps = range(13)
    edge = [(x + length * s / 12, y + rise * s / 12 - thick * math.sin(math.pi * s / 12)) for s in steps]
    back = [
        (x + length * s / 12, y + rise * s / 12 + thick * math.sin(math.pi * s / 12)) for s in reversed(steps)
    ]
    draw.polygon(edge + back, fill=colour)


def rays(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """A sun bursting from behind the picture."""
    x, y, r = _window(w, h, top)
    count = chance.choice((10, 12, 14))
    pale = mix(scheme.ground, scheme.accent, 0.55)
    for ray in range(count):
        start = 2 * math.pi * ray / count
        end = start + math.pi / count
        draw.polygon(
            [
                (x, y),
                (x + 2 * h * math.cos(start), y + 2 * h * math.sin(start)),
                (x + 2 * h * math.cos(end), y + 2 * h * math.sin(end)),
            ],
            fill=pale,
        )
    draw.rectangle((0, 0, w, top), fill=scheme.ground)
    _disc(draw, x, y, r, scheme.glow)


def hills(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Rolling hills under a low sun."""
    x, y, r = _window(w, h, top)
    _disc(draw, x + w * chance.choice((-0.12, 0, 0.12)), y, r * 0.95, scheme.glow)
    for layer, (height, colour) in enumerate(
        ((0.74, scheme.accent), (0.81, mix(scheme.accent, scheme.deep, 0.5)), (0.88, scheme.deep))
    ):
        shift = chance.uniform(-0.2, 0.2) + (0.3 if layer % 2 else -0.1)
        for centre in (shift - 0.1, shift + 0.75):
            draw.ellipse(
                (w * (centre - 0.55), h * height - w * 0.06, w * (centre + 0.65), h * height + w * 0.9),
                fill=colour,
            )
    for side in (0.08, 0.9):
        _cloud(
            draw, w * (side + chance.uniform(-0.04, 0.04)), top + h * chance.uniform(0.07, 0.2), w * 0.05,
            mix(scheme.ground, scheme.glow, 0.6),
        )  # fmt: skip


def waves(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Rows of water, and a round moon or sun."""
    x, y, r = _window(w, h, top)
    _disc(draw, x, y, r, scheme.glow)
    length = w / chance.choice((4, 5, 6))
    for row in range(5):
        y = h * (0.76 + row * 0.06)
        colour = mix(scheme.accent, scheme.deep, row / 4)
        draw.rectangle((0, y, w, h), fill=colour)
        x = -length * (0.5 if row % 2 else 0)
        while x < w + length:
            draw.ellipse((x, y - length * 0.3, x + length, y + length * 0.5), fill=colour)
            x += length


def night(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Stars all over, and a ring of light."""
    pale = mix(scheme.ground, scheme.glow, 0.55)
    for _ in range(46):
        x, y = w * chance.random(), top + (h - top) * chance.random()
        _star(draw, x, y, w * chance.choice((0.012, 0.018, 0.028)), pale, chance.choice((4, 5)))
    x, y, r = _window(w, h, top)
    _disc(draw, x, y, r * 1.1, mix(scheme.ground, scheme.accent, 0.6))
    _disc(draw, x, y, r * 0.97, scheme.glow)


def dots(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Polka dots and a big round window."""
    step = w / chance.choice((7, 8, 9))
    pale = mix(scheme.ground, scheme.accent, 0.6)
    row = 0
    y = top + step * 0.5
    while y < h + step:
        x = step / 2 if row % 2 else 0.0
        while x < w + step:
            _disc(draw, x, y, step * 0.2, pale)
            x += step
        y += step * 0.8
        row += 1
    x, y, r = _window(w, h, top)
    _disc(draw, x, y, r * 1.06, scheme.deep)
    _disc(draw, x, y, r * 0.96, scheme.glow)


def stripes(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Slanting stripes and a soft square."""
    step = w / chance.choice((8, 10, 12))
    lean = chance.choice((-1, 1)) * h * 0.35
    pale = mix(scheme.ground, scheme.accent, 0.5)
    x = -h * 0.5
    while x < w + h * 0.5:
        draw.polygon([(x, top), (x + step, top), (x + step + lean, h), (x + lean, h)], fill=pale)
        x += step * 2
    x, y, side = _window(w, h, top)
    draw.rounded_rectangle((x - side, y - side, x + side, y + side), side * 0.35, fill=scheme.glow)


def petals(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """One great flower."""
    x, y, r = _window(w, h, top)
    count = chance.choice((8, 10, 12))
    for ring, (reach, size, colour) in enumerate(((0.82, 0.34, scheme.deep), (0.72, 0.32, scheme.accent))):
        for petal in range(count):
            turn = 2 * math.pi * (petal + ring / 2) / count
            _disc(draw, x + r * reach * math.cos(turn), y + r * reach * math.sin(turn), r * size, colour)
    _disc(draw, x, y, r * 0.84, scheme.glow)


def bunting(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """A string of little flags, a stage below."""
    flags = chance.choice((7, 8, 9))
    colours = (scheme.deep, scheme.accent, scheme.glow)
    for flag in range(flags):
        left = w * flag / flags
        sag = math.sin(math.pi * (flag + 0.5) / flags) * h * 0.045
        y = top + h * 0.005 + sag
        draw.polygon(
            [(left, y), (left + w / flags, y), (left + w / flags / 2, y + h * 0.065)], fill=colours[flag % 3]
        )
    x, y, r = _window(w, h, top)
    _disc(draw, x, y + h * 0.02, r * 0.92, scheme.glow)
    draw.ellipse((-w * 0.3, h * 0.86, w * 1.3, h * 1.3), fill=scheme.deep)


def mountains(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Peaks behind peaks."""
    x, y, r = _window(w, h, top)
    _disc(draw, x, y, r * 0.96, scheme.glow)
    for height, colour in (
        (0.62, scheme.accent),
        (0.76, mix(scheme.accent, scheme.deep, 0.55)),
        (0.87, scheme.deep),
    ):
        x = -w * chance.uniform(0.05, 0.25)
        ridge: list[tuple[float, float]] = [(x, float(h))]
        while x < w * 1.2:
            ridge.append((x, h * (height + 0.11)))
            x += w * chance.uniform(0.16, 0.26)
            ridge.append((x, h * height))
            x += w * chance.uniform(0.16, 0.26)
        draw.polygon([*ridge, (x, h)], fill=colour)


def leaves(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, w: int, h: int, top: int) -> None:
    """Leaves coming in from the sides."""
    x, y, r = _window(w, h, top)
    _disc(draw, x, y, r, scheme.glow)
    for side in (-1, 1):
        root = w * (-0.02 if side < 0 else 1.02)
        for leaf in range(5):
            _leaf(
                draw, root, top + (h - top) * (0.16 + leaf * 0.18), -side * w * chance.uniform(0.2, 0.28),
                h * 0.032, -h * chance.uniform(0.02, 0.07), (scheme.accent, scheme.deep)[leaf % 2],
            )  # fmt: skip


SCENES: tuple[Paint, ...] = (rays, hills, waves, night, dots, stripes, petals, bunting, mountains, leaves)


def shapes(draw: ImageDraw.ImageDraw, scheme: Scheme, chance: Random, box: tuple[int, int, int, int]) -> None:
    """A cheerful composition of simple shapes, for a title nobody has chosen a picture for."""
    left, top, right, bottom = box
    cells = 3
    frame = 12
    draw.rounded_rectangle(
        (left - frame, top - frame, right + frame, bottom + frame), frame * 2, fill=(255, 252, 244)
    )
    side = min(right - left, bottom - top) / cells
    x0 = (left + right - side * cells) / 2
    y0 = (top + bottom - side * cells) / 2
    colours = [*_CRAYONS, scheme.deep, scheme.glow]
    for cell in range(cells * cells):
        x, y = x0 + side * (cell % cells), y0 + side * (cell // cells)
        back, front = chance.sample(colours, 2)
        draw.rectangle((x, y, x + side, y + side), fill=back)
        match chance.randrange(6):
            case 0:
                _disc(draw, x + side / 2, y + side / 2, side * 0.38, front)
            case 1:
                _star(draw, x + side / 2, y + side / 2, side * 0.42, front)
            case 2:
                draw.pieslice((x, y, x + 2 * side - 2, y + 2 * side - 2), 180, 270, fill=front)
            case 3:
                draw.polygon(
                    [(x, y + side), (x + side, y + side), (x + side / 2, y + side * 0.1)], fill=front
                )
            case 4:
                draw.pieslice((x, y - side, x + 2 * side, y + side), 90, 180, fill=front)
            case _:
                draw.ellipse((x + side * 0.12, y + side * 0.3, x + side * 0.88, y + side * 0.7), fill=front)
