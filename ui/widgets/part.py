"""What everything on a screen is: a widget of Kivy's without its style language, which nothing here uses."""

from __future__ import annotations

from kivy.uix.widget import Widget


class Part(Widget):
    """A widget that asks no rule of style how it looks: a screen has some fifty, and each would ask."""

    def __init__(self, **place: object) -> None:
        super().__init__(**{"__no_builder": True, **place})
