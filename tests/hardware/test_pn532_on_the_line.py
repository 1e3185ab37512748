"""The PN532 behind a real pseudo-terminal, with the pad's worker on top: lost, back, never a made-up tag."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.rfid.pn532 import PN532
from hardware.simulated.pn532_device import PN532Device
from hardware.simulated.pn532_tags import ListedTag
from hardware.simulated.serial_line import SerialLine
from hardware.worker import PadWorker
from kiosk.events import ReaderBack, ReaderLost, TagsOnPad
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.pn532_rig import uids

CARD = "DEADBEEF"
BOOK = "04A1B2C3D4E580"
LONG = "00112233445566778899"


class Line:
    """A module on a pseudo-terminal and a driver at its path."""

    def __init__(self, folder: Path, **settings) -> None:
        self.device = PN532Device()
        self.path = folder / "usb-pn532"
        self.port = SerialLine(self.device, self.path, **settings)
        self.pad = PN532(self.path)

    def look(self) -> str:
        """One look, the reader opened when it is not: the UIDs, "silence", "disturbed" or "fault"."""
        try:
            if self.pad.version is None:
                self.pad.open()
            return " ".join(sorted(uids(self.pad.inventory()))) or "silence"
        except PadDisturbed:
            return "disturbed"
        except PadFault:
            self.pad.close()
            return "fault"

    def close(self) -> None:
        self.pad.close()
        self.port.unplug()


@pytest.fixture
def make_line(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []
    numbers = itertools.count()

    def make(**settings) -> Line:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        lines.append(Line(folder, **settings))
        return lines[-1]

    yield make
    for line in lines:
        line.close()


def until(met: Callable[[], bool], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not met():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("pieces", [0, 5])
def test_tags_of_all_lengths_are_read_through_a_real_terminal(make_line, pieces):
    line = make_line(baud=115200, pieces=pieces)
    assert line.look() == "silence"
    line.device.place(CARD, BOOK, LONG, ListedTag("08112233", 0x20, 0x0344, bytes.fromhex("067577810280")))
    for _ in range(3):
        assert line.look() == " ".join(sorted((CARD, BOOK, LONG, "08112233")))
    line.device.lift(CARD, BOOK, LONG, "08112233")
    assert line.look() == "silence"


def test_a_wrong_baud_rate_is_named(make_line):
    line = make_line(baud=9600)
    with pytest.raises(PadFault, match="baud rate is 115200"):
        line.pad.open()


def test_garbage_on_the_line_ends_in_no_other_exception_and_no_other_tag(make_line):
    chance = random.Random(11)
    line = make_line(baud=115200)
    line.device.place(BOOK)
    assert line.look() == BOOK
    told = set()
    frame = bytes.fromhex("0000FF0CF4D54B010100040804DEADBEEF9600")
    for _ in range(50):
        wrong = bytearray(frame)
        wrong[chance.randrange(3, 18)] ^= chance.randrange(1, 256)
        line.port.inject(chance.randbytes(1990) + bytes(wrong))
        told.add(line.look())
    assert told <= {BOOK, "fault", "disturbed"}
    assert until(lambda: line.look() == BOOK, 3.0)


def test_unplugged_and_plugged_in_at_random_moments_it_tells_the_truth_or_nothing(make_line):
    chance = random.Random(3)
    line = make_line(baud=115200)
    line.device.place(BOOK, CARD)
    whole = " ".join(sorted((BOOK, CARD)))
    told = []
    for _ in range(20):
        hand = threading.Timer(chance.uniform(0, 0.12), line.port.unplug)
        hand.start()
        while hand.is_alive():
            told.append(line.look())
        hand.join()
        told.append(line.look())
        assert told[-1] == "fault"
        line.device.reset()
        line.port.plug()
    assert set(told) == {whole, "fault"}
    assert until(lambda: line.look() == whole, 2.0)


class Station:
    """A worker on the line; what it posted, as text, with the moment."""

    def __init__(self, line: Line) -> None:
        self.told: list[tuple[float, str]] = []
        self.worker = PadWorker(line.pad, self._hear)

    def _hear(self, event: object) -> None:
        match event:
            case TagsOnPad(tags):
                text = " ".join(sorted(uids(tags))) or "empty"
            case ReaderLost():
                text = "lost"
            case ReaderBack():
                text = "back"
        self.told.append((time.monotonic(), text))

    @property
    def last(self) -> str:
        return self.told[-1][1] if self.told else ""

    def when(self, text: str) -> float:
        return max(moment for moment, told in self.told if told == text)


ACCIDENTS: dict[str, tuple[Callable[[Line], None], Callable[[Line], None]]] = {
    "unplug": (lambda line: line.port.unplug(), lambda line: (line.device.reset(), line.port.plug())),
    "freeze": (
        lambda line: setattr(line.device, "frozen", True),
        lambda line: setattr(line.device, "frozen", False),
    ),
    "mute": (lambda line: setattr(line.port, "mute", True), lambda line: setattr(line.port, "mute", False)),
}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_lost_reader_is_told_within_two_seconds_and_is_back_within_five(make_line, accident):
    line = make_line(baud=115200)
    station = Station(line)
    line.device.place(CARD, BOOK)
    station.worker.start()
    try:
        assert until(lambda: station.last == " ".join(sorted((CARD, BOOK))), 3.0)
        broken, mended = ACCIDENTS[accident]
        broken(line)
        broke = time.monotonic()
        assert until(lambda: station.last == "lost", 3.0)
        assert station.when("lost") - broke <= 2.0
        line.device.lift(BOOK)
        mended(line)
        came = time.monotonic()
        assert until(lambda: station.last == CARD, 6.0)
        assert station.when("back") - came <= 5.0
        assert [text for _, text in station.told[-3:]] == ["lost", "back", CARD]
    finally:
        station.worker.stop()
    assert line.pad.version is None


def test_the_worker_stops_in_the_middle_of_anything(make_line):
    line = make_line(baud=115200)
    line.device.frozen = True
    station = Station(line)
    station.worker.start()
    time.sleep(0.1)  # somewhere in the middle of waking a module that says nothing
    start = time.monotonic()
    station.worker.stop(3.0)
    assert time.monotonic() - start < 2.5
    assert line.pad.version is None
