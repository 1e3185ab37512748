"""Which letters a font file has: its cmap table, formats 4 and 12 (OpenType specification, "cmap").

A letter that a font lacks is drawn as nothing at all, so texts are checked before they are shown. fontTools
could tell, but is no part of a running station.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path

MOST_BYTES = 30_000_000  # of a font file; Noto's largest for one script have 17 million
LAST = 0x10FFFF  # Unicode's last letter
KINDS = (b"\x00\x01\x00\x00", b"true", b"OTTO")
UNICODE = {(3, 10): 0, (0, 6): 1, (0, 4): 2, (3, 1): 3, (0, 3): 4, (0, 2): 5, (0, 1): 6, (0, 0): 7}
"""Platform and encoding of the maps from Unicode, the fullest first."""


class FontError(ValueError):
    """A font file cannot be used; the message names it and says why."""


@cache
def letters_in(path: Path) -> frozenset[str]:
    """Every letter that the font has. Raises FontError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FontError(f"{path}: is larger than {MOST_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise FontError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return frozenset(map(chr, _letters(data)))
    except (struct.error, IndexError) as error:
        raise FontError(f"{path}: is damaged; copy it again") from error
    except ValueError as error:
        raise FontError(f"{path}: {error}") from error


def _letters(data: bytes) -> Iterator[int]:
    if data[:4] not in KINDS:
        raise ValueError("is not a TrueType or OpenType font")
    start = _table(data, b"cmap")
    maps = {}
    for number in range(_number(data, start + 2)):
        platform, encoding, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * number)
        if (platform, encoding) in UNICODE:
            maps[UNICODE[platform, encoding]] = start + offset
    for _, place in sorted(maps.items()):
        match _number(data, place):
            case 4:
                return _format_4(data, place)
            case 12:
                return _format_12(data, place)
    raise ValueError("has no map from Unicode that the station can read (cmap format 4 or 12)")


def _table(data: bytes, tag: bytes) -> int:
    """Where a table begins."""
    for number in range(_number(data, 4)):
        name, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if name == tag:
            return int(offset)
    raise ValueError(f"has no {tag.decode()} table: no letter can be found in it")


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(struct.unpack_from(">2s", data, place)[0])


def _format_4(data: bytes, place: int) -> Iterator[int]:
    """Runs of letters up to U+FFFF, in order; a run gives its glyphs by difference or by a list behind it."""
    size = _number(data, place + 6)  # twice the number of runs
    ends, starts = place + 14, place + 16 + size
    behind = 0
    for run in range(0, size, 2):
        first, last = _number(data, starts + run), _number(data, ends + run)
        delta = _number(data, starts + size + run)
        at = starts + 2 * size + run
        offset = _number(data, at)
        for letter in range(max(first, behind), min(last, 0xFFFE) + 1):
            glyph = letter
            if offset:
                glyph = _number(data, at + offset + 2 * (letter - first))
            if (glyph and (glyph + delta) & 0xFFFF) if offset else (glyph + delta) & 0xFFFF:
                yield letter
        behind = max(behind, last + 1)


def _format_12(data: bytes, place: int) -> Iterator[int]:
    """Groups of letters anywhere in Unicode. They are sorted, so together they are never endless."""
    (count,) = struct.unpack_from(">I", data, place + 12)
    behind = 0
    for group in range(count):
        first, last, glyph = struct.unpack_from(">III", data, place + 16 + 12 * group)
        if first < behind or last > LAST:
            raise ValueError("is damaged: the groups of its cmap are out of order; copy it again")
        yield from range(first + (glyph == 0), last + 1)
        behind = last + 1
