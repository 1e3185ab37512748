"""What a tag says of its item: read it, and write it so that a tag pulled away never tells half a truth.

A station never needs it to lend: the table of UIDs alone says which item a tag is on, and a tag can be
copied or written by anybody. The text is for the library's other systems, for a book that went astray, and
for comparing (`agreement`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hardware.rfid.tags.iso28560 import BasicBlock
from hardware.rfid.tags.item_form import (
    WINDOW,
    Blank,
    Content,
    Foreign,
    Garbage,
    Incomplete,
    Item,
    lay_out,
    recognise,
)
from hardware.rfid.tags.memory import LockAware, TagForeign, TagNotVerified, TagRefused, UserMemory


def read(memory: UserMemory) -> Content:
    """What the tag says. Raises TagMemoryError, PadFault; never for what is on the tag."""
    return recognise(_window(memory), memory.framing)


def write(memory: UserMemory, block: BasicBlock, *, overwrite: bool = False) -> Item:
    """Write the form that fits, unit by unit, the first one last, and read everything back.

    From the first unit on the tag reads as Incomplete until all of it is there; writing again repairs it.
    Raises TagForeign: somebody else's content, unless `overwrite`; BlockError: it cannot be said in a block;
    TagTooSmall, TagRefused: before anything is written; TagGone, TagNotVerified, TagMemoryError, PadFault.
    """
    layout = lay_out(block, memory.framing, unit=memory.unit, units=memory.units)
    held = _window(memory)
    found = recognise(held, memory.framing)
    if isinstance(found, Foreign) and not overwrite:
        raise TagForeign(
            f"{memory.kind} {memory.uid} holds {found.kind}; it is overwritten only when that is asked for"
        )
    there = [held[at : at + memory.unit] for at in range(0, len(layout.content), memory.unit)]
    if tuple(there) != layout.units:
        _refuse_locked(memory, len(layout.units))
        if there[0] != layout.opening:
            memory.write(0, layout.opening)
        for index, data in enumerate(layout.units):
            if index and there[index] != data:
                memory.write(index, data)
        memory.write(0, layout.units[0])
    content = memory.read(0, len(layout.units))
    said = recognise(content, memory.framing)
    if content != layout.content or not isinstance(said, Item):
        raise TagNotVerified(
            f"{memory.kind} {memory.uid} reads {content.hex().upper()} after {layout.content.hex().upper()} "
            "was written: do it again, or use another tag"
        )
    return said


def _window(memory: UserMemory) -> bytes:
    return memory.read(0, min(memory.units, -(-WINDOW // memory.unit)))


def _refuse_locked(memory: UserMemory, count: int) -> None:
    if not isinstance(memory, LockAware):
        return
    locked = [index for index in range(count) if memory.locked(index)]
    if locked:
        raise TagRefused(
            f"{memory.kind} {memory.uid} is locked (unit {locked[0]} of {count} needed); nothing was "
            "written: use another tag, or lend by its UID alone"
        )


class Agreement(StrEnum):
    """How a tag's text stands to the item that the table of UIDs names. The table always wins."""

    AGREES = "agrees"
    BLANK = "blank"
    ANOTHER = "another item"
    INCOMPLETE = "incomplete"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer, and what staff should know of it."""

    agreement: Agreement
    words: str


def agreement(text: Content, expected: str) -> Comparison:
    """Compare a tag's text with the item id that the table has for its UID. Pure; changes nothing."""
    match text:
        case Item(identifier=said) if said == expected:
            return Comparison(Agreement.AGREES, f"the tag says {expected} too")
        case Item(identifier=said):
            return Comparison(
                Agreement.ANOTHER,
                f"the tag says {said}, the catalogue says {expected}, which counts: look into the book, and "
                "write the tag again if the catalogue is right",
            )
        case Blank():
            return Comparison(Agreement.BLANK, f"the tag says nothing; it counts as {expected} by its UID")
        case Incomplete():
            return Comparison(
                Agreement.INCOMPLETE, f"the tag of {expected} was lifted while it was written: write it again"
            )
        case Foreign(kind=kind):
            return Comparison(
                Agreement.FOREIGN, f"the tag holds {kind}; it counts as {expected} by its UID all the same"
            )
        case Garbage(words=words):
            return Comparison(
                Agreement.DAMAGED, f"the text of {expected}'s tag is damaged ({words}): write it again"
            )
