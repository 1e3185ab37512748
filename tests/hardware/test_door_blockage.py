"""Beams that cannot be believed: dark, flickering, and well again, each told once."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.door.blockage import Blockage, Blocked, Freed
from hardware.door.doorway import Doorway
from hardware.door.passage import NotCounted, Passage, Why
from kiosk.events import Crossed, Direction, ExtraBack, ExtraLost

NAMES = ("the outer beam", "the inner beam")
CLEAR = (False, False)


def watched(blockage: Blockage, states: tuple[bool, ...], from_s: float, until_s: float) -> list[object]:
    """The answers while a state lasts, looked at ten times a second, `until_s` not included."""
    ticks = range(round((until_s - from_s) * 10))
    return [answer for tick in ticks if (answer := blockage.see(states, from_s + tick / 10))]


@pytest.mark.parametrize(
    ("states", "named"),
    [
        ((True, False), "the outer beam:"),
        ((False, True), "the inner beam:"),
        ((True, True), "the outer beam and the inner beam:"),
    ],
)
def test_a_beam_that_stays_dark_is_told_once_by_name_with_what_to_check(states, named):
    blockage = Blockage(NAMES)
    assert watched(blockage, CLEAR, 0, 10) == []
    assert watched(blockage, states, 10, 55) == []
    (alarm,) = watched(blockage, states, 55, 600)
    assert isinstance(alarm, Blocked)
    assert alarm.words.startswith(named)
    assert "45 s" in alarm.words
    assert "emitter and receiver" in alarm.words
    assert "nobody is counted" in alarm.words
    assert blockage.lost


def test_light_must_have_held_before_the_beam_is_believed_again():
    blockage = Blockage(NAMES, steady_s=5)
    watched(blockage, (True, False), 0, 60)
    assert watched(blockage, CLEAR, 60, 64) == []
    assert watched(blockage, (True, False), 64, 65) == []
    assert watched(blockage, CLEAR, 65, 70) == []
    (freed,) = watched(blockage, CLEAR, 70, 80)
    assert freed == Freed(pytest.approx(25, abs=0.11))
    assert not blockage.lost


def test_people_in_the_beam_are_no_alarm_however_many_there_are():
    blockage = Blockage(NAMES)
    for child in range(200):
        at_s = child * 0.6
        for number, states in enumerate([(True, False), (True, True), (False, True), CLEAR]):
            assert blockage.see(states, at_s + number * 0.15) is None


def test_a_rush_with_swinging_arms_is_no_flicker():
    blockage = Blockage(NAMES)
    for edge in range(600):  # 16 edges a second for 37 s
        assert blockage.see((edge % 2 == 0, False), edge / 16) is None


@pytest.mark.parametrize("hertz", [12, 50, 400])
def test_a_flicker_is_told_once_and_is_over_when_the_beam_is_calm(hertz):
    blockage = Blockage(NAMES)
    alarms = []
    for half in range(60 * hertz):
        answer = blockage.see((False, half % 2 == 0), half / (2 * hertz))
        alarms += [answer] if answer else []
        assert not alarms or blockage.flickering
    (alarm,) = alarms
    assert alarm.words.startswith("the inner beam: flickers")
    assert "sunlight" in alarm.words
    assert watched(blockage, CLEAR, 30, 34.9) == []
    assert isinstance(*watched(blockage, CLEAR, 34.9, 40), Freed)
    assert not blockage.flickering


def test_a_flicker_that_becomes_darkness_stays_one_alarm_until_light_is_back():
    blockage = Blockage(NAMES)
    answers = [blockage.see((half % 2 == 0, False), half / 100) for half in range(200)]
    assert sum(answer is not None for answer in answers) == 1
    assert watched(blockage, (True, False), 2, 100) == []
    assert len(watched(blockage, CLEAR, 100, 110)) == 1


def test_states_that_no_edge_reported_are_a_flicker_when_they_are_many():
    blockage = Blockage(NAMES)
    told = []
    for look in range(20):
        blockage.doubt(0, look / 10)
        told += [answer] if (answer := blockage.see(CLEAR, look / 10)) else []
    assert len(told) == 1
    assert told[0].words.startswith("the outer beam: flickers")


def test_a_few_missed_edges_are_no_fault():
    blockage = Blockage(NAMES)
    for look in range(100):
        blockage.doubt(0, look)
        assert blockage.see(CLEAR, look) is None


def test_a_loose_wire_must_prove_itself_longer_each_time():
    """Lost and back and lost again: the alarms thin out instead of filling the outbox."""
    blockage = Blockage(("the beam",), blocked_s=45, steady_s=5)
    events = []
    at_s = 0.0
    while at_s < 12 * 3600:
        for state, for_s in ((True, 46), (False, 6)):
            for tick in range(for_s):
                if answer := blockage.see((state,), at_s + tick):
                    events.append((at_s + tick, answer))
            at_s += for_s
    assert len(events) <= 4
    assert isinstance(events[-1][1], Blocked)
    longest = [answer for tick in range(400) if (answer := blockage.see((False,), at_s + tick))]
    assert len(longest) == 1


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 50)), max_size=80))
def test_alarm_and_all_clear_take_turns_whatever_the_beams_do(steps):
    blockage = Blockage(NAMES)
    at_s, answers = 0.0, []
    for outer, inner, for_s in steps:
        at_s += for_s
        answers += [answer] if (answer := blockage.see((outer, inner), at_s)) else []
    assert [type(answer) for answer in answers] == ([Blocked, Freed] * len(answers))[: len(answers)]
    assert all(len(answer.words) <= 200 for answer in answers if isinstance(answer, Blocked))


# -- what the desk hears -------------------------------------------------------------------------------------


class Door:
    def __init__(self) -> None:
        self.posted: list[object] = []
        self.heard: list[object] = []
        passage = Passage()
        self.doorway = Doorway(
            self.posted.append,
            judge=lambda broken, at_s: passage.see(broken[0], broken[1], at_s),
            blockage=Blockage(NAMES),
            sensor="front door",
            watch=self.heard.append,
        )


def test_every_event_names_the_doorway():
    door = Door()
    for at_s, states in (
        (0, CLEAR),
        (1, (True, False)),
        (1.1, (True, True)),
        (1.2, (False, True)),
        (1.3, CLEAR),
        (2, (True, False)),
        (50, (True, False)),
        (51, CLEAR),
        (57, CLEAR),
    ):
        door.doorway.see(states, at_s)
    crossed, lost, back = door.posted
    assert crossed == Crossed(Direction.IN, "front door")
    assert isinstance(lost, ExtraLost)
    assert lost.device == "front door"
    assert back == ExtraBack("front door")


def test_what_did_not_count_is_heard_by_whoever_watches_and_logged_without_a_flood(caplog):
    door = Door()
    with caplog.at_level(logging.INFO, logger="hardware.door.doorway"):
        for number in range(100):
            door.doorway.see((number % 2 == 1, False), number * 0.06)
    assert [one.why for one in door.heard if isinstance(one, NotCounted)] == [Why.ONE_BEAM] * 49
    assert door.posted == []
    assert len(caplog.records) <= 7
    assert "one beam only" in caplog.text
    assert "before" in caplog.text


def test_nothing_is_believed_while_a_beam_flickers():
    door = Door()
    for half in range(300):  # the inner beam breaks meanwhile, in a way that would be a crossing now and then
        door.doorway.see((half % 2 == 0, half % 7 in {1, 2, 3}), half / 100)
    before = len(door.posted)
    assert any(isinstance(event, ExtraLost) for event in door.posted)
    for half in range(300, 3000):
        door.doorway.see((half % 2 == 0, half % 7 in {1, 2, 3}), half / 100)
    assert len(door.posted) == before


@pytest.mark.parametrize(("dark_s", "light_s"), [(0.04, 0.21), (0.5, 0.5)])
def test_a_fan_before_the_beam_is_no_crowd_and_raises_the_alarm_within_ten_minutes(dark_s, light_s):
    door, at_s = Door(), 0.0
    while at_s < 3600:
        door.doorway.see((True, False), at_s)
        door.doorway.see(CLEAR, at_s + dark_s)
        at_s += dark_s + light_s
    lost = [event for event in door.posted if isinstance(event, ExtraLost)]
    assert len(lost) == 1
    for number in range(40):
        door.doorway.see(CLEAR, at_s + number)
    assert isinstance(door.posted[-1], ExtraBack)
