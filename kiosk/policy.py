"""A library's lending rules as the centre sends them: one versioned document, taken whole or not at all.

This is the contract of the policy topics (kiosk.topics.topic_policy), shared by the station and the centre;
it stands on nothing else of the station. The limits are those of a station's settings file (kiosk.settings).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MAX_POLICY = 32_768
"""Bytes of a document; larger ones are refused unread."""
MOST_CATEGORIES = 50
MOST_DAYS = 1_000
_LIMITS = {"max_loans": (0, 100), "loan_days": (1, 366), "max_renewals": (0, 20)}
_KEYS = {"version", "default", "categories", "closed_weekdays", "closed_days"}
_CATEGORY = re.compile(r"[a-z][a-z0-9-]{0,30}")
_YEARS = range(2000, 2101)


class PolicyError(ValueError):
    """A document cannot be used; names the place, the value and what would do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one category of patrons may do."""

    max_loans: int
    loan_days: int
    max_renewals: int


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """Lending rules and closed days. Made by `parse_policy`, which sees to it that they can be lived with."""

    version: int
    default: Limits
    categories: Mapping[str, Limits] = field(default_factory=dict)
    closed_weekdays: tuple[int, ...] = ()  # 1 = Monday ... 7 = Sunday
    closed_days: tuple[date, ...] = ()

    def to_json(self) -> bytes:
        """The retained message."""
        told = {
            "version": self.version,
            "default": _told(self.default),
            "categories": {name: _told(limits) for name, limits in self.categories.items()},
            "closed_weekdays": list(self.closed_weekdays),
            "closed_days": [day.isoformat() for day in self.closed_days],
        }
        return json.dumps(told, separators=(",", ":")).encode()


KEPT, REFUSED, NONE = "kept", "refused", "none"
"""What became of a document: it is kept, it was refused whole, there is none any more."""


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What a station says of a document. `version` is the one it keeps now, 0 being none."""

    source: str  # "own" or "all"
    version: int
    status: str
    words: str = ""

    def to_json(self) -> bytes:
        """The message."""
        told = {
            "source": self.source,
            "version": self.version,
            "status": self.status,
            "words": self.words[:500],
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def parse_policy_answer(payload: bytes) -> PolicyAnswer:
    """Read what a station says. Raises PolicyError."""
    try:
        told = json.loads(payload[:MAX_POLICY])
    except (ValueError, RecursionError) as error:
        raise PolicyError("the answer is not JSON") from error
    match told:
        case {"source": "own" | "all" as source, "status": str() as status, "words": str() as words}:
            version = _whole("version", told.get("version"), 0, (1 << 31) - 1)
            if status in {KEPT, REFUSED, NONE} and len(words) <= 500 and words.isprintable():
                return PolicyAnswer(source, version, status, words)
    raise PolicyError("the answer is not one about lending rules")


def parse_policy(payload: bytes) -> tuple[PolicyDocument, tuple[str, ...]]:
    """Read a document, and warnings about keys nobody knows. Raises PolicyError."""
    if len(payload) > MAX_POLICY:
        raise PolicyError(f"a document of {len(payload)} bytes; at most {MAX_POLICY} are accepted")
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise PolicyError("the document is not JSON") from error
    return read_policy(told)


def read_policy(told: Any) -> tuple[PolicyDocument, tuple[str, ...]]:
    """The same from decoded JSON. Raises PolicyError."""
    if not isinstance(told, dict):
        raise PolicyError(f"the document must be a JSON object, not {type(told).__name__}")
    warnings = _unknown("", told, _KEYS)
    default, more = _limits("default", told.get("default"))
    warnings += more
    categories: dict[str, Limits] = {}
    listed = told.get("categories", {})
    if not isinstance(listed, dict) or len(listed) > MOST_CATEGORIES:
        raise PolicyError(f"categories must be an object of at most {MOST_CATEGORIES}")
    for name, limits in listed.items():
        if not _CATEGORY.fullmatch(name):
            raise PolicyError(f"categories: {name[:40]!r} is no code word of a-z, 0-9 and '-', 31 at most")
        categories[name], more = _limits(f"categories.{name}", limits)
        warnings += more
    weekdays = _list(told, "closed_weekdays", 7)
    for day in weekdays:
        if type(day) is not int or not 1 <= day <= 7:
            raise PolicyError(f"closed_weekdays: {str(day)[:20]!r} is none of 1 (Monday) to 7 (Sunday)")
    if len(set(weekdays)) == 7:
        raise PolicyError("closed_weekdays: a library shut on all seven can never lend; leave one open")
    closed = {_day(day) for day in _list(told, "closed_days", MOST_DAYS)}
    version = _whole("version", told.get("version"), 1, (1 << 31) - 1)
    document = PolicyDocument(
        version, default, categories, tuple(sorted(set(weekdays))), tuple(sorted(closed))
    )
    return document, tuple(warnings)


def _limits(place: str, told: Any) -> tuple[Limits, list[str]]:
    if not isinstance(told, dict):
        raise PolicyError(f"{place} must be an object with {', '.join(_LIMITS)}")
    found = {
        name: _whole(f"{place}.{name}", told.get(name), least, most)
        for name, (least, most) in _LIMITS.items()
    }
    return Limits(**found), _unknown(f"{place}.", told, set(_LIMITS))


def _unknown(place: str, told: dict[str, Any], known: set[str]) -> list[str]:
    return [
        f"the key {place}{key[:40]} is not known here and was left out" for key in told if key not in known
    ][:10]


def _list(told: dict[str, Any], key: str, most: int) -> list[Any]:
    value = told.get(key, [])
    if not isinstance(value, list) or len(value) > most:
        raise PolicyError(f"{key} must be a list of at most {most}")
    return value


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise PolicyError(f"closed_days: {str(value)[:20]!r} is no day; write 2027-02-06") from error
    if day.year not in _YEARS:
        raise PolicyError(f"closed_days: {value} is not between 2000 and 2100; correct the year")
    return day


def _whole(place: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise PolicyError(f"{place} must be a whole number from {least} to {most}, not {str(value)[:20]!r}")
    return value


def _told(limits: Limits) -> dict[str, int]:
    return {name: getattr(limits, name) for name in _LIMITS}
