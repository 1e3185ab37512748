"""How an item's identifier lies in a tag's memory, and what else may lie there. Pure.

Forms, by the room there is:

    34 bytes or more   the whole ISO 28560-3 basic block
    32 or 33 bytes     the block cut short
    less               compact: "GD", 01h (version), length, identifier in UTF-8, the block's CRC-16

Where phones read the tag (Framing.TLV) it is the value of a proprietary TLV, `FD <length> ... FE`: three
bytes more, and a valid NFC Forum Type 2 tag without a message. Elsewhere it begins at byte 0.

The first unit decides. While a tag is being written it holds an opening that no finished content begins
with: `FD <length> 00 00` (block), `FD <length> 47 00` (compact), or `00 47 44 00` without a TLV. It is
written first, and the true first unit last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from hardware.rfid.tags import iso28560
from hardware.rfid.tags.iso28560 import BasicBlock, BlockError, Usage, WrongChecksum
from hardware.rfid.tags.memory import Framing, TagTooSmall

WINDOW = 48  # bytes: as far as a form and what phones put before it reaches; all of an Ultralight

_NULL, _LOCK_CONTROL, _MEMORY_CONTROL, _NDEF, _PROPRIETARY, _TERMINATOR = 0x00, 0x01, 0x02, 0x03, 0xFD, 0xFE
_LONG = 0xFF  # a TLV length that stands for two more bytes
_CAPABILITY = (0xE1, 0xE2)  # first byte of an ISO 15693 tag that phones formatted (NFC Forum Type 5)
_COMPACT, _COMPACT_VERSION = b"GD", 1
_OPENING = b"\0GD\0"
_COOKIE = bytes.fromhex("1337B347")  # TonUINO: block 4 of a Classic, page 4 or 8 of an Ultralight
_COOKIES_AT = (0, 16)
_NDEF_KINDS = {b"U": "a web address", b"T": "a text", b"Sp": "a poster with a web address"}


class Form(StrEnum):
    """How it is laid out."""

    BLOCK = "ISO 28560-3 block"
    SHORT_BLOCK = "ISO 28560-3 block of 32 bytes"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing: as delivered, or erased."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item's identifier, its checksum right. A compact one says nothing of owner and usage."""

    identifier: str
    owner: str = ""  # ISIL
    usage: Usage = Usage.NOT_SAID
    form: Form = Form.BLOCK
    remarks: tuple[str, ...] = ()  # what was unusual in how it was written


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A write was interrupted: nothing of it is believed, and writing again repairs it."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Somebody else's content; `kind` in words."""

    kind: str


@dataclass(frozen=True, slots=True)
class Garbage:
    """One of our forms, but damaged; `words` say where."""

    words: str


Content = Blank | Item | Incomplete | Foreign | Garbage


@dataclass(frozen=True, slots=True)
class Layout:
    """What to write, as whole units, and the first unit while it is being written."""

    units: tuple[bytes, ...]
    opening: bytes

    @property
    def content(self) -> bytes:
        """All units in a row."""
        return b"".join(self.units)


def lay_out(block: BasicBlock, framing: Framing, *, unit: int, units: int) -> Layout:
    """The best form for a memory of `units` units. Raises TagTooSmall, and BlockError: not to be said."""
    room = unit * units - (3 if framing is Framing.TLV else 0)
    if room >= iso28560.WHOLE:
        body, head = iso28560.encode(block), b"\0\0"
    elif room >= iso28560.SHORT:
        body, head = iso28560.encode(block, length=iso28560.SHORT), b"\0\0"
    else:
        body, head = _compact(block.identifier), _COMPACT[:1] + b"\0"
    if len(body) > room:
        raise TagTooSmall(
            f"{len(body)} bytes do not fit into a tag with room for {max(room, 0)}: use another tag"
        )
    opening = _OPENING
    if framing is Framing.TLV:
        opening = bytes([_PROPRIETARY, len(body)]) + head
        body = bytes([_PROPRIETARY, len(body)]) + body + bytes([_TERMINATOR])
    body += bytes(-len(body) % unit)
    cut = tuple(body[at : at + unit] for at in range(0, len(body), unit))
    return Layout(cut, opening.ljust(unit, b"\0"))


def _compact(identifier: str) -> bytes:
    text = identifier.encode()
    body = _COMPACT + bytes([_COMPACT_VERSION, len(text)]) + text
    return body + iso28560.crc16(body).to_bytes(2, "little")


