"""What a FEIG reader can be told to do with one ISO 15693 tag, by its UID: B0h commands, and B1h for EAS.

FEIG system manual H60301-3e, chapters 6 and 8. Every command is addressed (MODE 01h), so it reaches a tag in
the quiet state and no other tag. Orders to write answer with what is wrong, if anything: whether the tag
obeyed is known only when it was read again.
"""

from __future__ import annotations

import logging

from hardware.rfid.feig.frames import Answer
from hardware.rfid.feig.link import RF_RESET, FeigLink
from hardware.rfid.feig.tags import (
    FIRST_UID_BYTE,
    UID_BYTES,
    AnswerMakesNoSense,
    SystemInformation,
    blocks,
    system_information,
    turned,
)
from hardware.rfid.feig.words import (
    DISTURBED,
    NO_TRANSPONDER,
    NXP,
    OK,
    REFUSED,
    TAG_ERROR,
    WRITE_ERROR,
    status_words,
)
from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagNotVerified, TagRefused
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

ISO_COMMAND, CUSTOM_COMMAND = 0xB0, 0xB1
_READ_BLOCKS, _WRITE_BLOCKS, _WRITE_AFI, _SYSTEM_INFORMATION = 0x23, 0x24, 0x27, 0x2B
_SET_EAS, _RESET_EAS, _EAS_ALARM = 0xA2, 0xA3, 0xA5  # I-CODE SLI custom commands, A4h would lock EAS for good
_ADDRESSED = 0x01
_REPEATS = 3
_WRITE_S = 0.6  # a tag takes up to 20 ms a block, and a reader may try several times
_CANNOT_TELL = frozenset(
    {TAG_ERROR, 0x05, 0x80}
)  # to system information: neither tag nor reader must know it


