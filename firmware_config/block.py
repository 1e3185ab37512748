"""The managed block of config.txt: between our two marks it is ours, all else is the owner's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_config.errors import FirmwareError

BEGIN: Final = "# >>> gocdoc:"
END: Final = "# <<< gocdoc"
_ADVICE: Final = "(kept by 'kiosk firmware write')"


@dataclass(frozen=True, slots=True)
class Parts:
    """config.txt in three: before our block, the block with its marks (empty = none yet), after it."""

    before: str
    block: str
    after: str

    @property
    def outside(self) -> list[str]:
        """The owner's lines, with an empty line in place of each of ours, so that numbers stay right."""
        ours = [""] * len(_rows(self.block))
        return [row.rstrip("\r\n") for row in (*_rows(self.before), *ours, *_rows(self.after))]


def mark(board: str, panel: str, reader: str) -> str:
    """The block's first line, which also remembers what it was composed for."""
    return f"{BEGIN} {board} {panel} {reader} {_ADVICE}"


def chosen(block: str) -> tuple[str, str, str] | None:
    """The board, panel and reader a block was composed for; None when it does not say."""
    first = block.partition("\n")[0].removeprefix(BEGIN).removesuffix("\r").removesuffix(_ADVICE).split()
    return (first[0], first[1], first[2]) if len(first) == 3 else None


def split(text: str) -> Parts:
    """Take config.txt apart. Raises FirmwareError when the marks are not one pair, naming the line."""
    begins: list[int] = []
    ends: list[int] = []
    rows = _rows(text)
    for number, row in enumerate(rows):
        if row.startswith(BEGIN):
            begins.append(number)
        elif row.rstrip() == END:
            ends.append(number)
    if not begins and not ends:
        return Parts(text, "", "")
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        found = ", ".join(str(number + 1) for number in sorted(begins + ends))
        raise FirmwareError(
            f"config.txt: the marks '{BEGIN}' and '{END}' must stand once each, in this order; "
            f"found on line {found}: delete the stray mark"
        )
    first, after = begins[0], ends[0] + 1
    return Parts("".join(rows[:first]), "".join(rows[first:after]), "".join(rows[after:]))


def replace(parts: Parts, block: str) -> str:
    """config.txt with this block: where the old one stood, or at the end."""
    before = parts.before
    if not parts.block and before and not before.endswith("\n"):
        before += "\n"
    newline = "\r\n" if "\r\n" in before else "\n"
    return before + block.replace("\n", newline) + parts.after


def _rows(text: str) -> list[str]:
    """Lines with their ends, as the firmware sees them: only a line feed ends one."""
    rows = [row + "\n" for row in text.split("\n")]
    rows[-1] = rows[-1][:-1]
    return rows if rows[-1] else rows[:-1]
