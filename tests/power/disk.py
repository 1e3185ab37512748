"""What a disk may hold after the power went: everything that was synced, and any part of what was not.

The model is that of SQLite's own crash tests (sqlite.org/testing.html section 3.3) and of ALICE (OSDI 2014):
data that a finished sync of its file covers is there. Of what was written later each piece is there, is not,
or is torn at sectors of 512 bytes, whatever the order; a file's new length likewise. That a file was made is
taken as durable; that one was deleted only when its folder was synced.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.power.recording_vfs import Op

SECTOR = 512


@dataclass(slots=True)
class File:
    """`synced`: what surely is there, None = no file. `loose`: what happened to it since its last sync."""

    synced: bytearray | None = None
    loose: list[Op] = field(default_factory=list)

    def folder_synced(self) -> None:
        """That the file was deleted is durable now, and that it was made anew; not what was written since."""
        gone = max((at for at, op in enumerate(self.loose) if op[0] == "delete"), default=None)
        if gone is not None:
            del self.loose[: gone + 1]
            self.synced = bytearray() if self.loose else None


class Disk:
    """The files of one recording, up to some moment of it."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}

    def take(self, op: Op) -> None:
        """One more thing that happened; remarks of the program are none."""
        match op:
            case ("open", name):
                file = self.files.setdefault(name, File())
                if file.loose:
                    file.loose.append(op)  # perhaps it was deleted, and is made anew
                elif file.synced is None:
                    file.synced = bytearray()
            case ("write" | "truncate", name, *_):
                self.files[name].loose.append(op)
            case ("delete", name, synced):
                self.files.setdefault(name, File()).loose.append(op)
                if synced:
                    self.files[name].folder_synced()
            case ("sync", name, folder_too):
                self.settle(name)
                if folder_too:
                    for file in self.files.values():
                        file.folder_synced()

    def settle(self, name: str) -> None:
        """What happened to this file is durable now."""
        file = self.files[name]
        for op in file.loose:
            file.synced = applied(file.synced, op)
        file.loose.clear()

    def after_the_cut(self, folder: Path, chance: random.Random) -> None:
        """Write one of the states that may be found when the power is back."""
        for name, file in self.files.items():
            found = None if file.synced is None else bytearray(file.synced)
            for op in torn(file.loose, chance):
                found = applied(found, op)
            if found is not None:
                (folder / Path(name).name).write_bytes(found)


def torn(loose: list[Op], chance: random.Random) -> list[Op]:
    """One way in which unsynced operations may have reached the disk."""
    match chance.randrange(5):
        case 0:
            return []
        case 1:
            return loose
        case 2:  # in order up to a moment, and the last one torn
            upto = chance.randint(0, len(loose))
            return [*loose[:upto], *(part for op in loose[upto : upto + 1] for part in _torn(op, chance))]
        case _:  # any of them, each whole or torn
            return [
                part
                for op in loose
                if chance.random() < 0.6
                for part in (_torn(op, chance) if chance.random() < 0.5 else (op,))
            ]


def _torn(op: Op, chance: random.Random) -> list[Op]:
    if op[0] != "write":
        return [op] if chance.random() < 0.5 else []
    _, name, offset, data = op
    pieces: list[Op] = []
    at = 0
    while at < len(data):
        end = min(len(data), at + SECTOR - (offset + at) % SECTOR)
        pieces.append(("write", name, offset + at, data[at:end]))
        at = end
    if chance.random() < 0.5:
        return pieces[: chance.randint(0, len(pieces))]
    return [piece for piece in pieces if chance.random() < 0.5]


def applied(content: bytearray | None, op: Op) -> bytearray | None:
    """A file's content after one operation; a gap that nothing was written into reads as zeros."""
    match op:
        case ("delete", *_):
            return None
        case ("open", _):
            return bytearray() if content is None else content
        case ("truncate", _, size):
            content = bytearray() if content is None else content
            if size < len(content):
                del content[size:]
            else:
                content.extend(bytes(size - len(content)))
            return content
        case ("write", _, offset, data):
            content = bytearray() if content is None else content
            if offset > len(content):
                content.extend(bytes(offset - len(content)))
            content[offset : offset + len(data)] = data
            return content
    raise AssertionError(f"not an operation on a file: {op[0]!r}")
