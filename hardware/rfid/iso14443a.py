"""ISO/IEC 14443-3 type A: frames, checksums, anticollision, UIDs. Pure; knows no reader chip.

A reader supplies one function, `Exchange`: send this frame, tell what came back. `identify` then finds one
tag of those that answered a call, and hands out its UID only when every block check character, every SAK and
every SAK's CRC_A was right. Bits are numbered in the order of the air: bit 0 is the first sent, the least
significant bit of the first byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor

from hardware.errors import HardwareError

REQA = 0x26  # short frame, 7 bits: calls tags in IDLE
WUPA = 0x52  # short frame, 7 bits: calls tags in IDLE and in HALT
SHORT_FRAME_BITS = 7
HLTA = 0x50
LEVELS = (0x93, 0x95, 0x97)  # SEL codes of cascade levels 1, 2, 3
CASCADE_TAG = 0x88  # stands before the rest of a UID that goes on in the next level
SAK_UID_NOT_COMPLETE = 0x04  # bit 3 of SAK: the one and only sign that a next level follows
_UID_BITS = 32  # UID bits of one cascade level; the BCC byte follows
_NVB_WHOLE = 0x70  # SELECT: all 7 bytes, 0 bits


class AnswerError(HardwareError):
    """What came back is no proof of a tag: silence, bits that do not fit, a checksum that is wrong."""


class Silence(AnswerError):
    """Nothing at all came back."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What to send, and what its answer looks like."""

    data: bytes
    last_bits: int = 0  # bits of the last byte to send; 0 = all eight
    align: int = 0  # bit position in the answer's first byte where its first bit belongs
    answer_bytes: int = 0  # bytes a whole answer fills, counted with `align`; 0 = silence is the answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `data` empty and no `fault` = silence."""

    data: bytes = b""
    last_bits: int = 0  # valid bits of the last byte; 0 = all eight
    collided: bool = False
    position: int | None = None  # 1..32: where the chip says the first collision was; None = it cannot say
    fault: str = ""  # anything else that was wrong: parity, protocol, overflow

    @property
    def silent(self) -> bool:
        """Whether nothing at all was heard."""
        return not (self.data or self.collided or self.fault)


Exchange = Callable[[Frame], Answer]


@dataclass(frozen=True, slots=True)
class Identity:
    """A tag that proved who it is."""

    uid: bytes  # 4, 7 or 10 bytes
    sak: int  # of the last cascade level

    @property
    def text(self) -> str:
        """The UID as the product writes it: upper-case hex, as long as it is."""
        return self.uid.hex().upper()


@dataclass(frozen=True, slots=True)
class Prefix:
    """The bits of one cascade level that are known so far; bit 0 is the first on the air."""

    bits: int = 0
    count: int = 0


