"""A barcode scanner that types: the factory setting of nearly all of them ("USB HID", "keyboard wedge")."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from hardware.barcode.keyboards import GrabbedKeys, KeyDevice
from hardware.barcode.keys import Ends
from hardware.barcode.layouts import US, Layout
from hardware.barcode.plugged import PluggedReader, PluggedThread

_WAIT_S = 0.1  # for keys; as long as `stop` may take


class Reads(Protocol):
    """Where the texts go; hardware.barcode.scans.Scans makes Scanned of them."""

    def take(self, raw: str, now: float) -> None:
        """A text that was typed whole."""
        ...

    def refuse(self, why: str, now: float) -> None:
        """Something was typed that is none."""
        ...

    def rest(self, now: float) -> None:
        """Nothing is being typed."""
        ...

    def forget(self) -> None:
        """The reader went away or stops."""
        ...


class _Keyboard:
    """The grabbed keyboard and where its texts go. Used by the reader's thread only."""

    def __init__(self, keys: GrabbedKeys, reads: Reads, now: Callable[[], float]) -> None:
        self._keys, self._reads, self._now = keys, reads, now

    def open(self) -> None:
        self._keys.open()

    def attend(self) -> None:
        typed = self._keys.read(_WAIT_S)
        now = self._now()
        for one in typed:
            if one.spoiled:
                self._reads.refuse(one.spoiled, now)
            else:
                self._reads.take(one.text, now)
        if not typed:
            self._reads.rest(now)

    def close(self) -> None:
        self._reads.forget()
        self._keys.close()


class WedgeReader(PluggedReader):
    """Reads a keyboard wedge on a thread of its own, once `start` was called.

    `find` opens the device, again after every loss: KeyboardNamed("usb-Honeywell*-event-kbd"). `reads` takes
    the texts: Scans(post). `layout`: the country the reader is set to; `ends`, `silence_ms`: see KeyText.
    `device` names it in the log and the thread; `on_lost(cause)` and `on_back()` are called once each when it
    goes and comes, on its thread.
    """

    def __init__(
        self,
        find: Callable[[], KeyDevice],
        reads: Reads,
        *,
        layout: Layout = US,
        ends: Ends = "enter",
        silence_ms: int = 100,
        device: str = "scanner",
        on_lost: Callable[[str], None] | None = None,
        on_back: Callable[[], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._find = device, find
        keys = GrabbedKeys(find, layout=layout, ends=ends, silence_ms=silence_ms, monotonic=monotonic)
        keyboard = _Keyboard(keys, reads, monotonic)
        super().__init__(
            PluggedThread(keyboard, device, on_lost=on_lost, on_back=on_back, monotonic=monotonic)
        )

    def __repr__(self) -> str:
        return f"<WedgeReader {self._name!r} by {self._find!r}, {self.state}>"
