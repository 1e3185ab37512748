"""Makes the committed faces: Be Vietnam Pro with the Tai Viet letters of Noto Sans Tai Viet in it.

    python -m kiosk.words.fonts.make_fonts NotoSansTaiViet_400Regular.ttf

A label has one font and no second to fall back on, and a sentence in Tai Viet holds names, numbers and
Vietnamese words: so the two are made one file. Both fonts are under the OFL 1.1 and neither reserves its
name (checked below); the faces made of them have a name of their own and stay under the OFL
(LICENSE.txt beside this file). The file comes from the npm package `@expo-google-fonts/noto-sans-tai-viet`
0.4.1, whole and unchanged.

fontTools is a tool of the builder's and no part of a running station.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import fontpkg_be_vietnam_pro
from fontTools.merge import Merger  # type: ignore[import-untyped]
from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.ttLib.tables._g_l_y_f import GlyphCoordinates  # type: ignore[import-untyped]

Point = tuple[float, float]

HERE = Path(__file__).parent
WEIGHTS = {"ExtraBold": 20, "Bold": 16, "SemiBold": 12}
"""Weights, and how far the outlines of the Tai Viet letters, which come in one weight, are moved out:
thousandths of an em. Further out their small loops would close.
"""
SHARPEST = 1.6  # how much further a corner may go than a straight stroke
BLOCK = range(0xAA80, 0xAAE0)  # Unicode's Tai Viet
CIRCLE = 0x25CC  # what a lone mark stands on
FAMILY = "Goc Doc Tai Viet"
COPYRIGHT, UNIQUE, VERSION, POSTSCRIPT = 0, 3, 5, 6
HEIGHTS = (
    ("hhea", "ascent", max), ("hhea", "descent", min), ("hhea", "lineGap", max),
    ("OS/2", "sTypoAscender", max), ("OS/2", "sTypoDescender", min), ("OS/2", "sTypoLineGap", max),
    ("OS/2", "usWinAscent", max), ("OS/2", "usWinDescent", max),
)  # fmt: skip
NAMES = (1, 4, 16)  # family, full name, typographic family


class FontRefused(Exception):
    """A source font cannot be used."""


def free(path: Path) -> TTFont:
    """The font in a file. Raises FontRefused where it is not under the OFL or reserves its name."""
    font = TTFont(path)
    said = [str(entry) for entry in font["name"].names]
    if not any("Open Font License" in line for line in said):
        raise FontRefused(f"{path}: its own names do not say that it is under the Open Font License")
    if any("Reserved Font Name" in line for line in said):
        raise FontRefused(f"{path}: has a reserved font name; it may be used, not changed")
    return font


def tai_viet(path: Path) -> TTFont:
    """The Tai Viet letters of a font and what positions their marks, unhinted.

    Hinting programs work only with their own font's tables. Raises FontRefused.
    """
    font = free(path)
    if not set(BLOCK) & set(font.getBestCmap()):
        raise FontRefused(f"{path}: has no Tai Viet letters; is it NotoSansTaiViet?")
    options = Options(
        hinting=False, notdef_outline=True, layout_features=["ccmp", "mark", "mkmk", "kern", "dist"]
    )
    maker = Subsetter(options)
    maker.populate(unicodes=[*BLOCK, CIRCLE])
    maker.subset(font)
    return font


def embolden(font: TTFont, out: float) -> None:
    """Move every outline out by so many units; what takes room takes as much more."""
    for name in font.getGlyphOrder():
        glyph = font["glyf"][name]
        if glyph.numberOfContours < 1:
            continue  # empty, or made of others
        points, begin = list(glyph.coordinates), 0
        moved: list[Point] = []
        for end in glyph.endPtsOfContours:
            moved += _moved(points[begin : end + 1], out)
            begin = end + 1
        glyph.coordinates = GlyphCoordinates([(round(x), round(y)) for x, y in moved])
        glyph.recalcBounds(font["glyf"])
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width + round(out) if width else 0, glyph.xMin)

    more = math.ceil(out * SHARPEST)
    for table, key, taller in HEIGHTS:
        if not key.endswith("Gap"):
            height = getattr(font[table], key)
            setattr(font[table], key, taller(height + more, height - more))


def _moved(points: list[Point], out: float) -> Iterator[Point]:
    """A closed contour, each point moved along its edges' normals; TrueType fills to the right of a line."""
    for place, (x, y) in enumerate(points):
        came, goes = _way(points, place, -1), _way(points, place, 1)
        across = (-came[1] - goes[1], came[0] + goes[0])
        long = max(1 + came[0] * goes[0] + came[1] * goes[1], 2 / SHARPEST**2)
        yield x + out * across[0] / long, y + out * across[1] / long


def _way(points: list[Point], place: int, step: int) -> Point:
    """The direction, one unit long, in which a contour comes to a point (step -1) or leaves it (1)."""
    x, y = points[place]
    for far in range(1, len(points)):
        other = points[(place + step * far) % len(points)]
        if other != (x, y):
            length = math.hypot(other[0] - x, other[1] - y)
            return step * (other[0] - x) / length, step * (other[1] - y) / length
    return 0.0, 0.0


def merged(latin: Path, tai: Path, out: float) -> TTFont:
    """One font of both, hinted as `latin` is; its lines are as tall as the taller font's."""
    base, other = free(latin), tai_viet(tai)
    embolden(other, out)
    if base["head"].unitsPerEm != other["head"].unitsPerEm:
        raise FontRefused(f"{tai}: {other['head'].unitsPerEm} units an em, {latin} has another number")
    copyrights = [str(font["name"].getDebugName(COPYRIGHT)) for font in (base, other)]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "part.ttf"
        other.save(part)
        font = Merger().merge([str(latin), str(part)])
    for table, key, taller in HEIGHTS:
        setattr(font[table], key, taller(getattr(base[table], key), getattr(other[table], key)))
    _rename(font, latin.stem.split("-")[1], "; ".join(copyrights))
    font["head"].created = font["head"].modified = base["head"].modified  # the same whenever it is made
    font.recalcTimestamp = False
    return font


def _rename(font: TTFont, weight: str, copyright_line: str) -> None:
    for entry in list(font["name"].names):
        if entry.nameID in NAMES:
            entry.string = f"{FAMILY} {weight}"
        elif entry.nameID in {UNIQUE, POSTSCRIPT}:
            entry.string = f"{FAMILY.replace(' ', '')}-{weight}"
        elif entry.nameID == COPYRIGHT:
            entry.string = copyright_line
        elif entry.nameID == VERSION:
            entry.string = "Version 1.000; Be Vietnam Pro 1.002 with Tai Viet of Noto Sans Tai Viet 2.004"


def main() -> None:
    """Write a face of each weight beside this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tai", type=Path, help="NotoSansTaiViet_400Regular.ttf")
    tai = parser.parse_args().tai
    for weight, out in WEIGHTS.items():
        latin = fontpkg_be_vietnam_pro.ROOT / "files" / f"BeVietnamPro-{weight}.ttf"
        merged(latin, tai, out).save(HERE / f"GocDocTaiViet-{weight}.ttf")


if __name__ == "__main__":
    main()
