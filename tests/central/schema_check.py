"""Holds JSON against a JSON Schema (draft 7) as far as the contract uses it; other words it refuses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_SAID_ONLY = {"description", "default", "title", "contentMediaType"}
_KNOWN = _SAID_ONLY | {
    "properties", "additionalProperties", "required", "items", "minItems", "maxItems", "minLength",
    "maxLength", "minimum", "maximum", "pattern", "format",
}  # fmt: skip
_FORMATS = {"date-time": datetime.fromisoformat, "date": date.fromisoformat, "uuid": uuid.UUID}


def errors(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Everything that is wrong with a value, and where."""
    if "$ref" in schema:
        yield from errors(value, resolved(schema["$ref"], document), document, at)
        return
    for word, wanted in schema.items():
        yield from _by_word(word, wanted, value, schema, document, at)


def resolved(ref: str, document: dict[str, Any]) -> Any:
    """What a reference within the document names. Raises KeyError."""
    found: Any = document
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _by_word(
    word: str, wanted: Any, value: Any, schema: dict[str, Any], document: dict[str, Any], at: str
) -> Iterator[str]:
    match word:
        case "type":
            names = wanted if isinstance(wanted, list) else [wanted]
            if not any(_is(value, name) for name in names):
                yield f"{at}: {value!r} is no {wanted}"
        case "const" | "enum":
            allowed = [wanted] if word == "const" else wanted
            if not any(value == one and type(value) is type(one) for one in allowed):
                yield f"{at}: {value!r} is none of {allowed}"
        case "properties" if isinstance(value, dict):
            for name, inner in wanted.items():
                if name in value:
                    yield from errors(value[name], inner, document, f"{at}.{name}")
        case "additionalProperties" if isinstance(value, dict):
            for name in value.keys() - schema.get("properties", {}).keys():
                yield from errors(value[name], wanted, document, f"{at}.{name}")
        case "required" if isinstance(value, dict):
            yield from (f"{at}: {name!r} is missing" for name in wanted if name not in value)
        case "items" if isinstance(value, list):
            for n, one in enumerate(value):
                yield from errors(one, wanted, document, f"{at}[{n}]")
        case "minItems" | "maxItems" if isinstance(value, list):
            if (len(value) < wanted) if word == "minItems" else (len(value) > wanted):
                yield f"{at}: {len(value)} entries, {word} {wanted}"
        case "minLength" | "maxLength" if isinstance(value, str):
            if (len(value) < wanted) if word == "minLength" else (len(value) > wanted):
                yield f"{at}: {len(value)} characters, {word} {wanted}"
        case "minimum" | "maximum" if isinstance(value, int | float):
            if (value < wanted) if word == "minimum" else (value > wanted):
                yield f"{at}: {value}, {word} {wanted}"
        case "pattern" if isinstance(value, str):
            if not re.search(wanted, value):
                yield f"{at}: {value!r} is not like {wanted}"
        case "format" if isinstance(value, str):
            try:
                _FORMATS[wanted](value)
            except ValueError:
                yield f"{at}: {value!r} is no {wanted}"
        case "allOf":
            for one in wanted:
                yield from errors(value, one, document, at)
        case "oneOf":
            fit = sum(not list(errors(value, one, document, at)) for one in wanted)
            if fit != 1:
                yield f"{at}: fits {fit} of {len(wanted)}"
        case _:
            assert word in _KNOWN, f"{word!r} is not understood here"


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
