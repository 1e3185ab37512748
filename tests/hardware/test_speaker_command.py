"""`kiosk voice`: what can be recorded, who says it now, whether a recording will be heard."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.__main__ import app
from kiosk.cli.voice import VoiceError
from kiosk.words import use, words_for
from kiosk.words.recordings import recordable
from tests.hardware.speaker_rig import FAILS, Programs, wav

ALL = [one for _, sentences in recordable(words_for("vi")) for one in sentences]


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


@pytest.fixture(autouse=True)
def _as_it_was():
    """The command is a process of its own; here it leaves nothing behind."""
    level = logging.getLogger("hardware").level
    yield
    logging.getLogger("hardware").setLevel(level)
    use(None)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "station.toml"
    path.write_text('[station]\ndata = "data"\n[speaker]\nvolume = 50\n', encoding="utf-8")
    return path


def voice(settings: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["voice", *words, "--settings", str(settings)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def record(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "data" / "voices" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def loud(seconds: float = 0.1) -> bytes:
    return wav(*((9000, -9000) * int(seconds * 11_025)))


@pytest.mark.usefixtures("programs")
def test_the_list_says_of_every_sentence_who_says_it(settings, tmp_path) -> None:
    record(tmp_path, "vi/hello.greeting.wav", loud())
    _, listed = voice(settings, "list")
    assert re.search(r"^recorded  hello\.greeting +Chào con!$", listed, re.MULTILINE)
    assert re.search(r"^machine   hello\.none +Con đặt sách cạnh thẻ nhé$", listed, re.MULTILINE)
    for one in ALL:
        assert f" {one.key} " in listed
    assert f"{len(ALL)} sentences: 1 recorded" in listed


def test_without_the_machines_voice_nobody_says_what_is_not_recorded(settings, programs) -> None:
    programs.remove("espeak-ng")
    _, listed = voice(settings, "list", "--language", "en")
    assert re.search(r"^nobody    hello\.greeting +Hello!$", listed, re.MULTILINE)
    assert f"{len(ALL)} in nobody's" in listed


@pytest.mark.usefixtures("programs")
def test_the_script_is_a_page_to_read_from_with_each_files_name(settings, tmp_path) -> None:
    record(tmp_path, "vi/hello.greeting.wav", loud())
    _, script = voice(settings, "list", "--script")
    assert "[x] Chào con!\n      hello.greeting.wav" in script
    assert "[ ] còn 14 đêm nữa\n      due.sleeps.14.wav" in script
    assert script.count(".wav\n") == len(ALL)
    assert str(tmp_path / "data" / "voices" / "vi") in script.splitlines()
    assert max(len(line) for line in script.splitlines() if str(tmp_path) not in line) < 100


@pytest.mark.usefixtures("programs")
def test_a_language_that_is_not_there_is_refused_with_those_that_are(settings) -> None:
    with pytest.raises(VoiceError, match="vi, en"):
        voice(settings, "list", "--language", "xx")


def test_a_sentence_is_heard_by_its_key_and_any_text_by_itself(settings, programs, tmp_path) -> None:
    record(tmp_path, "vi/hello.greeting.wav", wav(4000, -4000))
    assert voice(settings, "say", "hello.greeting")[0] == 0
    assert voice(settings, "say", "lent.title.2")[0] == 0
    assert voice(settings, "say", "Góc Đọc xin chào")[0] == 0
    assert programs.order == [1000, "Con mượn được 2 cuốn rồi!", "Góc Đọc xin chào"]


def test_what_cannot_be_heard_is_said_with_the_reason(settings, programs) -> None:
    programs.player(FAILS)
    with pytest.raises(VoiceError, match="no such device"):
        voice(settings, "say", "hello.greeting")
    programs.player()
    programs.remove("espeak-ng")
    with pytest.raises(VoiceError, match="espeak-ng"):
        voice(settings, "say", "hello.greeting")


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("vi/hello.greeting.wav", b"a song", "no WAV file"),
        ("vi/hello.greeting.wav", wav(*[300, -300] * 500), "hardly be heard"),
        ("vi/hello.greeting.wav", wav(*[32_767, -32_768] * 500), "distorted"),
        ("vi/hello.greeting.wav", wav(*[9000] * (4_000 * 31), rate=4_000), "lasts 31 s"),
        ("vi/helo.greeting.wav", loud(), "no sentence has this name"),
        ("vi/hello.greeting.mp3", b"ID3", "KEY.wav"),
        ("hello.greeting.wav", loud(), "folder of its language"),
        ("xx/hello.greeting.wav", loud(), "folder of its language"),
    ],
)
def test_a_recording_that_will_not_be_heard_is_named_with_the_reason(
    settings, tmp_path, name, content, why
) -> None:
    record(tmp_path, "vi/due.today.wav", loud())
    record(tmp_path, name, content)
    status, told = voice(settings, "check")
    assert status == 1
    assert re.search(rf"^{re.escape(name)}: .*{why}", told, re.MULTILINE)
    assert "due.today" not in told
    assert "2 recordings" in told
    assert "1 to mend" in told


@pytest.mark.usefixtures("programs")
def test_good_recordings_of_every_kind_of_key_pass(settings, tmp_path) -> None:
    for key in (
        "hello.greeting",
        "due.sleeps.3",
        "returned.where.green",
        "button.mine",
        "spoken.language.en",
    ):
        record(tmp_path, f"vi/{key}.wav", loud())
    status, told = voice(settings, "check")
    assert status == 0, told
    assert "5 recordings" in told


@pytest.mark.usefixtures("programs")
def test_where_nothing_was_recorded_there_is_nothing_to_mend(settings) -> None:
    assert voice(settings, "check")[0] == 0
