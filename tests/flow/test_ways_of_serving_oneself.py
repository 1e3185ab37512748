"""A whole visit by one sense or one hand: touches alone, keys alone, ears alone, at the real station."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.simulated.bench_client import Bench
from kiosk.demo.glass import Glass
from kiosk.demo.processes import Programs
from kiosk.demo.stage import OFFSCREEN
from kiosk.words import words_for
from kiosk.words.recordings import recordable
from tests.flow.commands import TITLES, bring_in
from tests.hardware import speaker_rig

pytest.importorskip("kivy")

BOOK = "04AABBCCDDEE01"
TAB, ENTER, ESCAPE, READ = 9, 13, 27, 114
MOST_STEPS = 12  # of the ring, until what is wanted must have come
PATIENCE_S = 15.0

_VOICE = 'cp "{silence}" "$file"'


class Room:
    """A station where nobody needs a card: its pad, its screen, and everything its loudspeaker says."""

    def __init__(self, bench: Bench, glass: Glass, ears: speaker_rig.Programs, names: dict[int, str]) -> None:
        self.bench, self.glass, self._ears, self._names = bench, glass, ears, names
        self._heard = 0

    def heard(self) -> list[str]:
        """What was said since the last time: names of recordings, or words of the machine's voice."""
        words = [self._word(one) for one in self._ears.order]
        new, self._heard = words[self._heard :], len(words)
        return [word for word in new if word]

    def _word(self, one: str | int) -> str:
        return one.strip() if isinstance(one, str) else self._names.get(one, "")

    def hears(self, wanted: str) -> list[str]:
        """Listen until this was said; all that was said meanwhile."""
        all_of_it: list[str] = []
        deadline = time.monotonic() + PATIENCE_S
        while not any(wanted in word for word in all_of_it):
            assert time.monotonic() < deadline, f"{wanted!r} was not heard but {all_of_it}"
            all_of_it += self.heard()
            time.sleep(0.02)
        return all_of_it

    def chooses_by_ear(self, wanted: str) -> None:
        """Move the ring until this is named, and choose it. The eyes stay shut."""
        for _ in range(MOST_STEPS):
            self.heard()
            self.glass.press(TAB)
            deadline = time.monotonic() + PATIENCE_S
            while not (named := self.heard()):
                assert time.monotonic() < deadline, "the ring was not named"
                time.sleep(0.02)
            if any(wanted in word for word in named):
                self.glass.press(ENTER)
                return
        raise AssertionError(f"{wanted!r} was never named")

    def chooses_by_key(self, action: str) -> None:
        """Move the ring until it stands around this, and choose it."""
        for _ in range(MOST_STEPS):
            self.glass.press(TAB)
            if self.glass.look().ring[:1] == (action,):
                self.glass.press(ENTER)
                return
        raise AssertionError(f"the ring never came to {action!r}; {self.glass.look()}")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    short = tempfile.TemporaryDirectory(prefix="gocdoc-")  # a Unix socket's name has room for 107 bytes
    sockets, data = Path(short.name), tmp_path / "data"
    names = _recordings(data / "voices" / "vi")
    player = tmp_path / "player"
    player.mkdir()
    ears = speaker_rig.Programs(player)
    ears.player()
    silence = tmp_path / "silence.wav"
    silence.write_bytes(speaker_rig.wav(*([1, -1] * 200)))
    ears.voice(_VOICE.format(silence=silence))
    settings = tmp_path / "station.toml"
    settings.write_text(
        f'[station]\nid = "thu"\ndata = "{data}"\n[pad]\nwires = "{sockets / "wires"}"\n'
        "[door]\nenabled = false\n[lamp]\nenabled = false\n[board]\nwatch = false\n[link]\nenabled = false\n"
        "[visit]\ngoodbye_s = 2\n[ways]\nclasses = true\n[speaker]\nenabled = true\nvolume = 50\n",
        encoding="utf-8",
    )
    (tmp_path / "titles.csv").write_text(TITLES, encoding="utf-8")
    (tmp_path / "items.csv").write_text(
        f"item,title_id,status,tag\nLK-2,T1,lendable,{BOOK}\n", encoding="utf-8"
    )
    (tmp_path / "patrons.csv").write_text(
        "id,nickname,animal,category,birth_year,group\n"
        "P1,Mai,cat,tieu-hoc,2018,2A\nP2,Tí,mouse,tieu-hoc,2018,2A\n",
        encoding="utf-8",
    )
    bring_in(settings)
    with Programs(tmp_path / "logs") as programs:
        programs.start(
            "wires",
            [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(sockets / "wires")],
            ready=(sockets / "wires").exists,
            within=20,
        )
        glass = Glass(sockets / "screen")
        programs.start(
            "station",
            [sys.executable, "-m", "kiosk", "run", "-s", str(settings), "--inspect", str(sockets / "screen")],
            ready=glass.ready,
            within=60,
            env={**OFFSCREEN, "PATH": f"{player}{os.pathsep}{os.environ['PATH']}"},
        )
        with Bench(sockets / "wires") as bench:
            glass.until("Welcome", where=lambda seen: seen.offers("cardless"))
            yield Room(bench, glass, ears, names)
        glass.close()
    short.cleanup()


