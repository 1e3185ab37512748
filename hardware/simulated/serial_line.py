"""A serial device on a real pseudo-terminal: what a USB adapter with a reader behind it looks like.

The station opens the terminal's path as it opens any port; a thread plays the device at the other end. The
line can be unplugged and plugged in again under the same name, delivers bytes in pieces as adapters do, and
garbles what is sent at a wrong baud rate, as the device would see it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import random
import select
import termios
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hardware.errors import SimulationError

_TICK_S = 0.005
_NOBODYS = termios.B134
_BAUDS = {
    getattr(termios, f"B{rate}"): rate for rate in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
}


class Device(Protocol):
    """What hangs at the line. Called on the line's thread only."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the station; the bytes to answer, b"" for none yet."""
        ...

    def tick(self, now: float) -> bytes:
        """What the device says by itself at monotonic second `now`."""
        ...


class SerialLine:
    """A device at `link`, a symbolic link to the pseudo-terminal of the moment.

    `baud`: what the device listens at; None = any. `pieces`: the longest piece in bytes that is delivered at
    once, by `seed`; 0 = everything as it comes. Raises SimulationError when the link cannot be made.
    """

    def __init__(
        self, device: Device, link: Path, *, baud: int | None = None, pieces: int = 0, seed: int = 1
    ) -> None:
        self.device, self.link = device, link
        self.baud = baud
        self.station_baud = 0  # the speed the station set, bits a second; 0 = none of the usual ones
        self.mute = False  # the device hangs: it hears everything and says nothing
        self._pieces = pieces
        self._chance = random.Random(seed)  # noqa: S311  reproducible pieces, no secret
        self._injected: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._master = -1
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.plug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    @property
    def plugged(self) -> bool:
        """Whether the port is there."""
        return self._thread is not None

    def plug(self) -> None:
        """The device appears under its name. Plugging in twice does nothing."""
        if self._thread is not None:
            return
        self._master, slave = os.openpty()
        os.set_blocking(self._master, False)  # a station that does not read must not hold the thread
        tty.setraw(slave)
        self._note_speed()  # before anybody can open it: later, two would set the terminal at once
        self.station_baud = 0
        try:
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(os.ttyname(slave))
        except OSError as error:
            os.close(self._master)
            raise SimulationError(f"cannot make {self.link}: {error}") from error
        finally:
            os.close(slave)
        self._stopping.clear()
        self._thread = threading.Thread(target=self._serve, name=f"line-{self.link.name}", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """The device and its name go. Whoever has it open gets an error. Unplugging twice does nothing."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join(5.0)
        self._thread = None
        os.close(self._master)
        self.link.unlink(missing_ok=True)
        self._pending()

    def inject(self, data: bytes) -> None:
        """Have these bytes come out of the line as they are: noise, half a frame, garbage."""
        self._injected.put(data)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            said = self._pending()
            heard = self._hear()
            if not self.mute:
                if heard:
                    said += self.device.feed(heard)
                said += self.device.tick(time.monotonic())
            self._note_speed()
            if self.station_baud:  # nobody has opened it: it speaks to nobody
                self._say(self._garbled(said))

    def _pending(self) -> bytes:
        """What was injected and has not gone out."""
        pending = b""
        with contextlib.suppress(queue.Empty):
            while True:
                pending += self._injected.get_nowait()
        return pending

    def _hear(self) -> bytes:
        ready, _, _ = select.select([self._master], [], [], _TICK_S)
        if not ready:
            return b""
        self._note_speed()
        try:
            return self._garbled(os.read(self._master, 4096))
        except BlockingIOError:
            return b""
        except OSError as error:  # EIO: nobody has the port open
            if error.errno != errno.EIO:
                raise
            self._stopping.wait(_TICK_S)
            return b""

    def _say(self, data: bytes) -> None:
        while data and not self._stopping.is_set():
            size = self._chance.randint(1, self._pieces) if self._pieces else len(data)
            try:
                sent = os.write(self._master, data[:size])
            except BlockingIOError:  # nobody reads and the buffer is full
                self._stopping.wait(_TICK_S)
                continue
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                return
            data = data[sent:]
            if data and self._pieces:
                self._stopping.wait(0.0005)

    def _garbled(self, data: bytes) -> bytes:
        """What arrives when both ends do not agree on the speed: as many wrong bytes."""
        if not data or self.baud is None or self.station_baud == self.baud:
            return data
        return bytes(byte ^ self._chance.randrange(1, 256) for byte in data)

    def _note_speed(self) -> None:
        """Remember the speed the station set, and set another in its place.

        A pseudo-terminal knows no parity and refuses settings of which it can change nothing; with a speed of
        its own again, it takes the same settings from whoever opens it next, as a port does.
        """
        attributes = termios.tcgetattr(self._master)
        if attributes[5] != _NOBODYS:
            self.station_baud = _BAUDS.get(attributes[5], 0)
            attributes[4] = attributes[5] = _NOBODYS
            termios.tcsetattr(self._master, termios.TCSANOW, attributes)
