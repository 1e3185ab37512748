"""The PN532 reader: NXP PN532 on its high speed UART (HSU), as a kiosk.ports.Pad.

The chip does the air protocol itself and lists two tags at most, so an inventory lists, sends what was found
to sleep, and lists again until the chip finds nobody; the next one begins with a fresh field, in which they
wake up. Silence is believed only from a whole, right answer with no tag in it, given by a module that has
acknowledged every command since it was set up; anything less is a disturbance or a fault.

What cannot be known here: the chip keeps damaged answers of tags to itself. Its silence means that `retries`
+ 1 calls in a row brought no tag it could read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hardware.rfid.pn532.link import Code, HostLink, NotTaken, Wire
from hardware.rfid.pn532.memory import TargetDialogue
from hardware.rfid.pn532.targets import ListError, Target, targets
from hardware.rfid.tags.kinds import TYPE2_SAK
from hardware.rfid.tags.memory import TagRefused, UserMemory
from hardware.rfid.tags.type2 import Type2Memory
from hardware.serial_port import SerialPort
from kiosk.events import Tag
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

BAUD = 115200  # HSU after power-up (UM0701-02, 6.2.4)
_PN532 = 0x32  # GetFirmwareVersion: IC

_AUTOMATIC = bytes([0x14])  # SetParameters as after power-up: ATR_RES and RATS by the chip itself
_FIELD_ON, _FIELD_OFF = bytes([0x01, 0x01]), bytes([0x01, 0x00])  # RFConfiguration item 01h
_MAX_RETRIES = 0x05  # RFConfiguration item: MxRtyATR, MxRtyPSL, MxRtyPassiveActivation
_TYPE_A = 0x00  # BrTy: 106 kbit/s ISO/IEC 14443 A
_EVERY_TARGET = bytes([0x00])

_FIRST_TRIES, _LATER_TRIES = 5, 2
_ANSWER_S = 0.2  # commands that only set something
_LIST_S = 0.5  # two tags with ten-byte UIDs and their ATS, and the retries
_DESELECT_S = 0.5  # a tag that left in the middle of layer 4 is waited for
_FIELD_OFF_S = 0.002  # tags lose their state, HALT too
_FIELD_ON_S = 0.005  # tags may need so long to start (ISO/IEC 14443-3)
_HEALTH_S = 1.0
_LONGEST_S = 1.8  # to open it, or an inventory; ten tags take a tenth of it
_MOST_STUBBORN = 2  # full lists in a row with nobody new: somebody does not go to sleep


class PN532:
    """A PN532 switched to HSU. Used by one thread.

    `port`: a path, best one below /dev/serial/by-id, or a SerialPort; `baud` in bits a second, for the path;
    `at_once`: tags the chip lists in one go, 1 or 2; `retries`: calls after the first that found nobody,
    0 to 254.
    """

    def __init__(
        self,
        port: str | Path | Wire,
        *,
        baud: int = BAUD,
        at_once: int = 2,
        retries: int = 1,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if at_once not in {1, 2}:
            raise ValueError(f"a PN532 lists 1 or 2 tags at once, not {at_once}")
        if not 0 <= retries <= 254:
            raise ValueError(f"{retries} retries are not 0 to 254; 255 would mean for ever")
        if isinstance(port, str | Path):
            port = SerialPort(port, baud=baud, sleep=sleep, monotonic=monotonic)
        self._link = HostLink(port, monotonic=monotonic)
        self._at_once, self._retries = at_once, retries
        self._sleep, self._monotonic = sleep, monotonic
        self.version: bytes | None = None  # IC, Ver, Rev, Support; None while closed
        self._stale_tags = False  # tags asleep or in doubt: the next inventory starts with a fresh field
        self._checked_at = 0.0

    def __repr__(self) -> str:
        if self.version is None:
            return f"<PN532 on {self._link.name}, closed>"
        return f"<PN532 on {self._link.name}, firmware {self.version[1]}.{self.version[2]}>"

    def open(self) -> None:
        """Wake the module, whatever it is doing, and set it up, field on. Takes 2 s at most.

        Raises PadFault with what was heard and what to check.
        """
        self.close()
        self._link.open()
        self._link.deadline = self._monotonic() + _LONGEST_S
        try:
            version = self._set_up(_FIRST_TRIES)
        except BaseException:
            self._link.close()
            raise
        self.version = version
        # A sister chip that understands the commands may read well: say so, never refuse to run.
        log.log(
            logging.INFO if version[0] == _PN532 else logging.WARNING,
            "PN532 on %s: IC %02Xh, firmware %d.%d",
            self._link.name,
            *version[:3],
        )

    def inventory(self) -> frozenset[Tag]:
        """Every tag in the field; empty = the chip found nobody. Takes 2 s at most, also where it fails.

        A module that missed one command is set up anew at once, because it may have started anew, and looks
        again. Raises PadDisturbed when tags cannot be told apart, PadFault when the reader does not work.
        """
        if self.version is None:
            raise PadFault(f"the PN532 on {self._link.name} is not open")
        self._link.deadline = self._monotonic() + _LONGEST_S
        try:
            return self._look(self.version)
        except NotTaken as error:
            log.warning("%s; it is set up anew", error)
        self._set_up(_LATER_TRIES)
        return self._look(self.version)

    @contextmanager
    def memory(self, uid: str) -> Iterator[UserMemory]:
        """The memory of the Ultralight or NTAG with this UID, whatever else lies beside it.

        Raises TagGone, TagRefused: no memory that is known here, TagMemoryError; ValueError: no such UID;
        PadFault, which closes the pad.
        """
        if self.version is None:
            raise PadFault(f"the PN532 on {self._link.name} is not open")
        dialogue = TargetDialogue(uid, self._link, renew_field=self._renew_field)
        self._stale_tags = True
        self._link.deadline = float("inf")  # each command has its own end
        try:
            dialogue.select()
            if dialogue.sak != TYPE2_SAK:
                raise TagRefused(
                    f"tag {dialogue.uid} (SAK {dialogue.sak:02X}h) has no memory this reader can write; "
                    "it can be used by its UID alone"
                )
            yield Type2Memory(dialogue)
        except PadFault:
            self.close()  # whoever opens it again starts from a fresh set-up, not from half a dialogue
            raise
        finally:
            dialogue.leave()

    def close(self) -> None:
        """Field off, port closed. Never raises."""
        was_open, self.version = self.version is not None, None
        self._link.close(bytes([Code.RF_CONFIGURATION]) + _FIELD_OFF if was_open else b"")

    def _set_up(self, tries: int) -> bytes:
        """From any state to a field that is on; the firmware's version."""
        self._link.wake(tries)
        version = self._version()
        self._link.call(Code.SET_PARAMETERS, _AUTOMATIC, within=_ANSWER_S)
        retries = bytes([_MAX_RETRIES, 0x01, 0x01, self._retries])
        self._link.call(Code.RF_CONFIGURATION, retries, within=_ANSWER_S)
        self._renew_field()  # off first: tags that another program left asleep wake up
        self._stale_tags = False
        return version

    def _version(self) -> bytes:
        version = self._link.call(Code.GET_FIRMWARE_VERSION, within=_ANSWER_S)
        if len(version) != 4:
            raise PadFault(
                f"{self._link.name} answers, but not as a PN532: its firmware version is "
                f"{version.hex(' ').upper() or 'empty'}; check which device is plugged in there"
            )
        self._checked_at = self._monotonic()
        return version

    def _look(self, version: bytes) -> frozenset[Tag]:
        """One inventory. Its end is a list with room left in it and nobody new: whoever answers is known."""
        if self._monotonic() - self._checked_at >= _HEALTH_S and (found := self._version()) != version:
            raise PadFault(
                f"the firmware on {self._link.name} was {version.hex(' ').upper()} and is "
                f"{found.hex(' ').upper()}: the module was exchanged, or its wires garble"
            )
        if self._stale_tags:
            self._renew_field()
        self._stale_tags = True
        tags: dict[bytes, Tag] = {}
        stubborn = 0
        while stubborn < _MOST_STUBBORN and self._monotonic() < self._link.deadline:
            listed = self._list(frozenset(tags.values()))
            new = {target.uid: target.tag for target in listed if target.uid not in tags}
            if not new and len(listed) < self._at_once:
                self._stale_tags = bool(tags)
                return frozenset(tags.values())
            tags |= new
            stubborn = 0 if new else stubborn + 1
            self._link.call(Code.IN_DESELECT, _EVERY_TARGET, within=_DESELECT_S)
        raise PadDisturbed(
            f"{len(tags)} tags on the pad and perhaps more; take them off and put things back one by one",
            tags=frozenset(tags.values()),
        )

    def _list(self, known: frozenset[Tag]) -> tuple[Target, ...]:
        answer = self._link.call(Code.IN_LIST_PASSIVE_TARGET, bytes([self._at_once, _TYPE_A]), within=_LIST_S)
        try:
            return targets(answer, most=self._at_once)
        except ListError as error:
            raise PadDisturbed(
                f"the PN532 on {self._link.name} sent a wrong list: {error}", tags=known
            ) from error

    def _renew_field(self) -> None:
        """Tags in HALT answer no call; without a field they forget it."""
        self._link.call(Code.RF_CONFIGURATION, _FIELD_OFF, within=_ANSWER_S)
        self._sleep(_FIELD_OFF_S)
        self._link.call(Code.RF_CONFIGURATION, _FIELD_ON, within=_ANSWER_S)
        self._sleep(_FIELD_ON_S)
