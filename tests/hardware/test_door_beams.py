"""The doorway's pins: bursts, missed edges, faults, and what is left behind."""

from __future__ import annotations

import logging
import threading
from itertools import pairwise

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from hardware.door.lines import DoorFault, Lines
from hardware.door.one_beam import OneBeam
from hardware.door.two_beams import TwoBeams
from hardware.errors import HardwareError
from hardware.simulated.bench_client import Bench
from hardware.simulated.pins import WiresFactory
from kiosk.events import Crossed, Direction, ExtraBack, ExtraLost
from tests.hardware.wires_process import end, eventually, start_wires

IN, OUT = Direction.IN, Direction.OUT
OUTER, INNER = 17, 27


class Prompt(MockFactory):
    """Calls back `late_s` after the edge by gpiozero's clock, however busy the machine that runs the test."""

    late_s = 0.0

    @classmethod
    def ticks_diff(cls, later, earlier):
        return cls.late_s


class DeafPin(MockPin):
    """A line whose edges can go unreported: too short for the bounce time, or lost."""

    deaf = False

    def _call_when_changed(self):
        if not self.deaf:
            super()._call_when_changed()


class Doorway:
    """Outer beam on GPIO17, inner on GPIO27; a body breaks a beam by pulling its line low."""

    def __init__(self, *, pin_class: type[MockPin] = MockPin, **settings) -> None:
        self.factory = Prompt(pin_class=pin_class)
        self.posted: list[object] = []
        self.now = 0.0
        self.beams = TwoBeams(
            OUTER, INNER, self.posted.append, pin_factory=self.factory, monotonic=lambda: self.now, **settings
        )

    def walk(self, states: str, phase_s: float = 0.06) -> None:
        for state in states.split():
            self.now += phase_s
            for pin, level in ((OUTER, state[0]), (INNER, state[1])):
                (self.factory.pin(pin).drive_low if level == "1" else self.factory.pin(pin).drive_high)()

    def __enter__(self) -> Doorway:
        return self

    def __exit__(self, *_: object) -> None:
        self.beams.close()


def test_a_child_that_comes_in_is_posted():
    with Doorway() as doorway:
        doorway.walk("10 11 01 00")
        eventually(lambda: doorway.posted)
    assert doorway.posted == [Crossed(IN, "door")]


def test_a_child_that_goes_out_is_posted_with_the_sensors_name():
    with Doorway(sensor="back door") as doorway:
        doorway.walk("01 11 10 00")
    assert doorway.posted == [Crossed(OUT, "back door")]


def test_a_child_that_stands_in_the_door_too_long_is_not_posted():
    with Doorway(longest_ms=5000) as doorway:
        doorway.walk("10 11")
        doorway.now += 5
        doorway.walk("01 00")
        doorway.walk("10 11 01 00")
    assert doorway.posted == [Crossed(IN)]


def test_a_burst_faster_than_the_thread_can_follow_is_counted_to_the_last_child_in_order():
    with Doorway() as doorway:
        ways = [IN, OUT, OUT, IN, IN] * 100  # more, and so many in ten minutes are no people any more
        for way in ways:
            doorway.walk("10 11 01 00" if way is IN else "01 11 10 00")
    assert [event.direction for event in doorway.posted] == ways


def test_what_was_seen_before_the_close_is_still_counted():
    doorway = Doorway()
    doorway.walk("10 11 01 00 " * 50)
    doorway.beams.close()
    assert doorway.posted == [Crossed(IN)] * 50


