"""What the PN532 says of the tags it listed: the answer to InListPassiveTarget at 106 kbit/s type A. Pure.

    NbTg { Tg SENS_RES(2) SEL_RES(1) NFCIDLen(1) NFCID1 [ATS] }*      UM0701-02, 7.3.5

The chip has checked BCC and CRC_A on the air itself and tells only the result, so all that can be checked
here is that every byte of the answer has its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hardware.errors import HardwareError
from hardware.rfid.tags.kinds import kind_by_sak
from kiosk.events import Tag

_CASCADE_TAG = 0x88
_UID_NOT_COMPLETE = 0x04  # SAK bit 3: more of the UID follows; the chip never stops there
_LAYER_4 = 0x20  # SAK bit 6: ISO/IEC 14443-4, an ATS may follow


class ListError(HardwareError):
    """The answer is no list of tags: a number, a length or a UID does not fit."""


@dataclass(frozen=True, slots=True)
class Target:
    """A tag as the chip lists it. `ats`: answer to select of ISO/IEC 14443-4, with its length byte."""

    uid: bytes
    sak: int
    ats: bytes = b""

    @property
    def tag(self) -> Tag:
        """As the station knows it."""
        return Tag(self.uid.hex().upper(), kind_by_sak(self.sak), self.sak)


def targets(answer: bytes, *, most: int) -> tuple[Target, ...]:
    """The tags of an answer to InListPassiveTarget that asked for `most`. Raises ListError.

    Each ATS is as long as its first byte says. A tag that announces layer 4 and gives no ATS is read as well,
    but only if nothing else makes every byte fit.
    """
    if not answer or answer[0] > most:
        raise ListError(f"{answer.hex(' ') or 'nothing'} is no list of up to {most} tags")
    found = next(_readings(answer[1:], 1, answer[0]), None)
    if found is None:
        raise ListError(f"{answer.hex(' ')} is no list of tags")
    return found


def _readings(data: bytes, number: int, last: int) -> Iterator[tuple[Target, ...]]:
    """Every way to read `data` as the tags `number` to `last`, the likeliest first."""
    if number > last:
        if not data:
            yield ()
        return
    if len(data) < 5 or data[0] != number:
        return
    sak, length = data[3], data[4]
    uid, rest = _whole_uid(data[5 : 5 + length]), data[5 + length :]
    if uid is None or sak & _UID_NOT_COMPLETE:
        return
    sizes = (rest[0], 0) if sak & _LAYER_4 and rest and 0 < rest[0] <= len(rest) else (0,)
    for size in sizes:
        for others in _readings(rest[size:], number + 1, last):
            yield Target(uid, sak, rest[:size]), *others


def initiator_data(uid: bytes) -> bytes:
    """How InListPassiveTarget is told to select the one tag with this UID: with its cascade tags.

    Raises ValueError when no UID is as long.
    """
    match len(uid):
        case 4:
            return uid
        case 7:
            return bytes([_CASCADE_TAG]) + uid
        case 10:
            return bytes([_CASCADE_TAG]) + uid[:3] + bytes([_CASCADE_TAG]) + uid[3:]
    raise ValueError(f"the UID {uid.hex().upper()!r} has {len(uid)} bytes; a tag has 4, 7 or 10")


def _whole_uid(raw: bytes) -> bytes | None:
    """The UID without cascade tags; None when it has no length that exists.

    The PN532 strips them; its sister PN531 does not, and boards are sold under the wrong name.
    """
    if len(raw) == 8 and raw[0] == _CASCADE_TAG:
        raw = raw[1:]
    elif len(raw) == 12 and raw[0] == raw[4] == _CASCADE_TAG:
        raw = raw[1:4] + raw[5:]
    return raw if len(raw) in {4, 7, 10} else None
