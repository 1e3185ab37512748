"""The MFRC522's register map and command codes, as the `mfrc522` package publishes them.

That package imports RPi.GPIO and spidev when it is imported, and neither may happen here: RPi.GPIO takes
hold of the board (and dies on a Pi 5), and a desktop has neither. So it is imported once, beside inert
stand-ins, its numbers are taken, and `sys.modules` is put back exactly as it was: nothing else ever meets a
stand-in, and whoever imports `mfrc522` later gets it whole. Names are those of NXP's datasheet rev. 3.9,
section 9.2; a test compares every address with it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from types import ModuleType
from typing import Any


@contextmanager
def _inert_wires() -> Iterator[None]:
    """Let `mfrc522` be imported without touching a pin, and leave no trace of how."""
    ours = ("RPi", "RPi.GPIO", "spidev")
    theirs = ("mfrc522", "mfrc522.MFRC522", "mfrc522.SimpleMFRC522")
    before = {name: sys.modules.pop(name) for name in ours + theirs if name in sys.modules}
    try:
        for name in ours:
            sys.modules[name] = ModuleType(name)
        sys.modules["RPi"].GPIO = sys.modules["RPi.GPIO"]  # type: ignore[attr-defined]
        yield
    finally:
        for name in ours + theirs:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def _published() -> Any:
    with _inert_wires():
        return importlib.import_module("mfrc522.MFRC522").MFRC522


_chip = _published()


class Reg(IntEnum):
    """Register addresses the driver uses (datasheet table 20)."""

    COMMAND = _chip.CommandReg
    COM_I_EN = _chip.CommIEnReg
    DIV_I_EN = _chip.DivlEnReg
    COM_IRQ = _chip.CommIrqReg
    ERROR = _chip.ErrorReg
    STATUS2 = _chip.Status2Reg
    FIFO_DATA = _chip.FIFODataReg
    FIFO_LEVEL = _chip.FIFOLevelReg
    CONTROL = _chip.ControlReg
    BIT_FRAMING = _chip.BitFramingReg
    COLL = _chip.CollReg
    MODE = _chip.ModeReg
    TX_MODE = _chip.TxModeReg
    RX_MODE = _chip.RxModeReg
    TX_CONTROL = _chip.TxControlReg
    TX_ASK = _chip.TxAutoReg
    RF_CFG = _chip.RFCfgReg
    T_MODE = _chip.TModeReg
    T_PRESCALER = _chip.TPrescalerReg
    T_RELOAD_H = _chip.TReloadRegH
    T_RELOAD_L = _chip.TReloadRegL
    VERSION = _chip.VersionReg


class Command(IntEnum):
    """Command codes (datasheet table 149)."""

    IDLE = _chip.PCD_IDLE
    MF_AUTHENT = _chip.PCD_AUTHENT
    TRANSCEIVE = _chip.PCD_TRANSCEIVE
    SOFT_RESET = _chip.PCD_RESETPHASE


# Bits of registers (datasheet 9.3), where more than one part of the driver needs them.
TRANSMITTED, RECEIVED, ENDED, FAILED, TIMED_OUT = 0x40, 0x20, 0x10, 0x02, 0x01  # ComIrqReg
STANDING = TRANSMITTED | RECEIVED | FAILED | TIMED_OUT  # none of them is left by a clear
CLEAR_ALL = 0x7F  # ComIrqReg
START_SEND = 0x80  # BitFramingReg
FLUSH = 0x80  # FIFOLevelReg
STOP_TIMER = 0x80  # ControlReg
CRYPTO_ON = 0x08  # Status2Reg: MFCrypto1On
