"""The loudspeaker's sounds as figures: volume, quiet hours, WAV files read and scaled, the chimes."""

from __future__ import annotations

import io
import math
import os
import wave
from array import array
from datetime import UTC, time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import HardwareError
from hardware.speaker.loudness import Loudness, SpeakerFault, gain_of
from hardware.speaker.make_sounds import CHIMES, make
from hardware.speaker.speaker import SOUNDED, SOUNDS
from hardware.speaker.waves import Wave, WaveRefused, parse_wave, read_wave
from kiosk.desk import Cue
from tests.hardware.speaker_rig import wav

SAMPLES = st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=50)

# -- volume --------------------------------------------------------------------------------------------------


def test_the_volume_goes_in_steps_from_silence_to_the_ceiling():
    loudness = Loudness(60, step=10, ceiling=85)
    assert [loudness.louder() for _ in range(4)] == [70, 80, 85, 85]
    assert [loudness.quieter() for _ in range(10)] == [75, 65, 55, 45, 35, 25, 15, 5, 0, 0]
    assert loudness.set(1000) == 85
    assert loudness.set(-5) == 0


def test_no_setting_is_louder_than_the_ceiling():
    assert Loudness(100, ceiling=30).volume == 30
    assert Loudness(100, ceiling=0).louder() == 0


@pytest.mark.parametrize(
    "figures", [{"volume": 101}, {"volume": -1}, {"ceiling": 101}, {"step": 0}, {"quiet_from": time(12)}]
)
def test_figures_that_make_no_sense_are_a_fault_that_names_them(figures):
    (name,) = figures
    with pytest.raises(SpeakerFault, match="quiet hours" if name == "quiet_from" else name):
        Loudness(**figures)
    assert issubclass(SpeakerFault, HardwareError)


@pytest.mark.parametrize(
    ("begin", "end", "quiet", "loud"),
    [
        (time(11, 30), time(13, 30), ["11:30", "13:29"], ["11:29", "13:30", "23:00"]),
        (time(20), time(7), ["20:00", "23:59", "00:00", "06:59"], ["19:59", "07:00", "12:00"]),
        (time(9), time(9), [], ["08:59", "09:00", "09:01"]),
    ],
)
def test_in_quiet_hours_nothing_is_heard_even_past_midnight(begin, end, quiet, loud):
    loudness = Loudness(50, quiet_from=begin, quiet_until=end)
    assert [loudness.at(time.fromisoformat(moment)) for moment in quiet] == [0] * len(quiet)
    assert [loudness.at(time.fromisoformat(moment)) for moment in loud] == [50] * len(loud)
    assert loudness.volume == 50


def test_without_a_clock_no_hour_is_quiet_and_a_zone_does_not_disturb():
    loudness = Loudness(50, quiet_from=time(20), quiet_until=time(7))
    assert loudness.at(None) == 50
    assert loudness.at(time(21, tzinfo=UTC)) == 0


def test_the_gain_is_nothing_at_nought_and_everything_at_a_hundred_and_half_is_twelve_decibels_less():
    assert (gain_of(0), gain_of(100)) == (0, 1)
    assert 20 * math.log10(gain_of(50)) == pytest.approx(-12.04, abs=0.01)
    assert sorted(map(gain_of, range(101))) == list(map(gain_of, range(101)))


# -- WAV files -----------------------------------------------------------------------------------------------


@given(SAMPLES, st.sampled_from([1, 2]), st.sampled_from([8_000, 22_050, 48_000]))
def test_what_is_written_is_read_again(samples, channels, rate):
    samples = samples * channels
    sound = parse_wave(Wave(array("h", samples), channels, rate).to_bytes(), "it")
    assert list(sound.samples) == samples
    assert (sound.channels, sound.rate) == (channels, rate)
    assert sound.seconds == pytest.approx(len(samples) / channels / rate)


