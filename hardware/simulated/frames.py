"""What travels through the air at 106 kbit/s: the reader's frames and the tags' answers, bit by bit.

Bits are kept in the order of the air, least significant first, without parity; parity is added where a
stream is put on the air. Timing by ISO/IEC 14443-3 clause 6.2.
"""

from __future__ import annotations

from dataclasses import dataclass

FC = 13_560_000  # carrier, Hz
ETU = 128 / FC  # one bit at 106 kbit/s: 9.44 us
SHORT_BITS = 7  # REQA and WUPA are short frames

Bits = tuple[int, ...]


def bits_of(data: bytes) -> Bits:
    """The bits of `data` in the order of the air."""
    return tuple((byte >> position) & 1 for byte in data for position in range(8))


def bytes_of(bits: Bits) -> bytes:
    """Whole bytes of a bit stream, an incomplete last one filled with zeros."""
    return bytes(
        sum(bit << position for position, bit in enumerate(bits[start : start + 8]))
        for start in range(0, len(bits), 8)
    )


def odd_parity(bits: Bits) -> int:
    """The parity bit that makes the number of ones odd."""
    return (sum(bits) + 1) & 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What a reader proves in the MIFARE Classic authentication: the key and the four UID bytes it used."""

    key: bytes
    uid: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the reader. `session` is 0 in plain text; otherwise the nonce of a Crypto1 session.

    Crypto1 itself is not modelled: a frame of another session is noise to whoever hears it.
    """

    bits: Bits
    parity: bool = True
    session: int = 0
    proof: Proof | None = None

    @property
    def data(self) -> bytes | None:
        """The frame's bytes; None when it does not end at a byte or carries no parity."""
        if len(self.bits) % 8 or not self.parity or not self.bits:
            return None
        return bytes_of(self.bits)

    @property
    def short(self) -> int | None:
        """The value of a short frame (7 bits); None for every other frame."""
        return bytes_of(self.bits)[0] if len(self.bits) == SHORT_BITS else None

    @property
    def last_bit(self) -> int:
        """The last bit on the air: it sets the frame delay. A whole last byte ends in its parity bit."""
        if self.parity and len(self.bits) % 8 == 0:
            return odd_parity(self.bits[-8:])
        return self.bits[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """A tag's answer. `first` is how many bits come before the first parity bit (less in a split byte).

    `n` sets the frame delay: (128 n + 84)/fc after a 1, (128 n + 20)/fc after a 0. Nine is fixed for REQA,
    WUPA, ANTICOLLISION and SELECT (clause 6.2.1.1): 1236/fc = 91 us or 1172/fc = 86 us.
    """

    bits: Bits
    n: int = 9
    first: int = 8

    def delay(self, last_bit: int) -> float:
        """Seconds from the end of the reader's frame to the start of this answer."""
        return (128 * self.n + (84 if last_bit else 20)) / FC

    @property
    def air(self) -> Bits:
        """The stream as sent: odd parity after each whole byte; fewer than eight last bits have none."""
        stream: list[int] = []
        start, room = 0, self.first
        while start + room <= len(self.bits):
            part = self.bits[start : start + room]
            stream += [*part, odd_parity(part)]
            start, room = start + room, 8
        stream += self.bits[start:]
        return tuple(stream)
