"""From the text of a reader to the desk: each code once, none that cannot be one, and nothing kept."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.barcode.codes import RULES, CodeFault, CodeRules, read_code
from kiosk.events import Scanned
from kiosk.ports import Post

log = logging.getLogger(__name__)


_MOST_REMEMBERED = 8  # labels that lie before a scanner on a stand: a cover has two


class Scans:
    """Posts Scanned for every code it is given. Used by one thread; moments are monotonic seconds.

    The same code again within `repeat_s` is the same scan: a scanner on a stand reads for as long as the book
    is held before it. After that time the code is forgotten, for it may be a card's number. `on_refused` is
    told why a text was none.
    """

    def __init__(
        self,
        post: Post,
        *,
        rules: CodeRules = RULES,
        repeat_s: float = 1.0,
        device: str = "scanner",
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        self._post, self._rules, self._repeat_s = post, rules, repeat_s
        self._device, self._on_refused = device, on_refused
        self._heard: dict[Scanned | str, float] = {}  # and when last

    def take(self, raw: bytes | str, now: float) -> None:
        """A text that came whole."""
        try:
            code = read_code(raw, self._rules)
        except CodeFault as fault:
            self.refuse(str(fault), now)
            return
        scanned = Scanned(code.text, code.names)
        if self._is_new(scanned, now):
            self._post(scanned)

    def refuse(self, why: str, now: float) -> None:
        """A text that is none; said once while it repeats."""
        if not self._is_new(why, now):
            return
        log.warning("%s: not a code: %s", self._device, why)
        if self._on_refused is not None:
            self._on_refused(why)

    def rest(self, now: float) -> None:
        """Nothing is being read: forget every code that could not repeat any more."""
        self._heard = {said: at for said, at in self._heard.items() if now - at < self._repeat_s}

    def forget(self) -> None:
        """Forget every code now: the reader went away or stops."""
        self._heard.clear()

    @property
    def remembers(self) -> bool:
        """Whether a code is still known."""
        return bool(self._heard)

    def _is_new(self, said: Scanned | str, now: float) -> bool:
        self.rest(now)
        new = said not in self._heard
        self._heard[said] = now
        while len(self._heard) > _MOST_REMEMBERED:
            del self._heard[next(iter(self._heard))]
        return new
