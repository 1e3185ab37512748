"""Puts the centre's catalogue into the tables, a few rows at a time, while nobody is at the desk.

A slice takes some milliseconds, and between two of them the desk thread looks into its inbox: whoever lays a
card down never waits for more than one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk import facts
from kiosk.catalogue import CatalogueError, Entry, unpack
from kiosk.events import EditionChosen, EditionWhole, PartCame
from kiosk.model import Now
from kiosk.ports import StoreError
from kiosk.store import StationStore
from kiosk.store.incoming import CatalogueState, Incoming

log = logging.getLogger(__name__)

SLICE_ROWS = 50
SWEPT_PARTS = 4
AGAIN_MS = 60_000  # after the disk refused


class Shelving:
    """Owned by the desk thread. `nudge` tells the link that something was kept, or is finished."""

    def __init__(self, store: StationStore, nudge: Callable[[], None]) -> None:
        self._store, self._nudge = store, nudge
        self._state = CatalogueState()
        self._unpacked: tuple[str, int, list[Entry]] = ("", 0, [])
        self._busy = False
        self._not_before = 0  # monotonic ms

    @property
    def state(self) -> CatalogueState:
        """Which catalogue is held, and what is on its way."""
        return self._state

    def start(self, now: Now) -> None:
        """Go on where the last process stopped. Raises StoreError."""
        with self._store.begin(now) as work:
            self._state = Incoming(work).catalogue()
        self._busy = True  # parts of an edition that was given up may lie there

    def came(self, event: EditionChosen | PartCame | EditionWhole, now: Now) -> None:
        """Keep what the link brought. Raises StoreError: then the link brings it again."""
        with self._store.begin(now) as work:
            incoming = Incoming(work)
            match event:
                case EditionChosen():
                    self._state = incoming.begin(event.scope, event.generation, event.edition, event.index)
                case PartCame():
                    incoming.put_part(event.of, event.n, event.payload)
                case EditionWhole():
                    self._state = incoming.all_there(event.of, good=event.good)
            work.commit()
        self._busy = not isinstance(event, PartCame) or self._busy
        self._nudge()

    def is_busy(self, now: Now) -> bool:
        """Whether there is something to put in or to sweep away."""
        return self._busy and now.mono >= self._not_before

    def work(self, now: Now) -> None:
        """One slice. Never raises StoreError: after one it rests for a minute."""
        try:
            self._slice(now)
        except StoreError as error:
            log.warning("the centre's catalogue cannot be put in now, and will be in a minute: %s", error)
            self._not_before = now.mono + AGAIN_MS
            self._unpacked = ("", 0, [])
        except CatalogueError as error:  # it was read when it came: the disk has changed it
            log.error("a damaged part of the catalogue is loaded anew: %s", error)  # noqa: TRY400
            self._start_over(now)

    def _slice(self, now: Now) -> None:
        with self._store.begin(now) as work:
            incoming = Incoming(work)
            state = incoming.catalogue()
            loading = state.loading
            if loading is None or not loading.whole:
                swept = incoming.sweep(state, SWEPT_PARTS)
                self._busy = swept
            elif loading.part <= loading.edition.parts:
                rows = self._rows(incoming, loading.edition.sha256, loading.part)
                some = rows[loading.row : loading.row + SLICE_ROWS]
                state = incoming.put_in(state, some, last=loading.row + len(some) >= len(rows))
            elif (fewer := incoming.withdraw_unseen(state, SLICE_ROWS)) is not None:
                state = fewer
            else:
                state = incoming.finish(state)
                work.report(
                    facts.CatalogueChanged(
                        catalogue=state.scope, version=loading.edition.version, gone=loading.gone
                    )
                )
                log.info("the centre's catalogue %s is here, version %d", state.scope, state.version)
            work.commit()
        finished = self._state.loading is not None and state.loading is None
        self._state = state
        if finished:
            self._unpacked = ("", 0, [])
            self._nudge()

    def _rows(self, incoming: Incoming, of: str, n: int) -> list[Entry]:
        if self._unpacked[:2] != (of, n):
            part = incoming.part(of, n)
            if part is None:
                raise CatalogueError(f"part {n} is missing")
            self._unpacked = (of, n, unpack(part))
        return self._unpacked[2]

    def _start_over(self, now: Now) -> None:
        try:
            with self._store.begin(now) as work:
                self._state = Incoming(work).give_up()
                work.commit()
        except StoreError:
            self._not_before = now.mono + AGAIN_MS
        self._unpacked = ("", 0, [])
        self._nudge()
