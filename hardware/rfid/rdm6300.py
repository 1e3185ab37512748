"""The RDM6300 reader: 125 kHz tags (EM4100) on a serial port, as a kiosk.ports.Pad.

    02  ten hex digits: the tag's five bytes  two hex digits: their exclusive or  03        9600 8N1

It only talks while a tag lies on it, and repeats the tag about every 65 ms. So it proves less than the
contract of a Pad asks: it cannot be asked whether it lives, nor whether nothing lies there. Silence from it
is an empty set all the same, and means "nothing was said"; a reader without power or with a broken antenna
looks like an empty pad. Only a port that goes away, and garbage, are told as what they are. It reads one tag
at a time: of two on top of each other it reads none or either.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from hardware.serial_port import PortFault, SerialPort
from kiosk.events import Tag, TagKind
from kiosk.ports import PadDisturbed, PadFault

BAUD = 9600
_FRAME = re.compile(rb"\x02([0-9A-Fa-f]{12})\x03")
_FRAME_SIZE = 14
_GARBAGE_S = 2.0  # so long nothing but garbage is no tag at the edge any more
_GARBAGE_PAUSE_S = 1.0  # garbage after a longer pause is another story


class Wire(Protocol):
    """What is needed of hardware.serial_port.SerialPort. Every method but `close` raises PortFault."""

    name: str

    def open(self) -> None:
        """Open for this owner alone."""
        ...

    def close(self) -> None:
        """Never raises."""
        ...

    def read(self, timeout: float) -> bytes:
        """What arrives, b"" when nothing came for `timeout` seconds."""
        ...

    def discard(self) -> None:
        """Throw away what has arrived."""
        ...


class FrameParser:
    """Finds right frames in what arrives, in pieces of any size. Pure.

    `garbage`: bytes seen so far that belong to no right frame.
    """

    def __init__(self) -> None:
        self._held = b""
        self.garbage = 0

    def feed(self, data: bytes) -> list[str]:
        """The UIDs of the frames that are whole now, in order."""
        self._held += data
        uids, at = list[str](), 0
        while (start := self._held.find(b"\x02", at)) >= 0:
            self.garbage += start - at
            at = start
            if len(self._held) - at < _FRAME_SIZE:
                break
            uid = _uid(self._held[at : at + _FRAME_SIZE])
            if uid is None:
                self.garbage += 1
                at += 1  # a frame that was cut off may be followed by a whole one
            else:
                uids.append(uid)
                at += _FRAME_SIZE
        else:
            self.garbage += len(self._held) - at
            at = len(self._held)
        self._held = self._held[at:]
        return uids


def _uid(frame: bytes) -> str | None:
    """The tag's five bytes as ten upper-case digits, None when the frame or its checksum is wrong."""
    digits = _FRAME.fullmatch(frame)
    if digits is None:
        return None
    raw = bytes.fromhex(digits[1].decode("ascii"))
    checksum = 0
    for byte in raw:
        checksum ^= byte
    return None if checksum else raw[:5].hex().upper()


class RDM6300:
    """An RDM6300. Used by one thread.

    `port`: a path, best one below /dev/serial/by-id, or a SerialPort; `baud` in bits a second, for the path;
    `hold_ms`: a tag is there for so long after its last frame; four repetitions by default, and never less
    than the time between two looks.
    """

    def __init__(
        self,
        port: str | Path | Wire,
        *,
        baud: int = BAUD,
        hold_ms: int = 300,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if hold_ms < 100:
            raise ValueError(f"hold_ms {hold_ms} is shorter than two repetitions of a tag: 100 at least")
        if isinstance(port, str | Path):
            port = SerialPort(port, baud=baud, sleep=sleep, monotonic=monotonic)
        self._wire, self._baud = port, baud
        self._hold_s, self._monotonic = hold_ms / 1000, monotonic
        self._open = False
        self._forget(0.0)

    def _forget(self, now: float) -> None:
        self._parser = FrameParser()
        self._seen: dict[str, float] = {}  # UID and monotonic second of its last frame
        self._looked_at = now
        self._garbage_since = self._garbage_at = float("-inf")

    def __repr__(self) -> str:
        return f"<RDM6300 on {self._wire.name}, {'open' if self._open else 'closed'}>"

    def open(self) -> None:
        """Open the port. Whether a reader is behind it cannot be known. Raises PadFault."""
        self.close()
        try:
            self._wire.open()
        except PortFault as error:
            raise PadFault(str(error)) from error
        self._open = True
        self._forget(self._monotonic())

    def inventory(self) -> frozenset[Tag]:
        """The tags that were told within the last `hold_ms`; empty = nothing was said, which proves nothing.

        Raises PadDisturbed when only garbage came, PadFault when it goes on or the port went away.
        """
        if not self._open:
            raise PadFault(f"the RDM6300 on {self._wire.name} is not open")
        now, garbage_before = self._monotonic(), self._parser.garbage
        try:
            if now - self._looked_at > self._hold_s:
                self._wire.discard()  # nobody knows how old it is; what lies there says so again at once
                self._forget(now)
                garbage_before = 0
            arrived = self._parser.feed(self._wire.read(0.0))
        except PortFault as error:
            raise PadFault(str(error)) from error
        self._looked_at = now
        self._seen.update(dict.fromkeys(arrived, now))
        self._seen = {uid: seen for uid, seen in self._seen.items() if now - seen <= self._hold_s}
        tags = frozenset(Tag(uid, TagKind.EM4100) for uid in self._seen)
        if arrived:
            self._garbage_at = float("-inf")
        elif self._parser.garbage > garbage_before:
            self._complain(tags, now)
        return tags

    def close(self) -> None:
        """Port closed; the module has no switch for its field. Never raises."""
        self._open = False
        self._wire.close()

    def _complain(self, tags: frozenset[Tag], now: float) -> None:
        if now - self._garbage_at > _GARBAGE_PAUSE_S:
            self._garbage_since = now
        self._garbage_at = now
        if now - self._garbage_since >= _GARBAGE_S:
            raise PadFault(
                f"what comes from {self._wire.name} is no frame of an RDM6300; check that its baud rate is "
                f"{self._baud}, that GND is wired and TX goes to RX, and which device is plugged in there"
            )
        raise PadDisturbed(
            f"what came from {self._wire.name} is no whole frame of a tag; lay the card flat on the pad",
            tags=tags,
        )
