"""The pad as a child sees it: one reader, or two that look at the same place for different kinds of tags.

A library card of 13.56 MHz and a library book of ISO 15693 need a reader each. To the desk they are one pad:
what any of them sees lies there, and when one of them does not work the pad does not work.

Readers are built when the pad is opened, in the thread that uses them, so that a missing bus or a pin that is
taken is a fault to heal and not a station that cannot start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol, runtime_checkable

from hardware.rfid.tags.memory import MemoryReader, TagGone, TagRefused, UserMemory
from kiosk.events import Tag
from kiosk.ports import Pad, PadDisturbed, PadFault

Build = Callable[[ExitStack], Pad]
"""Makes a reader, and puts what must be released with it (its pins) onto the stack it is given."""


@runtime_checkable
class GateReader(Protocol):
    """A reader that can tell a library's gate whether a book may pass."""

    def secure(self, uid: str, on: bool) -> None:
        """Have the gate ring for this tag, or let it pass; read back. Raises TagMemoryError, PadFault."""
        ...


class JointPad:
    """`readers`: by name, each with what builds it. Used by one thread."""

    def __init__(self, readers: Mapping[str, Build]) -> None:
        self._builds = dict(readers)
        self._pads: dict[str, Pad] = {}
        self._seen: dict[str, frozenset[str]] = {}  # by reader: UIDs of the last look
        self._pins = ExitStack()

    def __repr__(self) -> str:
        return f"<JointPad of {', '.join(self._builds)}, {'open' if self._pads else 'closed'}>"

    def open(self) -> None:
        """Build and open every reader. Raises PadFault; then none of them is open."""
        try:
            for name, build in self._builds.items():
                if name not in self._pads:
                    self._pads[name] = build(self._pins)
                with self._named(name):
                    self._pads[name].open()
        except BaseException:
            self.close()
            raise

    def inventory(self) -> frozenset[Tag]:
        """What lies on the pad, whoever sees it. Raises PadFault, PadDisturbed.

        An answer that one reader could not verify does not keep the others from being asked.
        """
        if not self._pads:
            raise PadFault("the reader was not opened")
        found: set[Tag] = set()
        disturbed: PadDisturbed | None = None
        for name, pad in self._pads.items():
            with self._named(name):
                try:
                    tags = pad.inventory()
                except PadDisturbed as error:
                    disturbed, tags = error, error.tags
            self._seen[name] = frozenset(tag.uid for tag in tags)
            found |= tags
        if disturbed is not None:
            raise PadDisturbed(str(disturbed), tags=frozenset(found)) from disturbed
        return frozenset(found)

    def close(self) -> None:
        """Close the readers and release their pins; the next open builds them anew. Never raises."""
        pads, self._pads, self._seen = self._pads, {}, {}
        for pad in pads.values():
            pad.close()
        self._pins.close()

    def secure(self, uid: str, on: bool) -> None:
        """Have the gate ring for this tag, or let it pass. Raises TagMemoryError, PadFault."""
        name, pad = self._reader_of(uid)
        if not isinstance(pad, GateReader):
            raise TagRefused(f"the {name} reader sees tag {uid} and knows no gate")
        with self._named(name):
            pad.secure(uid, on)

    @contextmanager
    def memory(self, uid: str) -> Iterator[UserMemory]:
        """The memory of a tag that was seen at the last look. Raises TagMemoryError, PadFault."""
        name, pad = self._reader_of(uid)
        if not isinstance(pad, MemoryReader):
            raise TagRefused(f"the {name} reader knows the number of tag {uid} and cannot read its memory")
        with self._named(name), pad.memory(uid) as memory:
            yield memory

    def _reader_of(self, uid: str) -> tuple[str, Pad]:
        for name, uids in self._seen.items():
            if uid in uids:
                return name, self._pads[name]
        raise TagGone(f"tag {uid} does not lie on the pad")

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Where there are two readers, a fault says which one it is."""
        try:
            yield
        except PadDisturbed:
            raise
        except PadFault as error:
            if len(self._builds) == 1:
                raise
            raise PadFault(f"{name}: {error}") from error
