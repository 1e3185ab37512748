"""What FEIG's answers say about tags: the data sets of an inventory, a tag's system information, its blocks.

Byte order. UIDs travel most significant byte first, E0h in front (the manuals say "always MSB first"; the
vendor's class library prints them in that order and lets the first byte be the most significant). The bytes
of a block travel last one first: the vendor's class library turns every block round after a read (23h) and
before a write (24h). Without that a tag written here would be unreadable for every other reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hardware.errors import HardwareError
from hardware.rfid.feig.words import ISO14443A, ISO15693, tag_type_words
from kiosk.events import Tag, TagKind

UID_BYTES = 8
FIRST_UID_BYTE = 0xE0  # ISO/IEC 15693-3, section 4.1
_LONG_UID = 0x04  # TR-INFO of ISO 14443 A: ten bytes of UID follow instead of seven
_MEMORY_SIZE_AT = 10
_BLOCK_SIZE_BITS = 0x1F  # block size less one, as ISO/IEC 15693-3 has it in system information


class AnswerMakesNoSense(HardwareError, ValueError):
    """A whole frame whose content does not add up; `tags` are those read before the place where it breaks."""

    def __init__(self, message: str, *, tags: frozenset[Tag] = frozenset()) -> None:
        super().__init__(message)
        self.tags = tags


@dataclass(frozen=True, slots=True)
class DataSets:
    """What one inventory answer lists. `skipped`: kinds of tags this product has no use for, by TR-TYPE."""

    tags: frozenset[Tag]
    skipped: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SystemInformation:
    """What an ISO 15693 tag tells of itself. `block_size` and `blocks` are 0 when it does not say."""

    uid: str
    dsfid: int
    afi: int
    block_size: int = 0
    blocks: int = 0


def data_sets(data: bytes) -> DataSets:
    """Read the data of an inventory answer: a count, then so many data sets, then nothing.

    Raises AnswerMakesNoSense: a set is cut short, bytes are left over, a UID is none, a type is unknown.
    """
    if not data:
        raise AnswerMakesNoSense("an inventory answer that does not say how many tags there are")
    tags: set[Tag] = set()
    skipped: set[int] = set()
    at = 1
    for _ in range(data[0]):
        if at >= len(data):
            raise AnswerMakesNoSense(
                f"the reader announces {data[0]} tags and lists fewer", tags=frozenset(tags)
            )
        tag_type, body = data[at], data[at + 1 :]
        size = _size(tag_type, body)
        if size is None or size > len(body):
            why = "has a length that is not known" if size is None else "is cut short"
            raise AnswerMakesNoSense(
                f"the reader's entry for a tag of {tag_type_words(tag_type)} {why}", tags=frozenset(tags)
            )
        if tag_type == ISO15693:
            tags.add(_vicinity(body[1:size], frozenset(tags)))
        elif tag_type == ISO14443A:
            tags.add(_proximity(body[2:size]))
        else:
            skipped.add(tag_type)
        at += 1 + size
    if at < len(data):
        raise AnswerMakesNoSense(f"{len(data) - at} bytes follow the last tag", tags=frozenset(tags))
    return DataSets(frozenset(tags), frozenset(skipped))


def _vicinity(uid: bytes, before: frozenset[Tag]) -> Tag:
    """DSFID, then the UID; a UID that does not begin with E0h was not read as it is."""
    if uid[0] != FIRST_UID_BYTE:
        raise AnswerMakesNoSense(
            f"a tag is reported as {uid.hex().upper()}, and every ISO 15693 UID begins with E0", tags=before
        )
    return Tag(uid.hex().upper(), TagKind.VICINITY)


def _proximity(uid: bytes) -> Tag:
    """TR-INFO, OPT-INFO, then seven or ten bytes; a UID of four bytes comes with three zeros before it."""
    if len(uid) == 7 and not any(uid[:3]):
        uid = uid[3:]
    return Tag(uid.hex().upper(), TagKind.OTHER)


def _fixed(size: int) -> Callable[[bytes], int | None]:
    return lambda body: size


def _counted(at: int) -> Callable[[bytes], int | None]:
    """The byte at `at` counts the bytes after it."""
    return lambda body: at + 1 + body[at] if len(body) > at else at + 1


# Bytes of a data set after its TR-TYPE (vendor's class library, ISO table item)
_SIZES: dict[int, Callable[[bytes], int | None]] = {
    0x00: _fixed(9),
    0x01: _fixed(9),
    ISO15693: _fixed(9),
    ISO14443A: lambda body: 12 if body and body[0] & _LONG_UID else 9,
    0x05: _fixed(9),
    0x06: lambda body: 8 if body and body[0] & 0xC0 else 12,  # 64 or 96 bits of EPC, by its header
    0x07: _fixed(19),
    0x08: _fixed(8),
    0x09: _counted(1),
    0x0A: _fixed(9),
    0x0B: _fixed(9),
    0x0C: _counted(0),
    0x0D: _fixed(17),
    0x10: _counted(10),
    0x11: _fixed(12),
    0x7F: _counted(1),
    **dict.fromkeys((0x80, 0x81, 0x83, 0x84, 0x88, 0x89), _counted(1)),
}


def _size(tag_type: int, body: bytes) -> int | None:
    known = _SIZES.get(tag_type)
    return None if known is None else known(body)


def system_information(data: bytes, uid: str) -> SystemInformation:
    """Read the data of a system information answer: DSFID UID[8] AFI MEM-SIZE[2 or 3] IC-REF.

    Raises AnswerMakesNoSense when it has another length, or is not about the tag `uid` that was asked.
    """
    if len(data) not in {13, 14}:
        raise AnswerMakesNoSense(f"system information of {len(data)} bytes, where 13 or 14 are due")
    if data[1 : 1 + UID_BYTES].hex().upper() != uid:
        raise AnswerMakesNoSense(
            f"tag {uid} was asked and {data[1 : 1 + UID_BYTES].hex().upper()} is said to have answered"
        )
    size = data[_MEMORY_SIZE_AT:-1]
    if not any(size):
        return SystemInformation(uid, data[0], data[9])
    blocks = int.from_bytes(size[1:], "big") + 1
    return SystemInformation(uid, data[0], data[9], (size[0] & _BLOCK_SIZE_BITS) + 1, blocks)


def blocks(data: bytes, *, count: int, size: int | None = None) -> bytes:
    """The bytes of `count` blocks, in the tag's own order: DB-N DB-SIZE {SEC-STATUS DB[size]}.

    `size` None takes whatever the reader says. Raises AnswerMakesNoSense when it is not what was asked for.
    """
    if len(data) < 2 or data[0] != count or data[1] == 0 or (size is not None and data[1] != size):
        raise AnswerMakesNoSense(
            f"the reader's answer {data[:2].hex(' ')} is not the {count} blocks asked for"
        )
    step = 1 + data[1]
    if len(data) != 2 + count * step:
        raise AnswerMakesNoSense(f"{len(data) - 2} bytes for {count} blocks of {data[1]} bytes")
    return b"".join(turned(data[at + 1 : at + step]) for at in range(2, len(data), step))


def turned(block: bytes) -> bytes:
    """One block as it goes over the line, or back: last byte first."""
    return block[::-1]
