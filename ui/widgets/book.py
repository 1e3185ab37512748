"""A book as a child sees it: its cover, or a drawn one; its shelf's sign."""

from __future__ import annotations

from pathlib import Path

from kivy.graphics import Color, Rectangle
from kivy.metrics import mm

from kiosk.screens import Book
from kiosk.words import Words
from ui import theme
from ui.widgets.covers import cover_texture
from ui.widgets.masks import Rounded
from ui.widgets.part import Part
from ui.widgets.plate import Plate
from ui.widgets.shapes import Panel, Picture
from ui.widgets.text import Say

RATIO = 0.75  # width : height
SMALLEST_NAMED = 19.0  # millimetres of width from which a drawn cover carries its name


class CoverPicture(Part):
    """A book's cover, or a drawn one, in a white frame, 3:4, as large as its box allows."""

    def __init__(self, book: Book, covers: Path, *, named: bool = True) -> None:
        super().__init__()
        self._book, self._covers, self._named = book, covers, named
        sign = theme.shelf(book.shelf)
        with self.canvas.before:
            Color(*theme.colour(theme.INK, 0.16))
            self._shadow = Rounded(mm(1.6))
            Color(*theme.colour(theme.PAPER))
            self._frame = Rounded(mm(1.6))
            self._tint = Color(*theme.colour(sign.colour))
            self._front = Rectangle()
            self._shade = Color(*theme.colour(theme.INK, 0.18))
            self._spine = Rectangle()
        self._drawn: tuple[Picture, Say] | None = None
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
        if front[0] < 1:
            return
        if self._drawn is None:
            texture = cover_texture(self._covers, self._book.title_id, front[0])
            if texture is not None:
                self._front.texture = texture
                self._tint.rgba, self._shade.a = (1, 1, 1, 1), 0
                return
            self._drawn = self._draw()
        picture, name = self._drawn
        small = width < mm(SMALLEST_NAMED) or not self._named
        side = front[0] * (0.6 if small else 0.46)
        up = (height - side) / 2 if small else height * 0.14
        picture.pos, picture.size = (self.center_x - side / 2, y + up), (side, side)
        name.pos = (x + edge + front[0] * 0.12, y + height * 0.52)
        name.size = (0, 0) if small else (front[0] * 0.8, height * 0.44)

    def _draw(self) -> tuple[Picture, Say]:
        """A plain cover: the shelf's sign and the book's name."""
        sign = theme.shelf(self._book.shelf)
        picture = Picture(theme.picture(sign.picture))
        name = Say(
            self._book.name,
            size_mm=theme.BODY,
            least_mm=2.4,
            lines=4,
            weight="strong",
            colour=sign.text,
            halign="center",
        )
        self.add_widget(picture)
        self.add_widget(name)
        return picture, name


class ShelfSign(Part):
    """Where a book lives: the shelf's colour, and a picture of that colour beside the words."""

    def __init__(self, key: str, words: Words, sentence: str, style: theme.Style = theme.DEFAULT) -> None:
        super().__init__()
        sign = style.shelf(key)
        self._panel = Plate(style, face=sign.colour)
        self._plate = Panel(theme.PAPER, lip_mm=0, lip=sign.colour, round_mm=4)
        self._picture = Picture(theme.picture(sign.picture))
        self._words = Say(
            sentence, size_mm=style.size(theme.LEAD), least_mm=4, lines=3, weight="strong", colour=sign.text
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


class BookRow(Part):
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
