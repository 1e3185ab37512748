"""What every reader promises the station, whatever wire it hangs on. A new driver adds itself to READERS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.rfid.feig import Feig
from hardware.rfid.joint_pad import JointPad
from hardware.rfid.pn532 import PN532
from hardware.rfid.rc522 import RC522
from hardware.rfid.rdm6300 import RDM6300
from hardware.rfid.template import TemplateReader
from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.field import Field
from hardware.simulated.pn532_device import PN532Device
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.rdm6300_device import RDM6300Device
from hardware.simulated.serial_line import SerialLine
from hardware.simulated.spidev import InProcessSpi
from hardware.simulated.tags import make_tag
from hardware.simulated.vicinity import VicinityTag
from kiosk.ports import Pad, PadDisturbed, PadFault


@dataclass
class Bench:
    """A reader with its wire and a hand: place, lift, unplug, plug."""

    pad: Pad
    uid: str
    place: Callable[[], object]
    lift: Callable[[], object]
    unplug: Callable[[], object]
    plug: Callable[[], object]
    place_name: str  # where it hangs, as a fault must say


def template(folder: Path) -> Iterator[Bench]:
    file = folder / "tags"
    file.touch()
    uid = "04A1B2C3D4E580"
    yield Bench(
        TemplateReader(file), uid, lambda: file.write_text(uid), lambda: file.write_text(""), file.unlink,
        file.touch, str(file),
    )  # fmt: skip


def rc522(folder: Path) -> Iterator[Bench]:
    field = Field()
    chip = RC522Chip(field=field)
    uid = "04A1B2C3D4E580"

    def sleep(seconds: float) -> None:
        chip.clock.sleep(seconds)

    pad = RC522(InProcessSpi(chip), sleep=sleep, monotonic=chip.clock.monotonic)
    tag = make_tag(uid, "ntag213")
    yield Bench(
        pad, uid, lambda: field.place(tag), lambda: field.lift(uid), chip.unplug, chip.restore, "spidev0.0"
    )


def joint(folder: Path) -> Iterator[Bench]:
    for bench in rc522(folder):
        yield Bench(
            JointPad({"pad": lambda _, one=bench.pad: one}), bench.uid, bench.place, bench.lift,
            bench.unplug, bench.plug, bench.place_name,
        )  # fmt: skip


def pn532(folder: Path) -> Iterator[Bench]:
    device, uid = PN532Device(), "04A1B2C3D4E580"
    with SerialLine(device, folder / "usb-pn532", baud=115200) as line:
        yield Bench(
            PN532(line.link), uid, lambda: device.place(uid), lambda: device.lift(uid),
            line.unplug, line.plug, str(line.link),
        )  # fmt: skip


def rdm6300(folder: Path) -> Iterator[Bench]:
    device, uid = RDM6300Device(), "0A1B2C3D4E"
    with SerialLine(device, folder / "usb-rdm", baud=9600) as line:
        yield Bench(
            RDM6300(line.link), uid, lambda: device.place(uid), device.lift, line.unplug, line.plug,
            str(line.link),
        )  # fmt: skip


def feig(folder: Path) -> Iterator[Bench]:
    device, uid = FeigDevice(), "E004010000000001"
    with SerialLine(device, folder / "usb-feig", baud=38400) as line:
        yield Bench(
            Feig(line.link), uid, lambda: device.place(VicinityTag(uid)), lambda: device.lift(uid),
            line.unplug, line.plug, str(line.link),
        )  # fmt: skip


READERS = [template, rc522, joint, pn532, rdm6300, feig]


@pytest.fixture(params=READERS, ids=lambda make: make.__name__)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    for one in request.param(tmp_path):
        yield one
        one.pad.close()


def sees(bench: Bench, *, within_s: float = 3.0) -> Callable[[set[str]], None]:
    """Looks, as the pad's thread does, until exactly these tags are seen."""

    def wait(wanted: set[str]) -> None:
        ends, seen = time.monotonic() + within_s, set[str]()
        while time.monotonic() < ends:
            try:
                seen = {tag.uid for tag in bench.pad.inventory()}
            except PadDisturbed:
                continue
            if seen == wanted:
                return
            time.sleep(0.02)
        raise AssertionError(f"saw {seen}, not {wanted}")

    return wait


def fault(act: Callable[[], object]) -> str:
    with pytest.raises(PadFault) as caught:
        act()
    return str(caught.value)


def test_a_reader_that_is_not_open_says_so_and_may_be_closed_again_and_again(bench: Bench) -> None:
    fault(bench.pad.inventory)
    bench.pad.close()
    bench.pad.close()
    bench.pad.open()
    bench.pad.close()
    bench.pad.close()
    fault(bench.pad.inventory)


def test_an_empty_pad_is_empty_and_a_tag_comes_and_goes(bench: Bench) -> None:
    bench.pad.open()
    sees(bench)(set())
    bench.place()
    sees(bench)({bench.uid})
    bench.lift()
    sees(bench)(set())


def test_opening_twice_is_opening_anew(bench: Bench) -> None:
    bench.place()
    for _ in range(3):
        bench.pad.open()
        sees(bench)({bench.uid})


def test_a_reader_that_is_not_there_names_its_place(bench: Bench) -> None:
    bench.unplug()
    assert bench.place_name in fault(bench.pad.open)
    bench.plug()
    bench.pad.open()
    sees(bench)(set())


def test_a_reader_that_goes_away_is_a_fault_within_two_seconds_and_works_when_back(
    bench: Bench,
) -> None:
    bench.pad.open()
    bench.place()
    sees(bench)({bench.uid})
    bench.unplug()
    began, told = time.monotonic(), ""
    while not told:
        assert time.monotonic() - began < 2.0, "a reader that is gone was taken for a pad"
        try:
            bench.pad.inventory()
        except PadDisturbed:
            continue
        except PadFault as error:
            told = str(error)
    assert told
    bench.pad.close()
    bench.plug()
    bench.pad.open()
    sees(bench)({bench.uid} if not isinstance(bench.pad, TemplateReader) else set())


def test_the_uid_is_upper_case_hex_of_its_true_length(bench: Bench) -> None:
    bench.pad.open()
    bench.place()
    sees(bench)({bench.uid})
    (tag,) = bench.pad.inventory()
    assert tag.uid == tag.uid.upper()
    assert len(tag.uid) in {8, 10, 14, 16, 20}
