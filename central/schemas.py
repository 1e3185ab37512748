"""The JSON schemas of everything on the link: of facts from the catalogue, of the small messages by hand.

Readers of facts keep fields and types they do not know, so no schema forbids more fields than it names; that
stations send no others is tested.
"""

from __future__ import annotations

import inspect
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from kiosk import catalogue, commands, news, policy
from kiosk.facts import CATALOGUE, KIOSK_ID, CheckedOut, Fact, type_of

Schema = dict[str, Any]

_PLAIN: dict[object, str] = {str: "string", int: "integer", bool: "boolean", float: "number"}
WORDS: Mapping[str, Schema] = {
    "item": {"description": "number of the physical book (never of who has it)"},
    "title": {"description": "identifier of the title; empty where it is not known"},
    "ageband": {
        "description": "age band of the reader, such as 6-8; unknown where the card tells no age",
        "pattern": r"^(\d{1,2}-\d{1,2}|\d{1,2}\+|unknown)?$",
    },
    "library": {"description": "code of the library whose book it is; only of loans, only where one is set"},
    "due": {"description": "day on which it is due", "format": "date"},
    "overdue_days": {"description": "whole days after the day it was due; 0 in time"},
    "reason": {"description": "why, as a code word"},
    "liked": {"description": "the face that was touched"},
    "direction": {"description": "which way; unknown where a single beam counts passages"},
    "sensor": {"description": "which of the station's sensors counted"},
    "count": {"description": "how many people", "minimum": 1},
    "how": {"description": "how it ended"},
    "screen": {"description": "kind of screen that was shown"},
    "wanted": {"description": "what the sticker should have been told"},
    "device": {"description": "name of the device, for instance pad, lamp, board.power"},
    "cause": {"description": "what the device or its driver said"},
    "version": {"description": "of the station's program, or of the document named beside it"},
    "id": {"description": "of the command, as the centre gave it"},
    "command": {"description": "name of the command"},
    "source": {"description": "which document"},
    "catalogue": {"description": "scope of the catalogue: all, of-<library> or at-<station>"},
    "gone": {"description": "items withdrawn because the catalogue no longer has them"},
    "step_s": {"description": "seconds the clock jumped; below zero when it was ahead"},
    "faults": {"description": "faults that were only counted"},
    "minutes": {"description": "within so many minutes"},
}
"""What a field means, whichever fact it stands in. A comment beside the field goes before."""

_LIMITS = {
    "max_loans": (0, 100),
    "loan_days": (1, 366),
    "max_renewals": (0, 20),
}  # as kiosk.policy reads them

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339 with an offset"}
SESSION: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    "description": "random, of one connection",
}
EPOCH: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    "description": "names one numbering of a station; random, new with every new or copied database",
}
CLOCK: Schema = {
    "enum": ["ntp", "rtc", "free"],
    "description": "how good the clock was: set by a time server, kept by a battery, or neither",
}


def fact_data(fact: type[Fact]) -> Schema:
    """What a fact says beyond its envelope, by its dataclass."""
    hints, comments = get_type_hints(fact), _comments(fact)
    properties: Schema = {}
    required = []
    for field in fields(fact):
        properties[field.name] = _typed(hints[field.name]) | WORDS.get(field.name, {})
        if field.name in comments:
            properties[field.name]["description"] = comments[field.name]
        if field.default is MISSING:
            required.append(field.name)
        else:
            properties[field.name]["default"] = field.default
    if fact.cls == CheckedOut.cls:
        properties["library"] = TEXT | WORDS["library"]
    return {"type": "object", "properties": properties, "required": required}


def envelope() -> Schema:
    """What every fact has: CloudEvents 1.0 in structured JSON."""
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid", "description": "UUID version 7, made with the fact"},
            "source": {
                "type": "string",
                "pattern": f"^urn:gocdoc:kiosk:{KIOSK_ID.pattern}$",
                "description": "the station",
            },
            "type": {"type": "string", "pattern": r"^gocdoc\..+\.v\d+$"},
            "time": MOMENT | {"description": "by the station's clock, RFC 3339 with its offset"},
            "datacontenttype": {"const": "application/json"},
            "epoch": EPOCH,
            "seq": {"type": "integer", "minimum": 1, "description": "dense from 1 within the epoch"},
            "boot": COUNT | {"description": "how many times the station was started"},
            "mono": COUNT | {"description": "milliseconds since that start; never steps back"},
            "clock": CLOCK,
            "data": {"type": "object"},
        },
        "required": [
            "specversion", "id", "source", "type", "time", "epoch", "seq", "boot", "mono", "clock", "data",
        ],
    }  # fmt: skip


