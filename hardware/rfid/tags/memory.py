"""What a reader offers of a tag's memory: the part a library may write, unit by unit, and nothing else.

A reader that can read and write memory has a method `memory(uid)`, a context manager that selects that one
tag and gives a `UserMemory`. Unit 0 is the first one a library may write, whatever the tag calls it: pages
0-3, lock, configuration and key areas have no number here, so no path leads to them (DESIGN.md law 5 and
issue "tag memory": what cannot be named cannot be written).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol, runtime_checkable

from hardware.errors import HardwareError


class TagMemoryError(HardwareError, OSError):
    """A tag's memory could not be read or written; nothing is believed of it."""


class TagGone(TagMemoryError):
    """The tag left the field before the work was done: put it back and do it again."""


class TagRefused(TagMemoryError):
    """The tag answered no, or would: the unit is locked, the key does not fit, the kind is unknown."""


class TagForeign(TagMemoryError):
    """The tag holds somebody else's content, which is overwritten only when that is asked for."""


class TagTooSmall(TagMemoryError):
    """The memory has no room for what should be written."""


class TagNotVerified(TagMemoryError):
    """What was read back is not what was written."""


class Framing(StrEnum):
    """How content is laid into a memory, by what phones and gates expect of that kind of tag."""

    TLV = "tlv"  # NFC Forum Type 2 tags and MIFARE Classic: a proprietary TLV block
    PLAIN = "plain"  # ISO 15693: the ISO 28560-3 basic block begins at the first byte


class UserMemory(Protocol):
    """The writable memory of one tag that lies in the field. Valid only inside `memory(uid)`."""

    @property
    def uid(self) -> str:
        """Whose memory this is, upper-case hex."""
        ...

    @property
    def kind(self) -> str:
        """The tag's type in words: "NTAG213", "MIFARE Classic 1K", "ISO 15693 (NXP ICODE SLIX)"."""
        ...

    @property
    def unit(self) -> int:
        """Bytes that are written in one go, whole or not at all: 4 or 16."""
        ...

    @property
    def units(self) -> int:
        """How many units there are."""
        ...

    @property
    def framing(self) -> Framing:
        """How content is laid into this memory."""
        ...

    def read(self, first: int, count: int) -> bytes:
        """The bytes of `count` units from `first`, every checksum right.

        Raises TagMemoryError, PadFault; ValueError: no such units.
        """
        ...

    def write(self, index: int, data: bytes) -> None:
        """Write one unit, read it back, compare.

        Raises TagMemoryError, PadFault; ValueError: no such unit.
        """
        ...


@runtime_checkable
class LockAware(Protocol):
    """A UserMemory that can tell a locked unit before it is written to, so that nothing is half done."""

    def locked(self, index: int) -> bool:
        """Whether this unit can never be written.

        Raises TagMemoryError, PadFault; ValueError: no such unit.
        """
        ...


@runtime_checkable
class MemoryReader(Protocol):
    """A reader that can reach into tags. Used by the thread that owns the reader, after `open`."""

    def memory(self, uid: str) -> AbstractContextManager[UserMemory]:
        """Select the tag with this UID. Raises TagGone when it is not there, TagRefused: no known memory."""
        ...


def refuse_units(memory: UserMemory, first: int, count: int) -> None:
    """Raises ValueError when a memory has no such units: the one gate that every index goes through."""
    if first < 0 or count < 1 or first + count > memory.units:
        raise ValueError(
            f"units {first} to {first + count - 1} are not in the memory of {memory.kind} {memory.uid}: "
            f"it has units 0 to {memory.units - 1}"
        )


def refuse_data(memory: UserMemory, index: int, data: bytes) -> None:
    """Raises ValueError when `data` cannot be one unit of a memory."""
    refuse_units(memory, index, 1)
    if len(data) != memory.unit:
        raise ValueError(f"{len(data)} bytes are not one unit of {memory.kind}, which has {memory.unit}")
