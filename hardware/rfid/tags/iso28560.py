"""The basic block of ISO 28560-3: what a library's tag says of a book, in 34 bytes or 32. Pure.

    0      version of the content (high nibble, 1) and type of usage (low nibble)
    1, 2   number of parts in the item, which part this is
    3-18   primary item identifier, UTF-8, filled up with zeros
    19-20  checksum, low byte first, over bytes 0-18 and 21-33
    21-33  owner's ISIL: two letters of the country, then the rest without its hyphen; 21-31 in the short form

Checksum: x16+x12+x5+1, start FFFFh; the short form counts as if two zeros followed. The standard itself is
not free to read: the layout follows published open-source implementations and their test vector.

In the field blocks come with their bytes reversed in fours, with the nibbles of byte 0 swapped, with bytes 1
and 2 swapped. Each is understood where only one reading makes sense, and named in `remarks`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum

from hardware.errors import HardwareError

WHOLE, SHORT = 34, 32  # bytes
IDENTIFIER_BYTES = 16

_VERSION = 1
_IDENTIFIER = slice(3, 19)
_CHECKSUM = slice(19, 21)
_OWNER_AT = 21
_COUNTRY_LETTERS, _OWNER_REST = 2, 11
_OWNER = re.compile(r"[A-Z]{2}-[A-Za-z0-9:/-]{1,11}")  # ISO 15511, of those whose prefix is a country
_OWNER_TEXT = re.compile(rb"[A-Za-z0-9:/-]*")


class BlockError(HardwareError, ValueError):
    """The bytes are no basic block, or what it should say does not fit into one; names the place."""


class WrongChecksum(BlockError):
    """No checksum fits: damaged, or no basic block at all."""


class Usage(IntEnum):
    """Type of usage."""

    NEW = 0  # in acquisition
    CIRCULATING = 1
    NOT_FOR_LOAN = 2
    LOCAL_3 = 3
    LOCAL_4 = 4
    FUTURE = 5
    NOT_SAID = 6
    DISCARDED = 7
    PATRON_CARD = 8
    EQUIPMENT = 9


@dataclass(frozen=True, slots=True)
class BasicBlock:
    """What a block says. Raises BlockError when it cannot be said in one.

    `identifier`: 1 to 16 bytes of UTF-8 without control characters; `owner`: an ISIL such as "VN-HN01", or
    "" where none is given; `part` of `parts`: 0 = not said. A block that was read may hold an owner that is
    no such ISIL: it is kept as it stands.
    """

    identifier: str
    owner: str = ""
    usage: Usage = Usage.CIRCULATING
    parts: int = 1
    part: int = 1
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        problem = _identifier_problem(self.identifier)
        if problem:
            raise BlockError(f"the identifier {self.identifier!r} {problem}")
        if not (0 <= self.part <= self.parts <= 255):
            raise BlockError(f"part {self.part} of {self.parts} is not within 0 to 255")


def _identifier_problem(identifier: str) -> str:
    try:
        size = len(identifier.encode())
    except UnicodeEncodeError:
        return "is not text that UTF-8 can hold"
    if not size:
        return "is missing"
    if size > IDENTIFIER_BYTES:
        return f"has {size} bytes in UTF-8; a block holds {IDENTIFIER_BYTES}"
    if not identifier.isprintable() or identifier != identifier.strip():
        return "holds control characters, or begins or ends with a blank"
    return ""


def crc16(data: bytes) -> int:
    """Most significant bit first, polynomial 1021h, start FFFFh."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def encode(block: BasicBlock, *, length: int = WHOLE) -> bytes:
    """34 bytes, or 32, which keep 11 characters of the owner. Raises BlockError: the owner is no ISIL."""
    if length not in (WHOLE, SHORT):
        raise BlockError(f"a basic block has {WHOLE} or {SHORT} bytes, not {length}")
    if block.owner and not _OWNER.fullmatch(block.owner):
        raise BlockError(
            f"the owner {block.owner!r} is no ISIL of two capital letters, a hyphen and 1 to 11 characters"
        )
    head = bytes([_VERSION << 4 | block.usage, block.parts, block.part])
    head += block.identifier.encode().ljust(IDENTIFIER_BYTES, b"\0")
    owner = block.owner.replace("-", "", 1).encode().ljust(WHOLE - _OWNER_AT, b"\0")[: length - _OWNER_AT]
    checksum = crc16(head + owner + bytes(WHOLE - length))
    return head + checksum.to_bytes(2, "little") + owner


