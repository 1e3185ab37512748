"""What the desk answers, and the pace it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.ports import Errand
from kiosk.screens import Screen

LANGUAGES = ("vi", "en")
"""Screen languages, in the order a touch on the language button goes through them."""


class Cue(StrEnum):
    """What lamp and loudspeaker are told. Each is also visible on the screen."""

    OK = "ok"
    ASK = "ask"
    NO = "no"
    HELP = "help"
    FAULT = "fault"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the desk waits, in milliseconds, and how many books it takes at once."""

    idle: int = 20_000
    still_there: int = 10_000
    goodbye: int = 6_000
    message: int = 8_000
    linger: int = 3_000  # a message stays so long after its book was lifted
    undo: int = 30_000
    retry: int = 5_000  # between two attempts to write to a full disk
    language: int = 60_000  # a language chosen on Welcome is forgotten after so long
    put_back: int = 8_000  # how long a book is asked back whose sticker is not ready for the gate
    staff: int = 60_000  # nobody does anything in the staff's room
    pin_lock: int = 60_000  # after three wrong PINs
    most_at_once: int = 3


@dataclass(frozen=True, slots=True)
class Step:
    """The desk's answer to an event. `wake_at` (monotonic ms) asks for an Elapsed at that moment."""

    screen: Screen
    language: str
    cues: tuple[Cue, ...] = ()
    wake_at: int | None = None
    errands: tuple[Errand, ...] = ()  # for the pad's thread, about tags that lie there
