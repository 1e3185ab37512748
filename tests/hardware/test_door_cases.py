"""The scripted doorway: every case with its stated result, on paper and on gpiozero's pins."""

from __future__ import annotations

import threading

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.door.blockage import Blockage
from hardware.door.breaks import Breaks
from hardware.door.doorway import Doorway
from hardware.door.one_beam import OneBeam
from hardware.door.passage import NotCounted, Passage
from hardware.door.two_beams import TwoBeams
from hardware.simulated.doorway import BEAMS_M, CASES, Body, Case, looks, states, walk
from kiosk.events import Crossed, Direction, ExtraBack, ExtraLost
from tests.hardware.wires_process import eventually

EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
OUTER, INNER = 17, 27


def agrees(case: Case, posted: list[object]) -> None:
    assert tuple(event.direction for event in posted if isinstance(event, Crossed)) == case.crossings
    faults = [event for event in posted if not isinstance(event, Crossed)]
    assert [type(fault) for fault in faults] == ([ExtraLost, ExtraBack] if case.alarm else [])
    assert not case.alarm or case.alarm in faults[0].cause


@EVERY
def test_two_beams_come_to_what_the_case_says(case):
    posted, heard = [], []
    passage = Passage()
    doorway = Doorway(
        posted.append,
        judge=lambda broken, at_s: passage.see(broken[0], broken[1], at_s),
        blockage=Blockage(("the outer beam", "the inner beam")),
        sensor="door",
        watch=heard.append,
    )
    for at_s, broken in looks(case):
        doorway.see(broken, at_s)
    agrees(case, posted)
    assert tuple(one.why for one in heard if isinstance(one, NotCounted)) == case.not_counted


@EVERY
def test_a_single_beam_comes_to_what_the_case_says(case):
    posted: list[object] = []
    breaks = Breaks()
    doorway = Doorway(
        posted.append,
        judge=lambda broken, at_s: breaks.see(broken[0], at_s),
        blockage=Blockage(("the beam",)),
        sensor="door",
    )
    for at_s, broken in looks(case):
        doorway.see(broken[:1], at_s)
    crossed = [event for event in posted if isinstance(event, Crossed)]
    assert crossed == [Crossed(Direction.UNKNOWN)] * case.single


class Prompt(MockFactory):
    """Calls back in the moment of the edge, however busy the machine that runs the test."""

    @staticmethod
    def ticks_diff(later, earlier):
        return 0.0


class Stage:
    """The pins of a doorway, and the case's own clock. The doorway's thread looks in real time."""

    def __init__(self) -> None:
        self.factory = Prompt()
        self.posted: list[object] = []
        self.heard: list[object] = []
        self.now = 0.0
        self.looks = 0

    def clock(self) -> float:
        if threading.current_thread().name == "door":
            self.looks += 1
        return self.now

    def play(self, case: Case, pins: tuple[int, ...]) -> None:
        light_s = max((dark.until_s for dark in case.dark), default=0.0)
        for at_s, broken in [*states(case), (case.ends_s, (False, False))]:
            if case.alarm and at_s >= light_s and at_s - self.now > 5:
                self.now = at_s - 0.01
                looks = self.looks
                eventually(
                    lambda looks=looks: self.looks >= looks + 2
                )  # the second begins when the first is over
            self.now = at_s
            for number, dark in zip(pins, broken, strict=False):
                line = self.factory.pin(number)
                if dark:
                    line.drive_low()
                else:
                    line.drive_high()


@EVERY
def test_the_same_on_the_pins_of_two_beams(case):
    stage = Stage()
    with TwoBeams(
        OUTER,
        INNER,
        stage.posted.append,
        watch=stage.heard.append,
        pin_factory=stage.factory,
        monotonic=stage.clock,
    ):
        stage.play(case, (OUTER, INNER))
        if case.alarm:
            eventually(lambda: ExtraBack("door") in stage.posted)
    agrees(case, stage.posted)
    assert tuple(one.why for one in stage.heard if isinstance(one, NotCounted)) == case.not_counted


@EVERY
def test_the_same_on_the_pin_of_a_single_beam(case):
    stage = Stage()
    with OneBeam(OUTER, stage.posted.append, pin_factory=stage.factory, monotonic=stage.clock):
        stage.play(case, (OUTER,))
    assert stage.posted.count(Crossed(Direction.UNKNOWN)) == case.single


def test_the_cases_are_honest_about_how_many_there_really_were():
    """Where beams count wrongly the case says so: each of these is a limit the documents name."""
    wrong = {case.name for case in CASES if case.people != len(case.crossings)}
    assert {"two side by side", "two meet in the doorway", "a ball (22 cm) is tossed, 3 m/s"} <= wrong
    assert "a child comes in" not in wrong


def test_a_walk_breaks_the_outer_beam_first_and_for_as_long_as_the_body_is_deep():
    case = Case("", (walk(1.0, width_m=0.25),), 1)
    (_, before), (outer_s, first), (both_s, both), (inner_s, last), (clear_s, after) = states(case)
    assert [before, first, both, last, after] == [
        (False, False),
        (True, False),
        (True, True),
        (False, True),
        (False, False),
    ]
    assert both_s - outer_s == pytest.approx(BEAMS_M[1])
    assert inner_s - outer_s == pytest.approx(0.25)
    assert clear_s - both_s == pytest.approx(0.25)


def test_a_body_covers_nothing_before_it_comes_and_after_it_has_gone():
    body = Body(0.3, ((1.0, 0.0), (2.0, 0.0)))
    assert not body.covers(0.0, 0.9)
    assert body.covers(0.1, 1.5)
    assert not body.covers(0.2, 1.5)
    assert not body.covers(0.0, 2.1)
