"""The loudspeaker, on programs that are real processes: they play, fail, hang, or are not there."""

from __future__ import annotations

import logging
import os
import shutil
import time
from array import array
from datetime import time as time_of_day
from pathlib import Path

import pytest

from hardware.speaker import Loudness, Speaker
from hardware.speaker.loudness import gain_of
from hardware.speaker.player import Player, Recording
from kiosk.words.spoken import Utterance
from tests.hardware.speaker_rig import DEAF, FAILS, FOR_EVER, Programs, alive, end, idle, write_sounds
from tests.hardware.wires_process import eventually


@pytest.fixture
def programs(tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return Programs(folder)


@pytest.fixture
def sounds(tmp_path):
    write_sounds(tmp_path / "sounds")
    return tmp_path / "sounds"


@pytest.fixture
def speaker(programs, sounds):
    with Speaker(Loudness(50), sounds=sounds, retry_s=0.0, patience_s=10.0) as made:
        yield made


@pytest.fixture
def impatient(programs, sounds):
    """A loudspeaker that takes a program for one that hangs after a second."""
    with Speaker(Loudness(50), sounds=sounds, retry_s=0.0, patience_s=1.0) as made:
        yield made


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# -- what is played ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cue", ["ok", "ask", "no", "help", "place", "cheer", "goodbye"])
def test_a_cue_is_played_once_at_the_volume_that_is_set(speaker, programs, sounds, cue):
    programs.player()
    speaker.play(cue)
    eventually(lambda: programs.started and idle(speaker))
    assert programs.names == ["aplay"]
    original = write_sounds(sounds.parent / "again")[cue]
    heard = programs.heard()
    assert heard.samples == array("h", [int(sample * 0.25) for sample in original.samples])
    assert (heard.channels, heard.rate) == (original.channels, original.rate)
    assert speaker.working
    assert speaker.trouble == ""


@pytest.mark.parametrize("cue", ["fault", "off", "fireworks", "", None, "../ok"])
def test_silent_and_unknown_cues_start_nothing_and_disturb_nothing(speaker, programs, cue):
    programs.player(FOR_EVER)
    speaker.play("ok")
    eventually(lambda: programs.started)
    speaker.play(cue)
    time.sleep(0.1)  # five looks at what plays
    assert alive(programs.pid())
    assert len(programs.started) == 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("aplay", ["-q", "--device=hw:1,0"]), ("pw-play", ["--target=hw:1,0"]), ("paplay", ["--device=hw:1,0"])],
)
def test_whichever_player_is_there_is_used_and_told_the_sound_device(programs, sounds, name, arguments):
    programs.player(name=name)
    with Speaker(sounds=sounds, device="hw:1,0") as speaker:
        speaker.play("ok")
        eventually(lambda: programs.started)
    _, program, *told, file = programs.started[0]
    assert (program, told) == (name, arguments)
    assert file.startswith("/proc/self/fd/")


def test_a_new_cue_stops_the_old_one(speaker, programs, sounds):
    programs.player(DEAF)
    speaker.play("help")
    eventually(lambda: programs.started)
    first = programs.pid()
    speaker.play("ok")
    eventually(lambda: len(programs.started) == 2)
    assert not alive(first)
    assert max(programs.heard().samples) == 500  # the second sound of the rig, at a quarter
    assert speaker.working


def test_of_many_cues_at_once_the_last_is_heard(speaker, programs):
    programs.player()
    for cue in ("help", "no", "ask", "help", "ok"):
        speaker.play(cue)
    eventually(lambda: programs.started and idle(speaker))
    assert max(programs.heard().samples) == 500
    assert len(programs.started) < 5


def test_whoever_plays_is_never_kept_waiting_by_a_program_that_hangs(speaker, programs):
    programs.player(DEAF)
    speaker.play("ok")
    eventually(lambda: programs.started)
    begun = time.monotonic()
    for _ in range(200):
        speaker.play("ok")
        speaker.tick()
    assert time.monotonic() - begun < 5.0  # waited for, one alone would last ten


# -- volume --------------------------------------------------------------------------------------------------


def test_louder_and_quieter_answer_the_new_volume_and_let_it_be_heard(programs, sounds):
    programs.player()
    with Speaker(Loudness(50, step=10, ceiling=65), sounds=sounds) as speaker:
        for change, volume in ((speaker.louder, 60), (speaker.louder, 65), (speaker.louder, 65)):
            count = len(programs.started)
            assert change() == volume == speaker.volume
            eventually(lambda count=count: len(programs.started) > count and idle(speaker))
            assert max(programs.heard().samples) == int(6000 * gain_of(volume))
        assert speaker.quieter() == 55


