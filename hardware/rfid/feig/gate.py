"""What a library's gate looks for in an ISO 15693 tag: its AFI, or EAS of NXP's I-CODE tags, as it is set.

Both gates keep one promise: a state is told only after the tag itself showed it, and `set` returns only when
the tag showed what was wanted. A tag that has the wanted state already is not written to.
"""

from __future__ import annotations

from typing import Protocol

from hardware.rfid.feig.commands import FeigCommands, uid_bytes
from hardware.rfid.feig.words import NXP
from hardware.rfid.tags.memory import TagNotVerified, TagRefused

_SILENCES = 3  # calls in a row that went unanswered; a tag at the edge of the field may miss one or two


class Gate(Protocol):
    """One way to tell a gate whether a book may pass. Raises TagMemoryError and PadFault."""

    def state(self, uid: str) -> bool | None:
        """True: the gate sounds; False: it lets the book pass; None: this tag says neither."""
        ...

    def set(self, uid: str, on: bool) -> None:
        """Have the gate sound for this tag, or let it pass, and see that it is so."""
        ...


class AfiGate:
    """A gate that sounds for one AFI, `secured`; `released` is the AFI of a book that may pass."""

    def __init__(self, commands: FeigCommands, *, secured: int, released: int) -> None:
        self._commands = commands
        self._secured, self._released = secured, released

    def state(self, uid: str) -> bool | None:
        """By the AFI in the tag's system information; a foreign AFI, or none, is neither."""
        afi = self._afi(uid)
        return {self._secured: True, self._released: False}.get(-1 if afi is None else afi)

    def set(self, uid: str, on: bool) -> None:
        """Write the AFI and read it back. Raises TagGone, TagRefused, TagNotVerified, PadFault."""
        wanted = self._secured if on else self._released
        before = self._afi(uid)
        if before is None:
            raise TagRefused(f"tag {uid} does not tell its AFI; a gate that goes by AFI cannot use it")
        if before == wanted:
            return
        complaint = self._commands.write_afi(uid, wanted)
        after = self._afi(uid)
        if after == wanted:
            return
        shown = "no AFI" if after is None else f"AFI {after:02X}h"
        raise complaint or TagNotVerified(
            f"tag {uid} shows {shown} where {wanted:02X}h was written; put the book down again and repeat it"
        )

    def _afi(self, uid: str) -> int | None:
        told = self._commands.system_information(uid)
        return None if told is None else told.afi


class EasGate:
    """A gate that sounds for the EAS call of NXP's I-CODE tags.

    A tag with EAS off answers the call with silence, and so does a tag that was taken away: silence counts
    only between two proofs that the tag lies there.
    """

    def __init__(self, commands: FeigCommands) -> None:
        self._commands = commands

    def state(self, uid: str) -> bool | None:
        """By letting the tag call. None for tags of other makers, whatever their EAS is."""
        return self._calls(uid) if uid_bytes(uid)[1] == NXP else None

    def set(self, uid: str, on: bool) -> None:
        """Switch EAS and let the tag call. Raises TagGone, TagRefused, TagNotVerified, PadFault."""
        if uid_bytes(uid)[1] != NXP:
            raise TagRefused(f"tag {uid} is no I-CODE tag of NXP; a gate that goes by EAS cannot use it")
        if self._calls(uid) == on:
            return
        complaint = self._commands.write_eas(uid, on)
        if self._calls(uid) == on:
            return
        raise complaint or TagNotVerified(
            f"tag {uid}: EAS was switched {'on' if on else 'off'}, and the tag shows the opposite; "
            "put the book down again and repeat it"
        )

    def _calls(self, uid: str) -> bool:
        self._prove(uid)
        for _ in range(_SILENCES):
            if self._commands.sounds(uid):
                return True
            self._prove(uid)
        return False

    def _prove(self, uid: str) -> None:
        """Raises TagGone unless the tag answers."""
        if self._commands.system_information(uid) is None:
            self._commands.read(uid, 0, 1)
