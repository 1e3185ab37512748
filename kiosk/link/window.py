"""Which facts may be in flight, and when to begin again from the watermark (go-back-N). Pure: no wires."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

LONGEST_RESEND_S = 300.0
"""The wait between two resends doubles up to this: five minutes."""


class Window:
    """The messages sent beyond the centre's watermark: at most `size` of them, each of one fact or several.

    Times are seconds of any monotonic clock. `jitter` gives numbers in [0, 1) and spreads the resends of a
    fleet that stalled together.
    """

    def __init__(
        self,
        size: int,
        resend_s: float,
        *,
        watermark: int = 0,
        longest_s: float = LONGEST_RESEND_S,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._size = size
        self._resend_s = resend_s
        self._longest_s = max(longest_s, resend_s)
        self._jitter = jitter
        self._flight: deque[tuple[int, int, float]] = deque()  # last number, bytes, when it left
        self._weight = 0
        self._took = 0.0
        self._watermark = watermark
        self._cursor = watermark
        self._stalls = 0
        self._deadline: float | None = None

    @property
    def watermark(self) -> int:
        """The centre holds everything up to here."""
        return self._watermark

    @property
    def cursor(self) -> int:
        """The next fact to send is the first above this."""
        return self._cursor

    @property
    def room(self) -> int:
        """How many messages may still be sent now."""
        return self._size - len(self._flight)

    @property
    def weight(self) -> int:
        """Bytes in flight."""
        return self._weight

    @property
    def stalled(self) -> bool:
        """Whether nothing has moved since the last `rewind`."""
        return self._stalls > 0

    @property
    def took(self) -> float:
        """Seconds from the sending of the newest message that was confirmed to its confirmation."""
        return self._took

    @property
    def deadline(self) -> float | None:
        """When to `rewind` if nothing moves until then; None while nothing is in flight."""
        return self._deadline

    def sent(self, seq: int, now: float, weight: int = 0) -> None:
        """A message of `weight` bytes left, up to fact `seq`. Raises ValueError when that does not follow."""
        if seq <= self._cursor:
            raise ValueError(f"fact {seq} does not follow {self._cursor}: the outbox must answer in order")
        self._cursor = seq
        self._flight.append((seq, weight, now))
        self._weight += weight
        if self._deadline is None:
            self._set_deadline(now)

    def confirmed(self, upto: int, now: float) -> bool:
        """The centre holds 1..upto. False when that is no news."""
        if upto <= self._watermark:
            return False
        self._watermark = upto
        self._cursor = max(self._cursor, upto)
        while self._flight and self._flight[0][0] <= upto:
            _, weight, left = self._flight.popleft()
            self._weight -= weight
            self._took = now - left
        self._stalls = 0
        self._set_deadline(now)
        return True

    def alive(self, now: float) -> None:
        """The wire moves (the broker took something): no reason yet to send again."""
        self._set_deadline(now)

    def rewind(self) -> None:
        """Nothing moved until the deadline: begin again behind the watermark, and be more patient."""
        self._stalls += 1
        self._forget()

    def restart(self) -> None:
        """A new connection, or the centre is back: begin behind the watermark, with fresh patience."""
        self._stalls = 0
        self._forget()

    def replay_from(self, upto: int) -> None:
        """The centre was restored and holds only 1..upto: everything above goes out again."""
        self._watermark = upto
        self.restart()

    def _forget(self) -> None:
        self._flight.clear()
        self._weight = 0
        self._cursor = self._watermark
        self._deadline = None

    def _set_deadline(self, now: float) -> None:
        if not self._flight:
            self._deadline = None
            return
        patience = min(self._longest_s, self._resend_s * 2.0 ** min(self._stalls, 32))
        self._deadline = now + patience * (0.75 + self._jitter() / 2)
