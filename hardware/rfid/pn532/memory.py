"""The dialogue with one tag's memory through a PN532: it selects the tag and checks every CRC itself.

The chip
takes 60h for a MIFARE authentication, so GET_VERSION goes through InCommunicateThru; there an ACK of four
bits would be a wrong CRC, so everything else goes through InDataExchange (UM0701-02, 7.3.8 and 7.3.9).
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.rfid.iso14443a import AnswerError, Silence
from hardware.rfid.pn532.link import Code, HostLink
from hardware.rfid.pn532.targets import ListError, Target, initiator_data, targets
from hardware.rfid.tags.memory import TagGone
from hardware.rfid.tags.selected import SelectedTag

_GET_VERSION = 0x60
_FIRST_TARGET = b"\x01"
_TYPE_A = 0x00
_STATUS, _TIMED_OUT = 0x3F, 0x01  # bits 6 and 7 of the status byte mean other things
_SELECT_S = 0.5
_EXCHANGE_S = 0.3  # the chip's own retries included
_TRIES = 3


class TargetDialogue(SelectedTag):
    """One tag, by its whole UID in hex. `renew_field`: field off and on. Raises ValueError: no such UID."""

    tries = 3

    def __init__(self, uid: str, link: HostLink, *, renew_field: Callable[[], None]) -> None:
        super().__init__(bytes.fromhex(uid))
        self._named = initiator_data(self.raw_uid)
        self._link, self._renew_field = link, renew_field

    def select(self) -> None:
        """Wake every tag and select this one, whatever lies beside it. Raises TagGone, PadFault."""
        self._selected = False
        for _ in range(_TRIES):
            self._renew_field()
            listed = self._list()
            if listed and listed[0].uid == self.raw_uid:
                self.sak, self._selected = listed[0].sak, True
                return
        raise TagGone(f"tag {self.uid} is not on the pad; put it back and do it again")

    def leave(self) -> None:
        """Nothing of this tag can be reached afterwards. The next fresh field lets it go."""
        self._left = True
        self._selected = False

    def ask(self, command: bytes, answer_bytes: int) -> bytes:
        """A command whose answer is data. Raises AnswerError."""
        answer = self._exchange(command)
        if len(answer) != answer_bytes:
            raise AnswerError(f"{len(answer)} bytes where {answer_bytes} were due")
        return answer

    def tell(self, command: bytes) -> None:
        """A command that is acknowledged by four bits. Raises AnswerError, for a NAK too."""
        self._exchange(command)

    def _exchange(self, command: bytes) -> bytes:
        if command[0] == _GET_VERSION:
            answer = self._link.call(Code.IN_COMMUNICATE_THRU, command, within=_EXCHANGE_S)
        else:
            answer = self._link.call(Code.IN_DATA_EXCHANGE, _FIRST_TARGET + command, within=_EXCHANGE_S)
        status = answer[0] & _STATUS if answer else _TIMED_OUT
        if status == 0:
            return answer[1:]
        # What a tag that does not know GET_VERSION answers, four bits, is a wrong CRC to the chip: no answer.
        if status == _TIMED_OUT or command[0] == _GET_VERSION:
            raise Silence(f"silence after command {command[0]:02X}h (status {status:02X}h)")
        raise AnswerError(f"command {command[0]:02X}h ended with status {status:02X}h")

    def _list(self) -> tuple[Target, ...]:
        parameters = bytes([1, _TYPE_A]) + self._named
        try:
            return targets(self._link.call(Code.IN_LIST_PASSIVE_TARGET, parameters, within=_SELECT_S), most=1)
        except ListError:
            return ()
