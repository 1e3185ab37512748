"""CRC_A as the chip's coprocessor and the tags compute it; written apart from the driver's on purpose."""

from __future__ import annotations

PRESET_A = 0x6363  # ISO/IEC 14443-3 annex B: initial value of CRC_A
_POLYNOMIAL = 0x8408  # x^16 + x^12 + x^5 + 1, least significant bit first


def _mirrored(value: int, width: int) -> int:
    return int(f"{value:0{width}b}"[::-1], 2)


def crc16(data: bytes, preset: int = PRESET_A, *, msb_first: bool = False) -> int:
    """The 16-bit CRC of `data`; `msb_first` takes each byte's highest bit first (ModeReg.MSBFirst)."""
    register = _mirrored(preset, 16) if msb_first else preset
    for byte in data:
        register ^= _mirrored(byte, 8) if msb_first else byte
        for _ in range(8):
            register = (register >> 1) ^ _POLYNOMIAL if register & 1 else register >> 1
    return _mirrored(register, 16) if msb_first else register


def crc_a(data: bytes) -> bytes:
    """CRC_A of `data` as it is sent: low byte first."""
    return crc16(data).to_bytes(2, "little")


def checked(frame: bytes) -> bytes | None:
    """The frame without its CRC_A, or None when the CRC is wrong or missing."""
    if len(frame) < 3 or crc_a(frame[:-2]) != frame[-2:]:
        return None
    return frame[:-2]
