"""A pad made of an RFID reader that types: for places that have nothing else. What it can and cannot be.

Such a reader types a UID once, when the tag is put down. It never says that the tag was lifted, that nothing
lies there, or that it has died. So its tags are "seen now": on the pad for `hold_s` seconds after they were
typed, and then gone, lifted or not.

Why it is a Pad all the same and not an event like Scanned: a UID opens a child's account, and a barcode that
anybody can print must never be taken for one. And why `hold_s` is short: the desk ends a visit when the card
is gone (law 3: a book is lent to whoever put it there). A card that stayed "present" after its child had left
would lend them the next child's book. With five seconds a visit is "card, then book"; each further book needs
the card again. A book left lying there is never seen again until it is lifted and put down anew, so it is
never lent to the next card; a book put down just before a card still counts as lying there first.

One thing at a time: these readers do not tell two tags apart. Prefer any real reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.barcode.keyboards import GrabbedKeys, KeyDevice, WedgeFault
from hardware.barcode.keys import Ends
from hardware.barcode.layouts import US, Layout
from hardware.barcode.typed_uid import TypedUidFault, UidFormat
from kiosk.events import Tag, TagKind
from kiosk.ports import PadDisturbed, PadFault

_SHORTEST_HOLD_S, _LONGEST_HOLD_S = 1.0, 15.0


class WedgePad:
    """kiosk.ports.Pad over a keyboard. Used by one thread, the pad worker's; it needs none of its own.

    `find` opens the device, see KeyboardNamed; `uid_format` says how the reader writes; `kind` is what its
    tags are, EM4100 for 125 kHz. A reader that types again and again while the tag lies there is followed
    truly when `hold_s` is a little more than its period. Raises ValueError: `hold_s` outside 1 to 15.
    """

    def __init__(
        self,
        find: Callable[[], KeyDevice],
        *,
        uid_format: UidFormat | None = None,
        kind: TagKind = TagKind.OTHER,
        layout: Layout = US,
        ends: Ends = "enter",
        hold_s: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _SHORTEST_HOLD_S <= hold_s <= _LONGEST_HOLD_S:
            raise ValueError(
                f"hold_s {hold_s:g} must be {_SHORTEST_HOLD_S:g} to {_LONGEST_HOLD_S:g} s: a card must not "
                "outstay its child"
            )
        self._find, self._format, self._kind = find, uid_format or UidFormat(), kind
        self._hold_s, self._monotonic = hold_s, monotonic
        self._keys = GrabbedKeys(find, layout=layout, ends=ends, monotonic=monotonic)
        self._typed_at: dict[Tag, float] = {}

    def __repr__(self) -> str:
        return f"<WedgePad by {self._find!r}, {'closed' if self._keys.closed else 'open'}>"

    def open(self) -> None:
        """Take the keyboard. Raises PadFault."""
        self._typed_at.clear()
        try:
            self._keys.open()
        except WedgeFault as fault:
            raise PadFault(str(fault)) from fault

    def inventory(self) -> frozenset[Tag]:
        """The tags typed in the last `hold_s` seconds. Raises PadFault, PadDisturbed: typed, but no UID."""
        try:
            typed = self._keys.read(0)
        except WedgeFault as fault:
            raise PadFault(str(fault)) from fault
        now = self._monotonic()
        wrong = ""
        for one in typed:
            try:
                if one.spoiled:
                    raise TypedUidFault(one.spoiled)
                self._typed_at[Tag(self._format.uid(one.text), self._kind)] = now
            except TypedUidFault as fault:
                wrong = str(fault)
        self._typed_at = {tag: at for tag, at in self._typed_at.items() if now - at < self._hold_s}
        present = frozenset(self._typed_at)
        if wrong:
            raise PadDisturbed(wrong, tags=present)
        return present

    def close(self) -> None:
        """Give the keyboard back. Never raises."""
        self._typed_at.clear()
        self._keys.close()
