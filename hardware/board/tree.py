"""The file tree under which a kernel tells about its board: "/" on a board, a made-up one in a test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_MOST_BYTES = 64 * 1024  # /proc/mounts of a busy machine has 10 kB; whatever is longer is cut
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}")
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,16})")


@dataclass(frozen=True, slots=True)
class Tree:
    """Reads files below `root`. Nothing here raises: what is not there or makes no sense is None."""

    root: Path

    def at(self, path: str) -> Path:
        """Where a path of the board lies in this tree."""
        return self.root / path.lstrip("/")

    def exists(self, path: str) -> bool:
        """Whether there is such a file, folder or device."""
        try:
            return self.at(path).exists()
        except (OSError, ValueError):
            return False

    def raw(self, path: str) -> bytes | None:
        """The first 64 KiB of a file. A pipe or a device is not opened: it could keep us waiting."""
        try:
            place = self.at(path)
            if not place.is_file():
                return None
            with place.open("rb") as file:
                return file.read(_MOST_BYTES)
        except (OSError, ValueError):
            return None

    def text(self, path: str) -> str | None:
        """A file as ASCII without its closing NUL and newline; a foreign byte becomes '?'."""
        content = self.raw(path)
        if content is None:
            return None
        return content.decode("ascii", "replace").replace("\ufffd", "?").strip("\0 \t\r\n")

    def word(self, path: str, longest: int = 80) -> str | None:
        """A short printable text, such as a name; None when it is empty."""
        text = self.text(path)
        if text is None:
            return None
        return "".join(letter for letter in text if letter.isprintable())[:longest].strip() or None

    def number(self, path: str) -> int | None:
        """A file that holds one decimal number."""
        return decimal(self.text(path))

    def hexadecimal(self, path: str) -> int | None:
        """A file that holds one hexadecimal number, with or without 0x."""
        found = _HEX.fullmatch(self.text(path) or "")
        return int(found.group(1), 16) if found else None

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The paths of the board that fit a pattern, in order."""
        try:
            return tuple(
                sorted(f"/{path.relative_to(self.root)}" for path in self.root.glob(pattern.lstrip("/")))
            )
        except (OSError, ValueError):
            return ()

    def first(self, *patterns: str) -> str | None:
        """The first path that fits one of the patterns, which are tried in order."""
        return next((path for pattern in patterns for path in self.glob(pattern)), None)

    def hwmon(self, name: str) -> str | None:
        """The folder of the sensor of this name: the kernel numbers them anew at every start."""
        for folder in self.glob("/sys/class/hwmon/hwmon*"):
            if self.word(f"{folder}/name") == name:
                return folder
        return None


def decimal(text: str | None) -> int | None:
    """The whole number a text is, else None: no spaces within, no underscores, at most 18 digits."""
    return int(text) if text is not None and _DECIMAL.fullmatch(text) else None
