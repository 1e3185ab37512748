"""The dialogue with a PN532 over its high speed UART (UM0701-02, 6.2 and 6.3): command, ACK, answer.

Every wait has an end. An answer counts only behind the ACK of its own command, so what an earlier command
left on the wire is never taken for it; and a command is never simply sent again, because a module that heard
nothing may have started anew and lost its settings. An answer that came damaged is asked for again with NACK.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from hardware.rfid.pn532.frames import ACK, NACK, Frame, FrameParser, Kind, encode
from hardware.serial_port import PortFault
from kiosk.ports import PadFault

log = logging.getLogger(__name__)


class Code(IntEnum):
    """Command codes (UM0701-02, table 12)."""

    GET_FIRMWARE_VERSION = 0x02
    SET_PARAMETERS = 0x12
    SAM_CONFIGURATION = 0x14
    RF_CONFIGURATION = 0x32
    IN_DATA_EXCHANGE = 0x40
    IN_COMMUNICATE_THRU = 0x42
    IN_DESELECT = 0x44
    IN_LIST_PASSIVE_TARGET = 0x4A


# A sleeping module wakes at the first edges and needs 2 ms for its crystal: 16 bytes take 1.4 ms at 115200
# bit/s, and USB adapters send in bursts. SAMConfiguration has to follow at once (AN10609-3, C106 appendix).
_WAKE = b"\x55\x55" + bytes(14)
# Longer than any frame: whatever the module was in the middle of hearing is over, and wrong, after these.
_FLUSH = bytes(280)
_NORMAL_MODE = bytes([0x01, 0x00, 0x00])  # SAMConfiguration: the SAM is not used, no timeout, no IRQ
_FIRST_ACK_S = 0.3  # 15 ms by the manual; nfcpy meets USB adapters on a Pi that are far slower at first
_ACK_S = 0.25  # later ones: 15 ms, the adapter's latency, a busy Pi
_AGAIN_S = 0.1  # an answer asked for again is there at once
_MOST_REPEATS = 2
_GAP_S = 0.05  # pauses inside a frame: bytes follow each other within 0.1 ms, an adapter holds them for 16
_CLOSING_S = 0.1


class Wire(Protocol):
    """What the dialogue needs of hardware.serial_port.SerialPort."""

    name: str

    def open(self) -> None:
        """Open for this owner alone. Raises PortFault."""
        ...

    def close(self) -> None:
        """Never raises."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of it. Raises PortFault."""
        ...

    def read(self, timeout: float) -> bytes:
        """What arrives, b"" when nothing came for `timeout` seconds. Raises PortFault."""
        ...

    def discard(self) -> None:
        """Throw away what has arrived. Raises PortFault."""
        ...


class NotTaken(PadFault):
    """A command was not acknowledged: it got lost, or the module froze, sleeps, or started anew."""


class NotAnswered(PadFault):
    """A command was acknowledged, and no whole answer came."""


