"""Which character a key means. A keyboard sends key codes; the layout it was set to is the host's business.

Key codes are those of linux/input-event-codes.h. A reader is set by its booklet to the keyboard of a country:
the layout here must be the same, or y and z change places and "-" becomes "/".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

KEY_TAB, KEY_ENTER, KEY_KPENTER = 15, 28, 96
KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT, KEY_LEFTMETA, KEY_RIGHTMETA = 29, 97, 56, 125, 126
KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_RIGHTALT = 42, 54, 100
KEY_CAPSLOCK, KEY_NUMLOCK, KEY_SCROLLLOCK = 58, 69, 70
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3

ENDS = frozenset({KEY_ENTER, KEY_TAB, KEY_KPENTER})
SHIFTS = frozenset({KEY_LEFTSHIFT, KEY_RIGHTSHIFT})
COMMANDS = frozenset({KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT, KEY_LEFTMETA, KEY_RIGHTMETA})
LOCKS = frozenset({KEY_CAPSLOCK, KEY_NUMLOCK, KEY_SCROLLLOCK})

_PLACES = (*range(2, 14), *range(16, 28), *range(30, 41), 41, 43, *range(44, 54), 86)
"""KEY_1 to KEY_EQUAL, KEY_Q to KEY_RIGHTBRACE, KEY_A to KEY_APOSTROPHE, KEY_GRAVE, KEY_BACKSLASH, KEY_Z to
KEY_SLASH, KEY_102ND: the order in which a layout is written below."""

_EVERYWHERE = {57: " ", 55: "*", 74: "-", 78: "+", 98: "/"} | dict(
    zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83), "7894561230.", strict=True)
)  # the space bar and the keypad, KEY_KP7 to KEY_KPDOT with Num Lock on


@dataclass(frozen=True, slots=True)
class Layout:
    """Key codes to characters: alone, with Shift and, where the keyboard has AltGr, with that."""

    name: str
    plain: Mapping[int, str]
    shifted: Mapping[int, str]
    third: Mapping[int, str] = field(default_factory=dict)

    def character(self, key: int, *, shift: bool = False, altgr: bool = False) -> str | None:
        """The character of a key; None when the layout has none there."""
        if altgr:
            return self.third.get(key)
        return (self.shifted if shift else self.plain).get(key) or _EVERYWHERE.get(key)

    def changed(self, keys: Mapping[int, str]) -> Layout:
        """The same layout with other characters on some keys: {21: "zZ"} = alone and with Shift.

        Raises ValueError for what is not one or two characters.
        """
        for key, characters in keys.items():
            if not 1 <= len(characters) <= 2:
                raise ValueError(
                    f"key {key}: {characters!r} must be one or two characters, alone and with Shift"
                )
        return replace(
            self,
            name=f"{self.name}, changed",
            plain={**self.plain, **{key: both[0] for key, both in keys.items()}},
            shifted={**self.shifted, **{key: both[1] for key, both in keys.items() if len(both) == 2}},
        )


def _layout(name: str, plain: str, shifted: str, third: Mapping[int, str] | None = None) -> Layout:
    return Layout(
        name,
        dict(zip(_PLACES, plain.replace(" ", ""), strict=True)),
        dict(zip(_PLACES, shifted.replace(" ", ""), strict=True)),
        third or {},
    )


US = _layout(
    "us",
    r"1234567890-= qwertyuiop[] asdfghjkl;' ` \ zxcvbnm,./ <",
    r'!@#$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:" ~ | ZXCVBNM<>? >',
)
"""What nearly every reader is set to when it leaves the factory."""

GERMAN = _layout(
    "de",
    r"1234567890ß´ qwertzuiopü+ asdfghjklöä ^ # yxcvbnm,.- <",
    r"""!"§$%&/()=?` QWERTZUIOPÜ* ASDFGHJKLÖÄ ° ' YXCVBNM;:_ >""",
    {16: "@", 8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 27: "~", 86: "|"},
)
"""QWERTZ."""

FRENCH = _layout(
    "fr",
    r"""&é"'(-è_çà)= azertyuiop^$ qsdfghjklmù ² * wxcvbn,;:! <""",
    r"1234567890°+ AZERTYUIOP¨£ QSDFGHJKLM% ~ µ WXCVBN?./§ >",
    {4: "#", 5: "{", 6: "[", 7: "|", 9: "\\", 11: "@", 12: "]", 13: "}"},
)
"""AZERTY, where the digits need Shift."""

LAYOUTS = {layout.name: layout for layout in (US, GERMAN, FRENCH)}
"""The layouts by the names the settings use."""