def test_turned_down_to_nothing_it_is_silent_at_once(programs, sounds):
    programs.player(FOR_EVER)
    with Speaker(Loudness(10, step=10), sounds=sounds) as speaker:
        speaker.play("ok")
        eventually(lambda: programs.started)
        assert speaker.quieter() == 0
        eventually(lambda: not alive(programs.pid()))
        speaker.play("ok")
        speaker.tick()
        eventually(lambda: idle(speaker))
        assert len(programs.started) == 1
        assert speaker.working


def test_in_quiet_hours_nothing_sounds_and_afterwards_it_does(programs, sounds):
    programs.player()
    hour = [12]
    loudness = Loudness(50, quiet_from=time_of_day(12), quiet_until=time_of_day(14))
    with Speaker(loudness, now=lambda: time_of_day(hour[0]), sounds=sounds) as speaker:
        speaker.play("ok")
        speaker.say((Utterance("", "Chào con"),), "vi")
        assert speaker.louder() == 60
        eventually(lambda: idle(speaker))
        assert programs.started == []
        assert speaker.working
        hour[0] = 14
        speaker.play("ok")
        eventually(lambda: programs.started)


def test_a_clock_that_fails_makes_no_hour_quiet(programs, sounds):
    programs.player()

    def broken() -> time_of_day:
        raise OSError("no clock")

    loudness = Loudness(50, quiet_from=time_of_day(0), quiet_until=time_of_day(23))
    with Speaker(loudness, now=broken, sounds=sounds) as speaker:
        speaker.play("ok")
        eventually(lambda: programs.started)


# -- programs that hang --------------------------------------------------------------------------------------


def test_a_player_that_hangs_is_killed_with_everything_it_started(impatient, programs, caplog):
    programs.player("trap '' TERM; sleep 1000 & echo $! > \"$0.child\"; while :; do sleep 1; done")
    impatient.play("ok")
    eventually(lambda: impatient.trouble)
    assert "aplay hung" in impatient.trouble
    assert not impatient.working
    assert not alive(programs.pid())
    eventually(lambda: not alive(int((programs.folder / "aplay.child").read_text())))
    assert warnings(caplog) == [impatient.trouble]


def test_what_a_player_leaves_behind_is_ended_when_it_ends_itself(speaker, programs):
    programs.player('sleep 1000 & echo $! > "$0.child"; exit 0')
    speaker.play("ok")
    eventually(lambda: programs.started and idle(speaker))
    eventually(lambda: not alive(int((programs.folder / "aplay.child").read_text())))
    assert speaker.working


def test_a_player_has_the_length_of_its_sound_and_two_seconds_more(programs, tmp_path):
    write_sounds(tmp_path / "long", seconds=3.0)
    programs.player(FOR_EVER)
    clock = [100.0]
    player = Player(monotonic=lambda: clock[0])
    try:
        player.play(Recording(tmp_path / "long" / "ok.wav", 50))
        eventually(lambda: programs.started)
        clock[0] += 4.9
        time.sleep(0.1)  # five looks at what plays
        assert alive(programs.pid())
        clock[0] += 0.2
        eventually(lambda: not alive(programs.pid()))
        eventually(lambda: "after 5.0 s" in player.troubles.get("player", ""))
    finally:
        player.close()


def test_a_player_that_never_stops_complaining_is_one_that_hangs(impatient, programs):
    programs.player("while :; do echo 'underrun!!!' >&2; done")
    impatient.play("ok")
    eventually(lambda: "hung" in impatient.trouble)
    assert not alive(programs.pid())


@pytest.mark.parametrize("hangs", [False, True], ids=["overtaken", "hung"])
def test_a_program_that_not_even_a_kill_ends_is_told_of_and_no_other_joins_it(
    speaker, impatient, programs, monkeypatch, hangs
):
    programs.player(FOR_EVER)
    used = impatient if hangs else speaker
    with monkeypatch.context() as driver:
        driver.setattr(os, "killpg", lambda *_: None)  # a process in a driver's hands hears no signal
        used.play("ok")
        eventually(lambda: programs.started)
        stuck = programs.pid()
        if hangs:
            eventually(lambda: used.trouble)
        for _ in range(2):
            used.play("no")
            eventually(lambda: "the sound driver hangs" in used.trouble and idle(used))
        assert alive(stuck)
        assert len(programs.started) == 1
        end(stuck)
        eventually(lambda: not alive(stuck))
    programs.player()
    used.play("ok")
    eventually(lambda: len(programs.started) == 2 and used.working)


@pytest.mark.parametrize("does", [FOR_EVER, DEAF])
def test_closing_ends_program_and_thread_within_a_second(programs, sounds, does):
    programs.player(does)
    speaker = Speaker(sounds=sounds)
    speaker.play("ok")
    eventually(lambda: programs.started)
    begun = time.monotonic()
    speaker.close()
    assert time.monotonic() - begun < 1.0
    assert not alive(programs.pid())
    assert not speaker._player._thread.is_alive()
    speaker.close()
    assert speaker.closed
    assert "closed" in repr(speaker)
    for call in (lambda: speaker.play("ok"), speaker.tick, speaker.hush, speaker.louder):
        call()
    assert len(programs.started) == 1


