"""The PN532 on a serial port (HSU): cards and stickers of ISO/IEC 14443 A."""

from hardware.rfid.pn532.reader import PN532

__all__ = ["PN532"]
