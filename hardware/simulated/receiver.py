"""The chip's receiver: bits off the air become bytes in the FIFO, with collisions, parity and CRC noticed.

MFRC522 data sheet rev. 3.9, sections 9.3.1.7 (errors), 9.3.1.14 (RxAlign), 9.3.1.15 (CollReg), 9.3.2.4
(RxModeReg) and 9.3.3.10 (the timer stops at the fifth bit). Bytes reach the FIFO one by one at 106 kbit/s.
The data sheet does not say whether RxCRCEn keeps the two CRC bytes out of the FIFO; here it does, as in
NXP's PN53x chips.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.simulated import interrupts as irq
from hardware.simulated.agenda import Agenda, Errands
from hardware.simulated.crc_a import crc16
from hardware.simulated.field import Reception
from hardware.simulated.fifo import Fifo
from hardware.simulated.frames import ETU, Bits, odd_parity
from hardware.simulated.registers import GAIN_DB, Reg, RegisterFile
from hardware.simulated.timer_unit import TimerUnit

_TIMER_STOP_BITS = 5  # TAuto: "stops immediately after receiving the 5th bit (1 start bit, 4 data bits)"
_START_UP_ERRORS = irq.COLL | irq.CRC_ERR | irq.PARITY | irq.PROTOCOL


class Receiver:
    """Listens from a moment on, takes one answer in, and calls `heard`.

    For `coll_pos_counts_align` and `collided_bit` see RC522Chip.
    """

    def __init__(
        self,
        registers: RegisterFile,
        fifo: Fifo,
        interrupts: irq.Interrupts,
        timer: TimerUnit,
        agenda: Agenda,
        heard: Callable[[], None],
        *,
        coll_pos_counts_align: bool,
        collided_bit: int,
    ) -> None:
        self._registers, self._fifo, self._interrupts = registers, fifo, interrupts
        self._timer, self._agenda, self._heard = timer, agenda, heard
        self._errands = Errands(agenda)
        self._coll_pos_counts_align = coll_pos_counts_align
        self._collided_bit = collided_bit
        self.last_bits = 0  # ControlReg.RxLastBits
        self.coll_pos: int | None = None  # position of the first collision, counted from 1
        self.received: list[int] = []
        self.listening = False
        self.listen_from = 0.0
        self._into_fifo = True
        self._reception: Reception | None = None
        self._position = 0  # in the stream, parity bits included
        self._bits = 0  # data bits so far
        self._delivered = 0

    @property
    def receiving(self) -> bool:
        """Whether an answer is coming in."""
        return self._reception is not None

    def reset(self) -> None:
        """As after power-up."""
        self.stop()
        self.last_bits, self.coll_pos, self.received = 0, None, []

    def stop(self) -> None:
        """Listen no more."""
        self._errands.drop()
        self.listening, self._reception = False, None

    def listen(self, since: float, *, into_fifo: bool = True) -> None:
        """Be ready for an answer that begins at `since` or later; the last one's errors are cleared."""
        self._errands.drop()
        self._interrupts.error &= ~_START_UP_ERRORS
        self.coll_pos = None
        self.listening, self.listen_from, self._into_fifo = True, since, into_fifo
        self._reception = None

    def answer_begins(self, reception: Reception) -> None:
        """Tags begin to answer; whether that is heard depends on the settings of this moment."""
        if not self.listening or self.receiving or not self._hears(reception):
            return
        self._reception = reception
        self._position, self._bits, self.received, self._delivered = 0, 0, [], 0
        long_enough = reception.length >= _TIMER_STOP_BITS - 1
        if self._timer.automatic and long_enough and not self._registers.bit(Reg.RX_MODE, 2):  # RxMultiple
            self._errands.at(reception.start + ETU * _TIMER_STOP_BITS, self._timer.stop)
        self._await_byte(reception)

    def _hears(self, reception: Reception) -> bool:
        receiver_off = self._registers.bit(Reg.COMMAND, 5)  # RcvOff
        gain = GAIN_DB[self._registers[Reg.RF_CFG] >> 4 & 7]
        in_reach = gain + reception.strength_db >= GAIN_DB[0]
        type_a = not self._registers[Reg.RX_MODE] & 0x73  # 106 kbit/s, framing of type A
        return reception.start >= self.listen_from and not receiver_off and in_reach and type_a

    @property
    def _align(self) -> int:
        return self._registers[Reg.BIT_FRAMING] >> 4 & 7

    @property
    def _room(self) -> int:
        """Bits the byte being received has room for: RxAlign shortens the first one."""
        return 8 if self._bits else 8 - self._align

    def _await_byte(self, reception: Reception) -> None:
        until = min(self._position + self._room + 1, reception.length)
        self._errands.at(reception.start + ETU * (1 + until), lambda: self._byte_received(reception))

    def _byte_received(self, reception: Reception) -> None:
        room, unharmed = self._room, self.coll_pos is None
        bits: list[int] = []
        while len(bits) < room and (heard := reception.bit(self._position)) is not None:
            self._position += 1
            self._bits += 1
            bits.append(self._judge(*heard))
        if bits:
            self._store(tuple(bits), room)
        parity = reception.bit(self._position) if len(bits) == room else None
        if parity is not None:
            self._position += 1
            # The parity of a split first byte says nothing, nor does one after a collision.
            judged = room == 8 and unharmed and self.coll_pos is None
            if judged and (parity[1] or parity[0] != odd_parity(tuple(bits))):
                self._interrupts.fail(irq.PARITY)
            if reception.bit(self._position) is not None:
                self._await_byte(reception)
                return
        self._errands.at(self._agenda.now + ETU, lambda: self._ended(reception))

    def _judge(self, value: int, collided: bool) -> int:
        """What the chip takes a bit for."""
        keeps_values = self._registers.bit(Reg.COLL, 7)  # ValuesAfterColl
        if collided:
            self._interrupts.fail(irq.COLL)
            if self.coll_pos is None:
                self.coll_pos = self._bits + (self._align if self._coll_pos_counts_align else 0)
                return self._collided_bit
            return self._collided_bit if keeps_values else 0
        return value if self.coll_pos is None or keeps_values else 0

    def _store(self, bits: Bits, room: int) -> None:
        shift = 8 - room
        self.received.append(sum(bit << (shift + place) for place, bit in enumerate(bits)))
        self.last_bits = 0 if len(bits) == room else (shift + len(bits)) & 7
        if not self._into_fifo:
            return
        keep_back = 2 if self._registers.bit(Reg.RX_MODE, 7) else 0  # RxCRCEn
        while self._delivered < len(self.received) - keep_back:
            self._fifo.push(self.received[self._delivered])
            self._delivered += 1

    def _ended(self, reception: Reception) -> None:
        self._reception = None
        if self._registers.bit(Reg.RX_MODE, 3) and self._bits < 4:  # RxNoErr: ignored, the receiver stays on
            return
        self.listening = False
        if not reception.clean_start:
            self._interrupts.fail(irq.PROTOCOL)
        if self._into_fifo and self._registers.bit(Reg.RX_MODE, 7):
            whole = len(self.received) > 2 and not self.last_bits
            if not whole or crc16(bytes(self.received)):
                self._interrupts.fail(irq.CRC_ERR)
        self._heard()
