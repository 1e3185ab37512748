"""Says when beams cannot be believed: one stays dark, one flickers; and when they are well again.

While a beam is dark nobody can be followed past it, so nobody is counted: an estimate from the other beam
would be a number that nobody measured. The alarm says so, and counting goes on with the first passage after
the light is back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

_FLICKER_EDGES, _FLICKER_S = 40, 2.0  # 10 breaks a second, kept up: arms and legs of a rush make 3 or 4
_RESTLESS_BREAKS, _RESTLESS_S = 600, 600.0  # one a second for ten minutes: a fan, a curtain, leaves; no class
_DOUBT = 5  # a state that was not reported weighs as many edges: a flicker too fast to be reported at all
_RELAPSE_S = 600.0  # lost again within so long is a loose wire or the sun: it must prove itself longer
_LONGEST_PROOF_S = 300.0
_TOGETHER_S = 2.0  # beams that went dark within so long of each other went dark together

STANDING = (
    "is something standing in it? Else see that emitter and receiver face each other, clean and powered"
)
SUNLIGHT = "sunlight on the receiver or a loose wire"


@dataclass(frozen=True, slots=True)
class Blocked:
    """The doorway cannot count; `words` say which beam and what to check, in at most 200 characters."""

    words: str


@dataclass(frozen=True, slots=True)
class Freed:
    """The doorway counts again, after so many seconds."""

    after_s: float


@dataclass(slots=True)
class _Beam:
    """What is known of one beam. Moments are seconds."""

    name: str
    broken: bool | None = None
    since_s: float = 0.0
    calm_since_s: float = 0.0
    dark: bool = False
    flickers: bool = False
    edges: deque[float] = field(default_factory=lambda: deque(maxlen=_FLICKER_EDGES))
    breaks: deque[float] = field(default_factory=lambda: deque(maxlen=_RESTLESS_BREAKS))

    def see(self, broken: bool, at_s: float, blocked_s: float, proof_s: float) -> None:
        if broken != self.broken:
            if self.broken is not None:
                self.edges.append(at_s)
                if broken:
                    self.breaks.append(at_s)
                    full = len(self.breaks) == _RESTLESS_BREAKS
                    self.flickers |= full and at_s - self.breaks[0] <= _RESTLESS_S
            self.broken, self.since_s, self.calm_since_s = broken, at_s, at_s
        if len(self.edges) == _FLICKER_EDGES and at_s - self.edges[0] <= _FLICKER_S:
            self.flickers = True
        elif broken and at_s - self.since_s >= blocked_s:
            self.dark = True
        elif not broken and at_s - self.calm_since_s >= proof_s:
            self.dark = self.flickers = False
            self.breaks.clear()

    @property
    def faulty(self) -> bool:
        return self.dark or self.flickers


class Blockage:
    """Watches beams for those that stay broken or flicker. Pure: fed with states and seconds.

    `names` are the beams' ("the outer beam"); a beam broken for `blocked_s` is blocked, one with 40 edges in
    2 s flickers, and so does one that is broken 600 times in ten minutes; all must be clear and calm for
    `steady_s` before they are believed, and for longer each time when they fail again within ten minutes.
    `standing` and `sunlight` say what to check in either case.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        blocked_s: float = 45.0,
        steady_s: float = 5.0,
        standing: str = STANDING,
        sunlight: str = SUNLIGHT,
    ) -> None:
        self._beams = [_Beam(name) for name in names]
        self._blocked_s, self._steady_s = blocked_s, steady_s
        self._standing, self._sunlight = standing, sunlight
        self._proof_s = steady_s
        self._lost_at_s: float | None = None
        self._back_at_s: float | None = None

    @property
    def lost(self) -> bool:
        """Whether an alarm stands."""
        return self._lost_at_s is not None

    @property
    def flickering(self) -> bool:
        """Whether a beam flickers: then no sequence of states means anything."""
        return any(beam.flickers for beam in self._beams)

    def doubt(self, beam: int, at_s: float) -> None:
        """A beam was seen in a state that no edge had reported: a missed edge, or a very fast flicker."""
        one = self._beams[beam]
        one.calm_since_s = at_s
        one.edges.extend([at_s] * _DOUBT)

    def see(self, broken: Sequence[bool], at_s: float) -> Blocked | Freed | None:
        """The beams' states at a moment. Call it now and then, changes or not; answers once an alarm."""
        for beam, state in zip(self._beams, broken, strict=True):
            beam.see(state, at_s, self._blocked_s, self._proof_s)
        faulty = [beam for beam in self._beams if beam.faulty]
        if faulty and self._lost_at_s is None:
            relapse = self._back_at_s is not None and at_s - self._back_at_s < _RELAPSE_S
            self._proof_s = min(2 * self._proof_s, _LONGEST_PROOF_S) if relapse else self._steady_s
            self._lost_at_s = at_s
            return Blocked(self._words(at_s))
        if not faulty and self._lost_at_s is not None:
            after_s = at_s - self._lost_at_s
            self._lost_at_s, self._back_at_s = None, at_s
            return Freed(after_s)
        return None

    def _words(self, at_s: float) -> str:
        flicker = [beam.name for beam in self._beams if beam.flickers]
        if flicker:
            return f"{_together(flicker)}: flickers; {self._sunlight}; nobody is counted until it is calm"
        longest = self._blocked_s - _TOGETHER_S
        dark = [beam.name for beam in self._beams if beam.broken and at_s - beam.since_s >= longest]
        return (
            f"{_together(dark)}: not free for {self._blocked_s:.0f} s; {self._standing}; "
            "nobody is counted until it is free"
        )


def _together(names: Sequence[str]) -> str:
    return " and ".join(names)
