"""The MFRC522 in a dialogue with one selected tag: answers that take their time, and Crypto1.

An inventory knows to the microsecond when an answer is there. A tag that programs its memory answers when it
is done, up to 10 ms later, so here the chip's timer is set to each command's own limit and whoever waits
looks until an answer or the end of that limit is proven.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.rfid.iso14443a import Answer, Frame
from hardware.rfid.rc522.bus import IrqPin, RegisterBus
from hardware.rfid.rc522.configuration import TICK_S, Configuration
from hardware.rfid.rc522.readings import air_seconds, answer_of, refuse_impossible
from hardware.rfid.rc522.registers import (
    CLEAR_ALL,
    CRYPTO_ON,
    ENDED,
    FLUSH,
    RECEIVED,
    STANDING,
    START_SEND,
    STOP_TIMER,
    TIMED_OUT,
    Command,
    Reg,
)
from kiosk.ports import PadFault

_AUTHENT_AIR_S = 0.002  # four frames of 4, 4, 8 and 4 bytes and their delays
_LOOK_S = 0.0005  # between looks, where no IRQ line says when
_HOST_S = 0.010  # the chip's own timer can die with its settings (brown-out): never wait on it alone


class ChipAir:
    """Supplies memory_dialogue.Air. Every method raises PadFault; `end` puts the chip back as it was."""

    def __init__(
        self,
        wires: RegisterBus,
        configuration: Configuration,
        *,
        irq: IrqPin | None,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._wires, self._configured = wires, configuration.registers
        self._irq, self._sleep, self._monotonic = irq, sleep, monotonic
        self._limit = 0  # TReload as it stands, once it was set here

    def begin(self) -> None:
        """Where the IRQ line is wired: the end of MFAuthent, too, shall pull it."""
        if self._irq is not None:
            self._wires.write(Reg.COM_I_EN, self._configured[Reg.COM_I_EN] | ENDED)

    def end(self) -> None:
        """Plain text, and every setting as the configuration has it."""
        self._wires.write(Reg.CONTROL, STOP_TIMER)
        self._wires.write(Reg.COMMAND, Command.IDLE)
        self.plain()
        for register in (Reg.T_RELOAD_H, Reg.T_RELOAD_L, Reg.COM_I_EN):
            if register in self._configured:
                self._wires.write(register, self._configured[register])
        self._limit = 0

    def plain(self) -> None:
        """End Crypto1, and make sure of it: left on, it makes every tag deaf to every call."""
        self._wires.write(Reg.STATUS2, 0x00)
        (status,) = self._wires.read(Reg.STATUS2)
        if status & CRYPTO_ON:
            raise PadFault(
                f"Status2Reg reads {status:02X}h after Crypto1 was ended: the RC522 takes no commands; "
                "it froze or its wires are loose"
            )

    def send(self, frame: Frame, within_s: float) -> Answer:
        """Send a frame and take in what comes back, which begins within `within_s` seconds or never."""
        self._make_ready(within_s)
        self._wires.write(Reg.FIFO_DATA, *frame.data)
        self._wires.write(Reg.COMMAND, Command.TRANSCEIVE)
        self._wires.write(Reg.BIT_FRAMING, START_SEND | frame.align << 4 | frame.last_bits)
        errors, level, control, coll = self._outcome(RECEIVED, air_seconds(frame), within_s)
        data = self._fetched(level) if level else b""
        extra = level > frame.answer_bytes
        return answer_of(data, errors=errors, control=control, coll=coll, extra=extra)

    def authenticate(self, arguments: bytes, within_s: float) -> bool:
        """MFAuthent with its twelve arguments; whether tag and reader now speak Crypto1."""
        self._make_ready(within_s)
        self._wires.write(Reg.BIT_FRAMING, 0x00)
        self._wires.write(Reg.FIFO_DATA, *arguments)
        self._wires.write(Reg.COMMAND, Command.MF_AUTHENT)
        self._outcome(ENDED, _AUTHENT_AIR_S, within_s)
        (status,) = self._wires.read(Reg.STATUS2)
        self._wires.write(Reg.COMMAND, Command.IDLE)  # silence alone never ends it
        return bool(status & CRYPTO_ON)

    def _make_ready(self, within_s: float) -> None:
        """Nothing under way, no flag standing, the FIFO empty, the timer set to the limit."""
        self._wires.write(Reg.COMMAND, Command.IDLE)
        self._wires.write(Reg.CONTROL, STOP_TIMER)
        limit = round(within_s / TICK_S)
        if limit != self._limit:
            self._wires.write(Reg.T_RELOAD_H, limit >> 8)
            self._wires.write(Reg.T_RELOAD_L, limit & 0xFF)
            self._limit = limit
        self._wires.write(Reg.COM_IRQ, CLEAR_ALL)
        self._wires.write(Reg.FIFO_LEVEL, FLUSH)
        (flags,) = self._wires.read(Reg.COM_IRQ)
        if flags & STANDING:
            # A chip that froze goes on showing the flags of its last frame.
            raise PadFault(
                f"ComIrqReg reads {flags:02X}h just after it was cleared: the RC522 takes no commands; "
                "it froze or its wires are loose"
            )

    def _fetched(self, level: int) -> bytes:
        """The FIFO's bytes, and in the same transaction that it was the chip that gave them."""
        *data, left, field = self._wires.read(*[Reg.FIFO_DATA] * level, Reg.FIFO_LEVEL, Reg.TX_CONTROL)
        refuse_impossible(0, left, field, 0)
        if left:
            raise PadFault(
                f"FIFOLevelReg reads {left:02X}h after {level} bytes were fetched: the RC522 froze; "
                "check its 3.3 V supply"
            )
        return bytes(data)

    def _outcome(self, done: int, air_s: float, within_s: float) -> tuple[int, int, int, int]:
        """ErrorReg, FIFOLevelReg, ControlReg and CollReg once a flag of `done` or the timer's end shows."""
        deadline = self._monotonic() + air_s + within_s + _HOST_S
        if self._irq is not None:
            self._irq.wait_for_active(timeout=air_s + within_s)
        else:
            self._sleep(air_s)
        while True:
            late = self._monotonic() > deadline  # before the look: a host that stalled still sees the end
            flags, errors, level, control, coll, field = self._wires.read(
                Reg.COM_IRQ, Reg.ERROR, Reg.FIFO_LEVEL, Reg.CONTROL, Reg.COLL, Reg.TX_CONTROL
            )
            refuse_impossible(flags, level, field, errors)
            heard = level or errors
            if flags & done or (flags & TIMED_OUT and not heard) or (late and heard):
                return errors, level, control, coll
            if late:
                raise PadFault(
                    f"the RC522 did not finish a command within {(air_s + within_s + _HOST_S) * 1000:.0f} ms "
                    f"(ComIrqReg reads {flags:02X}h): it froze or lost its settings; check its 3.3 V supply"
                )
            self._sleep(_LOOK_S)
