"""A tag's protocol part: the ISO/IEC 14443-3 type A state machine, one bit-exact answer a frame.

States and transitions follow ISO/IEC 14443-3:2011 clause 6.3 (figure "PICC Type A state diagram"): what a
tag does not expect sends it back to where it came from, IDLE or HALT, without an answer; so does an
ANTICOLLISION or SELECT that names another UID.
"""

from __future__ import annotations

from enum import Enum
from functools import reduce

from hardware.errors import SimulationError
from hardware.simulated.crc_a import checked, crc_a
from hardware.simulated.frames import Answer, Frame, bits_of

REQA, WUPA = 0x26, 0x52
HLTA = b"\x50\x00"
SEL = (0x93, 0x95, 0x97)  # cascade levels 1 to 3
CASCADE_TAG = 0x88
SAK_CASCADE = 0x04  # bit 3: the UID is not complete
ACK = 0xA
_HOLD_UP_S = 0.0005  # a shorter gap in the field does not make a tag forget; 5 ms is the standard's most


class State(Enum):
    """Where a tag stands. The starred states were reached from HALT and lead back there."""

    POWER_OFF = "POWER-OFF"
    IDLE = "IDLE"
    READY = "READY"
    ACTIVE = "ACTIVE"
    HALT = "HALT"
    READY_STAR = "READY*"
    ACTIVE_STAR = "ACTIVE*"


def four_bits(value: int, *, n: int = 9) -> Answer:
    """A 4-bit ACK (Ah) or NAK, which has neither parity nor CRC."""
    return Answer(bits_of(bytes([value]))[:4], n=n)


def with_crc(data: bytes, *, n: int = 9) -> Answer:
    """An answer of whole bytes with CRC_A."""
    return Answer(bits_of(data + crc_a(data)), n=n)


def parse_uid(uid: bytes | str) -> bytes:
    """Four, seven or ten UID bytes from bytes or hex text; raises SimulationError for anything else."""
    try:
        raw = bytes.fromhex(uid) if isinstance(uid, str) else bytes(uid)
    except ValueError as error:
        raise SimulationError(f"UID {uid!r} is not hex text; give 8, 14 or 20 hex digits") from error
    if len(raw) not in (4, 7, 10):
        raise SimulationError(f"UID {uid!r} has {len(raw)} bytes; a tag has 4, 7 or 10 (8, 14 or 20 digits)")
    return raw


