"""A serial port as the drivers see it: opened for one owner, bytes in, bytes out, faults in words.

pyserial does the work. What is added is what every driver needs: a name that survives replugging
(/dev/serial/by-id), an exclusive open, no read without a time limit, and one exception for the many ways in
which a USB adapter takes its leave.
"""

from __future__ import annotations

import errno
import logging
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import serial

from hardware.errors import HardwareError

log = logging.getLogger(__name__)

BY_ID = Path("/dev/serial/by-id")  # udev's names: they stay with the device, ttyUSB numbers do not
_WRITE_S = 1.0  # a device that takes no bytes for so long hangs
_NAP_S = 0.002  # between looks at a port that gives nothing; a byte takes 0.1 to 1 ms on the wire

# What pyserial raises when a device went away; termios.error is no OSError, TypeError comes from its innards.
_GONE = (OSError, TypeError, termios.error)

Parity = Literal["N", "E", "O"]


class PortFault(HardwareError, OSError):
    """The port cannot be opened, or went away; says which and what to check."""


class SerialPort:
    """One serial port, closed until `open`. Used by one thread.

    `port`: a path, best one below /dev/serial/by-id; `baud` in bits a second, `parity` "N", "E" or "O"; eight
    data bits and one stop bit. Every method but `close` raises PortFault.
    """

    def __init__(
        self,
        port: str | Path,
        *,
        baud: int,
        parity: Parity = "N",
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = str(port)
        self._baud, self._parity = baud, parity
        self._sleep, self._monotonic = sleep, monotonic
        self._serial: serial.Serial | None = None

    def __repr__(self) -> str:
        return (
            f"<SerialPort {self.name}, {self._baud} 8{self._parity}1, {'closed' if self.closed else 'open'}>"
        )

    @property
    def closed(self) -> bool:
        """Whether it is not open."""
        return self._serial is None

    def open(self) -> None:
        """Open for this owner alone; opened anew when it was open. What had arrived before is thrown away."""
        self.close()
        try:
            self._serial = serial.Serial(
                self.name,
                self._baud,
                parity=self._parity,
                timeout=0,
                write_timeout=_WRITE_S,
                exclusive=True,
            )
            self._serial.reset_input_buffer()
        except (OSError, ValueError, termios.error) as error:
            self.close()
            raise PortFault(f"{self.name} cannot be opened: {_reason(error, self.name)}") from error

    def close(self) -> None:
        """Never raises; may be called twice."""
        port, self._serial = self._serial, None
        if port is None:
            return
        try:
            port.close()
        except Exception as error:
            log.debug("%s could not be closed: %s", self.name, error)

    def write(self, data: bytes) -> None:
        """Send all of it."""
        port = self._opened()
        try:
            port.write(data)
        except _GONE as error:
            raise self._lost(error) from error

    def read(self, timeout: float) -> bytes:
        """Whatever arrives, as soon as anything does; b"" when nothing came for `timeout` seconds."""
        port = self._opened()
        ends = self._monotonic() + timeout
        while True:
            try:
                data = bytes(port.read(4096))
            except _GONE as error:
                raise self._lost(error) from error
            if data or self._monotonic() >= ends:
                return data
            self._sleep(min(_NAP_S, max(0.0, ends - self._monotonic())))

    def discard(self) -> None:
        """Throw away what has arrived and was not read."""
        port = self._opened()
        try:
            port.reset_input_buffer()
        except _GONE as error:
            raise self._lost(error) from error

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise PortFault(f"{self.name} is not open")
        return self._serial

    def _lost(self, error: Exception) -> PortFault:
        self.close()
        if isinstance(error, serial.SerialTimeoutException):
            return PortFault(f"{self.name} takes no bytes: the device hangs; unplug it and plug it in again")
        return PortFault(f"{self.name} went away ({error}); check its plug and cable")


def _reason(error: Exception, name: str) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        there = ports()
        found = f"there are {', '.join(there)}" if there else "no serial device is plugged in"
        return f"there is no such port; {found}"
    if number in {errno.EACCES, errno.EPERM}:
        return "this user may not; add it to the group dialout"
    if number in {errno.EBUSY, errno.EAGAIN} or "exclusively lock" in str(error):
        return "another program uses it; two devices of the settings may name the same port"
    if number == errno.ENOTTY or f"({errno.ENOTTY}," in str(error):
        return "it is not a serial port"
    if f"({errno.EIO}," in str(error):
        return "there is no device behind it; check its plug and cable"
    return str(error)


def ports(by_id: Path = BY_ID) -> list[str]:
    """The serial devices that are plugged in, by the names that stay with them."""
    try:
        return sorted(str(path) for path in by_id.iterdir())
    except OSError:
        return []
