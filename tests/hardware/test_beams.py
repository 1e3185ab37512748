"""The doorway: who counts as in, who as out, and who as nobody."""

from __future__ import annotations

from itertools import pairwise

import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import given
from hypothesis import strategies as st

from hardware.beams import BeamFault, Passage, TwoBeams
from hardware.errors import HardwareError
from kiosk.events import Crossed, Direction

IN, OUT = Direction.IN, Direction.OUT


def walk(*states: str, phase_ms: int = 60, longest_ms: int = 6000) -> list[Direction]:
    """The crossings a walk gives. A state is "10": outer beam broken, inner one not."""
    passage = Passage(longest_ms=longest_ms)
    seen = [
        passage.see(state[0] == "1", state[1] == "1", number * phase_ms)
        for number, state in enumerate(states)
    ]
    return [direction for direction in seen if direction]


@pytest.mark.parametrize(
    ("path", "crossings"),
    [
        ("00 10 11 01 00", [IN]),
        ("00 01 11 10 00", [OUT]),
        ("00 10 11 01 00 01 11 10 00", [IN, OUT]),
        ("00 10 11 01 00 10 11 01 00", [IN, IN]),
        ("00 10 00", []),
        ("00 10 11 10 00", []),
        ("00 10 11 01 11 10 00", []),
        ("00 01 11 01 00", []),
        ("00 10 01 00", []),
        ("00 11 00", []),
        ("00 11 01 00", []),
        ("00 10 11 00", []),
        ("00 10 11 10 11 01 11 01 00", [IN]),
        ("00 10 00 10 11 01 00 01 00", [IN]),
        ("10 11 01 00", []),
        ("11 01 00 10 11 01 00", [IN]),
    ],
)
def test_paths_through_the_doorway(path, crossings):
    if path.startswith("00"):
        assert walk(*path.split()) == crossings
    else:
        assert walk("11", *path.split()) == crossings


def test_nobody_is_counted_before_they_are_through():
    passage = Passage(longest_ms=6000)
    for number, state in enumerate([(True, False), (True, True), (False, True)]):
        assert passage.see(*state, number) is None
    assert passage.see(False, False, 4) is IN


def test_whoever_lingers_longer_than_allowed_counts_as_nothing():
    assert walk("00", "10", "11", "01", "00", phase_ms=2000, longest_ms=6000) == [IN]
    assert walk("00", "10", "11", "01", "00", phase_ms=2001, longest_ms=6000) == []


def test_after_somebody_lingered_the_next_one_counts():
    passage = Passage(longest_ms=1000)
    for state, moment in ((2, 0), (3, 1), (1, 5000), (0, 6000)):
        passage.see(state >> 1 == 1, state & 1 == 1, moment)
    for state, moment in ((2, 7000), (3, 7100), (1, 7200)):
        passage.see(state >> 1 == 1, state & 1 == 1, moment)
    assert passage.see(False, False, 7300) is IN


STATES = st.lists(st.sampled_from(["00", "01", "10", "11"]), max_size=40)


@given(STATES)
def test_a_crossing_always_ends_in_a_clear_doorway_and_took_all_three_states(states):
    passage = Passage(longest_ms=10**9)
    since_clear: list[str] = []
    for number, state in enumerate(states):
        direction = passage.see(state[0] == "1", state[1] == "1", number)
        if direction:
            first, last = ("10", "01") if direction is IN else ("01", "10")
            assert state == "00"
            assert since_clear[0] == first
            assert since_clear[-1] == last
            assert "11" in since_clear
        since_clear = [] if state == "00" else [*since_clear, state]


@given(STATES)
def test_walking_the_same_way_backwards_counts_the_opposite(states):
    path = ["00", *states, "00"]
    opposite = [OUT if direction is IN else IN for direction in reversed(walk(*path))]
    assert walk(*reversed(path)) == opposite


@given(STATES, st.data())
def test_a_bouncing_edge_changes_no_count(states, draw):
    """Each edge may ring back and forth a few times before it settles."""
    path = ["00", *states]
    ringing = path[:1]
    for before, after in pairwise(path):
        one_beam = sum(a != b for a, b in zip(before, after, strict=True)) == 1
        times = draw.draw(st.integers(0, 2)) if one_beam else 0
        ringing += [after, before] * times + [after]
    assert walk(*ringing, phase_ms=1) == walk(*path, phase_ms=1)


# -- on pins -------------------------------------------------------------------------------------------------


class Doorway:
    """Outer beam on GPIO17, inner on GPIO27; a body breaks a beam by pulling its line low."""

    def __init__(self, **settings) -> None:
        self.factory = MockFactory()
        self.posted: list[object] = []
        self.now = 0.0
        self.beams = TwoBeams(
            17, 27, self.posted.append, pin_factory=self.factory, monotonic=lambda: self.now, **settings
        )

    def walk(self, states: str, phase_s: float = 0.06) -> None:
        for state in states.split():
            self.now += phase_s
            for pin, level in ((17, state[0]), (27, state[1])):
                (self.factory.pin(pin).drive_low if level == "1" else self.factory.pin(pin).drive_high)()


def test_a_child_that_comes_in_is_posted():
    doorway = Doorway()
    doorway.walk("10 11 01 00")
    assert doorway.posted == [Crossed(IN, "door")]


def test_a_child_that_goes_out_is_posted_with_the_sensors_name():
    doorway = Doorway(sensor="back door")
    doorway.walk("01 11 10 00")
    assert doorway.posted == [Crossed(OUT, "back door")]


def test_a_child_that_stands_in_the_door_too_long_is_not_posted():
    doorway = Doorway(longest_ms=5000)
    doorway.walk("10 11")
    doorway.now += 5
    doorway.walk("01 00")
    assert doorway.posted == []
    doorway.walk("10 11 01 00")
    assert doorway.posted == [Crossed(IN)]


class HeldLow(MockPin):
    """A line that something pulls down, whatever pull-up is on it."""

    def _set_pull(self, value):
        self._pull = value


def test_beams_that_are_broken_at_the_start_count_nobody_until_they_were_clear():
    factory = MockFactory(pin_class=HeldLow)
    posted: list[object] = []
    with TwoBeams(17, 27, posted.append, pin_factory=factory):
        outer, inner = factory.pin(17), factory.pin(27)
        outer.drive_high()
        inner.drive_high()
        assert posted == []
        for drive in (outer.drive_low, inner.drive_low, outer.drive_high, inner.drive_high):
            drive()
    assert posted == [Crossed(IN)]


def test_edges_must_hold_for_the_bounce_time():
    doorway = Doorway(bounce_ms=20)
    assert doorway.factory.pin(17).bounce == 0.020
    assert doorway.factory.pin(27).bounce == 0.020


def test_closing_releases_both_pins_and_ends_the_counting():
    doorway = Doorway()
    doorway.beams.close()
    assert doorway.beams.closed
    doorway.beams.close()
    TwoBeams(17, 27, doorway.posted.append, pin_factory=doorway.factory).close()
    assert "closed" in repr(doorway.beams)


def test_pins_that_are_taken_are_a_fault_that_names_them_and_leaves_nothing_reserved():
    doorway = Doorway()
    with pytest.raises(BeamFault, match="GPIO22 and GPIO27"):
        TwoBeams(22, 27, doorway.posted.append, pin_factory=doorway.factory)
    with TwoBeams(22, 23, doorway.posted.append, pin_factory=doorway.factory):
        pass
    assert issubclass(BeamFault, HardwareError)
