"""What an RFID reader that types means by its digits: the tag's UID, as the pad would read it. Pure.

The same card is "DEADBEEF" on the pad, and on cheap readers "4022250974" (the bytes reversed, as a decimal
number), "3735928559" or "EFBEADDE". Nothing in the digits says which: it is a setting of each reader, found
by reading one card whose UID is known. Three traps:

- Decimal digits have no length, so each count of digits must be told how many bytes it means.
- Readers made for 4-byte cards cut the 7-byte UID of a sticker to its cascade tag 88h and three bytes. NXP's
  first byte is always 04h, which leaves 16 bits: two of 100 books share an id with probability 7 %. Such a
  text is refused, and with it the rare 4-byte card that begins with 88h: without the SAK nobody can tell. A
  reader that sends four other bytes of seven cannot be found out here: compare a sticker's text with its UID
  before a reader is bought.
- 125 kHz readers ("8H10D") send the last 4 of 5 bytes. Such a UID fits no other kind of reader.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Literal

from hardware.errors import HardwareError

_SIZES = frozenset({4, 5, 7, 8, 10})  # ISO 14443-3: 4, 7, 10 bytes; EM4100: 5; ISO 15693: 8
_CASCADE_TAG = 0x88  # ISO/IEC 14443-3, 6.5.4: stands before the first three bytes of a longer UID
_ISO_15693 = 0xE0  # ISO/IEC 15693-3, 4.1: first byte of each UID
_HEX = {2 * size: size for size in sorted(_SIZES)}
_DECIMAL = {10: 4}
_MOST = 0.9  # of all UIDs: 12 digits for 5 bytes ("10H12D") cannot write those from E8D4A51000h on


class TypedUidFault(HardwareError, ValueError):
    """The typed digits are no UID by this reader's settings; says why, never the digits."""


@dataclass(frozen=True, slots=True)
class UidFormat:
    """How one reader writes UIDs.

    `base`: "hex" or "decimal"; `order`: "msb" = as the pad reads it, "lsb" = bytes reversed; `lengths`: how
    many bytes so many digits are, None = hex digits of every UID size, or 10 decimal digits for 4 bytes.
    `check_byte`: a fifth byte is the xor of the four before it (BCC) and is checked and cut off. Raises
    ValueError: lengths that cannot be.
    """

    base: Literal["hex", "decimal"] = "hex"
    order: Literal["msb", "lsb"] = "msb"
    lengths: dict[int, int] | None = field(default=None, hash=False)
    check_byte: bool = False

    def __post_init__(self) -> None:
        if self.base not in {"hex", "decimal"} or self.order not in {"msb", "lsb"}:
            raise ValueError(
                f"base {self.base!r} and order {self.order!r} must be hex or decimal, msb or lsb"
            )
        for digits, size in self._lengths.items():
            if size not in _SIZES:
                raise ValueError(f"{size} bytes are no UID; UIDs have 4, 5, 7, 8 or 10")
            needed = 2 * size if self.base == "hex" else len(str(256**size - 1))
            if digits != needed and (self.base == "hex" or 10**digits < _MOST * 256**size):
                raise ValueError(f"{digits} {self.base} digits cannot be {size} bytes, {needed} can")

    @property
    def _lengths(self) -> dict[int, int]:
        if self.lengths is not None:
            return self.lengths
        return _HEX if self.base == "hex" else _DECIMAL

    def uid(self, text: str) -> str:
        """The UID, upper-case hex with its true length. Raises TypedUidFault."""
        digits = text.strip(" ")
        if self.base == "hex":
            digits = digits.replace(":", "").replace("-", "").replace(" ", "")
        size = self._lengths.get(len(digits))
        if size is None:
            expected = " or ".join(str(length) for length in self._lengths)
            raise TypedUidFault(
                f"{len(digits)} characters were typed, {expected} {self.base} digits were expected; "
                "correct this reader's settings, or hold the tag still"
            )
        raw = self._bytes(digits, size)
        if self.order == "lsb":
            raw = raw[::-1]
        if raw[0] == _CASCADE_TAG and (size == 4 or (size == 5 and not reduce(xor, raw))):
            raise TypedUidFault(
                "the reader cut a longer UID to four bytes that begin with 88h, and tags would be mixed up; "
                "use a reader that knows 7-byte UIDs"
            )
        if self.check_byte and size == 5:
            if reduce(xor, raw):
                raise TypedUidFault("the fifth byte is not the check byte of the four before it; read again")
            raw = raw[:4]
        if size == 8 and raw[0] != _ISO_15693:
            raise TypedUidFault(
                f"an ISO 15693 UID begins with E0h, this one with {raw[0]:02X}h; try the other byte order"
            )
        return raw.hex().upper()

    def _bytes(self, digits: str, size: int) -> bytes:
        try:
            if not digits.isascii() or not digits.isalnum():
                raise ValueError(digits)
            number = int(digits, 16 if self.base == "hex" else 10)
            return number.to_bytes(size, "big")
        except ValueError:
            raise TypedUidFault(
                f"the text is not {self.base} digits; the reader's base or keyboard country is set otherwise"
            ) from None
        except OverflowError:
            raise TypedUidFault(
                f"the number is too large for {size} bytes; correct the reader's lengths"
            ) from None
