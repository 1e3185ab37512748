"""Register-level talk with the simulated chip, as a data sheet would spell it: no driver in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hardware.simulated.clock import VirtualClock
from hardware.simulated.crc_a import crc_a
from hardware.simulated.field import Field
from hardware.simulated.picc import Picc
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.registers import Command, Reg


@dataclass(frozen=True)
class Heard:
    data: bytes
    last_bits: int
    errors: int
    collision: int | None  # CollPos as read: None = not valid, 32 for 0
    irq: int


class BareReader:
    """Keywords go to the chip, `field` to the field. The field is on, type A, timer 1 ms."""

    def __init__(self, *, field: dict[str, Any] | None = None, set_up: bool = True, **chip: Any) -> None:
        self.clock = VirtualClock(start=1.0)
        self.field = Field(**(field or {}))
        self.chip = RC522Chip(clock=self.clock, field=self.field, **chip)
        if set_up:
            self.write(Reg.T_MODE, 0x80)
            self.write(Reg.T_PRESCALER, 0xA9)  # 25 us a tick
            self.write(Reg.T_RELOAD_L, 39)  # 1 ms
            self.write(Reg.TX_ASK, 0x40)
            self.write(Reg.COLL, 0x00)
            self.write(Reg.TX_CONTROL, 0x83)
            self.clock.sleep(0.006)

    def write(self, register: int, *values: int) -> None:
        self.chip.transfer(bytes([register << 1, *values]))

    def read(self, register: int) -> int:
        return self.chip.transfer(bytes([register << 1 | 0x80, 0]))[1]

    def command(self, command: Command, *arguments: int) -> None:
        self.write(Reg.COMMAND, Command.IDLE)
        self.write(Reg.FIFO_LEVEL, 0x80)
        self.write(Reg.COM_IRQ, 0x7F)
        if arguments:
            self.write(Reg.FIFO_DATA, *arguments)
        self.write(Reg.COMMAND, command)

    def place(self, *piccs: Picc) -> None:
        for picc in piccs:
            self.field.place(picc)
        self.clock.sleep(0.006)

    def exchange(self, *data: int, bits: int = 0, align: int = 0, wait: float = 0.01) -> Heard:
        """Send a frame and listen for `wait` seconds."""
        self.command(Command.TRANSCEIVE, *data)
        self.write(Reg.BIT_FRAMING, 0x80 | align << 4 | bits)
        self.clock.sleep(wait)
        return self.heard()

    def heard(self) -> Heard:
        level = self.read(Reg.FIFO_LEVEL)
        coll = self.read(Reg.COLL)
        return Heard(
            bytes(self.read(Reg.FIFO_DATA) for _ in range(level)),
            self.read(Reg.CONTROL) & 7,
            self.read(Reg.ERROR),
            None if coll & 0x20 else coll & 0x1F or 32,
            self.read(Reg.COM_IRQ),
        )

    def reqa(self) -> Heard:
        return self.exchange(0x26, bits=7)

    def wupa(self) -> Heard:
        return self.exchange(0x52, bits=7)

    def with_crc(self, *data: int, wait: float = 0.01) -> Heard:
        return self.exchange(*data, *crc_a(bytes(data)), wait=wait)

    def select(self, uid: str) -> int:
        """Wake and select one tag through all its cascade levels; its SAK."""
        assert self.wupa().data
        rest, sak = bytes.fromhex(uid), -1
        for sel in (0x93, 0x95, 0x97):
            part = rest if len(rest) == 4 else b"\x88" + rest[:3]
            rest = rest[3:]
            bcc = part[0] ^ part[1] ^ part[2] ^ part[3]
            answer = self.with_crc(sel, 0x70, *part, bcc)
            assert len(answer.data) == 3, answer
            assert answer.data[1:] == crc_a(answer.data[:1])
            sak = answer.data[0]
            if not sak & 0x04:
                return sak
        raise AssertionError(f"{uid} never completed its UID, last SAK {sak:02X}h")
