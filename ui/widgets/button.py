"""What a child touches: sinks visibly on touch-down, acts on release inside, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kivy.graphics import Color, PopMatrix, PushMatrix, Translate
from kivy.input import MotionEvent
from kivy.metrics import mm

from kiosk.events import Action
from ui import theme
from ui.widgets.masks import Rounded
from ui.widgets.part import Part
from ui.widgets.shapes import Picture
from ui.widgets.text import Ruler, Say

EDGE = 0.8  # millimetres of a drawn edge
NARROW = 1.75  # from this ratio of width to height the picture stands beside the words, not above them
ONE_LINE = 1.46  # height of a line, in sizes of its type
SOFT = 0.84  # words on one line may be so much smaller than on two
BADGE = 5.5  # millimetres
PAD = 1.6  # millimetres between the edge and what is inside


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to ask for: what it posts, its picture ("" for none), its words and its colours."""

    action: Action
    words: str
    picture: str
    face: theme.Face
    target: str = ""


class BigButton(Part):
    """A button of picture and words. `ready` says whether a touch counts yet; `act` is called on release.

    Wide ones have the picture before the words, narrow ones above them; one without a picture is all words.
    Its picture is an animal's or one of the screens' own; `peek_mm` of it look out above the upper edge.
    `badge` is a small picture in the upper right corner of a narrow one.
    """

    def __init__(
        self,
        choice: Choice,
        act: Callable[[Choice], None],
        ready: Callable[[], bool],
        style: theme.Style = theme.DEFAULT,
        *,
        peek_mm: float = 0.0,
        badge: str = "",
    ) -> None:
        super().__init__()
        self.choice = choice
        self._peek = mm(peek_mm)
        self._act, self._ready, self._style = act, ready, style
        self.pressed = False
        face = style.face(choice.face)
        self.colours = face
        self._edge = mm(EDGE) if face.edge else 0.0
        with self.canvas.before:
            Color(*theme.colour(face.lip))
            self._lip = Rounded(mm(theme.ROUND))
            PushMatrix()
            self._sink = Translate(0, 0)
            self._rim: Rounded | None = None
            if face.edge:
                Color(*theme.colour(face.edge))
                self._rim = Rounded(mm(theme.ROUND))
            Color(*theme.colour(face.face))
            self._face = Rounded(mm(theme.ROUND) - self._edge)
        with self.canvas.after:
            PopMatrix()
        self._picture = Picture(_picture(choice.picture)) if choice.picture else None
        self._words = Say(
            choice.words,
            size_mm=style.size(theme.BODY if choice.picture else theme.TITLE),
            least_mm=theme.SMALL,
            weight="strong" if choice.picture else "title",
            colour=face.text,
            halign="center",
            lines=2,
        )
        self._badge = Picture(_picture(badge)) if badge else None
        for part in (self._picture, self._badge):
            if part:
                self.add_widget(part)
        self.add_widget(self._words)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        lip, edge = mm(theme.LIP), self._edge
        # Only the lowest part of the lip is ever seen.
        self._lip.pos = self.pos
        self._lip.size = (self.width, min(self.height, 2 * mm(theme.ROUND) + lip))
        if self._rim is not None:
            self._rim.pos, self._rim.size = (self.x, self.y + lip), (self.width, self.height - lip)
        self._face.pos = (self.x + edge, self.y + lip + edge)
        self._face.size = (self.width - 2 * edge, self.height - lip - 2 * edge)
        x, y, width, height = self.x, self.y + lip, self.width, self.height - lip
        pad = mm(PAD)
        if self._picture is None:
            self._words.pos, self._words.size = (x + pad, y), (width - 2 * pad, height)
            return
        if width > height * NARROW:
            side = min(height - 3 * pad, width * 0.32)
            words = width - side - 3.5 * pad
            self._picture.pos, self._picture.size = (x + 1.5 * pad, y + (height - side) / 2), (side, side)
            self._words.size = (words, height - 2 * pad)
            self._words.pos = (x + side + 2.2 * pad, y + pad)
            return
        # The picture takes what the words leave: one line of them, or two.
        line = self._lines(width - 1.4 * pad, height * 0.62)
        room = height - line - pad * 0.6 + self._peek
        side = min(room - pad * 0.6, width - 2 * pad)
        self._words.pos = (x + pad * 0.7, y + pad * 0.6)
        self._picture.pos = (x + (width - side) / 2, y + pad * 0.6 + line + (room - pad * 0.6 - side) / 2)
        self._picture.size = (side, side)
        if self._badge:
            small = mm(BADGE)
            self._badge.size = (small, small)
            self._badge.pos = (self.right - small - mm(0.8), self.top - small - mm(0.8))

    def _lines(self, width: float, most: float) -> float:
        """Set the words on one line, or on two where one would make them small; the height they take."""
        wish = mm(self._style.size(theme.BODY))  # on one line; on two of them a little less
        self._words.size = (width, wish * ONE_LINE)
        whole = self._words.text == self._words.said
        if not whole or self._words.font_size < wish * SOFT:
            line = mm(self._style.size(theme.SMALL)) * ONE_LINE
            self._words.size = (width, min(most, max(most * SOFT, 2 * line)))
            needed = self._words.text.count("\n") + 1
            self._words.size = (width, Ruler("strong", self._words.font_size).line * needed + 1)
        return self._words.height

    def choose(self) -> bool:
        """Act as on a touch, when a touch would count; whether it did."""
        if not self._ready() or self.parent is None:
            return False
        self._act(self.choice)
        return True

    def _press(self, down: bool) -> None:
        self.pressed = down
        self._sink.y = -mm(theme.LIP) if down else 0

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Sink at once, so that the child sees that the touch was felt."""
        left = touch.button in {None, "left"}  # a finger has no buttons
        if not (left and self.collide_point(*touch.pos) and self._ready()):
            return False
        touch.grab(self)
        self._press(True)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """A finger that slides off lets the button come up again; one that slides back sinks it."""
        if touch.grab_current is not self:
            return False
        self._press(self.collide_point(*touch.pos))
        return True

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """Act, if the finger leaves the glass on the button and the button is still on the screen."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._press(False)
        if self.collide_point(*touch.pos) and self.get_parent_window() is not None:
            self._act(self.choice)
        return True


def _picture(name: str) -> str:
    return theme.animal(name) if name in theme.ANIMALS else theme.picture(name)