@given(SAMPLES, st.floats(0, 1))
def test_scaling_makes_each_sample_smaller_by_the_gain_and_none_larger(samples, gain):
    scaled = Wave(array("h", samples), 1, 22_050).scaled(gain).samples
    for before, after in zip(samples, scaled, strict=True):
        assert abs(after) <= abs(before)
        assert abs(after - before * gain) < 1


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=20), st.sampled_from([1, 3, 4]))
def test_recordings_of_other_widths_are_taken_at_their_sixteen_highest_bits(high_bytes, width):
    content = io.BytesIO()
    with wave.open(content, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(width)
        writer.setframerate(16_000)
        for high in high_bytes:
            eight = bytes([high + 128])
            writer.writeframes(
                eight if width == 1 else bytes(width - 2) + (high * 256).to_bytes(2, "little", signed=True)
            )
    assert list(parse_wave(content.getvalue(), "it").samples) == [high * 256 for high in high_bytes]


@given(st.data())
def test_whatever_is_in_a_file_it_is_a_sound_or_refused_by_name(data):
    content = bytearray(wav(*range(20)))
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    refusal = ""
    try:
        found = len(parse_wave(content, "voice.wav").samples)
    except WaveRefused as refused:
        found, refusal = 0, str(refused)
    assert found or "voice.wav" in refusal


@given(st.binary(max_size=200))
def test_noise_is_refused(noise):
    with pytest.raises(WaveRefused, match=r"voice\.wav"):
        parse_wave(noise, "voice.wav")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "16-bit PCM"),
        (wav(), "no sound"),
        (wav(*[0] * 3, channels=3), "3 channels"),
        (wav(1, rate=1000), "1000 Hz"),
        (wav(*[0] * (4_000 * 31), rate=4_000), "lasts 31 s"),
        (bytes(8_000_001), "larger than"),
    ],
)
def test_what_the_station_cannot_play_is_refused_with_the_remedy(content, words):
    with pytest.raises(WaveRefused, match=words):
        parse_wave(content, "voice.wav")


@pytest.mark.parametrize(("channels", "seconds", "left"), [(1, 0.5, 2_000), (2, 0.5, 4_000), (2, 9.0, 8_000)])
def test_the_beginning_of_a_sound_is_cut_between_two_samples(channels, seconds, left):
    sound = Wave(array("h", range(4_000 * channels)), channels, 4_000)
    cut = sound.first(seconds)
    assert list(cut.samples) == list(range(left))
    assert (cut.channels, cut.rate) == (channels, 4_000)


def test_a_file_that_is_not_there_or_is_none_is_an_os_error_that_names_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")  # opened, it would wait for ever
    (tmp_path / "folder.wav").mkdir()
    for name in ("nowhere.wav", "pipe.wav", "folder.wav"):
        with pytest.raises(OSError, match=name):
            read_wave(tmp_path / name)


# -- the chimes ----------------------------------------------------------------------------------------------


def test_everything_that_sounds_has_a_file_and_no_file_is_left_over():
    assert set(CHIMES) == SOUNDED == {path.stem for path in SOUNDS.iterdir()}
    assert {cue.value for cue in Cue} - SOUNDED == {"fault", "off", "read"}


def test_the_committed_sounds_are_made_again_byte_for_byte(tmp_path):
    make(tmp_path)
    for path in SOUNDS.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("path", sorted(SOUNDS.iterdir()), ids=lambda path: path.stem)
def test_a_sound_is_short_small_soft_and_begins_and_ends_without_a_click(path: Path):
    sound = read_wave(path)
    assert path.stat().st_size < 100_000
    assert (sound.channels, sound.rate) == (1, 22_050)
    assert sound.seconds < (2 if path.stem in {"cheer", "goodbye"} else 1.2)
    loudest = max(map(abs, sound.samples))
    assert 20 * math.log10(loudest / 32_767) == pytest.approx(CHIMES[path.stem].peak_db, abs=0.1)
    assert CHIMES[path.stem].peak_db <= -12
    assert abs(sound.samples[0]) <= 1
    assert abs(sound.samples[-1]) <= 1
    steps = [abs(after - before) for before, after in pairwise(sound.samples)]
    assert max(steps[:5] + steps[-5:]) < loudest / 20
    tail = sound.samples[-22_050 // 50 :]
    assert max(map(abs, tail)) < loudest / 5  # faded, not cut off


def test_done_rises_and_not_like_this_is_lowest():
    ok = [note.hertz for note in CHIMES["ok"].notes]
    assert len(ok) == 2
    assert ok[0] < ok[1]
    lowest = {name: min(note.hertz for note in chime.notes) for name, chime in CHIMES.items()}
    assert min(lowest, key=lowest.__getitem__) == "no"
    assert CHIMES["tick"].seconds < 0.2


def test_a_finger_is_heard_more_softly_than_any_answer():
    others = [chime.peak_db for name, chime in CHIMES.items() if name != "tick"]
    assert CHIMES["tick"].peak_db <= min(others) - 6


def test_the_cheer_rises_longest_and_goodbye_falls():
    cheer, goodbye = ([note.hertz for note in CHIMES[name].notes] for name in ("cheer", "goodbye"))
    assert len(cheer) > max(len(chime.notes) for name, chime in CHIMES.items() if name != "cheer")
    assert cheer[-1] == max(cheer)
    assert goodbye == sorted(goodbye, reverse=True)
