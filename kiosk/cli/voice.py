"""`kiosk voice`: what the station says, in whose voice, and how to record it. A station may be running."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from kiosk.bootstrap.narrator import machine_voices, voices_of
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.errors import StationError
from kiosk.settings import Settings, load
from kiosk.words import languages, use, voice_of, words_for
from kiosk.words.phrases import Utterance
from kiosk.words.recordings import recordable

app = typer.Typer(help="What the station says aloud.", no_args_is_help=True)

Language = Annotated[str, typer.Option("--language", "-l", help="vi, en ...; default: the station's")]

_LONGEST_S = 60.0  # one sentence, and a program that hangs
_FAINT = 1500  # of 32767: a recording whose loudest moment is below can hardly be heard
_CLIPPED = 0.002  # so large a part of the samples at the very edge was shouted into the microphone


class VoiceError(StationError, ValueError):
    """A voice command cannot be carried out; says what would be right."""


@app.command("list")
def list_command(
    settings: SettingsFile = DEFAULT_SETTINGS,
    language: Language = "",
    script: Annotated[bool, typer.Option("--script", help="as a list to print, for recording")] = False,
) -> None:
    """Print every sentence that can be recorded, and who says it now: a recording, the machine, or nobody."""
    chosen = _settings(settings)
    spoken = _language(language, chosen)
    folder = voices_of(chosen) / spoken
    groups = recordable(words_for(spoken))
    teller = _teller(spoken, folder)
    if script:
        _print_script(groups, folder)
        return
    for group, sentences in groups:
        print(f"# {group}")
        for one in sentences:
            print(f"{teller(one.key):8}  {one.key:32}  {one.text}")
    told = [teller(one.key) for _, sentences in groups for one in sentences]
    print(f"\n{len(told)} sentences: {told.count('recorded')} recorded in {folder}, ", end="")
    print(f"{told.count('machine')} in the machine's voice, {told.count('nobody')} in nobody's.")


@app.command("say")
def say(what: str, settings: SettingsFile = DEFAULT_SETTINGS, language: Language = "") -> None:
    """Say a sentence by its key, or any text, as the station would; in quiet hours too."""
    from hardware.speaker import Loudness, Speaker

    chosen = _settings(settings)
    spoken = _language(language, chosen)
    logging.getLogger("hardware").setLevel(logging.CRITICAL)  # what is wrong is said once, below
    by_key = {one.key: one for one in _sentences(spoken)}
    part = by_key.get(what, Utterance("", what))
    volume = Loudness(chosen.speaker.volume, ceiling=chosen.speaker.ceiling)
    device, voices = chosen.speaker.device or None, voices_of(chosen)
    speaker = Speaker(volume, device=device, voices=voices, spoken=machine_voices())
    speaker.say((part,), spoken)
    speaker.finish(_LONGEST_S)
    if speaker.trouble:
        raise VoiceError(speaker.trouble)
    if _teller(spoken, voices_of(chosen) / spoken)(part.key) == "nobody":
        raise VoiceError(f"nobody speaks {spoken!r} here: record it, or install Debian's espeak-ng")


@app.command("check")
def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Look at every recording and name those that will not be heard, and why. Exit status 1 for any."""
    folder = voices_of(_settings(settings))
    files = sorted(path for path in folder.rglob("*") if not path.is_dir())
    found = [(path, _wrong(path, folder)) for path in files]
    for path, wrong in found:
        if wrong:
            print(f"{path.relative_to(folder)}: {wrong}")
    bad = sum(1 for _, wrong in found if wrong)
    print(f"{len(files)} recordings in {folder}, {bad} to mend.")
    if bad:
        raise typer.Exit(1)


def _settings(path: Path) -> Settings:
    chosen = load(path) if path.exists() else Settings()
    use(chosen.station.data)
    return chosen


def _language(wanted: str, settings: Settings) -> str:
    language = wanted or settings.station.language
    if language not in languages():
        raise VoiceError(f"there is no language {language!r}; the station has {', '.join(languages())}")
    return language


def _sentences(language: str) -> list[Utterance]:
    return [one for _, sentences in recordable(words_for(language)) for one in sentences]


def _teller(language: str, folder: Path) -> Callable[[str], str]:
    """Who says a key: "recorded", "machine" or "nobody"."""
    machine = bool(voice_of(language)) and shutil.which("espeak-ng") is not None

    def told(key: str) -> str:
        if key and (folder / f"{key}.wav").is_file():
            return "recorded"
        return "machine" if machine else "nobody"

    return told


def _print_script(groups: tuple[tuple[str, tuple[Utterance, ...]], ...], folder: Path) -> None:
    print("One sentence a file, in a quiet room, a hand's breadth from the microphone, half a second of")
    print("silence at both ends. WAV, mono, 16 bit, 22050 or 44100 Hz, at most 30 s. The first groups are")
    print("heard most. Then: kiosk voice check. The files belong into")
    print(folder)
    for group, sentences in groups:
        print(f"\n{group}\n")
        for one in sentences:
            box = "x" if (folder / f"{one.key}.wav").is_file() else " "
            print(f"[{box}] {one.text}\n      {one.key}.wav")


def _wrong(path: Path, folder: Path) -> str:
    from hardware.speaker.waves import WaveRefused, read_wave

    place = path.relative_to(folder)
    language = place.parts[0]
    if len(place.parts) != 2 or language not in languages():
        return f"must lie in a folder of its language: {' or '.join(f'{name}/' for name in languages())}"
    if path.suffix != ".wav":
        return "is not called KEY.wav"
    if path.stem not in words_for(language).plain_keys() | {one.key for one in _sentences(language)}:
        return "no sentence has this name: 'kiosk voice list' has them all"
    try:
        samples = read_wave(path).samples
    except (OSError, WaveRefused) as error:
        return str(error).replace(f"{path} ", "")
    if max(map(abs, samples)) < _FAINT:
        return "can hardly be heard: record it louder"
    if sum(1 for sample in samples if abs(sample) >= 32_767) > _CLIPPED * len(samples):
        return "is distorted: record it softer, or further from the microphone"
    return ""
