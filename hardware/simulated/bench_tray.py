"""A tray: many cards or books side by side, to be searched by scrolling and by words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

from kivy.uix.scrollview import ScrollView
from kivy.uix.stacklayout import StackLayout

from hardware.simulated.bench_look import Panel, words
from hardware.simulated.bench_thing import ThingView

BAR = 9
"""Width of the scroll bar in pixels; the mouse carries things, so only bar and wheel scroll."""


class Tray(Panel):
    """Holds things in rows. Finds which one lies under a point of the window."""

    def __init__(self, title: str, things: Iterable[ThingView], **more: Any) -> None:
        super().__init__(orientation="vertical", padding=(10, 4, 6, 8), spacing=2, **more)
        self.things = tuple(things)
        self.add_widget(words(title, 13, bold=True, size_hint=(1, None), height=22))
        self._rows = StackLayout(spacing=(8, 10), padding=(2, 4, BAR + 4, 4), size_hint=(1, None))
        self._rows.bind(minimum_height=self._rows.setter("height"))
        self._scroll = ScrollView(
            scroll_type=["bars"], bar_width=BAR, do_scroll_x=False, scroll_wheel_distance=60
        )
        self._scroll.add_widget(self._rows)
        self.add_widget(self._scroll)
        self.find("")

    def find(self, text: str) -> None:
        """Show only the things whose words contain `text`; tone marks and case do not matter."""
        wanted = plain(text)
        self._rows.clear_widgets()
        for view in self.things:
            if wanted in plain(f"{view.thing.name} {view.thing.number} {view.note}"):
                self._rows.add_widget(view)
        self._scroll.scroll_y = 1.0

    def under(self, x: float, y: float) -> ThingView | None:
        """The thing of this tray at a point of the window, if it is here."""
        if not self._scroll.collide_point(x, y) or x > self._scroll.right - BAR:
            return None
        inside = self._rows.to_widget(x, y)
        for view in self._rows.children:
            if view.collide_point(*inside) and not view.away:
                found: ThingView = view
                return found
        return None

    @property
    def shown(self) -> tuple[ThingView, ...]:
        """What the search left, in order."""
        return tuple(reversed(self._rows.children))

    def view(self, uid: str) -> ThingView | None:
        """The view of a tag's thing, shown or not."""
        return next((view for view in self.things if view.thing.uid == uid), None)


def plain(text: str) -> str:
    """Lower case without tone marks, so 'de men' finds 'Dế Mèn'."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
