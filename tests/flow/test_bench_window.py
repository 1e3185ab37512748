"""The bench's real window on real simulated wires: what the mouse does there happens in the field."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.simulated.bench_client import Bench
from hardware.simulated.bench_library import UNKNOWN_CARD, LibraryUnreadable, Thing, read_things
from hardware.simulated.bench_words import WORDS
from kiosk.demo.processes import Program, Programs
from kiosk.imports.covers import draw_covers
from kiosk.model import Title

REPOSITORY = Path(__file__).parents[2]
TITLES = "id,title,author,language,age_from,shelf,motif\nde-men,Dế Mèn phiêu lưu ký,Tô Hoài,vi,7,green,\n"
ITEMS = "item,title_id,status,tag\nGD-1,de-men,,045ADFA4808BF3\nGD-2,de-men,reference,043BD00683AEA5\n"
PATRONS = (
    "id,nickname,animal,category,birth_year,expires,card,language,blocked\n"
    "BD-1,Bống,fish,mam-non,2018,2099-08-31,7968A25A,,\nBD-2,Cún,dog,mam-non,2018,2099-08-31,71BBBD6C,,yes\n"
)
CARD, BOOK, OTHER_BOOK = "7968A25A", "045ADFA4808BF3", "043BD00683AEA5"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    for name, text in (("titles", TITLES), ("items", ITEMS), ("patrons", PATRONS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


class Window:
    """The bench's process, driven by touches."""

    def __init__(self, socket: Path, library: Path, log: Path) -> None:
        self._log = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.flow.bench_driver", str(socket), str(library)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=REPOSITORY,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen", "KIVY_HOME": str(log.parent / "kivy")},
        )

    def do(self, do: str, **more: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the bench ended; see its log"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def until(self, right: Callable[[dict[str, Any]], bool], within: float = 10.0) -> dict[str, Any]:
        deadline = time.monotonic() + within
        while not right(seen := self.do("look")):
            assert time.monotonic() < deadline, seen
            time.sleep(0.05)
        return seen

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            if pipe is not None:
                pipe.close()


class Corner:
    """Wires in a process of their own, and the bench's window on them."""

    def __init__(self, folder: Path, library: Path, programs: Programs) -> None:
        self.socket = folder / "w"
        self._programs = programs
        self._wires = self.start_wires()
        self.window = Window(self.socket, library, folder / "bench.log")
        self.window.until(lambda seen: seen["connected"])

    def start_wires(self) -> Program:
        self._wires = self._programs.start(
            "wires",
            [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(self.socket)],
            ready=self._answers,
        )
        return self._wires

    def kill_wires(self) -> None:
        self._programs.kill(self._wires)

    def in_field(self) -> set[str]:
        with Bench(self.socket) as bench:
            return {tag["uid"] if isinstance(tag, dict) else tag for tag in bench.status()["tags"]}

    def field_becomes(self, *uids: str) -> None:
        deadline = time.monotonic() + 5
        while (there := self.in_field()) != set(uids):
            assert time.monotonic() < deadline, there
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            self.in_field()
        except OSError:
            return False
        return True


@pytest.fixture
def corner(tmp_path: Path, library: Path) -> Iterator[Corner]:
    with Programs(tmp_path / "logs") as programs:
        there = Corner(tmp_path, library, programs)
        try:
            yield there
        finally:
            there.window.close()


@pytest.mark.display
def test_a_card_dragged_onto_the_pad_lies_in_the_field_until_it_is_dragged_off(corner: Corner) -> None:
    corner.window.do("drag", uid=CARD, to="pad")
    corner.field_becomes(CARD)
    corner.window.do("drag", uid=BOOK, to="pad")
    corner.field_becomes(CARD, BOOK)
    seen = corner.window.do("look")
    assert seen["lying"] == seen["away"] == [CARD, BOOK]
    assert "Bống" in seen["status"]
    corner.window.do("drag", uid=CARD, to="table")
    corner.field_becomes(BOOK)
    assert corner.window.do("look")["lying"] == [BOOK]


@pytest.mark.display
def test_a_click_carries_a_thing_to_the_pad_and_the_next_one_back(corner: Corner) -> None:
    corner.window.do("click", uid=BOOK)
    corner.field_becomes(BOOK)
    corner.window.do("click", uid=BOOK)
    corner.field_becomes()


@pytest.mark.display
def test_a_drag_that_misses_the_pad_puts_nothing_into_the_field(corner: Corner) -> None:
    seen = corner.window.do("drag", uid=BOOK, to="table")
    assert seen["lying"] == seen["away"] == []
    assert corner.in_field() == set()


@pytest.mark.display
def test_what_another_hand_lays_down_is_shown_and_can_be_taken_off(corner: Corner) -> None:
    with Bench(corner.socket) as bench:
        bench.place(OTHER_BOOK, "ntag213")
        bench.place("0A0B0C0D", "classic1k")
    corner.window.until(lambda seen: set(seen["lying"]) == {OTHER_BOOK, "0A0B0C0D"})
    corner.window.do("drag", uid="0A0B0C0D", to="table")
    corner.field_becomes(OTHER_BOOK)


@pytest.mark.display
def test_the_arrows_of_the_doorway_break_the_beams_in_order(corner: Corner) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as pins:
        pins.settimeout(5)
        pins.connect(str(corner.socket))
        pins.sendall(b'{"role":"pins"}\n')
        lines = pins.makefile("r")
        corner.window.do("key", name="in")
        broken: list[int] = []
        while len(broken) < 2:
            message = json.loads(lines.readline())
            if message.get("level") == 0:
                broken.append(message["pin"])
    assert broken == [17, 27]  # outer beam first: somebody came in


@pytest.mark.display
def test_the_reader_keys_break_the_reader_and_show_its_state(corner: Corner) -> None:
    corner.window.do("key", name="unplugged")
    corner.window.until(lambda seen: seen["lit"] == ["unplugged"])
    with Bench(corner.socket) as bench:
        assert bench.status()["reader"] == "unplugged"
    corner.window.do("key", name="ok")
    corner.window.until(lambda seen: seen["lit"] == ["ok"])


@pytest.mark.display
def test_lost_wires_are_told_and_found_again(corner: Corner) -> None:
    corner.kill_wires()
    seen = corner.window.until(lambda seen: not seen["connected"])
    assert "gone" in seen["wires"]
    corner.window.do("drag", uid=CARD, to="pad")  # nothing to lay it on: it stays where it was
    corner.start_wires()
    seen = corner.window.until(lambda seen: seen["connected"])
    assert seen["lying"] == []
    corner.window.do("drag", uid=CARD, to="pad")
    corner.field_becomes(CARD)


@pytest.mark.display
def test_the_search_finds_titles_without_their_tone_marks(corner: Corner) -> None:
    assert corner.window.do("find", text="de men")["found"] == ["Dế Mèn phiêu lưu ký"] * 2
    assert corner.window.do("find", text="GD-2")["found"] == ["Dế Mèn phiêu lưu ký"]
    assert corner.window.do("find", text="BONG")["found"] == ["Bống"]


@pytest.mark.display
def test_closing_the_window_ends_the_bench(corner: Corner) -> None:
    corner.window.do("stop")
    assert corner.window.process.wait(10) == 0


def test_the_bench_reads_cards_books_and_two_strangers_from_the_librarys_files(library: Path) -> None:
    things = {thing.uid: thing for thing in read_things(library)}
    assert [thing.is_card for thing in things.values()] == [True, True, True, False, False, False]
    assert (things[CARD].name, things[CARD].note) == ("Bống", "")
    assert things["71BBBD6C"].note == "blocked"
    assert things[OTHER_BOOK].note == "reference"
    assert things[UNKNOWN_CARD].is_stranger


def test_books_on_the_bench_wear_the_covers_that_the_import_draws(library: Path, tmp_path: Path) -> None:
    covers = tmp_path / "covers"
    assert draw_covers([Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green")], covers) == 1
    things = {thing.uid: thing for thing in read_things(library, covers=covers)}
    assert things[BOOK].picture == things[OTHER_BOOK].picture == covers / "de-men.jpeg"
    (covers / "de-men.jpg").write_bytes((covers / "de-men.jpeg").read_bytes())  # the library's own
    assert read_things(library, covers=covers)[3].picture == covers / "de-men.jpg"


def test_a_folder_without_a_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnreadable, match=r"titles\.csv: cannot be read"):
        read_things(tmp_path)


def test_a_list_without_its_columns_names_file_line_and_column(library: Path) -> None:
    (library / "items.csv").write_text("item,tag\nGD-1,045ADFA4808BF3\n")
    with pytest.raises(LibraryUnreadable, match=r"items\.csv: line 1: no column title_id"):
        read_things(library)


def test_a_picture_name_cannot_leave_its_folder(library: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"")
    (library / "patrons.csv").write_text(PATRONS.replace("fish", "../secret"), encoding="utf-8")
    assert read_things(library, pictures=library)[0].picture is None


def test_a_stranger_in_the_field_is_shown_by_its_uid() -> None:
    assert Thing.stranger("0A0B0C0D").is_card
    assert not Thing.stranger("04A1B2C3D4E5F6").is_card


def test_the_bench_has_the_same_words_in_both_languages() -> None:
    assert WORDS["vi"].keys() == WORDS["en"].keys()
    assert all(text for words in WORDS.values() for text in words.values())
