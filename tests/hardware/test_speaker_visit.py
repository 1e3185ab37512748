"""What would be heard of a whole visit: narrator, loudspeaker, and real processes that remember it all."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, timedelta

import pytest

from kiosk.bootstrap.extras import Extras
from kiosk.bootstrap.narrator import Narrator, voices_of
from kiosk.bootstrap.places import opened_store
from kiosk.bootstrap.station import Station
from kiosk.desk import Cue
from kiosk.events import Action, Tapped
from kiosk.screens import (
    AskHelp,
    Book,
    Child,
    Choose,
    Goodbye,
    Hello,
    Lent,
    Look,
    ReaderOut,
    Returned,
    Screen,
    Shown,
    Welcome,
)
from kiosk.settings import Settings
from kiosk.words import use
from tests.hardware.speaker_rig import FAILS, FOR_EVER, Programs, alive, idle, wav
from tests.hardware.wires_process import eventually

TODAY = date(2026, 12, 5)
MAY = Child("Mây", "rabbit", 3)
DUE = TODAY + timedelta(days=14)
CRICKET = Book("LK-1", "T-1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "green", DUE)
YARD = Book("LK-2", "T-2", "Góc sân và khoảng trời", "Trần Đăng Khoa", "red", TODAY + timedelta(days=3))


class Room:
    """A station's extras and its narrator, wired as the station wires them."""

    def __init__(self, tmp_path, programs: Programs, **speaker: object) -> None:
        self.programs = programs
        self.stack = ExitStack()
        self.heard: list[object] = []
        settings = Settings.model_validate(
            {
                "station": {"data": tmp_path / "data"},
                "speaker": {"enabled": True, "volume": 50, **speaker},
                "door": {"enabled": False},
                "lamp": {"enabled": False},
                "board": {"watch": False},
            }
        )
        self.voices = voices_of(settings)
        self.extras = Extras(settings, self.heard.append, self.stack)
        self.extras.start()
        self.narrator = Narrator(speak=self.extras.speak, mode=settings.speaker.voice)
        self._number = 0

    def record(self, key: str, sample: int, language: str = "vi") -> None:
        folder = self.voices / language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{key}.wav").write_bytes(wav(4 * sample, -4 * sample))

    def shows(self, screen: Screen, *cues: Cue, look: Look = Look(), language: str = "vi") -> None:  # noqa: B008
        """A screen and its cues, as the desk's thread presents them."""
        self._number += 1
        self.narrator.shown(Shown(self._number, screen, language, look))
        for cue in cues:
            self.cue(cue)

    def cue(self, cue: Cue) -> None:
        self.extras.cue(cue.value, self.narrator.sound(cue))
        self.narrator.cue(cue)

    def quiet(self) -> bool:
        return idle(self.extras._speaker)

    def settled(self, programs: int) -> list[str | int]:
        """What was heard since the last time, when so many programs have ended."""
        eventually(lambda: len(self.programs.started) >= programs and self.quiet())
        return self.programs.order


