"""The pad's thread: looks at the pad ten times a second and tells the desk what changed, and only that.

It owns the reader from open to close, turns single looks into placements and removals, and keeps a broken
reader from being more than an event: every exception becomes ReaderLost, and trying again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.errands import Errands
from hardware.errors import HardwareError
from kiosk.events import ReaderBack, ReaderLost, Tag, TagsOnPad
from kiosk.ports import Pad, PadDisturbed, Post

log = logging.getLogger(__name__)

_SETTLING_S = 0.04  # between looks while something new comes to rest
_SHORTEST_REST_S = 0.005  # even when a look took longer than its turn
_FEWEST_SILENT = 3  # looks; a machine that stalled for half a second has seen no silence
_UNREADABLE_S = 3.0  # so long disturbed answers count as presence; longer, and they are a fault
_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.2, 2.0
_RELAPSE_S = 30.0  # a reader lost again within so long has a loose wire and must prove itself longer
_FIRST_PROOF_S, _LONGEST_PROOF_S = 0.5, 2.5  # with the longest pause, healed within five seconds all the same


class WorkerStuck(HardwareError, TimeoutError):
    """The pad's thread would not end in time."""


class WorkerRunning(HardwareError, RuntimeError):
    """The pad's thread was started twice."""


@dataclass(slots=True)
class _Sighting:
    """What is known of one tag. Times are monotonic seconds."""

    verified_at: float
    silent_since: float | None = None
    silent_looks: int = 0