def whole(fact: type[Fact]) -> Schema:
    """A fact of one type."""
    return {
        "description": " ".join(inspect.cleandoc(fact.__doc__ or "").split()),
        "allOf": [
            {"$ref": "#/components/schemas/envelope"},
            {"properties": {"type": {"const": type_of(fact)}, "data": fact_data(fact)}},
        ],
    }


def name_of(fact: type[Fact]) -> str:
    """How the document calls it."""
    return fact.__name__[0].lower() + fact.__name__[1:]


def facts() -> dict[str, Schema]:
    """Every fact's schema by its name."""
    return {"envelope": envelope()} | {name_of(fact): whole(fact) for fact in CATALOGUE}


def batch(cls: str = "") -> Schema:
    """Several facts in one message, in their order: of one class, or of several."""
    listed = [fact for fact in CATALOGUE if cls in {"", fact.cls}]
    one_of = [{"$ref": f"#/components/schemas/{name_of(fact)}"} for fact in listed]
    return {"type": "array", "minItems": 1, "maxItems": 100, "items": {"oneOf": one_of}}


def small() -> dict[str, Schema]:
    """Every other message's schema by its name."""
    link = {
        "session": SESSION,
        "epoch": EPOCH,
        "next_seq": {"type": "integer", "minimum": 1, "description": "the number its next fact will get"},
        "acked": COUNT | {"description": "it was told that the centre holds 1 to this"},
        "boot": COUNT,
        "version": TEXT | {"description": "of the station's program"},
        "backlog": COUNT | {"description": "facts the centre is not known to hold"},
        "oldest_unsent": {"type": ["string", "null"], "format": "date-time"},
    }
    birth = _object(
        {"online": {"const": True}, **link, "clock": {"enum": ["", *CLOCK["enum"]]}}, optional=["clock"]
    )
    return {
        "birth": birth,
        "goodbye": _object({"online": {"const": False}, "session": SESSION}),
        "health": _object({"time": MOMENT, **link, **_health()}, optional=list(_health())),
        "acknowledgement": _object(
            {
                "gen": TEXT | {"description": "changes when the centre's database may hold less than it did"},
                "epoch": EPOCH,
                "upto": COUNT | {"description": "the centre holds 1 to this: these rows may be let go"},
                "missing": {
                    "type": "array",
                    "maxItems": 20,
                    "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
                    "description": "the first gaps above, as [first, last]",
                },
                "verdict": {
                    "enum": ["ok", "fork"],
                    "description": "fork: these numbers were given before; begin an epoch of your own",
                },
                "last": TEXT
                | {"description": "id of fact `upto`; another than yours: as fork. Empty: not told"},
            }
        ),
        "ingestState": _object({"online": {"type": "boolean"}, "session": SESSION}),
        "news": {"type": "array", "maxItems": news.MOST, "items": _notice()},
        "policy": _policy(),
        "policyAnswer": _object(
            {
                "source": {"enum": ["own", "all"]},
                "version": COUNT,
                "status": {"enum": [policy.KEPT, policy.REFUSED, policy.NONE]},
                "words": TEXT | {"maxLength": 500},
            }
        ),
        "answer": _object(
            {
                "id": TEXT | {"description": "of the command; empty where it could not be read"},
                "name": TEXT,
                "status": {"enum": sorted(commands.STATUSES)},
                "words": TEXT | {"maxLength": commands.LONGEST_WORDS, "description": "for a librarian"},
                "data": {"type": "object", "description": "what was asked for; nothing of a child"},
            }
        ),
        "catalogueHead": _head(),
        "catalogueProgress": _object(
            {
                "state": {"enum": ["held", "loading", "missing", "refused"]},
                "scope": TEXT | {"pattern": f"^({catalogue.SCOPE.pattern})$"},
                "version": COUNT,
                "edition": TEXT,
                "part": COUNT,
                "parts": COUNT,
            }
        ),
        "alert": _object(
            {
                "station": TEXT | {"description": "empty: the centre itself"},
                "kind": TEXT,
                "about": TEXT,
                "state": {"enum": ["raised", "ended"]},
                "since": MOMENT,
                "at": {"type": ["string", "null"], "format": "date-time"},
                "detail": TEXT,
            }
        ),
    }


