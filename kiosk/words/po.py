"""Reads gettext .po files: translators edit one file, nothing is compiled.

The part of the format the catalogues use: comments, msgid, msgid_plural, msgstr, msgstr[n], strings over
several lines ("The Format of PO Files" in GNU gettext's manual). The file is read for what it says and
never run; its plural rule is turned into a function by Python's own gettext, which allows arithmetic on n
and nothing else.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import StationError

KEYWORD = re.compile(r"(msgid_plural|msgid|msgstr(?:\[\d\])?)\s*(\".*)")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
SECTION = re.compile(r"#\s*---\s*(.+?)\s*-*")
FUZZY = re.compile(r"#,.*\bfuzzy\b")
PLURALS = re.compile(r"nplurals\s*=\s*(\d)\s*;\s*plural\s*=\s*([^;]+?)\s*;?")
MOST_BYTES = 2_000_000  # of a file; the catalogues have some 40 000
TRIED = 200  # numbers a plural rule is tried with

Plural = Callable[[int], int]
"""Which form a number of things takes, from 0."""


class CatalogueError(StationError, ValueError):
    """A translation file cannot be read; the message names the file and the line."""


@dataclass(slots=True)
class Message:
    """One entry of a file. `forms`: what it says, one text a plural form. `line`: where it begins, from 1."""

    key: str
    line: int
    section: str = ""
    counted: bool = False  # has plural forms
    fuzzy: bool = False  # a tool guessed it, nobody has confirmed
    forms: dict[int, str] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """The forms in order; none when one in the middle is missing."""
        return tuple(self.forms.get(number, "") for number in range(max(self.forms, default=-1) + 1))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that cannot be read. `line` from 1."""

    line: int
    reason: str


@dataclass(slots=True)
class PoFile:
    """What a file holds: its messages by key, and what could not be read of it."""

    messages: dict[str, Message] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)


def one(_number: int) -> int:
    """The plural rule of languages without plurals: Vietnamese, Tày, H'Mông, Dao, Thái."""
    return 0


def parse(data: bytes) -> PoFile:
    """What the bytes of a .po file say; a broken entry is told and left out, the others are read.

    A byte order mark and Windows' line ends are no fault.
    """
    found = PoFile()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found.faults.append(Fault(line, "is not UTF-8; save the file again as UTF-8"))
        return found
    _Reader(found).read(text)
    return found


class _Reader:
    """Goes through the lines of a file; what is broken makes only its own message void."""

    def __init__(self, found: PoFile) -> None:
        self._found = found
        self._section, self._fuzzy = "", False
        self._message: Message | None = None  # the one being read
        self._part = ""  # its string that a further line goes on with
        self._broken = False  # told already; the rest of this message is passed over

    def read(self, text: str) -> None:
        for number, raw in enumerate(text.split("\n"), start=1):
            line = raw.strip()
            if line.startswith("#"):
                self._comment(line)
            elif line:
                self._string(number, line)
        self._close()
        header = self._found.messages.pop("", None)
        if header:
            lines = "".join(header.texts).splitlines()
            pairs = (line.partition(":") for line in lines if ":" in line)
            self._found.header.update({name.strip().lower(): value.strip() for name, _, value in pairs})

    def _comment(self, line: str) -> None:
        if section := SECTION.fullmatch(line):
            self._section = section[1]
        elif FUZZY.match(line):
            self._fuzzy = True

    def _string(self, number: int, line: str) -> None:
        keyword = KEYWORD.fullmatch(line)
        text = _unquoted(keyword[2] if keyword else line)
        if text is None:
            self._break(number, f"not a quoted string: {line[:60]}")
        elif keyword and keyword[1] == "msgid":
            self._close()
            self._message = Message(text, number, self._section, fuzzy=self._fuzzy)
            self._fuzzy, self._part, self._broken = False, "msgid", False
        elif self._message is None:
            self._break(number, "a string before any msgid")
        elif keyword:
            self._set(self._message, number, keyword[1], text)
        elif self._part == "msgid":
            self._message.key += text
        elif self._part != "msgid_plural":
            self._message.forms[_form(self._part)] += text

    def _set(self, message: Message, number: int, part: str, text: str) -> None:
        self._part = part
        if part == "msgid_plural":
            message.counted = True
        elif _form(part) in message.forms:
            self._break(number, f"{message.key!r} has two {part}; remove one")
        else:
            message.forms[_form(part)] = text

    def _close(self) -> None:
        message, self._message = self._message, None
        if message is None:
            return
        if message.key in self._found.messages:
            self._found.faults.append(Fault(message.line, f"{message.key!r} is there twice; remove one"))
        else:
            self._found.messages[message.key] = message

    def _break(self, number: int, reason: str) -> None:
        if not self._broken:
            self._found.faults.append(Fault(number, reason))
        self._message, self._broken = None, True


def _form(part: str) -> int:
    """The plural form that `msgstr` or `msgstr[1]` is of."""
    return int(part[7]) if "[" in part else 0


def _unquoted(quoted: str) -> str | None:
    """The text of a quoted string; None when it is none."""
    whole = STRING.fullmatch(quoted)
    if whole is None:
        return None
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], "\\" + found[1]), whole[1])


def plural_of(header: dict[str, str]) -> tuple[int, Plural]:
    """How many forms a file's language has, and which one a number takes; one form where nothing is said.

    Raises CatalogueError for a rule that is none, or that leaves a number without a form.
    """
    said = header.get("plural-forms", "")
    if not said:
        return 1, one
    rule = PLURALS.fullmatch(said)
    if rule is None:
        raise CatalogueError(f"Plural-Forms: {said[:60]!r}; write nplurals=1; plural=0;")
    count = int(rule[1])
    try:
        plural = gettext.c2py(rule[2])
        forms = {plural(number) for number in range(TRIED)}
    except (ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise CatalogueError(f"Plural-Forms: {rule[2][:60]!r} is no rule ({error})") from error
    if not forms <= set(range(count)):
        raise CatalogueError(f"Plural-Forms: the rule asks for form {max(forms)}, nplurals is {count}")
    return count, plural


def opened(path: Path) -> bytes:
    """A file's bytes. Raises CatalogueError when it cannot be read or is no translation file by its size."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CatalogueError(f"{path}: is larger than {MOST_BYTES:,} bytes: no file of texts is")
        return path.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{path}: cannot be read ({error.strerror})") from error


def read(path: Path) -> dict[str, str]:
    """The file's entries as a .mo file holds them: plural ids and plural texts are joined by NUL.

    Raises CatalogueError with file and line for the first thing malformed.
    """
    found = parse(opened(path))
    for fault in found.faults:
        raise CatalogueError(f"{path}:{fault.line}: {fault.reason}")
    return {
        f"{each.key}\0{each.key}" if each.counted else each.key: "\0".join(each.texts)
        for each in found.messages.values()
    }
