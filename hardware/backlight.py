"""The panel's light: dimmed when nobody is there, bright at the first touch or step.

Linux shows every backlight as a folder in /sys/class/backlight with the files brightness and max_brightness
(kernel documentation, sysfs-class-backlight). HDMI panels have none. Writing needs the group that deploy's
udev rule gives them to.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from hardware.closing import Closing

log = logging.getLogger(__name__)

BACKLIGHTS = Path("/sys/class/backlight")
_END_S = 5.0


class PanelLight(Closing):
    """Dims every backlight below `root` after `dim_after_s` without a touch or anybody near.

    `dim_percent` of the full light stays, and never none: a dark panel looks broken. Bright is what it was
    before it was dimmed, or full light when a station that died left it dim. A backlight that is absent or
    cannot be written is told to the log once, and nothing else happens. Calls never wait for the file.
    """

    def __init__(
        self, *, dim_after_s: float = 120.0, dim_percent: int = 15, root: str | Path = BACKLIGHTS
    ) -> None:
        self._dim_after_s, self._dim_percent, self._root = dim_after_s, dim_percent, Path(root)
        self._before: dict[Path, int] = {}
        self._dimmed = False
        self._told = False
        self._somebody = False
        self._stirred = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panel-light", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        state = "closed" if self.closed else "dimmed" if self._dimmed else "bright"
        return f"<PanelLight {self._root}, {state}>"

    @property
    def closed(self) -> bool:
        """Whether the light is left alone."""
        return self._stopping.is_set()

    def wake(self) -> None:
        """A touch: bright at once, and the time begins anew. Any thread; never waits, never raises."""
        self._stirred.set()

    def somebody(self) -> None:
        """Somebody is near: bright until `nobody` is called, and for the usual time after."""
        self._somebody = True
        self._stirred.set()

    def nobody(self) -> None:
        """Nobody is near any more: the time begins now."""
        self._somebody = False
        self._stirred.set()

    def close(self) -> None:
        """Leave the panel bright. May be called twice; never raises."""
        self._stopping.set()
        self._stirred.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_S)

    def _run(self) -> None:
        self._each(self._brighten)
        while not self._stopping.is_set():
            if not self._stirred.wait(None if self._somebody else self._dim_after_s):
                self._each(self._dim)
                self._dimmed = True
                self._stirred.wait()
                self._each(self._brighten)
                self._dimmed = False
            self._stirred.clear()

    def _each(self, change: Callable[[Path, int, int], None]) -> None:
        """Change every backlight there is now: a panel's driver may load after the station has started."""
        try:
            folders = sorted(path.parent for path in self._root.glob("*/max_brightness"))
            if not folders:
                raise FileNotFoundError(f"there is no backlight below {self._root}")
            for folder in folders:
                most = int((folder / "max_brightness").read_text(encoding="ascii"))
                change(folder / "brightness", most, max(1, round(most * self._dim_percent / 100)))
        except (OSError, ValueError) as error:
            if not self._told:
                self._told = True
                log.info("the panel's light stays as it is: %s", error)

    def _dim(self, brightness: Path, most: int, low: int) -> None:
        now = int(brightness.read_text(encoding="ascii"))
        if now > low:
            self._before[brightness] = now
            brightness.write_text(f"{low}\n", encoding="ascii")

    def _brighten(self, brightness: Path, most: int, low: int) -> None:
        if int(brightness.read_text(encoding="ascii")) <= low:
            brightness.write_text(f"{self._before.get(brightness, most)}\n", encoding="ascii")
