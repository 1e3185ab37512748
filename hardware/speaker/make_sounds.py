"""Makes the station's sounds again: struck wooden bars, a soft note or two for each.

    python -m hardware.speaker.make_sounds [FOLDER]     # default: the folder the station plays them from

Pure arithmetic, so the files come out the same, byte for byte. Ours, and free of anybody else's rights.
"""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path

from hardware.speaker.speaker import SOUNDS
from hardware.speaker.waves import Wave

RATE = 22_050
"""Samples a second: enough for notes below 5 kHz, half the bytes of 44100."""

PEAK_DB = -12.0
"""dBFS: loud enough through a small loudspeaker, with room above; the volume only makes it softer."""

_PARTIALS = ((1.0, 1.0, 1.0), (3.98, 0.22, 3.5), (9.9, 0.05, 9.0))
# of a marimba's bar, tuned to about 1 : 4 : 10: times the pitch, strength, how many times faster it fades
_ATTACK_S = 0.006  # from nothing to full: a felt mallet, and no click
_RELEASE_S = 0.04  # to nothing at the end of the file, and no click there either


@dataclass(frozen=True, slots=True)
class Note:
    """A struck bar: pitch in Hz, when it is struck, how long until it has faded to 1/e, both in seconds."""

    hertz: float
    at_s: float
    fading_s: float


@dataclass(frozen=True, slots=True)
class Chime:
    """Notes, how long the file lasts in seconds, and its highest level in dBFS."""

    notes: tuple[Note, ...]
    seconds: float
    peak_db: float = PEAK_DB


_A3, _C4, _C5, _E5, _G5, _C6, _E6, _G6 = 220.0, 261.63, 523.25, 659.26, 783.99, 1046.5, 1318.51, 1567.98

_HOORAY = ((_C5, 0.0), (_E5, 0.13), (_G5, 0.26), (_C6, 0.39), (_G5, 0.62), (_C6, 0.75), (_E6, 0.88))

CHIMES = {
    "tick": Chime((Note(_G6, 0.0, 0.02),), 0.1, -24.0),
    "place": Chime((Note(_G5, 0.0, 0.1),), 0.5, -15.0),
    "ok": Chime((Note(_G5, 0.0, 0.16), Note(_C6, 0.15, 0.2)), 0.9),
    "ask": Chime((Note(_E5, 0.0, 0.1), Note(_E5, 0.24, 0.14)), 0.75),
    "no": Chime((Note(_C4, 0.0, 0.2), Note(_A3, 0.0, 0.2)), 0.8),
    "help": Chime((Note(_E5, 0.0, 0.25), Note(_C5, 0.35, 0.3)), 1.15),
    "cheer": Chime(tuple(Note(hertz, at_s, 0.22) for hertz, at_s in _HOORAY), 1.9),
    "goodbye": Chime((Note(_G5, 0.0, 0.25), Note(_E5, 0.3, 0.25), Note(_C5, 0.6, 0.35)), 1.6, -15.0),
}
"""A quiet tick where a finger lands, one note where a card is known. Rising: done. Twice the same: your turn.
One low note: not like this. Falling, a doorbell: a call. Up and up again: a cheer. Three down: goodbye."""


def chime(name: str) -> Wave:
    """One of the sounds, made afresh."""
    wanted = CHIMES[name]
    count = round(wanted.seconds * RATE)
    loud = [sum(_level(note, number / RATE - note.at_s) for note in wanted.notes) for number in range(count)]
    fading = round(_RELEASE_S * RATE)
    for back in range(fading):
        loud[count - 1 - back] *= _smooth(back / fading)
    most = max(map(abs, loud))
    peak = 32_767 * 10 ** (wanted.peak_db / 20)
    return Wave(array("h", [round(peak * level / most) for level in loud]), 1, RATE)


def _level(note: Note, since_s: float) -> float:
    if since_s <= 0:
        return 0.0
    struck = _smooth(min(1.0, since_s / _ATTACK_S))
    return struck * sum(
        strength
        * math.sin(2 * math.pi * note.hertz * times * since_s)
        * math.exp(-since_s * faster / note.fading_s)
        for times, strength, faster in _PARTIALS
        if note.hertz * times < RATE / 2.2  # above the half of the rate a partial would sound as another
    )


def _smooth(part: float) -> float:
    """From 0 to 1 without a corner."""
    return 0.5 - 0.5 * math.cos(math.pi * part)


def make(folder: Path) -> None:
    """Write every sound into a folder. Raises OSError."""
    for name in CHIMES:
        (folder / f"{name}.wav").write_bytes(chime(name).to_bytes())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else SOUNDS)
