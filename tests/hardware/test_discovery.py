"""Whatever is plugged in is named, with the driver that fits and the settings that use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware import discovery
from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.pn532_device import PN532Device
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.rdm6300_device import RDM6300Device
from hardware.simulated.serial_line import SerialLine
from hardware.simulated.spidev import InProcessSpi
from kiosk.settings import Settings


class Mute:
    def feed(self, data: bytes) -> bytes:
        return b""

    def tick(self, now: float) -> bytes:
        return b""


def test_a_pn532_is_found(tmp_path: Path) -> None:
    with SerialLine(PN532Device(), tmp_path / "usb-a", baud=115200) as line:
        found = discovery.serial_device(str(line.link))
    assert found.driver == "pn532"
    assert found.settings["baud"] == 115200  # named though it is the usual: another may be in the file
    settings = Settings.model_validate({found.section: found.settings})
    assert settings.pad.place == str(line.link)


@pytest.mark.parametrize("baud", [38400, 9600])
def test_a_feig_reader_is_found_at_whatever_speed_it_is_set_to(tmp_path: Path, baud: int) -> None:
    with SerialLine(FeigDevice(), tmp_path / "usb-b", baud=baud) as line:
        found = discovery.serial_device(str(line.link))
    assert found.driver == "feig"
    settings = Settings.model_validate({found.section: found.settings})
    assert settings.pad.usual_baud == baud
    assert (found.settings["baud"], found.settings["parity"]) == (baud, "E")


def test_a_125_khz_reader_is_found_while_a_card_lies_on_it(tmp_path: Path) -> None:
    device = RDM6300Device()
    device.place("0A1B2C3D4E")
    with SerialLine(device, tmp_path / "usb-c", baud=9600) as line:
        found = discovery.serial_device(str(line.link))
    assert found.driver == "rdm6300"
    assert found.settings["baud"] == 9600


def test_a_scanner_is_found_when_somebody_scans(tmp_path: Path) -> None:
    class Scanning(Mute):
        """A hand that scans the same book again and again."""

        def tick(self, now: float) -> bytes:
            return b"LK-0012345\r\n" if int(now * 200) % 40 == 0 else b""

    with SerialLine(Scanning(), tmp_path / "usb-d", baud=9600) as line:
        found = discovery.serial_device(str(line.link))
    assert found.driver == "scanner"
    assert found.settings["port"] == str(line.link)
    assert found.settings["baud"] == 9600


def test_somebody_silent_and_a_port_that_is_none_are_told_apart(tmp_path: Path) -> None:
    with SerialLine(Mute(), tmp_path / "usb-e") as line:
        found = discovery.serial_device(str(line.link))
    assert found.driver == ""
    assert "Scan a code or hold a card" in found.words
    (tmp_path / "file").write_text("")
    assert "not a serial port" in discovery.serial_device(str(tmp_path / "file")).words


def test_the_whole_list_in_the_order_a_person_would_look(tmp_path: Path) -> None:
    (tmp_path / "spidev0.0").touch()
    (tmp_path / "spidev0.1").touch()
    (tmp_path / "spidev-nonsense.9").touch()
    (tmp_path / "i2c-1").touch()
    (tmp_path / "gpiochip0").touch()
    keyboards = tmp_path / "input" / "by-id"
    keyboards.mkdir(parents=True)
    (keyboards / "usb-Honeywell_Scanner-event-kbd").touch()
    (keyboards / "usb-Mouse-event-mouse").touch()
    ports = tmp_path / "serial" / "by-id"
    ports.mkdir(parents=True)
    chips = iter([RC522Chip(version=0x88), RC522Chip()])

    def spi() -> InProcessSpi:
        chip = next(chips)
        if chip.peek(0x37) == 0x92:
            chip.unplug()
        return InProcessSpi(chip)

    with SerialLine(PN532Device(), ports / "usb-a", baud=115200):
        found = list(discovery.everything(spi, dev=tmp_path))
    assert [(Path(one.place).name, one.driver) for one in found] == [
        ("spidev0.0", "rc522"),
        ("spidev0.1", ""),
        ("usb-a", "pn532"),
        ("usb-Honeywell_Scanner-event-kbd", "keyboard"),
        ("i2c-1", ""),
        ("gpiochip0", "pins"),
    ]
    assert found[0].settings == {"driver": "rc522", "bus": 0, "device": 0}
    assert "FM17522" in found[0].words
    assert "nothing answers" in found[1].words
    assert "VL53L1X" in found[4].words


def test_a_machine_with_nothing_gives_nothing(tmp_path: Path) -> None:
    assert list(discovery.everything(lambda: InProcessSpi(RC522Chip()), dev=tmp_path)) == []
