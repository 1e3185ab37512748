"""ComIrqReg, DivIrqReg, ErrorReg and the IRQ line (data sheet sections 9.3.1.3 to 9.3.1.7 and 8.4)."""

from __future__ import annotations

TX, RX, IDLE, HI_ALERT, LO_ALERT, ERR, TIMER = 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01
CRC = 0x04  # in DivIrqReg
WR_ERR, BUFFER_OVFL, COLL, CRC_ERR, PARITY, PROTOCOL = 0x80, 0x10, 0x08, 0x04, 0x02, 0x01


class Interrupts:
    """Request flags that stay until software clears them, and the error flags of the running command."""

    def __init__(self) -> None:
        self.com = 0
        self.div = 0
        self.error = 0
        self.reset()

    def reset(self) -> None:
        """ComIrqReg 14h: idle, and the empty FIFO's LoAlert."""
        self.com, self.div, self.error = IDLE | LO_ALERT, 0, 0

    def request(self, flags: int) -> None:
        """Set flags of ComIrqReg."""
        self.com |= flags

    def request_div(self, flags: int) -> None:
        """Set flags of DivIrqReg."""
        self.div |= flags

    def fail(self, errors: int) -> None:
        """Set errors; any of them requests ErrIRq."""
        if errors:
            self.error |= errors
            self.com |= ERR

    def write_com(self, value: int) -> None:
        """Set1 (bit 7): 1 sets the marked flags, 0 clears them."""
        self.com = self.com | (value & 0x7F) if value & 0x80 else self.com & ~value & 0x7F

    def write_div(self, value: int) -> None:
        """Set2 (bit 7): 1 sets the marked flags, 0 clears them."""
        self.div = self.div | (value & 0x14) if value & 0x80 else self.div & ~value & 0x14

    def pending(self, com_enable: int, div_enable: int) -> bool:
        """Status1Reg.IRq: some flag is set whose enable bit is set."""
        return bool(self.com & com_enable & 0x7F or self.div & div_enable & 0x14)
