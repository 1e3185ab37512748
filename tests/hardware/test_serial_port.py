"""The serial port over a real pseudo-terminal: bytes both ways, and every way to lose it told in words."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from hardware.errors import HardwareError, SimulationError
from hardware.serial_port import PortFault, SerialPort, ports
from hardware.simulated.serial_line import SerialLine


class Echo:
    """Says back what it hears, in capitals; `chatter` is said at every tick."""

    def __init__(self) -> None:
        self.heard = b""
        self.chatter = b""

    def feed(self, data: bytes) -> bytes:
        self.heard += data
        return data.upper()

    def tick(self, now: float) -> bytes:
        return self.chatter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usb-echo"


@pytest.fixture
def line(path: Path) -> Iterator[SerialLine]:
    with SerialLine(Echo(), path) as line:
        yield line


@pytest.fixture
def port(line: SerialLine) -> Iterator[SerialPort]:
    port = SerialPort(line.link, baud=9600)
    port.open()
    yield port
    port.close()


def read(port: SerialPort, size: int, seconds: float = 2.0) -> bytes:
    """At least `size` bytes, or what came until the time was over."""
    data, ends = b"", time.monotonic() + seconds
    while len(data) < size and time.monotonic() < ends:
        data += port.read(0.05)
    return data


def until(met: Callable[[], bool], seconds: float = 2.0) -> bool:
    ends = time.monotonic() + seconds
    while not met():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


def for_ever(use: Callable[..., object], *arguments: object) -> None:
    while True:
        use(*arguments)


def test_bytes_of_every_value_go_both_ways(port, line):
    every = bytes(range(256))
    port.write(every)
    assert read(port, 256) == every.upper()
    assert line.device.heard == every


def test_reading_ends_when_its_time_is_over(port):
    start = time.monotonic()
    assert port.read(0.1) == b""
    assert 0.09 < time.monotonic() - start < 0.5
    start = time.monotonic()
    assert port.read(0.0) == b""
    assert time.monotonic() - start < 0.05


def test_reading_ends_as_soon_as_anything_came(port, line):
    line.inject(b"x")
    start = time.monotonic()
    assert port.read(5.0) == b"x"
    assert time.monotonic() - start < 1.0


def test_pieces_arrive_as_pieces_and_whole_in_the_end(path):
    with SerialLine(Echo(), path, pieces=3) as line:
        port = SerialPort(path, baud=9600)
        port.open()
        line.inject(bytes(range(100)))
        first = port.read(1.0)
        assert 0 < len(first) < 100
        assert first + read(port, 100 - len(first)) == bytes(range(100))
        port.close()


def test_what_had_arrived_is_thrown_away_at_opening_and_by_discard(port, line):
    line.inject(b"old")
    assert until(lambda: port._serial.in_waiting == 3)
    port.discard()
    assert port.read(0.05) == b""
    line.inject(b"old")
    assert until(lambda: port._serial.in_waiting == 3)
    port.open()
    assert port.read(0.05) == b""
    port.write(b"new")
    assert read(port, 3) == b"NEW"


@pytest.mark.parametrize(
    "use", [lambda port: port.read(2.0), lambda port: port.write(b"x" * 9), lambda port: port.discard()]
)
def test_a_port_that_was_unplugged_is_a_fault_in_every_call_and_closed_then(port, line, use):
    line.unplug()
    with pytest.raises(PortFault, match=r"went away.*check its plug and cable"):
        use(port)
    assert port.closed
    with pytest.raises(PortFault, match="not open"):
        use(port)


def test_a_port_that_is_unplugged_while_it_is_read_ends_the_reading(port, line):
    hand = threading.Timer(0.1, line.unplug)
    hand.start()
    start = time.monotonic()
    with pytest.raises(PortFault, match="went away"):
        for_ever(port.read, 5.0)
    assert time.monotonic() - start < 2.0
    hand.join()


def test_a_port_that_is_plugged_in_again_works_under_the_same_name(port, line):
    for _ in range(5):
        line.unplug()
        assert not line.plugged
        with pytest.raises(PortFault):
            port.read(0.5)
        with pytest.raises(PortFault, match="there is no such port"):
            port.open()
        line.plug()
        port.open()
        port.write(b"again")
        assert read(port, 5) == b"AGAIN"


def test_a_port_that_another_program_uses_is_named_so(port, line):
    second = SerialPort(line.link, baud=9600)
    with pytest.raises(PortFault, match="another program uses it"):
        second.open()
    assert second.closed
    port.close()
    second.open()
    second.close()


def test_what_is_no_port_is_named_so(tmp_path, path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    for wrong, words in (
        ("/dev/null", "not a serial port"),
        (file, "not a serial port"),
        (tmp_path, "Is a directory"),
        (path, "no such port"),
    ):
        with pytest.raises(PortFault, match=words) as fault:
            SerialPort(wrong, baud=9600).open()
        assert str(wrong) in str(fault.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (serial.SerialException(errno.EACCES, "could not open port"), "add it to the group dialout"),
        (
            serial.SerialException("Could not configure port: (5, 'Input/output error')"),
            "no device behind it",
        ),
        (serial.SerialException(errno.EBUSY, "could not open port"), "another program uses it"),
    ],
)
def test_what_this_user_may_not_and_what_is_not_there_is_said_in_words(monkeypatch, error, words):
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(PortFault, match=words):
        SerialPort("/dev/ttyUSB0", baud=9600).open()


def test_a_device_that_takes_no_bytes_is_a_fault_within_two_seconds(path):
    with SerialLine(Echo(), path) as line:
        port = SerialPort(path, baud=9600)
        port.open()
        line._stopping.set()  # the other end stands still
        start = time.monotonic()
        with pytest.raises(PortFault, match="takes no bytes"):
            for_ever(port.write, bytes(1000))
        assert time.monotonic() - start < 3.0
        assert port.closed


def test_an_impossible_baud_rate_is_a_fault(line):
    with pytest.raises(PortFault, match="baud"):
        SerialPort(line.link, baud=-1).open()


def test_at_a_wrong_baud_rate_as_many_wrong_bytes_come_both_ways(path):
    with SerialLine(Echo(), path, baud=115200) as line:
        port = SerialPort(path, baud=9600)
        port.open()
        port.write(b"hello")
        assert len(read(port, 5)) == 5
        assert len(line.device.heard) == 5
        assert all(wrong != right for wrong, right in zip(line.device.heard, b"hello", strict=True))
        port.close()
        right = SerialPort(path, baud=115200)
        right.open()
        right.write(b"hello")
        assert read(right, 5) == b"HELLO"
        right.close()


def test_a_mute_device_says_nothing_until_it_speaks_again(port, line):
    line.mute = True
    port.write(b"hello")
    assert port.read(0.1) == b""
    line.mute = False
    assert until(lambda: bool(port.write(b"x")) or bool(port.read(0.05)))


def test_a_station_that_does_not_read_holds_up_nobody(line):
    line.device.chatter = bytes(5000)
    port = SerialPort(line.link, baud=9600)
    port.open()
    assert until(lambda: port._serial.in_waiting > 3000)
    time.sleep(0.05)  # the terminal's buffers fill up
    start = time.monotonic()
    line.unplug()
    assert time.monotonic() - start < 1.0
    assert line._thread is None
    port.close()


def test_noise_that_was_not_heard_does_not_outlive_the_plug(line):
    line.unplug()
    line.inject(b"noise")
    line.plug()
    line.unplug()
    line.plug()
    port = SerialPort(line.link, baud=9600)
    port.open()
    assert port.read(0.05) == b""
    port.close()


def test_a_line_needs_a_folder(tmp_path):
    with pytest.raises(SimulationError, match="cannot make"):
        SerialLine(Echo(), tmp_path / "missing" / "usb")


def test_a_port_is_a_closed_book_until_it_is_opened_and_may_be_closed_twice(line):
    port = SerialPort(line.link, baud=19200, parity="E")
    assert port.closed
    assert repr(port) == f"<SerialPort {line.link}, 19200 8E1, closed>"
    port.open()
    assert repr(port).endswith("open>")
    port.close()
    port.close()
    with pytest.raises(PortFault, match="not open"):
        port.write(b"x")
    assert issubclass(PortFault, HardwareError)
    assert issubclass(PortFault, OSError)


def test_the_ports_that_are_plugged_in_are_listed_by_the_names_that_stay(tmp_path):
    (tmp_path / "usb-b").touch()
    (tmp_path / "usb-a").touch()
    assert ports(tmp_path) == [str(tmp_path / "usb-a"), str(tmp_path / "usb-b")]
    assert ports(tmp_path / "missing") == []
