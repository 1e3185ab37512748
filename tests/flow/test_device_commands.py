"""The commands for whoever looks after the devices, over the simulated wires and real terminals."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from hardware.simulated.bench_client import Bench
from hardware.simulated.pn532_device import PN532Device
from hardware.simulated.serial_line import SerialLine
from kiosk.cli.devices import of_another
from kiosk.settings import load
from kiosk.settings.edit import Value, change_file
from kiosk.settings.pad import ReaderSection
from kiosk.store.lock import StationLock
from tests.flow.commands import bring_in, kiosk

DRIVERS = get_args(ReaderSection.model_fields["driver"].annotation)
BOOK, CARD = "04AABBCCDDEE01", "DEADBEEF"


def watching(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def next_line(process: subprocess.Popen[str]) -> str:
    """The next line, or a failure after ten seconds of nothing."""
    assert process.stdout is not None
    timer = threading.Timer(10, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    assert line, "nothing more was said"
    return line.rstrip()


def test_the_pad_is_watched_line_by_line(settings: Path, wired: Bench) -> None:
    process = watching("pad", "watch", "--json", "-s", settings)
    try:
        assert json.loads(next_line(process))["state"] == "none"
        wired.place_all([(BOOK, "ntag213"), (CARD, "classic1k")])
        seen = json.loads(next_line(process))
        assert seen["state"] == "tags"
        assert seen["tags"] == [
            {"uid": BOOK, "type": "ultralight", "sak": 0x00},
            {"uid": CARD, "type": "classic", "sak": 0x08},
        ]
        wired.clear()
        assert json.loads(next_line(process))["state"] == "none"
        wired.reader("unplugged")
        broken = json.loads(next_line(process))
        assert broken["state"] == "not working"
        assert "check its wires" in broken["cause"]
        wired.reader("ok")
        assert json.loads(next_line(process))["state"] == "none"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_watch_in_words_ends_by_itself_and_leaves_the_pad_to_the_next(settings: Path, wired: Bench) -> None:
    wired.place(BOOK, "ntag213")
    for _ in range(2):
        said = kiosk("pad", "watch", "--seconds", "1.5", "-s", settings)
        assert f"{BOOK} (NTAG or Ultralight, 7 bytes, SAK 00h)" in said.stdout
        assert not said.stderr


def test_the_door_is_watched(settings: Path, wired: Bench) -> None:
    process = watching("door", "watch", "--json", "--seconds", "8", "-s", settings)
    try:
        # The watch says nothing until somebody comes: go through until it is listening.
        found: list[str] = []
        reader = threading.Thread(target=lambda: found.append(next_line(process)), daemon=True)
        reader.start()
        while reader.is_alive():
            wired.cross("in")
            reader.join(0.2)
        told = json.loads(found[0])
        assert told["state"] in {"passed", "not counted"}
        wired.cross("out")
        rest = process.communicate(timeout=20)[0]
        assert '"direction": "out"' in rest or told.get("direction") == "out"
    finally:
        process.kill()
        process.wait(5)


def test_devices_of_a_running_station_are_left_to_it(settings: Path) -> None:
    bring_in(settings)
    lock = StationLock(settings.parent / "data")
    try:
        for words in (("pad", "watch"), ("door", "watch"), ("devices",)):
            said = kiosk(*words, "-s", settings, good=False).stderr
            assert "a station is running" in said
            assert "systemctl stop" in said
    finally:
        lock.release()


def test_what_is_plugged_in_is_listed_and_written(settings: Path, wired: Bench) -> None:
    said = kiosk("devices", "-s", settings).stdout
    assert "RC522, version 92h" in said
    assert "settings that use it" in said
    kiosk("devices", "--write", "--yes", "-s", settings)
    assert load(settings).pad.driver == "rc522"
    assert load(settings).pad.wires
    listed = [json.loads(line) for line in kiosk("devices", "--json", "-s", settings).stdout.splitlines()]
    assert listed[0]["driver"] == "rc522"


def test_what_belonged_to_another_reader_is_taken_out_when_a_reader_is_written(
    settings: Path, wired: Bench
) -> None:
    """The file of a station whose FEIG reader was exchanged for an RC522 on the same pad."""
    old = 'driver = "feig"\nport = "/dev/old"\nbaud = 9600\nparity = "N"\ngate = "afi"\nsettle_ms = 150\n'
    settings.write_text(settings.read_text().replace("[pad]\n", f"[pad]\n{old}"))
    assert load(settings).pad.gate == "afi"
    said = kiosk("devices", "--write", "--yes", "-s", settings).stdout
    assert "without baud, gate, parity, port: of another reader" in said
    pad = load(settings).pad
    assert (pad.driver, pad.baud, pad.parity, pad.gate, pad.port) == ("rc522", None, "E", "none", "")
    assert pad.settle_ms == 150  # the pad's own, whatever reader is under it
    assert pad.wires


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (
            {"driver": "feig", "port": "/dev/x", "baud": 9600, "parity": "N", "gate": "afi", "address": 3},
            {"driver": "pn532", "port": "/dev/y", "baud": 115_200},
            set(),
        ),
        (
            {"driver": "pn532", "port": "/dev/x", "baud": 9600},
            {"driver": "rc522", "bus": 0, "device": 1},
            set(),
        ),
        (
            {"driver": "rc522", "device": 1, "gain": 5, "reset_pin": 25},
            {"driver": "rc522", "bus": 0, "device": 0},
            {"gain", "reset_pin"},
        ),
        (
            {"driver": "feig", "port": "/dev/x", "baud": 9600, "parity": "N", "gate": "afi"},
            {"driver": "feig", "port": "/dev/x", "baud": 38_400, "parity": "E"},
            {"gate"},
        ),
        (
            {"driver": "keyboard", "name": "Sycreader", "layout": "de"},
            {"driver": "rdm6300", "port": "/dev/y", "baud": 9600},
            set(),
        ),
    ],
)
@pytest.mark.parametrize("section", ["pad", "pad.second"])
def test_a_reader_is_written_over_another_and_only_what_suits_it_stays(
    tmp_path: Path, section: str, old: dict[str, Value], new: dict[str, Value], kept: set[str]
) -> None:
    path = tmp_path / "station.toml"
    first = '[pad]\ndriver = "rc522"\nbus = 6\n' if section == "pad.second" else ""
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in old.items())
    path.write_text(f"{first}[{section}]\n{lines}")
    load(path)
    gone = change_file(path, section, new, without=of_another(new))
    pad = tomllib.loads(path.read_text())["pad"]
    assert (pad["second"] if section == "pad.second" else pad) == new | {key: old[key] for key in kept}
    assert set(gone) == old.keys() - new.keys() - kept
    load(path)


def test_every_setting_of_a_reader_belongs_to_some_driver() -> None:
    nowhere = set.intersection(*(set(of_another({"driver": driver})) for driver in DRIVERS))
    assert nowhere == set()
    assert of_another({"enabled": True, "kind": "serial"}) == frozenset()


def test_a_station_reads_with_another_reader_by_its_settings(settings: Path, tmp_path: Path) -> None:
    device = PN532Device()
    with SerialLine(device, tmp_path / "usb-pn532", baud=115200) as line:
        settings.write_text(settings.read_text() + f'[pad]\ndriver = "pn532"\nport = "{line.link}"\n')
        device.place(BOOK)
        said = kiosk("pad", "watch", "--seconds", "2", "-s", settings).stdout
        assert BOOK in said


def test_a_tag_is_written_shown_and_never_believed_over_the_table(settings: Path, wired: Bench) -> None:
    bring_in(settings)
    wired.place(BOOK, "ntag213")
    said = kiosk("tags", "show", "-s", settings).stdout
    assert "LK-2, Dế Mèn phiêu lưu ký" in said
    assert "never written" in said
    said = kiosk("tags", "write", "LK-1", "-s", settings, good=False).stderr
    assert "is bound to LK-2" in said
    assert "ISO 28560-3" in kiosk("tags", "write", "LK-2", "-s", settings).stdout
    assert "the tag says LK-2 too" in kiosk("tags", "show", "-s", settings).stdout
    kiosk("items", "bind", "LK-1", "-s", settings, good=False)
    wired.clear()
    wired.place(CARD, "classic1k")
    assert "bound to no item" in kiosk("tags", "show", "-s", settings).stdout


def test_a_tag_with_garbage_is_named_and_lends_all_the_same(settings: Path, wired: Bench) -> None:
    bring_in(settings)
    block = "FD22110101" + "4C4B2D32" + "00" * 12 + "FFFF" + "00" * 13 + "FE"
    wired.place(BOOK, "ntag213", memory=block)
    said = kiosk("doctor", "-s", settings, good=False).stdout
    assert f"tag {BOOK}: its text is garbage" in said
    assert "garbage" in kiosk("tags", "show", "-s", settings).stdout
    kiosk("tags", "write", "LK-2", "-s", settings)
    assert "its text is" not in kiosk("doctor", "-s", settings, good=False).stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[pad]\nbus = 6\n', ["reader", "spidev"]),
        ('[pad]\ndriver = "pn532"\nport = "/dev/serial/by-id/usb-gone"\n', ["reader", "no such port"]),
        ('[pad]\ndriver = "feig"\nport = "{line}"\n', ["reader", "{line}"]),
        ('[scanner]\nenabled = true\nport = "/dev/serial/by-id/usb-gone"\n', ["scanner", "no such port"]),
        ("[door]\nouter_pin = 5\n", ["door.outer_pin", "lamp.green_pin", "GPIO5"]),
        (
            '[pad]\ndriver = "pn532"\nport = "{line}"\n[pad.second]\ndriver = "feig"\nport = "{line}"\n',
            ["pad and pad.second", "{line}"],
        ),
    ],
)  # fmt: skip
def test_settings_that_name_what_is_not_there_are_explained(
    settings: Path,
    tmp_path: Path,
    text: str,
    words: list[str],
) -> None:
    with SerialLine(PN532Device(), tmp_path / "usb", baud=115200) as line:
        settings.write_text(settings.read_text() + text.replace("{line}", str(line.link)))
        said = kiosk("doctor", "-s", settings, good=False).stdout
        for word in words:
            assert word.replace("{line}", str(line.link)) in said, said


def test_the_board_tells_how_it_is_even_while_a_station_runs(settings: Path) -> None:
    bring_in(settings)
    lock = StationLock(settings.parent / "data")
    try:
        assert "memory" in kiosk("board", "-s", settings).stdout
        told = json.loads(kiosk("board", "--json", "-s", settings).stdout)
        assert {"power", "heat", "memory", "storage", "card", "clock", "worries"} <= set(told)
    finally:
        lock.release()


def test_the_staffs_pin_is_typed_unseen_and_kept_as_a_hash(settings: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "kiosk", "staff", "pin", "-s", str(settings)])
    said = read_until(terminal, b"New PIN: ")  # the space comes when nothing is echoed any more
    os.write(terminal, b"204060\n")
    said += read_until(terminal, b"Once more: ")
    os.write(terminal, b"204060\n")
    said += read_until(terminal, b"The PIN is set")
    os.close(terminal)
    os.waitpid(child, 0)
    assert b"204060" not in said
    kept = settings.parent / "data" / "staff.pin"
    assert kept.stat().st_mode & 0o077 == 0
    assert "204060" not in kept.read_text()


def read_until(terminal: int, words: bytes) -> bytes:
    """What the terminal shows until these words, or a failure after twenty seconds."""
    said, ends = b"", time.monotonic() + 20
    while words not in said:
        ready, _, _ = select.select([terminal], [], [], max(0.0, ends - time.monotonic()))
        assert ready, f"{words!r} never came: {said!r}"
        said += os.read(terminal, 1024)
    return said
