"""Spoken sentences: a librarian's recording first, the machine's voice else, and otherwise nothing at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.speaker import Loudness, Speaker
from hardware.speaker.player import Player
from hardware.speaker.speaker import _speakable
from kiosk.words.spoken import Utterance
from tests.deploy.programs import need
from tests.hardware.speaker_rig import DEAF, FOR_EVER, Programs, alive, idle, wav, write_sounds
from tests.hardware.wires_process import eventually

MADE = (8000, -8000) * 100


@pytest.fixture
def programs(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    made = Programs(folder)
    made.player()
    return made


@pytest.fixture
def voice(programs, tmp_path):
    """An espeak-ng that makes the same short sound of everything."""
    (tmp_path / "made.wav").write_bytes(wav(*MADE))
    programs.voice(f'cat "{tmp_path}/made.wav" > "$file"')


@pytest.fixture
def speaker(programs, tmp_path):
    write_sounds(tmp_path / "sounds")
    with Speaker(
        Loudness(50),
        sounds=tmp_path / "sounds",
        voices=tmp_path / "voices",
        spoken={"vi": "vi-vn-x-south"},
        retry_s=0.0,
        patience_s=2.0,
    ) as made:
        yield made


def say(speaker: Speaker, text: str, language: str, key: str = "") -> None:
    speaker.say((Utterance(key, text),), language)


def record(tmp_path, language: str, key: str, content: bytes) -> None:
    folder = tmp_path / "voices" / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.wav").write_bytes(content)


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.usefixtures("voice")
def test_a_sentence_is_spoken_in_its_languages_voice_at_the_volume_that_is_set(speaker, programs):
    say(speaker, "Con mượn được sách rồi!", "vi")
    eventually(lambda: len(programs.started) == 2 and idle(speaker))
    _, program, *arguments, file = programs.started[0]
    assert program == "espeak-ng"
    assert arguments == ["-b", "1", "-v", "vi-vn-x-south", "--stdin", "-w"]
    assert file.startswith("/proc/self/fd/")
    assert programs.said(0) == "Con mượn được sách rồi!"
    assert programs.names[1] == "aplay"
    assert max(programs.heard().samples) == 2000
    assert speaker.working


@pytest.mark.usefixtures("voice")
def test_a_recording_goes_before_the_machines_voice(speaker, programs, tmp_path):
    record(tmp_path, "vi", "lent", wav(4000, -4000))
    say(speaker, "Con mượn được sách rồi!", "vi", "lent")
    eventually(lambda: programs.started and idle(speaker))
    assert programs.names == ["aplay"]
    assert list(programs.heard().samples) == [1000, -1000]


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("broken", [None, b"a song"])
def test_a_recording_that_is_missing_or_broken_is_spoken_instead(speaker, programs, tmp_path, broken):
    if broken is not None:
        record(tmp_path, "vi", "lent", broken)
    say(speaker, "Con mượn được sách rồi!", "vi", "lent")
    eventually(lambda: len(programs.started) == 2 and idle(speaker))
    assert programs.names == ["espeak-ng", "aplay"]
    assert speaker.working == (broken is None)


def test_without_any_voice_there_is_silence_a_note_and_the_cues_all_the_same(speaker, programs, caplog):
    for _ in range(3):
        say(speaker, "Chào con!", "vi", "hello")
        eventually(lambda: speaker.trouble and idle(speaker))
    assert "espeak-ng" in speaker.trouble
    assert not speaker.working
    assert warnings(caplog) == [speaker.trouble]
    speaker.play("ok")
    eventually(lambda: programs.names == ["aplay"])


def test_a_voice_that_is_installed_later_speaks(speaker, programs, tmp_path):
    say(speaker, "Chào con!", "vi")
    eventually(lambda: speaker.trouble)
    (tmp_path / "made.wav").write_bytes(wav(*MADE))
    programs.voice(f'cat "{tmp_path}/made.wav" > "$file"')
    say(speaker, "Chào con!", "vi")
    eventually(lambda: speaker.working and "aplay" in programs.names)


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (DEAF, "espeak-ng hung"),
        ("echo 'Error: The specified espeak-ng voice does not exist.' >&2; exit 1", "does not exist"),
        ("exit 0", "what espeak-ng made"),
        ('echo nonsense > "$file"', "what espeak-ng made"),
        ('head -c 9000000 /dev/zero > "$file"', "what espeak-ng made"),
    ],
)
def test_a_voice_that_hangs_or_fails_is_a_note_and_the_cues_go_on(speaker, programs, does, words):
    programs.voice(does)
    say(speaker, "Chào con!", "vi")
    eventually(lambda: words in speaker.trouble)
    assert not alive(programs.pid(0))
    speaker.play("ok")
    eventually(lambda: programs.names == ["espeak-ng", "aplay"])


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("text", ["-f /etc/passwd", "--voices", "$(reboot); `reboot` && reboot"])
def test_a_title_is_never_taken_for_an_option_or_a_command(speaker, programs, text):
    say(speaker, text, "vi")
    eventually(lambda: len(programs.started) == 2)
    assert programs.said(0) == text
    assert "reboot" not in " ".join(programs.started[0])


@given(st.text(max_size=400))
def test_what_is_spoken_holds_no_control_signs_no_phonemes_and_is_not_endless(text):
    spoken = _speakable(text)
    assert all(sign.isprintable() or sign.isspace() for sign in spoken)
    assert "\x00" not in spoken
    assert "\n" not in spoken
    assert "[[" not in spoken
    assert len(spoken) <= 900  # normalising may make one sign of up to three
    spoken.encode("utf-8")


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize(
    ("language", "key"),
    [("../../etc", "passwd"), ("vi", "../../secret"), ("-f", ""), ("vi\n", ""), ("", ""), ("vi", "a..b")],
)
def test_names_that_are_not_plain_are_refused(speaker, programs, caplog, language, key):
    say(speaker, "Chào con!", language, key)
    eventually(lambda: idle(speaker))
    assert programs.started == []
    assert "not a plain name" in caplog.text


@pytest.mark.usefixtures("voice")
def test_an_empty_sentence_without_a_recording_starts_nothing(speaker, programs):
    say(speaker, " \n ", "vi")
    eventually(lambda: idle(speaker))
    assert programs.started == []


# -- chimes and sentences ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("voice")
def test_a_chime_is_heard_to_its_end_and_then_its_words(speaker, programs):
    programs.player('sleep 0.15; echo done >> "$0.done"')
    speaker.play("ok")
    say(speaker, "Con mượn được sách rồi!", "vi")
    eventually(lambda: len(programs.started) == 3)
    assert programs.names == ["aplay", "espeak-ng", "aplay"]
    assert max(programs.heard(0).samples) == 500
    assert (programs.folder / "aplay.done").read_text().startswith("done")


@pytest.mark.usefixtures("voice")
def test_words_that_wait_for_a_chime_are_forgotten_when_newer_ones_come(speaker, programs):
    programs.player("sleep 0.15")
    speaker.play("ok")
    eventually(lambda: programs.started)
    say(speaker, "Quyển thứ nhất", "vi")
    say(speaker, "Quyển thứ hai", "vi")
    eventually(lambda: len(programs.started) == 3 and idle(speaker))
    assert programs.said(1) == "Quyển thứ hai"


def stop_by_touch(speaker: Speaker) -> None:
    speaker.tick()


def stop_by_other_words(speaker: Speaker) -> None:
    say(speaker, "Tạm biệt con!", "vi")


def stop_by_hush(speaker: Speaker) -> None:
    speaker.hush()


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("stop", [stop_by_touch, stop_by_other_words, stop_by_hush])
@pytest.mark.parametrize("at", ["being made", "being played"])
def test_a_sentence_ends_for_a_finger_for_another_and_when_it_is_hushed(speaker, programs, at, stop):
    if at == "being made":
        programs.voice(FOR_EVER)
    else:
        programs.player(FOR_EVER)
    say(speaker, "Ngày xửa ngày xưa", "vi")
    count = 1 if at == "being made" else 2
    eventually(lambda: len(programs.started) == count)
    first = programs.pid()
    stop(speaker)
    eventually(lambda: not alive(first))
    if stop is stop_by_hush:
        eventually(lambda: idle(speaker))
        assert len(programs.started) == count
    else:
        eventually(lambda: len(programs.started) > count)
    assert "hung" not in speaker.trouble


# -- several sentences ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("voice")
def test_what_one_voice_reads_is_read_in_one_breath_and_a_recording_has_its_own_place(
    speaker, programs, tmp_path
):
    record(tmp_path, "vi", "due.until", wav(4000, -4000))
    parts = [("lent.title.1", "Con mượn được 1 cuốn rồi!"), ("", "Dế Mèn"), ("due.until", "Con đọc đến")]
    more = [("weekday.2", "thứ Ba"), ("spoken.day.8", "ngày 8")]
    speaker.say([Utterance(key, text) for key, text in (*parts, *more)], "vi")
    eventually(lambda: len(programs.started) == 5 and idle(speaker))
    assert programs.order == ["Con mượn được 1 cuốn rồi! Dế Mèn", 1000, "thứ Ba, ngày 8"]


@pytest.mark.usefixtures("voice")
def test_a_long_page_is_read_in_several_breaths_each_begun_soon(speaker, programs):
    titles = [f"Cuốn sách thứ {number} về một chú dế đi chơi xa" for number in range(9)]
    speaker.say([Utterance("", title) for title in titles], "vi")
    eventually(lambda: len(programs.started) >= 6 and idle(speaker))
    assert all(len(said) < 200 for said in programs.order)
    assert ", ".join(programs.order) == ", ".join(titles)


@pytest.mark.usefixtures("voice")
def test_a_broken_recording_is_named_once_and_the_sentences_beside_it_are_said(
    speaker, programs, tmp_path, caplog
):
    record(tmp_path, "vi", "one", wav(4000, -4000))
    record(tmp_path, "vi", "two", b"a song")
    parts = [Utterance("one", "một"), Utterance("two", "hai"), Utterance("", "ba")]
    for count in (3, 6):
        speaker.say(parts, "vi")
        eventually(lambda count=count: len(programs.started) == count and idle(speaker))
    assert programs.order == [1000, "hai, ba"] * 2
    assert len([words for words in warnings(caplog) if "two.wav" in words]) == 1


@pytest.mark.usefixtures("voice")
def test_a_language_without_a_voice_has_its_recordings_and_names_are_read_by_another_voice(
    speaker, programs, tmp_path
):
    record(tmp_path, "tyz", "hello.greeting", wav(4000, -4000))
    parts = [
        Utterance("hello.greeting", "Chào con!", "vi"),  # not translated, but recorded
        Utterance("hello.none", "khai quyển slư"),
        Utterance("", "Mây", "vi"),
    ]
    speaker.say(parts, "tyz")
    eventually(lambda: len(programs.started) == 3 and idle(speaker))
    assert programs.order == [1000, "Mây"]
    assert speaker.working  # silence that nobody can help is no trouble


@pytest.mark.usefixtures("voice")
def test_a_sentence_that_falls_back_is_read_in_the_language_it_is_written_in(speaker, programs, tmp_path):
    record(tmp_path, "vi", "due.today", wav(4000, -4000))
    speaker.say([Utterance("due.today", "Hôm nay là ngày trả", "vi")], "tyz")
    eventually(lambda: programs.started and idle(speaker))
    assert programs.order == [1000]


def test_after_a_voice_that_hangs_the_recordings_go_on_at_once(programs, tmp_path):
    programs.voice(DEAF)
    record(tmp_path, "vi", "due.today", wav(4000, -4000))
    with Speaker(Loudness(50), voices=tmp_path / "voices", retry_s=60.0, patience_s=0.4) as speaker:
        parts = [Utterance("", f"Sách {number}") for number in range(20)]
        several = [part for each in parts for part in (each, Utterance("due.today", "Hôm nay"))]
        begun = time.monotonic()
        speaker.say(several, "vi")
        eventually(lambda: programs.names.count("aplay") == 20)
        assert time.monotonic() - begun < 20 * 0.4  # waited for once, not for every title
        assert programs.names.count("espeak-ng") == 1
        assert "hung" in speaker.trouble


@pytest.mark.usefixtures("voice")
def test_nothing_to_say_ends_the_words_and_not_the_chime(speaker, programs):
    programs.player('sleep 0.2; echo done >> "$0.done"')
    speaker.play("ok")
    speaker.say((Utterance("", "Tạm biệt"),), "vi")
    eventually(lambda: programs.started)
    speaker.say((), "vi")
    eventually(lambda: idle(speaker))
    assert programs.names == ["aplay"]
    assert (programs.folder / "aplay.done").exists()


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("recorded", [False, True], ids=["read by the machine", "recorded"])
def test_a_chime_that_comes_just_after_its_words_is_heard_before_them(speaker, programs, tmp_path, recorded):
    if recorded:
        record(tmp_path, "vi", "lent", wav(4000, -4000))
    speaker.say((Utterance("lent", "Con mượn được sách rồi!"),), "vi")
    speaker.play("ok")
    eventually(lambda: len(programs.started) == (2 if recorded else 3) and idle(speaker))
    assert programs.order == [500, 1000 if recorded else "Con mượn được sách rồi!"]


@pytest.mark.usefixtures("voice")
def test_a_chime_that_comes_later_is_not_followed_by_the_old_words(speaker, programs):
    programs.player(FOR_EVER)
    speaker.say((Utterance("", "Ngày xửa ngày xưa"),), "vi")
    eventually(lambda: len(programs.started) == 2)
    programs.player()
    speaker.play("ok")
    eventually(lambda: len(programs.started) == 3 and idle(speaker))
    assert programs.names == ["espeak-ng", "aplay", "aplay"]


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("moment", ["before it sounds", "while it sounds"])
def test_a_finger_ends_the_words_for_good(speaker, programs, moment):
    programs.player("sleep 0.3")
    speaker.say((Utterance("", "Ngày xửa ngày xưa"), Utterance("", "x" * 200)), "vi")
    if moment == "while it sounds":
        eventually(lambda: len(programs.started) == 2)
    speaker.tick()
    eventually(lambda: programs.names and programs.names[-1] == "aplay" and idle(speaker))
    assert max(programs.heard().samples) == 250  # the rig's tick, at a quarter
    assert programs.names.count("espeak-ng") <= 1


@pytest.mark.usefixtures("voice")
def test_what_was_asked_for_is_heard_to_its_end_before_it_closes(programs, tmp_path):
    programs.player('sleep 0.1; echo done >> "$0.done"')
    speaker = Speaker(Loudness(50))
    speaker.say((Utterance("", "một"), Utterance("", "x" * 200)), "vi")
    speaker.finish(10.0)
    assert speaker.closed
    assert (programs.folder / "aplay.done").read_text().count("done") == 2


# -- the real program ----------------------------------------------------------------------------------------


@pytest.fixture
def real_player() -> Iterator[Player]:
    need("espeak-ng", "espeak-ng")
    made = Player(patience_s=10.0)
    yield made
    made.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_real_voice_speaks_into_memory(real_player, language):
    wave = real_player._read("Xin chào", language)
    assert wave is not None
    assert 0.2 < wave.seconds < 5
    assert max(wave.samples) > 1000


@pytest.mark.parametrize(
    "text",
    [
        "--version",
        "-f /etc/passwd",
        "[[aU1]] [[[[",
        '<speak><break time="100s"/><audio src="/etc/passwd"/></speak>',
        "\x00\x01\x1b[31m\u202e",
        "ế" * 300,
        "🦊 " * 40,
        "(" * 300,
        "%s%n {0.__class__}",
        "999999999 " * 30,
        "漢" * 300,
    ],
)
def test_the_real_voice_takes_whatever_a_title_holds_for_words(real_player, text):
    spoken = _speakable(text)
    if spoken:
        wave = real_player._read(spoken, "vi")
        assert wave is not None, real_player.troubles
        assert wave.seconds <= 20
    assert real_player.troubles == {}


@pytest.mark.parametrize("text", ["- - -", "...", "\u200b", "!"])
def test_a_title_of_which_nothing_is_to_be_heard_is_no_trouble_and_the_next_words_come(real_player, text):
    real_player._read(_speakable(text), "vi")
    assert real_player.troubles == {}
    assert real_player._read("Xin chào", "vi") is not None


def test_the_real_voice_reads_phonemes_in_brackets_as_letters_not_as_sounds(real_player):
    said = {text: real_player._read(_speakable(text), "vi").samples for text in ("[[aU1]]", "((aU1))")}
    assert said["[[aU1]]"] == said["((aU1))"]
    assert real_player._read("[[aU1]]", "vi").samples != said["[[aU1]]"]  # what it would be otherwise
