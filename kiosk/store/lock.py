"""One station process a data folder: a lock file the kernel releases, even at kill -9."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kiosk.store.errors import DataInUse, UnwritableFolder

LOCK_NAME = "station.lock"


class StationLock:
    """Holds `<data>/station.lock` until `release`.

    Raises DataInUse when another process holds it, UnwritableFolder when it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd: int | None = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnwritableFolder(
                f"{folder}: the station cannot write here ({error.strerror}); "
                "give the folder to the station's user or choose another with station.data"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._fd, 20, 0).decode("ascii", "replace").strip()
            os.close(self._fd)
            self._fd = None
            raise DataInUse(
                f"{folder}: a station is already running on this data"
                f"{f' (process {holder})' if holder.isdigit() else ''}; "
                "stop it first, or give this one its own folder with station.data"
            ) from error
        # The number is only for the message above; a full disk must not keep a station from starting.
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass

    def release(self) -> None:
        """Let the next process in. The file stays: removing it would let two processes lock two files."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
