"""An MFRC522 as a driver sees it over SPI, with tags in its field, and as power and wires treat it.

Written from the MFRC522 product data sheet rev. 3.9; sections are named where they decide something. Where
the data sheet leaves a choice open it is a constructor option. Nothing runs by itself: each SPI transaction
first brings the chip up to the clock's time, event by event.

Left out: the self test and the test registers (AutoTestReg stores what is written), I2C and UART, LPCD,
other speeds than 106 kbit/s (tags do not answer), Crypto1's bits (a session is a shared number), analog
behaviour other than receiver gain, gated timer modes, temperature.
"""

from __future__ import annotations

from enum import Enum

from hardware.simulated.agenda import Agenda
from hardware.simulated.clock import Clock, VirtualClock
from hardware.simulated.core import Core
from hardware.simulated.field import Field

START_UP_S = 1024 / 27e6  # section 8.8.2: internal delay once the oscillator is stable


class Power(Enum):
    """What state the reader is in, beyond its registers."""

    OK = "ok"
    UNPLUGGED = "unplugged"
    FROZEN = "frozen"


class RC522Chip:
    """The chip. `transfer` is one chip-select low to high. Used by one thread.

    `version`: VersionReg (92h v2.0, 91h v1.0, 88h a Fudan clone, B2h ...).
    `floating`: MISO when nothing drives it, 00h or FFh.
    `power_up_s`: from power to the first answer (crystal start-up). `reset_s`: how long SoftReset takes;
    writes in that time are lost.
    `coll_pos_counts_align`: whether CollPos counts from the first bit of the first received byte, RxAlign
    included (what NXP says for the MFRC631), or from the first received bit; the data sheet leaves it open.
    `collided_bit`: the value the receiver takes for a collided bit.
    `resend_in_silence`: whether StartSend works while Transceive still waits for an answer; by default
    CommandReg must be written again.
    `seed`: of GenerateRandomID.
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
        self.power = Power.OK
        self.transactions = 0
        self.bytes = 0
        self._floating, self._power_up_s = floating, power_up_s
        self._agenda = Agenda(self.clock.monotonic())
        self._core = Core(
            self._agenda,
            self.field,
            version=version,
            reset_s=reset_s,
            seed=seed,
            coll_pos_counts_align=coll_pos_counts_align,
            collided_bit=collided_bit,
            resend_in_silence=resend_in_silence,
        )
        self._awake_at = self._agenda.now  # no register answers before
        self._reset_line = True
        self._stuck = bytes(64)  # what a frozen chip shows

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

    # Power and pins

    @property
    def irq_armed(self) -> bool:
        """Whether any request may move the IRQ pin; if not, nobody needs to watch it."""
        return self._core.irq_armed

    @property
    def irq_line(self) -> bool:
        """Level of the IRQ pin with a pull-up on it: IRqInv makes a request a low level (section 9.3.1.3)."""
        self.catch_up()
        if self._dead:
            return True
        return self._core.requests != self._core.irq_inverted

    def unplug(self) -> None:
        """The reader's wires are pulled: no power, nothing drives MISO."""
        self.catch_up()
        self.power = Power.UNPLUGGED
        self._core.reset()

    def freeze(self) -> None:
        """The chip hangs: every register keeps its value, writes are lost. RST low or new power frees it."""
        self.catch_up()
        if self.power is Power.OK:
            self._stuck = bytes(self._core.peek(address) for address in range(64))
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
            self._core.reset()
        self._reset_line = level

    def _power_up(self) -> None:
        self._core.reset()
        self._awake_at = self._agenda.now + self._power_up_s

    @property
    def _dead(self) -> bool:
        asleep = self._agenda.now < self._awake_at
        return self.power is Power.UNPLUGGED or not self._reset_line or asleep

    # SPI, section 8.1.2

    def transfer(self, mosi: bytes, byte_s: float = 0.0) -> bytes:
        """One SPI transaction: MISO, as many bytes as MOSI. `byte_s` seconds go by with each byte.

        Reading: each MOSI byte addresses the register that the next MISO byte carries. Writing: one address,
        then data for it. The address is bits 6 to 1, bit 7 is 1 to read, bit 0 is 0.
        """
        self.transactions += 1
        self.bytes += len(mosi)
        miso = bytearray(len(mosi))
        for index, value in enumerate(mosi):
            self.clock.spend(byte_s)
            self.catch_up()
            if self._dead:
                miso[index] = self._floating
            elif index and not mosi[0] & 1:  # bit 0 set is reserved (table 9): taken for no address at all
                if mosi[0] & 0x80:
                    miso[index] = self._read(mosi[index - 1] >> 1 & 0x3F)
                elif self.power is Power.OK:
                    self._core.write(mosi[0] >> 1 & 0x3F, value)
        return bytes(miso)

    def peek(self, address: int) -> int:
        """What reading a register would show now, with the FIFO left as it is."""
        self.catch_up()
        return self._core.peek(address)

    def _read(self, address: int) -> int:
        return self._stuck[address] if self.power is Power.FROZEN else self._core.read(address)
