"""A library with its own stickers and a gate: the whole station on an ISO 15693 reader, window and all."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.serial_line import SerialLine
from hardware.simulated.vicinity import VicinityTag
from kiosk.bootstrap import pin_file_of
from kiosk.demo.glass import Glass
from kiosk.demo.processes import Programs
from kiosk.demo.stage import OFFSCREEN
from kiosk.settings import load
from tests.flow.commands import TITLES, bring_in

pytest.importorskip("kivy")

SECURED, RELEASED = 0x07, 0xC2
CARD, STAFF, BOOK = "E0040100000000C1", "E0040100000000C2", "E0040100000000B1"
STRANGER = "E0040100000000FF"
PIN = "204060"


class Library:
    """A running station with a FEIG reader; its tags and its screen."""

    def __init__(self, device: FeigDevice, line: SerialLine, glass: Glass) -> None:
        self.device, self.line, self.glass = device, line, glass
        self.card, self.staff = VicinityTag(CARD), VicinityTag(STAFF)
        self.book = VicinityTag(BOOK, afi=SECURED)

    def wait_for_the_pad(self) -> None:
        """What lay there before the reader's first report is nobody's: so see it report something first."""
        self.glass.until("Welcome")
        self.device.place(VicinityTag(STRANGER))
        self.glass.until("UnknownBook", "TakeYourThings")
        self.device.lift(STRANGER)
        self.glass.until("Welcome")

    def until(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + 15
        while not true():
            assert time.monotonic() < deadline, f"{what} never came true; {self.glass.look()}"
            time.sleep(0.02)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    short = tempfile.TemporaryDirectory(prefix="gocdoc-")  # a Unix socket's name has room for 107 bytes
    sockets = Path(short.name)
    settings, device = tmp_path / "station.toml", FeigDevice()
    with (
        SerialLine(device, tmp_path / "usb-feig", baud=38400) as line,
        Programs(tmp_path / "logs") as programs,
    ):
        settings.write_text(
            f'[station]\nid = "thu"\ndata = "{tmp_path / "data"}"\n'
            f'[pad]\ndriver = "feig"\nport = "{line.link}"\ngate = "afi"\n'
            "[door]\nenabled = false\n[lamp]\nenabled = false\n[board]\nwatch = false\n"
            "[link]\nenabled = false\n[visit]\ngoodbye_s = 1\n",
            encoding="utf-8",
        )
        (tmp_path / "data").mkdir()
        (tmp_path / "titles.csv").write_text(TITLES, encoding="utf-8")
        (tmp_path / "items.csv").write_text(
            f"item,title_id,status,tag\nLK-1,T1,lendable,{BOOK}\n", encoding="utf-8"
        )
        (tmp_path / "patrons.csv").write_text(
            "id,nickname,animal,category,birth_year,card\n"
            f"P1,Mai,cat,tieu-hoc,2018,{CARD}\nS1,Lan,owl,thu-thu,,{STAFF}\n",
            encoding="utf-8",
        )
        bring_in(settings)
        pin_file_of(load(settings)).choose(PIN)
        glass = Glass(sockets / "screen")
        programs.start(
            "station",
            [sys.executable, "-m", "kiosk", "run", "-s", str(settings), "--inspect", str(sockets / "screen")],
            ready=glass.ready,
            within=60,
            env=OFFSCREEN,
        )
        ready = Library(device, line, glass)
        ready.wait_for_the_pad()
        yield ready
        glass.close()
    short.cleanup()


def test_the_gate_follows_the_loan(library: Library) -> None:
    library.device.place(library.card)
    library.glass.until("Hello")
    library.device.place(library.book)
    library.glass.until("Lent")
    library.until(lambda: library.book.afi == RELEASED, "the gate lets the lent book pass")
    library.device.lift(BOOK)
    library.glass.until("Lent")
    library.device.lift(CARD)
    library.glass.until("Welcome")
    library.device.place(library.book)
    library.glass.until("Returned")
    library.until(lambda: library.book.afi == SECURED, "the gate rings for the returned book")


def test_a_book_lifted_too_early_is_asked_back_and_then_all_is_well(library: Library) -> None:
    def snatch(request: bytes) -> None:
        if request[:2] == b"\xb0\x27" and library.book in library.device.tags:  # Write AFI
            library.device.lift(BOOK)
            library.device.before = lambda _: None

    library.device.place(library.card)
    library.glass.until("Hello")
    library.device.before = snatch
    library.device.place(library.book)
    seen = library.glass.until("PutBack")
    assert library.book.afi == SECURED
    assert not seen.says("Mai")
    library.device.place(library.book)
    library.glass.until("Lent")
    library.until(lambda: library.book.afi == RELEASED, "the gate lets the lent book pass")


def test_a_reader_pulled_out_and_put_back_says_so_and_heals(library: Library) -> None:
    library.line.unplug()
    library.glass.until("ReaderOut", within=5)
    library.line.plug()
    library.glass.until("Welcome", within=8)
    library.device.place(library.card)
    library.glass.until("Hello")


def test_a_librarian_looks_at_the_devices_and_at_a_books_sticker(library: Library) -> None:
    library.device.place(library.staff)
    seen = library.glass.until("StaffPin")
    for digit in PIN:
        library.glass.tap("digit", digit)
        seen = library.glass.until("StaffPin", after=seen.number)
    library.glass.tap("enter")
    seen = library.glass.until("StaffHealth")
    assert seen.says("Mọi thiết bị đều chạy tốt")
    library.device.place(library.book)
    library.glass.until("StaffHealth", where=lambda seen: seen.says("LK-1"))
    assert library.book.afi == SECURED
    library.device.lift(STAFF)
    library.glass.until("Welcome", "TakeYourThings")