def recognise(data: bytes, framing: Framing) -> Content:
    """What the first bytes of a memory hold; WINDOW of them, or all there are. Any bytes get an answer."""
    if not data.strip(b"\0") or not data.strip(b"\xff"):
        return Blank()
    if any(data[at : at + len(_COOKIE)] == _COOKIE for at in _COOKIES_AT):
        return Foreign("a figure of a TonUINO music box")
    if framing is Framing.TLV:
        return _in_tlvs(data)
    return _plain(data)


def _plain(data: bytes) -> Content:
    if data.startswith(_OPENING):
        return Incomplete()
    if data.startswith(_COMPACT):
        return _read_compact(data)
    if data[0] in _CAPABILITY:
        return _in_tlvs(data[4:])
    if not data.removeprefix(bytes([_NDEF, 0, _TERMINATOR])).strip(b"\0"):
        return Blank()
    try:
        return _read_block(data)
    except WrongChecksum as wrong:
        try:
            iso28560.fields(data[: iso28560.WHOLE])
        except BlockError:
            return _unknown(data)
        return Garbage(f"an ISO 28560-3 block: {wrong}")
    except BlockError as error:
        return Foreign(f"an ISO 28560-3 block that cannot be understood: {error}")


def _in_tlvs(data: bytes) -> Content:
    for kind, value, length in _tlvs(data):
        if length == 0 or (kind in (_LOCK_CONTROL, _MEMORY_CONTROL) and length == 3):
            continue
        if kind == _NDEF:
            return Foreign(_ndef(value))
        if kind == _PROPRIETARY:
            return _read_proprietary(value, length)
        try:
            return _read_block(data)  # without a TLV, as some other systems write it
        except BlockError:
            return _unknown(data)
    return Blank()


def _tlvs(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Kind, value as far as it is there, and declared length of each TLV up to the terminator."""
    at = 0
    while at < len(data) and data[at] != _TERMINATOR:
        if data[at] == _NULL:
            at += 1
            continue
        start = at + 2
        length = data[at + 1] if start <= len(data) else _LONG
        if length == _LONG:
            start, length = at + 4, int.from_bytes(data[at + 2 : at + 4], "big") or _LONG
        yield data[at], data[start : start + length], length
        at = start + length


def _read_proprietary(value: bytes, length: int) -> Content:
    if length in (iso28560.WHOLE, iso28560.SHORT):
        if value.startswith(b"\0\0"):
            return Incomplete()
        try:
            return _read_block(value)
        except WrongChecksum as wrong:
            return Garbage(f"an ISO 28560-3 block: {wrong}")
        except BlockError as error:
            return Foreign(f"an ISO 28560-3 block that cannot be understood: {error}")
    if value.startswith(_COMPACT[:1] + b"\0"):
        return Incomplete()
    if value.startswith(_COMPACT):
        return _read_compact(value)
    return Foreign(f"a record of another system ({length} bytes)")


def _read_block(data: bytes) -> Item:
    block = iso28560.decode(data)
    form = Form.SHORT_BLOCK if len(data) < iso28560.WHOLE else Form.BLOCK
    return Item(block.identifier, block.owner, block.usage, form, block.remarks)


def _read_compact(data: bytes) -> Content:
    if len(data) < 4:
        return Garbage(f"a compact text of {len(data)} bytes")
    version, length = data[2], data[3]
    if version != _COMPACT_VERSION:
        return Foreign(f"a compact text of version {version}, which a newer station wrote")
    end = 4 + length
    if data[end : end + 2] != iso28560.crc16(data[:end]).to_bytes(2, "little"):
        return Garbage(f"a compact text: the checksum in bytes {end} and {end + 1} is wrong")
    try:
        return Item(BasicBlock(data[4:end].decode()).identifier, form=Form.COMPACT)
    except ValueError as error:
        return Foreign(f"a compact text that cannot be understood: {error}")


def _ndef(value: bytes) -> str:
    """The first record's type, in words (NFC Forum NDEF 1.0, section 3.2)."""
    if len(value) < 3:
        return "a phone's message (NDEF)"
    at = 3 if value[0] & 0x10 else 6  # SR: the payload's length has one byte, not four
    at += 1 if value[0] & 0x08 else 0  # IL: the id has a length
    name = value[at : at + value[1]]
    words = _NDEF_KINDS.get(name, name.decode("ascii", "replace") if name.isascii() else "")
    return (
        f"a phone's message (NDEF): {words}" if words.isprintable() and words else "a phone's message (NDEF)"
    )


def _unknown(data: bytes) -> Foreign:
    return Foreign(f"content of unknown kind, beginning {data[:8].hex(' ').upper()}")
