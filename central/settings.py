"""What the centre is told in `central.toml` of its data folder. Without the file the defaults hold.

    database = "postgresql:///gocdoc"   # left out: SQLite, in the data folder
    keep_facts_months = 36              # left out or 0: facts are kept for ever; counters always are

Passwords do not belong here: PostgreSQL takes them from ~/.pgpass or PGPASSFILE.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from central.errors import SettingsWrong

FILE = "central.toml"
LONGEST_KEEPING = 1_200  # months


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one data folder."""

    database: str = ""
    keep_facts_months: int = 0


def read_settings(folder: Path) -> Settings:
    """Read the folder's file. Raises SettingsWrong, naming the key, the value and what it may be."""
    path = folder / FILE
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()  # whoever needs the folder will say what is wrong with it
    except OSError as error:
        raise SettingsWrong(f"{path} cannot be read ({error.strerror}); check who may read it") from error
    except ValueError as error:
        raise SettingsWrong(f"{path} is not TOML: {error}") from error
    known = [field.name for field in fields(Settings)]
    for key in found:
        if key not in known:
            raise SettingsWrong(f"{path}: there is no setting {key[:40]!r}; there are {', '.join(known)}")
    settings = Settings(**found)
    _check(path, settings.database, isinstance(settings.database, str), "database", "postgresql:///gocdoc")
    months: Any = settings.keep_facts_months
    right = type(months) is int and 0 <= months <= LONGEST_KEEPING
    _check(
        path,
        months,
        right,
        "keep_facts_months",
        f"a whole number of months, 0 (for ever) to {LONGEST_KEEPING}",
    )
    return settings


def _check(path: Path, value: object, right: bool, key: str, wanted: str) -> None:
    if not right:
        raise SettingsWrong(f"{path}: {key} = {str(value)[:60]!r} cannot be; say {wanted}")