class HostLink:
    """The dialogue on one serial port. Used by one thread. Every method but `close` raises PadFault.

    `deadline`: monotonic second after which nothing is waited for any more, whatever is going on.
    """

    def __init__(self, wire: Wire, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.name = wire.name
        self._wire, self._monotonic = wire, monotonic
        self._parser = FrameParser()
        self._frames: deque[Frame] = deque()
        self._heard, self._echo = 0, False
        self.deadline = float("inf")

    def open(self) -> None:
        """Open the port; says nothing yet."""
        try:
            self._wire.open()
        except PortFault as error:
            raise PadFault(str(error)) from error

    def close(self, farewell: bytes = b"") -> None:
        """Abort what is under way, send the command `farewell` as far as it goes, close. Never raises."""
        if farewell:
            try:
                self._write(ACK + encode(farewell))
                self._wire.read(_CLOSING_S)
            except Exception as error:
                log.debug("%s: no farewell: %s", self.name, error)
        self._wire.close()

    def wake(self, tries: int) -> None:
        """Bring the module, in whatever state it is, to where it listens: normal mode of the SAM.

        Takes 0.3 s a try at most where nothing answers. Raises PadFault with what was heard instead.
        """
        self._heard, self._echo = 0, False
        doubt: PadFault | None = None
        for turn in range(tries):
            before = _FLUSH + ACK + _WAKE if turn else _WAKE
            try:
                self._ask(Code.SAM_CONFIGURATION, _NORMAL_MODE, _AGAIN_S, _FIRST_ACK_S, before)
            except (NotTaken, NotAnswered) as error:
                doubt = error
            else:
                return
        raise PadFault(self._words()) from doubt

    def call(self, code: Code, parameters: bytes = b"", *, within: float) -> bytes:
        """Send a command; the answer's bytes behind its code, which come `within` seconds after the ACK.

        Raises NotTaken, NotAnswered, PadFault.
        """
        return self._ask(code, parameters, within, _ACK_S)

    def _ask(
        self, code: Code, parameters: bytes, within: float, ack_within: float, before: bytes = b""
    ) -> bytes:
        self._forget()
        self._write(before + encode(bytes([code]) + parameters))
        self._wait_for_ack(code, ack_within)
        for _ in range(_MOST_REPEATS + 1):
            answer = self._wait_for_answer(code, within)
            if answer is not None:
                return answer
            self._write(NACK)
            within = _AGAIN_S
        self._write(ACK)  # stop whatever it does
        raise NotAnswered(
            f"the PN532 on {self.name} took command {code:02X}h and gave no whole answer: it froze, lost its "
            "settings, or its wires garble; check its power, its plugs and the length of the wires"
        )

    def _wait_for_ack(self, code: int, within: float) -> None:
        ends = self._monotonic() + within
        while (frame := self._next(ends)) is not None:
            self._echo |= frame.kind is Kind.FOREIGN
            if frame.kind is Kind.ACK:
                return
        raise NotTaken(
            f"the PN532 on {self.name} does not acknowledge command {code:02X}h; "
            "check its power and its plugs"
        )

    def _wait_for_answer(self, code: int, within: float) -> bytes | None:
        """The answer, or None when it came damaged or not in time."""
        ends = self._monotonic() + within
        while (frame := self._next(ends)) is not None:
            match frame.kind:
                case Kind.ANSWER if frame.data[0] == code + 1:
                    return frame.data[1:]
                case Kind.ERROR:
                    raise NotAnswered(
                        f"the PN532 on {self.name} does not know command {code:02X}h (error frame); "
                        "it is of another make, or its wires garble"
                    )
                case Kind.DAMAGED:
                    return None
        return None

    def _next(self, ends: float) -> Frame | None:
        """The next frame, None when none came until monotonic second `ends` or the deadline."""
        while not self._frames:
            left = min(ends, self.deadline) - self._monotonic()
            if left <= 0:
                return None
            data = self._read(min(left, _GAP_S) if self._parser.waiting else left)
            self._heard += len(data)
            self._frames.extend(self._parser.feed(data) if data else self._parser.idle())
        return self._frames.popleft()

    def _forget(self) -> None:
        """What has arrived so far belongs to no command."""
        self._frames.clear()
        self._parser.clear()
        try:
            self._wire.discard()
        except PortFault as error:
            raise PadFault(str(error)) from error

    def _write(self, data: bytes) -> None:
        try:
            self._wire.write(data)
        except PortFault as error:
            raise PadFault(str(error)) from error

    def _read(self, timeout: float) -> bytes:
        try:
            return self._wire.read(timeout)
        except PortFault as error:
            raise PadFault(str(error)) from error

    def _words(self) -> str:
        """Why nothing could be woken, by what was heard."""
        if self._echo:
            return (
                f"{self.name} repeats what is sent to it: its TX and RX are bridged, or it is a loopback plug"
            )
        if self._heard:
            return (
                f"{self.name} answers, but not as a PN532; check that the baud rate is 115200 and that the "
                "module is switched to HSU, or name the port of the right device"
            )
        return (
            f"nothing answers on {self.name}; check the PN532's power, that it is switched to HSU, that the "
            "baud rate is 115200, and that TX goes to RX and RX to TX"
        )
