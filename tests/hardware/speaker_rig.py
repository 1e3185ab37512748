"""Programs a test makes for the loudspeaker: real processes that play nothing and remember everything."""

from __future__ import annotations

import os
import time
from array import array
from pathlib import Path

from hardware.speaker import Speaker
from hardware.speaker.waves import Wave, parse_wave, read_wave

NAMES = ("tick", "ok", "ask", "no", "help", "place", "cheer", "goodbye")
PLAYS, FOR_EVER = "exit 0", "exec sleep 1000"
DEAF = "trap '' TERM INT HUP; while :; do sleep 1; done"
FAILS = "echo 'some words before' >&2; echo 'audio open error: no such device' >&2; exit 1"

_PLAYER = """#!/bin/sh
PATH=/usr/bin:/bin
for file; do :; done
cp "$file" "{folder}/$$.wav"
echo "$$ ${{0##*/}} $*" >> {folder}/log
{does}
"""
_VOICE = """#!/bin/sh
PATH=/usr/bin:/bin
for file; do :; done
cat > "{folder}/$$.txt"
echo "$$ ${{0##*/}} $*" >> {folder}/log
{does}
"""


class Programs:
    """A folder for PATH, alone on it. What was started is in `started`, in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def player(self, does: str = PLAYS, name: str = "aplay") -> None:
        self._write(name, _PLAYER, does)

    def voice(self, does: str) -> None:
        """An espeak-ng; in `does`, "$file" is where it must write."""
        self._write("espeak-ng", _VOICE, does)

    def remove(self, name: str = "aplay") -> None:
        (self.folder / name).unlink()

    def _write(self, name: str, script: str, does: str) -> None:
        fresh = self.folder / f"{name}.new"  # never written while it runs
        fresh.write_text(script.format(folder=self.folder, does=does))
        fresh.chmod(0o755)
        fresh.replace(self.folder / name)

    @property
    def started(self) -> list[list[str]]:
        """Process number, program and arguments of each."""
        log = self.folder / "log"
        return [line.split(" ") for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def names(self) -> list[str]:
        return [program for _, program, *_ in self.started]

    def pid(self, number: int = -1) -> int:
        return int(self.started[number][0])

    def heard(self, number: int = -1) -> Wave:
        """What a player was given to play."""
        return read_wave(self.folder / f"{self.pid(number)}.wav")

    @property
    def order(self) -> list[str | int]:
        """What was heard, in turn: what a voice was given to say, and the highest sample of a recording.

        What the voice made is played too, and not told twice.
        """
        told: list[str | int] = []
        made = False
        for number, program in enumerate(self.names):
            if program == "espeak-ng":
                told.append(self.said(number))
            elif not made:
                told.append(max(self.heard(number).samples))
            made = program == "espeak-ng"
        return told

    def said(self, number: int = -1) -> str:
        """What the voice was given to say."""
        return (self.folder / f"{self.pid(number)}.txt").read_text(encoding="utf-8")


def idle(speaker: Speaker) -> bool:
    """Whether nothing sounds and nothing waits; three looks, for between two hands a sound is in neither."""
    player = speaker._player
    for _ in range(3):
        if player._now or player._cue or player._speech or player._inbox.qsize():
            return False
        time.sleep(0.002)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def end(pid: int) -> None:
    os.kill(pid, 9)


def wav(*samples: int, channels: int = 1, rate: int = 22_050) -> bytes:
    """A WAV file's content."""
    return Wave(array("h", samples), channels, rate).to_bytes()


def write_sounds(folder: Path, seconds: float = 0.01) -> dict[str, Wave]:
    """A sound of each name, each unlike the others: its place in NAMES, times 1000, is its highest sample."""
    folder.mkdir()
    count = round(22_050 * seconds)
    made = {}
    for number, name in enumerate(NAMES, 1):
        content = wav(*((number * 1000, -number * 1000) * (count // 2)))
        (folder / f"{name}.wav").write_bytes(content)
        made[name] = parse_wave(content, name)
    return made
