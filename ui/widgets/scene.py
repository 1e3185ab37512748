"""The frame of every screen: sky and hills, a place for the picture, one for the words, the choices, help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle, SmoothEllipse
from kivy.graphics.texture import Texture
from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.events import Action
from ui import theme
from ui.widgets.box import Box
from ui.widgets.button import BigButton, Choice
from ui.widgets.shapes import Disc, Picture
from ui.words import Words

LONE_BUTTON = 50.0  # millimetres; a lone button as wide as the screen looks like a bar
WIDE_ART = 60.0  # millimetres the picture takes when there is nothing to choose


@dataclass(frozen=True, slots=True)
class Kit:
    """What a screen needs to be drawn: words, where covers lie, where taps go, the panel in pixels."""

    words: Words
    covers: Path
    tap: Callable[[Action, str], None]
    size: tuple[int, int]


class Scene(Widget):
    """One drawn screen, built anew for every view-model: nothing of the last one can remain in it."""

    def __init__(
        self,
        kit: Kit,
        mood: theme.Mood,
        choices: Sequence[Choice] = (),
        *,
        guard_s: float = theme.TAP_GUARD_S,
    ) -> None:
        super().__init__(size=kit.size, size_hint=(None, None))
        self.kit, self.words = kit, kit.words
        self._shown_at, self._guard_s = Clock.time(), guard_s
        self.page = Box(0, 0, kit.size[0] / mm(1), kit.size[1] / mm(1))
        self._sky(mood)
        self.targets: list[BigButton] = []
        free = self.page.less(left=theme.EDGE, right=theme.EDGE, top=4, bottom=theme.DEAD_STRIP)
        row = free.bottom(theme.BUTTON_HEIGHT)
        corner = row.right(theme.TARGET + 2)
        self.button(Choice(Action.HELP, self.words.say("button.help"), "help", theme.HELP), corner)
        row = row.less(right=corner.w + theme.GAP)
        upper = free.less(bottom=theme.BUTTON_HEIGHT + theme.GAP)
        if len(choices) <= 1:
            # A lone button stands under the words, so the picture has the whole height.
            lone = row.right(min(LONE_BUTTON, row.w * 0.5))
            width = lone.x - free.x - theme.GAP if choices else min(WIDE_ART, free.w * 0.45)
            self.art = Box(free.x, free.y, width, free.h)
            if choices:
                self.button(choices[0], lone)
        else:
            self.art = upper.left(free.w * 0.34)
            for choice, place in zip(choices, row.columns(len(choices), theme.GAP), strict=True):
                self.button(choice, place)
        self.text = upper.less(left=self.art.w + 5)

    def put(self, widget: Widget, box: Box) -> Widget:
        """Lay a widget into a box of millimetres."""
        widget.size_hint = (None, None)
        widget.size = (round(mm(box.w)), round(mm(box.h)))  # first, so that texts are fitted once
        widget.pos = (round(mm(box.x)), round(mm(box.y)))
        self.add_widget(widget)
        return widget

    def button(self, choice: Choice, box: Box) -> None:
        """Lay a target into a box of millimetres."""
        button = BigButton(choice, lambda made: self.kit.tap(made.action, made.target), self.is_awake)
        self.targets.append(button)
        self.put(button, box)

    def halo(self, box: Box) -> None:
        """A soft light behind a picture that has no frame of its own."""
        self.put(Disc(theme.PAPER, 0.42), box)

    def friends(self, *animals: str) -> None:
        """Animals that look on from the meadow, where nothing can be touched anyway."""
        place = self.page.less(left=self.text.x, bottom=7.5).bottom(15)
        for number, animal in enumerate(animals):
            self.put(
                Picture(theme.animal(animal)),
                Box(place.x + number * 17, place.y - 1.5 * (number % 2), 14, 14),
            )

    def is_awake(self) -> bool:
        """Whether the screen is there long enough that a touch can be meant for it."""
        return Clock.time() - self._shown_at >= self._guard_s

    def seconds_until_awake(self) -> float:
        """How long touches still fall on deaf ears."""
        return max(0.0, self._guard_s - (Clock.time() - self._shown_at))

    def _sky(self, mood: theme.Mood) -> None:
        width = self.size[0]
        sky = Texture.create(size=(1, 2), colorfmt="rgb")
        low, high = (
            bytes(round(part * 255) for part in theme.colour(code)[:3]) for code in (mood.bottom, mood.top)
        )
        sky.blit_buffer(low + high, colorfmt="rgb", bufferfmt="ubyte")
        sky.mag_filter = "linear"
        with self.canvas.before:
            Color(1, 1, 1)
            Rectangle(texture=sky, size=self.size, tex_coords=(0, 0.25, 1, 0.25, 1, 0.75, 0, 0.75))
            Color(*theme.colour(mood.far_hill))
            SmoothEllipse(pos=(-width * 0.15, -mm(30)), size=(width * 0.8, mm(43)), segments=180)
            SmoothEllipse(pos=(width * 0.62, -mm(34)), size=(width * 0.7, mm(49)), segments=180)
            Color(*theme.colour(mood.near_hill))
            SmoothEllipse(pos=(width * 0.12, -mm(40)), size=(width * 0.85, mm(48)), segments=180)
            SmoothEllipse(pos=(-width * 0.4, -mm(30)), size=(width * 0.75, mm(38)), segments=180)
            SmoothEllipse(pos=(width * 0.7, -mm(30)), size=(width * 0.6, mm(37)), segments=180)
        for name, x, side in (
            ("tulip", 0.045, 6.5),
            ("tulip", 0.085, 5),
            ("mushroom", 0.42, 4.5),
            ("tulip", 0.765, 5.5),
        ):
            self.put(Picture(theme.picture(name)), Box(self.page.w * x, 2.2, side, side))
