"""The catalogue on its way from the centre to the stations: its editions, their parts, their rows.

This is the contract of the catalogue topics (kiosk.topics.topic_catalogue), shared by the station and the
centre; it stands on nothing else of the station. Everything is a retained message that the broker keeps:

| topic | content |
| --- | --- |
| `cat/<scope>/head` | JSON: the version, and the editions that lead to it |
| `cat/<scope>/<edition>/0` | the index: the SHA-256 of each part, 32 bytes each |
| `cat/<scope>/<edition>/<n>` | part n: rows as JSON, compressed by xz (LZMA2) |

An edition is a snapshot (its base is 0) or a delta (it leads from its base to its version). A station asks
for one part at a time, so no broker ever queues more than one for it, and what was asked for twice is the
same twice.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

MAX_PART = 32 * 1024
"""Bytes of a part: four seconds at 64 kbit/s. Whatever else the line carries waits so long at most, and the
link begins anew only when nothing came for about ten."""
MAX_ROWS_BYTES = 1 << 20
"""Bytes of a part's rows once unpacked: what is packed smaller than this and swells beyond is an attack."""
MOST_ROWS = 1_500
"""In a part: what is unpacked in one go takes a small board some hundredths of a second."""
MAX_HEAD = 16_384
MOST_EDITIONS = 48
MOST_PARTS = 4_096
LONGEST_NAME, LONGEST_AUTHOR, LONGEST_ABOUT = 300, 200, 200
"""Letters, as a station's own lists allow them (kiosk.imports.entries)."""

