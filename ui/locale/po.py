"""Reads a gettext .po file into a translation: translators edit one file, nothing is compiled by hand.

The part of the format the catalogues use: comments, msgid, msgid_plural, msgstr, msgstr[n], strings over
several lines. The .mo layout is the one in GNU gettext's manual, "The Format of GNU MO Files".
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import struct
from pathlib import Path

KEYWORD = re.compile(r"(msgid|msgid_plural|msgstr(?:\[(\d)\])?)\s+(\".*\")$")


class CatalogueError(ValueError):
    """A translation file cannot be read; the message names the file and the line."""


def load(path: Path) -> gettext.GNUTranslations:
    """The translation in a .po file. Raises CatalogueError with file and line for anything malformed."""
    entries = read(path)
    return gettext.GNUTranslations(io.BytesIO(compiled(entries)))


def read(path: Path) -> dict[str, str]:
    """The file's entries as a .mo file holds them: plural ids and plural texts are joined by NUL."""
    entries: dict[str, dict[str, str]] = {}
    entry: dict[str, str] = {}
    part = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        found = KEYWORD.fullmatch(line)
        try:
            text = ast.literal_eval(found[3] if found else line)
        except (SyntaxError, ValueError) as error:
            raise CatalogueError(f"{path}:{number}: not a quoted string: {line[:60]}") from error
        if found is None:
            if not part:
                raise CatalogueError(f"{path}:{number}: a string before any msgid")
            entry[part] += text
            continue
        part = found[1]
        if part == "msgid":
            entry = {}
            if text in entries and text:
                raise CatalogueError(f"{path}:{number}: {text!r} is there twice; remove one")
            entries[text] = entry
        entry[part] = text
    return dict(_joined(entry) for entry in entries.values())


def _joined(entry: dict[str, str]) -> tuple[str, str]:
    if "msgid_plural" not in entry:
        return entry["msgid"], entry.get("msgstr", "")
    forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr[")]
    return f"{entry['msgid']}\0{entry['msgid_plural']}", "\0".join(forms)


def compiled(entries: dict[str, str]) -> bytes:
    """The entries as the bytes of a .mo file: two sorted tables of length and offset, then the strings."""
    pairs = [(key.encode(), text.encode()) for key, text in sorted(entries.items())]
    count = len(pairs)
    table = 28  # seven header words
    offset = table + 16 * count
    tables: list[list[int]] = [[], []]
    blob = b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += [len(pair[which]), offset + len(blob)]
            blob += pair[which] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, count, table, table + 8 * count, 0, offset)
    return header + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + blob
