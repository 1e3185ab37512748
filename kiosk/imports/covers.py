"""Draws a cover for every title: 480 x 640 JPEG, the same one every time, each easy to tell from the others.

The shelf gives the colours, the motif the picture, the title's id the scene: a child finds a book again by
its cover without reading. Nothing here trusts the title: it comes from a file.
"""

from __future__ import annotations

import bisect
import contextlib
import hashlib
import importlib.util
import math
import os
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageStat

from kiosk.errors import StationError
from kiosk.imports.palette import FAMILIES, Scheme
from kiosk.imports.scenery import SCENES, mix, shapes
from kiosk.model import Title

WIDTH, HEIGHT = 480, 640  # pixels, 3:4
DRAWN = ".jpeg"  # a drawn cover; the library's own picture is a .jpg
"""JPEG, for it is read three times as fast as PNG: a decoder takes half or a quarter of its pixels only."""
QUALITY = 88  # some 40 KB
_FINE = 2  # painted so much larger, then reduced: soft edges
_MOTIFS = Path(__file__).parent / "motifs"
_MARGIN = 28
_MOST_LINES = 4
_LONGEST = 160  # characters of a title that are drawn
_SIZES = (62, 56, 50, 45, 40, 36, 32, 28, 25)  # px
_LINE = 1.24  # line height, in sizes; more where stacked accents on capitals (Ế, Ẫ) ask for it
_ASCENT = 0.99  # first baseline below the margin, in sizes
_TOP = 34  # px above the title
_GAP = 3  # px between the ink of two lines, at least
_PICTURE = 300  # px
_APART = 95  # of 441, distance of two colours in RGB: chosen by looking at every demonstration cover


class CoversNotDrawn(StationError, OSError):
    """The folder of covers cannot be written; lending goes on with plain covers."""


def draw_covers(titles: Iterable[Title], folder: Path) -> int:
    """Draw `<folder>/<title id>.jpeg` for every title; returns how many.

    Raises CoversNotDrawn when the folder cannot be written. A file is replaced whole or not at all.
    """
    count = 0
    half = folder / "half.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for title in titles:
            final = folder / f"{title.id}{DRAWN}"
            half = final.with_suffix(".part")
            draw_cover(title).save(half, "JPEG", quality=QUALITY)
            half.replace(final)
            (folder / f"{title.id}.png").unlink(missing_ok=True)  # drawn by a release before 2027
            count += 1
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink()
        raise CoversNotDrawn(
            f"{folder}: after {count} covers no more could be written ({error.strerror}); the lists are "
            "taken in, and books without a cover show a plain one. Free some room, then import again"
        ) from error
    return count