class PadWorker:
    """Looks at `pad` on a thread of its own and posts TagsOnPad, ReaderLost and ReaderBack.

    New tags count as one placement when nothing new came for `settle_ms` and everything reported lies there
    verified; a tag is removed after `removed_ms` of verified silence. `errands` are done between two looks,
    with the tags just seen. `heartbeat` is the monotonic second of the last look, for a watchdog. Tests drive
    `poll_once` with a clock of their own and no thread.
    """

    def __init__(
        self,
        pad: Pad,
        post: Post,
        *,
        polls_per_second: int = 10,
        settle_ms: int = 120,
        removed_ms: int = 400,
        errands: Errands | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pad, self._post, self._monotonic = pad, post, monotonic
        self._errands = errands
        self._period_s = 1 / polls_per_second
        self._settle_s, self._removed_s = settle_ms / 1000, removed_ms / 1000
        self.heartbeat = monotonic()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._open = False
        self._lost = False
        self._retry_s = _FIRST_RETRY_S
        self._opened_at = self._back_at = float("-inf")
        self._proof_s = 0.0
        self._forget()

    def _forget(self) -> None:
        """A reader that starts or comes back knows nothing: what lay there before must be seen afresh."""
        self._sightings: dict[Tag, _Sighting] = {}
        self._reported: frozenset[Tag] | None = None
        self._changed_at: float | None = None
        self._unreadable_since: float | None = None

    def start(self) -> None:
        """Begin to look. Raises WorkerRunning when it already does."""
        if self._thread is not None:
            raise WorkerRunning("the pad's thread runs already")
        self._stopping.clear()
        self._forget()
        self._thread = threading.Thread(target=self._run, name="pad", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Field off, thread ended. Raises WorkerStuck when it has not ended after `timeout` seconds."""
        self._stopping.set()
        if self._thread is None:
            return
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise WorkerStuck(f"the pad's thread did not end within {timeout:g} s; the SPI driver hangs")
        self._thread = None

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._stopping.wait(self.poll_once(self._monotonic()))
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._open = False
        try:
            self._pad.close()
        except Exception as error:
            log.debug("the pad could not be closed: %s", error)

    def poll_once(self, now: float) -> float:
        """One look at the pad at monotonic second `now`; answers how many seconds to rest before the next."""
        self.heartbeat = now
        try:
            if not self._open:
                self._pad.open()
                self._open, self._opened_at = True, now
            try:
                tags, readable = self._pad.inventory(), True
            except PadDisturbed as disturbed:
                tags, readable = disturbed.tags, False
                self._bear(disturbed, now)
        except Exception as error:
            return self._fail(error, now)
        if readable or tags:
            self._unreadable_since = None
        self._see(tags, readable, now)
        self._tell(tags, now, certain=readable or bool(tags), readable=readable)
        if self._errands is not None and self._errands.waiting:
            try:
                self._errands.run(tag.uid for tag in tags)
            except Exception as error:
                return self._fail(error, self._monotonic())
        return max(_SHORTEST_REST_S, now + self._turn_s - self._monotonic())

    def _bear(self, disturbed: PadDisturbed, now: float) -> None:
        """Unreadable answers are borne for a while, but never take part in a reader's coming back."""
        if disturbed.tags:
            return
        if self._unreadable_since is None:
            self._unreadable_since = now
        if self._lost or now - self._unreadable_since >= _UNREADABLE_S:
            raise disturbed

    def _fail(self, error: Exception, now: float) -> float:
        """The reader does not work: say so once, let go of it, try again later and later."""
        if not self._lost:
            self._lost = True
            longer = min(max(2 * self._proof_s, _FIRST_PROOF_S), _LONGEST_PROOF_S)
            self._proof_s = longer if now - self._back_at < _RELAPSE_S else 0.0
            log.warning("reader lost: %s", error)
            self._post(ReaderLost(str(error) or type(error).__name__))
        self._let_go()
        self._forget()
        rest, self._retry_s = self._retry_s, min(2 * self._retry_s, _LONGEST_RETRY_S)
        return rest

    def _see(self, tags: frozenset[Tag], readable: bool, now: float) -> None:
        """Enter one look. Silence counts against a tag, an unreadable answer does not, for a while."""
        if self._changed_at is None:
            self._changed_at = now
        for tag in tags:
            if tag not in self._sightings:
                self._changed_at = now
            self._sightings[tag] = _Sighting(now)
        for tag in self._sightings.keys() - tags:
            sighting = self._sightings[tag]
            if not readable and now - sighting.verified_at < _UNREADABLE_S:
                sighting.silent_since, sighting.silent_looks = None, 0
                continue
            if sighting.silent_since is None:
                sighting.silent_since = now
            sighting.silent_looks += 1
            if self._gone(sighting, now):
                del self._sightings[tag]

    def _gone(self, sighting: _Sighting, now: float) -> bool:
        silent_since = now if sighting.silent_since is None else sighting.silent_since
        return sighting.silent_looks >= _FEWEST_SILENT and now - silent_since >= self._removed_s

    @property
    def _turn_s(self) -> float:
        """From this look to the next: faster while something new settles or something fell silent."""
        if self._reported is None or not self._sightings.keys() <= self._reported:
            return min(_SETTLING_S, self._period_s)
        if any(sighting.silent_looks for sighting in self._sightings.values()):
            return min(self._removed_s / _FEWEST_SILENT, self._period_s)
        return self._period_s

    def _tell(self, tags: frozenset[Tag], now: float, *, certain: bool, readable: bool) -> None:
        """Post what changed: removals at once, additions when they lie still and everything is in sight.

        A tag that has just fallen silent holds additions back until it is seen again or gone: a book put
        down while the card of the child before is being lifted never shares a report with that card. An empty
        pad is posted only after silence (`certain`), never for answers that cannot be read.
        """
        present = frozenset(self._sightings)
        if self._reported is not None and not self._reported <= present:
            left = self._reported & present
            if left or readable:  # a look that could not be read empties no pad
                self._report(left)
        settled = self._changed_at is not None and now - self._changed_at >= self._settle_s
        if settled and certain and present == tags and present != self._reported:
            if self._lost:
                if now - self._opened_at < self._proof_s:
                    return
                self._lost, self._back_at = False, now
                self._retry_s = _FIRST_RETRY_S
                log.info("reader back")
                self._post(ReaderBack())
            self._report(present)

    def _report(self, tags: frozenset[Tag]) -> None:
        self._reported = tags
        self._post(TagsOnPad(tags))