class Picc:
    """A tag that can be found and selected. Kinds of memory are subclasses that add commands.

    `atqa` defaults to the usual one for the UID's size; `power_up_s` is how long the tag needs after the
    field came on (0.1 to 5 ms in practice).
    """

    def __init__(
        self, uid: bytes | str, *, sak: int = 0x00, atqa: int | None = None, power_up_s: float = 0.001
    ) -> None:
        self.raw_uid = parse_uid(uid)
        self.sak = sak
        # ATQA bits 7 and 8 give the UID's size (clause 6.5.2.1), bit 3 is one anticollision bit.
        self.atqa = {4: 0x0004, 7: 0x0044, 10: 0x0084}[len(self.raw_uid)] if atqa is None else atqa
        self.power_up_s = power_up_s
        self.state = State.POWER_OFF
        self.level = 0  # cascade level in READY: 0, 1, 2
        self.session = 0
        self._ready_at = 0.0
        self._lost_power_at: float | None = None
        self._before = State.POWER_OFF
        self._levels = self._cascade()

    @property
    def uid(self) -> str:
        """The UID as upper-case hex text."""
        return self.raw_uid.hex().upper()

    def fill(self, content: bytes) -> None:
        """Put content where a library may write. Raises SimulationError: no memory, or not so much."""
        raise SimulationError(f"tag {self.uid} has no memory in this simulation")

    def _cascade(self) -> tuple[bytes, ...]:
        """UID CLn with BCC for each level; every level but the last starts with the cascade tag 88h."""
        parts, rest = [], self.raw_uid
        while len(rest) > 4:
            parts.append(bytes([CASCADE_TAG]) + rest[:3])
            rest = rest[3:]
        parts.append(rest)
        return tuple(part + bytes([reduce(int.__xor__, part)]) for part in parts)

    def power_on(self, now: float) -> None:
        """The field reaches the tag: POWER-OFF becomes IDLE, and it listens after `power_up_s`."""
        gap = None if self._lost_power_at is None else now - self._lost_power_at
        self._lost_power_at = None
        if gap is not None and gap < _HOLD_UP_S:
            self.state = self._before
            return
        self._forget()
        self.state = State.IDLE
        self._ready_at = now + self.power_up_s

    def power_off(self, now: float) -> None:
        """The field is gone, or the tag was lifted."""
        if self.state is not State.POWER_OFF:
            self._before, self.state = self.state, State.POWER_OFF
            self._lost_power_at = now

    def hear(self, frame: Frame, started: float) -> Answer | None:
        """The tag's answer to a frame that began at `started` and has just ended; None is silence."""
        if self.state is State.POWER_OFF or started < self._ready_at:
            return None
        if self.state in (State.IDLE, State.HALT):
            return self._wake(frame)
        answer = None
        if self.state in (State.READY, State.READY_STAR):
            if frame.session == 0:
                answer = self._anticollision(frame)
            if answer is None:
                self.fall_back()
            return answer
        return self._active(frame)

    def fall_back(self) -> None:
        """Return to IDLE, or to HALT from a starred state."""
        starred = self.state in (State.READY_STAR, State.ACTIVE_STAR)
        self._forget()
        self.state = State.HALT if starred else State.IDLE

    def _forget(self) -> None:
        self.level = 0
        self.session = 0

    def _wake(self, frame: Frame) -> Answer | None:
        halted = self.state is State.HALT
        if frame.session or (frame.short != WUPA and (halted or frame.short != REQA)):
            return None
        self.state = State.READY_STAR if halted else State.READY
        return Answer(bits_of(self.atqa.to_bytes(2, "little")))

    def _anticollision(self, frame: Frame) -> Answer | None:
        if len(frame.bits) < 16 or not frame.parity:
            return None
        whole = bytes(sum(bit << i for i, bit in enumerate(frame.bits[at : at + 8])) for at in (0, 8))
        if whole[0] != SEL[self.level]:
            return None
        own = self._levels[self.level]
        if whole[1] == 0x70:
            return self._select(frame, own)
        known = ((whole[1] >> 4) - 2) * 8 + (whole[1] & 0x0F)
        if whole[1] & 0x0F > 7 or not 0 <= known <= 32 or len(frame.bits) != 16 + known:
            return None
        bits = bits_of(own)
        if frame.bits[16:] != bits[:known]:
            return None
        return Answer(bits[known:], first=8 - known % 8)

    def _select(self, frame: Frame, own: bytes) -> Answer | None:
        data = frame.data
        if data is None or checked(data) != bytes([SEL[self.level], 0x70]) + own:
            return None
        if self.level + 1 < len(self._levels):
            self.level += 1
            return with_crc(bytes([SAK_CASCADE]))
        self.state = State.ACTIVE_STAR if self.state is State.READY_STAR else State.ACTIVE
        return with_crc(bytes([self.sak]))

    def _active(self, frame: Frame) -> Answer | None:
        data = frame.data
        if data is None or frame.session != self.session:
            self.fall_back()
            return None
        payload = checked(data)
        if payload == HLTA:
            self._forget()
            self.state = State.HALT
            return None
        if payload is None:
            return self._damaged(frame)
        return self._command(payload)

    def _damaged(self, frame: Frame) -> Answer | None:
        """A frame without a right CRC_A: back to IDLE or HALT."""
        self.fall_back()
        return None

    def _command(self, payload: bytes) -> Answer | None:
        """A command for the selected tag, CRC already checked. A bare tag knows none."""
        self.fall_back()
        return None
