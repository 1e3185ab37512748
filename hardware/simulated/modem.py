"""The contactless UART: frames out of the FIFO onto the air, answers off the air into the FIFO.

MFRC522 data sheet rev. 3.9: sections 8.5 (timer), 9.3.1.13 to 9.3.1.15, 9.3.2.3, 9.3.2.4 and 10.3.1.5 to
10.3.1.9. Bytes leave and reach the FIFO one by one at 106 kbit/s, so its level moves as on the chip.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from hardware.simulated import interrupts as irq
from hardware.simulated.agenda import Agenda
from hardware.simulated.crc_a import crc16, crc_a
from hardware.simulated.field import Field, Reception
from hardware.simulated.fifo import Fifo
from hardware.simulated.frames import ETU, Bits, Frame, Proof, bits_of, odd_parity
from hardware.simulated.registers import GAIN_DB, Command, Reg, RegisterFile
from hardware.simulated.timer_unit import TimerUnit

_TIMER_STOP_BITS = 5  # section 9.3.3.10, TAuto: "stops immediately after receiving the 5th bit"
_CRYPTO_ON = 3  # Status2Reg.MFCrypto1On


class ModemState(IntEnum):
    """Status2Reg.ModemState, section 9.3.1.9."""

    IDLE = 0
    WAIT_START_SEND = 1
    TX_WAIT = 2
    TRANSMITTING = 3
    RX_WAIT = 4
    WAIT_DATA = 5
    RECEIVING = 6


class Modem:
    """Sender and receiver. `finish` is called when a command ends by itself.

    `coll_pos_counts_align`: whether CollPos counts from the first bit of the first received byte, RxAlign
    included (what NXP says for the MFRC631), or from the first received bit; the data sheet leaves it open.
    `collided_bit`: the value the receiver takes for a collided bit. `resend_in_silence`: whether StartSend
    works while Transceive still waits for an answer; by default CommandReg must be written again.
    """

    def __init__(
        self,
        registers: RegisterFile,
        fifo: Fifo,
        interrupts: irq.Interrupts,
        timer: TimerUnit,
        agenda: Agenda,
        field: Field,
        finish: Callable[[], None],
        *,
        coll_pos_counts_align: bool = True,
        collided_bit: int = 1,
        resend_in_silence: bool = False,
    ) -> None:
        self._registers, self._fifo, self._interrupts = registers, fifo, interrupts
        self._timer, self._agenda, self._field, self._finish = timer, agenda, field, finish
        self._coll_pos_counts_align = coll_pos_counts_align
        self._collided_bit = collided_bit
        self._resend_in_silence = resend_in_silence
        self.state = ModemState.IDLE
        self.rx_last_bits = 0
        self.coll_pos: int | None = None
        self.session = 0
        self._command = Command.IDLE
        self._due: set[int] = set()
        self._sent: list[int] = []
        self._began = 0.0
        self._listen_from = 0.0
        self._reception: Reception | None = None
        self._position = 0
        self._received: list[int] = []
        self._received_bits = 0
        self._delivered = 0
        self._key = b""

    def reset(self) -> None:
        """As after power-up."""
        self.stop()
        self.rx_last_bits, self.coll_pos, self.session = 0, None, 0

    def stop(self) -> None:
        """End whatever is going on: a command was written over the running one."""
        for number in self._due:
            self._agenda.cancel(number)
        self._due.clear()
        if not self._registers.bit(Reg.STATUS2, _CRYPTO_ON):
            self.session = 0
        self.state, self._command, self._reception = ModemState.IDLE, Command.IDLE, None

    def _at(self, when: float, action: Callable[[], None]) -> None:
        def due() -> None:
            self._due.discard(number)
            action()

        number = self._agenda.at(when, due)
        self._due.add(number)

    # Commands

    def transceive(self) -> None:
        """Wait for StartSend (section 10.3.1.8)."""
        self._command, self.state = Command.TRANSCEIVE, ModemState.WAIT_START_SEND

    def transmit(self) -> None:
        """Send the FIFO at once (section 10.3.1.5)."""
        self._command = Command.TRANSMIT
        self._begin()

    def receive(self) -> None:
        """Listen (section 10.3.1.7)."""
        self._command = Command.RECEIVE
        self._listen(self._agenda.now)

    def start_send(self) -> None:
        """BitFramingReg.StartSend was written 1; it matters to Transceive only."""
        if self._command is not Command.TRANSCEIVE:
            return
        silent = self.state in (ModemState.RX_WAIT, ModemState.WAIT_DATA) and self._resend_in_silence
        if self.state is ModemState.WAIT_START_SEND or silent:
            self._begin()

    def carrier_on(self) -> None:
        """The field came on; with TxWaitRF a transmission may have waited for it."""
        if self.state is ModemState.TX_WAIT:
            self._begin()

    def state_at(self, now: float) -> ModemState:
        """ModemState as Status2Reg shows it: RxWait is over once the receiver listens."""
        if self.state is ModemState.RX_WAIT and now >= self._listen_from:
            return ModemState.WAIT_DATA
        return self.state

    # Sending

    def _begin(self) -> None:
        if not len(self._fifo):
            if self._command is Command.TRANSMIT:
                self._finish()
            return
        if not self._field.carrier and self._registers.bit(Reg.MODE, 5):  # TxWaitRF
            self.state = ModemState.TX_WAIT
            return
        self.state = ModemState.TRANSMITTING
        self._sent = []
        self._began = self._agenda.now
        self._at(self._began + ETU, self._next_byte)

    def _next_byte(self) -> None:
        self._sent.append(self._fifo.pop())
        last_bits = self._registers[Reg.BIT_FRAMING] & 0x07
        last = not len(self._fifo) and last_bits
        self._at(self._agenda.now + ETU * (last_bits if last else self._byte_etu), self._byte_sent)

    @property
    def _byte_etu(self) -> int:
        return 8 if self._registers.bit(Reg.MF_RX, 4) else 9  # MfRxReg.ParityDisable

    def _byte_sent(self) -> None:
        if len(self._fifo):
            self._next_byte()
            return
        data = bytes(self._sent)
        last_bits = self._registers[Reg.BIT_FRAMING] & 0x07
        bits = bits_of(data)[: len(data) * 8 - (8 - last_bits if last_bits else 0)]
        end = self._agenda.now + ETU
        if self._registers.bit(Reg.TX_MODE, 7):  # TxCRCEn
            bits += bits_of(crc_a(data))
            end += ETU * 2 * self._byte_etu
        frame = Frame(bits, parity=not self._registers.bit(Reg.MF_RX, 4), session=self.session)
        self._at(end, lambda: self._frame_sent(frame))

    def _frame_sent(self, frame: Frame) -> None:
        now = self._agenda.now
        reception = self._field.transmit(frame, self._began, now, modulated=self._speaks_type_a)
        self._interrupts.request(irq.TX)
        if self._timer.automatic:
            self._timer.start()
        if reception is not None:
            self._agenda.at(reception.start, lambda: self._answer_begins(reception))
        if self._command is Command.TRANSMIT:
            self.stop()
            self._finish()
            return
        # RxSelReg.RxWait: the receiver is deaf for so many bits after a transmission (section 9.3.2.8)
        self._listen(now + ETU * (self._registers[Reg.RX_SEL] & 0x3F))

    @property
    def _speaks_type_a(self) -> bool:
        """106 kbit/s out, and 100 % ASK (TxASKReg.Force100ASK): anything else no type A tag understands."""
        return not self._registers[Reg.TX_MODE] & 0x70 and self._registers.bit(Reg.TX_ASK, 6)

    # Receiving

    def _listen(self, since: float) -> None:
        # The receiver's start-up clears these (section 9.3.1.7 and 9.3.1.15)
        self._interrupts.error &= ~(irq.COLL | irq.CRC_ERR | irq.PARITY | irq.PROTOCOL)
        self.coll_pos = None
        self._listen_from = since
        self.state = ModemState.RX_WAIT if since > self._agenda.now else ModemState.WAIT_DATA

    def _answer_begins(self, reception: Reception) -> None:
        if self.state not in (ModemState.RX_WAIT, ModemState.WAIT_DATA) or not self._hears(reception):
            return
        self.state = ModemState.RECEIVING
        self._reception = reception
        self._position, self._received, self._received_bits, self._delivered = 0, [], 0, 0
        if self._timer.automatic and not self._rx_multiple:
            self._at(reception.start + ETU * _TIMER_STOP_BITS, self._timer.stop)
        self._await_byte()

    def _hears(self, reception: Reception) -> bool:
        receiver_off = self._registers.bit(Reg.COMMAND, 5)  # RcvOff
        gain = GAIN_DB[self._registers[Reg.RF_CFG] >> 4 & 7]
        in_reach = gain + reception.strength_db >= GAIN_DB[0]
        type_a = not self._registers[Reg.RX_MODE] & 0x73  # 106 kbit/s, framing of type A
        return reception.start >= self._listen_from and not receiver_off and in_reach and type_a

    @property
    def _rx_multiple(self) -> bool:
        return self._registers.bit(Reg.RX_MODE, 2)

    @property
    def _room(self) -> int:
        """Bits the byte being received has room for: RxAlign shortens the first one."""
        align = 0 if self._received_bits else self._registers[Reg.BIT_FRAMING] >> 4 & 7
        return 8 - align

    def _await_byte(self) -> None:
        if self._reception is None:
            return
        until = min(self._position + self._room + 1, self._reception.length)
        self._at(self._reception.start + ETU * (1 + until), self._byte_received)

    def _byte_received(self) -> None:
        reception = self._reception
        if reception is None:
            return
        room, bits, collided = self._room, [], False
        for _ in range(room):
            heard = reception.bit(self._position)
            if heard is None:
                break
            self._position += 1
            self._received_bits += 1
            value, clash = heard
            if clash:
                collided = True
                value = self._collide()
            elif self.coll_pos is not None and not self._registers.bit(Reg.COLL, 7):
                value = 0  # ValuesAfterColl = 0: everything after a collision is cleared
            bits.append(value)
        if bits:
            self._store(tuple(bits), room)
        if len(bits) < room:
            self._at(self._agenda.now + ETU, self._answer_ended)
            return
        parity = reception.bit(self._position)
        self._position += 1
        if parity is None:
            self._at(self._agenda.now + ETU, self._answer_ended)
            return
        # The parity of a split first byte says nothing, nor does one after a collision.
        judged = room == 8 and not collided and self.coll_pos is None
        if judged and (parity[1] or parity[0] != odd_parity(tuple(bits))):
            self._interrupts.fail(irq.PARITY)
        if reception.bit(self._position) is None:
            self._at(self._agenda.now + ETU, self._answer_ended)
        else:
            self._await_byte()

    def _collide(self) -> int:
        self._interrupts.fail(irq.COLL)
        if self.coll_pos is None:
            align = self._registers[Reg.BIT_FRAMING] >> 4 & 7
            self.coll_pos = self._received_bits + (align if self._coll_pos_counts_align else 0)
            return self._collided_bit
        return self._collided_bit if self._registers.bit(Reg.COLL, 7) else 0

    def _store(self, bits: Bits, room: int) -> None:
        shift = 8 - room
        self._received.append(sum(bit << (shift + place) for place, bit in enumerate(bits)))
        self.rx_last_bits = 0 if len(bits) == room else (shift + len(bits)) & 7
        if self._command is Command.MF_AUTHENT:
            return
        keep_back = 2 if self._registers.bit(Reg.RX_MODE, 7) else 0  # RxCRCEn: the CRC stays out of the FIFO
        while self._delivered < len(self._received) - keep_back:
            self._fifo.push(self._received[self._delivered])
            self._delivered += 1

    def _answer_ended(self) -> None:
        reception, self._reception = self._reception, None
        self.state = ModemState.WAIT_DATA
        if self._registers.bit(Reg.RX_MODE, 3) and self._received_bits < 4:  # RxNoErr
            return
        if reception is not None and not reception.clean_start:
            self._interrupts.fail(irq.PROTOCOL)
        if self._command is Command.MF_AUTHENT:
            self._authentication_answer()
            return
        checks = self._registers.bit(Reg.RX_MODE, 7)
        if checks and (self.rx_last_bits or len(self._received) < 3 or crc16(bytes(self._received))):
            self._interrupts.fail(irq.CRC_ERR)
        self._interrupts.request(irq.RX)
        if self._rx_multiple:
            self._fifo.push(self._interrupts.error & 0xFF)  # the error flags follow (section 9.3.2.4)
            self._listen(self._agenda.now)
            return
        if self._command is Command.TRANSCEIVE:
            self.state = ModemState.WAIT_START_SEND  # stays active: FIFO and StartSend suffice for the next
            return
        self.stop()
        self._finish()

    # MIFARE Classic authentication, without Crypto1's bits

    def authenticate(self) -> None:
        """MFAuthent (section 10.3.1.9): FIFO = command, block, key (6), UID (4). Silence never ends it."""
        self._command = Command.MF_AUTHENT
        content = self._fifo.take_all()
        if len(content) != 12:
            self._interrupts.fail(irq.PROTOCOL)
            self.stop()
            self._finish()
            return
        self._key = content[2:]
        self._send_for_authentication(Frame(bits_of(content[:2] + crc_a(content[:2])), session=self.session))

    def _send_for_authentication(self, frame: Frame) -> None:
        self.state = ModemState.TRANSMITTING
        self._began = self._agenda.now
        etu = 2 + len(frame.bits) // 8 * 9
        self._at(self._began + ETU * etu, lambda: self._frame_sent(frame))

    def _authentication_answer(self) -> None:
        token = bytes(self._received)
        proven = self._key == b""
        if len(token) != 4 or self.rx_last_bits:
            self._interrupts.fail(irq.PROTOCOL)
            self._registers[Reg.STATUS2] &= ~(1 << _CRYPTO_ON) & 0xFF
        elif proven:
            self._registers[Reg.STATUS2] |= 1 << _CRYPTO_ON
        else:
            self.session = int.from_bytes(token, "big")
            proof = Proof(self._key[:6], self._key[6:])
            self._key = b""
            self._send_for_authentication(Frame(bits_of(bytes(8)), session=self.session, proof=proof))
            return
        self.stop()
        self._finish()
