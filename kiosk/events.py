"""What reaches the desk: every event is a frozen value put into the desk's inbox by some other thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TagKind(StrEnum):
    """What a tag's SAK says of it (NXP AN10833); only a hint, never an identity."""

    CLASSIC = "classic"  # MIFARE Classic: most library cards
    ULTRALIGHT = "ultralight"  # Ultralight and NTAG: most book stickers
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A tag whose UID was verified: BCC, SAK and the SAK's CRC_A checked."""

    uid: str  # upper-case hex, 8, 14 or 20 digits
    kind: TagKind = TagKind.OTHER


class Action(StrEnum):
    """What a touch can ask for. `target` of Tapped names the item where one is needed."""

    DONE = "done"  # I am finished
    STILL_HERE = "still_here"
    HELP = "help"
    BACK = "back"  # leave the help screen
    UNDO = "undo"  # take the newest checkout back
    RETURN = "return"  # the book on the Choose screen comes back
    KEEP = "keep"  # keep it longer
    BORROW = "borrow"  # the book on the Offer screen
    NOT_NOW = "not_now"
    LANGUAGE = "language"  # next screen language


class Direction(StrEnum):
    """Which way somebody crossed the doorway."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class TagsOnPad:
    """The whole of what lies on the pad now; posted at every change. Empty = verified empty."""

    tags: frozenset[Tag]


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """The pad's reader does not work; `cause` is for the log and for staff."""

    cause: str


@dataclass(frozen=True, slots=True)
class ReaderBack:
    """The reader works again. A TagsOnPad with what lies there follows, even when that is nothing."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """A touch on a button of the screen numbered `screen` (0 = whichever is shown).

    A tap that was meant for an earlier screen is void: the engine drops it.
    """

    action: Action
    target: str = ""
    screen: int = 0


@dataclass(frozen=True, slots=True)
class Crossed:
    """Somebody passed the doorway. `sensor` names the beams that saw it."""

    direction: Direction
    sensor: str = "door"


@dataclass(frozen=True, slots=True)
class ExtraLost:
    """A device the station can do without (beams, lamp, link) could not be started."""

    device: str
    cause: str


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The moment the last Step asked to be woken at has come."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The centre has committed every fact 1..upto of `epoch`."""

    epoch: str
    upto: int


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link to the centre came up or went down. Lending does not care; the health page does."""

    up: bool


DeskEvent = TagsOnPad | ReaderLost | ReaderBack | Tapped | Crossed | ExtraLost | Elapsed
Event = DeskEvent | Confirmed | LinkChanged
