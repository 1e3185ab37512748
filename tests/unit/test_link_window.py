"""The window: never more in flight than allowed, never past the watermark twice, always moving again."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.link.window import Window


def window(size: int = 4, watermark: int = 0, jitter: float = 0.5) -> Window:
    """A window whose patience is exactly 10 s, 20 s, 40 s ..."""
    return Window(size, 10.0, watermark=watermark, jitter=lambda: jitter)


def fill(of: Window, now: float = 0.0) -> list[int]:
    sent = []
    while of.room > 0:
        of.sent(of.cursor + 1, now)
        sent.append(of.cursor)
    return sent


def test_it_holds_no_more_than_its_size_beyond_the_watermark() -> None:
    one = window(size=3, watermark=7)
    assert fill(one) == [8, 9, 10]
    assert one.confirmed(8, 1.0)
    assert fill(one) == [11]


def test_no_progress_begins_again_behind_the_watermark() -> None:
    one = window()
    fill(one)
    one.confirmed(2, 1.0)
    assert one.deadline == 11.0
    one.rewind()
    assert fill(one, 11.0) == [3, 4, 5, 6]


def test_patience_doubles_to_five_minutes_and_is_reset_by_progress() -> None:
    one = window()
    waits = []
    for _ in range(8):
        fill(one, 100.0)
        assert one.deadline is not None
        waits.append(one.deadline - 100.0)
        one.rewind()
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]
    fill(one, 100.0)
    one.confirmed(1, 100.0)
    assert one.deadline == 110.0


def test_a_fresh_connection_has_fresh_patience() -> None:
    one = window()
    fill(one)
    one.rewind()
    one.restart()
    assert fill(one) == [1, 2, 3, 4]
    assert one.deadline == 10.0


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 7.5), (0.999, 12.495)])
def test_a_fleet_that_stalled_together_does_not_send_together(jitter: float, wait: float) -> None:
    one = window(jitter=jitter)
    fill(one)
    assert one.deadline == pytest.approx(wait)


def test_a_moving_wire_is_given_more_time() -> None:
    one = window()
    fill(one, 0.0)
    one.alive(9.0)
    assert one.deadline == 19.0


def test_nothing_in_flight_has_no_deadline() -> None:
    one = window()
    assert one.deadline is None
    fill(one)
    one.confirmed(4, 1.0)
    assert one.deadline is None
    one.alive(2.0)
    assert one.deadline is None


def test_an_old_answer_is_no_news() -> None:
    one = window(watermark=5)
    assert not one.confirmed(5, 0.0)
    assert not one.confirmed(3, 0.0)
    assert one.watermark == 5


def test_an_answer_ahead_of_what_was_sent_moves_the_cursor_with_it() -> None:
    one = window(watermark=5)
    one.confirmed(9, 0.0)
    assert (one.watermark, one.cursor, one.room) == (9, 9, 4)


def test_a_restored_centre_moves_it_back() -> None:
    one = window(watermark=9)
    fill(one)
    one.replay_from(4)
    assert fill(one) == [5, 6, 7, 8]


def test_rows_out_of_order_are_a_fault_of_the_outbox() -> None:
    one = window(watermark=5)
    with pytest.raises(ValueError, match="follow"):
        one.sent(5, 0.0)


class AnyWindow(RuleBasedStateMachine):
    """A sender, a lossy wire and a centre, in any order of happenings."""

    def __init__(self) -> None:
        super().__init__()
        self.window = Window(5, 10.0)
        self.now = 0.0
        self.written = 0
        self.centre: set[int] = set()
        self.wire: list[int] = []

    @rule(more=st.integers(1, 8))
    def a_visit_commits_facts(self, more: int) -> None:
        self.written += more

    @rule()
    def it_sends(self) -> None:
        while self.window.room > 0 and self.window.cursor < self.written:
            self.window.sent(self.window.cursor + 1, self.now)
            self.wire.append(self.window.cursor)

    @precondition(lambda self: self.wire)
    @rule(arrives=st.booleans())
    def the_wire_delivers_or_loses(self, arrives: bool) -> None:
        seq = self.wire.pop(0)
        if arrives:
            self.centre.add(seq)

    @rule()
    def the_centre_answers(self) -> None:
        self.window.confirmed(self.upto, self.now)

    @precondition(lambda self: self.window.deadline is not None)
    @rule()
    def patience_ends(self) -> None:
        assert self.window.deadline is not None
        self.now = max(self.now, self.window.deadline)
        self.window.rewind()

    @rule()
    def the_connection_is_lost(self) -> None:
        self.wire.clear()
        self.window.restart()

    @property
    def upto(self) -> int:
        return next(n for n in range(self.written + 1) if n + 1 not in self.centre)

    @invariant()
    def the_window_is_never_overrun_and_never_confirms_what_is_not_held(self) -> None:
        assert 0 <= self.window.room <= 5
        assert self.window.watermark <= self.upto
        assert self.window.watermark <= self.window.cursor <= self.window.watermark + 5

    def teardown(self) -> None:
        """From anywhere, a wire that works drains everything."""
        self.window.restart()
        for _ in range(self.written + 1):
            self.it_sends()
            self.centre.update(self.wire)
            self.wire.clear()
            self.the_centre_answers()
        assert self.window.watermark == self.written


AnyWindow.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyWindow = AnyWindow.TestCase