def _recordings(folder: Path) -> dict[int, str]:
    """A recording of every sentence that can be recorded, each told from the others by its highest sample."""
    folder.mkdir(parents=True)
    keys = [one.key for _, group in recordable(words_for("vi")) for one in group]
    names: dict[int, str] = {}
    for number, key in enumerate(keys, start=1):
        sample = 7 + 20 * number
        (folder / f"{key}.wav").write_bytes(speaker_rig.wav(4 * sample, -4 * sample))
        names[sample] = key
    return names


def test_a_child_borrows_and_brings_back_with_touches_alone(room: Room) -> None:
    room.glass.tap("cardless")
    room.glass.until("PickAnimal")
    room.glass.tap("animal", "0")
    assert room.glass.until("Hello").says("Mai")
    room.glass.tap("mine")
    room.glass.until("MyBooks")
    room.glass.tap("back")
    room.glass.until("Hello")
    room.bench.place(BOOK, "ntag213")
    assert room.glass.until("Lent").says("Con mượn được 1 cuốn rồi")
    room.bench.lift(BOOK)
    room.glass.tap("done")
    room.glass.until("Goodbye")
    room.glass.until("Welcome")
    room.glass.tap("cardless")
    room.glass.until("PickAnimal")
    room.glass.tap("animal", "0")
    room.glass.until("Hello")
    room.bench.place(BOOK, "ntag213")
    room.glass.until("Choose")
    room.glass.tap("return")
    room.glass.until("Returned")
    room.bench.lift(BOOK)
    room.glass.until("Rate")
    room.glass.tap("rate", "great")
    room.glass.until("Returned", "Hello")
    room.glass.tap("done")
    assert not room.glass.until("Welcome").says("Mai")


def test_a_child_borrows_and_brings_back_with_keys_alone(room: Room) -> None:
    room.chooses_by_key("cardless")
    room.glass.until("PickAnimal")
    room.chooses_by_key("animal")
    room.glass.until("Hello")
    room.bench.place(BOOK, "ntag213")
    room.glass.until("Lent")
    room.bench.lift(BOOK)
    room.chooses_by_key("done")
    room.glass.until("Goodbye")
    room.glass.until("Welcome")
    room.chooses_by_key("cardless")
    room.glass.until("PickAnimal")
    room.chooses_by_key("animal")
    room.glass.until("Hello")
    room.bench.place(BOOK, "ntag213")
    room.glass.until("Choose")
    room.chooses_by_key("return")
    room.glass.until("Returned")
    room.bench.lift(BOOK)
    room.glass.until("Rate")
    room.chooses_by_key("rate")
    room.glass.until("Returned", "Hello")
    room.glass.press(ESCAPE)
    room.glass.until("Welcome")


def test_a_child_who_sees_nothing_borrows_and_brings_back_by_ear(room: Room) -> None:
    room.glass.press(READ)
    room.hears("button.cardless")
    room.chooses_by_ear("button.cardless")
    room.hears("pick_animal.title")
    room.chooses_by_ear("Mai")
    room.hears("Mai")
    room.bench.place(BOOK, "ntag213")
    room.hears("Dế Mèn phiêu lưu ký")
    room.bench.lift(BOOK)
    room.chooses_by_ear("button.done")
    room.hears("goodbye")
    room.glass.until("Welcome")
    room.chooses_by_ear("button.cardless")
    room.hears("pick_animal.title")
    room.chooses_by_ear("Mai")
    room.hears("Mai")
    room.bench.place(BOOK, "ntag213")
    room.hears("choose.title")
    room.chooses_by_ear("button.return")
    room.hears("returned")
    room.bench.lift(BOOK)
    room.hears("rate.title")
    room.chooses_by_ear("rate.great")
    room.chooses_by_ear("button.done")
    room.glass.until("Welcome")
