"""A tag's memory in a list: what a reader gives, without a reader. Also shows a simulated tag's own bytes."""

from __future__ import annotations

from hardware.rfid.tags.memory import Framing, TagGone, refuse_data, refuse_units
from hardware.simulated.classic import ClassicTag
from hardware.simulated.type2 import Type2Tag


class UnitMemory:
    """`gone_after`: how many units can still be written before the tag is pulled away."""

    uid = "E00401AABBCCDDEE"
    kind = "a list"

    def __init__(
        self,
        content: bytes = bytes(64),
        *,
        unit: int = 4,
        framing: Framing = Framing.TLV,
        gone_after: int | None = None,
    ) -> None:
        self.content = bytearray(content)
        self.unit, self.framing, self.gone_after = unit, framing, gone_after
        self.written: list[tuple[int, bytes]] = []

    @property
    def units(self) -> int:
        return len(self.content) // self.unit

    def read(self, first: int, count: int) -> bytes:
        refuse_units(self, first, count)
        return bytes(self.content[first * self.unit : (first + count) * self.unit])

    def write(self, index: int, data: bytes) -> None:
        refuse_data(self, index, data)
        if self.gone_after == len(self.written):
            raise TagGone("pulled away")
        self.written.append((index, data))
        self.content[index * self.unit : (index + 1) * self.unit] = data


class LockableMemory(UnitMemory):
    """Has locked units."""

    def __init__(self, *locks: int, **settings) -> None:
        super().__init__(**settings)
        self.locks = locks

    def locked(self, index: int) -> bool:
        return index in self.locks


def user_part(tag: ClassicTag | Type2Tag) -> bytes:
    """The bytes a library may write, as they stand on a simulated tag."""
    if isinstance(tag, ClassicTag):
        return b"".join(tag.block(block) for block in range(4, 64) if block % 4 != 3)
    last = {"ntag213": 39, "ntag215": 129, "ntag216": 225}.get(tag.layout.name, 15)
    return bytes(tag.memory[16 : (last + 1) * 4])


def protected_part(tag: ClassicTag | Type2Tag) -> bytes:
    """All the rest: serial number, locks, keys, configuration."""
    if isinstance(tag, ClassicTag):
        return b"".join(tag.block(block) for block in range(64) if block < 4 or block % 4 == 3)
    return bytes(tag.memory[:16]) + bytes(tag.memory[16 + len(user_part(tag)) :])
