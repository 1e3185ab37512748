"""The memory of an ISO 15693 tag through a FEIG reader: blocks, read and written one tag at a time."""

from __future__ import annotations

from hardware.rfid.feig.commands import FeigCommands, uid_bytes
from hardware.rfid.feig.words import TEXAS_INSTRUMENTS, chip_words
from hardware.rfid.tags.memory import Framing, TagGone, TagNotVerified, TagRefused

_MOST_BYTES_AT_ONCE = 128  # what the oldest of these readers give in one answer (manual H90400-0e, 23h)
_MOST_BLOCKS = 256  # DB-ADR is one byte
# Tag-it HF-I Standard and Pro say nothing of themselves; behind block 7 they keep UID, DSFID and AFI (manual
# H60301-3e, 9.1.11)
_SILENT_TEXAS_BLOCKS = 8


class VicinityMemory:
    """The user memory of the tag `uid`; a UserMemory. Made by `open_memory`."""

    def __init__(self, commands: FeigCommands, uid: str, *, unit: int, units: int) -> None:
        self._commands = commands
        self._uid, self._unit, self._units = uid, unit, units

    def __repr__(self) -> str:
        return f"<VicinityMemory {self._uid}, {self._units} blocks of {self._unit} bytes>"

    @property
    def uid(self) -> str:
        """Whose memory this is, upper-case hex."""
        return self._uid

    @property
    def kind(self) -> str:
        """The tag's type in words, by its UID."""
        return chip_words(bytes.fromhex(self._uid))

    @property
    def unit(self) -> int:
        """Bytes of a block: 4 nearly always, 8 on some tags."""
        return self._unit

    @property
    def units(self) -> int:
        """How many blocks a library may write."""
        return self._units

    @property
    def framing(self) -> Framing:
        """ISO 28560 begins at the first byte."""
        return Framing.PLAIN

    def read(self, first: int, count: int) -> bytes:
        """The bytes of `count` blocks. Raises TagMemoryError, PadFault, ValueError: there are none such."""
        if first < 0 or count < 1 or first + count > self._units:
            raise ValueError(
                f"blocks {first} to {first + count - 1} of tag {self._uid}, which has {self._units}"
            )
        most = max(1, _MOST_BYTES_AT_ONCE // self._unit)
        ends = first + count
        return b"".join(
            self._commands.read(self._uid, at, min(most, ends - at), size=self._unit)
            for at in range(first, ends, most)
        )

    def write(self, index: int, data: bytes) -> None:
        """Write one block, read it back, compare. Raises as `read` does."""
        if not 0 <= index < self._units:
            raise ValueError(f"block {index} of tag {self._uid}, which has {self._units}")
        if len(data) != self._unit:
            raise ValueError(f"{len(data)} bytes for a block of {self._unit}")
        complaint = self._commands.write(self._uid, index, data)
        stored = self._commands.read(self._uid, index, 1, size=self._unit)
        if stored == data:
            return
        raise complaint or TagNotVerified(
            f"block {index} of tag {self._uid} holds {stored.hex(' ').upper()} "
            f"where {data.hex(' ').upper()} was written; put the tag down again and repeat it"
        )


def open_memory(commands: FeigCommands, uid: str) -> VicinityMemory:
    """The memory of the tag `uid`, its size by its own word or by trial. Raises TagMemoryError, PadFault."""
    maker = uid_bytes(uid)[1]
    told = commands.system_information(uid)
    if told is not None and told.blocks:
        size, last = told.block_size, min(told.blocks, _MOST_BLOCKS) - 1
        if _exists(commands, uid, last):
            return VicinityMemory(commands, uid, unit=size, units=last + 1)
    size = len(commands.read(uid, 0, 1))
    found = _count(commands, uid)
    if maker == TEXAS_INSTRUMENTS and told is None:
        found = min(found, _SILENT_TEXAS_BLOCKS)
    return VicinityMemory(commands, uid, unit=size, units=found)


def _exists(commands: FeigCommands, uid: str, block: int) -> bool:
    """Whether there is such a block. Some tags say no and some say nothing, but block 0 they all have."""
    try:
        commands.read(uid, block, 1)
    except TagRefused:
        return False
    except TagGone:
        commands.read(uid, 0, 1)
        return False
    return True


def _count(commands: FeigCommands, uid: str) -> int:
    """How many blocks there are, by halving: block 0 is there, block 256 cannot be."""
    there, absent = 0, _MOST_BLOCKS
    while absent - there > 1:
        middle = (there + absent) // 2
        if _exists(commands, uid, middle):
            there = middle
        else:
            absent = middle
    return there + 1
