"""MIFARE Classic 1K: the data blocks of sectors 1 to 15, each sector behind a key.

MF1S50YYX data sheet. Sector 0 holds the manufacturer's block and the directory of what else is on a card,
and every fourth block holds a sector's keys: neither has a number here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hardware.rfid.tags.dialogue import READ_S, WRITE_S, Dialogue
from hardware.rfid.tags.memory import Framing, TagNotVerified, TagRefused, refuse_data, refuse_units

PUBLISHED_KEYS = (
    bytes.fromhex("FFFFFFFFFFFF"),  # as delivered
    bytes.fromhex("D3F7D3F7D3F7"),  # NFC Forum content (NXP AN1305)
    bytes.fromhex("A0A1A2A3A4A5"),  # the directory's public key A (NXP AN10787)
)
SAKS = (0x08, 0x88, 0x28)  # 1K by NXP, by Infineon, on a smart card (NXP AN10833)

AUTH_A, READ, WRITE = 0x60, 0x30, 0xA0
_BLOCK = 16
_SECTORS, _DATA_BLOCKS = 15, 3  # sectors 1 to 15, three data blocks in each; the fourth is the trailer
_ROUNDS = 3  # a wrong key and a disturbed answer look the same: silence
_TRIES = 3


class ClassicMemory:
    """A UserMemory over a dialogue with a selected card. `keys`: keys A to try, six bytes each."""

    unit = _BLOCK
    units = _SECTORS * _DATA_BLOCKS
    framing = Framing.TLV
    kind = "MIFARE Classic 1K"

    def __init__(self, dialogue: Dialogue, *, keys: Sequence[bytes] = PUBLISHED_KEYS) -> None:
        if not keys or any(len(key) != 6 for key in keys):
            raise ValueError("a MIFARE Classic needs keys of six bytes each, one at least")
        self._dialogue = dialogue
        self._keys = list(keys)  # the one that fitted last comes first

    def __repr__(self) -> str:
        return f"<ClassicMemory {self.uid}>"

    @property
    def uid(self) -> str:
        """Upper-case hex."""
        return self._dialogue.uid

    def read(self, first: int, count: int) -> bytes:
        """Data blocks. Raises TagMemoryError, PadFault; ValueError: no such units."""
        refuse_units(self, first, count)
        blocks = [block_of(index) for index in range(first, first + count)]
        return b"".join(self._dialogue.steadily(partial(self._read, block)) for block in blocks)

    def write(self, index: int, data: bytes) -> None:
        """One data block, read back. Raises TagMemoryError, PadFault; ValueError: no such unit."""
        refuse_data(self, index, data)
        block, found = block_of(index), b""
        for _ in range(_TRIES):
            found = self._dialogue.steadily(partial(self._write_and_read, block, data))
            if found == data:
                return
        raise TagNotVerified(
            f"block {block} of {self.kind} {self.uid} reads {found.hex().upper()} after {data.hex().upper()} "
            "was written: do it again, or use another card"
        )

    def _read(self, block: int) -> bytes:
        self._unlock(block // 4)
        return self._dialogue.ask(bytes([READ, block]), _BLOCK)

    def _write_and_read(self, block: int, data: bytes) -> bytes:
        self._unlock(block // 4)
        self._dialogue.tell(bytes([WRITE, block]), READ_S)
        self._dialogue.tell(data, WRITE_S)
        return self._dialogue.ask(bytes([READ, block]), _BLOCK)

    def _unlock(self, sector: int) -> None:
        """Authenticate for a sector unless it is open; a card that heard a wrong key is selected anew."""
        if self._dialogue.unlocked == sector:
            return
        for key in list(self._keys) * _ROUNDS:
            if self._dialogue.authenticate(AUTH_A, sector * 4, key):
                self._dialogue.unlocked = sector
                self._keys.remove(key)
                self._keys.insert(0, key)
                return
            self._dialogue.select()
        raise TagRefused(
            f"sector {sector} of {self.kind} {self.uid} opens with none of the {len(self._keys)} known keys: "
            "the card belongs to another system; use another one"
        )


def block_of(index: int) -> int:
    """Where data block `index` of sectors 1 to 15 is on the card; never block 0, never a trailer."""
    sector, block = divmod(index, _DATA_BLOCKS)
    return (1 + sector) * 4 + block
