"""The scene of a view-model. What the first screen needs is loaded at once, the rest while it is seen."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kiosk import screens as views
from ui.screens.welcome import welcome
from ui.widgets.scene import Kit, Scene
from ui.widgets.text import drawn_in

Drawing = Callable[[Any, Kit], Scene]


def drawing_of(kind: type) -> Drawing:
    """How screens of a kind are drawn."""
    if kind is views.Welcome:
        return welcome
    drawing: Drawing = load()[kind]
    return drawing


def load() -> dict[type, Drawing]:
    """All drawings; 40 ms the first time."""
    table: dict[type, Drawing] = import_module("ui.screens.drawings").DRAWINGS
    return table


def draw(screen: views.Screen, kit: Kit) -> Scene:
    """The scene of a view-model, ready to be put into the window."""
    with drawn_in(kit.words.font, kit.words.fixed):
        return drawing_of(type(screen))(screen, kit)
