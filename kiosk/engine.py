"""The desk thread: one inbox, one writer.

Every other thread only puts events into the inbox. This one takes them in order, lets the desk decide,
and hands the result on: the screen, the cues, a nudge to the link. Deadlines are a time-out of the inbox,
so nothing in the station needs a lock or a timer of its own.
"""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterable
from functools import partial

from kiosk.desk import Cue, Desk, Step
from kiosk.errors import StationError
from kiosk.events import (
    Confirmed,
    DeskEvent,
    Elapsed,
    Event,
    Forked,
    FromCentre,
    LinkChanged,
    NewsCame,
    ReaderLost,
    Tapped,
)
from kiosk.model import Announcement, Now
from kiosk.orders import Orders
from kiosk.ports import Clock, Errand, Store, StoreError
from kiosk.screens import Shown, Welcome

log = logging.getLogger(__name__)

TICK_S = 2.0  # the thread looks up at least this often, so that a watchdog can see it live
PRUNE_MS = 6 * 3_600_000  # confirmed facts of long ago are forgotten this often, when nobody is here


class EngineWontStop(StationError, RuntimeError):
    """The desk thread did not end in time; whatever it was doing is in the log."""


class _Stop:
    """Put into the inbox to end the thread after everything before it was handled."""


class Engine:
    """Owns the desk and the writing store for as long as its thread runs.

    `present` shows a screen, `cue` tells lamp and loudspeaker, `errand` tells the pad's thread, `nudge` wakes
    the link, `tick` is called on this thread every few seconds. None of them may block, and a failing one
    never stops lending. `orders` keeps what the centre sends down, and does it when nobody is here.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        store: Store,
        clock: Clock,
        present: Callable[[Shown], None],
        cue: Callable[[Cue], None] = lambda cue: None,
        nudge: Callable[[], None] = lambda: None,
        errand: Callable[[Errand], None] = lambda errand: None,
        tick: Callable[[], None] = lambda: None,
        orders: Orders | None = None,
    ) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._present = present
        self._cue = cue
        self._nudge = nudge
        self._errand = errand
        self._tick = tick
        self._orders = orders
        self._inbox: queue.SimpleQueue[Event | _Stop] = queue.SimpleQueue()
        self._shown: Shown | None = None
        self._wake_at: int | None = None
        self._pruned_at = 0
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def post(self, event: Event) -> None:
        """Put an event into the inbox; any thread, never blocks."""
        self._inbox.put(event)

    def first(self) -> Shown:
        """The screen to open the window with. Call once, before `start`."""
        now = self._clock.now()
        if self._orders is not None:
            self._orders.start(now)
        self._take(self._desk.start(now))
        if self._shown is None:
            raise StationError("the desk has no first screen")
        return self._shown

    def start(self) -> None:
        """Begin to take events."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Handle what is in the inbox, then end. Raises EngineWontStop."""
        if not self._thread.is_alive():
            return
        self._inbox.put(_Stop())
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise EngineWontStop(f"the desk thread is still busy after {timeout:g} s")

    # --- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                event = self._inbox.get(timeout=self._pause())
            except queue.Empty:
                event = Elapsed()
            if isinstance(event, _Stop):
                return
            self._handle(event)
            self._safely(self._look_at_orders)
            self._safely(self._tick)

    def _pause(self) -> float:
        now = self._clock.now()
        if self._orders is not None and self._orders.has_work(now):
            return 0.0  # the next slice, unless something happened meanwhile
        if self._wake_at is None:
            return TICK_S
        return min(TICK_S, max(0.0, (self._wake_at - now.mono) / 1000))

    def _handle(self, event: Event) -> None:
        now = self._clock.now()
        match event:
            case Confirmed(epoch=epoch, upto=upto):
                self._confirm(epoch, upto, now)
            case Forked(epoch=epoch):
                self._renumber(epoch, now)
            case NewsCame(announcements=announcements, source=source):
                self._keep_news(announcements, source, now)
                self._decide(event, now)
            case event if isinstance(event, FromCentre):
                self._safely(partial(self._obey, event, now))
            case LinkChanged(up=up):
                log.info("the link to the centre is %s", "up" if up else "down")
                self._decide(event, now)
            case Tapped(screen=number) if number and (self._shown is None or number != self._shown.number):
                log.debug("a touch for screen %d came too late", number)
            case Elapsed() if self._wake_at is None or now.mono < self._wake_at:
                self._quiet(now)
            case _:
                self._decide(event, now)

    def _decide(self, event: DeskEvent | LinkChanged, now: Now) -> None:
        if isinstance(event, ReaderLost):
            log.warning("the reader does not work: %s", event.cause)
        try:
            step = self._desk.handle(event, now)
        except Exception as error:
            # A mistake of ours must not leave a child before a dead screen. Neither the event nor the
            # error's own words are logged: they could tell who was here (law 4).
            log.error(  # noqa: TRY400 - a traceback would end in those words
                "the desk could not handle a %s: %s\n%s",
                type(event).__name__,
                type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            step = self._desk.close_down(now)
        if self._desk.failure is not None:
            log.error("nothing was kept: %s", self._desk.failure)
        self._take(step)
        self._safely(self._nudge)

    def _confirm(self, epoch: str, upto: int, now: Now) -> None:
        try:
            self._store.confirm(epoch, upto, now)
        except StoreError as error:
            log.warning("the centre's receipt could not be kept and will come again: %s", error)

    def _renumber(self, epoch: str, now: Now) -> None:
        try:
            moved = self._store.renumber(epoch, now)
        except StoreError as error:
            log.warning("the facts could not be numbered anew and will be asked for again: %s", error)
            return
        if moved is not None:
            log.warning("this card was restored or cloned: %d facts were given new numbers", moved)
            self._safely(self._nudge)

    def _keep_news(self, announcements: tuple[Announcement, ...], source: str, now: Now) -> None:
        try:
            with self._store.begin(now) as tx:
                tx.put_announcements(announcements, source=source)
                tx.commit()
        except StoreError as error:
            log.warning("the centre's announcements could not be kept and will come again: %s", error)

    def _obey(self, event: FromCentre, now: Now) -> None:
        if self._orders is not None and (news := self._orders.take(event, now)) is not None:
            self._decide(news, now)

    def _look_at_orders(self) -> None:
        if self._orders is None:
            return
        now = self._clock.now()
        if (news := self._orders.look(now)) is not None:
            self._decide(news, now)

    def _quiet(self, now: Now) -> None:
        if self._orders is not None and self._orders.has_work(now):
            self._safely(partial(self._orders.work, now))
        shown = self._shown
        if shown is None or not isinstance(shown.screen, Welcome) or now.mono < self._pruned_at + PRUNE_MS:
            return
        self._pruned_at = now.mono
        try:
            forgotten = self._store.prune(now)
        except StoreError as error:
            log.warning("old confirmed facts could not be removed: %s", error)
        else:
            log.info("%d facts the centre has held for 30 days were removed", forgotten)

    # --- what follows from a step -----------------------------------------------------------------

    def _take(self, step: Step) -> None:
        self._wake_at = step.wake_at
        shown = self._shown
        if shown is None or (shown.screen, shown.language, shown.look) != (
            step.screen,
            step.language,
            step.look,
        ):
            number = 1 if shown is None else shown.number + 1
            self._shown = Shown(number, step.screen, step.language, step.look)
            if number > 1:
                self._safely(partial(self._present, self._shown))
        self._play(step.cues)
        for one in step.errands:
            self._safely(partial(self._errand, one))

    def _play(self, cues: Iterable[Cue]) -> None:
        for one in cues:
            self._safely(partial(self._cue, one))

    def _safely(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("an extra failed; lending goes on")
