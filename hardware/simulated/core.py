"""The chip's digital part: what each register does when it is read or written, and what commands do.

MFRC522 data sheet rev. 3.9, sections 9.3 (registers) and 10.3 (commands).
"""

from __future__ import annotations

import random

from hardware.simulated import interrupts as irq
from hardware.simulated.agenda import Agenda
from hardware.simulated.crc_a import crc16
from hardware.simulated.field import Field
from hardware.simulated.fifo import Fifo
from hardware.simulated.frames import FC
from hardware.simulated.modem import Modem
from hardware.simulated.registers import READ_ONLY, Command, Reg, RegisterFile
from hardware.simulated.timer_unit import TimerUnit

_POWER_DOWN = 0x10  # CommandReg
_CRYPTO_ON = 0x08  # Status2Reg
_CRC_PRESETS = (0x0000, 0x6363, 0xA671, 0xFFFF)  # ModeReg.CRCPreset, section 9.3.2.2
_CRC_BYTE_S = 8 / FC  # the coprocessor takes a bit a carrier period


class Core:
    """Registers, FIFO, timer, interrupts, CRC coprocessor and the contactless UART behind one address space.

    `reset_s`: how long SoftReset and leaving power-down take. For `modem` see RC522Chip.
    """

    def __init__(
        self, agenda: Agenda, field: Field, *, version: int, reset_s: float, seed: int, **modem: int
    ) -> None:
        self._agenda, self._field = agenda, field
        self._version, self._reset_s = version, reset_s
        self._chance = random.Random(seed)  # noqa: S311  GenerateRandomID, no secret
        self._registers = RegisterFile()
        self._interrupts = irq.Interrupts()
        self._fifo = Fifo(self._interrupts)
        self._timer = TimerUnit(self._registers, self._interrupts, agenda)
        self._modem = Modem(
            self._registers,
            self._fifo,
            self._interrupts,
            self._timer,
            agenda,
            field,
            self._ended_by_itself,
            coll_pos_counts_align=bool(modem["coll_pos_counts_align"]),
            collided_bit=modem["collided_bit"],
            resend_in_silence=bool(modem["resend_in_silence"]),
        )
        self._command = Command.IDLE
        self._buffer = bytes(25)  # the internal buffer of Mem and GenerateRandomID
        self._crc = 0xFFFF
        self._crc_entry = 0
        self._deaf_until = agenda.now  # writes are lost before; CommandReg reads PowerDown

    def reset(self) -> None:
        """Every register to its reset value; the field goes off with TxControlReg."""
        self._agenda.cancel(self._crc_entry)
        self._crc_entry = 0
        self._registers.reset()
        self._interrupts.reset()
        self._fifo.reset()
        self._timer.reset()
        self._modem.reset()
        self._command, self._crc = Command.IDLE, 0xFFFF
        self._follow_carrier()

    @property
    def requests(self) -> bool:
        """Status1Reg.IRq."""
        return self._interrupts.pending(self._registers[Reg.COM_I_EN], self._registers[Reg.DIV_I_EN])

    @property
    def irq_inverted(self) -> bool:
        """ComIEnReg.IRqInv."""
        return self._registers.bit(Reg.COM_I_EN, 7)

    @property
    def irq_armed(self) -> bool:
        """Whether any request may move the IRQ pin."""
        return bool(self._registers[Reg.COM_I_EN] & 0x7F or self._registers[Reg.DIV_I_EN] & 0x14)

    def read(self, address: int) -> int:
        """What a register shows. Reading FIFODataReg takes the byte out."""
        match address:
            case Reg.COMMAND:
                waking = _POWER_DOWN if self._agenda.now < self._deaf_until else 0
                return self._registers[Reg.COMMAND] & 0xF0 | waking | self._command
            case Reg.COM_IRQ:
                return self._interrupts.com
            case Reg.DIV_IRQ:
                return self._interrupts.div
            case Reg.ERROR:
                return self._interrupts.error
            case Reg.STATUS1:
                return self._status1()
            case Reg.STATUS2:
                return self._registers[Reg.STATUS2] & 0xC8 | self._modem.state
            case Reg.FIFO_DATA:
                return self._fifo.pop()
            case Reg.FIFO_LEVEL:
                return len(self._fifo)
            case Reg.CONTROL:
                return self._registers[Reg.CONTROL] & 0x38 | self._modem.receiver.last_bits
            case Reg.COLL:
                return self._registers[Reg.COLL] & 0x80 | self._collision()
            case Reg.CRC_RESULT_H:
                return self._crc >> 8
            case Reg.CRC_RESULT_L:
                return self._crc & 0xFF
            case Reg.T_COUNTER_H:
                return self._timer.counter(self._agenda.now) >> 8
            case Reg.T_COUNTER_L:
                return self._timer.counter(self._agenda.now) & 0xFF
            case Reg.VERSION:
                return self._version
            case _:
                return self._registers[address]

    def peek(self, address: int) -> int:
        """What reading would show, with the FIFO left as it is."""
        return 0 if address == Reg.FIFO_DATA else self.read(address)

    def _status1(self) -> int:
        """Section 9.3.1.8: CRCOk, CRCReady, IRq, TRunning, HiAlert, LoAlert."""
        ready = self._crc_entry == 0
        bits = (
            (ready and self._crc == 0, 6),
            (ready, 5),
            (self.requests, 4),
            (self._timer.running, 3),
            (self._fifo.hi_alert, 1),
            (self._fifo.lo_alert, 0),
        )
        return sum(bool(bit) << place for bit, place in bits)

    def _collision(self) -> int:
        """Section 9.3.1.15: CollPosNotValid, or CollPos, where 0 stands for bit 32."""
        position = self._modem.receiver.coll_pos
        return 0x20 if position is None or position > 32 else position & 0x1F

    def write(self, address: int, value: int) -> None:
        """Write a register. Lost while the chip resets or wakes, and in read-only registers."""
        if self._agenda.now < self._deaf_until or address in READ_ONLY:
            return
        match address:
            case Reg.COMMAND:
                self._write_command(value)
            case Reg.COM_IRQ:
                self._interrupts.write_com(value)
            case Reg.DIV_IRQ:
                self._interrupts.write_div(value)
            case Reg.STATUS2:
                # MFCrypto1On is set by MFAuthent only and cleared by software (section 9.3.1.9)
                kept = self._registers[Reg.STATUS2] & value & _CRYPTO_ON
                self._registers[Reg.STATUS2] = value & 0xC0 | kept
                if not kept:
                    self._modem.session = 0
            case Reg.FIFO_DATA:
                self._write_fifo(value)
            case Reg.FIFO_LEVEL:
                if value & 0x80:
                    self._fifo.flush()
            case Reg.WATER_LEVEL:
                self._registers[address] = value & 0x3F
                self._fifo.water_level = value
            case Reg.CONTROL:
                if value & 0x80:
                    self._timer.stop()
                if value & 0x40:
                    self._timer.start()
            case Reg.BIT_FRAMING:
                self._registers[address] = value
                if value & 0x80:
                    self._modem.start_send()
            case Reg.COLL:
                self._registers[address] = value & 0x80
            case Reg.TX_CONTROL:
                self._registers[address] = value
                self._follow_carrier()
            case _:
                self._registers[address] = value

    def _write_fifo(self, value: int) -> None:
        # WrErr: the host must not write while MFAuthent works or an answer is awaited (section 9.3.1.7)
        if self._modem.authenticating or self._modem.awaits_answer:
            self._interrupts.fail(irq.WR_ERR)
        self._fifo.push(value)
        if self._command is Command.CALC_CRC:
            self._calculate()
        elif self._command is Command.MF_AUTHENT and not self._modem.authenticating:
            self._modem.authenticate()

    def _follow_carrier(self) -> None:
        """The field is on while an antenna driver is (TxControlReg) and the chip is not powered down."""
        asleep = self._registers[Reg.COMMAND] & _POWER_DOWN
        on = bool(self._registers[Reg.TX_CONTROL] & 0x03) and not asleep
        came_on = on and not self._field.carrier
        self._field.set_carrier(on, self._agenda.now)
        if came_on:
            self._modem.carrier_on()

    def _write_command(self, value: int) -> None:
        was_asleep = self._registers[Reg.COMMAND] & _POWER_DOWN
        self._registers[Reg.COMMAND] = value & 0x30
        if was_asleep and not value & _POWER_DOWN:
            self._deaf_until = self._agenda.now + self._reset_s  # section 8.6.2: 1024 clocks to wake
        self._follow_carrier()
        code = value & 0x0F
        if code == Command.NO_CMD_CHANGE:
            return
        self._modem.stop()
        self._agenda.cancel(self._crc_entry)
        self._crc_entry = 0
        self._interrupts.error = 0  # section 9.3.1.7: starting a command clears the errors
        if code in {command.value for command in Command}:
            self._command = Command(code)
            self._start()
        else:
            self._ended_by_itself()  # section 9.3.1.5, IdleIRq: an unknown command becomes Idle

    def _start(self) -> None:
        match self._command:
            case Command.TRANSCEIVE:
                self._modem.transceive()
            case Command.TRANSMIT:
                self._modem.transmit()
            case Command.RECEIVE:
                self._modem.receive()
            case Command.MF_AUTHENT:
                self._modem.authenticate()
            case Command.CALC_CRC:
                self._crc = _CRC_PRESETS[self._registers[Reg.MODE] & 3]
                self._calculate()
            case Command.MEM:
                self._move_memory()
            case Command.GENERATE_RANDOM_ID:
                self._buffer = self._chance.randbytes(10) + self._buffer[10:]
                self._ended_by_itself()
            case Command.SOFT_RESET:
                self.reset()
                self._deaf_until = self._agenda.now + self._reset_s
            case _:
                pass

    def _ended_by_itself(self) -> None:
        self._command = Command.IDLE
        self._interrupts.request(irq.IDLE)

    def _move_memory(self) -> None:
        """Section 10.3.1.2: 25 bytes from the FIFO into the internal buffer, or back if it is empty."""
        content = self._fifo.take_all()
        if content:
            self._buffer = (content + self._buffer[len(content) :])[:25]
        else:
            for value in self._buffer:
                self._fifo.push(value)
        self._ended_by_itself()

    def _calculate(self) -> None:
        """Section 10.3.1.4: everything in the FIFO goes through the coprocessor; the command stays active."""
        content = self._fifo.take_all()
        if not content:
            return

        def done() -> None:
            self._crc_entry = 0
            msb_first = self._registers.bit(Reg.MODE, 7)
            self._crc = crc16(content, self._crc, msb_first=msb_first)
            self._interrupts.request_div(irq.CRC)

        self._crc_entry = self._agenda.at(self._agenda.now + _CRC_BYTE_S * len(content), done)
