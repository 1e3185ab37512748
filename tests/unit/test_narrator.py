"""The narrator: what is said when, and what is kept to itself. The loudspeaker is a list."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from kiosk.bootstrap.narrator import REPEAT_S, Narrator, name_the_silent, speaks, voices_of
from kiosk.desk import Cue
from kiosk.screens import (
    Book,
    Child,
    Ease,
    Goodbye,
    Hello,
    Lent,
    Look,
    MyWay,
    OneByOne,
    PickLanguage,
    Returned,
    Screen,
    Shown,
    StaffPin,
    Welcome,
)
from kiosk.settings import Settings
from kiosk.words import words_for
from kiosk.words.spoken import Utterance, prompt, whole

TODAY = date(2026, 12, 5)
MAY = Child("Mây", "rabbit", 3)
BOOK = Book("LK-1", "T-1", "Dế Mèn", "Tô Hoài", "green", TODAY + timedelta(days=14))
HELLO, LENT = Hello(MAY, (BOOK,), TODAY), Lent(MAY, (BOOK,), TODAY)
SPOKEN = Look(spoken=True)
VI = words_for("vi")


class Ears:
    """A narrator on a clock of the test's; what it wanted said, newest last."""

    def __init__(self, mode: str = "prompts") -> None:
        self.said: list[tuple[Sequence[Utterance], str]] = []
        self.now = 100.0
        self.narrator = Narrator(speak=self._speak, mode=mode, monotonic=lambda: self.now)
        self._number = 0

    def _speak(self, parts: Sequence[Utterance], language: str) -> None:
        self.said.append((parts, language))

    def shown(self, screen: Screen, language: str = "vi", look: Look = Look()) -> None:  # noqa: B008
        self._number += 1
        self.narrator.shown(Shown(self._number, screen, language, look))

    @property
    def last(self) -> Sequence[Utterance]:
        return self.said[-1][0]


def test_a_screen_brings_its_prompt_in_its_language() -> None:
    ears = Ears()
    ears.shown(LENT, "en")
    assert ears.said == [(prompt(LENT, words_for("en")), "en")]


def test_whoever_wished_for_it_has_every_screen_read_whole_in_each_mode_that_speaks() -> None:
    for mode in ("prompts", "asked"):
        ears = Ears(mode)
        ears.shown(LENT, look=SPOKEN)
        assert ears.last == whole(LENT, VI)


def test_an_empty_room_is_never_talked_to_but_the_old_words_end() -> None:
    ears = Ears()
    ears.shown(LENT)
    ears.shown(Welcome(), look=SPOKEN)
    assert ears.last == ()
    ears.narrator.cue(Cue.READ)
    assert ears.last == whole(Welcome(), VI)


def test_when_asked_only_screens_are_silent_and_end_the_words_of_the_last() -> None:
    ears = Ears("asked")
    ears.shown(HELLO)
    ears.narrator.cue(Cue.READ)
    assert ears.last == whole(HELLO, VI)
    ears.shown(LENT)
    assert ears.last == ()


@pytest.mark.parametrize("mode", ["prompts", "asked"])
def test_read_reads_what_is_shown_each_time_it_is_asked(mode: str) -> None:
    ears = Ears(mode)
    ears.shown(HELLO)
    ears.shown(LENT)
    for _ in range(2):
        ears.said.clear()
        ears.narrator.cue(Cue.READ)
        assert ears.said == [(whole(LENT, VI), "vi")]


def test_other_cues_are_not_words_and_before_the_first_screen_there_is_nothing_to_read() -> None:
    ears = Ears()
    for cue in Cue:
        ears.narrator.cue(cue)
        assert ears.narrator.sound(cue) == cue.value
    assert ears.said == []


def test_never_is_never() -> None:
    ears = Ears("never")
    ears.shown(LENT, look=SPOKEN)
    ears.narrator.cue(Cue.READ)
    ears.narrator.focused("button.done", "vi")
    assert ears.said == []


def test_the_same_words_are_not_begun_anew_while_the_screen_changes_something_else() -> None:
    ears = Ears()
    ears.shown(LENT)
    ears.shown(Lent(MAY, (BOOK,), TODAY, can_undo=False))
    assert len(ears.said) == 1


def test_a_prompt_that_flickers_is_said_once_in_some_seconds_and_again_later() -> None:
    ears = Ears()
    crowd = OneByOne(MAY, 4)
    for _ in range(3):
        ears.shown(crowd)
        ears.shown(HELLO)
        ears.now += 0.5
    assert [parts for parts, _ in ears.said if parts == prompt(crowd, VI)] == [prompt(crowd, VI)]
    assert [parts for parts, _ in ears.said if parts == prompt(HELLO, VI)] == [prompt(HELLO, VI)]
    assert ears.said[2:] == [((), "vi")] * 4  # and the other one's words do not go on
    ears.now += REPEAT_S
    ears.shown(crowd)
    assert ears.last == prompt(crowd, VI)


def test_whoever_hears_instead_of_seeing_is_told_each_time_it_flickers() -> None:
    ears = Ears()
    for screen in (OneByOne(MAY, 4), HELLO, OneByOne(MAY, 4)):
        ears.shown(screen, look=SPOKEN)
    assert ears.last == whole(OneByOne(MAY, 4), VI)


def test_the_next_child_is_greeted_however_soon_it_comes_and_whatever_its_name() -> None:
    ears = Ears()
    ears.shown(HELLO)
    ears.shown(Welcome())
    ears.shown(HELLO)
    assert ears.last == prompt(HELLO, VI)


