"""A language that somebody dropped in: its folder `<data>/languages/<code>/` with language.toml in it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from kiosk.words import faces
from kiosk.words.catalogue import FIRST, Problem
from kiosk.words.glyphs import FontError
from kiosk.words.text import TextRefused, message

CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""A language's code as BCP 47 writes it: language, script, region ("tyz", "blt-Tavt", "hmn-VN")."""
VOICE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
FONT = re.compile(r"[\w.-]{1,60}\.ttf")
FILE = "language.toml"
KEYS = ("name", "font", "voice", "falls_back_to")
LONGEST_NAME = 24  # letters; it must fit a button
MOST_BYTES = 1_000_000  # of a TOML file


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the station. `face`: a built-in one's name or a file's path. `voice`: "" = none."""

    code: str
    name: str
    face: str = faces.PLAIN
    voice: str = ""
    falls_back_to: str = FIRST
    folder: Path | None = None  # None = built in

    @property
    def font(self) -> str:
        """As ui/theme.py wants it: "" for the plain face."""
        return "" if self.face == faces.PLAIN else self.face


BUILT_IN = (Language("vi", "Tiếng Việt", voice="vi"), Language("en", "English", voice="en"))


class LanguageRefused(ValueError):
    """A folder is no language that could be offered; the message says why."""


def table(path: Path) -> dict[str, object]:
    """The table in a TOML file. Raises LanguageRefused with the place of a mistake."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LanguageRefused(f"is larger than {MOST_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise LanguageRefused(f"cannot be read ({error.strerror})") from error
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LanguageRefused(f"line {line} is not UTF-8; save the file again as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LanguageRefused(f"is not valid TOML: {error}") from error


def read_language(folder: Path, problems: list[Problem]) -> Language:
    """The language of a folder; what is left out goes to `problems`. Raises LanguageRefused."""
    code, file = folder.name, folder / FILE
    if not CODE.fullmatch(code):
        raise LanguageRefused("the folder's name is no language code; for instance tyz, hmn or blt-Tavt")
    if code in {each.code for each in BUILT_IN}:
        raise LanguageRefused(f"{code} is built in; its texts are changed in words.toml")
    said = table(file)
    for key in said.keys() - set(KEYS):
        problems.append(Problem(file, f"there is no such key; the keys are {', '.join(KEYS)}", key))
    given = {key: value for key, value in said.items() if isinstance(value, str)}
    for key in set(KEYS) & (said.keys() - given.keys()):
        problems.append(Problem(file, f'must be a text between quotes: {key} = "…"', key))
    face = _face(folder, given.get("font", faces.PLAIN), problems)
    voice = given.get("voice", "")
    if voice and not VOICE.fullmatch(voice):
        problems.append(
            Problem(file, f"{voice[:30]!r} is no voice; 'espeak-ng --voices' lists them", "voice")
        )
        voice = ""
    return Language(code, _name(given, face), face, voice, given.get("falls_back_to", FIRST), folder)


def _name(given: dict[str, str], face: str) -> str:
    try:
        name = message(given.get("name", ""))
    except TextRefused as error:
        raise LanguageRefused(f"name: {error}") from error
    if not 0 < len(name) <= LONGEST_NAME:
        raise LanguageRefused(
            f'name: write the language\'s own name, 1 to {LONGEST_NAME} letters: name = "Tày"'
        )
    if missing := sorted(set(name) - faces.letters_of(face)):
        raise LanguageRefused(f"name: has letters that the font lacks: {' '.join(missing)}")
    return name


def _face(folder: Path, font: str, problems: list[Problem]) -> str:
    """The face; the plain one when another cannot be had."""
    if font in faces.BUILT_IN:
        return font
    reason = f"{font[:40]!r}: write {', '.join(faces.BUILT_IN)}, or the name of a .ttf file beside this file"
    if FONT.fullmatch(font):
        try:
            faces.examined(folder / font)
        except FontError as error:
            reason = str(error)
        else:
            return str(folder / font)
    problems.append(Problem(folder / FILE, f"{reason}; {faces.PLAIN} is used", "font"))
    return faces.PLAIN
