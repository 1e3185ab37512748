"""SQLite's own way to the disk, with every write, truncation, sync and deletion written down on the way.

A SQLite VFS (sqlite.org/vfs.html) that stands as the default one in this process: it opens files with the
system's VFS and puts itself only before the methods that change something, so the station above it and the
files below it are the real ones. It needs no root, no tracing and no compiler: the same shared library that
Python's sqlite3 module uses is reached through ctypes.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path
from typing import Any

SQLITE_OK = 0
CREATE = 0x4  # flags of xOpen, sqlite3.h
JOURNALS = 0x800 | 0x4000 | 0x80000  # main journal, super-journal, WAL

_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
# Names are passed on as the pointers they are: SQLite keeps the parameters of a URI beside the text.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)


class _Methods(Structure):
    """sqlite3_io_methods, version 3; what is not looked at is passed on as it is."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    )


class _File(Structure):
    """The beginning of every sqlite3_file."""

    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(Structure):
    """sqlite3_vfs, version 3; what is not looked at is passed on as it is."""

    _fields_ = (
        ("version", c_int),
        ("size_of_file", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
        ("rest", c_void_p * 14),
    )


Op = tuple[Any, ...]
"""("open", file) ("write", file, offset, data) ("truncate", file, size) ("sync", file, folder too)
("delete", file, folder synced), and whatever the recorded program says itself."""


class NoSharedSqlite(RuntimeError):
    """Python's sqlite3 module does not use a shared library that ctypes can reach."""


def shared_sqlite() -> ctypes.CDLL:
    """The very library that this Python's sqlite3 module has loaded. Raises NoSharedSqlite."""
    import sqlite3

    sqlite3.connect(":memory:").close()
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        path = line.split(maxsplit=5)[-1]
        if "sqlite3" not in path.rsplit("/", 1)[-1]:
            continue
        try:
            library = ctypes.CDLL(path)
            library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        except (OSError, AttributeError):
            continue
        library.sqlite3_libversion.restype = c_char_p
        if library.sqlite3_libversion().decode() == sqlite3.sqlite_version:
            return library
    raise NoSharedSqlite(
        "this Python carries SQLite inside itself, where no VFS can be put before it; use a Python that is"
        " linked to the system's libsqlite3, as Debian's and Raspberry Pi OS's are"
    )


class Recording:
    """Everything this process does to database files from now on, in order. Made once a process."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self._library = shared_sqlite()
        self._system = self._library.sqlite3_vfs_find(None)
        self._files: dict[int, str] = {}
        self._new: set[int] = (
            set()
        )  # journals whose first sync is one of their folder too (os_unix.c, unixSync)
        self._tables: dict[int, tuple[_Methods, _Methods]] = {}  # by address of the system's own
        self._kept: list[Any] = []  # what SQLite points at must outlive us
        mine = _Vfs.from_buffer_copy(self._system.contents)
        mine.name = b"gocdoc-recording"
        mine.next = None
        mine.open = self._as_pointer(_Open(self._open))
        mine.delete = self._as_pointer(_Delete(self._delete))
        self._really_open = _Open(self._system.contents.open)
        self._really_delete = _Delete(self._system.contents.delete)
        self._kept.append(mine)
        if self._library.sqlite3_vfs_register(byref(mine), 1) != SQLITE_OK:
            raise NoSharedSqlite("SQLite would not take the recording VFS")

    def say(self, *what: Any) -> None:
        """Put a remark of the recorded program between what it did."""
        self.ops.append(what)

    def _as_pointer(self, function: Any) -> int:
        self._kept.append(function)
        pointer = cast(function, c_void_p).value
        assert pointer is not None
        return pointer

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        code = self._really_open(ctypes.addressof(self._system.contents), name, file, flags, out)
        of = _File.from_address(file)
        if code == SQLITE_OK and name is not None and of.methods:
            self._files[file] = os.fsdecode(ctypes.string_at(name))
            self.ops.append(("open", self._files[file]))
            if flags & CREATE and flags & JOURNALS:
                self._new.add(file)
            of.methods = ctypes.pointer(self._recording(of.methods))
        return code

    def _delete(self, _vfs: int, name: int, sync: int) -> int:
        code = self._really_delete(ctypes.addressof(self._system.contents), name, sync)
        if code == SQLITE_OK:
            self.ops.append(("delete", os.fsdecode(ctypes.string_at(name)), bool(sync)))
        return code

    def _recording(self, system: Any) -> _Methods:
        """The methods of the system's VFS, with ours before those that change something."""
        address = ctypes.addressof(system.contents)
        if address not in self._tables:
            real = system.contents
            mine = _Methods.from_buffer_copy(real)
            mine.close = self._as_pointer(_Close(self._closing(_Close(real.close))))
            mine.write = self._as_pointer(_Write(self._writing(_Write(real.write))))
            mine.truncate = self._as_pointer(_Truncate(self._truncating(_Truncate(real.truncate))))
            mine.sync = self._as_pointer(_Sync(self._syncing(_Sync(real.sync))))
            self._tables[address] = (mine, real)
        return self._tables[address][0]

    def _closing(self, really: Any) -> Callable[[int], int]:
        def close(file: int) -> int:
            self._files.pop(file, None)
            self._new.discard(file)
            return int(really(file))

        return close

    def _writing(self, really: Any) -> Callable[[int, int, int, int], int]:
        def write(file: int, data: int, size: int, offset: int) -> int:
            code = int(really(file, data, size, offset))
            if code == SQLITE_OK:
                self.ops.append(("write", self._files[file], offset, ctypes.string_at(data, size)))
            return code

        return write

    def _truncating(self, really: Any) -> Callable[[int, int], int]:
        def truncate(file: int, size: int) -> int:
            code = int(really(file, size))
            if code == SQLITE_OK:
                self.ops.append(("truncate", self._files[file], size))
            return code

        return truncate

    def _syncing(self, really: Any) -> Callable[[int, int], int]:
        def sync(file: int, flags: int) -> int:
            code = int(really(file, flags))
            if code == SQLITE_OK:
                self.ops.append(("sync", self._files[file], file in self._new))
                self._new.discard(file)
            return code

        return sync
