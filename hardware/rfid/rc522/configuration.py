"""How the MFRC522 is set up for ISO/IEC 14443 A at 106 kbit/s, and whether it still is.

A brown-out puts registers back to their reset values without a word: the field is off, the timer never
fires. Reading the settings back is the cheap test for it, and for wires that garble.
"""

from __future__ import annotations

from collections.abc import Sequence

from hardware.rfid.rc522.registers import Reg
from kiosk.ports import PadFault

FIELD_OFF, FIELD_ON = 0x80, 0x83  # TxControlReg: InvTx2RFOn; both drivers
TICK_S = (2 * 0xA9 + 1) / 13.56e6  # one step of the timer as T_PRESCALER sets it: 25 us
_VALUES_AFTER_COLL = 0x80  # CollReg: the other bits are a result, not a setting


class Configuration:
    """The registers as the driver sets them. `gain` 0-7; `irq`: the IRQ pin is wired."""

    def __init__(self, *, gain: int, irq: bool) -> None:
        if not 0 <= gain <= 7:
            raise ValueError(f"receiver gain {gain} is not 0 to 7")
        self.registers: dict[Reg, int] = {
            Reg.TX_MODE: 0x00,  # 106 kbit/s; CRC_A is computed by the driver
            Reg.RX_MODE: 0x00,
            Reg.T_MODE: 0x80,  # TAuto: the timer starts when a frame has gone out
            Reg.T_PRESCALER: 0xA9,  # 13.56 MHz / (2 * 169 + 1) = 40 kHz
            Reg.T_RELOAD_H: 0x00,
            Reg.T_RELOAD_L: 0x28,  # 40 ticks = 1 ms of silence
            Reg.TX_ASK: 0x40,  # 100 % ASK, as type A wants
            Reg.MODE: 0x3D,  # CRC preset 6363h; the transmitter waits for the field
            Reg.COLL: 0x00,  # ValuesAfterColl = 0: bits after a collision arrive as 0
            Reg.RF_CFG: gain << 4,
        }
        if irq:
            self.registers[Reg.COM_I_EN] = 0xA1  # IRqInv (active low), RxIEn, TimerIEn
            self.registers[Reg.DIV_I_EN] = 0x80  # IRQPushPull: many boards lack the pull-up

    @property
    def watched(self) -> tuple[Reg, ...]:
        """What to read in one burst for `check`."""
        return (Reg.VERSION, Reg.TX_CONTROL, *self.registers)

    def check(self, version: int, values: Sequence[int]) -> None:
        """Compare a read of `watched` with what was set and with the version found at the start.

        Raises PadFault that names the first register that is not as set.
        """
        wanted = (version, FIELD_ON, *self.registers.values())
        for register, value, due in zip(self.watched, values, wanted, strict=True):
            found = value & _VALUES_AFTER_COLL if register is Reg.COLL else value
            if found != due:
                raise PadFault(
                    f"{register.name} reads {found:02X}h where {due:02X}h is due: the RC522 lost its "
                    "settings; check its 3.3 V supply and the length of the wires"
                )
