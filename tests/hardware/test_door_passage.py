"""Passages: who counts as in, who as out, and why somebody else counts as nobody."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.door.breaks import Breaks
from hardware.door.passage import NotCounted, Passage, Passed, Why
from kiosk.events import Direction

IN, OUT = Direction.IN, Direction.OUT


def outcomes(*states: str, phase_s: float = 0.06, **limits) -> list[Direction | Why]:
    """What a walk comes to. A state is "10": outer beam broken, inner one not."""
    passage = Passage(**limits)
    seen = [
        passage.see(state[0] == "1", state[1] == "1", number * phase_s) for number, state in enumerate(states)
    ]
    return [one.direction if isinstance(one, Passed) else one.why for one in seen if one]


def crossings(*states: str, phase_s: float = 0.06, **limits) -> list[Direction]:
    return [one for one in outcomes(*states, phase_s=phase_s, **limits) if isinstance(one, Direction)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("00 10 11 01 00", [IN]),
        ("00 01 11 10 00", [OUT]),
        ("00 10 11 01 00 01 11 10 00", [IN, OUT]),
        ("00 10 11 01 00 10 11 01 00", [IN, IN]),
        ("00 10 00", [Why.ONE_BEAM]),
        ("00 01 00", [Why.ONE_BEAM]),
        ("00 10 11 10 00", [Why.TURNED_BACK]),
        ("00 10 11 01 11 10 00", [Why.TURNED_BACK]),
        ("00 01 11 01 00", [Why.TURNED_BACK]),
        ("00 10 01 00", [Why.SKIPPED]),
        ("00 11 00", [Why.SKIPPED]),
        ("00 11 01 00", [Why.SKIPPED]),
        ("00 10 11 00", [Why.SKIPPED]),
        ("00 10 11 10 11 01 11 01 00", [IN]),
        ("00 10 00 10 11 01 00 01 00", [Why.ONE_BEAM, IN, Why.ONE_BEAM]),
        ("10 11 01 00", [Why.SKIPPED]),
        ("01 00 10 11 01 00", [Why.SKIPPED, IN]),
        ("11 01 00 10 11 01 00", [Why.SKIPPED, IN]),
    ],
)
def test_paths_through_the_doorway(path, expected):
    assert outcomes(*path.split()) == expected


def test_nobody_is_counted_before_they_are_through():
    passage = Passage()
    for number, state in enumerate([(False, False), (True, False), (True, True), (False, True)]):
        assert passage.see(*state, number) is None
    assert passage.see(False, False, 4) == Passed(IN, 3)


def test_whoever_lingers_longer_than_allowed_counts_as_nobody():
    path = ["00", "10", "11", "01", "00"]
    assert outcomes(*path, phase_s=2.0, longest_s=6.0) == [IN]
    assert outcomes(*path, phase_s=2.001, longest_s=6.0) == [Why.TOO_LONG]


def test_what_is_faster_than_a_child_runs_counts_as_nobody():
    path = ["00", "10", "11", "01", "00"]
    assert outcomes(*path, phase_s=0.020, shortest_s=0.06) == [IN]
    assert outcomes(*path, phase_s=0.019, shortest_s=0.06) == [Why.TOO_FAST]


@pytest.mark.parametrize("gap_s", [0.0, 0.001, 0.0039])
def test_beams_that_change_in_the_same_moment_are_nobody_in_whichever_order_it_is_told(gap_s):
    """The emitters lose their power for a second; the two edges come one after the other all the same."""
    for first, last in (("10", "01"), ("01", "10"), ("10", "10")):
        passage = Passage()
        seen = [
            passage.see(state[0] == "1", state[1] == "1", at_s)
            for state, at_s in (
                ("00", 0.0),
                (first, 1.0),
                ("11", 1.0 + gap_s),
                (last, 2.0),
                ("00", 2.0 + gap_s),
            )
        ]
        assert seen == [None, None, None, None, NotCounted(Why.SKIPPED, pytest.approx(1.0 + gap_s))]


def test_whoever_comes_right_behind_another_is_no_such_moment():
    passage = Passage()
    moments = (0.0, 1.0, 1.1, 1.2, 1.3, 1.3005, 1.4, 1.5, 1.6)
    states = ("00", "10", "11", "01", "00", "10", "11", "01", "00")
    seen = [passage.see(s[0] == "1", s[1] == "1", at) for s, at in zip(states, moments, strict=True)]
    assert [one.direction for one in seen if one] == [IN, IN]


def test_after_somebody_lingered_the_next_one_counts():
    passage = Passage(longest_s=1)
    moments = (0, 1, 2, 3, 60, 70, 70.1, 70.2, 70.3)
    states = ("00", "10", "11", "01", "00", "10", "11", "01", "00")
    seen = [passage.see(s[0] == "1", s[1] == "1", at) for s, at in zip(states, moments, strict=True)]
    assert seen[4] == NotCounted(Why.TOO_LONG, 59)
    assert isinstance(seen[8], Passed)
    assert seen[8].direction is IN


STATES = st.lists(st.sampled_from(["00", "01", "10", "11"]), max_size=60)


@given(STATES)
def test_a_crossing_always_ends_in_a_clear_doorway_and_took_all_three_states(states):
    passage = Passage(longest_s=1e9)
    since_clear: list[str] = []
    for number, state in enumerate(states):
        outcome = passage.see(state[0] == "1", state[1] == "1", number)
        if isinstance(outcome, Passed):
            first, last = ("10", "01") if outcome.direction is IN else ("01", "10")
            assert state == "00"
            assert since_clear[0] == first
            assert since_clear[-1] == last
            assert "11" in since_clear
        since_clear = [] if state == "00" else [*since_clear, state]


@given(STATES)
def test_every_time_the_doorway_clears_there_is_one_outcome_and_never_more_crossings_than_that(states):
    path = ["00", *states]
    cleared = sum(before != "00" and after == "00" for before, after in pairwise(path))
    assert len(outcomes(*path)) == cleared
    assert len(crossings(*path)) <= sum(state == "11" for state in path)


@given(STATES)
def test_in_and_out_differ_by_at_most_what_the_edges_allow(states):
    """A crossing takes four changes of its own, so random states cannot make a crowd."""
    path = ["00", *states]
    seen = crossings(*path)
    changes = sum(before != after for before, after in pairwise(path))
    assert abs(seen.count(IN) - seen.count(OUT)) <= len(seen) <= changes // 4


@given(STATES)
def test_walking_the_same_way_backwards_counts_the_opposite(states):
    path = ["00", *states, "00"]
    opposite = [OUT if direction is IN else IN for direction in reversed(crossings(*path))]
    assert crossings(*reversed(path)) == opposite


@given(STATES, st.data())
def test_a_bouncing_edge_changes_no_crossing(states, draw):
    """Each edge may ring back and forth a few times before it settles."""
    path = ["00", *states]
    ringing = path[:1]
    for before, after in pairwise(path):
        one_beam = sum(a != b for a, b in zip(before, after, strict=True)) == 1
        times = draw.draw(st.integers(0, 2)) if one_beam else 0
        ringing += [after, before] * times + [after]
    limits = {"phase_s": 0.005, "shortest_s": 0.0}
    assert crossings(*ringing, **limits) == crossings(*path, **limits)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(-1e9, 1e9)), max_size=40))
def test_even_a_clock_that_jumps_raises_nothing(moments):
    passage, breaks = Passage(), Breaks()
    for outer, inner, at_s in moments:
        passage.see(outer, inner, at_s)
        breaks.see(outer, at_s)


# -- a single beam -------------------------------------------------------------------------------------------


def single(*moments: float, **limits) -> list[Direction | Why]:
    """What breaks of one beam come to: it changes at each moment, first from light to dark."""
    breaks = Breaks(**limits)
    seen = [breaks.see(False, 0.0)]
    seen += [breaks.see(number % 2 == 0, at_s) for number, at_s in enumerate(moments)]
    return [one.direction if isinstance(one, Passed) else one.why for one in seen if one]


def test_each_break_of_a_single_beam_is_somebody_going_either_way():
    assert single(1, 1.3, 5, 5.3) == [Direction.UNKNOWN] * 2


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ((1, 7.1), [Why.TOO_LONG]),
        ((1, 1.03), [Why.TOO_FAST]),
        ((1, 1.3, 1.45, 1.5), [Direction.UNKNOWN, Why.AGAIN]),
        ((1, 1.3, 1.51, 1.8), [Direction.UNKNOWN, Direction.UNKNOWN]),
        ((1, 9, 9.5, 9.8), [Why.TOO_LONG, Direction.UNKNOWN]),
    ],
)
def test_what_a_single_beam_does_not_take_for_another_person(moments, expected):
    assert single(*moments) == expected


def test_a_beam_that_is_broken_at_the_start_counts_nobody_for_it():
    breaks = Breaks()
    assert breaks.see(True, 0) is None
    assert breaks.see(False, 1) == NotCounted(Why.SKIPPED, 1)
    assert breaks.see(True, 2) is None
    assert breaks.see(False, 2.5) == Passed(Direction.UNKNOWN, 0.5)


@given(st.lists(st.booleans(), max_size=60))
def test_a_single_beam_never_counts_more_than_it_was_broken(states):
    breaks = Breaks(apart_s=0, shortest_s=0, longest_s=1e9)
    path = [False, *states]
    passed = sum(isinstance(breaks.see(state, number), Passed) for number, state in enumerate(path))
    assert passed == sum(before and not after for before, after in pairwise(path))
