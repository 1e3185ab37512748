"""An MFRC522 at register level: what a driver sees over SPI, with tags in its field.

Written from the MFRC522 product data sheet rev. 3.9; sections are named where they decide something. Where
the data sheet leaves a choice open it is a constructor option. Nothing runs by itself: each SPI transaction
first brings the chip up to the clock's time, event by event.

Left out: the self test and the test registers (AutoTestReg stores what is written), I2C and UART, LPCD,
other speeds than 106 kbit/s (tags do not answer), Crypto1's bits (a session is a shared number), analog
behaviour other than receiver gain, gated timer modes.
"""

from __future__ import annotations

import random
from enum import Enum

from hardware.simulated import interrupts as irq
from hardware.simulated.agenda import Agenda
from hardware.simulated.clock import Clock, VirtualClock
from hardware.simulated.crc_a import crc16
from hardware.simulated.field import Field
from hardware.simulated.fifo import Fifo
from hardware.simulated.frames import FC
from hardware.simulated.modem import Modem, ModemState
from hardware.simulated.registers import READ_ONLY, Command, Reg, RegisterFile
from hardware.simulated.timer_unit import TimerUnit

START_UP_S = 1024 / 27e6  # section 8.8.2: internal delay once the oscillator is stable
_POWER_DOWN = 0x10  # CommandReg
_CRC_PRESETS = (0x0000, 0x6363, 0xA671, 0xFFFF)  # ModeReg.CRCPreset, section 9.3.2.2
_CRC_BYTE_S = 8 / FC  # the coprocessor takes a bit a carrier period


class Power(Enum):
    """What state the reader is in, beyond its registers."""

    OK = "ok"
    UNPLUGGED = "unplugged"
    FROZEN = "frozen"


