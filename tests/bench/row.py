"""One line of the benchmark: a figure beside its floor or peer, measured in the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` and `peer` in the same unit; the ratio ours/peer is what may be compared across machines."""

    what: str
    unit: str
    ours: float
    peer: float | None  # None: a count with no peer, only a bar
    peer_name: str
    bar: str = ""  # what must be reached, in words

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, or None where there is no peer."""
        return None if not self.peer else self.ours / self.peer
