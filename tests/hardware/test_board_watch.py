"""The board's thread: each worry is told when it begins and when it is over, and a wavering value once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.board import Board, BoardReadings, BoardWatch, WatchRunning, WatchStuck
from hardware.errors import HardwareError
from kiosk.events import Event, ExtraBack, ExtraLost
from tests.hardware.test_board import Machine, pi4

TEMPERATURE = "sys/class/thermal/thermal_zone0/temp"
ALARM = "sys/class/hwmon/hwmon1/in0_lcrit_alarm"


class Rig:
    """A Pi 4, its watch, and a clock that only the test moves."""

    def __init__(self, root: Path) -> None:
        self.machine: Machine = pi4(root)
        self.posted: list[Event] = []
        self.now = 1000.0
        self.watch = BoardWatch(self.machine.board(), self.posted.append, every_s=60, quiet_s=600)

    def degrees(self, value: float) -> None:
        self.machine.put(TEMPERATURE, f"{int(value * 1000)}\n")

    def run(self, seconds: float) -> None:
        """Look as often as the watch asks, for so long."""
        ends = self.now + seconds
        while self.now < ends:
            self.now += self.watch.poll_once(self.now)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [
            (type(event).__name__, event.device)
            for event in self.posted
            if isinstance(event, ExtraLost | ExtraBack)
        ]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_healthy_board_is_not_worth_an_event(rig: Rig) -> None:
    rig.run(3600)
    assert rig.posted == []
    assert rig.watch.readings is not None
    assert rig.watch.readings.model == "Raspberry Pi 4 Model B Rev 1.4"


def test_heat_that_stays_is_told_once_and_its_end_once(rig: Rig) -> None:
    rig.degrees(81)
    rig.run(7200)
    assert rig.told == [("ExtraLost", "board.heat")]
    event = rig.posted[0]
    assert isinstance(event, ExtraLost)
    assert "81 °C" in event.cause
    assert rig.watch.standing == {"heat"}
    rig.degrees(60)
    rig.run(7200)
    assert rig.told == [("ExtraLost", "board.heat"), ("ExtraBack", "board.heat")]
    assert rig.watch.standing == frozenset()


def test_a_temperature_that_wavers_for_hours_is_told_once(rig: Rig) -> None:
    for minute in range(180):
        rig.degrees(81 if minute % 7 < 3 else 73)
        rig.run(60)
    assert rig.told == [("ExtraLost", "board.heat")]


def test_one_hot_look_is_not_told(rig: Rig) -> None:
    rig.degrees(82)
    rig.run(59)
    rig.degrees(60)
    rig.run(600)
    assert rig.posted == []


def test_what_cannot_wait_is_told_at_the_first_look(rig: Rig) -> None:
    rig.degrees(86)
    rig.watch.poll_once(rig.now)
    assert rig.told == [("ExtraLost", "board.heat")]


def test_a_dip_of_the_voltage_between_two_looks_is_seen(rig: Rig) -> None:
    rig.run(10)
    rig.machine.put(ALARM, "1\n")
    rig.run(3)
    rig.machine.put(ALARM, "0\n")
    rig.run(300)
    assert rig.told == [("ExtraLost", "board.power")]
    rig.run(900)
    assert rig.told == [("ExtraLost", "board.power"), ("ExtraBack", "board.power")]


def test_dips_in_a_row_are_one_worry(rig: Rig) -> None:
    for _ in range(20):
        rig.machine.put(ALARM, "1\n")
        rig.run(4)
        rig.machine.put(ALARM, "0\n")
        rig.run(120)
    assert rig.told == [("ExtraLost", "board.power")]


def test_a_mere_note_is_no_event(rig: Rig) -> None:
    rig.machine.put("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n")
    rig.run(600)
    assert rig.posted == []


def test_two_worries_are_told_and_ended_each_for_itself(rig: Rig) -> None:
    rig.machine.mounts("ro")
    rig.machine.synchronised = False
    rig.run(120)
    assert sorted(rig.told) == [("ExtraLost", "board.clock"), ("ExtraLost", "board.readonly")]
    rig.machine.synchronised = True
    rig.run(1200)
    assert rig.told[2:] == [("ExtraBack", "board.clock")]


def test_it_looks_at_everything_once_a_minute_and_at_the_power_in_between(rig: Rig) -> None:
    rig.run(600)
    assert 10 <= len(rig.machine.asked) <= 11
    assert rig.watch.poll_once(rig.now) <= 2.0


def test_a_board_that_cannot_be_read_ends_nothing(tmp_path: Path) -> None:
    class Hangs(Board):
        def read(self) -> BoardReadings:
            raise OSError("input/output error")

    posted: list[Event] = []
    watch = BoardWatch(Hangs(tmp_path), posted.append)
    assert watch.poll_once(0.0) > 0
    assert watch.poll_once(61.0) > 0
    assert posted == []


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[BoardWatch, list[Event]]]:
    machine = pi4(tmp_path)
    machine.put(TEMPERATURE, "90000\n")
    posted: list[Event] = []
    watch = BoardWatch(machine.board(), posted.append)
    watch.start()
    yield watch, posted
    watch.stop()


def test_the_thread_has_a_name_tells_and_ends(running: tuple[BoardWatch, list[Event]]) -> None:
    watch, posted = running
    ends = time.monotonic() + 5
    while not posted and time.monotonic() < ends:
        time.sleep(0.01)
    assert posted
    assert "board" in {thread.name for thread in threading.enumerate()}
    assert repr(watch) == "<BoardWatch running, standing: heat>"
    with pytest.raises(WatchRunning):
        watch.start()
    watch.stop()
    assert "board" not in {thread.name for thread in threading.enumerate()}
    watch.stop()


def test_a_card_that_hangs_is_told_when_it_should_stop(tmp_path: Path) -> None:
    release, entered = threading.Event(), threading.Event()

    class Hangs(Board):
        def read(self) -> BoardReadings:
            entered.set()
            release.wait(10)
            return BoardReadings()

    watch = BoardWatch(Hangs(tmp_path), lambda event: None)
    watch.start()
    assert entered.wait(5)
    with pytest.raises(WatchStuck, match=r"0\.05 s") as caught:
        watch.stop(timeout=0.05)
    assert isinstance(caught.value, HardwareError)
    release.set()
    watch.stop()


def test_a_worry_that_becomes_pressing_is_told_again_and_over_once(rig: Rig) -> None:
    rig.degrees(82)
    rig.run(300)
    assert rig.told == [("ExtraLost", "board.heat")]
    rig.degrees(86)
    rig.run(300)
    assert rig.told == [("ExtraLost", "board.heat")] * 2
    rig.degrees(50)
    rig.run(1200)
    assert rig.told[2:] == [("ExtraBack", "board.heat")]
