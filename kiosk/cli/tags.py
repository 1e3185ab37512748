"""`kiosk tags`: what a tag says of its item, and writing it. The table of tags always counts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.errors import StationError
from kiosk.events import Tag, TagRead, TagSays
from kiosk.ports import Pad, PadDisturbed, PadFault, StoreError
from kiosk.settings import Settings, load

if TYPE_CHECKING:
    from hardware.rfid.joint_pad import JointPad

app = typer.Typer(help="What tags say, and writing it.", no_args_is_help=True)
BIND_S = 30.0
_PAUSE_S = 0.1


class TagError(StationError, OSError):
    """A tag's memory could not be read or written; says what to do."""


@app.command("show")
def show(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Say what the tag on the pad is, what the table knows of it and what it says itself."""
    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock), waited_tag(chosen) as (pad, tag):
        from hardware.errands import told
        from hardware.rfid.tags import item_text
        from hardware.rfid.tags.memory import TagMemoryError

        with store.begin(clock.now()) as work:
            card = work.patron_by_card(tag.uid) is not None
            item = None if card else work.item_by_tag(tag.uid)
        print(f"tag      {tag.uid} ({tag.kind.value})")
        if card:
            print("table    a library card")
            return
        print(
            f"table    {f'{item.id}, {item.title.name}' if item else 'nothing: the tag is bound to no item'}"
        )
        try:
            with pad.memory(tag.uid) as memory:
                print(f"memory   {memory.kind}, {memory.unit * memory.units} bytes to write")
                text = item_text.read(memory)
        except TagMemoryError as error:
            print(f"memory   {error}")
            return
        print(f"says     {_in_words(told(tag.uid, text))}")
        if item is not None:
            print(f"so       {item_text.agreement(text, item.id).words}")


@app.command("write")
def write(
    item: Annotated[str, typer.Argument(help="the item's number; its tag must be bound to it already")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    overwrite: Annotated[bool, typer.Option(help="also over somebody else's content")] = False,
) -> None:
    """Write an item's number into its tag (ISO 28560-3), read it back and compare."""
    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock):
        with store.begin(clock.now()) as work:
            known = work.item(item)
        if known is None:
            raise StoreError(f"there is no item {item!r}; 'kiosk import --items' brings items in")
        with waited_tag(chosen) as (pad, tag):
            with store.begin(clock.now()) as work:
                bound = work.item_by_tag(tag.uid)
            if bound is None or bound.id != item:
                whose = f"is bound to {bound.id}" if bound else "is bound to no item"
                raise TagError(f"tag {tag.uid} {whose}; 'kiosk items bind {item}' binds it first")
            said = _written(pad, tag, item, chosen.station.isil, overwrite)
    print(f"{item} ({known.title.name}) stands in the tag {tag.uid} now: {said}.")


_SAYS = {
    TagSays.BLANK: "nothing: it was never written",
    TagSays.INCOMPLETE: "it was lifted while it was written; write it again",
    TagSays.FOREIGN: "somebody else's content: {words}",
    TagSays.GARBAGE: "garbage: {words}",
    TagSays.UNREADABLE: "{words}",
}


def _in_words(read: TagRead) -> str:
    return _SAYS.get(read.says, "it is {item}").format(item=read.item, words=read.words)


def _written(pad: JointPad, tag: Tag, item: str, owner: str, overwrite: bool) -> str:
    """Write; a tag that is lifted meanwhile is asked back, for as long as a person is patient."""
    from hardware.rfid.tags import item_text
    from hardware.rfid.tags.iso28560 import BasicBlock, BlockError
    from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagNotVerified

    try:
        block = BasicBlock(item, owner)
    except BlockError as error:
        raise TagError(f"this does not fit into a tag: {error}") from error
    ends = time.monotonic() + BIND_S
    while True:
        try:
            pad.inventory()
            with pad.memory(tag.uid) as memory:
                return item_text.write(memory, block, overwrite=overwrite).form.value
        except (TagGone, TagNotVerified, PadDisturbed) as error:
            if time.monotonic() > ends:
                raise TagError(f"the tag was not written to the end ({error}); do it again") from error
            print("Put the tag back and leave it there ...", file=sys.stderr)
            time.sleep(5 * _PAUSE_S)
        except TagMemoryError as error:
            raise TagError(str(error)) from error


@contextmanager
def waited_tag(settings: Settings) -> Iterator[tuple[JointPad, Tag]]:
    """The pad, open, and the one tag that lies on it; waits for it. Raises PadFault.

    For a block in which the station's store is open: that keeps a running station away from the pad.
    """
    with bootstrap.opened_pins(settings) as pins:
        pad = bootstrap.pad_of(settings, pins)
        pad.open()
        try:
            yield pad, _one_tag(pad)
        finally:
            pad.close()


def _one_tag(pad: Pad) -> Tag:
    """The one tag on the pad, seen twice the same."""
    print(f"Put exactly one tag on the pad (waiting {BIND_S:g} s) ...", file=sys.stderr)
    ends = time.monotonic() + BIND_S
    before: frozenset[Tag] = frozenset()
    while time.monotonic() < ends:
        try:
            seen = pad.inventory()
        except PadDisturbed:  # a hand just putting the tag down
            seen = frozenset()
        if len(seen) == 1 and seen == before:
            return next(iter(seen))
        if len(seen) > 1 and seen != before:
            print(f"{len(seen)} tags lie there: leave only one.", file=sys.stderr)
        before = seen
        time.sleep(_PAUSE_S)
    raise PadFault(
        f"{len(before)} tags lie on the pad; leave exactly one" if before else "no tag was put on the pad"
    )
