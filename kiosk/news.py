"""What a library tells everybody on the Welcome screens: the rules of an announcement and its message.

This is the contract of the news topics (kiosk.facts.topic_news), shared by the station and the centre: a
retained JSON list, which replaces the one before; an empty message is an empty list. It stands on nothing
else of the station.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

LONGEST_TEXT = 240
"""Letters: what fits on the Welcome screen in two or three lines, and what a passer-by reads."""
MOST = 20
"""Announcements in one list."""
MAX_NEWS = 65_536
"""Bytes of a message; larger ones are refused unread."""
_YEARS = range(2000, 2101)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_PICTURE = re.compile(r"[a-z][a-z0-9-]{0,30}")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}  # controls, direction marks, halves of characters, no characters
_JOINERS = {"\u200c", "\u200d"}  # some scripts and pictures are spelt with them


class NewsError(ValueError):
    """An announcement cannot be made, or a message is not a list of them; says what and the remedy."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One announcement. Made by `notice` or `parse_news`, which see to it that it can be shown."""

    id: str
    text: str
    begins: datetime  # timezone-aware
    ends: datetime
    language: str = ""  # "" = whichever the screen speaks
    picture: str = ""


def notice(
    name: str, text: str, *, begins: datetime, ends: datetime, language: str = "", picture: str = ""
) -> Notice:
    """An announcement called `name` within its list. Raises NewsError, naming what is wrong with it.

    White space becomes single spaces; markup is text like any other.
    """
    if not _ID.fullmatch(name):
        raise NewsError(f"the name {name[:70]!r} must be 1 to 64 letters a-z, digits, '.', '_' or '-'")
    words = " ".join(unicodedata.normalize("NFC", text).split())
    if not words:
        raise NewsError("an announcement without words tells nothing; write what children should know")
    if len(words) > LONGEST_TEXT:
        raise NewsError(
            f"the announcement has {len(words)} letters, and at most {LONGEST_TEXT} fit on the screen;"
            " shorten it, or make two of it"
        )
    for character in words:
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS:
            raise NewsError(
                f"the announcement holds the invisible character U+{ord(character):04X}; remove it"
            )
    for which, moment in (("begin", begins), ("end", ends)):
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise NewsError(
                f"the {which} {moment.isoformat()} names no time zone; add an offset, as in +07:00"
            )
        if moment.year not in _YEARS:
            raise NewsError(
                f"the {which} {moment.isoformat()} is not between 2000 and 2100; correct the year"
            )
    if ends <= begins:
        raise NewsError(
            f"the announcement ends {ends.isoformat(timespec='minutes')}, before it begins"
            f" {begins.isoformat(timespec='minutes')}; exchange them, or correct the dates"
        )
    if language and not _LANGUAGE.fullmatch(language):
        raise NewsError(f"{language[:40]!r} is not a language code; use vi, en or another BCP 47 code")
    if picture and not _PICTURE.fullmatch(picture):
        raise NewsError(f"{picture[:40]!r} is not a picture's name; it has a-z, 0-9 and '-' only")
    return Notice(name, words, begins, ends, language, picture)


def moment(text: str, zone: tzinfo | None, *, end: bool = False) -> datetime:
    """A moment as a librarian writes it: 2026-11-30T16:00, or 2026-11-30 for the whole day.

    Without an offset it is meant in `zone`, None being this machine's. A day is its beginning, or with `end`
    the beginning of the next. Raises NewsError.
    """
    try:
        said = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-11-30"):
            said = datetime.combine(said.date() + timedelta(days=1 if end else 0), time())
        return said if said.tzinfo is not None else _in_zone(said, zone)
    except (ValueError, OverflowError, OSError) as error:
        raise NewsError(f"{text[:40]!r} is not a moment; write 2026-11-30T16:00 or 2026-11-30") from error


def to_json(notices: Iterable[Notice]) -> bytes:
    """The message on a news topic."""
    told = [
        {
            "id": one.id,
            "text": one.text,
            "begins": one.begins.isoformat(timespec="seconds"),
            "ends": one.ends.isoformat(timespec="seconds"),
            "language": one.language,
            "picture": one.picture,
        }
        for one in notices
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def parse_news(payload: bytes) -> tuple[Notice, ...]:
    """Read a message; unknown fields are ignored. Raises NewsError naming the entry and what is wrong.

    All of it or nothing: a list that is wrong in one place replaces no announcement that is right.
    """
    if not payload:
        return ()
    if len(payload) > MAX_NEWS:
        raise NewsError(f"a message of {len(payload)} bytes; at most {MAX_NEWS} are accepted")
    try:
        entries = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise NewsError("the message is not JSON") from error
    if not isinstance(entries, list):
        raise NewsError(f"the message must be a JSON list, not {type(entries).__name__}")
    if len(entries) > MOST:
        raise NewsError(f"{len(entries)} announcements in one list; at most {MOST} are accepted")
    told: dict[str, Notice] = {}
    for place, entry in enumerate(entries, start=1):
        try:
            one = _entry(entry)
        except NewsError as error:
            raise NewsError(f"announcement {place}: {error}") from error
        if one.id in told:
            raise NewsError(f"announcement {place}: the id {one.id!r} is there twice")
        told[one.id] = one
    return tuple(told.values())


def _entry(entry: Any) -> Notice:
    if not isinstance(entry, dict):
        raise NewsError(f"must be a JSON object, not {type(entry).__name__}")
    texts: dict[str, str] = {}
    for key in ("id", "text", "begins", "ends", "language", "picture"):
        value = entry.get(key, "")
        if not isinstance(value, str):
            raise NewsError(f"{key!r} must be text, not {type(value).__name__}")
        texts[key] = value
    if not texts["ends"]:
        raise NewsError("has no end ('ends'), and would stand there for ever")
    return notice(
        texts["id"],
        texts["text"],
        begins=_sent_moment(texts["begins"], "begins"),
        ends=_sent_moment(texts["ends"], "ends"),
        language=texts["language"],
        picture=texts["picture"],
    )


def _sent_moment(text: str, key: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NewsError(f"{key!r} must be a moment in RFC 3339, not {text[:40]!r}") from error


def _in_zone(said: datetime, zone: tzinfo | None) -> datetime:
    return said.astimezone() if zone is None else said.replace(tzinfo=zone)
