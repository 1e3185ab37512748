"""The PN532's frames (UM0701-02, 6.2.1), and a parser that finds them in any stream of bytes. Pure.

    normal     00 00 FF LEN LCS TFI PD.. DCS 00             LEN = TFI and PD, LEN + LCS = 0 (mod 256)
    extended   00 00 FF FF FF LENM LENL LCS TFI PD.. DCS 00 LENM + LENL + LCS = 0
    ACK, NACK  00 00 FF 00 FF 00, 00 00 FF FF 00 00
    error      00 00 FF 01 FF 7F 81 00                      TFI + PD.. + DCS = 0

The checksum is a plain sum: it finds every single wrong byte, and lets one in 256 of worse accidents through.
What is inside a frame must therefore fit as well before it is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

TO_CHIP, FROM_CHIP = 0xD4, 0xD5  # TFI
ACK, NACK = bytes.fromhex("0000FF00FF00"), bytes.fromhex("0000FFFF0000")
LONGEST = 265  # TFI and 264 bytes of packet data: what the firmware can hold (6.2.1.2)
_ERROR_TFI = 0x7F
_START = b"\x00\xff"
_LONGEST_NORMAL = 255


class Kind(Enum):
    """What a frame is."""

    ACK = "acknowledgement"
    NACK = "not acknowledged"
    ERROR = "syntax error"
    ANSWER = "answer"
    FOREIGN = "frame of a host"  # our own words coming back, or another host on the wire
    DAMAGED = "damaged frame"  # its header was right, the rest was not, or did not come


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `data`: packet data without TFI; for an answer the first byte is the command's code + 1."""

    kind: Kind
    data: bytes = b""


def encode(data: bytes, *, tfi: int = TO_CHIP) -> bytes:
    """The frame that carries packet data. Raises ValueError when it is empty or too long for the chip."""
    body = bytes([tfi]) + data
    if not 2 <= len(body) <= LONGEST:
        raise ValueError(f"{len(data)} bytes of packet data do not fit a frame of 1 to {LONGEST - 1}")
    if len(body) <= _LONGEST_NORMAL:
        header = bytes([len(body), _complement(len(body))])
    else:
        high, low = divmod(len(body), 256)
        header = bytes([0xFF, 0xFF, high, low, _complement(high + low)])
    return b"\x00\x00\xff" + header + body + bytes([_complement(sum(body)), 0x00])


def _complement(value: int) -> int:
    return -value & 0xFF


class FrameParser:
    """Finds frames in what arrives, in pieces of any size. Holds back what may still become one.

    A header that only looks like one can claim bytes of the frame behind it. It is given up when its frame
    turns out wrong, or by `idle`, and then the bytes it claimed are looked through again.
    """

    def __init__(self) -> None:
        self._held = b""

    @property
    def waiting(self) -> bool:
        """Whether the beginning of a frame has arrived and its end has not."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now, in order."""
        self._held += data
        return self._find(final=False)

    def idle(self) -> list[Frame]:
        """Nothing more came for longer than a frame may pause: what was held back is no frame."""
        return self._find(final=True)

    def clear(self) -> None:
        """Forget what was held back."""
        self._held = b""

    def _find(self, *, final: bool) -> list[Frame]:
        held, frames, at = self._held, list[Frame](), 0
        while True:
            at = held.find(_START, at)
            if at < 0:
                self._held = held[-1:] if held.endswith(b"\x00") and not final else b""
                return frames
            size = _size(held[at : at + 7])
            if size is None and not final:
                break
            if not size:
                at += 1
                continue
            if at + size > len(held) and not final:
                break
            frame = _judge(held[at : at + size], size)
            frames.append(frame)
            # A postamble may be the next frame's preamble, and a damaged frame may hide a whole one.
            at += 1 if frame.kind is Kind.DAMAGED else size - 1
        self._held = held[at:]
        return frames


def _size(header: bytes) -> int | None:
    """Bytes of the frame from start code to postamble; 0 = no frame begins so; None = not yet known."""
    if len(header) < 4:
        return None
    length, checksum = header[2], header[3]
    if (length, checksum) in {(0x00, 0xFF), (0xFF, 0x00)}:
        return 5
    if (length, checksum) == (0xFF, 0xFF):
        if len(header) < 7:
            return None
        length = header[4] << 8 | header[5]
        right = (header[4] + header[5] + header[6]) & 0xFF == 0 and 1 <= length <= LONGEST
        return length + 9 if right else 0
    return length + 6 if length and (length + checksum) & 0xFF == 0 else 0


def _judge(raw: bytes, size: int) -> Frame:
    """What the bytes from a start code on are, when `size` of them are due."""
    if len(raw) != size or raw[-1] != 0x00:
        return Frame(Kind.DAMAGED)
    if size == 5:
        return Frame(Kind.ACK if raw[2] == 0x00 else Kind.NACK)
    body = raw[7:-2] if raw[2:4] == b"\xff\xff" else raw[4:-2]
    if (sum(body) + raw[-2]) & 0xFF:
        return Frame(Kind.DAMAGED)
    match body[0]:
        case 0x7F if len(body) == 1:
            return Frame(Kind.ERROR)
        case 0xD5 if len(body) > 1:
            return Frame(Kind.ANSWER, body[1:])
        case 0xD4 if len(body) > 1:
            return Frame(Kind.FOREIGN, body[1:])
    return Frame(Kind.DAMAGED)
