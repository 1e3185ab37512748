"""Where one code ends and the next begins in the bytes of a scanner. Pure; moments are arguments.

A scanner ends its codes with CR, LF, CR LF, TAB or with nothing but a pause. Silence is only believed when
it was heard: `feed` with b"" says that nothing came until that moment. A reader that was held up for a second
therefore never cuts a code in two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Suffix = Literal["auto", "cr", "lf", "crlf", "tab", "none"]

_ENDS: dict[str, tuple[bytes, ...]] = {
    "auto": (b"\r", b"\n", b"\t"),
    "cr": (b"\r",),
    "lf": (b"\n",),
    "crlf": (b"\r\n",),
    "tab": (b"\t",),
    "none": (),
}
_MARKS = b"\r\n\t"
_BROKEN_OFF_S = 0.3  # a code that should end in a suffix and falls silent for so long will not go on
_TELLING = 4  # printable bytes before a suffix: from so many on it is a code and not noise


@dataclass(frozen=True, slots=True)
class Line:
    """One code as bytes, or why what came is none: then `data` is empty."""

    data: bytes
    spoiled: str = ""


class LineSplitter:
    """Cuts bytes into codes.

    `suffix`: what the scanner is set to. "auto" takes any of them, and silence until it has seen one: from
    then on a code that just stops is half a code. `silence_ms`: 50 to 100 suits a code that ends in nothing;
    at 9600 baud a byte takes 1 ms. `longest`: bytes; whatever runs on without an end is thrown away as one.
    """

    def __init__(self, *, suffix: Suffix = "auto", silence_ms: int = 80, longest: int = 512) -> None:
        if suffix not in _ENDS:
            raise ValueError(f"suffix {suffix!r} is unknown; choose one of {', '.join(_ENDS)}")
        if silence_ms < 1 or longest < 1:
            raise ValueError(f"silence_ms {silence_ms} and longest {longest} must be at least 1")
        self._suffix, self._ends, self._longest = suffix, _ENDS[suffix], longest
        self._silence_s = silence_ms / 1000
        self.reset()

    def reset(self) -> None:
        """Forget what was begun, and what "auto" has learned: another scanner may be plugged in."""
        self._begun = bytearray()
        self._running_on = False
        self._heard_at = float("-inf")
        self._learned = False

    def feed(self, data: bytes, at: float) -> list[Line]:
        """The codes that are complete at second `at`. `data` b"" = nothing came since the last call."""
        if not data:
            return self._silent(at)
        self._heard_at = at
        found: list[Line] = []
        for byte in data:
            self._begun.append(byte)
            end = next((end for end in self._ends if self._begun.endswith(end)), None)
            if end is not None:
                found += self._ended()
            elif len(self._begun) > self._longest:
                if not self._running_on:
                    found.append(Line(b"", f"more than {self._longest} bytes without an end"))
                self._running_on = True
                del self._begun[:-1]  # the last one may be the CR of a CR LF
        return found

    def _ended(self) -> list[Line]:
        """A suffix came."""
        line, was_running_on = bytes(self._begun).strip(_MARKS), self._running_on
        self._begun.clear()
        self._running_on = False
        if was_running_on or not line:
            return []
        if len(line) >= _TELLING and all(0x20 <= byte < 0x7F for byte in line):
            self._learned = True
        return [Line(line)]

    def _silent(self, at: float) -> list[Line]:
        quiet = at - self._heard_at
        by_silence = self._suffix == "none" or (self._suffix == "auto" and not self._learned)
        if not self._begun or quiet < (
            self._silence_s if by_silence else max(_BROKEN_OFF_S, self._silence_s)
        ):
            return []
        line, was_running_on = bytes(self._begun).strip(_MARKS), self._running_on
        self._begun.clear()
        self._running_on = False
        if was_running_on or not line:
            return []
        if by_silence:
            return [Line(line)]
        self._learned = False  # learned from noise perhaps: the next one may end in silence
        return [Line(b"", f"{len(line)} bytes came without the scanner's suffix; scan again")]
