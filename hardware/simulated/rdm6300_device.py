"""An RDM6300 module: says the tag that lies on it, again and again, and nothing else ever.

It writes its frames by itself: nothing here is shared with the driver.
"""

from __future__ import annotations

import random

from hardware.errors import SimulationError

PERIOD_S = 0.065


class RDM6300Device:
    """What hangs at a SerialLine. `place` and `lift` may be called from any thread.

    `flip` is the probability that a frame has one wrong bit; `cut` that its end is missing.
    """

    def __init__(self, *, seed: int = 1) -> None:
        self.tag: str | None = None
        self.flip = self.cut = 0.0
        self.said = 0  # frames
        self._chance = random.Random(seed)  # noqa: S311  reproducible, no secret
        self._next = 0.0

    def place(self, uid: str) -> None:
        """Lay a tag on the reader. Raises SimulationError: no ten hex digits, or one lies there."""
        if len(uid) != 10 or not set(uid) <= set("0123456789ABCDEF"):
            raise SimulationError(f"{uid!r} is no EM4100 tag: ten upper-case hex digits")
        if self.tag is not None:
            raise SimulationError(f"{self.tag} lies there already")
        self.tag = uid

    def lift(self) -> None:
        """Take the tag away."""
        self.tag = None

    def feed(self, data: bytes) -> bytes:
        """It has no ears."""
        del data
        return b""

    def tick(self, now: float) -> bytes:
        """The tag's frame, when its turn has come."""
        tag = self.tag
        if tag is None or now < self._next:
            return b""
        self._next = now + PERIOD_S
        self.said += 1
        return self._damaged(self._frame(tag))

    @staticmethod
    def _frame(tag: str) -> bytes:
        checksum = 0
        for at in range(0, 10, 2):
            checksum ^= int(tag[at : at + 2], 16)
        return b"\x02" + f"{tag}{checksum:02X}".encode("ascii") + b"\x03"

    def _damaged(self, frame: bytes) -> bytes:
        if self._chance.random() < self.cut:
            return frame[: self._chance.randrange(1, len(frame))]
        if self._chance.random() >= self.flip:
            return frame
        wrong = bytearray(frame)
        wrong[self._chance.randrange(len(frame))] ^= 1 << self._chance.randrange(8)
        return bytes(wrong)
