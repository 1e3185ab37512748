"""What the numbers in FEIG's answers mean, in words: status bytes, ISO 15693 errors, kinds of tags.

FEIG system manual H60301-3e, annexes A and D; where that is silent, the vendor's class library in source and
InlayTester.Drivers.FeigReader. The error codes of tags are ISO/IEC 15693-3's.
"""

from __future__ import annotations

OK = 0x00
NO_TRANSPONDER = 0x01
WRITE_ERROR = 0x03
MORE_DATA = 0x94
TAG_ERROR = 0x95  # one byte of ISO 15693 error follows

_STATUS = {
    OK: "done",
    NO_TRANSPONDER: "no tag answers",
    0x02: "the tag's answer had a wrong checksum",
    WRITE_ERROR: "writing failed: the block is read only, or the tag lies too far from the antenna",
    0x04: "the tag has no such block",
    0x05: "this kind of tag does not know the command",
    0x08: "authentication failed",
    0x0B: "several tags answered at once",
    0x0E: "a general error",
    0x10: "the reader's own memory is damaged",
    0x11: "a setting of the reader is out of range; set it to its defaults with the vendor's program",
    0x13: "the reader wants a password; switch that off with the vendor's program",
    0x14: "the reader refused the password",
    0x15: "the reader's settings are protected against reading",
    0x16: "the reader's settings are protected against writing",
    0x17: "the reader's firmware must be activated with the vendor's program",
    0x80: "the reader does not know this command",
    0x81: "the reader says the command's length is wrong",
    0x82: "the command is not available now: the reader is in scan mode; set it to ISO host mode with the "
    "vendor's program",
    0x83: "a tag was heard but not understood",
    0x84: "the antenna is out of tune: metal or another antenna is too near",
    0x85: "a tag's EPC is damaged",
    0x93: "more tags than the reader can remember",
    MORE_DATA: "more tags follow",
    TAG_ERROR: "the tag refused",
    0x96: "the tag refused (ISO 14443)",
    0x97: "a cryptographic step failed",
    0xF1: "the reader warns of a fault in its hardware",
}
DISTURBED = frozenset(
    {0x02, 0x0B, 0x83, 0x84, 0x85, 0x93, 0x96}
)  # the air's fault: the next look may be better
REFUSED = frozenset({WRITE_ERROR, 0x04, 0x05, 0x08, 0x80, TAG_ERROR})  # of one tag: the tag cannot or may not

NOT_SUPPORTED = frozenset({0x01, 0x02, 0x03})  # ISO 15693 errors: command or option unknown to the tag
_TAG_ERRORS = {
    0x01: "it does not know the command",
    0x02: "it did not recognise the command",
    0x03: "it does not know the option",
    0x0F: "it gives no reason",
    0x10: "it has no such block",
    0x11: "it is locked already",
    0x12: "it is locked and cannot be changed",
    0x13: "it could not be written",
    0x14: "it could not be locked",
    0x15: "it is protected by a password",
}

ISO15693, ISO14443A = 0x03, 0x04
_TAG_TYPES = {
    0x00: "I-CODE 1",
    0x01: "Tag-it HF",
    ISO15693: "ISO 15693",
    ISO14443A: "ISO 14443 A",
    0x05: "ISO 14443 B",
    0x06: "I-CODE EPC",
    0x07: "I-CODE UID",
    0x08: "Jewel",
    0x09: "ISO 18000-3M3",
    0x0A: "SR176",
    0x0B: "SRIxx",
    0x0C: "MCRFxxx",
    0x0D: "FeliCa",
    0x10: "Innovatron",
    0x11: "ASK CTx",
    0x84: "EPC Class 1 Gen 2",
}


def status_words(status: int, data: bytes = b"") -> str:
    """A status byte in words and as a number; after 95h the tag's own reason as well."""
    words = f"{_STATUS.get(status, 'a status this product does not know')} (status {status:02X}h"
    if status == TAG_ERROR and data:
        return f"{words}): {tag_error_words(data[0])}"
    return f"{words})"


def tag_error_words(error: int) -> str:
    """An ISO 15693 error code in words and as a number."""
    known = _TAG_ERRORS.get(error)
    if known is None:
        known = "a reason of its maker's own" if 0xA0 <= error <= 0xDF else "a reason without a name"
    return f"{known} (error {error:02X}h)"


def tag_type_words(tag_type: int) -> str:
    """A TR-TYPE byte in words."""
    return f"{_TAG_TYPES.get(tag_type, 'a kind without a name')} (type {tag_type:02X}h)"


_MAKERS = {
    0x02: "STMicroelectronics",
    0x04: "NXP",
    0x05: "Infineon",
    0x07: "Texas Instruments",
    0x08: "Fujitsu",
    0x16: "EM Microelectronic",
}
NXP, TEXAS_INSTRUMENTS = 0x04, 0x07
# Third byte of NXP's UIDs, and in the family 01h bits 37 and 36 (NXP ICODE SLIX and SLIX2 data sheets)
_ICODE = {0x02: "ICODE SLI-S or SLIX-S", 0x03: "ICODE SLI-L or SLIX-L"}
_ICODE_01 = {0x00: "ICODE SLI", 0x10: "ICODE SLIX", 0x08: "ICODE SLIX2", 0x18: "ICODE DNA"}


def chip_words(uid: bytes) -> str:
    """What kind of ISO 15693 tag has this UID (eight bytes, E0h first): "ISO 15693 (NXP ICODE SLIX)"."""
    maker = _MAKERS.get(uid[1], f"maker {uid[1]:02X}h")
    if uid[1] == NXP:
        chip = _ICODE_01[uid[3] & 0x18] if uid[2] == 0x01 else _ICODE.get(uid[2], "ICODE")
        return f"ISO 15693 ({maker} {chip})"
    return f"ISO 15693 ({maker})"
