"""The contactless UART: frames out of the FIFO onto the air, and what follows when tags answer.

MFRC522 data sheet rev. 3.9: sections 8.5 (timer), 9.3.1.14 (BitFramingReg), 9.3.2.3 (TxModeReg), 10.2 and
10.3.1.5 to 10.3.1.9 (commands). Bytes leave the FIFO one by one at 106 kbit/s.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from hardware.simulated import interrupts as irq
from hardware.simulated.agenda import Agenda, Errands
from hardware.simulated.crc_a import crc_a
from hardware.simulated.field import Field
from hardware.simulated.fifo import Fifo
from hardware.simulated.frames import ETU, Frame, Proof, bits_of
from hardware.simulated.receiver import Receiver
from hardware.simulated.registers import Command, Reg, RegisterFile
from hardware.simulated.timer_unit import TimerUnit

_CRYPTO_ON = 0x08  # Status2Reg.MFCrypto1On
_AUTHENT_BYTES = 12  # MFAuthent's arguments: command, block, key (6), UID (4)


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
    """Sender and receiver together. `finish` is called when a command ends by itself.

    For the keywords see RC522Chip.
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
        coll_pos_counts_align: bool,
        collided_bit: int,
        resend_in_silence: bool,
    ) -> None:
        self._registers, self._fifo, self._interrupts = registers, fifo, interrupts
        self._timer, self._agenda, self._field, self._finish = timer, agenda, field, finish
        self._errands = Errands(agenda)
        self.receiver = Receiver(
            registers,
            fifo,
            interrupts,
            timer,
            agenda,
            self._answered,
            coll_pos_counts_align=coll_pos_counts_align,
            collided_bit=collided_bit,
        )
        self._resend_in_silence = resend_in_silence
        self.session = 0  # the Crypto1 session frames belong to; 0 = plain
        self._command = Command.IDLE
        self._sending = ModemState.IDLE  # WAIT_START_SEND, TX_WAIT, TRANSMITTING, or IDLE
        self._sent: list[int] = []
        self._began = 0.0
        self._proof: Proof | None = None  # of the authentication under way, until it was sent

    @property
    def state(self) -> ModemState:
        """ModemState of this moment."""
        if not self.receiver.listening:
            return self._sending
        if self.receiver.receiving:
            return ModemState.RECEIVING
        early = self._agenda.now < self.receiver.listen_from
        return ModemState.RX_WAIT if early else ModemState.WAIT_DATA

    @property
    def awaits_answer(self) -> bool:
        """Whether a frame was sent and its answer has not ended."""
        return self.receiver.listening and self._command is not Command.RECEIVE

    @property
    def authenticating(self) -> bool:
        """Whether MFAuthent has its arguments and works."""
        return self._command is Command.MF_AUTHENT and self._sending is not ModemState.WAIT_START_SEND

    def reset(self) -> None:
        """As after power-up."""
        self.stop()
        self.receiver.reset()
        self.session = 0

    def stop(self) -> None:
        """End whatever is going on: a command was written over the running one."""
        self._errands.drop()
        self.receiver.stop()
        self._sending, self._command, self._proof = ModemState.IDLE, Command.IDLE, None
        if not self._registers[Reg.STATUS2] & _CRYPTO_ON:
            self.session = 0

    def transceive(self) -> None:
        """Wait for StartSend (section 10.3.1.8)."""
        self._command, self._sending = Command.TRANSCEIVE, ModemState.WAIT_START_SEND

    def transmit(self) -> None:
        """Send the FIFO at once (section 10.3.1.5)."""
        self._command = Command.TRANSMIT
        if len(self._fifo):
            self._begin()
        else:
            self._end_command()

    def receive(self) -> None:
        """Listen (section 10.3.1.7)."""
        self._command = Command.RECEIVE
        self.receiver.listen(self._agenda.now)

    def start_send(self) -> None:
        """BitFramingReg.StartSend was written 1; it matters to Transceive only."""
        if self._command is not Command.TRANSCEIVE or not len(self._fifo):
            return
        silent = self._resend_in_silence and self.receiver.listening and not self.receiver.receiving
        if silent or (self._sending is ModemState.WAIT_START_SEND and not self.receiver.listening):
            self.receiver.stop()
            self._begin()

    def carrier_on(self) -> None:
        """The field came on; with TxWaitRF a transmission may have waited for it."""
        if self._sending is ModemState.TX_WAIT:
            self._begin()

    # Sending

    def _begin(self) -> None:
        if not self._field.carrier and self._registers.bit(Reg.MODE, 5):  # TxWaitRF
            self._sending = ModemState.TX_WAIT
            return
        self._sending = ModemState.TRANSMITTING
        self._sent = []
        self._began = self._agenda.now
        self._errands.at(self._began + ETU, self._next_byte)

    @property
    def _without_parity(self) -> bool:
        return self._registers.bit(Reg.MF_RX, 4)  # ParityDisable

    def _next_byte(self) -> None:
        self._sent.append(self._fifo.pop())
        last_bits = 0 if len(self._fifo) else self._registers[Reg.BIT_FRAMING] & 0x07
        length = last_bits or (8 if self._without_parity else 9)
        self._errands.at(self._agenda.now + ETU * length, self._byte_sent)

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
            end += ETU * (16 if self._without_parity else 18)
        frame = Frame(bits, parity=not self._without_parity, session=self.session)
        self._errands.at(end, lambda: self._frame_sent(frame))

    def _frame_sent(self, frame: Frame) -> None:
        now = self._agenda.now
        reception = self._field.transmit(frame, self._began, now, modulated=self._speaks_type_a)
        self._interrupts.request(irq.TX)
        if self._timer.automatic:
            self._timer.start()
        if reception is not None:
            # Tags answer whatever the chip does meanwhile: no errand of this command.
            self._agenda.at(reception.start, lambda: self.receiver.answer_begins(reception))
        if self._command is Command.TRANSMIT:
            self._end_command()
            return
        self._sending = ModemState.IDLE
        # RxSelReg.RxWait: the receiver is deaf for so many bits after a transmission (section 9.3.2.8)
        wait = ETU * (self._registers[Reg.RX_SEL] & 0x3F)
        self.receiver.listen(now + wait, into_fifo=self._command is not Command.MF_AUTHENT)

    @property
    def _speaks_type_a(self) -> bool:
        """106 kbit/s out, and 100 % ASK (TxASKReg.Force100ASK): anything else no type A tag understands."""
        return not self._registers[Reg.TX_MODE] & 0x70 and self._registers.bit(Reg.TX_ASK, 6)

    # Answers

    def _answered(self) -> None:
        if self._command is Command.MF_AUTHENT:
            self._authentication_answered()
            return
        self._interrupts.request(irq.RX)
        if self._registers.bit(Reg.RX_MODE, 2):  # RxMultiple: error flags follow, it listens on
            self._fifo.push(self._interrupts.error)
            self.receiver.listen(self._agenda.now)
        elif self._command is Command.TRANSCEIVE:
            self._sending = ModemState.WAIT_START_SEND  # the next frame needs only data and StartSend
        else:
            self._end_command()

    def _end_command(self) -> None:
        self.stop()
        self._finish()

    # MIFARE Classic authentication, without Crypto1's bits (section 10.3.1.9). Silence never ends it.

    def authenticate(self) -> None:
        """MFAuthent; called again with each byte written until its arguments are there (section 10.2)."""
        self._command, self._sending = Command.MF_AUTHENT, ModemState.WAIT_START_SEND
        if len(self._fifo) < _AUTHENT_BYTES:
            return
        content = bytes(self._fifo.pop() for _ in range(_AUTHENT_BYTES))
        self._proof = Proof(content[2:8], content[8:])
        self._send_whole(Frame(bits_of(content[:2] + crc_a(content[:2])), session=self.session))

    def _send_whole(self, frame: Frame) -> None:
        self._sending = ModemState.TRANSMITTING
        self._began = self._agenda.now
        length = 2 + len(frame.bits) // 8 * 9
        self._errands.at(self._began + ETU * length, lambda: self._frame_sent(frame))

    def _authentication_answered(self) -> None:
        token = bytes(self.receiver.received)
        if len(token) != 4 or self.receiver.last_bits:
            self._interrupts.fail(irq.PROTOCOL)
            self._registers[Reg.STATUS2] &= ~_CRYPTO_ON & 0xFF
        elif self._proof is None:
            self._registers[Reg.STATUS2] |= _CRYPTO_ON
        else:
            self.session = int.from_bytes(token, "big")
            proof, self._proof = self._proof, None
            self._send_whole(Frame(bits_of(bytes(8)), session=self.session, proof=proof))
            return
        self._end_command()
