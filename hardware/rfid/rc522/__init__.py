"""The RC522 (NXP MFRC522 and its clones) on SPI: cards and stickers of ISO/IEC 14443 A."""

from hardware.rfid.rc522.reader import KNOWN_VERSIONS, RC522

__all__ = ["KNOWN_VERSIONS", "RC522"]