def test_nothing_of_a_child_is_kept_when_it_is_gone() -> None:
    ears = Ears()
    ears.shown(HELLO)
    ears.narrator.cue(Cue.READ)
    ears.shown(Welcome())
    held = "".join(repr(getattr(ears.narrator, name)) for name in ("_shown", "_last", "_said"))
    assert "Mây" not in held
    assert "Dế Mèn" not in held


# -- the ring of the keys ------------------------------------------------------------------------------------


def test_a_focused_button_is_named_in_the_screens_language() -> None:
    ears = Ears()
    ears.shown(LENT, "en")
    ears.narrator.focused("button.undo", "en")
    assert ears.said[-1] == ((Utterance("button.undo", words_for("en").say("button.undo")),), "en")


def test_a_focused_wish_is_named_with_what_it_is_now() -> None:
    ears = Ears()
    ears.shown(MyWay(Child("Mây", "rabbit", 3), frozenset({Ease.LARGE}), "en", True), "vi")
    for ease, state in ((Ease.LARGE, "đang bật"), (Ease.CONTRAST, "đang tắt")):
        ears.narrator.focused(VI.say(f"ease.{ease}"), "vi")
        assert [part.text for part in ears.last] == [VI.say(f"ease.{ease}"), state]
    ears.narrator.focused("English", "vi")
    assert [part.text for part in ears.last] == ["English"]
    ears.narrator.focused("button.back", "vi")
    assert [part.key for part in ears.last] == ["button.back"]


def test_a_focused_cover_or_animal_is_called_by_its_name() -> None:
    ears = Ears()
    ears.narrator.focused("Góc sân và khoảng trời", "vi")
    assert ears.last == (Utterance("", "Góc sân và khoảng trời"),)
    ears.said.clear()
    ears.narrator.focused("  ", "vi")
    assert ears.said == []


def test_a_focused_language_is_named_in_its_own_voice() -> None:
    ears = Ears()
    ears.shown(PickLanguage(("vi", "en")))
    ears.narrator.focused("English", "vi")
    assert ears.last == (Utterance("spoken.language.en", "English", "en"),)


def test_when_asked_only_a_button_is_named_for_whoever_wished_to_hear() -> None:
    ears = Ears("asked")
    ears.shown(LENT)
    ears.narrator.focused("button.undo", "vi")
    assert ears.last == ()
    ears.shown(LENT, look=SPOKEN)
    ears.narrator.focused("button.undo", "vi")
    assert ears.last == (Utterance("button.undo", VI.say("button.undo")),)


def test_no_digit_of_a_pin_is_said_when_the_ring_stands_on_it() -> None:
    ears = Ears()
    ears.shown(StaffPin(2))
    ears.said.clear()
    for digit in "0123456789":
        ears.narrator.focused(digit, "vi")
    assert ears.said == []
    ears.narrator.focused("button.enter", "vi")
    assert ears.last == (Utterance("button.enter", VI.say("button.enter")),)


def test_typing_a_pin_says_nothing_again() -> None:
    ears = Ears()
    for digits in range(6):
        ears.shown(StaffPin(digits))
    assert len(ears.said) == 1


# -- sounds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("screen", "cue", "sound"),
    [
        (HELLO, Cue.OK, "place"),
        (HELLO, Cue.NO, "no"),
        (LENT, Cue.OK, "ok"),
        (Returned((BOOK,), MAY, 1, 10), Cue.OK, "cheer"),
        (Returned((BOOK,), MAY, 1), Cue.OK, "ok"),
        (Goodbye(MAY, (), 0, 1, TODAY), Cue.OFF, "goodbye"),
        (Goodbye(MAY, (), 0, 1, TODAY), Cue.HELP, "help"),
        (Welcome(), Cue.OFF, "off"),
        (LENT, Cue.READ, "read"),
    ],
)
def test_a_moment_has_its_sound(screen: Screen, cue: Cue, sound: str) -> None:
    ears = Ears()
    ears.shown(screen)
    assert ears.narrator.sound(cue) == sound


# -- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speaker", "offered"),
    [({}, False), ({"enabled": True}, True), ({"enabled": True, "voice": "asked"}, True),
     ({"enabled": True, "voice": "never"}, False)],
)  # fmt: skip
def test_reading_aloud_is_offered_where_the_station_has_a_voice(speaker: dict, offered: bool) -> None:
    assert speaks(Settings.model_validate({"speaker": speaker})) == offered


def test_prompts_are_the_usual_and_another_mode_is_refused_by_name() -> None:
    assert Settings().speaker.voice == "prompts"
    with pytest.raises(ValueError, match="prompts"):
        Settings.model_validate({"speaker": {"voice": "loud"}})


def test_a_language_that_nobody_speaks_is_named_and_a_recorded_one_is_not(
    tmp_path, caplog, monkeypatch
) -> None:
    from kiosk.bootstrap import narrator

    monkeypatch.setattr(narrator, "languages", lambda: ("vi", "tyz", "hmn"))
    (tmp_path / "hmn").mkdir()
    (tmp_path / "hmn" / "hello.greeting.wav").write_bytes(b"RIFF")
    with caplog.at_level(logging.WARNING):
        assert name_the_silent(tmp_path) == ("tyz",)
    assert len(caplog.records) == 1
    assert "tyz" in caplog.text


def test_recordings_lie_among_the_stations_data() -> None:
    settings = Settings.model_validate({"station": {"data": "/srv/gocdoc"}})
    assert str(voices_of(settings)) == "/srv/gocdoc/voices"