STATUSES = frozenset({"lendable", "reference", "withdrawn"})
SHELVES = frozenset(
    {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "teal", "white", "grey"}
)
SCOPE = re.compile(r"all|at-[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?|of-[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_EDITION = re.compile(r"[sd][1-9][0-9]{0,9}")
_SHA = re.compile(r"[0-9a-f]{64}")
_TITLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ITEM_ID = re.compile(r"[\w][\w ./-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,30}")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = {"\u200c", "\u200d"}
# One megabyte of dictionary: a part holds no more, and a station needs no more memory than this to unpack.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 20}]
_MEMORY = 16 << 20


class CatalogueError(ValueError):
    """A row, a part or a head is not ours; says which and why."""


@dataclass(frozen=True, slots=True)
class TitleEntry:
    """A title as it travels. Made by `title_entry`, which sees to it that a station can keep and show it."""

    id: str
    name: str
    author: str
    language: str
    age_from: int
    shelf: str
    motif: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """A copy as it travels: without its sticker, which each station binds, and without its loan."""

    id: str
    title: str
    status: str = "lendable"


@dataclass(frozen=True, slots=True)
class Gone:
    """A title or an item that the catalogue no longer has. `kind` is "t" or "i"."""

    kind: str
    id: str


Entry = TitleEntry | ItemEntry | Gone


@dataclass(frozen=True, slots=True)
class Edition:
    """One way to a version: everything (`base` 0), or what changed since `base`."""

    name: str
    base: int
    version: int
    parts: int
    bytes: int
    sha256: str  # of all parts one after the other
    index: str  # SHA-256 of the index


@dataclass(frozen=True, slots=True)
class Head:
    """Where a catalogue stands. Version 0 holds nothing: there is no catalogue.

    `generation` is renewed when the centre's database was restored: a version of another one says nothing.
    """

    generation: str
    version: int
    editions: tuple[Edition, ...] = ()

    def to_json(self) -> bytes:
        """The retained message."""
        told = {
            "generation": self.generation,
            "version": self.version,
            "editions": [asdict(one) for one in self.editions],
        }
        return json.dumps(told, separators=(",", ":")).encode()

    def next_from(self, version: int) -> Edition | None:
        """What a station that holds `version` loads next; None when it is there, or no way leads on.

        Deltas where they lead all the way and weigh less than a snapshot; the newest snapshot otherwise.
        """
        if version == self.version:
            return None
        whole = max((one for one in self.editions if not one.base), key=lambda one: one.version, default=None)
        way = self._deltas(version)
        if way and (whole is None or sum(one.bytes for one in way) < whole.bytes):
            return way[0]
        return whole

    def _deltas(self, version: int) -> list[Edition]:
        steps = {one.base: one for one in self.editions if one.base}
        way: list[Edition] = []
        while version in steps and len(way) < MOST_EDITIONS:
            way.append(steps[version])
            version = steps[version].version
        return way if version == self.version else []


def scope_of(*, station: str = "", library: str = "") -> str:
    """The catalogue of one station, of a library's stations, or of all of them.

    Raises CatalogueError where the library's code has no letter or digit of a-z, 0-9.
    """
    if station:
        scope = f"at-{station}"
    elif library:
        bare = unicodedata.normalize("NFD", library.casefold().replace("đ", "d"))
        scope = "of-" + re.sub(r"[^a-z0-9]+", "-", "".join(c for c in bare if c.isascii())).strip("-")
    else:
        scope = "all"
    if not SCOPE.fullmatch(scope):
        raise CatalogueError(
            f"{(station or library)[:60]!r} names no catalogue; use letters a-z, digits and '-', at most 40"
        )
    return scope


# --- rows ---------------------------------------------------------------------------------------------


def title_entry(
    title_id: Any, name: Any, author: Any, language: Any, age_from: Any, shelf: Any, motif: Any, about: Any
) -> TitleEntry:
    """A title. Raises CatalogueError, naming the field and what is wrong with it."""
    if type(age_from) is not int or not 0 <= age_from <= 18:
        raise CatalogueError(f"age_from must be an age from 0 to 18, not {str(age_from)[:20]!r}")
    if not isinstance(shelf, str) or shelf not in SHELVES:
        raise CatalogueError(
            f"shelf {str(shelf)[:20]!r} is no colour; use one of {', '.join(sorted(SHELVES))}"
        )
    return TitleEntry(
        _like("id", title_id, _TITLE_ID),
        _words("title", name, LONGEST_NAME, least=1),
        _words("author", author, LONGEST_AUTHOR),
        _like("language", language, _LANGUAGE),
        age_from,
        shelf,
        _like("motif", motif, _SLUG) if motif else "",
        _words("about", about, LONGEST_ABOUT),
    )


def item_entry(item_id: Any, title: Any, status: Any) -> ItemEntry:
    """An item. Raises CatalogueError, naming the field and what is wrong with it."""
    if not isinstance(status, str) or status not in STATUSES:
        raise CatalogueError(
            f"status {str(status)[:20]!r} is none of lendable, reference and withdrawn; correct it"
        )
    return ItemEntry(_like("item", item_id, _ITEM_ID), _like("title_id", title, _TITLE_ID), status)


def row_of(entry: Entry) -> list[Any]:
    """An entry as it travels; titles come before items, so that no item is without its title."""
    match entry:
        case TitleEntry():
            return [
                "t", entry.id, entry.name, entry.author, entry.language, entry.age_from, entry.shelf,
                entry.motif, entry.about,
            ]  # fmt: skip
        case ItemEntry():
            return ["i", entry.id, entry.title, entry.status]
        case Gone():
            return [f"-{entry.kind}", entry.id]


def entry_of(row: Any) -> Entry:
    """Read one row. Raises CatalogueError."""
    match row:
        case ["t", title_id, name, author, language, age_from, shelf, motif, about]:
            return title_entry(title_id, name, author, language, age_from, shelf, motif, about)
        case ["i", item_id, title, status]:
            return item_entry(item_id, title, status)
        case ["-t", title_id]:
            return Gone("t", _like("id", title_id, _TITLE_ID))
        case ["-i", item_id]:
            return Gone("i", _like("item", item_id, _ITEM_ID))
    raise CatalogueError(f"{str(row)[:60]!r} is no row of a catalogue")


# --- parts --------------------------------------------------------------------------------------------


def pack(entries: Iterable[Entry], most: int = MAX_PART) -> Iterator[bytes]:
    """Parts of at most `most` bytes, each to be read by itself."""
    waiting: list[bytes] = []
    begun = False
    weight, ratio = 0, 4.0  # of unpacked to packed, as the last part had it
    for entry in entries:
        row = json.dumps(row_of(entry), ensure_ascii=False, separators=(",", ":")).encode()
        full = weight + len(row) > min(most * ratio, MAX_ROWS_BYTES - 2) or len(waiting) == MOST_ROWS
        if waiting and full:
            parts = list(_packed(waiting, most))
            yield from parts
            ratio = max(1.0, 0.97 * weight / sum(map(len, parts)))
            waiting, weight, begun = [], 0, True
        waiting.append(row)
        weight += len(row) + 1
    if waiting or not begun:  # a catalogue of nothing is one part all the same
        yield from _packed(waiting, most)


def unpack(part: bytes) -> list[Entry]:
    """A part's rows. Raises CatalogueError: all of it is read or nothing."""
    if len(part) > MAX_PART:
        raise CatalogueError(f"a part of {len(part)} bytes; at most {MAX_PART} are accepted")
    try:
        unpacking = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_MEMORY)
        rows = unpacking.decompress(part, MAX_ROWS_BYTES + 1)
    except (lzma.LZMAError, EOFError, MemoryError) as error:
        raise CatalogueError("a part cannot be unpacked") from error
    if len(rows) > MAX_ROWS_BYTES or not unpacking.eof or unpacking.unused_data:
        raise CatalogueError("a part is cut short, too long, or more than a part")
    try:
        decoded = json.loads(rows)
    except (ValueError, RecursionError) as error:
        raise CatalogueError("a part's rows are not JSON") from error
    if not isinstance(decoded, list) or len(decoded) > MOST_ROWS:
        raise CatalogueError(f"a part's rows are not a list of at most {MOST_ROWS}")
    return [entry_of(row) for row in decoded]


