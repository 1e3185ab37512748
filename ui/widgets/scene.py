"""The frame of every screen: the sky, a place for the words, one for the picture, the choices, Chíp and help.

In millimetres, from `docs/screens.md`. Lying panels (800x480, 1024x600, 1280x720) have the picture left and
the words right, the choices below and Chíp and help in the lower right corner; standing ones (720x1280) the
words on top, the picture under them, then the choices, then Chíp left and help right at the foot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kivy.clock import Clock
from kivy.input import MotionEvent
from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.events import Action
from kiosk.screens import PLAIN, Look
from kiosk.words import Words
from ui import theme
from ui.widgets.backdrop import backdrop
from ui.widgets.box import Box
from ui.widgets.button import BigButton, Choice
from ui.widgets.focus import Focus
from ui.widgets.part import Part
from ui.widgets.shapes import Disc, Picture

ART = 42.0  # millimetres of width the picture takes beside the words
WIDE_ART = 56.0  # and where there is nothing to choose
LEAST_ART, LEAST_BY_LARGE = 33.0, 27.0  # of height that words leave the picture on a standing panel
LONE_BUTTON = 48.0  # a lone button as wide as a standing screen looks like a bar
CHICK = "chick"  # Chíp's picture
PEEK = 3.5  # millimetres that it, and who calls for help, look out above their buttons


def _unheard(_choice: Choice) -> None:
    """Nobody speaks the target the ring came to."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a screen needs to be drawn: words, where covers lie, where taps go, the panel in pixels, the look.

    `can_speak`: Chíp can be pressed. `focused` is called with every target the ring comes to.
    """

    words: Words
    covers: Path
    tap: Callable[[Action, str], None]
    size: tuple[int, int]
    look: Look = PLAIN
    can_speak: bool = False
    focused: Callable[[Choice], None] = _unheard


class Scene(Part):
    """One drawn screen, built anew for every view-model: nothing of the last one can remain in it.

    `art`, `text`, `choices_row` and `grid` are boxes of millimetres: for the picture, the words, the choices
    (0 to 2, from the left; the one that goes on is the last) and, above the choices, things to choose from.
    `grids` says that targets may stand there. `staff`: a screen of grown-ups, with smaller targets, without
    Chíp. `types`: digits of a keyboard count. `calm`: nobody is there, so no ring moves by itself. `wide`:
    where nothing can be chosen the picture of a lying panel takes more of the width.
    """

    def __init__(
        self,
        kit: Kit,
        mood: theme.Mood,
        choices: Sequence[Choice] = (),
        *,
        guard_s: float = theme.TAP_GUARD_S,
        grids: bool = False,
        staff: bool = False,
        types: bool = False,
        calm: bool = False,
        wide: bool = True,
    ) -> None:
        super().__init__(size=kit.size, size_hint=(None, None))
        self.kit, self.words, self.mood = kit, kit.words, mood
        # Grown-ups read what is theirs as it is: larger it would not say all.
        self.style = theme.style_for(replace(kit.look, large=False) if staff else kit.look)
        self.grids, self.staff, self.types, self.calm = grids, staff, types, calm
        self._shown_at, self._guard_s = Clock.time(), guard_s
        self.page = Box(0, 0, kit.size[0] / mm(1), kit.size[1] / mm(1))
        self.targets: list[BigButton] = []
        self.focus = Focus(self)
        self.canvas.before.add(backdrop(None if self.style.contrast else mood, kit.size))
        self.free = self.page.less(left=theme.EDGE, right=theme.EDGE, top=theme.TOP, bottom=theme.DEAD_STRIP)
        foot = self.free.bottom(theme.BUTTON_HEIGHT)
        self.help_place = foot.right(theme.TARGET)
        beside = self.help_place.less(left=-theme.TARGET - theme.GAP, right=theme.TARGET + theme.GAP)
        self.chip_place = foot.left(theme.TARGET) if self.tall else beside
        if self.tall:
            self._stand(foot, choices)
        else:
            self._lie(foot, choices, wide=wide)
        self._corner()

    @property
    def tall(self) -> bool:
        """Whether the panel stands."""
        return self.page.h > self.page.w

    def _lie(self, foot: Box, choices: Sequence[Choice], *, wide: bool) -> None:
        taken = theme.TARGET + theme.GAP
        self.choices_row = foot.less(right=taken if self.staff else 2 * taken)
        above = self.free.less(bottom=theme.BUTTON_HEIGHT + theme.GAP)
        self.grid = above
        places = self.choices_row.columns(2, theme.GAP)[-len(choices) :]
        for choice, place in zip(choices, places, strict=False):
            self.button(choice, place)
        art = WIDE_ART if wide and not choices else ART
        low = above.y - theme.GAP / 2 if len(choices) == 2 else self.free.y
        self.art = Box(self.free.x, low, art, self.free.y + self.free.h - low)
        self.text = above.less(left=art + theme.GAP / 2, bottom=-theme.GAP / 2)

    def _stand(self, foot: Box, choices: Sequence[Choice]) -> None:
        row = Box(foot.x, foot.y + foot.h + theme.GAP, foot.w, theme.BUTTON_HEIGHT)
        self.choices_row = row
        if len(choices) == 1:
            self.button(choices[0], row.middle(LONE_BUTTON, row.h))
        for choice, place in zip(choices, row.columns(2, theme.GAP), strict=False):
            if len(choices) > 1:
                self.button(choice, place)
        top = self.free.y + self.free.h
        low = row.y + row.h if choices else foot.y + foot.h
        self.grid = Box(row.x, low + theme.GAP, row.w, top - low - theme.GAP)
        upper = Box(row.x, low + theme.GAP / 2, row.w, top - low - theme.GAP / 2)
        least = LEAST_ART if self.style.scale == 1.0 else LEAST_BY_LARGE
        self.art = upper.bottom(max(least, upper.h * 0.3))
        self.text = upper.less(bottom=self.art.h + theme.GAP / 2)

    def _corner(self) -> None:
        """Chíp and help, at the same place on every screen."""
        if not self.staff:
            if self.kit.can_speak:
                read = Choice(Action.READ, self.words.say("button.read"), CHICK, theme.CHIP)
                chip = BigButton(read, self.tapped, self.is_awake, self.style, peek_mm=PEEK, badge="loud")
                self.target(chip, self.chip_place)
            else:
                self.put(Picture(theme.animal(CHICK)), self.chip_place.middle(18, 18))
        calls = Choice(Action.HELP, self.words.say("button.help"), "help", theme.HELP)
        peek = 0.0 if self.staff else PEEK
        self.target(BigButton(calls, self.tapped, self.is_awake, self.style, peek_mm=peek), self.help_place)

    def put(self, widget: Widget, box: Box) -> Widget:
        """Lay a widget into a box of millimetres."""
        widget.size_hint = (None, None)
        widget.size = (round(mm(box.w)), round(mm(box.h)))  # first, so that texts are fitted once
        widget.pos = (round(mm(box.x)), round(mm(box.y)))
        self.add_widget(widget)
        return widget

    def button(self, choice: Choice, box: Box) -> BigButton:
        """Lay a target into a box of millimetres."""
        button = BigButton(choice, self.tapped, self.is_awake, self.style)
        self.target(button, box)
        return button

    def target(self, button: BigButton, box: Box) -> None:
        """Lay a target of one's own making into a box of millimetres; its `act` is best `scene.tapped`."""
        self.targets.append(button)
        self.put(button, box)

    def tapped(self, choice: Choice) -> None:
        """Somebody chose this."""
        self.kit.tap(choice.action, choice.target)

    def do(self, action: Action, target: str = "") -> bool:
        """Do what the target of this action does; whether the scene has one and it counted."""
        for each in self.targets:
            if each.choice.action is action and target in {"", each.choice.target}:
                return each.choose()
        return False

    def decorate(self, picture: str, box: Box) -> None:
        """A picture that says nothing: not where contrast is strong, nor where larger text needs the room."""
        if not self.style.contrast and self.style.scale == 1.0:
            self.put(Picture(picture), box)

    def halo(self, box: Box) -> None:
        """A soft light behind a picture that has no frame of its own."""
        if not self.style.contrast:
            self.put(Disc(theme.PAPER, 0.42), box)

    def friends(self, *animals: str) -> None:
        """Animals that look on from the meadow, where nothing can be touched anyway."""
        left = self.chip_place.x + self.chip_place.w if self.tall else self.text.x
        right = self.help_place.x if self.tall else self.chip_place.x
        room = Box(left, 6.5, right - left, 14)
        step = min(17.0, room.w / max(1, len(animals)))
        row = room.middle(step * len(animals), room.h) if self.tall else room
        for number, animal in enumerate(animals):
            side = min(14.0, step - 1)
            self.decorate(
                theme.animal(animal), Box(row.x + number * step, row.y - 1.5 * (number % 2), side, side)
            )

    def is_awake(self) -> bool:
        """Whether the screen is there long enough that a touch can be meant for it."""
        return Clock.time() - self._shown_at >= self._guard_s

    def seconds_until_awake(self) -> float:
        """How long touches still fall on deaf ears."""
        return max(0.0, self._guard_s - (Clock.time() - self._shown_at))

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A finger came: the ring goes."""
        self.focus.hide()
        return super().on_touch_down(touch)
