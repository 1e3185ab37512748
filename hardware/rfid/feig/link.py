"""Questions to a FEIG reader and its answers, over a serial port: one at a time, and never a guess.

An answer is believed when its frame came whole and first: behind bytes that make no frame nothing is, because
what lies inside a broken answer may be what a tag holds. A question that got no such answer leaves the line
out of step: an answer that comes late could pass for that of the next question. So the next one is asked only
after the reader has told its version, which nothing else looks like.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from hardware.errors import HardwareError
from hardware.rfid.feig.frames import ANY_ADDRESS, Answer, AnswerParser, request
from hardware.rfid.feig.words import OK, status_words
from hardware.serial_port import PortFault, SerialPort
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

VERSION, RF_RESET = 0x65, 0x69
ANSWER_S = 0.3  # for everything but an inventory: 15 ms without field, 255 bytes at 9600 bit/s are 290 ms
_VERSION_S = 0.25
_GAP_S = 0.12  # inside a frame 12 ms at most (manual, 2.1); USB adapters and a busy host hold bytes back
_QUIET_S, _LONGEST_DRAIN_S = 0.02, 0.2
_VERSION_BYTES = 7  # SW-REV[2] D-REV HW-TYPE SW-TYPE TR-TYPE[2]
_ECHO = "it repeats what is sent to it: an adapter with echo, or two wires that touch"


class _NoAnswer(HardwareError):
    """The question got no answer that can be believed. `heard`: bytes came all the same."""

    def __init__(self, message: str, *, heard: bool) -> None:
        super().__init__(message)
        self.heard = heard


class Unheard(PadFault):
    """Nothing came at all: no reader, no power, a broken wire, or another speed."""


class FeigLink:
    """One reader on `port`, closed until `open`. Used by one thread.

    `address`: COM-ADR, 0 to 254, or 255 for whichever reader hears it. Every method but `close` raises
    PadFault when the reader or the port does not work, and PadDisturbed when what came cannot be believed.
    """

    def __init__(
        self,
        port: SerialPort,
        *,
        address: int = ANY_ADDRESS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port, self._address, self._monotonic = port, address, monotonic
        self._parser = AnswerParser()
        self._expected: int | None = None  # whose answers count
        self._in_step = False  # nothing can be on its way that was meant for an earlier question
        self._heard = bytearray()  # since the question

    @property
    def name(self) -> str:
        """The port's name."""
        return self._port.name

    def open(self) -> bytes:
        """Open the port and have the reader tell its version: seven bytes."""
        self._in_step = False
        self._expected = None if self._address == ANY_ADDRESS else self._address
        try:
            self._port.open()
        except PortFault as error:
            raise PadFault(str(error)) from error
        return self.ask_version()

    def close(self) -> None:
        """Never raises."""
        self._port.close()
        self._in_step = False

    def ask(self, command: int, data: bytes = b"", *, wait_s: float = ANSWER_S, again: bool = True) -> Answer:
        """Ask and wait up to `wait_s` seconds for the answer. `again`: ask a second time if there is none."""
        doubts: list[_NoAnswer] = []
        for _ in range(2 if again else 1):
            if not self._in_step:
                self.ask_version()
            try:
                return self._try(command, data, wait_s)
            except _NoAnswer as error:
                doubts.append(error)
        self.ask_version()  # does it live?
        what = f"the FEIG reader on {self.name} tells its version but does not answer {command:02X}h"
        if again and not any(doubt.heard for doubt in doubts):
            raise PadFault(f"{what}: it froze; take its power away for a moment")
        raise PadDisturbed(f"{what} ({doubts[-1]})")

    def ask_version(self) -> bytes:
        """The reader's version, seven bytes, and the proof that it lives and that nothing is on its way."""
        doubts: list[_NoAnswer] = []
        for _ in range(2):
            try:
                answer = self._try(VERSION, b"", _VERSION_S)
            except _NoAnswer as error:
                doubts.append(error)
                continue
            if answer.status != OK or len(answer.data) < _VERSION_BYTES:
                raise PadFault(
                    f"the reader on {self.name} does not tell its version: {status_words(answer.status)}, "
                    f"{len(answer.data)} bytes; is it a FEIG OBID reader?"
                )
            self._expected, self._in_step = answer.address, True
            return answer.data
        heard = [str(doubt) for doubt in doubts if doubt.heard]
        if _ECHO in heard:
            raise PadFault(f"there is no FEIG reader on {self.name}: {_ECHO}")
        if heard:
            raise PadDisturbed(f"what comes from {self.name} is no answer of a FEIG reader: {heard[0]}")
        raise Unheard(f"the FEIG reader on {self.name} does not answer; check its power and its cable")

    def _try(self, command: int, data: bytes, wait_s: float) -> Answer:
        frame = request(command, data, address=self._address)
        self._parser.clear()
        self._heard.clear()
        try:
            self._port.discard()
            self._port.write(frame)
            try:
                return self._wait(command, wait_s)
            except _NoAnswer:
                self._drain()
                if self._heard.startswith(frame):
                    raise _NoAnswer(_ECHO, heard=True) from None
                raise
        except PortFault as error:
            self._in_step = False
            raise PadFault(str(error)) from error
        except _NoAnswer:
            self._in_step = False
            raise

    def _wait(self, command: int, wait_s: float) -> Answer:
        """The answer to `command`. Answers to earlier questions and those of other readers are passed by."""
        now = self._monotonic()
        ends = now + wait_s
        while now < ends:
            patience = min(_GAP_S, ends - now) if self._parser.pending else ends - now
            piece = self._port.read(patience)
            if not piece:
                break
            self._heard += piece
            answers = self._parser.feed(piece)
            if self._parser.skipped:
                raise _NoAnswer("bytes that make no answer", heard=True)
            for answer in answers:
                if (
                    answer.address == ANY_ADDRESS
                ):  # no reader has it: this was said here, and nothing else comes
                    raise _NoAnswer(_ECHO, heard=True)
                if answer.command == command and self._expected in {None, answer.address}:
                    if answer is not answers[-1] or self._parser.pending:
                        raise _NoAnswer("more than one answer to one question", heard=True)
                    return answer
                log.debug("%s: passed by, %r", self.name, answer)
            now = self._monotonic()
        if self._parser.pending:
            raise _NoAnswer("an answer that broke off", heard=True)
        raise _NoAnswer("no answer", heard=bool(self._heard))

    def _drain(self) -> None:
        """Wait until the line is quiet, for a while: what is still coming belongs to nothing."""
        now = self._monotonic()
        ends = now + _LONGEST_DRAIN_S
        while now < ends:
            piece = self._port.read(_QUIET_S)
            if not piece:
                break
            self._heard += piece
            now = self._monotonic()
        self._parser.clear()
