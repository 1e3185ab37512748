"""A PN532 module on its high speed UART, as the user manual (UM0701-02) describes it, with tags on it.

It sleeps after power-up, acknowledges, answers when the air is done, lists two tags at most, and lets itself
be stopped by the host's ACK. It writes and reads frames by itself: nothing here is shared with the driver.
Before SAMConfiguration its field stays off. Left out: every role but that of a reader of type A, baud rate
changes, and all timing on the air but a rough duration.
"""

from __future__ import annotations

import queue
import random
from collections.abc import Callable

from hardware.errors import SimulationError
from hardware.simulated.pn532_tags import ListedTag, State

_LOST_WHILE_WAKING = 10  # bytes of 87 us each: the crystal needs about 1 ms
_CALL_S, _SELECT_S, _ATS_S = 0.003, 0.004, 0.005
_ENDLESS = 0xFF
_KNOWN = {0x00, 0x02, 0x04, 0x12, 0x14, 0x32, 0x40, 0x42, 0x44, 0x4A, 0x52}


class PN532Device:
    """What hangs at a SerialLine. `place`, `lift`, `reset` and the faults may be called from any thread.

    Faults: `frozen` hears and says nothing; `flip` is the probability that a frame it sends has one wrong
    bit; `flip_next` as many frames have one for certain; `reset` cuts the power for a moment; `before` is
    called with the number and the code of every command before it is done.
    """

    def __init__(self, *, seed: int = 1) -> None:
        self.tags: tuple[ListedTag, ...] = ()
        self.frozen = False
        self.flip = 0.0
        self.flip_next = 0
        self.commands: list[int] = []  # every code it took
        self.before: Callable[[int, int], None] = lambda number, code: None
        self._resets: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._chance = random.Random(seed)  # noqa: S311  reproducible, no secret
        self._now = self._due = 0.0  # monotonic seconds: the last tick, and when the answer goes out
        self._answer: bytes | None = None
        self._listed: list[ListedTag] = []
        self._power_up()

    def place(self, *tags: str | ListedTag) -> None:
        """Lay tags on the pad: cards by four bytes of UID, stickers by more. Raises SimulationError."""
        for tag in tags:
            new = ListedTag(tag, *((0x08, 0x0004) if len(tag) == 8 else ())) if isinstance(tag, str) else tag
            if any(new.uid == there.uid for there in self.tags):
                raise SimulationError(f"{new.uid} lies there already")
            new.state = State.IDLE
            self.tags = (*self.tags, new)

    def lift(self, *uids: str) -> None:
        """Take tags away. Raises SimulationError when one is not there."""
        for uid in uids:
            if not any(tag.uid == uid for tag in self.tags):
                raise SimulationError(f"{uid} does not lie there")
            self.tags = tuple(tag for tag in self.tags if tag.uid != uid)

    def reset(self) -> None:
        """Power gone and back: asleep, settings forgotten, field off. Takes effect before it hears more."""
        self._resets.put(None)

    def feed(self, data: bytes) -> bytes:
        """Bytes from the station."""
        said = b""
        for byte in data:
            self._obey_accidents()
            if not self.frozen:
                said += self._hear(byte)
        return said

    def tick(self, now: float) -> bytes:
        """Time passes; an answer whose moment has come goes out."""
        self._now = now
        self._obey_accidents()
        if self.frozen or self._answer is None or now < self._due:
            return b""
        answer, self._answer = self._answer, None
        self._last_answer = answer
        return self._damaged(answer)

    def _obey_accidents(self) -> None:
        while not self._resets.empty():
            self._resets.get()
            self._power_up()

    def _power_up(self) -> None:
        self._asleep, self._deaf = True, 0
        self._normal_mode = self._field_on = False
        self._retries = _ENDLESS
        self._automatic_rats = True
        self._buffer = bytearray()
        self._answer, self._last_answer = None, b""
        self._field(on=False)

    def _field(self, *, on: bool) -> None:
        if not on:
            self._listed = []
            for tag in self.tags:
                tag.state = State.IDLE
        self._field_on = on and self._normal_mode

    def _hear(self, byte: int) -> bytes:
        """One byte; the ACK of a command that is whole now."""
        if self._asleep:
            self._asleep, self._deaf = False, _LOST_WHILE_WAKING
            return b""
        if self._deaf:
            self._deaf -= 1
            return b""
        self._buffer.append(byte)
        return self._understand()

    def _understand(self) -> bytes:
        heard = self._buffer
        start = heard.find(b"\x00\xff")
        if start < 0:
            del heard[:-1]
            return b""
        del heard[:start]
        if len(heard) < 4:
            return b""
        if heard[2:4] == b"\x00\xff":
            del heard[:4]
            self._answer = None  # the host's ACK stops whatever is under way
            return b""
        if heard[2:4] == b"\xff\x00":
            del heard[:4]
            if self._answer is None and self._last_answer:
                self._answer, self._due = self._last_answer, self._now
            return b""
        if heard[2:4] == b"\xff\xff":
            if len(heard) < 7:
                return b""
            length, at = heard[4] * 256 + heard[5], 7
            right = not (heard[4] + heard[5] + heard[6]) % 256 and length <= 265
        else:
            length, at = heard[2], 4
            right = not (heard[2] + heard[3]) % 256
        if not right or not length:
            del heard[:2]
            return b""
        if len(heard) < at + length + 1:
            return b""
        body, right = bytes(heard[at : at + length]), not sum(heard[at : at + length + 1]) % 256
        del heard[: at + length + 1]
        # A command that came damaged gets no ACK (6.2.2.2): that is how the host knows.
        return self._obey(body) if right and body[0] == 0xD4 and len(body) > 1 else b""

    def _obey(self, body: bytes) -> bytes:
        code, parameters = body[1], body[2:]
        self.before(len(self.commands), code)
        self.commands.append(code)
        self._obey_accidents()
        if self.frozen or self._asleep:
            return b""
        self._answer = None  # a new command ends the one before
        took, data = self._do(code, parameters)
        if data is not None:
            frame = (
                b"\x01\xff\x7f\x81" if code not in _KNOWN else self._framed(bytes([0xD5, code + 1]) + data)
            )
            self._answer, self._due = b"\x00\x00\xff" + frame + b"\x00", self._now + took
        return self._damaged(b"\x00\x00\xff\x00\xff\x00")

    def _framed(self, body: bytes) -> bytes:
        length = len(body)
        if length > 255:
            high, low = divmod(length, 256)
            head = bytes([255, 255, high, low, (256 - (high + low) % 256) % 256])
        else:
            head = bytes([length, 256 - length])
        return head + body + bytes([(256 - sum(body) % 256) % 256])

    def _do(self, code: int, parameters: bytes) -> tuple[float, bytes | None]:
        """How long a command takes, and the answer's data; None = it never answers."""
        match code:
            case 0x00 if parameters[:1] == b"\x00":  # Diagnose: communication line test
                return 0.0, parameters
            case 0x02:  # GetFirmwareVersion: IC, Ver, Rev, Support of C106
                return 0.0, b"\x32\x01\x06\x07"
            case 0x04:  # GetGeneralStatus
                return 0.0, bytes([0, 0, len(self._listed)]) + b"\x00"
            case 0x12:  # SetParameters
                self._automatic_rats = bool(parameters[0] & 0x10)
                return 0.0, b""
            case 0x14:  # SAMConfiguration
                self._normal_mode = parameters[0] == 0x01
                return 0.0, b""
            case 0x32:  # RFConfiguration
                if parameters[0] == 0x01:
                    self._field(on=bool(parameters[1] & 0x01))
                elif parameters[0] == 0x05:
                    self._retries = parameters[3]
                return 0.0, b""
            case 0x4A:  # InListPassiveTarget
                return self._list(parameters[0], parameters[2:])
            case 0x44 | 0x52:  # InDeselect, InRelease
                for tag in self._listed:
                    if tag.halts:
                        tag.state = State.HALT
                if code == 0x52:
                    self._listed = []
                return 0.001, b"\x00"
            case 0x40:  # InDataExchange; 60h is MIFARE authentication here, not GET_VERSION (7.3.8)
                return 0.005, self._exchange(parameters[1:], plain=False)
            case 0x42:  # InCommunicateThru; it checks a CRC, which an ACK of four bits has not
                return 0.005, self._exchange(parameters, plain=True)
        return 0.0, b""

    def _exchange(self, command: bytes, *, plain: bool) -> bytes:
        """Status, and what the active tag answered."""
        active = [tag for tag in self._listed if tag.state is State.ACTIVE and tag in self.tags]
        if not active:
            return b"\x27" if not self._listed else b"\x01"
        if command[:1] == b"\x60" and not plain:
            return b"\x14"
        answer = active[0].obey(command)
        if answer is None:
            active[0].state = State.IDLE
            return b"\x01" if plain else b"\x13"
        return b"\x00" + answer if answer or not plain else b"\x02"

    def _list(self, most: int, wanted: bytes) -> tuple[float, bytes | None]:
        """Calls until somebody answers or the retries are used up. A second tag is looked for while the
        first one is halted, so of two only the last stays active."""
        self._field_on = self._normal_mode
        took, self._listed = 0.0, []
        for _ in range(self._retries + 1):
            took += _CALL_S
            answering = [
                tag
                for tag in self.tags
                if self._field_on
                and (tag.state is State.IDLE or not tag.halts)
                and wanted in {b"", tag.cascaded}
            ]
            for tag in self.tags:
                if tag.state is State.ACTIVE:
                    tag.state = State.IDLE  # it takes the call as an error and listens to the next one
            if answering:
                break
        else:
            return took, None if self._retries == _ENDLESS else b"\x00"
        data = b""
        while answering and len(self._listed) < most:
            tag = min(answering, key=lambda tag: tag.raw)
            for other in self._listed:
                other.state = State.HALT if other.halts else State.IDLE
            tag.state = State.ACTIVE
            self._listed.append(tag)
            took += _SELECT_S * (len(tag.raw) // 3)
            data += bytes([len(self._listed)]) + tag.atqa.to_bytes(2, "big")
            data += bytes([tag.sak, len(tag.raw)]) + tag.raw
            if tag.sak & 0x20 and self._automatic_rats:
                data += tag.ats
                took += _ATS_S
            if tag.halts:
                answering.remove(tag)
        if len(self._listed) < most:
            took += _CALL_S
            for tag in self._listed:
                tag.state = State.HALT if tag.halts else State.IDLE
        return took, bytes([len(self._listed)]) + data

    def _damaged(self, frame: bytes) -> bytes:
        """The frame as it arrives: with one wrong bit now and then."""
        if self.flip_next:
            self.flip_next -= 1
        elif self._chance.random() >= self.flip:
            return frame
        wrong = bytearray(frame)
        wrong[self._chance.randrange(len(frame))] ^= 1 << self._chance.randrange(8)
        return bytes(wrong)
