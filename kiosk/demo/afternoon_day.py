"""What every scene of the afternoon has at hand: the stage, the hands, the ledger, the cast, and the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hardware.simulated.bench_library import Thing
from kiosk.demo.cast import Cast
from kiosk.demo.hands import Hands
from kiosk.demo.ledger import Ledger
from kiosk.demo.stage import Stage
from kiosk.demo.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Day:
    """One afternoon that is being played."""

    stage: Stage
    hands: Hands
    ledger: Ledger
    cast: Cast
    tell: Callable[[str], None]

    def visitor(self, card: Thing) -> Visitor:
        """The child with this card."""
        return Visitor(self.hands, self.ledger, card, tell=self.tell)

    def empties_pad(self) -> None:
        """Everything is taken off the pad; the station is free for the next child."""
        self.hands.clear()
        self.hands.sees("Welcome")