def _crc_row(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value


_CRC_TABLE = tuple(_crc_row(value) for value in range(256))


def crc_a(data: bytes) -> bytes:
    """CRC_A as sent, low byte first: x16+x12+x5+1 reflected, start 6363h (ISO/IEC 14443-3, annex B)."""
    crc = 0x6363
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def bcc(data: bytes) -> int:
    """Block check character: exclusive or of the four bytes of a cascade level."""
    return reduce(xor, data, 0)


def call(code: int = REQA) -> Frame:
    """REQA or WUPA; every tag that hears it answers with two bytes of ATQA."""
    return Frame(bytes([code]), last_bits=SHORT_FRAME_BITS, answer_bytes=2)


def anticollision(level: int, prefix: Prefix) -> Frame:
    """Ask every tag whose UID begins with `prefix` for the rest of it and its BCC."""
    whole, rest = divmod(prefix.count, 8)
    known = prefix.bits.to_bytes(4, "little")[: whole + (rest > 0)]
    nvb = (2 + whole) << 4 | rest
    return Frame(bytes([LEVELS[level], nvb]) + known, last_bits=rest, align=rest, answer_bytes=5 - whole)


def select(level: int, uid_and_bcc: bytes) -> Frame:
    """Choose the one tag with this part of a UID; it answers with SAK and CRC_A."""
    body = bytes([LEVELS[level], _NVB_WHOLE]) + uid_and_bcc
    return Frame(body + crc_a(body), answer_bytes=3)


def halt() -> Frame:
    """Send the selected tag to HALT, where it ignores REQA. Silence is success."""
    body = bytes([HLTA, 0x00])
    return Frame(body + crc_a(body))


def parts(uid: bytes) -> tuple[bytes, ...]:
    """What each cascade level of a known UID is selected by: four bytes and their BCC.

    Raises ValueError when no UID is as long.
    """
    if len(uid) not in (4, 7, 10):
        raise ValueError(f"the UID {uid.hex().upper()!r} has {len(uid)} bytes; a tag has 4, 7 or 10")
    cuts = [bytes([CASCADE_TAG]) + uid[at : at + 3] for at in range(0, len(uid) - 4, 3)] + [uid[-4:]]
    return tuple(cut + bytes([bcc(cut)]) for cut in cuts)


def whole_part(prefix: Prefix, answer: Answer) -> bytes:
    """The four UID bytes and the BCC of a level whose answer had no collision. Raises AnswerError."""
    frame_bytes = 5 - prefix.count // 8
    if len(answer.data) != frame_bytes or answer.last_bits:
        raise AnswerError(f"{len(answer.data)} bytes where {frame_bytes} were due")
    part = _joined(prefix, answer.data).to_bytes(5, "little")
    if bcc(part[:4]) != part[4]:
        raise AnswerError("the block check character is wrong")
    return part


def longer(prefix: Prefix, answer: Answer) -> Prefix:
    """What is known after a collision: at least one bit more, so the loop around it ends.

    The datasheet counts CollPos "in a received frame" and leaves open whether the bits skipped by RxAlign
    count. Where both readings are possible the earlier bit is taken, with the value that was received there.
    If the collision really was there, either value belongs to some tag; if it was later, that value was
    received well. So both readings lead on, and so does either value at the collided bit.
    """
    if answer.position is None:
        raise AnswerError("a collision outside the UID")
    skipped = prefix.count % 8
    by_fifo = prefix.count - skipped + answer.position - 1
    by_frame = prefix.count + answer.position - 1
    where = by_fifo if by_fifo >= prefix.count else by_frame
    received = _joined(prefix, answer.data)
    have = prefix.count - skipped + 8 * len(answer.data)
    if where >= min(_UID_BITS, have):
        raise AnswerError(f"a collision at bit {where}, which was not received")
    count = where + 1
    return Prefix(received & ((1 << count) - 1), count)


def _joined(prefix: Prefix, data: bytes) -> int:
    """Known bits, then the received ones; of a byte shared by both, the known bits win."""
    whole = prefix.count // 8 * 8
    received = int.from_bytes(data, "little") << whole
    known = (1 << prefix.count) - 1
    return (prefix.bits & known) | (received & ~known)


def identify(exchange: Exchange) -> Identity:
    """One tag out of all that are READY, selected and proved. Raises AnswerError when it cannot be.

    At most 33 frames a cascade level: each anticollision frame knows at least one bit more than the last.
    The cascade goes on when SAK says so and never because a byte is 88h, which is a legal first byte.
    """
    uid = b""
    for level in range(len(LEVELS)):
        part = _settle(exchange, level)
        sak = _select(exchange, level, part)
        if not sak & SAK_UID_NOT_COMPLETE:
            return Identity(uid + part[:4], sak)
        if part[0] != CASCADE_TAG:
            raise AnswerError("SAK announces more UID, but no cascade tag stands before it")
        uid += part[1:4]
    raise AnswerError("SAK announces a fourth cascade level, which does not exist")


def select_known(exchange: Exchange, uid: bytes) -> int:
    """Select the one tag with this UID, of all that are READY; the SAK of its last level.

    No anticollision: tags with another UID go back to where they came from. Raises Silence when no tag with
    this UID answered, AnswerError when the answers prove none.
    """
    levels = parts(uid)
    for level, part in enumerate(levels):
        sak = _select(exchange, level, part)
        if bool(sak & SAK_UID_NOT_COMPLETE) != (level + 1 < len(levels)):
            raise AnswerError(f"SAK {sak:02X}h does not fit a UID of {len(uid)} bytes")
    return sak


def _settle(exchange: Exchange, level: int) -> bytes:
    """The UID part of one tag, collisions resolved bit by bit."""
    prefix = Prefix()
    while True:
        answer = exchange(anticollision(level, prefix))
        _refuse_faults(answer, "anticollision")
        if not answer.collided:
            return whole_part(prefix, answer)
        prefix = longer(prefix, answer)


def _select(exchange: Exchange, level: int, part: bytes) -> int:
    """The SAK of the tag with this part, its CRC_A checked."""
    answer = exchange(select(level, part))
    _refuse_faults(answer, "SELECT")
    if answer.collided or len(answer.data) != 3 or answer.last_bits:
        raise AnswerError("SELECT was not answered by one whole SAK")
    if crc_a(answer.data[:1]) != answer.data[1:]:
        raise AnswerError("the CRC_A of the SAK is wrong")
    return answer.data[0]


def _refuse_faults(answer: Answer, what: str) -> None:
    if answer.silent:
        raise Silence(f"silence after {what}")
    if answer.fault:
        raise AnswerError(f"{what}: {answer.fault}")
