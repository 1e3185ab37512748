"""Every setting with its meaning and the value in force, as a settings file that could be used as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, time
from typing import get_args

from pydantic import BaseModel

from kiosk.settings import Settings


def explained(settings: Settings) -> str:
    """The settings as commented TOML; what is not set stands behind a '#'."""
    return "\n".join(_tables("", settings)).lstrip("\n")


def _tables(path: str, section: BaseModel) -> Iterator[str]:
    inner: list[tuple[str, BaseModel]] = []
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        name = f"{path}.{key}" if path else key
        if isinstance(value, BaseModel):
            inner.append((name, value))
        elif value is None and _is_table(field.annotation):
            yield f"# [{name}]  # {field.description} (not set)"
        elif isinstance(value, dict):
            yield f"# [{name}.NAME]  # {field.description}, with the keys of [{path}.default]"
            inner += [(f"{name}.{_text(category)}", table) for category, table in value.items()]
        else:
            yield _line(key, value, field.description or "")
    for name, table in inner:
        yield f"\n[{name}]  # {(type(table).__doc__ or '').strip()}"
        yield from _tables(name, table)


def _is_table(annotation: object) -> bool:
    kinds = get_args(annotation)
    return any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)


def _line(key: str, value: object, meaning: str) -> str:
    if value is None:
        return f"# {key} =  # {meaning} (not set)"
    return f"{key} = {_value(value)}  # {meaning}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, date | time) else _text(str(value))


def _text(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
