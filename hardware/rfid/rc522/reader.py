"""The RC522 reader: NXP MFRC522 (or a clone) on SPI, as a kiosk.ports.Pad.

Two rules shape it. Silence is believed only when the chip proves it: the call went out, the timer ran out,
the field was on. And a tag is believed only when it proved itself: BCC, SAK and CRC_A right. Whatever is
neither is a disturbance or a fault, never an empty pad.

Traffic is small because a read burst fetches any registers in one transaction, CRC_A is computed here, and
answers are waited for by sleeping the exact time they take on the air. Figures: tests/bench/spi.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hardware.rfid.iso14443a import Answer, AnswerError, Frame, Identity, call, halt, identify
from hardware.rfid.rc522.bus import IrqPin, RegisterBus, ResetPin, Spi
from hardware.rfid.rc522.chip_air import ChipAir
from hardware.rfid.rc522.configuration import FIELD_OFF, FIELD_ON, Configuration
from hardware.rfid.rc522.readings import air_seconds, answer_of, refuse_impossible
from hardware.rfid.rc522.registers import (
    CLEAR_ALL,
    FAILED,
    FLUSH,
    RECEIVED,
    STANDING,
    START_SEND,
    TIMED_OUT,
    TRANSMITTED,
    Command,
    Reg,
)
from hardware.rfid.tags.classic import PUBLISHED_KEYS, SAKS, ClassicMemory
from hardware.rfid.tags.dialogue import Dialogue
from hardware.rfid.tags.kinds import TYPE2_SAK, kind_by_sak
from hardware.rfid.tags.memory import TagRefused, UserMemory
from hardware.rfid.tags.type2 import Type2Memory
from kiosk.events import Tag
from kiosk.ports import PadDisturbed, PadFault

log = logging.getLogger(__name__)

KNOWN_VERSIONS = {
    0x88: "FM17522 (a clone)",
    0x90: "MFRC522 v0.0",
    0x91: "MFRC522 v1.0",
    0x92: "MFRC522 v2.0",
    0xB2: "a clone that reads cards",
}

_CALL_S = 0.00125  # the call and the 1 ms that declares silence; an answer is there long before
_MORE_S = 0.0003  # one more look at an answer that is not whole yet
_HOST_TIMEOUT_S = 0.010  # the chip's own timer can die with its settings (brown-out): never wait on it alone
_FIELD_OFF_S = 0.002  # tags lose their state, HALT too
_FIELD_ON_S = 0.005  # tags may need so long to start (ISO/IEC 14443-3)
_RESET_STEP_S = 0.005
_RESET_STEPS = 30  # crystal start-up; some boards take 50 ms and more
_HEALTH_S = 1.0
_MOST_CALLS = 48  # more tags than fit on a pad, and the retries
_MOST_FAILURES = 8

_POWER_DOWN = 0x10  # CommandReg: still starting


class RC522:
    """An RC522 on a spidev-like object. Used by one thread.

    `speed_hz`: SPI clock, 10 MHz at most; `gain` 0-7: receiver gain, 7 saturates; `reset`, `irq`: gpiozero
    devices where those lines are wired, closed by whoever made them.
    """

    def __init__(
        self,
        spi: Spi,
        *,
        bus: int = 0,
        device: int = 0,
        speed_hz: int = 1_000_000,
        gain: int = 4,
        reset: ResetPin | None = None,
        irq: IrqPin | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wires = RegisterBus(spi, bus=bus, device=device, speed_hz=speed_hz)
        self._configuration = Configuration(gain=gain, irq=irq is not None)
        self._reset, self._irq = reset, irq
        self._sleep, self._monotonic = sleep, monotonic
        self.version: int | None = None  # VersionReg; None while closed
        self._stale_tags = False  # tags in HALT or in doubt: the next inventory starts with a fresh field
        self._checked_at = 0.0

    def __repr__(self) -> str:
        state = "closed" if self.version is None else f"version {self.version:02X}h"
        return f"<RC522 on {self._wires.name}, {state}>"

    def open(self) -> None:
        """Reset and set up the chip, field on. Raises PadFault with what was read and what to check."""
        self.close()
        self._wires.open()
        try:
            if self._reset is not None:
                self._reset.off()
                self._sleep(0.001)
                self._reset.on()
            version = self._restart()
            for register, value in self._configuration.registers.items():
                self._wires.write(register, value)
            self._wires.write(Reg.TX_CONTROL, FIELD_ON)
            self._configuration.check(version, self._wires.read(*self._configuration.watched))
            self._sleep(_FIELD_ON_S)
        except BaseException:
            self._wires.close()
            raise
        self.version = version
        self._checked_at = self._monotonic()
        self._stale_tags = False
        known = KNOWN_VERSIONS.get(version)
        # Boards of unknown version read cards well: say so, never refuse to run.
        log.log(
            logging.INFO if known else logging.WARNING,
            "RC522 on %s: version %02Xh, %s",
            self._wires.name,
            version,
            known or "which is unknown; it is used all the same",
        )

    def inventory(self) -> frozenset[Tag]:
        """Every tag in the field, each verified; empty = proven silence. The work is bounded.

        Raises PadDisturbed when an answer was heard that no verified tag accounts for, PadFault when the
        reader does not work.
        """
        if self.version is None:
            raise PadFault(f"the RC522 on {self._wires.name} is not open")
        if self._stale_tags:
            self._renew_field()
        self._stale_tags = True
        found: set[Tag] = set()
        doubt, failures, again = "", 0, False
        for _ in range(_MOST_CALLS):
            if not self._anybody(self.version):
                if not again:
                    break
                again = False  # a tag left READY takes one call as an error, and only then listens again
                continue
            try:
                identity = identify(self._exchange)
            except AnswerError as error:
                doubt, again = str(error), True
                failures += 1
                if failures == _MOST_FAILURES:
                    break
            else:
                doubt, again = "", False
                found.add(_tag(identity))
                self._put_to_sleep()
        else:
            doubt = doubt or f"{len(found)} tags and still more"
        self._stale_tags = bool(found or doubt)
        if doubt:
            raise PadDisturbed(
                f"something on the pad cannot be read ({doubt}); take it off and put things back one by one",
                tags=frozenset(found),
            )
        return frozenset(found)

    @contextmanager
    def memory(self, uid: str, *, keys: Sequence[bytes] = PUBLISHED_KEYS) -> Iterator[UserMemory]:
        """The memory of the tag with this UID, whatever else lies beside it; `keys` open a MIFARE Classic.

        Afterwards the tag is halted, Crypto1 is off and the next inventory finds every tag. Raises TagGone,
        TagRefused: no known memory, TagMemoryError; ValueError: no such UID; PadFault, which closes the pad.
        """
        if self.version is None:
            raise PadFault(f"the RC522 on {self._wires.name} is not open")
        air = ChipAir(
            self._wires, self._configuration, irq=self._irq, sleep=self._sleep, monotonic=self._monotonic
        )
        dialogue = Dialogue(uid, air, renew_field=self._renew_field)
        self._stale_tags = True
        try:
            try:
                air.begin()
                dialogue.select()
                yield _memory_of(dialogue, keys)
            finally:
                try:
                    dialogue.leave()
                finally:
                    air.end()
        except PadFault:
            self.close()  # whoever opens it again starts from a reset, not from half a dialogue
            raise

    def close(self) -> None:
        """Field off, bus released. Never raises."""
        if self.version is not None:
            self.version = None
            try:
                self._wires.write(Reg.TX_CONTROL, FIELD_OFF)
            except Exception as error:
                log.debug("the field could not be switched off: %s", error)
        self._wires.close()

    def _restart(self) -> int:
        """Soft reset; the version once the chip runs again."""
        self._wires.write(Reg.COMMAND, Command.SOFT_RESET)
        command = 0
        for _ in range(_RESET_STEPS):
            self._sleep(_RESET_STEP_S)
            command, version = self._wires.read(Reg.COMMAND, Reg.VERSION)
            if version in {0x00, 0xFF}:
                raise PadFault(
                    f"VersionReg reads {version:02X}h: nothing answers on {self._wires.name}; "
                    "check 3.3 V, GND, MISO, MOSI, SCK and SDA (chip select) of the RC522"
                )
            if not command & _POWER_DOWN:
                return version
        raise PadFault(
            f"CommandReg still reads {command:02X}h after a reset: the RC522 does not start; "
            "check its 3.3 V and the RST line"
        )

    def _renew_field(self) -> None:
        """Tags in HALT ignore REQA; without a field they forget it."""
        self._wires.write(Reg.TX_CONTROL, FIELD_OFF)
        self._sleep(_FIELD_OFF_S)
        self._wires.write(Reg.TX_CONTROL, FIELD_ON)
        self._sleep(_FIELD_ON_S)

    def _anybody(self, version: int) -> bool:
        """Call all tags: True when anything answers, collisions and errors too; False = proven silence.

        Proven means: the flags were seen cleared, and afterwards the frame had gone out, the timer had run
        out and the field was on. Raises PadFault when the chip gives no such proof in time. Once a second
        the same burst reads the settings back.
        """
        frame = call()
        self._wires.write(Reg.COMMAND, Command.TRANSCEIVE)
        # The timer of the frame before may run out between clearing and reading: once, and only it.
        for _ in range(2):
            self._wires.write(Reg.COM_IRQ, CLEAR_ALL)
            flags, level = self._wires.read(Reg.COM_IRQ, Reg.FIFO_LEVEL)
            if flags & STANDING != TIMED_OUT:
                break
        if flags & STANDING:
            # A chip that froze goes on showing the flags of its last silence.
            raise PadFault(
                f"ComIrqReg reads {flags:02X}h just after it was cleared: the RC522 takes no commands; "
                "it froze or its wires are loose"
            )
        if level:
            self._wires.write(Reg.FIFO_LEVEL, FLUSH)  # noise; it would be sent before the call
        self._send(frame)
        called_at = self._monotonic()
        look = [Reg.COM_IRQ, Reg.FIFO_LEVEL, Reg.TX_CONTROL, Reg.ERROR, *[Reg.FIFO_DATA] * frame.answer_bytes]
        health_from = len(look)
        if called_at - self._checked_at >= _HEALTH_S:
            look += self._configuration.watched
        if self._irq is not None:
            self._irq.wait_for_active(timeout=_CALL_S)
        else:
            self._sleep(_CALL_S)
        while True:
            flags, level, field, errors, *rest = self._wires.read(*look)
            refuse_impossible(flags, level, field, errors)
            if len(look) > health_from:
                self._configuration.check(version, rest[health_from - len(look) :])
                self._checked_at = called_at
            if flags & TRANSMITTED and (flags & (RECEIVED | FAILED) or level):
                if level > frame.answer_bytes:
                    self._wires.write(Reg.FIFO_LEVEL, FLUSH)  # or the next frame would carry the rest of it
                return True
            if flags & TRANSMITTED and flags & TIMED_OUT:
                return False
            if self._monotonic() - called_at > _HOST_TIMEOUT_S:
                raise PadFault(
                    f"the RC522 did not finish a call within {_HOST_TIMEOUT_S * 1000:.0f} ms "
                    f"(ComIrqReg reads {flags:02X}h): it froze or lost its settings; check its 3.3 V supply"
                )
            self._sleep(_MORE_S)

    def _exchange(self, frame: Frame) -> Answer:
        """Send a frame to tags that just answered, and fetch the answer. Raises PadFault.

        Three transactions: no flag needs clearing because the FIFO was read empty and ErrorReg is cleared by
        the chip when the receiver starts. The answer comes at an exact time, so a sleep is all it takes.
        """
        self._send(frame)
        data = b""
        for pause in (air_seconds(frame), _MORE_S):
            self._sleep(pause)
            missing = frame.answer_bytes - len(data)
            errors, level, control, coll, *fifo = self._wires.read(
                Reg.ERROR, Reg.FIFO_LEVEL, Reg.CONTROL, Reg.COLL, *[Reg.FIFO_DATA] * missing
            )
            refuse_impossible(0, level, FIELD_ON, errors)
            data += bytes(fifo[:level])
            if errors or level >= missing:
                break
        return answer_of(data, errors=errors, control=control, coll=coll, extra=level > missing)

    def _put_to_sleep(self) -> None:
        """HLTA: silence is success, so nothing is read; the next call clears away whatever comes."""
        frame = halt()
        self._send(frame)
        self._sleep(air_seconds(frame))

    def _send(self, frame: Frame) -> None:
        self._wires.write(Reg.FIFO_DATA, *frame.data)
        self._wires.write(Reg.BIT_FRAMING, START_SEND | frame.align << 4 | frame.last_bits)


def _tag(identity: Identity) -> Tag:
    return Tag(identity.text, kind_by_sak(identity.sak), identity.sak)


def _memory_of(dialogue: Dialogue, keys: Sequence[bytes]) -> UserMemory:
    """What is behind the SAK of a selected tag. Raises TagRefused: no memory that is known here."""
    if dialogue.sak == TYPE2_SAK:
        return Type2Memory(dialogue)
    if dialogue.sak in SAKS:
        return ClassicMemory(dialogue, keys=keys)
    raise TagRefused(
        f"tag {dialogue.uid} (SAK {dialogue.sak:02X}h) has no memory this reader can write; "
        "it can be used by its UID alone"
    )
