"""What the desk answers, and the pace it keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from kiosk.ports import Errand
from kiosk.screens import PLAIN, Look, Screen


class Cue(StrEnum):
    """What lamp and loudspeaker are told. Each is also visible on the screen."""

    OK = "ok"
    ASK = "ask"
    NO = "no"
    HELP = "help"
    FAULT = "fault"
    OFF = "off"
    READ = "read"  # read the screen aloud, whole: a child asked for it


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
    session: int = 300_000  # nobody does anything in a teacher's or a family's session
    rate: int = 8_000  # how long the faces stay after a returned book was lifted off; 0 = nobody is asked
    left_behind: int = 180_000  # what lies on the pad so long, and belongs to no visit, is reported
    help_again: int = 60_000  # between two reports that help was called; the screen says it every time
    pin_lock: int = 60_000  # after three wrong PINs
    most_at_once: int = 3

    def slower(self) -> Pace:
        """The pace for somebody who needs more time: twice as long for whatever waits for a child."""
        return replace(
            self,
            idle=self.idle * 2,
            still_there=self.still_there * 2,
            goodbye=self.goodbye * 2,
            message=self.message * 2,
            linger=self.linger * 2,
            undo=self.undo * 2,
            rate=self.rate * 2,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """The desk's answer to an event. `wake_at` (monotonic ms) asks for an Elapsed at that moment."""

    screen: Screen
    language: str
    cues: tuple[Cue, ...] = ()
    wake_at: int | None = None
    errands: tuple[Errand, ...] = ()  # for the pad's thread, about tags that lie there
    look: Look = PLAIN
