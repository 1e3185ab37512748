"""A USB keyboard, as readers that type pretend to be: from HID usages to the bytes of /dev/input/event*.

The chain is the real one. The device turns a character into a HID usage by the country it is set to; the
kernel turns usages into key codes and writes each event as `struct input_event`; whoever opened the device
reads those bytes. A program that grabs it has the keys alone, otherwise they reach the screen too.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hardware.errors import SimulationError

INPUT_EVENT = struct.Struct("<qqHHi")
"""struct input_event of a 64-bit kernel (linux/input.h), 24 bytes: s, us, type, code, value."""

EV_SYN, EV_KEY, EV_MSC, MSC_SCAN, SYN_DROPPED = 0, 1, 4, 4, 3  # linux/input-event-codes.h

_HID_TO_KEY = (
    *(0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38),
    *(50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3),
    *(4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26),
    *(27, 43, 43, 39, 40, 41, 51, 52, 53),
)  # hid_keyboard[] of the kernel's drivers/hid/hid-input.c, up to usage 38h
_KEYPAD_ENTER, _LEFT_SHIFT, _LEFT_CTRL, _RIGHT_ALT = (0x58, 96), (0xE1, 42), (0xE0, 29), (0xE6, 100)
_ENTER, _TAB = 0x28, 0x2B  # HID Usage Tables, keyboard page 07h

_US = {
    **{letter: (0x04 + place, False) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")},
    **{letter: (0x04 + place, True) for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")},
    **{digit: (0x1E + place, False) for place, digit in enumerate("1234567890")},
    **{sign: (0x1E + place, True) for place, sign in enumerate("!@#$%^&*()")},
    **{sign: (0x2C + place, False) for place, sign in enumerate(" -=[]\\")},
    **{sign: (0x2D + place, True) for place, sign in enumerate("_+{}|")},
    **{sign: (0x33 + place, False) for place, sign in enumerate(";'`,./")},
    **{sign: (0x33 + place, True) for place, sign in enumerate(':"~<>?')},
}  # character -> usage, with Shift
_GERMAN = {
    **{letter: _US[letter] for letter in "abcdefghijklmnopqrstuvwxABCDEFGHIJKLMNOPQRSTUVWX0123456789 ,.!$%"},
    **{"y": _US["z"], "z": _US["y"], "Y": _US["Z"], "Z": _US["Y"]},
    **{"-": (0x38, False), "_": (0x38, True), "/": (0x24, True), "+": (0x30, False), ":": (0x37, True)},
}
_COUNTRIES = {"us": _US, "de": _GERMAN}


@dataclass(frozen=True, slots=True)
class InputEvent:
    """One event, with the names evdev gives its fields."""

    sec: int
    usec: int
    type: int
    code: int
    value: int


class OpenKeyboard:
    """One program's handle, as evdev.InputDevice: non-blocking, with its own queue of events."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard, self.name = keyboard, keyboard.name
        self.fd, self.writing = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self.writing, False)
        self.overrun = False

    def grab(self) -> None:
        """As EVIOCGRAB: EBUSY when another handle has it."""
        self._keyboard.grabbed_by(self)

    def read(self) -> Iterator[InputEvent]:
        """The events that wait; BlockingIOError when none do, ENODEV when the keyboard is gone."""
        data = os.read(self.fd, INPUT_EVENT.size * 64)
        if not data:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        for fields in INPUT_EVENT.iter_unpack(data):
            yield InputEvent(*fields)

    def close(self) -> None:
        """As evdev: the descriptor is -1 afterwards; may be called twice."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)
            self._keyboard.let_go(self)


class Keyboard:
    """The keyboard whose name is the path `link`, which comes and goes with the plug.

    `name`: what it calls itself; `country`: "us" or "de", what it takes the station's layout to be. `screen`
    holds the keys that reached the screen because nobody had grabbed it, `grabs` how often it was grabbed.
    """

    def __init__(self, link: Path, *, name: str = "USB Reader", country: Literal["us", "de"] = "us") -> None:
        self.link, self.name = link, name
        self._characters = _COUNTRIES[country]
        self.screen: list[int] = []
        self.grabs = 0
        self._handles: list[OpenKeyboard] = []
        self._grabber: OpenKeyboard | None = None
        self._plugged = False
        self.plug()

    @property
    def grabbed(self) -> bool:
        """Whether some program has it for itself now."""
        return self._grabber is not None

    @property
    def handles(self) -> int:
        """How many programs have it open."""
        return len(self._handles)

    def plug(self) -> None:
        """It appears under its name."""
        self._plugged = True
        self.link.parent.mkdir(parents=True, exist_ok=True)
        self.link.touch()

    def unplug(self) -> None:
        """It and its name go; whoever reads it gets ENODEV once the queue is empty."""
        self._plugged = False
        self.link.unlink(missing_ok=True)
        for handle in tuple(self._handles):
            self.let_go(handle)

    def open(self, path: Path) -> OpenKeyboard:
        """As evdev.InputDevice(path)."""
        if not self._plugged or path != self.link:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        handle = OpenKeyboard(self)
        self._handles.append(handle)
        return handle

    def grabbed_by(self, handle: OpenKeyboard) -> None:
        """A handle asks to have it alone."""
        if handle not in self._handles:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        if self._grabber is not None:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self._grabber = handle
        self.grabs += 1

    def let_go(self, handle: OpenKeyboard) -> None:
        """A handle is done with."""
        if self._grabber is handle:
            self._grabber = None
        try:
            self._handles.remove(handle)  # whoever removes it closes it: both threads may come here
        except ValueError:
            return
        os.close(handle.writing)

    def type(self, text: str, *, end: Literal["enter", "tab", "keypad", "none"] = "enter") -> None:
        """Type a text at a machine's speed. Raises SimulationError for what its country has no key for."""
        for character in text:
            if character not in self._characters:
                raise SimulationError(f"this keyboard has no key for {character!r}")
            usage, shift = self._characters[character]
            self._stroke((usage, _HID_TO_KEY[usage]), *((_LEFT_SHIFT,) if shift else ()))
        if end == "keypad":
            self._stroke(_KEYPAD_ENTER)
        elif end != "none":
            usage = _ENTER if end == "enter" else _TAB
            self._stroke((usage, _HID_TO_KEY[usage]))

    def type_with(self, held: Literal["ctrl", "altgr"], character: str) -> None:
        """One key with another held down."""
        usage, _ = self._characters[character]
        self._stroke((usage, _HID_TO_KEY[usage]), _LEFT_CTRL if held == "ctrl" else _RIGHT_ALT)

    def drop(self) -> None:
        """The kernel's queue ran over: what was waiting is marked as incomplete."""
        self._send((EV_SYN, SYN_DROPPED, 0), (EV_SYN, 0, 0))

    def send(self, kind: int, code: int, value: int) -> None:
        """Any event at all, with its report."""
        self._send((kind, code, value), (EV_SYN, 0, 0))

    def _stroke(self, key: tuple[int, int], *held: tuple[int, int]) -> None:
        """Two reports, down and up; the kernel reads modifiers first."""
        for value in (1, 0):
            events = []
            for usage, code in (*held, key):
                events += [(EV_MSC, MSC_SCAN, 0x70000 | usage), (EV_KEY, code, value)]
            self._send(*events, (EV_SYN, 0, 0))

    def _send(self, *events: tuple[int, int, int]) -> None:
        seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        report = [(seconds, nanoseconds // 1000, *event) for event in events]
        grabber = self._grabber
        if grabber is None:
            self.screen += [code for kind, code, value in events if kind == EV_KEY and value == 1]
        for handle in (grabber,) if grabber else tuple(self._handles):
            lost = [(seconds, 0, EV_SYN, SYN_DROPPED, 0)] if handle.overrun else []
            data = b"".join(INPUT_EVENT.pack(*event) for event in (*lost, *report))
            try:
                os.write(handle.writing, data)
                handle.overrun = False
            except BlockingIOError:
                handle.overrun = True
            except BrokenPipeError:
                continue
