"""The MFRC522's registers by name, their reset values and the bits the model acts on.

MFRC522 product data sheet rev. 3.9, section 9.2 table 20 (overview) and section 9.3 (each register).
"""

from __future__ import annotations

from enum import IntEnum


class Reg(IntEnum):
    """Register addresses as the data sheet counts them (not shifted for SPI)."""

    COMMAND = 0x01
    COM_I_EN = 0x02
    DIV_I_EN = 0x03
    COM_IRQ = 0x04
    DIV_IRQ = 0x05
    ERROR = 0x06
    STATUS1 = 0x07
    STATUS2 = 0x08
    FIFO_DATA = 0x09
    FIFO_LEVEL = 0x0A
    WATER_LEVEL = 0x0B
    CONTROL = 0x0C
    BIT_FRAMING = 0x0D
    COLL = 0x0E
    MODE = 0x11
    TX_MODE = 0x12
    RX_MODE = 0x13
    TX_CONTROL = 0x14
    TX_ASK = 0x15
    TX_SEL = 0x16
    RX_SEL = 0x17
    RX_THRESHOLD = 0x18
    DEMOD = 0x19
    MF_TX = 0x1C
    MF_RX = 0x1D
    SERIAL_SPEED = 0x1F
    CRC_RESULT_H = 0x21
    CRC_RESULT_L = 0x22
    MOD_WIDTH = 0x24
    RF_CFG = 0x26
    GS_N = 0x27
    CW_GS_P = 0x28
    MOD_GS_P = 0x29
    T_MODE = 0x2A
    T_PRESCALER = 0x2B
    T_RELOAD_H = 0x2C
    T_RELOAD_L = 0x2D
    T_COUNTER_H = 0x2E
    T_COUNTER_L = 0x2F
    AUTO_TEST = 0x36
    VERSION = 0x37


RESET: dict[int, int] = {
    Reg.COMMAND: 0x20,
    Reg.COM_I_EN: 0x80,
    Reg.WATER_LEVEL: 0x08,
    Reg.CONTROL: 0x10,
    Reg.COLL: 0xA0,
    Reg.MODE: 0x3F,
    Reg.TX_CONTROL: 0x80,
    Reg.TX_SEL: 0x10,
    Reg.RX_SEL: 0x84,
    Reg.RX_THRESHOLD: 0x84,
    Reg.DEMOD: 0x4D,
    Reg.MF_TX: 0x62,
    Reg.SERIAL_SPEED: 0xEB,
    0x23: 0x88,
    Reg.MOD_WIDTH: 0x26,
    0x25: 0x87,
    Reg.RF_CFG: 0x48,
    Reg.GS_N: 0x88,
    Reg.CW_GS_P: 0x20,
    Reg.MOD_GS_P: 0x20,
    0x33: 0x80,
    Reg.AUTO_TEST: 0x40,
}
"""After power-up or SoftReset; registers not named are 00h. COM_IRQ, STATUS1, ... live in their units."""

READ_ONLY = frozenset(
    {
        Reg.ERROR,
        Reg.STATUS1,
        Reg.CRC_RESULT_H,
        Reg.CRC_RESULT_L,
        Reg.T_COUNTER_H,
        Reg.T_COUNTER_L,
        Reg.VERSION,
        *range(0x3C, 0x40),
        0x00,
        0x0F,
        0x10,
        0x1A,
        0x1B,
        0x1E,
        0x20,
        0x23,
        0x25,
        0x30,
    }
)
"""Read-only and reserved registers: a write changes nothing."""


class Command(IntEnum):
    """CommandReg.Command, section 10.3 table 149."""

    IDLE = 0x0
    MEM = 0x1
    GENERATE_RANDOM_ID = 0x2
    CALC_CRC = 0x3
    TRANSMIT = 0x4
    NO_CMD_CHANGE = 0x7
    RECEIVE = 0x8
    TRANSCEIVE = 0xC
    MF_AUTHENT = 0xE
    SOFT_RESET = 0xF


GAIN_DB = (18, 23, 18, 23, 33, 38, 43, 48)
"""RFCfgReg.RxGain, section 9.3.3.6."""


class RegisterFile:
    """The plain storage behind the registers that only hold what was written."""

    def __init__(self) -> None:
        self._values = bytearray(64)
        self.reset()

    def reset(self) -> None:
        """Values after power-up or SoftReset."""
        self._values[:] = bytes(64)
        for address, value in RESET.items():
            self._values[address] = value

    def __getitem__(self, address: int) -> int:
        return self._values[address]

    def __setitem__(self, address: int, value: int) -> None:
        self._values[address] = value

    def bit(self, address: int, position: int) -> bool:
        """One bit of a register."""
        return bool(self._values[address] >> position & 1)
