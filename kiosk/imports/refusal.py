"""Why an import was refused: every mistake with its place, and nothing taken in."""

from __future__ import annotations

from pathlib import Path

from kiosk.errors import StationError

MOST_SHOWN = 20
_LONGEST_FOUND = 60


class ImportRefused(StationError, ValueError):
    """Nothing was imported. The message has one line a mistake: `file:line: column: what; remedy`."""


class Mistakes:
    """Collects what is wrong with a set of files, in the order it was found."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(
        self, path: Path, line: int, column: str, wrong: str, remedy: str, found: str | None = None
    ) -> None:
        """Note one mistake. `line` 0 is the file as a whole; `found` is shown cut and escaped."""
        where = f"{path.name}:{line}" if line else path.name
        if column:
            where += f": {column}"
        shown = f" (found {_escaped(found)})" if found else ""
        self._lines.append(f"{where}: {wrong}{shown}; {remedy}")

    def refuse_if_any(self) -> None:
        """Raise ImportRefused with the first 20 mistakes when there are any."""
        if not self._lines:
            return
        shown = self._lines[:MOST_SHOWN]
        more = len(self._lines) - len(shown)
        if more:
            shown.append(f"... and {more} more mistakes")
        shown.append("Nothing was imported.")
        raise ImportRefused("\n".join(shown))


def _escaped(found: str) -> str:
    # repr keeps control characters and bidi overrides out of the terminal.
    cut = found[:_LONGEST_FOUND]
    return repr(cut) + ("..." if len(found) > len(cut) else "")
