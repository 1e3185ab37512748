"""Keys and switches instead of fingers: a ring that goes from target to target, and what keys do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kivy.clock import Clock, ClockEvent
from kivy.graphics import Color
from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.events import Action
from ui import theme
from ui.widgets.button import BigButton
from ui.widgets.masks import Rounded
from ui.widgets.part import Part

if TYPE_CHECKING:
    from ui.widgets.scene import Scene

RING = 1.6  # millimetres that the ring stands out around its target
LINE = 0.5  # millimetres of the dark line on both of its sides, so that it is seen on every sky

TAB, ENTER, ESCAPE, SPACE, RUB_OUT, F1, READ = 9, 13, 27, 32, 8, 282, 114
UP, DOWN, RIGHT, LEFT = 273, 274, 275, 276
KEYPAD_0, KEYPAD_ENTER = 256, 271
"""Key codes as Kivy's SDL2 window reports them."""

ROUNDS = 2  # a ring that moves by itself goes round so often, then rests until a key wakes it


class Ring(Part):
    """The yellow ring, dark on its outer and inner side. It lies under its target, around it."""

    def __init__(self, contrast: bool) -> None:
        super().__init__(size_hint=(None, None))
        dark = theme.BLACK if contrast else theme.INK
        with self.canvas:
            self._bands = []
            for colour, out in ((dark, RING + LINE), (theme.YELLOW, RING), (dark, LINE)):
                Color(*theme.colour(colour))
                self._bands.append((Rounded(mm(theme.ROUND + out)), mm(out)))

    def around(self, target: Widget) -> None:
        """Stand around this target."""
        self.pos, self.size = target.pos, target.size
        for band, out in self._bands:
            band.pos = (target.x - out, target.y - out)
            band.size = (target.width + 2 * out, target.height + 2 * out)


class Focus:
    """The ring of a scene. It is not there until the first next() or previous(), and hide() ends it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ring: Ring | None = None
        self.current: BigButton | None = None
        self.moves = 0  # since the ring came
        self.touched = False  # whoever touches the glass wants no ring

    def next(self) -> None:
        """To the next target in reading order; after the last comes the first."""
        self._go(1)

    def previous(self) -> None:
        """To the one before; before the first comes the last."""
        self._go(-1)

    def choose(self) -> bool:
        """Do what the target under the ring does, as a finger would; whether it was done.

        Nothing is done where the ring is not, and nothing while the screen is too new to be meant.
        """
        return self.current is not None and self.current.choose()

    def hide(self) -> None:
        """A finger came: the ring goes."""
        if self._ring is not None:
            self._scene.remove_widget(self._ring)
        self._ring = self.current = None
        self.moves, self.touched = 0, True

    def on(self, target: BigButton) -> None:
        """Move the ring to this target and name it."""
        if self._ring is None:
            self._ring = Ring(self._scene.style.contrast)
        else:
            self._scene.remove_widget(self._ring)
        # Under its target, above everything drawn before: children are drawn from the last to the first.
        self._scene.add_widget(self._ring, index=self._scene.children.index(target) + 1)
        self._ring.around(target)
        self.current = target
        self._scene.kit.focused(target.choice)

    def _go(self, step: int) -> None:
        targets = reading_order(self._scene.targets)
        if not targets:
            return
        before = -1 if step > 0 else len(targets)
        place = (targets.index(self.current) if self.current in targets else before) + step
        self.touched = False
        self.moves += 1
        self.on(targets[place % len(targets)])


def reading_order(targets: Sequence[BigButton]) -> list[BigButton]:
    """Row by row from the top, each from the left."""
    rows: list[list[BigButton]] = []
    for target in sorted(targets, key=lambda each: -each.center_y):
        if rows and target.center_y > rows[-1][0].y:
            rows[-1].append(target)
        else:
            rows.append([target])
    return [target for row in rows for target in sorted(row, key=lambda each: each.x)]


class Keys:
    """What the keys of a keyboard, or of switches that send keys, do with the scene that is shown.

    `scene` tells which one that is. With `scan_s` the ring moves by itself every so many seconds, and one
    switch that sends Enter or Space is enough. Bind `on_key_down` to the window's event of that name.
    """

    def __init__(self, scene: Callable[[], Scene | None], *, scan_s: float = 0.0) -> None:
        self._scene = scene
        self._scanning: ClockEvent | None = None
        if scan_s > 0:
            self._scanning = Clock.schedule_interval(self._scan, scan_s)

    def stop(self) -> None:
        """Scan no more."""
        if self._scanning is not None:
            self._scanning.cancel()
            self._scanning = None

    def on_key_down(
        self, _window: object, key: int, _scancode: int, _text: str | None, modifiers: Sequence[str]
    ) -> bool:
        """Act on a key; whether it was one of ours."""
        scene = self._scene()
        if scene is None:
            return False
        if scene.focus.moves > ROUNDS * len(scene.targets):
            scene.focus.moves = 0
        if scene.types and (number := _digit(key)) is not None:
            return scene.do(Action.DIGIT, number) or True
        if scene.types and key == RUB_OUT:
            return scene.do(Action.RUB_OUT) or True
        match key:
            case _ if key == TAB and "shift" in modifiers:
                scene.focus.previous()
            case _ if key in {TAB, DOWN, RIGHT}:
                scene.focus.next()
            case _ if key in {UP, LEFT}:
                scene.focus.previous()
            case _ if key in {ENTER, KEYPAD_ENTER, SPACE}:
                self._enter(scene, key)
            case _ if key == ESCAPE:
                return scene.do(Action.BACK) or scene.do(Action.DONE)
            case _ if key == F1:
                scene.do(Action.HELP)
            case _ if key == READ:
                scene.do(Action.READ)
            case _:
                return False
        return True

    @staticmethod
    def _enter(scene: Scene, key: int) -> None:
        if scene.focus.current is not None:
            scene.focus.choose()
        elif scene.types and key != SPACE:
            scene.do(Action.ENTER)
        else:
            scene.focus.next()  # shows where it is first: nothing is done unseen

    def _scan(self, _elapsed: float) -> None:
        """Where nobody stands it moves only after a key; and never endlessly, for each step may be spoken."""
        scene = self._scene()
        if scene is None or scene.focus.touched or (scene.calm and scene.focus.current is None):
            return
        if scene.focus.moves <= ROUNDS * len(scene.targets):
            scene.focus.next()


def _digit(key: int) -> str | None:
    """The digit of a key of the upper row or of the number pad."""
    for zero in (ord("0"), KEYPAD_0):
        if zero <= key <= zero + 9:
            return str(key - zero)
    return None
