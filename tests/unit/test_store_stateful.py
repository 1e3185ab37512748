"""The store against a plain dictionary, under random work, rollbacks, restarts and confirmations."""

from __future__ import annotations

import json
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.model import Loan
from kiosk.ports import StoreError
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader
from kiosk.store.transaction import StationTransaction
from tests.unit.reading_corner import (
    MAY,
    MORNING,
    SOC,
    at,
    filled_corner,
    lent_fact,
    open_corner,
    returned_fact,
)

NUMBERS = st.integers(1, 5)
PATRONS = st.sampled_from([MAY, SOC])
DAYS = st.integers(1, 60).map(lambda days: MORNING.date() + timedelta(days=days))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("lend"), NUMBERS, PATRONS, DAYS),
        st.tuples(st.just("back"), NUMBERS, PATRONS, DAYS),
        st.tuples(st.just("renew"), NUMBERS, PATRONS, DAYS),
    ),
    max_size=4,
)


class StoreAgainstDictionary(RuleBasedStateMachine):
    """What the store should hold is kept in `loans`, `stamps`, `facts` and `acked`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "station.db"
        self.loans: dict[str, Loan] = {}
        self.stamps = {MAY.id: 0, SOC.id: 0}
        self.facts: list[str] = []
        self.acked = 0
        self.store: StationStore

    @initialize()
    def fill(self) -> None:
        self.store = filled_corner(self.path)
        self.epoch = self.store.epoch

    @rule(steps=STEPS, commit=st.booleans())
    def visit(self, steps: list[tuple[str, int, object, date]], commit: bool) -> None:
        loans, stamps, facts = dict(self.loans), dict(self.stamps), list(self.facts)
        with self.store.begin(at()) as work:
            for what, number, patron, due in steps:
                self.step(work, loans, stamps, facts, what, number, patron.id, due)  # type: ignore[attr-defined]
            if commit:
                work.commit()
        if commit:
            self.loans, self.stamps, self.facts = loans, stamps, facts

    @staticmethod
    def step(
        work: StationTransaction,
        loans: dict[str, Loan],
        stamps: dict[str, int],
        facts: list[str],
        what: str,
        number: int,
        patron: str,
        due: date,
    ) -> None:
        item = f"GD-{number}"
        there = loans.get(item)
        made = Loan(item, patron, MORNING.date(), due)
        if what == "lend" and there is None:
            work.lend(made)
            work.report(lent_fact(number))
            loans[item] = made
            facts.append(item)
        elif what == "lend":
            with pytest.raises(StoreError):
                work.lend(made)
        elif what == "back" and there is not None:
            work.give_back(item, stamp=True)
            work.report(returned_fact(number))
            del loans[item]
            stamps[there.patron_id] += 1
            facts.append(item)
        elif what == "back":
            with pytest.raises(StoreError):
                work.give_back(item, stamp=True)
        elif there is not None and there.patron_id == patron:
            again = Loan(item, patron, there.lent_on, due, there.renewals + 1)
            work.renew(again)
            loans[item] = again
        else:
            with pytest.raises(StoreError):
                work.renew(made)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = open_corner(self.path)
        assert self.store.epoch == self.epoch

    @rule(upto=st.integers(-2, 40), ours=st.booleans())
    def confirm(self, upto: int, ours: bool) -> None:
        self.store.confirm(self.epoch if ours else "0" * 32, upto, at())
        if ours and self.acked < upto <= len(self.facts):
            self.acked = upto

    @invariant()
    def everything_agrees(self) -> None:
        with self.store.begin(at()) as work:
            for number in range(1, 6):
                item = work.item(f"GD-{number}")
                assert item is not None
                assert item.loan == self.loans.get(item.id)
            for patron in (MAY, SOC):
                seen = work.patron(patron.id)
                assert seen is not None
                assert seen.stamps == self.stamps[patron.id]
                home = [item.id for item in work.items_at_home(patron.id)]
                assert sorted(home) == sorted(
                    i for i, out in self.loans.items() if out.patron_id == patron.id
                )

    @invariant()
    def facts_are_dense_from_one_and_in_order(self) -> None:
        with OutboxReader(self.path) as outbox:
            listed = outbox.pending(0, 1000)
            state = outbox.state()
        assert [row.seq for row in listed] == list(range(1, len(self.facts) + 1))
        events = [json.loads(row.payload) for row in listed]
        assert [event["data"]["item"] for event in events] == self.facts
        assert [event["seq"] for event in events] == [row.seq for row in listed]
        assert len({event["id"] for event in events}) == len(events)
        assert (state.next_seq, state.acked) == (len(self.facts) + 1, self.acked)
        assert (state.oldest_unsent is None) == (self.acked == len(self.facts))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


TestStoreAgainstDictionary = StoreAgainstDictionary.TestCase
TestStoreAgainstDictionary.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
