"""What reaches the desk: every event is a frozen value put into the desk's inbox by some other thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the screen knows events, and need not load the catalogue for it
    from kiosk.catalogue import Edition
    from kiosk.model import Announcement


class TagKind(StrEnum):
    """What kind of tag it is, by its SAK (NXP AN10833) or by the reader; only a hint, never an identity."""

    CLASSIC = "classic"  # MIFARE Classic: most library cards
    ULTRALIGHT = "ultralight"  # Ultralight and NTAG: most book stickers
    VICINITY = "iso15693"  # ISO/IEC 15693: the stickers of large libraries, with AFI and EAS for the gate
    EM4100 = "em4100"  # 125 kHz, read only: old door and canteen cards
    OTHER = "other"


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A tag whose UID was verified: every checksum between the tag and here was right."""

    uid: str  # upper-case hex: 8, 14 or 20 digits (ISO 14443), 16 (ISO 15693), 10 (EM4100)
    kind: TagKind = TagKind.OTHER
    sak: int | None = field(default=None, compare=False)  # ISO 14443-3 SAK, where the reader tells it


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
    STAFF = "staff"  # a librarian at a screen that shows a fault: asks for the PIN
    DIGIT = "digit"  # of the PIN; `target` is the digit
    RUB_OUT = "rub_out"  # the last digit away
    ENTER = "enter"  # the PIN is whole
    READ = "read"  # read this screen to me; on every screen of a station that can speak
    CARDLESS = "cardless"  # on Welcome: I have no card with me
    CLASS = "class"  # on PickClass; `target` is the place in the list
    ANIMAL = "animal"  # on PickAnimal: that is me; `target` is the place in the list
    PAGE = "page"  # turn the page: of a booklet, a picture grid; after the last comes the first
    MINE = "mine"  # open my own booklet
    BOOK = "book"  # on a page of covers: what is this one? `target` is the item
    SIMILAR = "similar"  # more like this book
    RATE = "rate"  # how was the book? `target` is a value of kiosk.screens.Liked
    EASE = "ease"  # change how the screen is for me; `target` is a value of kiosk.screens.Ease
    TONGUE = "tongue"  # on PickLanguage; `target` is the language
    ALLOW = "allow"  # staff: the family allows the reading passport of the card on the pad
    ERASE = "erase"  # staff: erase it, and keep it no more


class Direction(StrEnum):
    """Which way somebody crossed the doorway."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"  # a single beam cannot tell: as many as come will go, so two of these are one visit


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


class CodeNames(StrEnum):
    """What kind of thing a barcode names."""

    ITEM = "item"  # one copy: a library's 14-digit number that begins with 3
    PATRON = "patron"  # a library card: a 14-digit number that begins with 2
    TITLE = "title"  # an EAN or ISBN: the work, the same on every copy, so never an item
    PLAIN = "plain"  # the library's own number for an item or a patron; the collection knows which


@dataclass(frozen=True, slots=True)
class Scanned:
    """A barcode was read: what it says, and what kind of thing such a code names."""

    code: str
    names: CodeNames


@dataclass(frozen=True, slots=True)
class ExtraLost:
    """A device the station can do without (beams, lamp, link) could not be started."""

    device: str
    cause: str


@dataclass(frozen=True, slots=True)
class ExtraBack:
    """A device the station can do without works again."""

    device: str


@dataclass(frozen=True, slots=True)
class GateSet:
    """The tag `uid` carries this state now, read back: secured = the library's gate rings."""

    uid: str
    secured: bool


@dataclass(frozen=True, slots=True)
class GateRefused:
    """The tag `uid` would not take the gate's state (locked, wrong type); `cause` is for staff."""

    uid: str
    cause: str


class TagSays(StrEnum):
    """What a tag's memory holds. Only ever compared with the table of tags, never believed."""

    BLANK = "blank"
    ITEM = "item"
    INCOMPLETE = "incomplete"  # a write was interrupted; writing again repairs it
    FOREIGN = "foreign"  # somebody else's content
    GARBAGE = "garbage"
    UNREADABLE = "unreadable"  # no memory this reader can read


@dataclass(frozen=True, slots=True)
class TagRead:
    """What the memory of the tag `uid` holds: the `item` it names, and words for staff."""

    uid: str
    says: TagSays
    item: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Elapsed:
    """The moment the last Step asked to be woken at has come."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The centre has committed every fact 1..upto of `epoch`."""

    epoch: str
    upto: int


@dataclass(frozen=True, slots=True)
class Forked:
    """The centre holds other facts under the numbers of `epoch`: this card was restored or cloned."""

    epoch: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link to the centre came up or went down. Lending does not care; the health page does."""

    up: bool


@dataclass(frozen=True, slots=True)
class NewsCame:
    """The centre's announcements, in place of those it sent before.

    `source` says which of its two lists: "all" for every station, "own" for this one. The engine has stored
    them when the desk hears of it.
    """

    announcements: tuple[Announcement, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PolicyCame:
    """The centre's lending rules: `document` as it came, "" = there are none any more; of source as above."""

    document: bytes
    source: str


@dataclass(frozen=True, slots=True)
class CommandCame:
    """The centre asks for something: the payload as it came on the topic of the command `name`."""

    name: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class EditionChosen:
    """The link loads this edition of the catalogue `scope` from now on; `index`: the digests of its parts."""

    scope: str
    generation: str
    edition: Edition
    index: bytes


@dataclass(frozen=True, slots=True)
class PartCame:
    """A part of the edition whose digest is `of`; it was held against the index. `n` counts from 1."""

    of: str
    n: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class EditionWhole:
    """All parts are in the store, and the whole was held against its digest: `good`, or to be loaded anew."""

    of: str
    good: bool


@dataclass(frozen=True, slots=True)
class BoardRead:
    """What the board says of itself, read for the command `id` beside the desk thread."""

    id: str
    readings: Mapping[str, Any]


FromCentre = PolicyCame | CommandCame | EditionChosen | PartCame | EditionWhole | BoardRead
"""What the centre sends down, other than news. None of it is the desk's: kiosk.orders keeps it for it."""

DeskEvent = (
    TagsOnPad | ReaderLost | ReaderBack | Tapped | Crossed | Scanned | ExtraLost | ExtraBack | GateSet
    | GateRefused | TagRead | Elapsed | NewsCame
)  # fmt: skip
Event = DeskEvent | Confirmed | Forked | LinkChanged | FromCentre
