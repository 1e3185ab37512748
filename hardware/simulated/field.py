"""The field over the antenna: tags that come and go, and what their answers add up to, bit by bit."""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass

from hardware.errors import SimulationError
from hardware.simulated.clock import Clock
from hardware.simulated.frames import ETU, Bits, Frame
from hardware.simulated.picc import Picc, parse_uid


@dataclass(slots=True)
class Placement:
    """A tag in the field. Strengths are decibels over an ordinary tag's."""

    picc: Picc
    strength_db: float = 0.0
    lifted_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Voice:
    """One tag's answer on the air, from `start` seconds."""

    start: float
    air: Bits
    placement: Placement
    clean: bool = True  # False: it does not begin as a frame begins


class Reception:
    """Several answers at once, as the receiver sees them: Manchester code with both halves is a collision.

    ISO/IEC 14443-2 clause 8.2.5: where two answers differ the carrier is modulated for the whole bit.
    """

    def __init__(self, voices: list[Voice], field: Field) -> None:
        self.start = min(voice.start for voice in voices)
        self.clean_start = all(voice.clean for voice in voices)
        self.strength_db = max(voice.placement.strength_db for voice in voices)
        self._capture_db = field.capture_db
        self._flip = field.flips
        self._voices = [(voice, round((voice.start - self.start) / ETU)) for voice in voices]
        self.length = max(shift + len(voice.air) for voice, shift in self._voices)

    def bit(self, position: int) -> tuple[int, bool] | None:
        """The bit at `position` of the stream and whether it collided; None when nothing was sent there."""
        sent_until = self.start + (2 + position) * ETU  # one start bit comes first
        heard: dict[int, float] = {}
        for voice, shift in self._voices:
            if 0 <= position - shift < len(voice.air) and sent_until <= voice.placement.lifted_at:
                value = voice.air[position - shift]
                heard[value] = max(heard.get(value, -math.inf), voice.placement.strength_db)
        if not heard:
            return None
        if len(heard) == 2 and abs(heard[0] - heard[1]) < self._capture_db:
            return 1, True
        value = max(heard, key=lambda level: heard[level])
        return value ^ self._flip(), False


class Field:
    """The tags in reach of the antenna.

    `place` and `lift` may be called from any thread: they only note what happened and when, and the chip
    takes it in, at that moment of its own time, the next time it is looked at.

    `bit_error_rate` flips bits of answers and `noise_rate` lets a silent slot sound like a broken answer,
    both by `seed`. `capture_db`: by how much a tag must be stronger to drown another; infinity = never.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        bit_error_rate: float = 0.0,
        noise_rate: float = 0.0,
        capture_db: float = math.inf,
    ) -> None:
        self.bit_error_rate = bit_error_rate
        self.noise_rate = noise_rate
        self.capture_db = capture_db
        self.carrier = False
        self._chance = random.Random(seed)  # noqa: S311  reproducible noise, no secret
        self._clock: Clock | None = None
        self._seen: dict[str, Placement] = {}  # as whoever places and lifts sees it
        self._here: dict[str, Placement] = {}  # as the chip sees it
        self._changes: deque[tuple[float, Placement, bool]] = deque()

    def attach(self, clock: Clock) -> None:
        """The chip's clock: changes carry its time."""
        self._clock = clock

    @property
    def piccs(self) -> tuple[Picc, ...]:
        """The tags that lie in the field, in the order they came."""
        return tuple(placement.picc for placement in list(self._seen.values()))

    def place(self, picc: Picc, *, strength_db: float = 0.0) -> None:
        """Bring a tag into the field. Raises SimulationError when one with that UID is there already."""
        if picc.uid in self._seen:
            raise SimulationError(f"tag {picc.uid} lies in the field already; lift it first")
        placement = self._seen[picc.uid] = Placement(picc, strength_db)
        self._changes.append((self._now(), placement, True))

    def lift(self, uid: str) -> Picc:
        """Take a tag away and return it. Raises SimulationError when there is no such tag."""
        placement = self._seen.pop(parse_uid(uid).hex().upper(), None)
        if placement is None:
            raise SimulationError(f"tag {uid} is not in the field; there are {sorted(self._seen) or 'none'}")
        self._changes.append((self._now(), placement, False))
        return placement.picc

    def clear(self) -> None:
        """Take every tag away."""
        for uid in list(self._seen):
            self.lift(uid)

    def _now(self) -> float:
        return -math.inf if self._clock is None else self._clock.monotonic()

    @property
    def next_change(self) -> float:
        """When the oldest change the chip has not taken in happened; infinity when there is none."""
        return self._changes[0][0] if self._changes else math.inf

    def take_change(self, now: float) -> None:
        """Let the oldest noted change come true at `now`; the chip calls this."""
        _, placement, came = self._changes.popleft()
        if came:
            placement.lifted_at = math.inf
            self._here[placement.picc.uid] = placement
            if self.carrier:
                placement.picc.power_on(now)
        else:
            placement.lifted_at = now
            self._here.pop(placement.picc.uid, None)
            placement.picc.power_off(now)

    def set_carrier(self, on: bool, now: float) -> None:
        """Field on or off; the chip calls this."""
        if on == self.carrier:
            return
        self.carrier = on
        for placement in self._here.values():
            if on:
                placement.picc.power_on(now)
            else:
                placement.picc.power_off(now)

    def transmit(self, frame: Frame, started: float, ended: float, *, modulated: bool) -> Reception | None:
        """Send a frame to every tag; what they answer together, or None for silence.

        `modulated` is false when the reader's modulation is one no type A tag understands.
        """
        voices = []
        for placement in self._here.values():
            answer = placement.picc.hear(frame, started) if modulated else None
            if answer is not None:
                start = ended + answer.delay(frame.last_bit)
                voices.append(Voice(start, answer.air, placement))
        if not voices and self.carrier and self.noise_rate and self._chance.random() < self.noise_rate:
            voices.append(self._noise(ended))
        return Reception(voices, self) if voices else None

    def _noise(self, ended: float) -> Voice:
        air = tuple(self._chance.getrandbits(1) for _ in range(self._chance.randint(4, 20)))
        start = ended + self._chance.uniform(60e-6, 400e-6)
        return Voice(start, air, Placement(Picc(bytes(4))), clean=False)

    def flips(self) -> int:
        """1 when the next received bit is disturbed."""
        return int(bool(self.bit_error_rate) and self._chance.random() < self.bit_error_rate)
