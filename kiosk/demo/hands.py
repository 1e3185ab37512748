"""Hands and eyes before the station: they put tags down, touch buttons, wait for what the screen says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.demo.album import Album
from kiosk.demo.glass import Glass, NotSeen, Seen

if TYPE_CHECKING:
    from hardware.simulated.bench_client import Bench
    from hardware.simulated.bench_library import Thing

MOST_REMINDERS = 3
"""So often a "still here?" is answered while something else is waited for."""


class Hands:
    """What a child's hands and eyes can do, and nothing else."""

    def __init__(self, bench: Bench, glass: Glass, album: Album | None = None) -> None:
        self.bench = bench
        self.glass = glass
        self.album = album

    def place(self, *things: Thing) -> None:
        """Put things on the pad in one movement."""
        self.bench.place_all([(thing.uid, thing.tag) for thing in things])

    def lift(self, *things: Thing) -> None:
        """Take things off the pad in one movement."""
        self.bench.lift_all([thing.uid for thing in things])

    def clear(self) -> None:
        """Take everything off the pad."""
        self.bench.clear()

    def walk(self, direction: str) -> None:
        """Go through the door, "in" or "out"."""
        self.bench.cross(direction)

    def tap(self, action: str, target: str = "") -> None:
        """Touch a button."""
        self.glass.tap(action, target)

    def look(self) -> Seen:
        """The screen as it is."""
        return self.glass.look()

    def sees(
        self,
        *screens: str,
        after: Seen | None = None,
        where: Callable[[Seen], bool] | None = None,
        within: float = 15.0,
    ) -> Seen:
        """Wait for a screen, newer than `after`; the first of its kind goes into the album.

        A "still here?" that nobody waited for is answered, as a child would: the machine was slow.
        """
        number = None if after is None else after.number
        wanted = {*screens, "StillThere"}
        for _ in range(MOST_REMINDERS):
            seen = self.glass.until(
                *wanted,
                after=number,
                where=lambda seen: seen.screen not in screens or where is None or where(seen),
                within=within,
            )
            if seen.screen in screens:
                break
            with contextlib.suppress(NotSeen):  # what was waited for came between the look and the touch
                self.tap("still_here")
            self.glass.until(within=within, where=lambda now, asked=seen.number: now.number != asked)  # type: ignore[misc]
        else:
            raise NotSeen(
                f"{' or '.join(screens)} did not come; the station only asks whether anybody is here"
            )
        if self.album is not None:
            self.album.keep(self.glass, seen)
        return seen
