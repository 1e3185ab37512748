"""What a station has beside the pad: each on its own, each failing alone, and all gone at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware.simulated.scanner_device import ScannerDevice
from hardware.simulated.serial_line import SerialLine
from kiosk.bootstrap.extras import Extras, names_of
from kiosk.desk.staff import Devices
from kiosk.events import Action, CodeNames, Crossed, Direction, ExtraBack, ExtraLost, Scanned, Tapped
from kiosk.settings import Settings
from tests.hardware.wires_process import eventually


class Corner:
    """A station's extras on mock pins; what they posted."""

    def __init__(self, settings: dict, factory: MockFactory | None = None) -> None:
        self.factory = factory or MockFactory(pin_class=MockPWMPin)
        self.heard: list[object] = []
        self.stack = ExitStack()
        whole = Settings.model_validate({"board": {"watch": False}} | settings)
        self.extras = Extras(whole, self.heard.append, self.stack, make_pins=lambda _: self.factory)

    def close(self) -> None:
        self.stack.close()
        self.factory.reset()


@pytest.fixture
def corner() -> Iterator[Callable[..., Corner]]:
    before = set(threading.enumerate())
    opened: list[Corner] = []

    def make(settings: dict, factory: MockFactory | None = None) -> Corner:
        opened.append(Corner(settings, factory))
        opened[-1].extras.start()
        return opened[-1]

    yield make
    for one in opened:
        one.close()
    eventually(lambda: set(threading.enumerate()) <= before)  # no thread is left


def lost(corner: Corner) -> dict[str, str]:
    return {event.device: event.cause for event in corner.heard if isinstance(event, ExtraLost)}


def test_a_station_with_everything_starts_in_silence_and_answers_on_every_way(corner) -> None:
    one = corner(
        {
            "sounder": {"enabled": True},
            "buttons": {"help_pin": 23, "louder_pin": 26, "quieter_pin": 4},
            "screen": {"dim_after_s": 60},
            "door": {"presence_pin": 25},
        }
    )
    assert one.heard == []
    one.extras.cue("ok")
    eventually(lambda: one.factory.pin(5).state > 0)
    one.extras.touched()
    one.factory.pin(23).drive_low()
    eventually(lambda: Tapped(Action.HELP) in one.heard)


@pytest.mark.parametrize(
    ("pin", "device"), [(5, "lamp"), (22, "sounder"), (17, "door"), (23, "buttons"), (26, "buttons")]
)
def test_a_pin_that_cannot_be_had_costs_one_device_and_no_other(corner, pin: int, device: str) -> None:
    factory = MockFactory(pin_class=MockPWMPin)
    taken = DigitalOutputDevice(pin, pin_factory=factory)
    one = corner({"sounder": {"enabled": True}, "buttons": {"help_pin": 23, "louder_pin": 26}}, factory)
    assert list(lost(one)) == [device]
    assert f"GPIO{pin}" in lost(one)[device]
    if device != "lamp":
        one.extras.cue("ok")
        eventually(lambda: factory.pin(5).state > 0)
    if pin != 23:
        factory.pin(23).drive_low()
        eventually(lambda: Tapped(Action.HELP) in one.heard)
    taken.close()


def test_without_pins_what_needs_none_still_works(corner, tmp_path: Path) -> None:
    def no_pins(_: Settings) -> MockFactory:
        raise OSError("no /dev/gpiochip0")

    device = ScannerDevice()
    with SerialLine(device, tmp_path / "usb", baud=9600) as line:
        one = Corner({"scanner": {"enabled": True, "port": str(line.link)}})
        one.extras._pins_of = no_pins
        one.extras.start()
        assert set(lost(one)) == {"pins", "lamp", "door"}
        assert set(lost(one).values()) == {"no /dev/gpiochip0"}
        scan_until_heard(device, one, "LK-0012345")
        one.close()


def test_without_pins_every_device_that_hangs_on_them_is_bad_on_the_librarians_page(corner) -> None:
    def no_pins(_: Settings) -> MockFactory:
        raise OSError("no /dev/gpiochip0")

    one = Corner(
        {
            "sounder": {"enabled": True},
            "buttons": {"help_pin": 23, "louder_pin": 26},
            "link": {"enabled": False},
        }
    )
    one.extras._pins_of = no_pins
    one.extras.start()
    devices = Devices(names_of(one.extras._settings))
    for event in one.heard:
        assert isinstance(event, ExtraLost)
        devices.lost(event.device, event.cause)
    assert {line.device for line in devices.lines if line.good} == {"pad"}
    bad = {line.device: line.cause for line in devices.lines if not line.good}
    assert set(bad) == {"pins", "lamp", "sounder", "door", "buttons"}
    assert set(bad.values()) == {"no /dev/gpiochip0"}
    one.close()


