"""A pad with tags that have memories, beside others that must not matter."""

from __future__ import annotations

from hardware.rfid.tags.iso28560 import BasicBlock
from hardware.rfid.tags.item_form import Content, recognise
from hardware.rfid.tags.memory import Framing
from hardware.simulated.classic import ClassicTag
from hardware.simulated.registers import Reg
from hardware.simulated.type2 import MF0UL11, MF0UL21, NTAG213, NTAG215, NTAG216, ULTRALIGHT, Type2Tag
from tests.hardware.pad_rig import Rig
from tests.hardware.unit_memory import user_part

STICKER, CARD = "04A1B2C3D4E580", "DEADBEEF"
NEIGHBOURS = ("04A1B2C3D4E581", "04A1B2FFD4E580", "01020304")  # the first two share the UID's first level
BOOK = BasicBlock("LK-0012345", "VN-HN01")
OTHER = BasicBlock("LK-0099999", "VN-HCM99")
MAKERS = {
    "NTAG213": lambda: Type2Tag(STICKER, NTAG213),
    "NTAG215": lambda: Type2Tag(STICKER, NTAG215),
    "NTAG216": lambda: Type2Tag(STICKER, NTAG216),
    "MIFARE Ultralight": lambda: Type2Tag(STICKER, ULTRALIGHT),
    "MIFARE Ultralight EV1": lambda: Type2Tag(STICKER, MF0UL11),
    "MIFARE Ultralight EV1 of 128 bytes": lambda: Type2Tag(STICKER, MF0UL21),
    "MIFARE Classic 1K": lambda: ClassicTag(CARD),
    "MIFARE Classic 1K with 7 bytes": lambda: ClassicTag(STICKER),
}


def opened(*tags: ClassicTag | Type2Tag | str, rig: type[Rig] = Rig, **settings) -> Rig:
    """A pad that is open, with these tags on it, and past its first look."""
    made = rig(**settings)
    made.pad.open()
    made.place(*tags)
    made.look()
    return made


def says(tag: ClassicTag | Type2Tag) -> Content:
    """What stands on a simulated tag, past every reader."""
    return recognise(user_part(tag)[:48], Framing.TLV)


def crypto(rig: Rig) -> bool:
    """Status2Reg.MFCrypto1On."""
    return bool(rig.chip.peek(Reg.STATUS2) & 0x08)


def sent(rig: Rig) -> list[str]:
    """From now on, what is put into the chip's FIFO, as hex."""
    frames: list[str] = []
    forward = rig.spi.xfer2

    def xfer2(data):
        if data[0] == Reg.FIFO_DATA << 1:
            frames.append(bytes(data[1:]).hex(" ").upper())
        return forward(data)

    rig.spi.xfer2 = xfer2
    return frames
