"""Frames of FEIG's OBID readers (CPR, MR, PR, LR): requests out, answers in. Pure; knows no port.

    standard   LEN(1, all bytes, 6..255) COM-ADR CMD [STATUS] DATA CRC16(low byte first)
    advanced   02h ALENGTH(2, high byte first, 8..65535) COM-ADR CMD [STATUS] DATA CRC16(low byte first)

FEIG system manuals H60301-3e and H01114-0e, chapter 2. A reader that was asked in a standard frame answers
in an advanced one when its answer is longer than 255 bytes, so the first byte decides: 02h is no legal LEN.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from hardware.errors import HardwareError

ANY_ADDRESS = 0xFF  # every reader obeys it, and answers with an address of its own
_STX = 0x02
_SHORTEST_STANDARD, _LONGEST_STANDARD = 6, 255  # of answers; a request without data has 5 bytes
_SHORTEST_ADVANCED = 8
LONGEST_ANSWER = 4096  # bytes; what this product asks for stays far below, and noise must not be waited for
_CRC_START = 0xFFFF
_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


class FrameTooLong(HardwareError, ValueError):
    """More data than a frame can carry."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader said, its length and CRC right."""

    address: int
    command: int
    status: int
    data: bytes = b""


def crc16(data: bytes) -> bytes:
    """CRC16 as sent, low byte first: poly 8408h (x16+x12+x5+1 reflected), start FFFFh, no final inversion.

    The C library knows the same polynomial the other way round: bytes and result are mirrored.
    """
    high, low = divmod(binascii.crc_hqx(data.translate(_MIRRORED), _CRC_START), 256)
    return bytes((_MIRRORED[high], _MIRRORED[low]))


def request(command: int, data: bytes = b"", *, address: int = ANY_ADDRESS, advanced: bool = False) -> bytes:
    """A whole request. Raises FrameTooLong when the data does not fit into that kind of frame."""
    body = bytes((address, command)) + data
    if advanced:
        length = len(body) + 5
        if length > 0xFFFF:
            raise FrameTooLong(f"{len(data)} bytes of data do not fit into an advanced frame")
        frame = bytes((_STX, *length.to_bytes(2, "big"))) + body
    else:
        length = len(body) + 3
        if length > _LONGEST_STANDARD:
            raise FrameTooLong(f"{len(data)} bytes of data do not fit into a standard frame")
        frame = bytes((length,)) + body
    return frame + crc16(frame)


class AnswerParser:
    """Finds answers in any stream of bytes, in pieces of any size.

    A frame that turns out to be none costs one byte: the search goes on at the next. `skipped` counts such
    bytes since `clear`. While a frame is still incomplete nothing inside it is looked at, because what a tag
    holds may look like an answer: `settle` says that nothing more comes, and only then the search goes on.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped = 0

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._buffer)

    def clear(self) -> None:
        """Forget everything."""
        self._buffer.clear()
        self.skipped = 0

    def feed(self, data: bytes) -> list[Answer]:
        """Take bytes; the answers that are whole now, in order."""
        self._buffer += data
        return self._search()

    def settle(self) -> list[Answer]:
        """Nothing more is coming: give the incomplete frame up and look at what lies inside it."""
        found: list[Answer] = []
        while self._buffer:
            self._skip()
            found += self._search()
        return found

    def _search(self) -> list[Answer]:
        found: list[Answer] = []
        while self._buffer:
            length = self._length()
            if length is None:
                self._skip()
            elif length > len(self._buffer):
                break
            else:
                frame = bytes(self._buffer[:length])
                if crc16(frame[:-2]) == frame[-2:]:
                    del self._buffer[:length]
                    found.append(_answer(frame))
                else:
                    self._skip()
        return found

    def _length(self) -> int | None:
        """How long the frame at the front says it is; None = no frame begins so. Too few bytes: one more."""
        first = self._buffer[0]
        if first != _STX:
            return first if first >= _SHORTEST_STANDARD else None
        if len(self._buffer) < 3:
            return len(self._buffer) + 1
        length = self._buffer[1] << 8 | self._buffer[2]
        return length if _SHORTEST_ADVANCED <= length <= LONGEST_ANSWER else None

    def _skip(self) -> None:
        del self._buffer[0]
        self.skipped += 1


def _answer(frame: bytes) -> Answer:
    body = frame[3:-2] if frame[0] == _STX else frame[1:-2]
    return Answer(body[0], body[1], body[2], body[3:])
