"""MIFARE Ultralight and NTAG21x: the user pages of an NFC Forum Type 2 tag, four bytes each.

MF0ICU1, MF0ULx1 and NTAG213/215/216 (rev. 3.2) data sheets. A tag says what it is by GET_VERSION. One that
does not know that command, or names a type that is not listed here, is used for pages 4 to 15 only: those
are user memory on every Type 2 tag, while what lies beyond may lock or configure it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from hardware.rfid.iso14443a import AnswerError
from hardware.rfid.tags.memory import Framing, TagNotVerified, TagRefused, refuse_data, refuse_units
from hardware.rfid.tags.selected import SelectedTag, TagMute

GET_VERSION, READ, WRITE = 0x60, 0x30, 0xA2
_PAGE = 4
_READ_PAGES = 4  # READ gives four
_FIRST_PAGE, _LAST_SAFE_PAGE = 4, 15
_VERSION_BYTES = 8
_TYPE, _SUBTYPE, _SIZE = 2, 3, 6  # in the answer to GET_VERSION
_ORDINARY_SUBTYPES = (0x01, 0x02)  # 17 pF and 50 pF; others have registers where these have user pages
_TYPE2 = 0xE1  # first byte of the capability container, page 3
_READ_ONLY = 0x0F  # its last: no write access
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Chip:
    """`lock_page`: where the dynamic lock bytes are, one bit for `locked_together` pages from 16 on."""

    name: str
    last_page: int = _LAST_SAFE_PAGE
    lock_page: int | None = None
    locked_together: int = 1


_CHIPS = {
    (0x04, 0x0F): _Chip("NTAG213", 39, 0x28, 2),
    (0x04, 0x11): _Chip("NTAG215", 129, 0x82, 16),
    (0x04, 0x13): _Chip("NTAG216", 225, 0xE2, 16),
    (0x03, 0x0B): _Chip("MIFARE Ultralight EV1"),
    (0x03, 0x0E): _Chip("MIFARE Ultralight EV1"),
}
_ULTRALIGHT = _Chip("MIFARE Ultralight")
_UNKNOWN = _Chip("NFC Type 2 tag")


class Type2Memory:
    """A UserMemory over a dialogue with a selected tag. Raises what its `steadily` does."""

    unit = _PAGE
    framing = Framing.TLV

    def __init__(self, dialogue: SelectedTag) -> None:
        self._dialogue = dialogue
        version = self._version()
        head = self._pages(0)  # serial number, static lock bytes, capability container
        self._static_locks = int.from_bytes(head[10:12], "little")
        self._declared_read_only = head[12] == _TYPE2 and head[15] & _READ_ONLY == _READ_ONLY
        self._chip = _UNKNOWN if version or head[12] == _TYPE2 else _ULTRALIGHT
        if version and version[_SUBTYPE] in _ORDINARY_SUBTYPES:
            self._chip = _CHIPS.get((version[_TYPE], version[_SIZE]), _UNKNOWN)

    def __repr__(self) -> str:
        return f"<Type2Memory {self.kind} {self.uid}>"

    @property
    def uid(self) -> str:
        """Upper-case hex."""
        return self._dialogue.uid

    @property
    def kind(self) -> str:
        """The chip's name."""
        return self._chip.name

    @property
    def units(self) -> int:
        """User pages."""
        return self._chip.last_page - _FIRST_PAGE + 1

    def read(self, first: int, count: int) -> bytes:
        """User pages. Raises TagMemoryError, PadFault; ValueError: no such units."""
        refuse_units(self, first, count)
        at, data = first, b""
        while at < first + count:
            start = min(at, self.units - _READ_PAGES)  # never past the last user page
            data += self._pages(_FIRST_PAGE + start)[(at - start) * _PAGE :]
            at = start + _READ_PAGES
        return data[: count * _PAGE]

    def locked(self, index: int) -> bool:
        """By the lock bytes, which are never cleared, or because page 3 declares the tag read-only."""
        refuse_units(self, index, 1)
        page = _FIRST_PAGE + index
        if page <= _LAST_SAFE_PAGE:
            return self._declared_read_only or bool(self._static_locks >> page & 1)
        together = self._chip.locked_together
        return self._declared_read_only or bool(self._dynamic_locks >> (page - 16) // together & 1)

    def write(self, index: int, data: bytes) -> None:
        """One user page, read back. Raises TagMemoryError, PadFault; ValueError: no such unit."""
        refuse_data(self, index, data)
        page = _FIRST_PAGE + index
        if self.locked(index):
            raise TagRefused(f"page {page} of {self.kind} {self.uid} is locked for good; use another tag")
        found = b""
        for _ in range(_TRIES):
            found = self._dialogue.steadily(lambda: self._write_and_read(page, data))
            if found == data:
                return
        raise TagNotVerified(
            f"page {page} of {self.kind} {self.uid} reads {found.hex().upper()} after {data.hex().upper()} "
            "was written: do it again, or use another tag"
        )

    def _write_and_read(self, page: int, data: bytes) -> bytes:
        with suppress(AnswerError):  # whether it was written is what the reading tells
            self._dialogue.tell(bytes([WRITE, page]) + data)
        return self._dialogue.ask(bytes([READ, page]), _READ_PAGES * _PAGE)[:_PAGE]

    def _pages(self, page: int) -> bytes:
        """Four pages from `page`."""
        return self._dialogue.steadily(lambda: self._dialogue.ask(bytes([READ, page]), _READ_PAGES * _PAGE))

    @cached_property
    def _dynamic_locks(self) -> int:
        if self._chip.lock_page is None:
            return 0
        return int.from_bytes(self._pages(self._chip.lock_page)[:3], "little")

    def _version(self) -> bytes:
        """The answer to GET_VERSION; empty when the tag does not know it."""
        try:
            return self._dialogue.steadily(lambda: self._dialogue.ask(bytes([GET_VERSION]), _VERSION_BYTES))
        except (TagRefused, TagMute):
            return b""
