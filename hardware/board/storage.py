"""The file system the station's data lie on: how full, still writable, any errors, how much was written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hardware.board.tree import Tree

StatVfs = Callable[[Path], os.statvfs_result]
"""Asks how full the file system of a folder is: os.statvfs, or a made-up one in a test. Raises OSError."""

_IN_MEMORY = {"tmpfs", "ramfs"}
_OCTAL = re.compile(r"\\([0-7]{3})")  # how /proc/mounts writes a space in a name (proc(5))


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/mounts."""

    device: str
    point: PurePosixPath
    kind: str  # "ext4", "overlay", "tmpfs" ...
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Storage:
    """None = cannot be told. Sizes in bytes."""

    total: int | None = None
    free: int | None = None  # for everybody, without root's reserve
    free_names: float | None = None  # share of the file names (inodes) still free, 0.0-1.0
    device: str | None = None
    kind: str | None = None
    read_only: bool | None = None  # ext4 goes read-only by itself when the card fails (errors=remount-ro)
    forgets: bool | None = None  # lies in memory: everything is gone after a power cut
    errors: int | None = None  # file system errors ever counted (ext4)
    written: int | None = None  # bytes ever written to the file system (ext4)


def read_storage(tree: Tree, data: PurePosixPath, statvfs: StatVfs) -> Storage:
    """The file system under the folder `data`."""
    total = free = free_names = None
    try:
        size = statvfs(tree.at(str(data)))
        total, free = size.f_blocks * size.f_frsize, size.f_bavail * size.f_frsize
        free_names = size.f_favail / size.f_files if size.f_files else None
    except (OSError, ValueError):
        pass
    mount = mount_of(tree, data)
    if mount is None:
        return Storage(total, free, free_names)
    counters = _ext4(tree, mount)
    written = tree.number(f"{counters}/lifetime_write_kbytes") if counters else None
    return Storage(
        total,
        free,
        free_names,
        mount.device,
        mount.kind,
        "ro" in mount.options,
        mount.kind in _IN_MEMORY or mount.device == "overlayroot",
        tree.number(f"{counters}/errors_count") if counters else None,
        written * 1024 if written is not None and written >= 0 else None,
    )


def mount_of(tree: Tree, folder: PurePosixPath) -> Mount | None:
    """The mount a folder lies on: the longest mount point above it, and of equals the newest."""
    best: Mount | None = None
    for mount in _mounts(tree.text("/proc/mounts") or ""):
        above = mount.point == folder or mount.point in folder.parents
        if above and (best is None or len(mount.point.parts) >= len(best.point.parts)):
            best = mount
    return best


def _mounts(text: str) -> list[Mount]:
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) >= 4 and fields[1].startswith("/"):
            device, point, kind, options = (_plain(field) for field in fields[:4])
            found.append(Mount(device, PurePosixPath(point), kind, frozenset(options.split(","))))
    return found


def _plain(field: str) -> str:
    text = _OCTAL.sub(lambda found: chr(int(found.group(1), 8)), field)
    return "".join(letter for letter in text if letter.isprintable())


def _ext4(tree: Tree, mount: Mount) -> str | None:
    """Where the kernel counts for this ext4. Some call the device /dev/root: then it must be the only one."""
    if mount.kind != "ext4":
        return None
    name = PurePosixPath(mount.device).name
    if name and tree.exists(f"/sys/fs/ext4/{name}/errors_count"):
        return f"/sys/fs/ext4/{name}"
    counted = tree.glob("/sys/fs/ext4/*/errors_count")
    return str(PurePosixPath(counted[0]).parent) if name == "root" and len(counted) == 1 else None
