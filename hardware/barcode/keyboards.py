"""A reader that is a keyboard, taken for this program alone.

Whatever it types would otherwise reach whoever has the screen: a login prompt, the desk's own window. So it
is grabbed (EVIOCGRAB) before the first key is read.
"""

from __future__ import annotations

import errno
import importlib
import logging
import select
import time
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol, cast

from hardware.barcode.keys import Ends, KeyText, Typed
from hardware.barcode.layouts import US, Layout
from hardware.errors import HardwareError

log = logging.getLogger(__name__)

BY_ID = Path("/dev/input/by-id")
"""udev's names by maker and model. /dev/input/by-path has names by socket, for two readers that are alike."""

_KEYBOARD = "-event-kbd"
_MOST_READS = 64  # in one go: a keyboard that never stops must not hold the thread


class WedgeFault(HardwareError, OSError):
    """The keyboard cannot be had, or went away; says which and what to check."""


class KeyEvent(Protocol):
    """A kernel input event."""

    @property
    def type(self) -> int:
        """EV_SYN, EV_KEY ..."""
        ...

    @property
    def code(self) -> int:
        """Which key."""
        ...

    @property
    def value(self) -> int:
        """1 = down, 0 = up, 2 = held."""
        ...


class KeyDevice(Protocol):
    """What is used of evdev.InputDevice."""

    @property
    def fd(self) -> int:
        """Readable when there are events."""
        ...

    @property
    def name(self) -> str:
        """What the device calls itself."""
        ...

    def grab(self) -> None:
        """Have its events alone. Raises OSError when another program has."""
        ...

    def read(self) -> Iterable[KeyEvent]:
        """The events that wait. Raises BlockingIOError when there are none, OSError when it is gone."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


def keyboards(directory: Path = BY_ID) -> list[str]:
    """The names of the keyboards that are plugged in, readers among them."""
    try:
        return sorted(path.name for path in directory.iterdir() if path.name.endswith(_KEYBOARD))
    except OSError:
        return []


def named_like(part: str) -> str:
    """The pattern of every keyboard with `part` in its name; "" = every keyboard there is."""
    return f"*{part}*{_KEYBOARD}" if part else f"*{_KEYBOARD}"


def evdev_device(path: Path) -> KeyDevice:
    """The kernel's device at `path`, by Debian's python3-evdev. Raises WedgeFault."""
    try:
        evdev: Any = importlib.import_module("evdev")
    except ImportError as error:
        raise WedgeFault(
            "the Python module evdev is missing: install Debian's python3-evdev and make the virtual "
            "environment with --system-site-packages"
        ) from error
    return cast(KeyDevice, evdev.InputDevice(str(path)))


class KeyboardNamed:
    """Finds the one keyboard whose name fits `pattern` ("usb-Sycreader*") each time it is called.

    `directory`: where udev puts the names; `open_device`: what opens one. Several that fit are a fault: the
    wrong one may be the keyboard of the staff.
    """

    def __init__(
        self,
        pattern: str,
        *,
        directory: Path = BY_ID,
        open_device: Callable[[Path], KeyDevice] = evdev_device,
    ) -> None:
        self._pattern, self._directory, self._open = pattern, directory, open_device

    def __repr__(self) -> str:
        return f"<KeyboardNamed {self._pattern!r} in {self._directory}>"

    def __call__(self) -> KeyDevice:
        """Open it. Raises WedgeFault."""
        there = keyboards(self._directory)
        fitting = [
            name for name in there if fnmatchcase(name, self._pattern) or name == self._pattern + _KEYBOARD
        ]
        if not fitting:
            found = f"there are {', '.join(there)}" if there else "no keyboard is plugged in"
            raise WedgeFault(f"no keyboard is named {self._pattern!r}; {found}")
        if len(fitting) > 1:
            raise WedgeFault(f"{self._pattern!r} fits {' and '.join(fitting)}; write the name of one of them")
        path = self._directory / fitting[0]
        try:
            return self._open(path)
        except WedgeFault:
            raise
        except OSError as error:
            raise WedgeFault(f"{path.name} cannot be opened: {_reason(error)}") from error


class GrabbedKeys:
    """A keyboard that is ours while it is open, and the texts typed on it. Used by one thread.

    `find` opens the device; layout, ends and silence_ms are KeyText's. `open` and `read` raise WedgeFault.
    """

    def __init__(
        self,
        find: Callable[[], KeyDevice],
        *,
        layout: Layout = US,
        ends: Ends = "enter",
        silence_ms: int = 100,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find, self._monotonic = find, monotonic
        self._keys = KeyText(layout=layout, ends=ends, silence_ms=silence_ms)
        self._device: KeyDevice | None = None

    @property
    def closed(self) -> bool:
        """Whether no keyboard is taken."""
        return self._device is None

    def open(self) -> None:
        """Find the keyboard and grab it. A text that was being typed meanwhile reached others: it is void."""
        self.close()
        device = self._find()
        try:
            device.grab()
            early = _waiting(device)
        except OSError as error:
            _close(device)
            raise WedgeFault(f"{device.name} cannot be taken: {_reason(error)}") from error
        except BaseException:
            _close(device)
            raise
        self._keys.reset()
        if early:
            self._keys.spoil("it began before the station had the keyboard; scan again", self._monotonic())
        self._device = device

    def read(self, timeout: float) -> list[Typed]:
        """The texts that were ended, after waiting up to `timeout` seconds for keys."""
        device = self._device
        if device is None:
            raise WedgeFault("the keyboard is not open")
        poll = select.poll()
        try:
            poll.register(device.fd, select.POLLIN)
            events = _waiting(device) if poll.poll(timeout * 1000) else []
        except (OSError, ValueError) as error:
            self.close()
            raise WedgeFault(f"{device.name} went away ({error}); check its plug") from error
        now = self._monotonic()
        if not events:
            typed = self._keys.silent(now)
            return [typed] if typed else []
        found = (self._keys.key(event.type, event.code, event.value, now) for event in events)
        return [typed for typed in found if typed]

    def close(self) -> None:
        """Give the keyboard back and forget what was begun. Never raises; may be called twice."""
        device, self._device = self._device, None
        self._keys.reset()
        if device is not None:
            _close(device)


def _waiting(device: KeyDevice) -> list[KeyEvent]:
    """All events that wait: evdev hands out 64 at a time, and a UID in capitals is 86."""
    events: list[KeyEvent] = []
    for _ in range(_MOST_READS):
        try:
            events += device.read()
        except BlockingIOError:
            break
        except OSError:
            if events:
                break  # it went away after these; the next read says so
            raise
    return events


def _close(device: KeyDevice) -> None:
    try:
        device.close()
    except Exception as error:  # evdev reaches for an event loop of asyncio when it closes
        log.debug("%s could not be closed: %s", device.name, error)


def _reason(error: OSError) -> str:
    if error.errno == errno.EBUSY:
        return "another program has grabbed it; two readers of the settings may name the same keyboard"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "this user may not; add it to the group input"
    return str(error)