def test_two_pins_that_change_from_two_threads_lose_no_edge():
    """Some pin factories call back from a thread for each pin."""
    seen: list[tuple[bool, ...]] = []
    factory = MockFactory()
    lines = Lines((OUTER, INNER), lambda states, at_s: seen.append(states), pin_factory=factory)

    def shake(pin: int) -> None:
        for _ in range(500):
            factory.pin(pin).drive_low()
            factory.pin(pin).drive_high()

    threads = [threading.Thread(target=shake, args=(pin,)) for pin in (OUTER, INNER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    lines.close()
    for beam in (0, 1):
        path = [states[beam] for states in seen]
        assert sum(before != after for before, after in pairwise(path)) == 1000
        assert path[-1] is False


def test_a_callback_that_comes_late_is_taken_for_the_moment_of_its_edge():
    """The screen draws, and the pin factory's thread waits for it: what matters is when the beam broke."""
    moments: list[float] = []
    factory = Prompt()
    now = 100.0
    lines = Lines(
        (OUTER,), lambda states, at_s: moments.append(at_s), pin_factory=factory, monotonic=lambda: now
    )
    for late_s, expected in ((0.03, 99.97), (-5.0, 100.0), (1e9, 100.0)):  # the last two: another clock
        factory.late_s = late_s
        Prompt.late_s = late_s
        moments.clear()
        factory.pin(OUTER).drive_low()
        eventually(lambda expected=expected: pytest.approx(expected) in moments)
        Prompt.late_s = 0.0
        factory.pin(OUTER).drive_high()
    lines.close()


def test_a_missed_edge_is_healed_by_looking_at_the_pins():
    with Doorway(pin_class=DeafPin) as doorway:
        outer, inner = doorway.factory.pin(OUTER), doorway.factory.pin(INNER)
        doorway.walk("10 11 01")
        inner.deaf = True
        doorway.now += 0.06
        inner.drive_high()
        eventually(lambda: doorway.posted)
        assert doorway.posted == [Crossed(IN)]
        inner.deaf = False
        doorway.walk("01 11 10 00")
        eventually(lambda: len(doorway.posted) == 2)
        assert doorway.posted[1] == Crossed(OUT)
        assert outer.state
        assert inner.state


def test_a_beam_that_flickers_too_fast_to_be_reported_is_an_alarm_all_the_same():
    """Nothing is reported that does not hold for the bounce time; reading the pin shows it."""
    flickering = threading.Event()

    class Flicker(DeafPin):
        deaf = True
        reads = 0

        def _get_state(self):
            if not flickering.is_set() or self.info.name != "GPIO17":
                return self._state
            type(self).reads += 1
            return self.reads % 2 == 0

    with Doorway(pin_class=Flicker) as doorway:
        flickering.set()
        eventually(lambda: doorway.posted)
        (lost,) = doorway.posted
        assert isinstance(lost, ExtraLost)
        assert "the outer beam: flickers" in lost.cause
        flickering.clear()

        def calm_again() -> bool:
            doorway.now += 0.5
            return len(doorway.posted) == 2

        eventually(calm_again)
        assert doorway.posted[1] == ExtraBack("door")


def test_a_beam_without_light_is_an_alarm_by_the_clock_alone():
    with Doorway(blocked_s=45) as doorway:
        doorway.walk("10")
        doorway.now += 44.9
        doorway.walk("10", phase_s=0.0)
        doorway.now += 0.2
        eventually(lambda: doorway.posted)
        doorway.walk("00")
        doorway.now += 5.1
        eventually(lambda: len(doorway.posted) == 2)
    lost, back = doorway.posted
    assert isinstance(lost, ExtraLost)
    assert lost.cause.startswith("the outer beam: not free for 45 s")
    assert back == ExtraBack("door")


class HeldLow(MockPin):
    """A line that something pulls down, whatever pull-up is on it."""

    def _set_pull(self, value):
        self._pull = value


def test_beams_that_are_broken_at_the_start_count_nobody_until_they_were_clear():
    factory = Prompt(pin_class=HeldLow)
    posted: list[object] = []
    now = [0.0]
    with TwoBeams(OUTER, INNER, posted.append, pin_factory=factory, monotonic=lambda: now[0]):
        outer, inner = factory.pin(OUTER), factory.pin(INNER)
        for drive in (
            outer.drive_high,
            inner.drive_high,
            outer.drive_low,
            inner.drive_low,
            outer.drive_high,
            inner.drive_high,
        ):
            now[0] += 0.06
            drive()
    assert posted == [Crossed(IN)]


def test_a_watcher_that_fails_does_not_end_the_counting(caplog):
    def fails(outcome: object) -> None:
        raise ValueError("the watcher's own mistake")

    with caplog.at_level(logging.ERROR), Doorway(watch=fails) as doorway:
        doorway.walk("10 11 01 00 10 11 01 00")
    assert doorway.posted == [Crossed(IN)] * 2
    assert "counting goes on" in caplog.text


def test_whoever_aligns_the_beams_can_see_them_live():
    with Doorway() as doorway:
        assert doorway.beams.broken == (False, False)
        doorway.walk("10")
        eventually(lambda: doorway.beams.broken == (True, False))
        assert "(True, False)" in repr(doorway.beams)


def test_children_on_the_simulated_wires_are_counted_both_ways(tmp_path):
    process = start_wires(tmp_path / "wires.sock")
    posted: list[object] = []
    factory = WiresFactory(tmp_path / "wires.sock")
    try:
        with (
            TwoBeams(OUTER, INNER, posted.append, pin_factory=factory),
            Bench(tmp_path / "wires.sock") as hands,
        ):
            for way in ("in", "out", "in"):
                hands.cross(way)
            eventually(lambda: len(posted) == 3)
    finally:
        factory.close()
        end(process)
    assert posted == [Crossed(IN), Crossed(OUT), Crossed(IN)]


def test_edges_must_hold_for_the_bounce_time():
    with Doorway(bounce_ms=20) as doorway:
        assert doorway.factory.pin(OUTER).bounce == 0.020
        assert doorway.factory.pin(INNER).bounce == 0.020


def test_closing_releases_both_pins_and_ends_thread_and_counting():
    doorway = Doorway()
    assert any(thread.name == "door" for thread in threading.enumerate())
    doorway.beams.close()
    assert doorway.beams.closed
    doorway.beams.close()
    assert not any(thread.name == "door" for thread in threading.enumerate())
    TwoBeams(OUTER, INNER, doorway.posted.append, pin_factory=doorway.factory).close()
    assert "closed" in repr(doorway.beams)


def test_pins_that_are_taken_are_a_fault_that_names_them_and_leaves_nothing_reserved():
    with Doorway() as doorway:
        with pytest.raises(DoorFault, match="GPIO22 and GPIO27"):
            TwoBeams(22, INNER, doorway.posted.append, pin_factory=doorway.factory)
        with TwoBeams(22, 23, doorway.posted.append, pin_factory=doorway.factory):
            pass
        assert issubclass(DoorFault, HardwareError)


def test_a_fault_of_the_pin_library_that_is_no_known_error_is_named_all_the_same():
    """lgpio's error for a pin that another program holds is derived from Exception alone."""

    class LgpioError(Exception):
        pass

    class Busy(MockPin):
        def _set_edges(self, value):
            raise LgpioError("'GPIO busy'")

    with pytest.raises(DoorFault, match="GPIO17 cannot be used: 'GPIO busy'"):
        OneBeam(OUTER, print, pin_factory=MockFactory(pin_class=Busy))


def test_a_single_beam_posts_passages_of_unknown_direction_and_names_itself():
    posted: list[object] = []
    factory, now = Prompt(), [0.0]
    with OneBeam(
        OUTER, posted.append, sensor="side door", pin_factory=factory, monotonic=lambda: now[0]
    ) as beam:
        for drive in (factory.pin(OUTER).drive_low, factory.pin(OUTER).drive_high) * 3:
            now[0] += 0.3
            drive()
        assert "side door" in repr(beam)
    assert posted == [Crossed(Direction.UNKNOWN, "side door")] * 3
    assert beam.closed
