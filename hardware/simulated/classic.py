"""MIFARE Classic 1K: 16 sectors of four blocks, each behind a key
(MF1S50YYX data sheet rev. 3.2, sections 8 to 12).

Authentication is three messages as on the air, with a shared number in place of Crypto1's bits. Left out:
access conditions other than those as delivered, value blocks (increment, decrement, restore, transfer).
"""

from __future__ import annotations

import random

from hardware.simulated.frames import FC, Answer, Frame, bits_of
from hardware.simulated.picc import ACK, Picc, four_bits, with_crc

AUTH_A, AUTH_B, READ, WRITE = 0x60, 0x61, 0x30, 0xA0
NAK_OPERATION = 0x4  # section 9.4: invalid operation
BLOCK, BLOCKS = 16, 64
_TRANSPORT_TRAILER = bytes.fromhex("FFFFFFFFFFFF FF078069 FFFFFFFFFFFF")
_WRITE_N = 434  # 4.1 ms of programming, as in EEPROM of this kind


class ClassicTag(Picc):
    """A MIFARE Classic 1K with a 4- or 7-byte UID. `memory` is its whole content."""

    def __init__(self, uid: bytes | str, *, power_up_s: float = 0.001, seed: int = 1) -> None:
        super().__init__(uid, sak=0x08, power_up_s=power_up_s)
        self.memory = bytearray(BLOCK * BLOCKS)
        for sector in range(16):
            at = (sector * 4 + 3) * BLOCK
            self.memory[at : at + BLOCK] = _TRANSPORT_TRAILER
        block0 = self.raw_uid + (self._levels[0][4:5] if len(self.raw_uid) == 4 else b"") + b"\x08\x04\x00"
        self.memory[: len(block0)] = block0
        self._nonces = random.Random(seed)  # noqa: S311  a tag's nonces are weak on purpose of nobody
        self._nonce = 0  # of the authentication under way
        self._asked: tuple[int, int] | None = None  # its key kind and sector
        self._sector: int | None = None  # the sector that is open
        self._write_block: int | None = None
        self._before_write: tuple[int, bytes] | None = None  # the block being programmed, as it was
        self._programmed_at = 0.0
        self._heard_at = 0.0

    def block(self, number: int) -> bytes:
        """The 16 bytes of a block as they are stored."""
        return bytes(self.memory[number * BLOCK : (number + 1) * BLOCK])

    def power_off(self, now: float) -> None:
        """A block is programmed only if the card stayed in the field until it was done."""
        if self._before_write is not None and now < self._programmed_at:
            block, content = self._before_write
            self.memory[block * BLOCK : (block + 1) * BLOCK] = content
        self._before_write = None
        super().power_off(now)

    def hear(self, frame: Frame, started: float) -> Answer | None:
        """As every tag; a block being programmed is finished by then."""
        self._before_write = None
        self._heard_at = started
        return super().hear(frame, started)

    def _forget(self) -> None:
        super()._forget()
        self._nonce, self._asked, self._sector, self._write_block = 0, None, None, None

    def _active(self, frame: Frame) -> Answer | None:
        if self._asked is None:
            return super()._active(frame)
        kind, sector = self._asked
        proof, nonce = frame.proof, self._nonce
        trailer = self.block(sector * 4 + 3)
        key = trailer[:6] if kind == AUTH_A else trailer[10:]
        if proof is None or frame.session != nonce or proof.key != key or proof.uid != self._levels[-1][:4]:
            self.fall_back()  # section 10.1.3: a failed authentication is silence
            return None
        self._asked, self._nonce = None, 0
        self.session, self._sector = nonce, sector
        return Answer(bits_of(nonce.to_bytes(4, "big")))

    def _command(self, payload: bytes) -> Answer | None:
        if self._write_block is not None:
            block, self._write_block = self._write_block, None
            return self._write(block, payload)
        if len(payload) != 2 or payload[1] >= BLOCKS:
            return self._refuse()
        command, block = payload
        if command in (AUTH_A, AUTH_B):
            self._asked = (command, block // 4)
            self._nonce = self._nonces.randrange(1, 1 << 32)
            return Answer(bits_of(self._nonce.to_bytes(4, "big")))
        if self.session == 0 or block // 4 != self._sector:
            return self._refuse()
        if command == READ:
            return with_crc(self._shown(block))
        if command == WRITE and block:
            self._write_block = block
            return four_bits(ACK)
        return self._refuse()

    def _refuse(self) -> Answer:
        self.fall_back()
        return four_bits(NAK_OPERATION)

    def _shown(self, block: int) -> bytes:
        """A block as it is read: key A never shows (section 8.6.3)."""
        content = self.block(block)
        return bytes(6) + content[6:] if block % 4 == 3 else content

    def _write(self, block: int, data: bytes) -> Answer:
        if len(data) != BLOCK:
            return self._refuse()
        self._before_write = (block, self.block(block))
        self.memory[block * BLOCK : (block + 1) * BLOCK] = data
        self._programmed_at = self._heard_at + (128 * _WRITE_N) / FC
        return four_bits(ACK, n=_WRITE_N)
