"""Something that is on or off: on it lies pressed in with a tick, off it stands out with an empty ring."""

from __future__ import annotations

from collections.abc import Callable

from kivy.metrics import mm

from ui import theme
from ui.widgets.button import Choice
from ui.widgets.shapes import Disc, Picture
from ui.widgets.tile import Tile

MARK = 7.2  # millimetres of the ring and the tick in it
RIM = 0.8


class Toggle(Tile):
    """A tile with a state that is seen without colour. `on` is the state now, a touch asks for the other."""

    def __init__(
        self,
        choice: Choice,
        on: bool,
        act: Callable[[Choice], None],
        ready: Callable[[], bool],
        style: theme.Style = theme.DEFAULT,
    ) -> None:
        self.on = on
        path = (
            theme.animal(choice.picture) if choice.picture in theme.ANIMALS else theme.picture(choice.picture)
        )
        super().__init__(choice, Picture(path), act, ready, style)
        dark, light = (theme.PAPER, theme.BLACK) if style.contrast else (theme.SOFT_INK, theme.PAPER)
        # White under the tick in every look: its green is pale on green and on black.
        self._rings = (Disc(dark), Disc(theme.PAPER if on else light))
        self._tick = Picture(theme.picture("check")) if on else None
        for part in (*self._rings, self._tick):
            if part is not None:
                self.add_widget(part)
        self._press(False)

    def _put_art(self, x: float, y: float, width: float, height: float) -> None:
        """The picture makes room for the ring in the corner."""
        super()._put_art(x, y, width - mm(MARK * 0.6), height)

    def _press(self, down: bool) -> None:
        super()._press(down)
        if self.on:  # lies as deep as a pressed one, and a little deeper under the finger
            self._sink.y = -mm(theme.LIP) * (1.4 if down else 1.0)

    def _lay(self, *_: object) -> None:
        super()._lay()
        side, rim = mm(MARK), mm(RIM)
        x, y = self.right - side - mm(1.0), self.top - side - mm(1.0)
        for ring, inset in zip(self._rings, (0.0, rim), strict=True):
            ring.size = (side - 2 * inset, side - 2 * inset)
            ring.pos = (x + inset, y + inset)
        if self._tick:
            inset = rim + mm(0.8)
            self._tick.size = (side - 2 * inset, side - 2 * inset)
            self._tick.pos = (x + inset, y + inset)
