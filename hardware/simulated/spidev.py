"""The SPI bus as py-spidev shows it, on a chip in this process or on the simulated wires' socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from pathlib import Path

from hardware.simulated.channel import greet
from hardware.simulated.rc522_chip import RC522Chip

TRANSACTION_S = 20e-6  # driver and kernel around each transaction; an assumption, not measured on a board
_LENGTH = struct.Struct(">H")


class InProcessSpi:
    """A bus with one chip on it. Counts transactions and bytes; on a VirtualClock each costs its time."""

    def __init__(
        self, chip: RC522Chip, *, transaction_s: float = TRANSACTION_S, max_speed_hz: int = 1_000_000
    ) -> None:
        self.chip = chip
        self.transaction_s = transaction_s
        self.max_speed_hz = max_speed_hz
        self.mode = 0
        self.transactions = 0
        self.bytes = 0

    def open(self, bus: int, device: int) -> None:
        """Nothing to open."""

    def xfer2(self, data: Sequence[int]) -> list[int]:
        """One transaction, chip select held throughout: the bytes read while `data` was written."""
        mosi = bytes(data)
        self.transactions += 1
        self.bytes += len(mosi)
        self.chip.clock.spend(self.transaction_s)
        return list(self.chip.transfer(mosi, 8 / self.max_speed_hz))

    def xfer3(self, data: Sequence[int]) -> list[int]:
        """The same; py-spidev splits longer transfers here."""
        return self.xfer2(data)

    def close(self) -> None:
        """Nothing to close."""


class SpiDev:
    """py-spidev's interface over the wires' Unix socket. A lost connection raises OSError."""

    def __init__(self, socket_path: str | Path) -> None:
        self._path = Path(socket_path)
        self._socket: socket.socket | None = None
        self.max_speed_hz = 1_000_000
        self.mode = 0

    def open(self, bus: int, device: int) -> None:
        """Connect. Raises OSError when no wires answer there."""
        self.close()
        self._socket = greet(self._path, {"role": "spi", "bus": bus, "device": device})

    def xfer2(self, data: Sequence[int]) -> list[int]:
        """One transaction: the bytes read while `data` was written. Raises OSError: wires gone."""
        if self._socket is None:
            raise OSError(f"SPI over {self._path} is not open; call open(bus, device) first")
        mosi = bytes(data)
        try:
            self._socket.sendall(_LENGTH.pack(len(mosi)) + mosi)
            answer = self._receive(2 + len(mosi))
        except OSError:
            self.close()
            raise
        return list(answer[2:])

    def xfer3(self, data: Sequence[int]) -> list[int]:
        """The same; py-spidev splits longer transfers here."""
        return self.xfer2(data)

    def close(self) -> None:
        """Disconnect; the wires and the tags stay as they are."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _receive(self, length: int) -> bytes:
        assert self._socket is not None  # noqa: S101  xfer2 has looked
        received = b""
        while len(received) < length:
            part = self._socket.recv(length - len(received))
            if not part:
                raise ConnectionResetError(f"the simulated wires at {self._path} closed the connection")
            received += part
        return received
