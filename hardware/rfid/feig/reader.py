"""FEIG OBID reader (CPR, MR, PR, LR) on a serial port, as a kiosk.ports.Pad: for ISO 15693 library tags.

Silence is believed only from a whole answer that says so: status 01h, or a count of no tags. Tags are
believed from whole answers whose every byte is accounted for. An inventory sets the tags it found quiet, so
each look begins with a field reset. What was read where about the protocol stands in the feig_*.py files.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from hardware.rfid.feig.commands import ISO_COMMAND, FeigCommands, uid_bytes
from hardware.rfid.feig.frames import ANY_ADDRESS
from hardware.rfid.feig.gate import AfiGate, EasGate, Gate
from hardware.rfid.feig.link import FeigLink, Unheard
from hardware.rfid.feig.memory import VicinityMemory, open_memory
from hardware.rfid.feig.speed import answering_speed, speed_words
from hardware.rfid.feig.tags import AnswerMakesNoSense, data_sets
from hardware.rfid.feig.words import DISTURBED, MORE_DATA, NO_TRANSPONDER, OK, status_words, tag_type_words
from hardware.rfid.tags.memory import TagNotVerified, TagRefused
from hardware.serial_port import Parity, SerialPort
from kiosk.events import Tag
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

GateKind = Literal["afi", "eas", "none"]

_INVENTORY, _NEW, _MORE = 0x01, 0x00, 0x80
_INVENTORY_S = 1.0  # thirty tags, resolved one by one at 26 kbit/s
_MOST_ANSWERS = 64  # to one inventory; more tags than any pad holds
_HEALTH_S = 1.0
_READS_ISO15693 = 0x08  # TR-TYPE in the version


class Feig:
    """A FEIG reader on the serial port `port`. Used by one thread.

    `baud`, `parity`: as the reader is set, 38400 8E1 when it comes from the maker. `address`: COM-ADR 0 to
    254, 255 for any. `gate`: what the library's gate looks for, "afi", "eas" (NXP I-CODE only) or "none";
    `secured_afi` makes it sound, `released_afi` lets a book pass. Raises ValueError for impossible settings.
    """

    def __init__(
        self,
        port: str | Path,
        *,
        baud: int = 38400,
        parity: Parity = "E",
        address: int = ANY_ADDRESS,
        secured_afi: int = 0x07,
        released_afi: int = 0xC2,
        gate: GateKind = "afi",
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        one_byte = {"address": address, "secured_afi": secured_afi, "released_afi": released_afi}
        for name, value in one_byte.items():
            if not 0 <= value <= 0xFF:
                raise ValueError(f"{name} is one byte, 0 to 255, not {value}")
        if secured_afi == released_afi:
            raise ValueError(f"secured_afi and released_afi are both {secured_afi:02X}h; they must differ")
        self._name, self._speed = str(port), (baud, parity)
        self._sleep, self._monotonic = sleep, monotonic
        wires = SerialPort(port, baud=baud, parity=parity, sleep=sleep, monotonic=monotonic)
        self._link = FeigLink(wires, address=address, monotonic=monotonic)
        self._commands = FeigCommands(self._link)
        gates: dict[str, Gate | None] = {
            "afi": AfiGate(self._commands, secured=secured_afi, released=released_afi),
            "eas": EasGate(self._commands),
            "none": None,
        }
        if gate not in gates:
            raise ValueError(f"gate {gate!r} is unknown; it is one of {', '.join(gates)}")
        self._gate = gates[gate]
        self.version: bytes | None = None  # what the reader says of itself; None while closed
        self._speed_known = False  # it answered once, or every other speed was tried
        self._checked_at = 0.0
        self._told: frozenset[int] = frozenset()  # kinds of tags of no use, as last logged

    def __repr__(self) -> str:
        state = "closed" if self.version is None else f"version {self.version.hex(' ').upper()}"
        return f"<Feig on {self._name}, {speed_words(*self._speed)}, {state}>"

    @property
    def closed(self) -> bool:
        """Whether it is not open."""
        return self.version is None

    def open(self) -> None:
        """Open the port, ask for the version, reset the field. Raises PadFault with what to check."""
        self.close()
        try:
            version = self._ask_first()
            self._commands.reset_field()
        except BaseException:
            self._link.close()
            raise
        self.version, self._checked_at = version, self._monotonic()
        log.info("FEIG reader on %s: firmware %d.%d.%d, type %02Xh", self._name, *version[:3], version[4])
        if not version[6] & _READS_ISO15693:
            log.warning("the FEIG reader on %s says that it does not read ISO 15693 tags", self._name)

    def _ask_first(self) -> bytes:
        """The version. A reader that never answered may be set to another speed: then say which."""
        try:
            version = self._link.open()
        except (Unheard, PadDisturbed) as error:
            self._link.close()
            if self._speed_known:
                raise
            self._speed_known = True
            other = answering_speed(self._name, self._speed, sleep=self._sleep, monotonic=self._monotonic)
            if other is None:
                raise PadFault(
                    f"{error}; it was asked at {speed_words(*self._speed)} and at every other usual speed"
                ) from error
            self._speed_known = False
            raise PadFault(
                f"the FEIG reader on {self._name} answers at {speed_words(*other)} and not at "
                f"{speed_words(*self._speed)}: set the pad's baud to {other[0]} and its parity to {other[1]}"
            ) from error
        self._speed_known = True
        return version

    def inventory(self) -> frozenset[Tag]:
        """Every tag in the field; empty = proven silence. Raises PadDisturbed, PadFault."""
        self._require_open()
        self._check_health()
        self._commands.reset_field()
        tags: frozenset[Tag] = frozenset()
        skipped: frozenset[int] = frozenset()
        mode = _NEW
        for _ in range(_MOST_ANSWERS):
            try:
                answer = self._link.ask(
                    ISO_COMMAND, bytes((_INVENTORY, mode)), wait_s=_INVENTORY_S, again=False
                )
                if answer.status == NO_TRANSPONDER:
                    break
                if answer.status not in {OK, MORE_DATA} | DISTURBED:
                    raise PadFault(f"the FEIG reader on {self._name}: {status_words(answer.status)}")
                if answer.status not in DISTURBED or answer.data:
                    listed = data_sets(answer.data)
                    tags, skipped = tags | listed.tags, skipped | listed.skipped
            except (PadDisturbed, AnswerMakesNoSense) as error:
                raise PadDisturbed(str(error), tags=tags | error.tags) from error
            if answer.status in DISTURBED:
                raise PadDisturbed(
                    f"something on the pad cannot be read: {status_words(answer.status)}", tags=tags
                )
            if answer.status == OK:
                break
            mode = _MORE
        else:
            raise PadDisturbed(f"the reader announces more tags without end, after {len(tags)}", tags=tags)
        self._tell_skipped(skipped)
        return tags

    @contextmanager
    def memory(self, uid: str) -> Iterator[VicinityMemory]:
        """The memory of the ISO 15693 tag `uid`. Raises TagGone, TagRefused: not such a tag, PadFault."""
        self._call_tag(uid)
        yield open_memory(self._commands, uid)

    def secure(self, uid: str, on: bool) -> None:
        """Have the gate sound for this tag (`on`), or let it pass; returns when the tag itself shows it.

        Raises TagGone, TagRefused (also where there is no gate), TagNotVerified, PadFault.
        """
        if self._gate is None:
            raise TagRefused(f"tag {uid}: the settings name no gate (gate = none)")
        self._call_tag(uid)
        self._gate.set(uid, on)

    def secured(self, uid: str) -> bool | None:
        """Whether the gate sounds for this tag; None: no gate, or neither. Raises as `secure`."""
        self._call_tag(uid)
        return None if self._gate is None else self._gate.state(uid)

    def close(self) -> None:
        """Port released; the reader keeps its field, which it has no owner for. Never raises."""
        self.version = None
        self._link.close()

    def _require_open(self) -> None:
        if self.version is None:
            raise PadFault(f"the FEIG reader on {self._name} is not open")

    def _call_tag(self, uid: str) -> None:
        """Before anything is done with one tag: every tag listens again, and the line is in step."""
        self._require_open()
        uid_bytes(uid)
        try:
            self._commands.reset_field()
        except PadDisturbed as error:
            raise TagNotVerified(f"tag {uid} could not be asked; repeat it: {error}") from error

    def _check_health(self) -> None:
        """Every second: is it there, and is it still the same one?"""
        if self._monotonic() - self._checked_at < _HEALTH_S:
            return
        version = self._link.ask_version()
        if version != self.version:
            raise PadFault(f"the FEIG reader on {self._name} was exchanged for another one")
        self._checked_at = self._monotonic()

    def _tell_skipped(self, skipped: frozenset[int]) -> None:
        if skipped - self._told:
            kinds = ", ".join(tag_type_words(kind) for kind in sorted(skipped))
            log.info("tags that this product does not use lie on the pad: %s", kinds)
        self._told = skipped
