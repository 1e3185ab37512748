"""What a light does over time: beats of levels, repeated for as long as it is told nothing else.

No lamp's rhythm comes on more often than once a second. WCAG 2.3.1 allows three flashes; beside children
light is calmer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """For so many seconds every LED has a level of its own: 0 = dark, 1 = as bright as the lamp may be."""

    levels: tuple[float, ...]
    seconds: float


Rhythm = tuple[Beat, ...]
"""Beats played over and over. A single beat is a steady light."""


def steady(*levels: float) -> Rhythm:
    """A light that stays as it is."""
    return (Beat(levels, 0.0),)


def blinking(*levels: float, seconds: tuple[float, ...]) -> Rhythm:
    """These levels and darkness in turn, beginning with light; `seconds` says how long each lasts."""
    dark = (0.0,) * len(levels)
    return tuple(Beat(dark if number % 2 else levels, lasting) for number, lasting in enumerate(seconds))