def sha256(payload: bytes) -> bytes:
    """The digest that an index holds of a part."""
    return hashlib.sha256(payload).digest()


def index_of(parts: Iterable[bytes]) -> bytes:
    """The index of an edition."""
    return b"".join(map(sha256, parts))


def edition(base: int, version: int, parts: list[bytes]) -> Edition:
    """What a head says of these parts."""
    return Edition(
        f"{'d' if base else 's'}{version}",
        base,
        version,
        len(parts),
        sum(map(len, parts)),
        hashlib.sha256(b"".join(parts)).hexdigest(),
        sha256(index_of(parts)).hex(),
    )


def parse_head(payload: bytes) -> Head | None:
    """Read a head; None where there is none (an empty message). Raises CatalogueError naming the field."""
    if not payload:
        return None
    if len(payload) > MAX_HEAD:
        raise CatalogueError(f"a head of {len(payload)} bytes; at most {MAX_HEAD} are accepted")
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise CatalogueError("the head is not JSON") from error
    if not isinstance(told, dict):
        raise CatalogueError("the head is not a JSON object")
    listed = told.get("editions")
    if not isinstance(listed, list) or len(listed) > MOST_EDITIONS:
        raise CatalogueError(f"'editions' must be a list of at most {MOST_EDITIONS}")
    return Head(
        _like("generation", told.get("generation"), _TITLE_ID),
        _number(told, "version", 0),
        tuple(_edition(one) for one in listed),
    )


def edition_of(told: Any) -> Edition:
    """Read what a head says of an edition. Raises CatalogueError."""
    return _edition(told)


def _edition(told: Any) -> Edition:
    if not isinstance(told, dict):
        raise CatalogueError("an edition must be a JSON object")
    parts = _number(told, "parts", 1, MOST_PARTS)
    base, version = _number(told, "base", 0), _number(told, "version", 1)
    if base >= version:
        raise CatalogueError(f"an edition leads from {base} to {version}, which is not forward")
    return Edition(
        _like("name", told.get("name"), _EDITION),
        base,
        version,
        parts,
        _number(told, "bytes", 1, parts * MAX_PART),
        _like("sha256", told.get("sha256"), _SHA),
        _like("index", told.get("index"), _SHA),
    )


def _packed(rows: list[bytes], most: int) -> Iterator[bytes]:
    part = _compress(rows)
    if len(part) <= most:
        yield part
    elif len(rows) == 1:
        raise CatalogueError(f"a row of {len(rows[0])} bytes does not fit into a part of {most}")
    else:
        yield from _packed(rows[: len(rows) // 2], most)
        yield from _packed(rows[len(rows) // 2 :], most)


def _compress(rows: list[bytes]) -> bytes:
    return lzma.compress(
        b"[" + b",".join(rows) + b"]", format=lzma.FORMAT_XZ, check=lzma.CHECK_NONE, filters=_FILTERS
    )


def _like(field: str, value: Any, shape: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise CatalogueError(f"{field} {str(value)[:60]!r} cannot be used: wrong letters, empty or too long")
    return value


def _words(field: str, value: Any, longest: int, *, least: int = 0) -> str:
    if not isinstance(value, str) or not least <= len(value) <= longest:
        raise CatalogueError(f"{field} must be text of {least} to {longest} letters")
    for character in value:
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS:
            raise CatalogueError(f"{field} holds the invisible character U+{ord(character):04X}; remove it")
    return value


def _number(told: dict[str, Any], key: str, least: int, most: int = (1 << 31) - 1) -> int:
    value = told.get(key)
    if type(value) is not int or not least <= value <= most:
        raise CatalogueError(f"{key!r} must be a whole number from {least} to {most}")
    return value