def test_without_pins_a_door_that_needs_none_is_still_tried(corner) -> None:
    def no_pins(_: Settings) -> MockFactory:
        raise OSError("no /dev/gpiochip0")

    one = Corner({"door": {"kind": "tof"}})
    one.extras._pins_of = no_pins
    one.extras.start()
    eventually(lambda: "door" in lost(one))
    assert "VL53L1X" in lost(one)["door"]
    one.close()


def test_a_scanner_is_lost_and_back_by_its_plug(corner, tmp_path: Path) -> None:
    device = ScannerDevice()
    with SerialLine(device, tmp_path / "usb", baud=9600) as line:
        one = corner({"scanner": {"enabled": True, "port": str(line.link)}})
        scan_until_heard(device, one, "LK-1")
        line.unplug()
        eventually(lambda: "scanner" in lost(one))
        line.plug()
        eventually(lambda: ExtraBack("scanner") in one.heard, 5.0)
        scan_until_heard(device, one, "LK-2")


def test_a_scanner_at_the_wrong_speed_is_named_and_heals_when_it_is_set_right(corner, tmp_path: Path) -> None:
    device = ScannerDevice()
    with SerialLine(device, tmp_path / "usb", baud=115200) as line:
        one = corner({"scanner": {"enabled": True, "port": str(line.link)}})
        for number in range(40):
            device.scan(f"LK-00{number}")
            if eventually_true(lambda: "scanner" in lost(one), 0.2):
                break
        assert "baud rate" in lost(one)["scanner"]
        assert not [event for event in one.heard if isinstance(event, Scanned)]
        line.baud = 9600
        device.scan("LK-1")
        eventually(lambda: ExtraBack("scanner") in one.heard)


def test_a_scanner_that_was_put_back_starts_afresh(
    corner, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Two scans of a chair leg, the plug out and in, one more: that is no wrong baud rate."""
    device = ScannerDevice()

    def refused(length: int) -> None:
        device.scan("x" * length)
        eventually(lambda: f"is {length} long" in caplog.text)

    with SerialLine(device, tmp_path / "usb", baud=9600) as line:
        one = corner({"scanner": {"enabled": True, "port": str(line.link)}})
        scan_until_heard(device, one, "LK-1")
        refused(401)
        refused(402)
        line.unplug()
        eventually(lambda: "scanner" in lost(one))
        line.plug()
        eventually(lambda: ExtraBack("scanner") in one.heard)
        refused(403)
        refused(404)
        scan_until_heard(device, one, "LK-2")
        assert "baud rate" not in repr(one.heard)
        for length in (405, 406, 407):  # but three in a row are one, as ever
            refused(length)
        eventually(lambda: "baud rate" in lost(one)["scanner"])


def scan_until_heard(device: ScannerDevice, corner: Corner, code: str) -> None:
    """As a person does: again, until it beeps. A scanner that nobody has opened yet speaks to nobody."""
    wanted = Scanned(code, CodeNames.PLAIN)
    for _ in range(100):
        device.scan(code)
        if eventually_true(lambda: wanted in corner.heard, 0.1):
            return
    raise AssertionError(f"{code} was never heard: {corner.heard}")


def eventually_true(condition: Callable[[], bool], seconds: float) -> bool:
    try:
        eventually(condition, seconds)
    except AssertionError:
        return False
    return True


def test_a_single_beam_knows_no_direction(corner) -> None:
    one = corner({"door": {"kind": "one_beam", "bounce_ms": 0}})
    one.factory.pin(17).drive_low()
    threading.Event().wait(0.08)  # a body takes this long; the doorway's clock is the real one here
    one.factory.pin(17).drive_high()
    eventually(lambda: one.heard == [Crossed(Direction.UNKNOWN)])


def test_a_loudspeaker_nobody_can_hear_is_told_once(
    corner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no player program
    one = corner({"speaker": {"enabled": True}})
    one.extras.look()
    one.extras.cue("ok")
    eventually(lambda: (one.extras.look(), "speaker" in lost(one))[1])
    one.extras.look()
    assert len([event for event in one.heard if isinstance(event, ExtraLost)]) == 1


def test_an_over_the_door_sensor_without_its_library_is_named(corner) -> None:
    one = corner({"door": {"kind": "tof"}})
    eventually(lambda: "door" in lost(one))
    assert "VL53L1X" in lost(one)["door"]


def test_the_librarians_page_lists_what_this_station_has() -> None:
    assert names_of(Settings.model_validate({"board": {"watch": False}, "link": {"enabled": False}})) == (
        "pad", "door", "lamp",
    )  # fmt: skip
    everything = Settings.model_validate(
        {
            "pad": {"driver": "feig", "port": "/dev/x", "gate": "afi"},
            "scanner": {"enabled": True, "port": "/dev/y"},
            "sounder": {"enabled": True},
            "speaker": {"enabled": True},
            "buttons": {"help_pin": 23},
        }
    )
    named = names_of(everything)
    assert {"gate", "scanner", "sounder", "speaker", "buttons", "link", "board.power"} <= set(named)
    assert len(named) == len(set(named))