def command(name: str) -> Schema:
    """A command the centre may send."""
    number = {"type": "integer", "minimum": 1}
    text = TEXT | {"maxLength": commands.LONGEST_TEXT}
    args: dict[str, Schema] = {
        "out_of_order": {"on": {"type": "boolean"}, "text": text},
        "message": {"text": text, "minutes": number | {"maximum": 7 * 1440}},
        "identify": {"seconds": number | {"maximum": 120}},
    }.get(name, {})
    return _object(
        {
            "id": {
                "type": "string",
                "format": "uuid",
                "description": "it is done once, however often it comes",
            },
            "name": {"const": name},
            "args": {"type": "object", "properties": args},
            "expires": MOMENT,
            "ttl_s": number | {"maximum": commands.LONGEST_TTL_S, "description": "seconds from its hearing"},
        }
    )


def topic_class(cls: str) -> str:
    """What the facts of a class are about."""
    return {
        "loan": "Lending: checkouts, returns, renewals, refusals, checkouts undone, how books were liked",
        "visit": "Visits: passages at the door, visits at the desk",
        "help": "A librarian was called",
        "stock": "The collection at the station",
        "card": "Cards that were issued: a count",
        "device": "The station itself: starts, faults, clock, what it did for the centre",
    }.get(cls, f"Facts of the class {cls}")


def _typed(hint: Any) -> Schema:
    if get_origin(hint) is Literal:
        return {"enum": list(get_args(hint))}
    return {"type": _PLAIN[hint]}


def _comments(fact: type[Fact]) -> dict[str, str]:
    """The comments behind the fields, in the catalogue's own text."""
    found = {}
    source = inspect.cleandoc(inspect.getsource(fact))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = re.match(r"\s*(\w+):", token.line)
        if token.type == tokenize.COMMENT and name and not name.group(1).startswith("#"):
            found[name.group(1)] = token.string.lstrip("# ")
    return found


def _object(properties: Mapping[str, Schema], optional: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in (optional or [])],
    }


def _health() -> dict[str, Schema]:
    number, yes_or_no = {"type": ["integer", "null"]}, {"type": ["boolean", "null"]}
    return {
        "reader": yes_or_no | {"description": "the pad reads"},
        "faults": {"type": "array", "items": TEXT, "description": "devices that do not work"},
        "clock": {"enum": ["", *CLOCK["enum"]]},
        "under_voltage": yes_or_no,
        "throttled": yes_or_no,
        "read_only": yes_or_no | {"description": "the data cannot be written"},
        "temperature_c": {"type": ["number", "null"]},
        "disk_free": number | {"description": "bytes"},
        "disk_total": number | {"description": "bytes"},
        "card_life_used": number | {"description": "per cent"},
        "memory_free": number | {"description": "bytes"},
        "uptime_s": number | {"description": "of the board"},
    }


def _notice() -> Schema:
    return _object(
        {
            "id": TEXT | {"minLength": 1, "maxLength": 64},
            "text": TEXT | {"minLength": 1, "maxLength": news.LONGEST_TEXT},
            "begins": MOMENT,
            "ends": MOMENT,
            "language": TEXT | {"description": "BCP 47; empty: whichever the screen speaks"},
            "picture": TEXT | {"description": "a picture of the station's, by name"},
        },
        optional=["language", "picture"],
    )


def _policy() -> Schema:
    limits = _object(
        {name: COUNT | {"minimum": low, "maximum": high} for name, (low, high) in _LIMITS.items()}
    )
    days = {"type": "array", "maxItems": policy.MOST_DAYS, "items": {"type": "string", "format": "date"}}
    weekday = {"type": "integer", "minimum": 1, "maximum": 7, "description": "1 = Monday"}
    return _object(
        {
            "version": COUNT | {"minimum": 1},
            "default": limits,
            "categories": {"type": "object", "additionalProperties": limits},
            "closed_weekdays": {"type": "array", "items": weekday},
            "closed_days": days,
        },
        optional=["categories", "closed_weekdays", "closed_days"],
    )


def _head() -> Schema:
    digest = TEXT | {"pattern": "^[0-9a-f]{64}$"}
    edition = _object(
        {
            "name": TEXT | {"description": "s<version>: everything; d<version>: what changed since `base`"},
            "base": COUNT,
            "version": COUNT,
            "parts": COUNT | {"minimum": 1, "maximum": catalogue.MOST_PARTS},
            "bytes": COUNT,
            "sha256": digest | {"description": "of all parts one after the other"},
            "index": digest | {"description": "of the index"},
        }
    )
    editions = {"type": "array", "maxItems": catalogue.MOST_EDITIONS, "items": edition}
    return _object({"generation": TEXT, "version": COUNT, "editions": editions})