def decode(data: bytes) -> BasicBlock:
    """The block at the start of `data`, in whichever of the known ways it was written.

    Of 34 bytes or more the whole block is read; only a memory of 32 holds the short one.

    Raises WrongChecksum when no way gives the right checksum, BlockError when the block says something that
    cannot be, or the ways that fit say different things. Each names the place.
    """
    if len(data) < SHORT:
        raise BlockError(f"{len(data)} bytes are no basic block, which has {WHOLE} or {SHORT}")
    length = WHOLE if len(data) >= WHOLE else SHORT
    found: dict[bytes, str] = {}
    for way, straight in (("", data), ("its bytes were reversed in fours", _reversed_in_fours(data))):
        body = straight[:length]
        if len(body) == length and _checksum(body) == body[_CHECKSUM]:
            found.setdefault(body, way)
    if not found:
        due = int.from_bytes(_checksum(data[:length]), "little")
        there = int.from_bytes(data[_CHECKSUM], "little")
        raise WrongChecksum(
            f"bytes 19 and 20 hold the checksum {there:04X}h where {due:04X}h is due: "
            "the block is damaged or was never one"
        )
    if len(found) > 1:
        raise BlockError("the block can be read in two ways, both with a right checksum")
    ((body, way),) = found.items()
    block = fields(body)
    return replace(block, remarks=((way,) if way else ()) + block.remarks)


def fields(body: bytes) -> BasicBlock:
    """What the bytes of a block say, whatever its checksum. Raises BlockError that names the place."""
    remarks = []
    version, usage = body[0] >> 4, body[0] & 0x0F
    if usage == _VERSION != version:
        version, usage = usage, version
        remarks.append("version and usage were swapped in byte 0")
    if version != _VERSION:
        raise BlockError(f"byte 0 reads {body[0]:02X}h: neither nibble is the version {_VERSION}")
    if usage not in Usage.__members__.values():
        raise BlockError(f"byte 0 reads {body[0]:02X}h: type of usage {usage:X}h is not defined")
    parts, part = body[1], body[2]
    if part > parts:
        parts, part = part, parts
        remarks.append("part and number of parts were swapped in bytes 1 and 2")
    identifier = _identifier(body[_IDENTIFIER])
    return BasicBlock(identifier, _owner(body[_OWNER_AT:]), Usage(usage), parts, part, tuple(remarks))


def _identifier(raw: bytes) -> str:
    text = raw.rstrip(b"\0")
    if not text:
        raise BlockError("bytes 3 to 18 are zeros: the identifier is missing")
    try:
        identifier = text.decode()
    except UnicodeDecodeError as error:
        raise BlockError(f"byte {3 + error.start} ({text[error.start]:02X}h) is not UTF-8") from error
    problem = _identifier_problem(identifier)
    if problem:
        raise BlockError(f"bytes 3 to 18: the identifier {identifier!r} {problem}")
    return identifier


def _owner(raw: bytes) -> str:
    text = raw.rstrip(b"\0")
    if not _OWNER_TEXT.fullmatch(text):
        raise BlockError(f"bytes 21 to 33 ({raw.hex().upper()}) are no owner's ISIL")
    owner = text.decode()
    isil = f"{owner[:_COUNTRY_LETTERS]}-{owner[_COUNTRY_LETTERS:]}"
    return isil if _OWNER.fullmatch(isil) else owner


def _checksum(body: bytes) -> bytes:
    """As it should stand in bytes 19 and 20 of a block of 34 or 32 bytes."""
    covered = body[: _CHECKSUM.start] + body[_OWNER_AT:].ljust(WHOLE - _OWNER_AT, b"\0")
    return crc16(covered).to_bytes(2, "little")


def _reversed_in_fours(data: bytes) -> bytes:
    return b"".join(data[at : at + 4][::-1] for at in range(0, len(data) // 4 * 4, 4))
