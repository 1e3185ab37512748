"""What the desk thread looks after between two events: a clock that became right, faults only counted so far.

When a time server is met, the moment itself is a fact (ClockSynced): by it the centre dates what this start
reported before. In the same transaction the loans of the free clock get their true days, so a child is never
late for a day that never was. A day that a child was told stays when it is later by a day at most: a promise.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from kiosk.facts import ClockSynced, DueCorrected
from kiosk.lending import due_date
from kiosk.model import ClockQuality, Loan, Now, Rules
from kiosk.ports import StoreError
from kiosk.store.free_loans import FreeLoan, free_time, lent_in_the_future, set_days
from kiosk.store.station import StationStore

if TYPE_CHECKING:
    from kiosk.store.transaction import StationTransaction

log = logging.getLogger(__name__)

SUM_UP_MS = 60_000
PROMISE = timedelta(days=1)
AGAIN_MS = 60_000
"""A disk that refuses is tried again after so long."""


class Upkeep:
    """Owned by the desk thread; `look` is called on it every few seconds and never raises StoreError.

    `rules` answers with the lending rules in force.
    """

    def __init__(self, store: StationStore, rules: Callable[[], Rules]) -> None:
        self._store, self._rules = store, rules
        self._free: Now | None = None  # the newest look at which the clock ran free
        self._synced = False
        self._sum_up_at = SUM_UP_MS
        self._again_at = 0

    def look(self, now: Now) -> bool:
        """Do what is due; answers whether facts were written."""
        if now.mono < self._again_at:
            return False
        told = False
        try:
            if now.quality is ClockQuality.FREE:
                self._free = now
            elif not self._synced:
                told = self._became_right(now)
                self._synced = True
            if now.mono >= self._sum_up_at:
                self._sum_up_at = now.mono + SUM_UP_MS
                told = self._store.sum_up(now) > 0 or told
        except StoreError as error:
            self._again_at = now.mono + AGAIN_MS
            log.warning("the station's own facts could not be kept and will come again: %s", error)
        return told

    def _became_right(self, now: Now) -> bool:
        with self._store.begin(now) as work:
            free = free_time(work, now.boot)
            ahead = lent_in_the_future(work, now.today)
            if free is None and self._free is None and not ahead:
                return False  # it was right from the start
            step = 0
            if self._free is not None:
                step = _step(self._free.wall, self._free.mono, now)
            elif free is not None:
                step = _step(datetime.fromtimestamp(free.wall / 1000, UTC), free.mono, now)
            work.report(ClockSynced(step_s=step))
            loans = free.loans if free is not None else ()
            mine = {one.item_id for one in loans}
            corrected = sum(self._correct(work, one, now) for one in loans)
            corrected += sum(self._begin_today(work, item, now) for item in ahead if item not in mine)
            work.commit()
        log.info("the clock is right now; it stepped by %d s, %d due dates were corrected", step, corrected)
        return True

    def _correct(self, work: StationTransaction, of: FreeLoan, now: Now) -> bool:
        item = work.item(of.item_id)
        if item is None or item.loan is None:
            return False
        lent_on = item.loan.lent_on if of.lent_mono is None else _day(of.lent_mono, now)
        return self._set(work, item.loan, min(lent_on, now.today), _day(of.due_mono, now))

    def _begin_today(self, work: StationTransaction, item_id: str, now: Now) -> bool:
        """Of an earlier start no fact says when it was: at the latest now."""
        item = work.item(item_id)
        if item is None or item.loan is None:
            return False
        return self._set(work, item.loan, now.today, now.today)

    def _set(self, work: StationTransaction, loan: Loan, lent_on: date, counted_from: date) -> bool:
        item, patron = work.item(loan.item_id), work.patron(loan.patron_id)
        if item is None or patron is None:
            return False
        rules = self._rules()
        due = due_date(counted_from, rules.policy_for(patron).loan_days, rules.calendar)
        if due < loan.due <= due + PROMISE:
            due = loan.due
        if (lent_on, due) == (loan.lent_on, loan.due):
            return False
        set_days(work, replace(loan, lent_on=lent_on, due=due))
        if due == loan.due:
            return False
        work.report(DueCorrected(item.id, item.title.id, due.isoformat()))
        return True


def _day(mono: int, now: Now) -> date:
    """The library's day at `mono` ms after this start, by the clock that is right now."""
    return (now.wall - timedelta(milliseconds=now.mono - mono)).date()


def _step(wall: datetime, mono: int, now: Now) -> int:
    """By how many seconds the clock jumped."""
    return round((now.wall - wall - timedelta(milliseconds=now.mono - mono)).total_seconds())