class RC522Chip:
    """The chip. `transfer` is one chip-select low to high.

    `version`: VersionReg (92h v2.0, 91h v1.0, 88h a Fudan clone, B2h ...). `floating`: MISO when nothing
    drives it, 00h or FFh. `power_up_s`: from power to the first answer (crystal start-up). `reset_s`: how
    long SoftReset takes; writes in that time are lost. For `coll_pos_counts_align`, `collided_bit` and
    `resend_in_silence` see `Modem`.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        field: Field | None = None,
        version: int = 0x92,
        floating: int = 0x00,
        power_up_s: float = 0.001,
        reset_s: float = START_UP_S,
        coll_pos_counts_align: bool = True,
        collided_bit: int = 1,
        resend_in_silence: bool = False,
        seed: int = 1,
    ) -> None:
        self.clock: Clock = VirtualClock() if clock is None else clock
        self.field = Field() if field is None else field
        self.field.attach(self.clock)
        self.version, self.floating = version, floating
        self.power_up_s, self.reset_s = power_up_s, reset_s
        self.power = Power.OK
        self.transactions = 0
        self.bytes = 0
        self._chance = random.Random(seed)  # noqa: S311  GenerateRandomID, no secret
        self._agenda = Agenda(self.clock.monotonic())
        self._registers = RegisterFile()
        self._interrupts = irq.Interrupts()
        self._fifo = Fifo(self._interrupts)
        self._timer = TimerUnit(self._registers, self._interrupts, self._agenda)
        self._modem = Modem(
            self._registers,
            self._fifo,
            self._interrupts,
            self._timer,
            self._agenda,
            self.field,
            self._ended_by_itself,
            coll_pos_counts_align=coll_pos_counts_align,
            collided_bit=collided_bit,
            resend_in_silence=resend_in_silence,
        )
        self._command = Command.IDLE
        self._buffer = bytes(25)  # the internal buffer of Mem and GenerateRandomID
        self._crc = 0xFFFF
        self._crc_entry = 0
        self._awake_at = self._agenda.now  # no register answers before
        self._deaf_until = self._agenda.now  # writes are lost before; CommandReg reads PowerDown
        self._reset_line = True
        self._stuck = bytes(64)  # what a frozen chip shows

    # The world outside

    def catch_up(self) -> float:
        """Let everything happen that is due by now; the moment, in seconds of the clock."""
        now = self.clock.monotonic()
        while self.field.next_change <= now:
            when = max(self.field.next_change, self._agenda.now)
            self._agenda.run(when)
            self.field.take_change(when)
        self._agenda.run(now)
        return now

    @property
    def next_due(self) -> float:
        """When something will next happen inside by itself, in seconds of the clock; infinity for never."""
        return self._agenda.next_due

    @property
    def irq_line(self) -> bool:
        """Level of the IRQ pin with a pull-up on it: IRqInv makes a request a low level (section 9.3.1.2)."""
        self.catch_up()
        if self._dead:
            return True
        return self._pending != self._registers.bit(Reg.COM_I_EN, 7)

    @property
    def irq_armed(self) -> bool:
        """Whether any request may move the IRQ pin; if not, nobody needs to watch it."""
        return bool(self._registers[Reg.COM_I_EN] & 0x7F or self._registers[Reg.DIV_I_EN] & 0x14)

    def unplug(self) -> None:
        """The reader's wires are pulled: no power, nothing drives MISO."""
        self.catch_up()
        self.power = Power.UNPLUGGED
        self._switch_off()

    def freeze(self) -> None:
        """The chip hangs: every register keeps its value, writes are lost. RST low or new power frees it."""
        self.catch_up()
        if self.power is Power.OK:
            self._stuck = bytes(self.peek(address) for address in range(64))
            self.power = Power.FROZEN

    def restore(self) -> None:
        """Everything in order again: replugged (as after power-up) or thawed (as it was)."""
        self.catch_up()
        if self.power is Power.UNPLUGGED:
            self._power_up()
        self.power = Power.OK

    def brown_out(self) -> None:
        """The supply dips: every register falls back to its reset value, the field goes off."""
        self.catch_up()
        if self.power is not Power.UNPLUGGED:
            self.power = Power.OK
            self._power_up()

    def set_reset_line(self, level: bool) -> None:
        """NRSTPD: low is hard power-down, the rising edge starts the reset phase (section 8.6.1)."""
        self.catch_up()
        if level and not self._reset_line:
            if self.power is Power.FROZEN:
                self.power = Power.OK
            self._power_up()
        elif not level:
            self._switch_off()
        self._reset_line = level

    def _switch_off(self) -> None:
        self._reset()
        self.field.set_carrier(False, self._agenda.now)

    def _power_up(self) -> None:
        self._switch_off()
        self._awake_at = self._deaf_until = self._agenda.now + self.power_up_s

    def _reset(self) -> None:
        self._agenda.cancel(self._crc_entry)
        self._registers.reset()
        self._interrupts.reset()
        self._fifo.reset()
        self._timer.reset()
        self._modem.reset()
        self._command, self._crc = Command.IDLE, 0xFFFF
        self._follow_carrier()

    @property
    def _dead(self) -> bool:
        asleep = self._agenda.now < self._awake_at
        return self.power is Power.UNPLUGGED or not self._reset_line or asleep

    @property
    def _pending(self) -> bool:
        return self._interrupts.pending(self._registers[Reg.COM_I_EN], self._registers[Reg.DIV_I_EN])

    # SPI, section 8.1.2

    def transfer(self, mosi: bytes, byte_s: float = 0.0) -> bytes:
        """One SPI transaction: MISO, as many bytes as MOSI. `byte_s` seconds go by with each byte.

        Reading: each MOSI byte addresses the register that the next MISO byte carries. Writing: one address,
        then data for it. The address is bits 6 to 1, bit 7 is 1 to read, bit 0 is 0.
        """
        self.transactions += 1
        self.bytes += len(mosi)
        miso = bytearray(len(mosi))
        reading = bool(mosi) and bool(mosi[0] & 0x80)
        for index, value in enumerate(mosi):
            self.clock.spend(byte_s)
            self.catch_up()
            if self._dead:
                miso[index] = self.floating
            elif index and not mosi[0] & 1:  # bit 0 set is reserved (table 9): taken for no address at all
                if reading:
                    miso[index] = self._read(mosi[index - 1] >> 1 & 0x3F)
                else:
                    self._write(mosi[0] >> 1 & 0x3F, value)
        return bytes(miso)

    # Registers

    def peek(self, address: int) -> int:
        """What reading a register would give now, without taking a byte out of the FIFO."""
        self.catch_up()
        return 0 if address == Reg.FIFO_DATA else self._read(address)

    def _read(self, address: int) -> int:
        if self.power is Power.FROZEN:
            return self._stuck[address]
        if self._agenda.now < self._deaf_until and address == Reg.COMMAND:
            return self._registers[Reg.COMMAND] | _POWER_DOWN
        match address:
            case Reg.COMMAND:
                return self._registers[Reg.COMMAND] & 0xF0 | self._command
            case Reg.COM_IRQ:
                return self._interrupts.com
            case Reg.DIV_IRQ:
                return self._interrupts.div
            case Reg.ERROR:
                return self._interrupts.error
            case Reg.STATUS1:
                return self._status1()
            case Reg.STATUS2:
                return self._registers[Reg.STATUS2] & 0xC8 | self._modem.state_at(self._agenda.now)
            case Reg.FIFO_DATA:
                return self._fifo.pop()
            case Reg.FIFO_LEVEL:
                return len(self._fifo)
            case Reg.CONTROL:
                return self._registers[Reg.CONTROL] & 0x38 | self._modem.rx_last_bits
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
                return self.version
            case _:
                return self._registers[address]

    def _status1(self) -> int:
        """Section 9.3.1.8: CRCOk, CRCReady, IRq, TRunning, HiAlert, LoAlert."""
        ready = self._crc_entry == 0
        bits = (
            (ready and self._crc == 0, 6),
            (ready, 5),
            (self._pending, 4),
            (self._timer.running, 3),
            (self._fifo.hi_alert, 1),
            (self._fifo.lo_alert, 0),
        )
        return sum(bool(bit) << place for bit, place in bits)

    def _collision(self) -> int:
        """Section 9.3.1.15: CollPosNotValid, or CollPos, where 0 stands for bit 32."""
        position = self._modem.coll_pos
        return 0x20 if position is None or position > 32 else position & 0x1F

    def _write(self, address: int, value: int) -> None:
        if self.power is Power.FROZEN or self._agenda.now < self._deaf_until or address in READ_ONLY:
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
                kept = self._registers[Reg.STATUS2] & value & 0x08
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
        # WrErr: the host must not write while MFAuthent runs or an answer is awaited (section 9.3.1.7)
        awaiting = self._modem.state in (ModemState.RX_WAIT, ModemState.WAIT_DATA, ModemState.RECEIVING)
        if self._command is Command.MF_AUTHENT or (awaiting and self._command is not Command.RECEIVE):
            self._interrupts.fail(irq.WR_ERR)
        self._fifo.push(value)
        if self._command is Command.CALC_CRC:
            self._calculate()

    def _follow_carrier(self) -> None:
        """The field is on while an antenna driver is (TxControlReg) and the chip is not powered down."""
        asleep = self._registers[Reg.COMMAND] & _POWER_DOWN
        on = bool(self._registers[Reg.TX_CONTROL] & 0x03) and not asleep
        came_on = on and not self.field.carrier
        self.field.set_carrier(on, self._agenda.now)
        if came_on:
            self._modem.carrier_on()

    # Commands, section 10.3

    def _write_command(self, value: int) -> None:
        was_asleep = self._registers[Reg.COMMAND] & _POWER_DOWN
        self._registers[Reg.COMMAND] = value & 0x30
        if was_asleep and not value & _POWER_DOWN:
            self._deaf_until = self._agenda.now + self.reset_s  # section 8.6.2: 1024 clocks to wake
        self._follow_carrier()
        code = value & 0x0F
        if code == Command.NO_CMD_CHANGE:
            return
        self._modem.stop()
        self._agenda.cancel(self._crc_entry)
        self._crc_entry = 0
        self._interrupts.error = 0  # section 9.3.1.7: starting a command clears the errors
        try:
            self._command = Command(code)
        except ValueError:
            self._ended_by_itself()  # section 9.3.1.4, IdleIRq: an unknown command becomes Idle
            return
        self._start()

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
                self._reset()
                self._deaf_until = self._agenda.now + self.reset_s
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