class FeigCommands:
    """Commands to single tags. Raises TagGone, TagRefused, TagNotVerified: not understood; and PadFault."""

    def __init__(self, link: FeigLink) -> None:
        self._link = link

    def reset_field(self) -> None:
        """Field off and on: every tag is ready again, also those an inventory has set quiet."""
        answer = self._link.ask(RF_RESET)
        if answer.status != OK:
            raise PadFault(f"the field could not be switched: {status_words(answer.status, answer.data)}")

    def system_information(self, uid: str) -> SystemInformation | None:
        """What the tag tells of itself; None when tag or reader do not know how to tell.

        Old tags meet the question with silence, as if they were not there: block 0 proves that they are.
        """
        question = bytes((_SYSTEM_INFORMATION, _ADDRESSED)) + uid_bytes(uid)
        answer = self._ask(ISO_COMMAND, question, uid)
        if answer.status == NO_TRANSPONDER:
            self.read(uid, 0, 1)
            answer = self._ask(ISO_COMMAND, question, uid)  # once more: it may have been missed
            if answer.status == NO_TRANSPONDER:
                self.read(uid, 0, 1)
                return None
        if answer.status in _CANNOT_TELL:
            return None
        _check(answer, uid, "it was asked for its system information")
        try:
            return system_information(answer.data, uid)
        except AnswerMakesNoSense as error:
            raise TagNotVerified(f"tag {uid}: {error}; repeat it") from error

    def read(self, uid: str, first: int, count: int, *, size: int | None = None) -> bytes:
        """The bytes of `count` blocks. `size`: bytes of a block, None for whatever the tag has."""
        question = bytes((_READ_BLOCKS, _ADDRESSED)) + uid_bytes(uid) + bytes((first, count))
        answer = self._ask(ISO_COMMAND, question, uid)
        _check(answer, uid, f"block {first} was to be read")
        try:
            return blocks(answer.data, count=count, size=size)
        except AnswerMakesNoSense as error:
            raise TagNotVerified(f"tag {uid}: {error}; repeat it") from error

    def write(self, uid: str, block: int, data: bytes) -> TagMemoryError | None:
        """Order one block to be written. Answers what is wrong, to be raised unless reading shows success."""
        order = bytes((_WRITE_BLOCKS, _ADDRESSED)) + uid_bytes(uid)
        place = bytes((block, 1, len(data)))
        return self._order(ISO_COMMAND, order + place + turned(data), uid, f"block {block} was to be written")

    def write_afi(self, uid: str, afi: int) -> TagMemoryError | None:
        """Order an AFI; answers like `write`."""
        order = bytes((_WRITE_AFI, _ADDRESSED)) + uid_bytes(uid) + bytes((afi,))
        return self._order(ISO_COMMAND, order, uid, f"AFI {afi:02X}h was to be written")

    def write_eas(self, uid: str, on: bool) -> TagMemoryError | None:
        """Order an NXP I-CODE tag to sound at the gate, or not; answers like `write`."""
        order = bytes((NXP, _SET_EAS if on else _RESET_EAS, _ADDRESSED)) + uid_bytes(uid)
        return self._order(CUSTOM_COMMAND, order, uid, f"EAS was to be switched {'on' if on else 'off'}")

    def sounds(self, uid: str) -> bool:
        """Whether an NXP I-CODE tag calls as it would at the gate. False is silence: off, or not heard."""
        question = bytes((NXP, _EAS_ALARM, _ADDRESSED)) + uid_bytes(uid)
        answer = self._ask(CUSTOM_COMMAND, question, uid)
        if answer.status == NO_TRANSPONDER:
            return False
        _check(answer, uid, "it was asked to call as at the gate")
        return True

    def _ask(self, command: int, data: bytes, uid: str) -> Answer:
        """Ask a tag something, again while the air is disturbed."""
        try:
            for _ in range(_REPEATS):
                answer = self._link.ask(command, data)
                if answer.status not in DISTURBED:
                    break
        except PadDisturbed as error:
            raise TagNotVerified(f"tag {uid} could not be asked; repeat it: {error}") from error
        return answer

    def _order(self, command: int, data: bytes, uid: str, what: str) -> TagMemoryError | None:
        """Never twice: a second answer of the same kind could be taken for the first one's."""
        try:
            answer = self._link.ask(command, data, wait_s=_WRITE_S, again=False)
            if answer.status == WRITE_ERROR:
                return TagRefused(f"tag {uid}: {what}: {status_words(answer.status)}")
            _check(answer, uid, what)
        except (PadDisturbed, TagNotVerified) as error:
            log.debug("tag %s: %s, and the answer is unclear: %s", uid, what, error)
            return TagNotVerified(f"tag {uid}: {what}, and it was not: {error}")
        return None


def uid_bytes(uid: str) -> bytes:
    """A UID as it is sent. Raises TagRefused when it is none of an ISO 15693 tag."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if len(raw) != UID_BYTES or raw[0] != FIRST_UID_BYTE or raw.hex().upper() != uid:
        raise TagRefused(f"{uid!r} is not the UID of an ISO 15693 tag: 16 upper-case hex digits, E0 in front")
    return raw


_READERS_OWN = {0x10, 0x13, 0x17, 0xF1}  # EEPROM, login, firmware, hardware: the reader itself is not well


def _check(answer: Answer, uid: str, what: str) -> None:
    """Raises what the answer's status means for the tag; nothing when all is well."""
    if answer.status == OK:
        return
    words = status_words(answer.status, answer.data)
    if answer.status == NO_TRANSPONDER:
        raise TagGone(f"tag {uid} does not answer when {what}; put it back on the pad")
    if answer.status in DISTURBED:
        raise TagNotVerified(f"tag {uid}: {what}: {words}; repeat it")
    if answer.status in REFUSED:
        raise TagRefused(f"tag {uid}: {what}: {words}")
    if answer.status in _READERS_OWN:
        raise PadFault(f"the FEIG reader failed when {what}: {words}")
    # A whole answer, and it is about this tag: no reason to take the reader for broken.
    raise TagNotVerified(f"tag {uid}: {what}: {words}; repeat it")
