"""What a burst of the MFRC522's registers says: a tag's answer, or that the chip does not work."""

from __future__ import annotations

from hardware.rfid.iso14443a import Answer, Frame
from hardware.rfid.rc522.configuration import FIELD_ON
from kiosk.ports import PadFault

_BIT_S = 128 / 13.56e6  # one bit at 106 kbit/s
_ANSWER_DELAY_BITS = 10  # frame delay time, 1172 or 1236 / fc: 86 or 91 us
_MARGIN_S = 0.0001  # start and end of frame, and the chip's own latency

_NEVER_SET = 0x80  # ComIrqReg.Set1 and FIFOLevelReg.FlushBuffer read as 0: a dead bus reads FFh
_FIFO_SIZE = 64
_HOT, _COLLISION = 0x40, 0x08  # ErrorReg
_FAULTS = {0x80: "write error", 0x10: "FIFO overflow", 0x02: "parity error", 0x01: "protocol error"}
_NOT_VALID, _POSITION = 0x20, 0x1F  # CollReg


def air_seconds(frame: Frame) -> float:
    """How long a frame and its answer take on the air: nine bits a byte with parity, and the delay."""
    bits = 9 * (len(frame.data) + frame.answer_bytes) + _ANSWER_DELAY_BITS
    return bits * _BIT_S + _MARGIN_S


def refuse_impossible(flags: int, level: int, field: int, errors: int) -> None:
    """Values no working chip shows: ComIrqReg, FIFOLevelReg, TxControlReg, ErrorReg. Raises PadFault."""
    if (flags | level) & _NEVER_SET or level > _FIFO_SIZE or field != FIELD_ON:
        raise PadFault(
            f"ComIrqReg reads {flags:02X}h, FIFOLevelReg {level:02X}h and TxControlReg {field:02X}h, which a "
            "working RC522 never shows; check its wires and its 3.3 V supply"
        )
    if errors & _HOT:
        raise PadFault("the RC522 is too hot and switched its field off (ErrorReg.TempErr); let it cool down")


def answer_of(data: bytes, *, errors: int, control: int, coll: int, extra: bool) -> Answer:
    """An answer from the FIFO's bytes, ErrorReg, ControlReg and CollReg; `extra`: more came than was due."""
    faults = [words for bit, words in _FAULTS.items() if errors & bit]
    if extra:
        faults.append("more bytes than due")
    position = None if coll & _NOT_VALID else coll & _POSITION or 32
    return Answer(data, control & 0x07, bool(errors & _COLLISION), position, ", ".join(faults))
