"""A barcode scanner on a serial line: USB (CDC) or RS-232, set by its own booklet to "serial"."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from hardware.barcode.codes import RULES, CodeRules
from hardware.barcode.lines import LineSplitter, Suffix
from hardware.barcode.plugged import PluggedReader, PluggedThread
from hardware.barcode.scans import Scans
from hardware.serial_port import Parity, SerialPort
from kiosk.ports import Post

_LOOK_S = 0.02  # between looks at a silent port: nobody feels it, and it leaves the processor asleep


class _SerialLine:
    """The open port and what was begun on it. Used by the scanner's thread only."""

    def __init__(
        self, port: SerialPort, lines: LineSplitter, scans: Scans, wait_s: float, now: Callable[[], float]
    ) -> None:
        self._port, self._lines, self._scans = port, lines, scans
        self._wait_s, self._now = wait_s, now

    def open(self) -> None:
        self._port.open()

    def attend(self) -> None:
        data = self._port.read(self._wait_s)
        now = self._now()
        for line in self._lines.feed(data, now):
            if line.spoiled:
                self._scans.refuse(line.spoiled, now)
            else:
                self._scans.take(line.data, now)
        if not data:
            self._scans.rest(now)

    def close(self) -> None:
        self._lines.reset()
        self._scans.forget()
        self._port.close()


class LineScanner(PluggedReader):
    """Posts Scanned for every barcode read at `port`, from a thread of its own, once `start` was called.

    `port`: best a name below /dev/serial/by-id. `suffix` and `silence_ms`: see LineSplitter; `repeat_s`: the
    same code again within so long is one scan. `device` names it in the log and the thread. `on_lost(cause)`
    and `on_back()` are called once each when it goes and comes, `on_refused(why)` for what is no code; all on
    the scanner's thread. Nothing it does raises there.
    """

    def __init__(
        self,
        port: str | Path,
        post: Post,
        *,
        baud: int = 9600,
        parity: Parity = "N",
        suffix: Suffix = "auto",
        silence_ms: int = 80,
        repeat_s: float = 1.0,
        rules: CodeRules = RULES,
        device: str = "scanner",
        on_lost: Callable[[str], None] | None = None,
        on_back: Callable[[], None] | None = None,
        on_refused: Callable[[str], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._port = device, str(port)
        line = _SerialLine(
            SerialPort(port, baud=baud, parity=parity, sleep=self._look_later, monotonic=monotonic),
            LineSplitter(suffix=suffix, silence_ms=silence_ms),
            Scans(post, rules=rules, repeat_s=repeat_s, device=device, on_refused=on_refused),
            silence_ms / 1000,
            monotonic,
        )
        super().__init__(PluggedThread(line, device, on_lost=on_lost, on_back=on_back, monotonic=monotonic))

    def __repr__(self) -> str:
        return f"<LineScanner {self._name!r} at {self._port}, {self.state}>"

    def _look_later(self, _seconds: float) -> None:
        self._thread.pause(_LOOK_S)
