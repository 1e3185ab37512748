"""The kernel's command line: one line of words, most of them the owner's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from firmware_config.errors import FirmwareError

# A word may hold blanks between double quotes (kernel-parameters).
_WORD: Final = re.compile(r'(?:"[^"]*"|[^\s"])+')


def key(word: str) -> str:
    """What a word sets. 'video=' counts by connector, because each may have its own mode."""
    name, equals, value = word.partition("=")
    if name == "video" and ":" in value:
        return f"video={value.partition(':')[0]}"
    return name + equals


def words(text: str) -> list[str]:
    """The words of a command line."""
    return _WORD.findall(text)


def merge(text: str, wanted: Iterable[str], unwanted: Iterable[str] = ()) -> str:
    """The command line with each wanted word once, and without the unwanted ones; the rest stays as it is.

    A word of ours that stands there with another value is replaced in its place. Raises FirmwareError when
    the file is not one line that names a root file system: the board could not start with it.
    """
    _require_bootable(text)
    left = {key(word): word for word in wanted}
    ours = dict(left)
    gone = set(unwanted)
    kept: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        gap, word, end = text[end : match.start()], match.group(), match.end()
        known = key(word)
        if known in ours:
            if known not in left:
                continue  # a second one of ours
            word = left.pop(known)
        elif word in gone:
            continue
        kept.append(gap + word)
    return "".join(kept) + "".join(f" {word}" for word in left.values()) + text[end:]


def findings(text: str, wanted: Iterable[str], unwanted: Iterable[str] = ()) -> list[str]:
    """What is missing, different or dangerous, each as a sentence."""
    try:
        _require_bootable(text)
    except FirmwareError as error:
        return [str(error)]
    found: list[str] = []
    present: dict[str, list[str]] = {}
    for word in words(text):
        present.setdefault(key(word), []).append(word)
    for word in wanted:
        there = present.get(key(word), [])
        if not there:
            found.append(f"cmdline.txt: '{word}' is missing")
        elif there != [word]:
            found.append(f"cmdline.txt: '{' '.join(there)}' stands where '{word}' is wanted")
    for word in unwanted:
        if word in words(text):
            found.append(f"cmdline.txt: '{word}' belongs to another panel")
    return found + _overlayroot(present)


def _overlayroot(present: dict[str, list[str]]) -> list[str]:
    """A temporary root that also covers the data partition forgets every loan at power-off."""
    found = []
    for word in present.get("overlayroot=", []):
        options = word.partition(":")[2].split(",")
        if not word.startswith("overlayroot=disabled") and "recurse=0" not in options:
            found.append(
                f"cmdline.txt: '{word}' makes every partition temporary, the data partition too: "
                "every loan would be forgotten at power-off; write 'overlayroot=tmpfs:recurse=0' "
                "and keep the station's data on a partition of its own"
            )
    if "boot=overlay" in present.get("boot=", []):
        found.append(
            "cmdline.txt: 'boot=overlay' makes the root temporary: keep the station's data on a partition "
            "of its own, or every loan is forgotten at power-off"
        )
    return found


def _require_bootable(text: str) -> None:
    filled = [number for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(filled) > 1:
        raise FirmwareError(
            f"cmdline.txt: has text on lines {filled[0]} and {filled[1]}; the board reads one line only: "
            "join them"
        )
    if not any(key(word) == "root=" for word in words(text)):
        raise FirmwareError(
            "cmdline.txt: names no 'root=': the board could not start; restore it from a backup"
        )
