"""A doorway to walk through on paper: bodies on their ways, two beams, and what each case must come to.

Metres along the way: the outer beam at 0, the inner one at 0.10, the room beyond. A body is as long as it is
deep at the height of the beams (15 to 40 cm) and breaks every beam it covers. Each case states what the beams
make of it and how many really went through: two beams are an estimate, and these are its limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hardware.door.passage import Why
from kiosk.events import Direction

BEAMS_M = (0.0, 0.10)
TICK_S = 0.1  # the doorway's own thread looks so often
_LEAD_M = 0.30  # a walk begins and ends so far from the nearer beam

IN, OUT = Direction.IN, Direction.OUT


@dataclass(frozen=True, slots=True)
class Body:
    """Something that moves: `path` holds seconds and metres of its middle, straight between them."""

    width_m: float
    path: tuple[tuple[float, float], ...]

    def covers(self, place_m: float, at_s: float) -> bool:
        """Whether it is at a place at a moment; before its path begins and after it ends it is nowhere."""
        for (from_s, from_m), (until_s, until_m) in pairwise(self.path):
            if from_s <= at_s <= until_s:
                middle_m = from_m + (until_m - from_m) * (at_s - from_s) / (until_s - from_s)
                return abs(middle_m - place_m) < self.width_m / 2
        return False

    def moments(self, place_m: float) -> Iterator[float]:
        """When it may begin or cease to cover a place."""
        for (from_s, from_m), (until_s, until_m) in pairwise(self.path):
            yield from (from_s, until_s)
            for edge_m in (place_m - self.width_m / 2, place_m + self.width_m / 2):
                if until_m != from_m and 0 < (share := (edge_m - from_m) / (until_m - from_m)) < 1:
                    yield from_s + share * (until_s - from_s)


@dataclass(frozen=True, slots=True)
class Dark:
    """Beams without light for a while: out of line, without power, or flickering `hertz` times a second."""

    beams: tuple[int, ...]
    from_s: float
    until_s: float
    hertz: float = 0.0

    def covers(self, beam: int, at_s: float) -> bool:
        """Whether it darkens a beam at a moment."""
        if beam not in self.beams or not self.from_s <= at_s < self.until_s:
            return False
        return not self.hertz or (at_s - self.from_s) * self.hertz % 1 < 0.5

    def moments(self) -> Iterator[float]:
        """When it may begin or end."""
        yield from (self.from_s, self.until_s)
        for half in range(1, int((self.until_s - self.from_s) * self.hertz * 2)):
            yield self.from_s + half / (2 * self.hertz)


@dataclass(frozen=True, slots=True)
class Case:
    """One scene: what happens, and what comes of it.

    `people`: how many went through. `crossings` and `not_counted`: what two beams make of it. `single`:
    what the outer beam alone counts. `alarm`: words of the alarm that is raised, and taken back at the end.
    """

    name: str
    bodies: tuple[Body, ...]
    people: int
    crossings: tuple[Direction, ...] = ()
    not_counted: tuple[Why, ...] = ()
    single: int = 0
    dark: tuple[Dark, ...] = ()
    alarm: str = ""

    @property
    def ends_s(self) -> float:
        """When it is over: an alarm is over some seconds after the light is back."""
        bodies = [body.path[-1][0] for body in self.bodies]
        return max([*bodies, *(dark.until_s + 8 for dark in self.dark)]) + 1


def walk(
    speed_m_s: float,
    *,
    width_m: float = 0.25,
    way: Direction = IN,
    from_s: float = 1.0,
    behind_m: float = 0.0,
) -> Body:
    """Straight through at one speed; `behind_m` further back than whoever begins in the same moment."""
    near_m, far_m = BEAMS_M[0] - _LEAD_M - width_m / 2, BEAMS_M[1] + _LEAD_M + width_m / 2
    begin_m, end_m = (near_m, far_m) if way is IN else (far_m, near_m)
    sign = 1 if way is IN else -1
    begin_m -= sign * behind_m
    return Body(width_m, ((from_s, begin_m), (from_s + abs(end_m - begin_m) / speed_m_s, end_m)))


def goes(width_m: float, *path: tuple[float, float]) -> Body:
    """Along a path of seconds and metres of its middle."""
    return Body(width_m, path)


def states(case: Case) -> list[tuple[float, tuple[bool, bool]]]:
    """Every change of the beams (outer, inner; True = broken) with its moment, from a clear doorway on."""
    moments = {0.0, case.ends_s}
    for place_m in BEAMS_M:
        for body in case.bodies:
            moments |= set(body.moments(place_m))
    for dark in case.dark:
        moments |= set(dark.moments())
    changes: list[tuple[float, tuple[bool, bool]]] = [(0.0, (False, False))]
    for at_s, next_s in pairwise(sorted(moments)):
        middle_s = (at_s + next_s) / 2
        outer, inner = (
            any(body.covers(place_m, middle_s) for body in case.bodies)
            or any(dark.covers(beam, middle_s) for dark in case.dark)
            for beam, place_m in enumerate(BEAMS_M)
        )
        if (outer, inner) != changes[-1][1]:
            changes.append((at_s, (outer, inner)))
    return changes


def looks(case: Case) -> Iterator[tuple[float, tuple[bool, bool]]]:
    """The changes, and between them the same state again every TICK_S, to the end of the case."""
    changes = states(case)
    for (at_s, state), next_s in zip(changes, [*(at for at, _ in changes[1:]), case.ends_s], strict=True):
        yield at_s, state
        for tick in range(1, int((next_s - at_s) / TICK_S) + 1):
            yield at_s + tick * TICK_S, state


CASES: tuple[Case, ...] = (
    Case("a child comes in", (walk(1.0),), 1, (IN,), single=1),
    Case("a child goes out", (walk(1.0, way=OUT),), 1, (OUT,), single=1),
    Case("a small child (15 cm) walks slowly", (walk(0.5, width_m=0.15),), 1, (IN,), single=1),
    Case("an adult (40 cm) walks", (walk(1.2, width_m=0.40),), 1, (IN,), single=1),
    Case("a child runs, 2.5 m/s", (walk(2.5, width_m=0.20),), 1, (IN,), single=1),
    Case(
        "turns back at the first beam",
        (goes(0.25, (1, -0.5), (2, -0.08), (3, -0.5)),),
        0,
        not_counted=(Why.ONE_BEAM,),
        single=1,
    ),
    Case(
        "turns back between the beams",
        (goes(0.25, (1, -0.5), (2, 0.05), (3, -0.5)),),
        0,
        not_counted=(Why.TURNED_BACK,),
        single=1,
    ),
    Case(
        "turns back in the second beam, out of the first",
        (goes(0.25, (1, -0.5), (2, 0.18), (3, -0.5)),),
        0,
        not_counted=(Why.TURNED_BACK,),
        single=1,
    ),
    Case(
        "goes through and comes back at once",
        (goes(0.25, (1, -0.5), (2, 0.5), (3, -0.5)),),
        2,
        (IN, OUT),
        single=2,
    ),
    Case(
        "stands in the doorway for 10 s, then goes in",
        (goes(0.25, (1, -0.5), (1.5, 0.05), (11.5, 0.05), (12, 0.5)),),
        1,
        not_counted=(Why.TOO_LONG,),
    ),
    Case(
        "waits in the doorway for 4 s, then goes in",
        (goes(0.25, (1, -0.5), (1.5, 0.05), (5.5, 0.05), (6, 0.5)),),
        1,
        (IN,),
        single=1,
    ),
    Case("two side by side", (walk(1.0), walk(1.0)), 2, (IN,), single=1),
    Case(
        "one behind another, 30 cm from front to front",
        (walk(1.0), walk(1.0, behind_m=0.30)),
        2,
        (IN,),
        single=1,
    ),
    Case(
        "one behind another, 60 cm from front to front",
        (walk(1.0), walk(1.0, behind_m=0.60)),
        2,
        (IN, IN),
        single=2,
    ),
    Case(
        "two meet in the doorway",
        (walk(1.0), walk(1.0, way=OUT, from_s=1.03)),
        2,
        not_counted=(Why.TURNED_BACK,),
        single=1,
    ),
    Case(
        "two meet in the doorway in the same moment",
        (walk(1.0), walk(1.0, way=OUT)),
        2,
        not_counted=(Why.SKIPPED,),
        single=1,
    ),
    Case(
        "a hand (8 cm) is waved through and back",
        (goes(0.08, (1, -0.2), (1.3, 0.3), (1.6, -0.2)),),
        0,
        not_counted=(Why.ONE_BEAM,) * 4,
        single=2,
    ),
    Case(
        "an arm (8 cm) is held into the outer beam",
        (goes(0.08, (1, -0.2), (1.2, 0.0), (3, 0.0), (3.2, -0.2)),),
        0,
        not_counted=(Why.ONE_BEAM,),
        single=1,
    ),
    Case("a ball (22 cm) is thrown, 8 m/s", (walk(8, width_m=0.22),), 0, not_counted=(Why.TOO_FAST,)),
    Case("a ball (22 cm) is tossed, 3 m/s", (walk(3, width_m=0.22),), 0, (IN,), single=1),
    Case(
        "a school bag on the back, 5 cm behind",
        (walk(1.0), walk(1.0, width_m=0.15, behind_m=0.25)),
        1,
        (IN,),
        single=1,
    ),
    Case(
        "a bag is dragged 30 cm behind, as high as the beams",
        (walk(1.0), walk(1.0, width_m=0.20, behind_m=0.525)),
        1,
        (IN, IN),
        single=2,
    ),
    Case(
        "the outer beam is knocked out of line for two minutes, and five go in meanwhile",
        (*(walk(1.0, from_s=20 + 20 * number) for number in range(5)), walk(1.0, from_s=140)),
        6,
        (IN,),
        (Why.TOO_LONG,),
        single=1,
        dark=(Dark((0,), 10, 130),),
        alarm="the outer beam",
    ),
    Case(
        "the inner beam is covered for two minutes, and one comes right after",
        (walk(1.0, from_s=60), walk(1.0, from_s=130.2)),
        2,
        (IN,),
        (Why.TOO_LONG,),
        single=2,
        dark=(Dark((1,), 10, 130),),
        alarm="the inner beam",
    ),
    Case(
        "the emitters lose their power for two minutes, and three go in meanwhile",
        (*(walk(1.0, from_s=20 + 20 * number) for number in range(3)), walk(1.0, from_s=140)),
        4,
        (IN,),
        (Why.TOO_LONG,),
        single=1,
        dark=(Dark((0, 1), 10, 130),),
        alarm="the outer beam and the inner beam",
    ),
    Case(
        "the emitters lose their power for a second",
        (),
        0,
        not_counted=(Why.SKIPPED,),
        single=1,
        dark=(Dark((0, 1), 10, 11),),
    ),
    Case(
        "low sun makes the outer beam flicker, 50 times a second, and three go in meanwhile",
        (*(walk(1.0, from_s=15 + 5 * number) for number in range(3)), walk(1.0, from_s=50)),
        4,
        (IN,),
        (Why.ONE_BEAM,) * 19,
        single=1,
        dark=(Dark((0,), 10, 40, hertz=50),),
        alarm="flickers",
    ),
)
"""Every case with its result. Of the flicker 19 breaks are judged; with the 40th edge it is known as one."""
