"""FEIG OBID readers on a serial port: library stickers of ISO/IEC 15693, and the library's gate."""

from hardware.rfid.feig.reader import Feig

__all__ = ["Feig"]
