"""A book as a child sees it: its cover, or a drawn one; its shelf's sign."""

from __future__ import annotations

import re
from pathlib import Path

from kivy.core.image import Image as CoreImage
from kivy.graphics import Color, Rectangle, SmoothRoundedRectangle
from kivy.graphics.texture import Texture
from kivy.logger import Logger
from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.screens import Book
from ui import theme
from ui.widgets.shapes import Panel, Picture
from ui.widgets.text import Say
from ui.words import Words

COVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # a title id that is safe as a file name
LARGEST_FILE = 2_000_000  # bytes; a cover of 480x640 has some 300,000
LARGEST_SIDE = 2000  # pixels
RATIO = 0.75  # width : height
SMALLEST_NAMED = 19.0  # millimetres of width from which a drawn cover carries its name


def cover_texture(covers: Path, title_id: str) -> Texture | None:
    """The cover file of a title, or None when there is none that can be drawn."""
    if not COVER_NAME.fullmatch(title_id):
        return None
    path = covers / f"{title_id}.png"
    try:
        with path.open("rb") as file:
            head = file.read(24)
        size = path.stat().st_size
    except OSError:
        return None
    sides = [int.from_bytes(head[i : i + 4], "big") for i in (16, 20)]
    if (
        head[:8] != b"\x89PNG\r\n\x1a\n"
        or size > LARGEST_FILE
        or not all(0 < s <= LARGEST_SIDE for s in sides)
    ):
        Logger.warning(
            "Cover: %s is no PNG of at most %d pixels a side; drawn instead", path.name, LARGEST_SIDE
        )
        return None
    try:
        return CoreImage(str(path), mipmap=True).texture
    except Exception as error:
        Logger.warning("Cover: %s cannot be read (%s); drawn instead", path.name, type(error).__name__)
        return None


class CoverPicture(Widget):
    """The cover of a book in a white frame, 3:4, as large as its box allows."""

    def __init__(self, book: Book, covers: Path, *, named: bool = True) -> None:
        super().__init__()
        self._named = named
        self._texture = cover_texture(covers, book.title_id)
        sign = theme.shelf(book.shelf)
        with self.canvas.before:
            Color(*theme.colour(theme.INK, 0.16))
            self._shadow = SmoothRoundedRectangle(radius=[mm(1.6)])
            Color(*theme.colour(theme.PAPER))
            self._frame = SmoothRoundedRectangle(radius=[mm(1.6)])
            Color(*((1, 1, 1, 1) if self._texture else theme.colour(sign.colour)))
            self._front = Rectangle(texture=self._texture)
            Color(*theme.colour(theme.INK, 0 if self._texture else 0.18))
            self._spine = Rectangle()
        self._drawn: tuple[Picture, Say] | None = None
        if self._texture is None:
            self._drawn = (
                Picture(theme.picture(sign.picture)),
                Say(
                    book.name,
                    size_mm=theme.BODY,
                    least_mm=2.4,
                    lines=4,
                    weight="strong",
                    colour=sign.text,
                    halign="center",
                ),
            )
            for part in self._drawn:
                self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        width = min(self.width, self.height * RATIO)
        height = width / RATIO
        x, y = self.center_x - width / 2, self.center_y - height / 2
        edge = max(mm(0.5), width * 0.035)
        self._shadow.pos, self._shadow.size = (x + mm(0.6), y - mm(1)), (width, height)
        self._frame.pos, self._frame.size = (x, y), (width, height)
        front = (width - 2 * edge, height - 2 * edge)
        self._front.pos, self._front.size = (x + edge, y + edge), front
        self._spine.pos, self._spine.size = (x + edge, y + edge), (front[0] * 0.07, front[1])
        if self._drawn:
            picture, name = self._drawn
            small = width < mm(SMALLEST_NAMED) or not self._named
            side = front[0] * (0.6 if small else 0.46)
            up = (height - side) / 2 if small else height * 0.14
            picture.pos, picture.size = (self.center_x - side / 2, y + up), (side, side)
            name.pos = (x + edge + front[0] * 0.12, y + height * 0.52)
            name.size = (0, 0) if small else (front[0] * 0.8, height * 0.44)


class ShelfSign(Widget):
    """Where a book lives: the shelf's colour, and a picture of that colour beside the words."""

    def __init__(self, key: str, words: Words, sentence: str) -> None:
        super().__init__()
        sign = theme.shelf(key)
        self._panel = Panel(sign.colour)
        self._plate = Panel(theme.PAPER, lip_mm=0, lip=sign.colour, round_mm=4)
        self._picture = Picture(theme.picture(sign.picture))
        self._words = Say(
            sentence, size_mm=theme.LEAD, least_mm=4, lines=3, weight="strong", colour=sign.text
        )
        for part in (self._panel, self._plate, self._picture, self._words):
            self.add_widget(part)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        pad = mm(2)
        side = self.height - 2 * pad
        self._panel.pos, self._panel.size = self.pos, self.size
        self._plate.pos, self._plate.size = (self.x + pad, self.y + pad), (side, side)
        inner = side * 0.8
        self._picture.pos = (self.x + pad + (side - inner) / 2, self.y + pad + (side - inner) / 2)
        self._picture.size = (inner, inner)
        self._words.pos = (self.x + side + 2.5 * pad, self.y + pad / 2)
        self._words.size = (self.width - side - 4 * pad, self.height - pad)


class BookRow(Widget):
    """Covers in a row, at most `most`, the first one on top where they must overlap."""

    def __init__(self, books: tuple[Book, ...], covers: Path, most: int = 5) -> None:
        super().__init__()
        self._covers = [
            CoverPicture(book, covers, named=place == 0) for place, book in enumerate(books[:most])
        ]
        for cover in reversed(self._covers):
            self.add_widget(cover)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        count = len(self._covers)
        width = min(self.height * RATIO, self.width)
        step = min(width + mm(2.5), (self.width - width) / (count - 1)) if count > 1 else 0
        for place, cover in enumerate(self._covers):
            cover.size, cover.pos = (width, self.height), (self.x + place * step, self.y)
