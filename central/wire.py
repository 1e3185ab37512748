"""A socket that reads ahead and may hold back: paho asks for single bytes and sends every ack by itself.

A message cost five calls of the kernel, and an acknowledgement one; with this it is one for some two hundred.
"""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

AHEAD = 65_536  # bytes
SEND_S = 10.0


class ReadAhead:
    """Stands before a connected, non-blocking socket, with or without TLS; everything else goes through."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._read = b""
        self._at = 0
        self._held: bytearray | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def recv(self, most: int) -> bytes:
        """As a socket's; b"" when the other side is gone. Raises BlockingIOError when nothing is there."""
        if self._at == len(self._read):
            self._read, self._at = self._inner.recv(AHEAD), 0
        part = self._read[self._at : self._at + most]
        self._at += len(part)
        return part

    def pending(self) -> int:
        """Bytes that are read already; select() knows nothing of them."""
        inner = getattr(self._inner, "pending", None)
        return len(self._read) - self._at + (inner() if inner is not None else 0)

    def send(self, data: bytes) -> int:
        """As a socket's, or held back."""
        if self._held is None:
            return int(self._inner.send(data))
        self._held += data
        return len(data)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is sent meanwhile leaves at the end, in one piece. Raises OSError when it cannot."""
        self._held = bytearray()
        try:
            yield
        finally:
            held, self._held = self._held, None
        left = memoryview(held)
        while left:
            try:
                left = left[self._inner.send(left) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                if not select.select([], [self._inner], [], SEND_S)[1]:
                    raise TimeoutError(f"the broker took nothing for {SEND_S:.0f} s") from None
