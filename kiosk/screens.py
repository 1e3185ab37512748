"""What to show: frozen view-models. The screen draws one of these and reports taps; it holds no rule.

A view-model carries everything its screen says and nothing else: no card number, no patron id. Every
screen also offers HELP, and READ where the station can speak; the other actions a screen offers are named in
its docstring.
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


class Liked(StrEnum):
    """How a book was, as a child says it with a face."""

    GREAT = "great"
    FINE = "fine"
    NOT_MINE = "not_mine"


class Ease(StrEnum):
    """What a child may change about the screen for itself."""

    LARGE = "large"
    CONTRAST = "contrast"
    SPOKEN = "spoken"
    SLOW = "slow"
    LANGUAGE = "language"


class Badge(StrEnum):
    """A reward in the reading passport. The rules are in kiosk/passport.py."""

    FIRST_BOOK = "first_book"
    TEN_BOOKS = "ten_books"
    FIFTY_BOOKS = "fifty_books"
    THREE_SHELVES = "three_shelves"  # curious
    SHELF_FRIEND = "shelf_friend"  # five of one shelf
    FOUR_WEEKS = "four_weeks"  # a book in each of four weeks in a row
    AGAIN = "again"  # the same book once more


@dataclass(frozen=True, slots=True)
class Look:
    """How a screen is drawn and spoken for whoever stands there."""

    contrast: bool = False
    large: bool = False
    spoken: bool = False  # read every screen aloud, whole and unasked


PLAIN = Look()
"""How a screen is for somebody who asked for nothing."""


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
    """Calm picture of what to do. Nothing about anyone. Actions: LANGUAGE; CARDLESS where `cardless`."""

    news: str = ""  # what the library tells everybody; "" = nothing
    news_picture: str = ""
    cardless: bool = False  # children may begin without a card
    languages: tuple[str, ...] = ("vi", "en")  # all that the station speaks; more than two open PickLanguage


@dataclass(frozen=True, slots=True)
class PickLanguage:
    """Which language? Actions: TONGUE (target the language); BACK."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PickClass:
    """Which class? At most six a page. Actions: CLASS (target the place); PAGE when `pages` > 1; BACK."""

    classes: tuple[str, ...]
    page: int = 0  # from 0
    pages: int = 1
    first: int = 0  # the place of classes[0] in the whole list


@dataclass(frozen=True, slots=True)
class PickAnimal:
    """Who are you? At most six a page. Actions: ANIMAL (target the place); PAGE when `pages` > 1; BACK.

    In a `session` a teacher's or a family's card opened the list, BACK ends it, and it comes back after
    every child.
    """

    children: tuple[Child, ...]
    title: str = ""  # the class; "" = a family
    page: int = 0
    pages: int = 1
    first: int = 0
    session: bool = False


@dataclass(frozen=True, slots=True)
class TakeBooksOff:
    """A card came while a book already lay on the pad: take the book off first. Action: DONE."""

    child: Child


@dataclass(frozen=True, slots=True)
class Hello:
    """The child is known: what is at home, what is due next. Actions: MINE, DONE."""

    child: Child
    at_home: tuple[Book, ...]
    today: date


@dataclass(frozen=True, slots=True)
class MyBooks:
    """A page of the child's booklet: what it has at home, at most four. BOOK (target item), PAGE, BACK."""

    child: Child
    books: tuple[Book, ...]
    today: date
    page: int = 0  # of the whole booklet, from 0
    pages: int = 1


@dataclass(frozen=True, slots=True)
class MyPassport:
    """A page of the child's booklet: the tree that grows with every book, and badges. PAGE, BACK."""

    child: Child
    badges: tuple[Badge, ...]  # earned, newest first
    kept: bool  # returns are kept; without, only the tree grows
    next_cheer: int  # books until the next cheer, 1..10
    page: int = 0
    pages: int = 1


@dataclass(frozen=True, slots=True)
class MyWay:
    """A page of the child's booklet: how the screen should be. EASE (target Ease), PAGE, BACK."""

    child: Child
    on: frozenset[Ease]  # without LANGUAGE
    next_language: str  # what EASE language changes to; "" = there is only one
    can_speak: bool
    page: int = 0
    pages: int = 1


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
    cheer: int = 0  # the round number of books just reached, 10, 20 ...; 0 = none


@dataclass(frozen=True, slots=True)
class Rate:
    """The returned book was lifted off: how was it? Passes by itself.

    Actions: RATE (target Liked); DONE with `child`.
    """

    book: Book
    child: Child | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A book that somebody else had was taken back quietly; does this child want it? BORROW, NOT_NOW."""

    child: Child
    book: Book


@dataclass(frozen=True, slots=True)
class BookInfo:
    """What this book is. Without `child`: a free book was laid down, and the request to put a card beside it.

    Actions: SIMILAR (target item) where `similar`; BACK with `child`, or when it was `opened` from a page.
    """

    book: Book
    about: str = ""
    similar: bool = False  # there is more like it on the shelves
    child: Child | None = None
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Similar:
    """Books like this one that stand on their shelves now, at most four. BOOK (target item); BACK."""

    book: Book
    books: tuple[Book, ...]
    child: Child | None = None


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
    """How every device is, the broken ones first, and what a tag laid down says.

    Actions: DONE; ALLOW or ERASE where a child's card lies there.
    """

    devices: tuple[DeviceLine, ...]
    tag: TagLine | None = None
    passport: bool | None = None  # of the card on the pad: kept, not kept; None = no child's card lies there


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
    | TakeYourThings | AskHelp | ReaderOut | DiskFull | OutOfOrder | StaffPin | StaffHealth | PickLanguage
    | PickClass | PickAnimal | MyBooks | MyPassport | MyWay | Rate | Similar
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen with its number: taps carry the number back, so a tap can never act on a later screen."""

    number: int
    screen: Screen
    language: str  # "vi", "en": the words to draw it with
    look: Look = PLAIN
