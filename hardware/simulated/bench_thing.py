"""A card or a book as it lies on the bench: something with a tag inside that the mouse can carry."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kivy.graphics import Color, Line, Rectangle, RoundedRectangle
from kivy.graphics.texture import Texture
from kivy.uix.image import Image
from kivy.uix.relativelayout import RelativeLayout
from kivy.utils import get_color_from_hex
from PIL import Image as PillowImage

from hardware.simulated.bench_library import Thing
from hardware.simulated.bench_look import EDGE, INK, PAPER, QUIET, RED, SHELVES, words

CARD_SIZE = (108, 62)
BOOK_SIZE = (72, 122)
COVER = (72, 96)  # 3:4, like the cover pictures


class ThingView(RelativeLayout):
    """Draws one thing. `away` = it lies elsewhere: only its place is shown."""

    def __init__(self, thing: Thing, note: str, **more: Any) -> None:
        size = CARD_SIZE if thing.is_card else BOOK_SIZE
        super().__init__(size_hint=(None, None), size=size, **more)
        self.thing = thing
        self.note = note
        with self.canvas.before:
            self._shade = Color(0, 0, 0, 0.18)
            self._shadow = RoundedRectangle(pos=(2, -3), size=size, radius=[9 if thing.is_card else 4])
        if thing.is_card:
            self._draw_card()
        else:
            self._draw_book()
        if note:
            self._draw_note(note)
        self._away = False

    @property
    def away(self) -> bool:
        """Whether the thing is not here."""
        return self._away

    @away.setter
    def away(self, value: bool) -> None:
        self._away = value
        self.opacity = 0.22 if value else 1.0

    def _draw_card(self) -> None:
        wide, high = CARD_SIZE
        with self.canvas.before:
            Color(*PAPER)
            RoundedRectangle(pos=(0, 0), size=CARD_SIZE, radius=[9])
            Color(*_tint(self.thing.shelf or self.thing.name))
            RoundedRectangle(pos=(0, 0), size=(46, high), radius=[9, 0, 0, 9])
            Color(*EDGE)
            Line(rounded_rectangle=(0, 0, wide, high, 9), width=1.1)
        if self.thing.picture is not None:
            self.add_widget(_picture(self.thing.picture, (4, (high - 38) / 2), (38, 38)))
        else:
            self.add_widget(
                words(
                    "?" if self.thing.is_stranger else self.thing.name[:1],
                    24,
                    bold=True,
                    color=(1, 1, 1, 1),
                    halign="center",
                    size_hint=(None, None),
                    pos=(0, 0),
                    size=(46, high),
                )
            )
        self.add_widget(
            words(
                self.thing.name,
                12,
                bold=True,
                size_hint=(None, None),
                pos=(50, 4),
                size=(wide - 54, high - 8),
                shorten=False,
            )
        )

    def _draw_book(self) -> None:
        wide, high = BOOK_SIZE
        below = high - COVER[1]
        with self.canvas.before:
            Color(*_tint(self.thing.shelf))
            RoundedRectangle(pos=(0, below), size=COVER, radius=[4])
        if self.thing.picture is not None:
            self.add_widget(_picture(self.thing.picture, (0, below), COVER))
        else:
            self.add_widget(
                words(
                    "?" if self.thing.is_stranger else self.thing.name,
                    24 if self.thing.is_stranger else 11,
                    bold=True,
                    color=(1, 1, 1, 1),
                    halign="center",
                    size_hint=(None, None),
                    pos=(5, below + 4),
                    size=(COVER[0] - 10, COVER[1] - 8),
                )
            )
        with self.canvas.before:
            Color(*PAPER)
            Rectangle(pos=(0, 0), size=(wide, below - 1))
        self.add_widget(
            words(
                self.thing.name,
                9.5,
                color=INK if not self.thing.is_stranger else QUIET,
                halign="center",
                size_hint=(None, None),
                pos=(1, 0),
                size=(wide - 2, below - 1),
                max_lines=2,
                shorten=True,
                shorten_from="right",
                line_height=0.95,
            )
        )

    def _draw_note(self, note: str) -> None:
        wide = 6.2 * len(note) + 8
        strip = words(
            note,
            9.5,
            bold=True,
            color=(1, 1, 1, 1),
            halign="center",
            size_hint=(None, None),
            pos=(self.width - wide, self.height - 14),
            size=(wide, 16),
        )
        with strip.canvas.before:
            Color(*RED)
            RoundedRectangle(pos=strip.pos, size=strip.size, radius=[5])
        self.add_widget(strip)


def _picture(path: Path, pos: tuple[float, float], size: tuple[float, float]) -> Image:
    return Image(texture=_small(path), size_hint=(None, None), pos=pos, size=size, fit_mode="contain")


@cache
def _small(path: Path) -> Texture:
    """A picture at the size it is shown, twice as fine: a library's covers whole would fill the memory."""
    try:
        with PillowImage.open(path) as picture:
            picture.thumbnail((2 * COVER[0], 2 * COVER[1]))
            shrunk = picture.convert("RGBA")
    except OSError:  # a damaged picture must not keep the bench shut; the book has its colour and its name
        shrunk = PillowImage.new("RGBA", (2, 2))
    texture = Texture.create(size=shrunk.size, colorfmt="rgba", mipmap=True)
    texture.blit_buffer(shrunk.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


def _tint(key: str) -> Any:
    """The shelf's colour, or one that stays with a name."""
    if key in SHELVES:
        return get_color_from_hex(SHELVES[key])
    colours = tuple(SHELVES.values())
    return get_color_from_hex(colours[sum(key.encode()) % len(colours)])
