"""Spoken sentences: a librarian's recording first, the machine's voice else, and otherwise nothing at all."""

from __future__ import annotations

import logging
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.speaker import Loudness, Speaker
from hardware.speaker.speaker import _speakable
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


def record(tmp_path, language: str, key: str, content: bytes) -> None:
    folder = tmp_path / "voices" / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.wav").write_bytes(content)


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.usefixtures("voice")
def test_a_sentence_is_spoken_in_its_languages_voice_at_the_volume_that_is_set(speaker, programs):
    speaker.speak("Con mượn được sách rồi!", "vi")
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
    speaker.speak("Con mượn được sách rồi!", "vi", key="lent")
    eventually(lambda: programs.started and idle(speaker))
    assert programs.names == ["aplay"]
    assert list(programs.heard().samples) == [1000, -1000]


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("broken", [None, b"a song"])
def test_a_recording_that_is_missing_or_broken_is_spoken_instead(speaker, programs, tmp_path, broken):
    if broken is not None:
        record(tmp_path, "vi", "lent", broken)
    speaker.speak("Con mượn được sách rồi!", "vi", key="lent")
    eventually(lambda: len(programs.started) == 2 and idle(speaker))
    assert programs.names == ["espeak-ng", "aplay"]
    assert speaker.working == (broken is None)


def test_without_any_voice_there_is_silence_a_note_and_the_cues_all_the_same(speaker, programs, caplog):
    for _ in range(3):
        speaker.speak("Chào con!", "vi", key="hello")
        eventually(lambda: speaker.trouble and idle(speaker))
    assert "espeak-ng" in speaker.trouble
    assert not speaker.working
    assert warnings(caplog) == [speaker.trouble]
    speaker.play("ok")
    eventually(lambda: programs.names == ["aplay"])


def test_a_voice_that_is_installed_later_speaks(speaker, programs, tmp_path):
    speaker.speak("Chào con!", "vi")
    eventually(lambda: speaker.trouble)
    (tmp_path / "made.wav").write_bytes(wav(*MADE))
    programs.voice(f'cat "{tmp_path}/made.wav" > "$file"')
    speaker.speak("Chào con!", "vi")
    eventually(lambda: speaker.working and "aplay" in programs.names)


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (DEAF, "espeak-ng hung"),
        ("echo 'Error: The specified espeak-ng voice does not exist.' >&2; exit 1", "does not exist"),
        ("exit 0", "what espeak-ng made"),
        ('echo nonsense > "$file"', "what espeak-ng made"),
    ],
)
def test_a_voice_that_hangs_or_fails_is_a_note_and_the_cues_go_on(speaker, programs, does, words):
    programs.voice(does)
    speaker.speak("Chào con!", "vi")
    eventually(lambda: words in speaker.trouble)
    assert not alive(programs.pid(0))
    speaker.play("ok")
    eventually(lambda: programs.names == ["espeak-ng", "aplay"])


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("text", ["-f /etc/passwd", "--voices", "$(reboot); `reboot` && reboot"])
def test_a_title_is_never_taken_for_an_option_or_a_command(speaker, programs, text):
    speaker.speak(text, "vi")
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
    [("../../etc", "passwd"), ("vi", "../../secret"), ("-f", None), ("vi\n", None), ("", None), ("vi", "")],
)
def test_names_that_are_not_plain_are_refused(speaker, programs, caplog, language, key):
    speaker.speak("Chào con!", language, key=key)
    eventually(lambda: idle(speaker))
    assert programs.started == []
    assert "not a plain name" in caplog.text


@pytest.mark.usefixtures("voice")
def test_an_empty_sentence_without_a_recording_starts_nothing(speaker, programs):
    speaker.speak(" \n ", "vi")
    eventually(lambda: idle(speaker))
    assert programs.started == []


# -- chimes and sentences ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("voice")
def test_a_chime_is_heard_to_its_end_and_then_its_words(speaker, programs):
    programs.player('sleep 0.15; echo done >> "$0.done"')
    speaker.play("ok")
    speaker.speak("Con mượn được sách rồi!", "vi")
    eventually(lambda: len(programs.started) == 3)
    assert programs.names == ["aplay", "espeak-ng", "aplay"]
    assert max(programs.heard(0).samples) == 500
    assert (programs.folder / "aplay.done").read_text().startswith("done")


@pytest.mark.usefixtures("voice")
def test_words_that_wait_for_a_chime_are_forgotten_when_newer_ones_come(speaker, programs):
    programs.player("sleep 0.15")
    speaker.play("ok")
    eventually(lambda: programs.started)
    speaker.speak("Quyển thứ nhất", "vi")
    speaker.speak("Quyển thứ hai", "vi")
    eventually(lambda: len(programs.started) == 3 and idle(speaker))
    assert programs.said(1) == "Quyển thứ hai"


def stop_by_cue(speaker: Speaker) -> None:
    speaker.play("no")


def stop_by_other_words(speaker: Speaker) -> None:
    speaker.speak("Tạm biệt con!", "vi")


def stop_by_hush(speaker: Speaker) -> None:
    speaker.hush()


@pytest.mark.usefixtures("voice")
@pytest.mark.parametrize("stop", [stop_by_cue, stop_by_other_words, stop_by_hush])
@pytest.mark.parametrize("at", ["being made", "being played"])
def test_a_sentence_ends_for_a_cue_for_another_and_when_it_is_hushed(speaker, programs, at, stop):
    if at == "being made":
        programs.voice(FOR_EVER)
    else:
        programs.player(FOR_EVER)
    speaker.speak("Ngày xửa ngày xưa", "vi")
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


# -- the real program ----------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_real_voice_speaks_into_memory(language):
    from hardware.speaker.player import Player, Utterance

    player = Player(patience_s=10.0)
    try:
        wave = player._words(Utterance("Xin chào", language, 50))
        assert wave is not None
        assert 0.2 < wave.seconds < 5
        assert max(wave.samples) > 1000
    finally:
        player.close()
