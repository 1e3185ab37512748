"""A simulated ISO/IEC 15693 tag: what it does with the commands that reach it over the air.

Requests and answers are those of ISO/IEC 15693-3 without the CRC, which is the reader's business: flags,
command, then UID and data, every number least significant byte first. Custom commands are those of NXP's
I-CODE SLI and SLIX for EAS (NXP SL2S2002 data sheet, section 9.4.3).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hardware.errors import SimulationError

ERROR_FLAG = 0x01
ADDRESS_FLAG = 0x20
NOT_RECOGNISED, NO_BLOCK, LOCKED = 0x02, 0x10, 0x12
_INVENTORY = 0x01
_SET_EAS = 0xA2
_CUSTOM = 0xA0  # from here on the maker's own commands; a byte with the maker's number follows
_NXP = 0x04
_EAS_CALL = bytes.fromhex("2FB36270D5A7907FE8B18038D281497682DA9A866FAF8BB0F19CD112A57237EF")


class VicinityTag:
    """A tag with memory. Lives on the thread of whoever sends to it.

    `uid`: 16 hex digits, E0 in front. `tells`: whether it knows the system information command. `silent`: it
    answers nothing where others answer an error. Raises SimulationError for an impossible UID.
    """

    def __init__(
        self,
        uid: str,
        *,
        blocks: int = 28,
        block_size: int = 4,
        afi: int = 0x00,
        dsfid: int = 0x00,
        eas: bool = False,
        tells: bool = True,
        silent: bool = False,
    ) -> None:
        try:
            raw = bytes.fromhex(uid)
        except ValueError:
            raw = b""
        if len(raw) != 8 or raw[0] != 0xE0:
            raise SimulationError(f"{uid!r} is no UID of an ISO 15693 tag: 16 hex digits, E0 in front")
        self.uid = raw.hex().upper()
        self.block_size, self.blocks = block_size, blocks
        self.memory = bytearray(blocks * block_size)
        self.afi, self.dsfid, self.eas = afi, dsfid, eas
        self.ic_reference = 0x01
        self.locked: set[int] = set()  # block numbers
        self.afi_locked = self.eas_locked = False
        self.tells, self.silent = tells, silent
        self.quiet = False
        self._reversed_uid = raw[::-1]
        self._maker = raw[1]
        self._undo: Callable[[], None] | None = None  # for what is being programmed

    def __repr__(self) -> str:
        return f"<VicinityTag {self.uid}, AFI {self.afi:02X}h, EAS {'on' if self.eas else 'off'}>"

    def block(self, number: int) -> bytes:
        """The bytes of a block as they are stored."""
        return bytes(self.memory[number * self.block_size : (number + 1) * self.block_size])

    def power_off(self) -> None:
        """The field is gone: quiet is forgotten, and what is being programmed is left undone or half done."""
        self.quiet = False
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()

    def finish(self) -> None:
        """The time that programming takes has passed with the field on."""
        self._undo = None

    def hear(self, request: bytes) -> bytes | None:
        """What the tag answers; None is silence."""
        flags, command, rest = request[0], request[1], request[2:]
        if command == _INVENTORY:
            return None if self.quiet else bytes((0, self.dsfid)) + self._reversed_uid
        if command >= _CUSTOM:
            if rest[:1] != bytes((self._maker,)):
                return None
            rest = rest[1:]
        if flags & ADDRESS_FLAG:
            if rest[:8] != self._reversed_uid:
                return None
            rest = rest[8:]
        elif self.quiet:
            return None
        return self._obey(command, rest)

    def _obey(self, command: int, rest: bytes) -> bytes | None:
        match command, len(rest):
            case 0x02, 0:  # stay quiet
                self.quiet = True
                return None
            case 0x20, 1:  # read single block
                return b"\0" + self.block(rest[0]) if rest[0] < self.blocks else self._refuse(NO_BLOCK)
            case 0x21, length if length == 1 + self.block_size:  # write single block
                return self._write(rest[0], rest[1:])
            case 0x27, 1:  # write AFI
                if self.afi_locked:
                    return self._refuse(LOCKED)
                self._undo = partial(setattr, self, "afi", self.afi)
                self.afi = rest[0]
                return b"\0"
            case 0x29, 1:  # write DSFID
                self._undo = partial(setattr, self, "dsfid", self.dsfid)
                self.dsfid = rest[0]
                return b"\0"
            case 0x2B, 0 if self.tells:  # get system information
                ends = bytes((self.dsfid, self.afi, self.blocks - 1, self.block_size - 1, self.ic_reference))
                return b"\0\x0f" + self._reversed_uid + ends
            case ((0xA2 | 0xA3), 0) if self._maker == _NXP:  # set EAS, reset EAS
                if self.eas_locked:
                    return self._refuse(LOCKED)
                self._undo = partial(setattr, self, "eas", self.eas)
                self.eas = command == _SET_EAS
                return b"\0"
            case 0xA5, 0 if self._maker == _NXP:  # EAS alarm
                return b"\0" + _EAS_CALL if self.eas else None
        return self._refuse(NOT_RECOGNISED)

    def _write(self, number: int, data: bytes) -> bytes | None:
        if number >= self.blocks:
            return self._refuse(NO_BLOCK)
        if number in self.locked:
            return self._refuse(LOCKED)
        at, ends = number * self.block_size, (number + 1) * self.block_size
        half = at + self.block_size // 2
        self._undo = partial(self.memory.__setitem__, slice(half, ends), self.memory[half:ends])
        self.memory[at:ends] = data
        return b"\0"

    def _refuse(self, error: int) -> bytes | None:
        return None if self.silent else bytes((ERROR_FLAG, error))