@pytest.fixture
def programs(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    made = Programs(folder)
    made.player()
    (tmp_path / "made.wav").write_bytes(wav(*(8000, -8000) * 10))
    made.voice(f'cat "{tmp_path}/made.wav" > "$file"')
    return made


@pytest.fixture
def room(tmp_path, programs):
    made: list[Room] = []

    def enter(**speaker: object) -> Room:
        made.append(Room(tmp_path, programs, **speaker))
        return made[-1]

    yield enter
    for one in made:
        one.stack.close()


def sound(name: str) -> int:
    """The highest sample of one of the station's own sounds at volume 50."""
    from hardware.speaker.speaker import SOUNDS
    from hardware.speaker.waves import read_wave

    return int(max(read_wave(SOUNDS / f"{name}.wav").samples) * 0.25)


def test_a_whole_visit_is_heard_in_order_with_nickname_title_and_sleeps(room) -> None:
    here = room()
    here.shows(Welcome(), Cue.OFF)
    here.shows(Hello(MAY, (YARD,), TODAY), Cue.OK)
    hello = here.settled(3)
    assert hello == [
        sound("place"),
        "Chào con! Mây, Con có 1 cuốn ở nhà, Cuốn trả đầu tiên, Góc sân và khoảng trời, còn 3 đêm nữa",
    ]
    here.shows(Lent(MAY, (CRICKET,), TODAY), Cue.OK)
    lent = here.settled(6)[2:]
    assert lent == [
        sound("ok"),
        "Con mượn được 1 cuốn rồi! Dế Mèn phiêu lưu ký, Con đọc đến, thứ Bảy, ngày 19, tháng mười hai, "
        "còn 14 đêm nữa",
    ]
    here.shows(Choose(MAY, YARD, TODAY), Cue.ASK)
    choose = here.settled(9)[4:]
    assert choose == [sound("ask"), "Con trả hay giữ thêm? Góc sân và khoảng trời, còn 3 đêm nữa"]
    here.shows(Returned((YARD,), MAY, 1), Cue.OK)
    assert here.settled(12)[6:] == [sound("ok"), "Cảm ơn con! Mây, Con cất sách lên kệ đỏ nhé"]
    here.shows(Goodbye(MAY, (CRICKET,), 1, 1, TODAY), Cue.OFF)
    assert here.settled(15)[8:] == [
        sound("goodbye"),
        "Tạm biệt con! Mây, Cuốn trả đầu tiên, còn 14 đêm nữa",
    ]
    here.shows(Welcome(), Cue.OFF)
    eventually(here.quiet)
    assert len(here.programs.started) == 15  # an empty room is not talked to


def test_recordings_are_heard_where_they_lie_and_names_between_them(room) -> None:
    here = room()
    for number, key in enumerate(("lent.title.1", "due.until", "weekday.6", "spoken.day.19"), 1):
        here.record(key, number)
    here.shows(Lent(MAY, (CRICKET,), TODAY))
    assert here.settled(8) == [1, "Dế Mèn phiêu lưu ký", 2, 3, 4, "tháng mười hai, còn 14 đêm nữa"]


def test_with_recordings_alone_all_is_said_but_the_names(room) -> None:
    here = room()
    here.programs.remove("espeak-ng")
    for number, key in enumerate(("hello.greeting", "hello.none"), 1):
        here.record(key, number)
    here.shows(Hello(MAY, (), TODAY))
    assert here.settled(2) == [1, 2]


def test_the_tenth_book_has_a_cheer_of_its_own(room) -> None:
    here = room()
    here.shows(Returned((CRICKET,), MAY, 1, 10), Cue.OK)
    assert here.settled(3)[0] == sound("cheer")
    assert "Cuốn sách thứ 10 của con. Hoan hô!" in here.programs.said(1)


def test_a_child_that_asks_hears_the_whole_screen(room) -> None:
    here = room(voice="asked")
    here.shows(Choose(MAY, YARD, TODAY), Cue.ASK)
    assert here.settled(1) == [sound("ask")]
    here.cue(Cue.READ)
    said = " ".join(str(each) for each in here.settled(5)[1:])
    for words in ("Con trả hay giữ thêm?", "Góc sân", "Trả sách", "hay là", "Giúp con"):
        assert words in said


def test_a_child_that_wished_for_it_hears_every_screen_whole_and_first_its_chime(room) -> None:
    here = room()
    here.shows(Lent(MAY, (CRICKET,), TODAY), Cue.OK, look=Look(spoken=True))
    order = here.settled(5)
    assert order[0] == sound("ok")
    assert "Con đổi ý" in " ".join(map(str, order[1:]))


def test_a_new_screen_ends_what_was_said_of_the_old_one(room) -> None:
    here = room()
    here.programs.player(FOR_EVER)
    here.shows(Goodbye(MAY, (CRICKET,), 1, 1, TODAY))
    eventually(lambda: len(here.programs.started) == 2)
    here.shows(Welcome())
    eventually(lambda: not alive(here.programs.pid()) and here.quiet())
    assert len(here.programs.started) == 2


def test_a_finger_on_the_glass_is_heard_and_ends_the_words(room) -> None:
    here = room()
    here.programs.player(FOR_EVER)
    here.shows(Lent(MAY, (CRICKET,), TODAY))
    eventually(lambda: len(here.programs.started) == 2)
    here.programs.player()
    here.extras.tick()
    assert here.settled(3)[-1] == sound("tick")


def test_never_means_sounds_and_no_word(room) -> None:
    here = room(voice="never")
    here.shows(Lent(MAY, (CRICKET,), TODAY), Cue.OK, look=Look(spoken=True))
    here.cue(Cue.READ)
    here.narrator.focused("button.done", "vi")
    assert here.settled(1) == [sound("ok")]


def test_in_quiet_hours_nobody_is_spoken_to(room, tmp_path, programs) -> None:
    from datetime import time

    here = room(quiet_from="12:00:00", quiet_until="13:00:00")
    here.extras._speaker._time_of_day = lambda: time(12, 30)
    here.shows(Lent(MAY, (CRICKET,), TODAY), Cue.OK)
    eventually(here.quiet)
    here.cue(Cue.READ)
    eventually(here.quiet)
    here.extras.tick()
    eventually(here.quiet)
    assert programs.started == []


def test_a_loudspeaker_that_was_pulled_out_is_told_once_and_heals(room, monkeypatch) -> None:
    here = room()
    here.extras._speaker._player._retry_s = 0.0
    here.programs.player(FAILS)
    for screen in (Hello(MAY, (), TODAY), Lent(MAY, (CRICKET,), TODAY)):
        here.shows(screen, Cue.OK)
        eventually(lambda: here.extras._speaker.trouble and here.quiet())
        here.extras.look()
    assert [type(event).__name__ for event in here.heard] == ["ExtraLost"]
    here.programs.player()
    here.shows(Choose(MAY, YARD, TODAY), Cue.ASK)
    eventually(lambda: here.extras._speaker.working and here.quiet())
    here.extras.look()
    assert [type(event).__name__ for event in here.heard] == ["ExtraLost", "ExtraBack"]


@pytest.mark.parametrize(
    "hostile",
    ["--version", "-w /tmp/x", "[[aU]]", "<audio src='/etc/passwd'/>", "a\x00b\nc", "$(reboot)", "ế" * 3000],
)
def test_a_title_from_outside_is_only_words_and_bounded(room, hostile) -> None:
    here = room()
    book = Book("LK-1", "T-1", hostile, hostile, "green", DUE)
    here.shows(Lent(Child(hostile, "cat"), (book,), TODAY))
    eventually(lambda: len(here.programs.started) >= 2 and here.quiet())
    for _, program, *arguments in here.programs.started:
        if program == "espeak-ng":
            assert arguments[:5] == ["-b", "1", "-v", "vi", "--stdin"]
            assert len(arguments) == 7
    said = "".join(each for each in here.programs.order if isinstance(each, str))
    assert "[[" not in said
    assert "\x00" not in said
    assert len(said) < 500


def test_a_station_without_a_loudspeaker_says_nothing_and_shows_everything(tmp_path, programs) -> None:
    here = Room(tmp_path, programs, enabled=False)
    here.shows(Lent(MAY, (CRICKET,), TODAY), Cue.OK)
    here.cue(Cue.READ)
    here.narrator.focused("button.done", "vi")
    here.extras.tick()
    here.stack.close()
    assert programs.started == []


@pytest.fixture
def tay(tmp_path):
    """A language dropped in without a voice, of which one sentence is translated."""
    folder = tmp_path / "data" / "languages" / "tyz"
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text('name = "Tày"\n', encoding="utf-8")
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    said = 'msgid "hello.greeting"\nmsgstr "Chào lủc!"\n'
    (folder / "gocdoc.po").write_text(f"{header}\n{said}", encoding="utf-8")
    use(tmp_path / "data")
    yield
    use(None)


@pytest.mark.usefixtures("tay")
def test_a_language_without_a_voice_is_named_at_the_start_and_the_rest_is_said_in_vietnamese(
    room, caplog
) -> None:
    here = room()
    assert [
        record for record in caplog.records if "tyz" in record.getMessage() and "voice" in record.getMessage()
    ]
    here.shows(Hello(MAY, (), TODAY), language="tyz")
    assert here.settled(2) == ["Mây, Con đặt sách cạnh thẻ nhé"]
    here.record("hello.greeting", 1, "tyz")
    here.record("hello.none", 2, "tyz")  # recorded before it was translated
    here.shows(Welcome(), language="tyz")
    here.shows(Hello(MAY, (), TODAY), language="tyz")
    assert here.settled(6)[1:] == [1, "Mây", 2]
    assert here.extras._speaker.working


class Panel:
    """A screen that only remembers what it was given."""

    def __init__(self) -> None:
        self.shown: list[Screen] = []

    def present(self, shown: Shown) -> None:
        self.shown.append(shown.screen)


def test_a_running_station_speaks_what_its_desk_shows_and_reads_it_when_asked(tmp_path, programs) -> None:
    settings = Settings.model_validate(
        {
            "station": {"data": tmp_path / "data"},
            "pad": {"driver": "rdm6300", "port": str(tmp_path / "no-such-port")},
            "speaker": {"enabled": True},
            "door": {"enabled": False},
            "lamp": {"enabled": False},
            "board": {"watch": False},
            "link": {"enabled": False},
        }
    )
    panel = Panel()
    with ExitStack() as stack:
        store, clock = stack.enter_context(opened_store(settings))
        station = Station(settings, store, clock)
        stack.callback(station.close)
        station.narrator.shown(station.engine.first())
        station.start(panel, lambda: 0.0)
        heard = lambda: "".join(str(each) for each in programs.order)  # noqa: E731
        eventually(lambda: ReaderOut() in panel.shown and "Bàn mượn sách bị ốm rồi" in heard())
        station.engine.post(Tapped(Action.HELP))
        eventually(lambda: AskHelp() in panel.shown and "Mình gọi cô thủ thư rồi" in heard())
