"""Changes single keys of a settings file and leaves everything else as a person wrote it.

The file is TOML; whoever looks after a station has put comments into it. So keys are changed line by line:
a key that is there gets its new value and keeps its comment, one that is commented out or missing is put
right under its table's header, a missing table is put at the end. A key that must go is taken out with its
line.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from kiosk.settings import load
from kiosk.settings.section import SettingsError

Value = str | int | bool

_HEADER = re.compile(r"\s*\[\s*([^\[\]#]+?)\s*\]\s*(#.*)?")
_VALUE = re.compile(r"""(\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^#\s]+)(.*)""")


def changed(text: str, section: str, values: Mapping[str, Value], without: Collection[str] = ()) -> str:
    """The text with these keys of `section` set, and `without` those."""
    lines = text.splitlines()
    for number in reversed(_lines_of(lines, section, without)):
        del lines[number]
    begin, end = _table(lines, section)
    if begin is None:
        if lines and lines[-1].strip():
            lines.append("")
        lines.append(f"[{section}]")
        begin, end = len(lines) - 1, len(lines)
    place = begin + 1
    for key, value in values.items():
        for number in range(begin + 1, end):
            name = _named(key, lines[number])
            rest = name and _VALUE.fullmatch(lines[number][name.end() :])
            if name and rest:
                lines[number] = name.group() + rest[1] + _toml(value) + rest[3]
                break
        else:
            lines.insert(place, f"{key} = {_toml(value)}")
            place, end = place + 1, end + 1
    return "\n".join(lines) + "\n"


def change_file(
    path: Path, section: str, values: Mapping[str, Value], without: Collection[str] = ()
) -> tuple[str, ...]:
    """Change keys of a file: all of them or, when the result is of no use, none. Raises SettingsError.

    Answers which of the keys `without` were there and are no more.
    """
    beside = path.with_name(path.name + ".new")
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        with beside.open("w", encoding="utf-8") as file:
            file.write(changed(before, section, values, without))
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            _as_it_was(beside, path.stat())
        load(beside)
        beside.replace(path)
        lines = before.splitlines()
        return tuple(key for key in sorted(without) if _lines_of(lines, section, {key}))
    except SettingsError as error:
        why = str(error).replace(str(beside), str(path))
        raise SettingsError(f"{path} is left as it was: {why}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be changed: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def _as_it_was(new: Path, before: os.stat_result) -> None:
    """Whose file it is does not change by writing into it, where that can be helped."""
    new.chmod(before.st_mode & 0o7777)  # first: whoever gives a file away may not do this any more
    with contextlib.suppress(PermissionError):
        os.chown(new, before.st_uid, before.st_gid)


def _table(lines: list[str], section: str) -> tuple[int | None, int]:
    """The lines of a table, header first; (None, 0) when there is none."""
    begin: int | None = None
    for number, line in enumerate(lines):
        header = _HEADER.fullmatch(line)
        if header is None:
            continue
        if begin is not None:
            return begin, number
        if header[1].replace(" ", "") == section:
            begin = number
    return begin, len(lines)


def _lines_of(lines: list[str], section: str, keys: Collection[str]) -> list[int]:
    """The lines of a table that set one of these keys."""
    begin, end = _table(lines, section)
    if begin is None:
        return []
    return [number for number in range(begin + 1, end) if any(_named(key, lines[number]) for key in keys)]


def _named(key: str, line: str) -> re.Match[str] | None:
    return re.match(rf"\s*{re.escape(key)}(?=\s*=)", line)


def _toml(value: Value) -> str:
    if isinstance(value, bool | int):
        return json.dumps(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
