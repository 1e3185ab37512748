"""A barcode scanner for the end of a SerialLine: says what it scans, framed as its booklet would set it."""

from __future__ import annotations

import contextlib
import queue


class ScannerDevice:
    """Scans texts when told to. `prefix`, say an AIM identifier, goes before each code and `suffix` after it.

    A scanner takes commands too; `heard` keeps whatever the station sent it.
    """

    def __init__(self, *, prefix: bytes = b"", suffix: bytes = b"\r") -> None:
        self.prefix, self.suffix = prefix, suffix
        self.heard = b""
        self._scans: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def scan(self, code: str | bytes, *, prefix: bytes | None = None, suffix: bytes | None = None) -> None:
        """Read one barcode. `prefix` and `suffix` for this one only; may be called from any thread."""
        body = code.encode() if isinstance(code, str) else code
        before = self.prefix if prefix is None else prefix
        after = self.suffix if suffix is None else suffix
        self._scans.put(before + body + after)

    def feed(self, data: bytes) -> bytes:
        """Commands of the station; this scanner obeys none."""
        self.heard += data
        return b""

    def tick(self, now: float) -> bytes:
        """What was scanned since the last tick."""
        said = b""
        with contextlib.suppress(queue.Empty):
            while True:
                said += self._scans.get_nowait()
        return said
