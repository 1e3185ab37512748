"""Writes the two boot files so that a power cut leaves either the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from firmware_config.compose import Firmware, text
from firmware_config.errors import FirmwareError

BACKUP: Final = ".before-gocdoc"


def write(boot: Path, firmware: Firmware) -> list[Path]:
    """Bring config.txt and cmdline.txt in line; answers with the files that changed.

    Both are composed before either is written. The file as it was before the station first changed it is
    kept beside it. Raises FirmwareError on a conflict, and when the partition cannot be written.
    """
    config, command = boot / "config.txt", boot / "cmdline.txt"
    wanted = [
        (config, firmware.merge_config(text(config))),
        (command, firmware.merge_cmdline(text(command))),
    ]
    changed = [(path, new) for path, new in wanted if new != text(path)]
    for path, new in changed:
        try:
            _replace(path, new.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise FirmwareError(
                f"{path}: cannot be written ({error.strerror}): run it with sudo, and see that the boot "
                "partition is not read-only or full"
            ) from error
    return [path for path, _ in changed]


def _replace(path: Path, content: bytes) -> None:
    backup = path.with_name(path.name + BACKUP)
    if not backup.exists():
        _put(backup, path.read_bytes())
    _put(path, content)


def _put(path: Path, content: bytes) -> None:
    """The new bytes are on the card before they get the name, and the name before we go on."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
