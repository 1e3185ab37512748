"""MIFARE Ultralight, Ultralight EV1 and NTAG213/215/216: pages of four bytes behind the ISO 14443-3 part.

MF0ICU1 data sheet (pages, lock bytes, OTP), MF0ULx1 data sheet rev. 3.2 and NTAG213/215/216 data sheet
rev. 3.2, sections 8.5 (memory), 9.3 (timings), 9.4 (ACK and NAK) and 10 (commands). Left out: the password,
counters, signature, NFC mirror, block-locking bits of the dynamic lock bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.errors import SimulationError
from hardware.simulated.frames import FC, Answer, Frame
from hardware.simulated.picc import ACK, Picc, four_bits, with_crc

NAK_ARGUMENT, NAK_CRC = 0x0, 0x1  # NTAG21x section 9.4 table 23
GET_VERSION, READ, FAST_READ, WRITE, COMPATIBILITY_WRITE = 0x60, 0x30, 0x3A, 0xA2, 0xA0
PAGE = 4
_LOCK_PAGE, _OTP_PAGE = 2, 3
_WRITE_N = 434  # (128 n + 20)/fc = 4.1 ms, the EEPROM's programming time (section 9.3)


@dataclass(frozen=True, slots=True)
class Layout:
    """What distinguishes the kinds. `pages` in all; the dynamic lock page and pages a lock bit, or None.

    Chips with a version have CFG0, CFG1, PWD and PACK on their last four pages.
    """

    name: str
    pages: int
    version: bytes = b""
    capability: bytes = bytes(4)  # page 3 as delivered
    lock_page: int | None = None
    pages_per_lock_bit: int = 0
    content: bytes = b""  # page 4 and on as delivered
    configuration: bytes = b""  # CFG0 and CFG1 as delivered


_EMPTY_NDEF = bytes.fromhex("0300FE")
_LOCK_CONTROL = bytes.fromhex("0103A00C34")  # NTAG213 only: its lock bytes are not where phones expect them
_NTAG_CONFIGURATION = bytes.fromhex("040000FF 00050000")

ULTRALIGHT = Layout("ultralight", 16)
MF0UL11 = Layout(
    "ultralight-ev1",
    20,
    bytes.fromhex("0004030101000B03"),
    configuration=bytes.fromhex("000000FF 00050000"),
)
MF0UL21 = Layout(
    "ultralight-ev1-128",
    41,
    bytes.fromhex("0004030101000E03"),
    lock_page=0x24,
    pages_per_lock_bit=2,
    configuration=bytes.fromhex("000000FF 00050000"),
)
NTAG213 = Layout(
    "ntag213",
    45,
    bytes.fromhex("0004040201000F03"),
    bytes.fromhex("E1101200"),
    lock_page=0x28,
    pages_per_lock_bit=2,
    content=_LOCK_CONTROL + _EMPTY_NDEF,
    configuration=_NTAG_CONFIGURATION,
)
NTAG215 = Layout(
    "ntag215",
    135,
    bytes.fromhex("0004040201001103"),
    bytes.fromhex("E1103E00"),
    lock_page=0x82,
    pages_per_lock_bit=16,
    content=_EMPTY_NDEF,
    configuration=_NTAG_CONFIGURATION,
)
NTAG216 = Layout(
    "ntag216",
    231,
    bytes.fromhex("0004040201001303"),
    bytes.fromhex("E1106D00"),
    lock_page=0xE2,
    pages_per_lock_bit=16,
    content=_EMPTY_NDEF,
    configuration=_NTAG_CONFIGURATION,
)


class Type2Tag(Picc):
    """A tag with pages. `memory` is its whole content and outlives the field."""

    def __init__(self, uid: bytes | str, layout: Layout, *, power_up_s: float = 0.001) -> None:
        super().__init__(uid, sak=0x00, power_up_s=power_up_s)
        self.layout = layout
        self.memory = self._as_delivered()
        self._before_write: tuple[int, bytes] | None = None  # the page being programmed, as it was
        self._programmed_at = 0.0
        self._heard_at = 0.0
        self._compatibility_page: int | None = None

    def fill(self, content: bytes) -> None:
        """Put content from page 4 on. Raises SimulationError."""
        if len(content) > 48:  # pages 4 to 15: the smallest of them
            raise SimulationError(f"{len(content)} bytes are more than every such tag has room for (48)")
        self.memory[4 * PAGE : 4 * PAGE + len(content)] = content

    def _as_delivered(self) -> bytearray:
        memory = bytearray(self.layout.pages * PAGE)
        first, second = self._levels[0], self._levels[-1]
        memory[0:4] = first[1:4] + first[4:5]  # UID0..2 and BCC0
        memory[4:8] = second[:4]
        memory[8] = second[4]  # BCC1
        memory[9] = 0x48  # internal byte
        memory[12:16] = self.layout.capability
        memory[16 : 16 + len(self.layout.content)] = self.layout.content
        if self.layout.lock_page is not None:
            memory[self.layout.lock_page * PAGE + 3] = 0xBD  # behind the three dynamic lock bytes
        if self.layout.version:
            # CFG0, CFG1, PWD, PACK as delivered (section 8.5.7)
            memory[-16:] = self.layout.configuration + bytes.fromhex("FFFFFFFF 00000000")
        return memory

    def page(self, number: int) -> bytes:
        """The four bytes of a page as they are stored."""
        return bytes(self.memory[number * PAGE : (number + 1) * PAGE])

    def power_off(self, now: float) -> None:
        """A page is programmed only if the tag stayed in the field until it was done."""
        if self._before_write is not None and now < self._programmed_at:
            page, content = self._before_write
            self.memory[page * PAGE : (page + 1) * PAGE] = content
        self._before_write = None
        super().power_off(now)

    def hear(self, frame: Frame, started: float) -> Answer | None:
        """As every tag; a page being programmed is finished by then."""
        self._before_write = None
        self._heard_at = started
        return super().hear(frame, started)

    def _damaged(self, frame: Frame) -> Answer | None:
        # A command that came with a wrong CRC gets a NAK (section 9.4); anything shorter gets silence.
        data = frame.data or b""
        self._compatibility_page = None
        self.fall_back()
        known = {READ: 4, WRITE: 8, GET_VERSION: 3}
        return four_bits(NAK_CRC) if data and known.get(data[0]) == len(data) else None

    def _command(self, payload: bytes) -> Answer | None:
        if self._compatibility_page is not None:
            page, self._compatibility_page = self._compatibility_page, None
            return self._write(page, payload[:PAGE]) if len(payload) == 16 else self._refuse()
        match payload[0], len(payload):
            case (0x30, 2):
                return self._read(payload[1])
            case (0xA2, 6):
                return self._write(payload[1], payload[2:])
            case (0xA0, 2) if self._writable(payload[1]):
                self._compatibility_page = payload[1]
                return four_bits(ACK)
            case (0x60, 1) if self.layout.version:
                return with_crc(self.layout.version)
            case (0x3A, 3) if self.layout.version and payload[1] <= payload[2] < self.layout.pages:
                return with_crc(b"".join(self._shown(page) for page in range(payload[1], payload[2] + 1)))
        return self._refuse()

    def _refuse(self) -> Answer:
        self.fall_back()
        return four_bits(NAK_ARGUMENT)

    def _read(self, page: int) -> Answer:
        """Four pages; past the last one it goes on at page 0 (section 10.2)."""
        if page >= self.layout.pages:
            return self._refuse()
        return with_crc(b"".join(self._shown((page + step) % self.layout.pages) for step in range(4)))

    def _shown(self, page: int) -> bytes:
        """A page as it is read: the password and PACK read as zeros (section 8.5.7)."""
        secret = self.layout.version and page >= self.layout.pages - 2
        return bytes(PAGE) if secret else self.page(page)

    def _write(self, page: int, data: bytes) -> Answer:
        if not self._writable(page):
            return self._refuse()
        self._before_write = (page, self.page(page))
        self._store(page, data)
        self._programmed_at = self._heard_at + (128 * _WRITE_N) / FC
        return four_bits(ACK, n=_WRITE_N)

    def _writable(self, page: int) -> bool:
        """Pages 0 and 1 never; the others unless a lock bit closes them (sections 8.5.2 and 8.5.3)."""
        if not _LOCK_PAGE <= page < self.layout.pages:
            return False
        if _OTP_PAGE <= page <= 15:
            locks = self.memory[10] | self.memory[11] << 8
            return not locks >> page & 1
        lock_page = self.layout.lock_page
        if lock_page is not None and 16 <= page < lock_page:
            at = lock_page * PAGE
            locks = self.memory[at] | self.memory[at + 1] << 8
            return not locks >> ((page - 16) // self.layout.pages_per_lock_bit) & 1
        return True

    def _store(self, page: int, data: bytes) -> None:
        at = page * PAGE
        if page == _LOCK_PAGE:
            # Bytes 0 and 1 are the manufacturer's; lock bits are set, never cleared. BL bits 0 to 2 of byte 2
            # freeze the lock bits of page 3, of pages 4 to 9 and of pages 10 to 15.
            frozen = self.memory[10]
            locks = self.memory[10] | self.memory[11] << 8
            wanted = data[2] | data[3] << 8
            allowed = 0x0007
            allowed |= 0 if frozen & 0x01 else 1 << 3
            allowed |= 0 if frozen & 0x02 else sum(1 << bit for bit in range(4, 10))
            allowed |= 0 if frozen & 0x04 else sum(1 << bit for bit in range(10, 16))
            locks |= wanted & allowed
            self.memory[10], self.memory[11] = locks & 0xFF, locks >> 8
        elif page in (_OTP_PAGE, self.layout.lock_page):
            for offset in range(4 if page == _OTP_PAGE else 3):
                self.memory[at + offset] |= data[offset]
        else:
            self.memory[at : at + PAGE] = data
