"""What Welcome says to everybody: the library's announcement of this moment, and the ways to begin.

It is read from the store at most once a minute, and kept here meanwhile: there is nothing of anybody in it.
"""

from __future__ import annotations

import math

from kiosk.desk.house import House
from kiosk.model import Announcement, Now
from kiosk.ports import Store
from kiosk.screens import Welcome

LOOK_AGAIN_MS = 60_000
"""What begins later is not known before: somebody must look."""


class Notices:
    """Owned by the desk."""

    def __init__(self, store: Store, house: House) -> None:
        self._store, self._house = store, house
        self._told: tuple[Announcement, ...] = ()
        self._cardless = False
        self._read_at = -math.inf  # monotonic ms
        self._ends = math.inf  # monotonic ms: when the first of what is told is over

    def is_old(self, now: Now) -> bool:
        """Whether it is time to look again."""
        return now.mono >= min(self._read_at + LOOK_AGAIN_MS, self._ends)

    def read(self, now: Now) -> None:
        """Look what is to be told. Raises StoreError; then nothing is told until it is looked for again."""
        self._told, self._cardless = (), False
        self._read_at, self._ends = now.mono, math.inf
        with self._store.begin(now) as tx:
            self._told = tx.announcements(now)
            self._cardless = self._house.customs.classes and bool(tx.groups())
        left = [(one.ends - now.wall).total_seconds() for one in self._told]
        self._ends = now.mono + max(0, min(left, default=math.inf)) * 1000 + 1

    def welcome(self, language: str) -> Welcome:
        """Welcome, in this language. Of several announcements the one that ends soonest is told."""
        ours = [one for one in self._told if one.language in {"", language}]
        news = (ours[0].text, ours[0].picture) if ours else ("", "")
        return Welcome(*news, cardless=self._cardless, languages=self._house.languages)

    def wake_at(self) -> int | None:
        """When to look again; None = nobody looked yet."""
        moment = min(self._read_at + LOOK_AGAIN_MS, self._ends)
        return None if moment == -math.inf else int(moment)
