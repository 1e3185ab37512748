"""From key presses to texts. Pure: events and moments in, typed texts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hardware.barcode.layouts import (
    COMMANDS,
    ENDS,
    EV_KEY,
    EV_SYN,
    KEY_RIGHTALT,
    LOCKS,
    SHIFTS,
    SYN_DROPPED,
    SYN_REPORT,
    US,
    Layout,
)

Ends = Literal["enter", "silence"]

_BROKEN_OFF_S = 0.3  # a reader types its keys 2 to 20 ms apart


@dataclass(frozen=True, slots=True)
class Typed:
    """One text, or why what was typed is none: then `text` is empty."""

    text: str
    spoiled: str = ""


class KeyText:
    """Puts together what a reader types.

    `ends`: "enter" = Enter, Tab or the keypad's Enter end a text, and one that just stops is half a text;
    "silence" = so does a pause of `silence_ms`, for readers that send no Enter. `longest`: characters.
    Repeats of a held key are no keys: a reader holds none down.
    """

    def __init__(
        self, *, layout: Layout = US, ends: Ends = "enter", silence_ms: int = 100, longest: int = 512
    ) -> None:
        if ends not in {"enter", "silence"}:
            raise ValueError(f"ends {ends!r} is unknown; choose enter or silence")
        if silence_ms < 1 or longest < 1:
            raise ValueError(f"silence_ms {silence_ms} and longest {longest} must be at least 1")
        self._layout, self._ends, self._longest = layout, ends, longest
        self._silence_s = silence_ms / 1000
        self.reset()

    def reset(self) -> None:
        """Forget what was begun and which keys are down."""
        self._text: list[str] = []
        self._spoiled = ""
        self._held: set[int] = set()
        self._dropping = False
        self._heard_at = float("-inf")

    def spoil(self, why: str, at: float) -> None:
        """Whatever is being typed is none, up to its end: `why`."""
        self._text.clear()
        self._spoiled = self._spoiled or why
        self._heard_at = at

    def key(self, kind: int, code: int, value: int, at: float) -> Typed | None:
        """One input event at second `at`; a text when it ended one."""
        if kind == EV_SYN:
            self._sync(code, at)
            return None
        if kind != EV_KEY or self._dropping:
            return None
        if value != 1:
            if value == 0:
                self._held.discard(code)
            return None
        self._heard_at = at
        if code in ENDS:
            return self._ended()
        if code in SHIFTS or code in COMMANDS or code == KEY_RIGHTALT:
            self._held.add(code)
        elif code not in LOCKS and not self._spoiled:
            self._append(code, at)
        return None

    def silent(self, at: float) -> Typed | None:
        """Nothing was typed until second `at`; a text when that ended one."""
        quiet = at - self._heard_at
        if not self._text and not self._spoiled:
            return None
        if self._ends == "silence" and quiet >= self._silence_s:
            return self._ended()
        if quiet >= max(_BROKEN_OFF_S, self._silence_s):
            self._spoiled = (
                self._spoiled or f"{len(self._text)} characters were typed without Enter after them"
            )
            return self._ended()
        return None

    def _sync(self, code: int, at: float) -> None:
        if code == SYN_DROPPED:  # the kernel's buffer ran over: what follows up to the report is not whole
            self._dropping = True
            self._held.clear()
            self.spoil("the kernel lost keys because the station was too busy; scan again", at)
        elif code == SYN_REPORT:
            self._dropping = False

    def _append(self, code: int, at: float) -> None:
        if self._held & COMMANDS:
            self.spoil(f"key {code} came with Ctrl, Alt or Meta; set the reader to type plain keys", at)
            return
        character = self._layout.character(
            code, shift=bool(self._held & SHIFTS), altgr=KEY_RIGHTALT in self._held
        )
        if character is None:
            self.spoil(f"key {code} has no character in the layout {self._layout.name!r}", at)
            return
        self._text.append(character)
        if len(self._text) > self._longest:
            self.spoil(f"more than {self._longest} characters without Enter", at)

    def _ended(self) -> Typed | None:
        text, spoiled = "".join(self._text), self._spoiled
        self._text.clear()
        self._spoiled = ""
        if spoiled:
            return Typed("", spoiled)
        return Typed(text) if text else None
