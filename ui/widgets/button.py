"""What a child touches: sinks visibly on touch-down, acts on release inside, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kivy.graphics import Color, PopMatrix, PushMatrix, SmoothRoundedRectangle, Translate
from kivy.input import MotionEvent
from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.events import Action
from ui import theme
from ui.widgets.shapes import Picture
from ui.widgets.text import Say


@dataclass(frozen=True, slots=True)
class Choice:
    """A thing to ask for: what it posts, its picture ("" for none), its words and its colours."""

    action: Action
    words: str
    picture: str
    face: theme.Face
    target: str = ""


class BigButton(Widget):
    """A button of picture and words. `ready` says whether a touch counts yet; `act` is called on release.

    Wide ones have the picture before the words, narrow ones above them; one without a picture is all words.
    """

    def __init__(self, choice: Choice, act: Callable[[Choice], None], ready: Callable[[], bool]) -> None:
        super().__init__()
        self.choice = choice
        self._act, self._ready = act, ready
        self.pressed = False
        with self.canvas.before:
            self._lip_colour = Color(*theme.colour(choice.face.lip))
            self._lip = SmoothRoundedRectangle(radius=[mm(theme.ROUND)])
            PushMatrix()
            self._sink = Translate(0, 0)
            Color(*theme.colour(choice.face.face))
            self._face = SmoothRoundedRectangle(radius=[mm(theme.ROUND)])
        with self.canvas.after:
            PopMatrix()
        self._picture = Picture(theme.picture(choice.picture)) if choice.picture else None
        self._words = Say(
            choice.words,
            size_mm=theme.LEAD if choice.picture else theme.TITLE,
            least_mm=3.0,
            weight="strong" if choice.picture else "title",
            colour=choice.face.text,
            halign="center",
            lines=2,
        )
        if self._picture:
            self.add_widget(self._picture)
        self.add_widget(self._words)
        self.bind(pos=self._lay, size=self._lay)

    def _lay(self, *_: object) -> None:
        lip = mm(theme.LIP)
        self._lip.pos, self._lip.size = self.pos, self.size
        self._face.pos, self._face.size = (self.x, self.y + lip), (self.width, self.height - lip)
        x, y, width, height = self.x, self.y + lip, self.width, self.height - lip
        pad = mm(2)
        if self._picture is None:
            self._words.pos, self._words.size = (x, y), (width, height)
            return
        if width > height * 1.6:
            side = min(height - 2 * pad - mm(2), width * 0.32)
            words = width - side - 4.5 * pad
            self._picture.pos, self._picture.size = (x + 1.5 * pad, y + (height - side) / 2), (side, side)
            self._words.pos, self._words.size = (x + side + 2.5 * pad, y + pad), (words, height - 2 * pad)
            return
        line = height * 0.33
        side = height - line - 1.6 * pad
        self._picture.pos, self._picture.size = (x + (width - side) / 2, y + line + pad * 0.6), (side, side)
        self._words.pos, self._words.size = (x + pad * 0.8, y + pad * 0.6), (width - 1.6 * pad, line)

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