def draw_cover(title: Title) -> Image.Image:
    """The title's cover, 480 x 640 RGB."""
    seed = int.from_bytes(hashlib.sha256(title.id.encode()).digest()[:8], "big")
    chance = Random(seed)  # noqa: S311 - decoration, and it must repeat
    family = FAMILIES.get(title.shelf) or FAMILIES["brown"]
    picture = _motif(title.motif)
    scheme = chance.choice([scheme for scheme in family if _stands_out(picture, scheme)] or family)
    scene = chance.choice(SCENES)
    lines, font = _fit(title.name, WIDTH - 2 * _MARGIN)
    baselines, end = _set(lines, font)
    top = end + 18

    canvas = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), scheme.ground)
    draw = ImageDraw.Draw(canvas)
    scene(draw, scheme, chance, WIDTH * _FINE, HEIGHT * _FINE, top * _FINE)
    middle = round((top + HEIGHT * 0.955) / 2)
    if picture is None:
        side = min(176, HEIGHT - 68 - middle)
        box = (WIDTH // 2 - side, middle - side, WIDTH // 2 + side, middle + side)
        shapes(draw, scheme, chance, (box[0] * _FINE, box[1] * _FINE, box[2] * _FINE, box[3] * _FINE))
    cover = canvas.reduce(_FINE)
    if picture is not None:
        _place(cover, picture, WIDTH // 2, middle, min(_PICTURE, round((HEIGHT * 0.955 - top) * 0.86)))
    _write(cover, scheme, title.author, list(zip(lines, baselines, strict=True)), font)
    return cover


def _stands_out(picture: Image.Image | None, scheme: Scheme) -> bool:
    """Whether a picture does not melt into the glow behind it: a yellow ticket on a yellow sun would."""
    if picture is None:
        return True
    mean = ImageStat.Stat(
        picture.convert("RGB"), picture.getchannel("A").point(lambda a: 255 * (a > 127))
    ).mean
    return math.dist(mean, scheme.glow) > _APART


def _place(cover: Image.Image, picture: Image.Image, x: int, y: int, side: int) -> None:
    drawn = picture.resize((side, side), Image.Resampling.BICUBIC)
    shadow = Image.new("L", (side, side), 0)
    shadow.paste(drawn.getchannel("A").point(lambda value: value * 2 // 5))
    shadow = shadow.filter(ImageFilter.BoxBlur(7))
    left, top = x - side // 2, y - side // 2
    cover.paste((20, 15, 30), (left + 4, top + 12), shadow)
    cover.paste(drawn, (left, top), drawn)


def _set(lines: list[str], font: ImageFont.FreeTypeFont) -> tuple[list[int], int]:
    """The baseline of each line, and where the title ends: by the ink itself, so no accent is clipped."""
    baselines: list[int] = []
    below = _TOP  # where the ink of the line above ends
    for line in lines:
        _, high, _, low = font.getbbox(line, anchor="ls")
        even = baselines[-1] + font.size * _LINE if baselines else _TOP + font.size * _ASCENT
        gap = _GAP if baselines else 0
        baseline = max(round(even), below + gap - math.floor(high))
        baselines.append(baseline)
        below = baseline + math.ceil(low)
    last = baselines[-1] if baselines else _TOP
    return baselines, max(below, round(last + font.size * (_LINE - _ASCENT)))


def _write(
    cover: Image.Image,
    scheme: Scheme,
    author: str,
    lines: list[tuple[str, int]],
    font: ImageFont.FreeTypeFont,
) -> None:
    draw = ImageDraw.Draw(cover)
    for line, baseline in lines:
        draw.text((WIDTH / 2, baseline), line, font=font, fill=scheme.ink, anchor="ms")
    author = _drawable(author)
    if not author:
        return
    small = _font("SemiBold", 21)
    author = _cut(author, small, WIDTH - 2 * _MARGIN - 24)
    half = small.getlength(author) / 2 + 16
    middle = HEIGHT - 32
    label = Image.new("L", (round(half * 2) * _FINE, 40 * _FINE))
    ImageDraw.Draw(label).rounded_rectangle((0, 0, label.width - 1, label.height - 1), 20 * _FINE, fill=255)
    place = (round(WIDTH / 2 - half), middle - 20)
    cover.paste(mix(scheme.ground, scheme.ink, 0.04), place, label.reduce(_FINE))
    draw.text((WIDTH / 2, middle + 7), author, font=small, fill=scheme.ink, anchor="ms")


def _fit(name: str, width: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """The title in at most four lines at the largest size that holds it; the end cut off if none does."""
    text = _drawable(name)
    for size in _SIZES:
        font = _font("ExtraBold", size)
        lines = _greedy(text.split(), font, width)
        most = 3 if size > 40 else _MOST_LINES
        if len(lines) <= most and all(font.getlength(line) <= width for line in lines):
            return _wrap(text, font, width), font
    font = _font("ExtraBold", _SIZES[-1])
    lines = _greedy(text.split(), font, width)[:_MOST_LINES]
    return [_cut(line, font, width) for line in lines], font


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """As few lines as will do, of lengths as even as can be: no lonely word on the last."""
    words = text.split()
    count = len(_greedy(words, font, width))
    best: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}  # after so many words: cost, lines
    for _ in range(count):
        longer: dict[int, tuple[float, list[str]]] = {}
        for start, (cost, lines) in best.items():
            for end in range(start + 1, len(words) + 1):
                line = " ".join(words[start:end])
                length = font.getlength(line)
                if length > width and end > start + 1:
                    break
                total = cost + (width - length) ** 2
                if end not in longer or total < longer[end][0]:
                    longer[end] = (total, [*lines, line])
        best = longer
    return best[len(words)][1] if words else []


def _greedy(words: list[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    fits = (
        bisect.bisect_left(range(len(text)), True, key=lambda n: font.getlength(f"{text[:n]}…") > width) - 1
    )
    return f"{text[: max(fits, 0)].rstrip()}…"


def _drawable(text: str) -> str:
    """What the font can show of a text: letters of the Latin script with their accents, and punctuation."""
    normal = unicodedata.normalize("NFC", text[: _LONGEST * 4])
    kept = (c if c.isspace() or c in _glyphs() else " " for c in normal if unicodedata.category(c) != "Mn")
    return " ".join("".join(kept).split())[:_LONGEST].rstrip()


@cache
def _glyphs() -> frozenset[str]:
    font = _font("ExtraBold", 16)
    missing = bytes(font.getmask("\uffff"))
    ranges = ((0x21, 0x7F), (0xA1, 0x250), (0x1E00, 0x1F00), (0x2010, 0x2040), (0x20A0, 0x20C0))
    letters = (chr(code) for start, end in ranges for code in range(start, end))
    return frozenset(
        c for c in letters if unicodedata.category(c)[0] in "LNPS" and bytes(font.getmask(c)) != missing
    )


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    found = importlib.util.find_spec("fontpkg_be_vietnam_pro")
    if found is None or found.submodule_search_locations is None:
        raise FileNotFoundError("the font package fontpkg-be-vietnam-pro is not installed; install it")
    file = Path(next(iter(found.submodule_search_locations))) / "files" / f"BeVietnamPro-{weight}.ttf"
    # BASIC: every machine has it, so a cover is the same everywhere.
    return ImageFont.truetype(os.fspath(file), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _motif(name: str) -> Image.Image | None:
    file = _MOTIFS / f"{name}.png"
    if not name or not name.replace("-", "").isalnum() or not file.is_file():
        return None
    with Image.open(file) as picture:
        return picture.convert("RGBA")
