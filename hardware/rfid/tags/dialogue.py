"""The dialogue with one tag's memory over ISO/IEC 14443 A: select it, command it, and notice when it left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hardware.rfid.iso14443a import (
    WUPA,
    Answer,
    AnswerError,
    Frame,
    Silence,
    call,
    crc_a,
    halt,
    parts,
    select_known,
)
from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagRefused
from hardware.rfid.tags.selected import SelectedTag

ACK = 0xA  # four bits; anything else is a NAK (NTAG21x data sheet 9.4, MF1S50YYX 9.4)
_NAKS = {0x0: "not here", 0x4: "not allowed"}  # a no that stays a no
_SELECT_S = 0.001  # WUPA, SELECT, HLTA
READ_S = 0.005  # NTAG21x and MF1S50YYX data sheets: time-out of READ and of the first half of WRITE
WRITE_S = 0.010  # the same: a page or block is programmed
_SELECT_TRIES = 4  # a tag in the middle of something takes the first WUPA as an error and hears the second
_RENEW_BEFORE = 2  # after so many tries the field is renewed: whatever state a tag was in, it forgets it


class Air(Protocol):
    """What the dialogue needs of a reader chip. Every method raises PadFault."""

    def send(self, frame: Frame, within_s: float) -> Answer:
        """Send a frame and take in what comes back, which begins within `within_s` seconds or never."""
        ...

    def authenticate(self, arguments: bytes, within_s: float) -> bool:
        """MIFARE Classic: command, block, key (6) and UID (4); whether Crypto1 is on now."""
        ...

    def plain(self) -> None:
        """End Crypto1."""
        ...


class Dialogue(SelectedTag):
    """One tag, by its whole UID in hex. `renew_field`: field off and on. Raises ValueError: no such UID."""

    def __init__(self, uid: str, air: Air, *, renew_field: Callable[[], None]) -> None:
        try:
            super().__init__(bytes.fromhex(uid))
        except ValueError as error:
            raise ValueError(f"the UID {uid!r} is no hex text of 8, 14 or 20 digits") from error
        parts(self.raw_uid)  # refuses other lengths
        self.unlocked: int | None = None  # the Classic sector an authentication opened; selecting closes it
        self._air, self._renew_field = air, renew_field

    def select(self) -> None:
        """Wake every tag and select this one; the others go back to sleep. Raises TagGone, TagMemoryError."""
        self._selected, self.unlocked = False, None
        doubt = ""
        for turn in range(_SELECT_TRIES):
            if turn == _RENEW_BEFORE:
                self._renew_field()
            self._air.plain()
            if self._exchange(call(WUPA)).silent:
                continue
            try:
                self.sak = select_known(self._exchange, self.raw_uid)
            except Silence:
                continue  # others answered the call, this one did not
            except AnswerError as error:
                doubt = str(error)
                continue
            self._selected = True
            return
        if doubt:
            raise TagMemoryError(f"tag {self.uid} cannot be selected ({doubt}); lay it flat in the middle")
        raise TagGone(f"tag {self.uid} is not on the pad; put it back and do it again")

    def leave(self) -> None:
        """HLTA, which needs no answer; nothing of this tag can be reached afterwards. Raises PadFault."""
        self._left = True
        if self._selected:
            self._selected = False
            self._exchange(halt())

    def ask(self, command: bytes, answer_bytes: int, within_s: float = READ_S) -> bytes:
        """A command whose answer is data; its CRC_A checked. Raises AnswerError, TagRefused: a NAK."""
        frame = Frame(command + crc_a(command), answer_bytes=answer_bytes + 2)
        answer = self._heard(frame, within_s)
        if answer.last_bits == 4 and len(answer.data) == 1:
            raise self._refusal(command, answer.data[0])
        if answer.last_bits or len(answer.data) != answer_bytes + 2:
            raise AnswerError(f"{len(answer.data)} bytes where {answer_bytes + 2} were due")
        if crc_a(answer.data[:-2]) != answer.data[-2:]:
            raise AnswerError("the CRC_A of the answer is wrong")
        return answer.data[:-2]

    def tell(self, command: bytes, within_s: float = WRITE_S) -> None:
        """A command that is acknowledged by four bits. Raises AnswerError, TagRefused: a NAK."""
        answer = self._heard(Frame(command + crc_a(command), answer_bytes=1), within_s)
        if answer.last_bits != 4 or len(answer.data) != 1:
            raise AnswerError("the acknowledgement is not four bits")
        if answer.data[0] != ACK:
            raise self._refusal(command, answer.data[0])

    def authenticate(self, command: int, block: int, key: bytes) -> bool:
        """Open the sector of `block`. Whatever the answer was, it is the tag's last in plain text."""
        uid = self.raw_uid[-4:]  # the last cascade level's, as MF1S50YYX 10.1.5 has it for 7 bytes
        return self._air.authenticate(bytes([command, block]) + key + uid, READ_S)

    def _exchange(self, frame: Frame) -> Answer:
        return self._air.send(frame, _SELECT_S)

    def _heard(self, frame: Frame, within_s: float) -> Answer:
        answer = self._air.send(frame, within_s)
        if answer.silent:
            raise Silence(f"silence after command {frame.data[0]:02X}h")
        if answer.fault or answer.collided:
            raise AnswerError(answer.fault or "a collision")
        return answer

    def _refusal(self, command: bytes, code: int) -> Exception:
        """NAK 1 and 5 are damaged frames, so the command is worth repeating; so is what is no NAK at all."""
        if code not in _NAKS:
            return AnswerError(f"the tag answered {code:X}h")
        return TagRefused(
            f"tag {self.uid} refuses command {command[:2].hex(' ').upper()} ({_NAKS[code]}, NAK {code:X}h): "
            "it is locked, protected or of another kind; use another tag"
        )
