"""How the station looks: colours, type scale, spacing in millimetres, shelf signs. No Kivy in here.

Sizes are millimetres because a child's finger does not shrink with the panel's resolution. Sources
of the figures: Game Accessibility Guidelines (24 mm targets), Sesame Workshop (wrists on the bottom edge).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kiosk.screens import PLAIN as PLAIN_LOOK
from kiosk.screens import Look
from kiosk.words import PLAIN_FACE, face_file

ASSETS = Path(__file__).parent / "assets"

# Millimetres.
BUTTON_HEIGHT = 24.0  # a button that does something
TARGET = 22.0  # the smallest side of anything that can be touched; never under 20
GAP = 8.0  # between two targets
STAFF_TARGET = 15.0  # what only grown-ups touch: a key of the librarian's keypad
STAFF_GAP = 3.0
EDGE = 6.0  # free border left and right
TOP = 4.0  # free border above
DEAD_STRIP = 13.0  # nothing to touch at the bottom, where wrists rest; never under 12
LIP = 1.5  # how far a button stands above its lip, and sinks when touched
ROUND = 5.0  # corner radius of buttons and panels

# Type scale, millimetres of font size; 4.2 mm is about 12 points.
HUGE = 9.6
TITLE = 7.8
LEAD = 5.8
BODY = 4.9
SMALL = 4.2
TINY = 3.3  # inside pictures only
LARGER = 1.25  # larger text: everything that is read grows by a quarter

TAP_GUARD_S = 0.25  # a second tap of a double tap must not hit the next screen's button

WEIGHTS = {"title": "ExtraBold", "strong": "Bold", "text": "SemiBold"}

Colour = tuple[float, float, float, float]


def colour(code: str, alpha: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it: four numbers 0..1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours, 1..21 (WCAG 2.2, relative luminance)."""

    def luminance(code: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else math.pow((part + 0.055) / 1.055, 2.4)
            for part in colour(code)[:3]
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


INK = "#2C2350"
SOFT_INK = "#564C7E"
PAPER = "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Mood:
    """The air of a screen: sky from top to bottom and the two hills at the foot."""

    top: str
    bottom: str
    far_hill: str
    near_hill: str


MORNING = Mood("#AEE1F9", "#FFF4D6", "#BFE3A0", "#93CF7C")  # something begins
JOY = Mood("#FFDF8E", "#FFF6DD", "#C6E59B", "#93CF7C")  # it worked
MINT = Mood("#B5EBD0", "#F6FBE6", "#BFE3A0", "#86C97F")  # a book came back
PEACH = Mood("#FFCDB5", "#FFF3E2", "#D9DE9C", "#A5CB7A")  # a kind "no", a question
DUSK = Mood("#C9C1F7", "#FBEAF2", "#B4C8B8", "#8DB29A")  # goodbye, rest

MOODS = (MORNING, JOY, MINT, PEACH, DUSK)


@dataclass(frozen=True, slots=True)
class Face:
    """A button's colours: face, the lip under it, its words, its edge ("" = none)."""

    face: str
    lip: str
    text: str
    edge: str = ""


GO = Face("#1E7F4F", "#125434", PAPER)
BLUE = Face("#2A62C9", "#1B428D", PAPER)
SUN = Face("#FFC83F", "#D4941A", INK)
PLAIN = Face("#FFFFFF", "#B9AFD6", INK)
HELP = Face("#FFE3DC", "#E58F79", INK)

CHIP = Face("#FFF3C4", "#E0B13C", INK)  # the chick reads

FACES = (GO, BLUE, SUN, PLAIN, HELP, CHIP)

BLACK = "#000000"
YELLOW = "#FFE14A"  # edges, focus and what goes on where contrast is strong: 15.7:1 on black
STRONG_GO = Face(YELLOW, "#9A8410", BLACK, YELLOW)
STRONG = Face(BLACK, "#8C8C8C", PAPER, PAPER)


@dataclass(frozen=True, slots=True)
class Style:
    """How one look draws: its colours, and how much larger what is read becomes."""

    contrast: bool = False
    scale: float = 1.0
    ink: str = INK
    soft: str = SOFT_INK  # softer lines
    paper: str = PAPER  # of panels and leaves
    edge: str = ""  # of panels; "" = a soft shadow under them instead
    bad: str = "#9A3412"  # words about what does not work

    def size(self, millimetres: float) -> float:
        """A size of type, or of the room for it, in this look."""
        return millimetres * self.scale

    def face(self, face: Face) -> Face:
        """A button's colours in this look."""
        if not self.contrast:
            return face
        return STRONG_GO if face is GO else STRONG

    def shelf(self, key: str) -> Shelf:
        """A shelf's sign; where contrast is strong it is white on black, and its picture says which."""
        sign = shelf(key)
        return Shelf(BLACK, PAPER, sign.picture) if self.contrast else sign


DEFAULT = Style()


@cache
def style_for(look: Look = PLAIN_LOOK) -> Style:
    """The style of a look."""
    scale = LARGER if look.large else 1.0
    if not look.contrast:
        return Style(scale=scale)
    return Style(True, scale, ink=PAPER, soft=PAPER, paper=BLACK, edge=YELLOW, bad=YELLOW)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf's sign: a colour and, for eyes that see colours otherwise, a picture of that colour."""

    colour: str
    text: str
    picture: str


SHELVES = {
    "red": Shelf("#D93A3A", PAPER, "apple"),
    "orange": Shelf("#F59331", INK, "orange"),
    "yellow": Shelf("#FFD23F", INK, "sunflower"),
    "green": Shelf("#23804B", PAPER, "clover"),
    "blue": Shelf("#2E6BD0", PAPER, "drop"),
    "purple": Shelf("#7A45B5", PAPER, "grapes"),
    "pink": Shelf("#F79AC0", INK, "blossom"),
    "brown": Shelf("#8A5A3C", PAPER, "chestnut"),
    "teal": Shelf("#0B7A7A", PAPER, "leaf"),
    "white": Shelf("#F3EFE6", INK, "cloud"),
    "grey": Shelf("#6E6A7C", PAPER, "shell"),
}
"""Shelf colour key -> sign. The keys are the shelf colours a catalogue may name."""

NO_SHELF = Shelf("#655AA0", PAPER, "books")


def shelf(key: str) -> Shelf:
    """The sign of a shelf; a neutral one for a key that is not known."""
    return SHELVES.get(key, NO_SHELF)


ANIMALS = (
    "bear", "bee", "buffalo", "butterfly", "cat", "chick", "cow", "deer", "dog", "dolphin", "dragon", "duck",
    "elephant", "fish", "fox", "frog", "giraffe", "goat", "hamster", "hedgehog", "hen", "horse", "koala",
    "ladybird", "lion", "monkey", "mouse", "octopus", "otter", "owl", "panda", "parrot", "penguin", "pig",
    "rabbit", "snail", "squirrel", "tiger", "turtle", "whale",
)  # fmt: skip
"""Animals a child may choose; each has a picture in assets/animals."""

DEFAULT_ANIMAL = "chick"


def animal(name: str) -> str:
    """Path of an animal's picture; a friendly default for a name that is not known."""
    known = name if name in ANIMALS else DEFAULT_ANIMAL
    return str(ASSETS / "animals" / f"{known}.png")


def picture(name: str) -> str:
    """Path of one of the screens' own pictures."""
    return str(ASSETS / "pictures" / f"{name}.png")


@cache
def font(weight: str = "text", face: str = "") -> str:
    """Path of the font file for a weight ("title", "strong", "text"); each has every Vietnamese letter.

    `face` is one of `kiosk.words`: "" the plain one, "tai-viet", or a librarian's own font file.
    """
    return str(face_file(face or PLAIN_FACE, WEIGHTS[weight]))
