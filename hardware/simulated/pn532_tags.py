"""Tags as the PN532 sees them: what it lists of them, and the memory of those that are stickers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

_PAGE, _FIRST_USER, _LAST_USER, _PAGES = 4, 4, 39, 45  # NTAG213 data sheet, 8.5
_VERSION = bytes.fromhex("0004040201000F03")


class State(Enum):
    """Of ISO/IEC 14443-3, without what lies between."""

    IDLE, ACTIVE, HALT = range(3)


@dataclass(slots=True, eq=False)
class ListedTag:
    """A tag. `halts` False: one that answers every call, whatever it is told.

    `memory`: the pages of an NTAG213, `sticker` makes them; `refused`: pages whose writing it refuses.
    """

    uid: str
    sak: int = 0x00
    atqa: int = 0x0044
    ats: bytes = b""  # from its length byte on; for tags with SAK bit 6
    halts: bool = True
    memory: bytearray | None = None
    refused: frozenset[int] = frozenset()
    state: State = field(default=State.IDLE, repr=False)

    @property
    def raw(self) -> bytes:
        """The UID's bytes."""
        return bytes.fromhex(self.uid)

    @property
    def cascaded(self) -> bytes:
        """The UID as a host names it to select this tag: with a cascade tag before each part that goes on."""
        raw = self.raw
        match len(raw):
            case 7:
                return b"\x88" + raw
            case 10:
                return b"\x88" + raw[:3] + b"\x88" + raw[3:]
        return raw

    def obey(self, command: bytes) -> bytes | None:
        """What it answers to a command, b"" for an ACK, None for a NAK or silence."""
        if self.memory is None:
            return None
        match command[:1], len(command):
            case b"\x60", 1:
                return _VERSION
            case b"\x30", 2 if command[1] < _PAGES:
                twice = self.memory * 2
                return bytes(twice[command[1] * _PAGE : (command[1] + 4) * _PAGE])
            case b"\xa2", 6 if _FIRST_USER <= command[1] <= _LAST_USER and command[1] not in self.refused:
                self.memory[command[1] * _PAGE : (command[1] + 1) * _PAGE] = command[2:]
                return b""
        return None


def sticker(uid: str) -> ListedTag:
    """An empty NTAG213 with a UID of seven bytes."""
    memory = bytearray(_PAGES * _PAGE)
    memory[12:16] = bytes.fromhex("E1101200")
    return ListedTag(uid, memory=memory)
