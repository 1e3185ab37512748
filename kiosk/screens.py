"""What to show: frozen view-models. The screen draws one of these and reports taps; it holds no rule.

A view-model carries everything its screen says and nothing else: no card number, no patron id. Every
screen also offers HELP; the other actions a screen offers are named in its docstring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Why(StrEnum):
    """Reasons for a kind "no". Each has its own words and picture; staff see the value itself."""

    NOT_FOR_LOAN = "not_for_loan"
    TOO_MANY = "too_many"
    FOR_OLDER = "for_older"
    NO_MORE_RENEWALS = "no_more_renewals"
    CARD_BLOCKED = "card_blocked"
    CARD_EXPIRED = "card_expired"
    WITHDRAWN = "withdrawn"
    ON_LOAN_TO_OTHER = "on_loan_to_other"


@dataclass(frozen=True, slots=True)
class Child:
    """Who is at the desk, as the screen may show it: the name and animal the child chose."""

    nickname: str
    animal: str
    stamps: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """A book as the screen shows it."""

    item_id: str  # also names the cover picture's title through `title_id`
    title_id: str
    name: str
    author: str
    shelf: str  # shelf colour key
    due: date | None = None  # None = not on loan to this child
    age_from: int = 0


@dataclass(frozen=True, slots=True)
class Welcome:
    """Calm picture of what to do. Nothing about anyone. Action: LANGUAGE."""


@dataclass(frozen=True, slots=True)
class TakeBooksOff:
    """A card came while a book already lay on the pad: take the book off first. Action: DONE."""

    child: Child


@dataclass(frozen=True, slots=True)
class Hello:
    """The child is known: what is at home, what is due next. Action: DONE."""

    child: Child
    at_home: tuple[Book, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Lent:
    """Books lent in this visit, newest first. Actions: DONE; UNDO while `can_undo` (takes back books[0])."""

    child: Child
    books: tuple[Book, ...]
    today: date
    can_undo: bool = True


@dataclass(frozen=True, slots=True)
class Undone:
    """The newest checkout was taken back: put the book on its shelf. Action: DONE."""

    child: Child
    book: Book


@dataclass(frozen=True, slots=True)
class Choose:
    """A book the child has at home lies on the pad. Actions: RETURN, KEEP (target item); DONE."""

    child: Child
    book: Book
    today: date


@dataclass(frozen=True, slots=True)
class Renewed:
    """The book may stay longer. Action: DONE."""

    child: Child
    book: Book  # due = the new date
    today: date


@dataclass(frozen=True, slots=True)
class Returned:
    """Thank you; where to put the book. `child` is None when no card lay there. Action: DONE."""

    books: tuple[Book, ...]  # newest first
    child: Child | None = None
    new_stamps: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A book that somebody else had was taken back quietly; does this child want it? BORROW, NOT_NOW."""

    child: Child
    book: Book


@dataclass(frozen=True, slots=True)
class BookInfo:
    """No card: what this free book is, and the request to put a card beside it."""

    book: Book


@dataclass(frozen=True, slots=True)
class Refused:
    """A kind "no" with its reason. `book` is None when the card itself is refused. Action: DONE."""

    why: Why
    child: Child | None = None
    book: Book | None = None
    detail: int = 0  # TOO_MANY: how many are allowed; FOR_OLDER: from which age


@dataclass(frozen=True, slots=True)
class OneByOne:
    """More things on the pad than can be told apart safely: one by one, please."""

    child: Child | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class OneCard:
    """Two cards on the pad: one child after another."""


@dataclass(frozen=True, slots=True)
class UnknownCard:
    """A card this library does not know."""


@dataclass(frozen=True, slots=True)
class UnknownBook:
    """A sticker this library does not know. `child` when a visit is open. Action: DONE then."""

    child: Child | None = None


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nothing happened for a while. A walking animal, not a number. Actions: STILL_HERE, DONE."""

    child: Child
    seconds: int  # how long the animal walks


@dataclass(frozen=True, slots=True)
class Goodbye:
    """What goes home and when it is due. No action but HELP; it passes by itself."""

    child: Child
    at_home: tuple[Book, ...]
    lent: int
    returned: int
    today: date


@dataclass(frozen=True, slots=True)
class TakeYourThings:
    """The visit is over and something still lies on the pad. Nothing about anyone."""

    card: bool
    books: int


@dataclass(frozen=True, slots=True)
class PutBack:
    """The book was lifted before its sticker was ready for the gate: back onto the pad for a moment."""

    book: Book


@dataclass(frozen=True, slots=True)
class OtherLabel:
    """The shop's code was scanned, which every copy bears: show the library's label. DONE with `child`."""

    child: Child | None = None


@dataclass(frozen=True, slots=True)
class StaffPin:
    """A librarian's PIN. Actions: DIGIT (target the digit), RUB_OUT, ENTER, BACK."""

    digits: int  # how many were entered; which, no screen knows
    wrong: bool = False  # the last one was not right
    locked: bool = False  # too often wrong: nothing is taken for a while


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One device as staff see it."""

    device: str  # "pad", "door", "lamp", "board.power" ...
    good: bool
    cause: str = ""  # what was found, as the log says it


class TagVerdict(StrEnum):
    """What staff must know of a tag on the pad. The table of tags decides; the tag's own text is compared."""

    CARD = "card"  # a library card; whose is not said
    AGREES = "agrees"
    BLANK = "blank"  # in the table, nothing on the tag
    DISAGREES = "disagrees"  # the tag names another item than the table: the table counts
    UNKNOWN = "unknown"  # in no table
    INCOMPLETE = "incomplete"
    FOREIGN = "foreign"
    GARBAGE = "garbage"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class TagLine:
    """One tag on the pad as staff see it."""

    uid: str
    kind: str
    verdict: TagVerdict
    item: str = ""  # by the table
    says: str = ""  # by the tag
    words: str = ""


@dataclass(frozen=True, slots=True)
class StaffHealth:
    """How every device is, the broken ones first, and what a tag laid down says. Action: DONE."""

    devices: tuple[DeviceLine, ...]
    tag: TagLine | None = None


@dataclass(frozen=True, slots=True)
class AskHelp:
    """A librarian was called. Action: BACK."""


@dataclass(frozen=True, slots=True)
class ReaderOut:
    """The pad does not work. Nothing can be lent until it heals; a librarian is told. Action: STAFF."""


@dataclass(frozen=True, slots=True)
class DiskFull:
    """The station cannot keep what it does, so it does nothing. A librarian is told."""


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """Closed by staff or by a fault that has no screen of its own.

    `note`: one sentence for the librarian, in small print, where the station could not even begin.
    """

    note: str = ""


Screen = (
    Welcome | TakeBooksOff | Hello | Lent | Undone | Choose | Renewed | Returned | Offer | BookInfo | Refused
    | OneByOne | OneCard | UnknownCard | UnknownBook | OtherLabel | PutBack | StillThere | Goodbye
    | TakeYourThings | AskHelp | ReaderOut | DiskFull | OutOfOrder | StaffPin | StaffHealth
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen with its number: taps carry the number back, so a tap can never act on a later screen."""

    number: int
    screen: Screen
    language: str  # "vi", "en": the words to draw it with
