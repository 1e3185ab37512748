"""Puts fragments together into what config.txt and the kernel's command line must hold, and compares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_config import block
from firmware_config.board import Board
from firmware_config.board import board as board_named
from firmware_config.cmdline import findings as cmdline_findings
from firmware_config.cmdline import merge
from firmware_config.config_txt import Applies, Parameter, lines, parameters
from firmware_config.errors import FirmwareError
from firmware_config.fragments import HOME, Fragment, Setting, fragment, names, panel_words, read

REMEDY: Final = "'kiosk firmware write' puts it right"


@dataclass(frozen=True, slots=True)
class Firmware:
    """What one board with one panel and one reader needs at boot."""

    board: Board
    panel: str
    reader: str
    settings: tuple[Setting, ...]
    unwanted: tuple[Setting, ...]
    words: tuple[Setting, ...]
    foreign_words: tuple[str, ...]

    @property
    def config_txt(self) -> str:
        """The whole managed block, as for a config.txt that sets nothing itself."""
        return self._block(frozenset())

    @property
    def cmdline(self) -> str:
        """The words for the kernel's command line."""
        return " ".join(word.line for word in self.words)

    def merge_config(self, text: str) -> str:
        """The owner's config.txt with our block in it; nothing outside the block changes.

        What the owner already sets is not set twice. Raises FirmwareError, one line a conflict, when the
        owner's own lines forbid what the station needs.
        """
        parts = block.split(text)
        against = self._conflicts(parts)
        if against:
            raise FirmwareError("\n".join(against))
        return block.replace(parts, self._block(self._set_outside(parts)))

    def merge_cmdline(self, text: str) -> str:
        """The owner's command line with our words in it. Raises FirmwareError."""
        return merge(text, [word.line for word in self.words], self.foreign_words)

    def findings(self, config: str, command: str) -> list[str]:
        """What keeps the station from starting well, each as a sentence. Empty = nothing."""
        try:
            parts = block.split(config)
        except FirmwareError as error:
            return [str(error)]
        found = self._conflicts(parts) or self._differences(parts)
        return found + cmdline_findings(command, [word.line for word in self.words], self.foreign_words)

    def _block(self, outside: frozenset[str]) -> str:
        rows = [block.mark(self.board.name, self.panel, self.reader), "[all]"]
        for setting in self.settings:
            rows += [f"# {line}" for line in setting.reason]
            keys = {parameter.key for parameter in parameters(setting.line)}
            rows.append(f"# already set above: {setting.line}" if keys and keys <= outside else setting.line)
        return "\n".join([*rows, block.END, ""])

    def _wanted(self) -> dict[str, tuple[Parameter, Setting]]:
        return {
            parameter.key: (parameter, setting)
            for setting in self.settings
            for parameter in parameters(setting.line)
        }

    def _set_outside(self, parts: block.Parts) -> frozenset[str]:
        """Keys the owner's own lines set as we want them, on this board, always."""
        wanted = self._wanted()
        return frozenset(
            parameter.key
            for line in lines(parts.outside, self.board)
            if line.applies is Applies.YES
            for parameter in parameters(line.text)
            if parameter.key in wanted
        )

    def _conflicts(self, parts: block.Parts) -> list[str]:
        wanted = self._wanted()
        barred = [(parameter, setting) for setting in self.unwanted for parameter in parameters(setting.line)]
        found: list[str] = []
        for line in lines(parts.outside, self.board):
            if line.applies is Applies.NO:
                continue
            where = f"config.txt line {line.number}: '{line.text}'"
            for parameter in parameters(line.text):
                if parameter.key in wanted:
                    ours, setting = wanted[parameter.key]
                    if parameter.value != ours.value:
                        found.append(
                            f"{where} is against '{setting.line}' ({_why(setting)}); remove the line"
                        )
                found += [
                    f"{where} must not stand here: {_why(setting)}; remove the line"
                    for bar, setting in barred
                    if bar.key == parameter.key
                    and bar.value == parameter.value
                    and bar.options <= parameter.options
                ]
        return found

    def _differences(self, parts: block.Parts) -> list[str]:
        outside = self._set_outside(parts)
        if parts.block.replace("\r\n", "\n").rstrip("\n") == self._block(outside).rstrip("\n"):
            return []
        held = {line.strip() for line in parts.block.split("\n")}
        missing = [
            f"config.txt: '{setting.line}' is missing ({_why(setting)}); {REMEDY}"
            for setting in self.settings
            for keys in [{parameter.key for parameter in parameters(setting.line)}]
            if keys and not keys <= outside and setting.line not in held
        ]
        if missing or not parts.block:
            return missing or [f"config.txt: holds no block of the station's settings; {REMEDY}"]
        return [
            f"config.txt: the block between the marks is not what this board, panel and reader need; {REMEDY}"
        ]


def compose(board: str, panel: str, reader: str) -> Firmware:
    """What this board with this panel and this reader needs. Raises FirmwareError on an unknown name."""
    common = read(HOME / "common.txt")
    parts = (common, fragment("boards", board), fragment("panels", panel), fragment("readers", reader))
    words = (*read(HOME / "cmdline.txt").wanted, *panel_words(panel))
    held = {word.line for word in words}
    foreign = tuple(
        word.line for name in names("panels") for word in panel_words(name) if word.line not in held
    )
    return Firmware(
        board_named(board),
        panel,
        reader,
        _united(parts),
        tuple(setting for part in parts for setting in part.unwanted),
        words,
        foreign,
    )


def check(boot: Path, board: str, panel: str, reader: str) -> list[str]:
    """Compare a boot partition with what is needed; each finding is a sentence. Empty = all is well.

    Raises FirmwareError on an unknown board, panel or reader, and on files that cannot be read.
    """
    return compose(board, panel, reader).findings(text(boot / "config.txt"), text(boot / "cmdline.txt"))


def text(path: Path) -> str:
    """A boot file, byte for byte. Raises FirmwareError."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise FirmwareError(
            f"{path}: cannot be read ({error.strerror}): is the boot partition mounted, and is --boot right?"
        ) from error


def _united(parts: tuple[Fragment, ...]) -> tuple[Setting, ...]:
    """All settings, each once. Raises FirmwareError when two fragments want different things."""
    united: dict[str, Setting] = {}
    for part in parts:
        for setting in part.wanted:
            keys = "+".join(parameter.key for parameter in parameters(setting.line))
            other = united.setdefault(keys or setting.line, setting)
            if other.line != setting.line:
                raise FirmwareError(f"two fragments disagree: '{other.line}' and '{setting.line}'")
    return tuple(united.values())


def _why(setting: Setting) -> str:
    return " ".join(setting.reason)