# -- what is missing or fails --------------------------------------------------------------------------------


def test_without_a_player_it_says_so_once_and_plays_when_there_is_one(speaker, programs, caplog):
    for _ in range(3):
        speaker.play("ok")
        eventually(lambda: speaker.trouble and idle(speaker))
    assert "alsa-utils" in speaker.trouble
    assert not speaker.working
    assert warnings(caplog) == [speaker.trouble]
    programs.player()
    speaker.play("ok")
    eventually(lambda: programs.started and speaker.working)


def test_without_a_sound_device_it_says_so_in_the_players_words_and_tries_again(speaker, programs, caplog):
    programs.player(FAILS)
    for _ in range(3):
        speaker.play("ok")
        eventually(lambda: speaker.trouble and idle(speaker))
    assert speaker.trouble == "aplay failed: audio open error: no such device"
    assert warnings(caplog) == [speaker.trouble]
    programs.player()
    speaker.play("ok")
    eventually(lambda: speaker.working)
    programs.player("exit 3")
    speaker.play("ok")
    eventually(lambda: speaker.trouble == "aplay failed: exit status 3")
    assert len(warnings(caplog)) == 2


def test_after_a_failure_it_rests_before_it_tries_again(programs, sounds):
    programs.player(FAILS)
    with Speaker(sounds=sounds, retry_s=60) as speaker:
        speaker.play("ok")
        eventually(lambda: speaker.trouble and idle(speaker))
        speaker.play("ok")
        eventually(lambda: idle(speaker))
        time.sleep(0.05)
    assert len(programs.started) == 1


def test_the_next_player_is_tried_when_the_first_one_fails(speaker, programs):
    programs.player(FAILS)
    programs.player(name="pw-play")
    speaker.play("ok")
    eventually(lambda: speaker.trouble and idle(speaker))
    speaker.play("ok")
    eventually(lambda: speaker.working)
    speaker.play("ok")
    eventually(lambda: len(programs.started) == 3)
    assert programs.names == ["aplay", "pw-play", "pw-play"]


def test_a_player_that_cannot_be_started_is_a_trouble_too(speaker, programs):
    (programs.folder / "aplay").write_bytes(b"\x7fELF nonsense")
    (programs.folder / "aplay").chmod(0o755)
    speaker.play("ok")
    eventually(lambda: "cannot be started" in speaker.trouble)
    assert speaker._player._thread.is_alive()


def test_a_sound_that_is_missing_or_broken_is_told_once_and_the_others_are_heard(
    speaker, programs, sounds, caplog
):
    programs.player()
    whole = (sounds / "ok.wav").read_bytes()
    (sounds / "ok.wav").unlink()
    (sounds / "no.wav").write_text("a song")
    for _ in range(2):
        for cue in ("ok", "no"):
            speaker.play(cue)
            eventually(lambda: idle(speaker))
    eventually(lambda: len(warnings(caplog)) == 2)
    assert "ok.wav is not there" in speaker.trouble
    assert "no.wav is no WAV file" in speaker.trouble
    speaker.play("ask")
    eventually(lambda: len(programs.started) == 1)
    assert not speaker.working
    (sounds / "ok.wav").write_bytes(whole)
    speaker.play("ok")
    eventually(lambda: "ok.wav" not in speaker.trouble)
    assert len(warnings(caplog)) == 2


def test_whatever_else_happens_the_thread_goes_on(speaker, programs, monkeypatch):
    programs.player()

    def full(name: str) -> int:
        raise OSError("too many open files")

    with monkeypatch.context() as crowded:
        crowded.setattr(os, "memfd_create", full)
        speaker.play("ok")
        eventually(lambda: "too many open files" in speaker.trouble)
    speaker.play("ok")
    eventually(lambda: speaker.working)


def test_no_file_and_no_descriptor_is_left_behind(speaker, programs):
    programs.player()
    speaker.play("ok")
    eventually(lambda: programs.started and idle(speaker))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for count in range(2, 6):
        speaker.play("ok")
        eventually(lambda count=count: len(programs.started) == count and idle(speaker))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# -- the real program ----------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay (alsa-utils) is not installed")
def test_the_real_aplay_takes_what_it_is_given():
    with Speaker(device="null") as speaker:
        for cue in ("ok", "no"):
            speaker.play(cue)
            eventually(lambda: idle(speaker))
        assert speaker.trouble == ""
        assert speaker._player._turn == 0
    with Speaker(device="no-such-device") as speaker:
        speaker.play("ok")
        eventually(lambda: "aplay failed" in speaker.trouble)
