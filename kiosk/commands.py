"""What the centre may ask a station to do, and how the station answers.

This is the contract of the command topics (kiosk.topics), shared by the station
and the centre; it stands on nothing else of the station.

A command is done once, by its id, however often it comes. It expires twice: by `ttl_s`, which the centre
computes at every sending and a station counts from the moment of hearing, with whatever clock; and by
`expires`, which only a station whose clock was set by a time server believes. No broker keeps a command for a
station that is away (a station begins a fresh session each time), so what is heard was sent just now.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MAX_COMMAND = 4_096
"""Bytes of a command; larger ones are refused unread."""
MAX_ANSWER = 16_384
LONGEST_TTL_S = 7 * 86_400
LONGEST_TEXT = 240
"""Letters of a text for the screen, as of an announcement (kiosk.news)."""
LONGEST_WORDS = 300
NAME = re.compile(r"[a-z][a-z_]{0,30}")

DONE, REFUSED, EXPIRED, UNKNOWN, FAILED = "done", "refused", "expired", "unknown", "failed"
STATUSES = frozenset({DONE, REFUSED, EXPIRED, UNKNOWN, FAILED})


class CommandError(ValueError):
    """A command or an answer is not ours. `id` is the command's, where it could be read."""

    def __init__(self, words: str, command_id: str = "") -> None:
        super().__init__(words)
        self.id = command_id


class UnknownCommand(CommandError):
    """A command this version does not know: perhaps a newer one does."""


Arguments = Mapping[str, bool | int | str]


def _no_arguments(args: dict[str, Any]) -> dict[str, Any]:
    return {}


def _out_of_order(args: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(args.get("on"), bool):
        raise CommandError("'on' must be true or false")
    return {"on": args["on"], "text": _text(args)}


def _message(args: dict[str, Any]) -> dict[str, Any]:
    return {"text": _text(args), "minutes": _whole(args, "minutes", 1, 7 * 1440, 60)}


def _identify(args: dict[str, Any]) -> dict[str, Any]:
    return {"seconds": _whole(args, "seconds", 1, 120, 30)}


COMMANDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "restart_screen": _no_arguments,
    "out_of_order": _out_of_order,
    "message": _message,
    "identify": _identify,
    "sync": _no_arguments,
    "diagnose": _no_arguments,
}
"""Every command, and what makes its arguments whole. An empty text of a message takes the last one down."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do. Made by `parse_command` or `command`, which see to it that it can be done."""

    id: str
    name: str
    args: Arguments
    expires: datetime  # timezone-aware
    ttl_s: int

    def to_json(self) -> bytes:
        """The message."""
        told = {
            "id": self.id,
            "name": self.name,
            "args": dict(self.args),
            "expires": self.expires.isoformat(timespec="seconds"),
            "ttl_s": self.ttl_s,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended. `words` are for a librarian, `data` is what was asked for."""

    id: str
    name: str
    status: str
    words: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The message."""
        told = {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "words": self.words[:LONGEST_WORDS],
            "data": dict(self.data),
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def arguments(name: str, args: Any) -> Arguments:
    """The arguments of a command, whole. Raises UnknownCommand, CommandError."""
    if name not in COMMANDS:
        raise UnknownCommand(f"{name[:40]!r} is no command; there are {', '.join(COMMANDS)}")
    if not isinstance(args, dict):
        raise CommandError(f"'args' must be a JSON object, not {type(args).__name__}")
    return COMMANDS[name](args)


def parse_command(name: str, payload: bytes) -> Command:
    """Read what came on the topic of `name`. Raises CommandError, UnknownCommand."""
    told = _object(payload, MAX_COMMAND)
    command_id = told.get("id")
    if not isinstance(command_id, str) or not _is_uuid(command_id):
        raise CommandError("'id' must be a UUID in lower case")
    if told.get("name") != name:
        raise CommandError(f"'name' must be that of the topic, {name[:40]!r}", command_id)
    try:
        args = arguments(name, told.get("args", {}))
    except UnknownCommand as error:
        raise UnknownCommand(str(error), command_id) from error
    except CommandError as error:
        raise CommandError(str(error), command_id) from error
    ttl_s = told.get("ttl_s")
    if type(ttl_s) is not int or not 0 < ttl_s <= LONGEST_TTL_S:
        raise CommandError(f"'ttl_s' must be a whole number from 1 to {LONGEST_TTL_S}", command_id)
    try:
        expires = datetime.fromisoformat(told["expires"])
        if expires.utcoffset() is None:
            raise ValueError("no offset")
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError("'expires' must be a moment in RFC 3339 with an offset", command_id) from error
    return Command(command_id, name, args, expires, ttl_s)


def parse_answer(name: str, payload: bytes) -> Answer:
    """Read what a station said on the topic of `name`. Raises CommandError."""
    told = _object(payload, MAX_ANSWER)
    command_id = told.get("id")
    if not isinstance(command_id, str) or not (command_id == "" or _is_uuid(command_id)):
        raise CommandError("'id' must be a UUID in lower case, or empty")
    status, words, data = told.get("status"), told.get("words", ""), told.get("data", {})
    if not isinstance(status, str) or status not in STATUSES:
        raise CommandError(f"'status' must be one of {', '.join(sorted(STATUSES))}", command_id)
    if not isinstance(words, str) or len(words) > LONGEST_WORDS or not words.isprintable():
        raise CommandError(
            f"'words' must be at most {LONGEST_WORDS} letters, none of them invisible", command_id
        )
    if not isinstance(data, dict):
        raise CommandError("'data' must be a JSON object", command_id)
    return Answer(command_id, name, status, words, data)


def _object(payload: bytes, most: int) -> dict[str, Any]:
    if len(payload) > most:
        raise CommandError(f"a message of {len(payload)} bytes; at most {most} are accepted")
    try:
        told = json.loads(payload, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise CommandError("the message is not JSON") from error
    if not isinstance(told, dict):
        raise CommandError("the message is not a JSON object")
    return told


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _text(args: dict[str, Any]) -> str:
    text = args.get("text", "")
    if not isinstance(text, str):
        raise CommandError("'text' must be text")
    words = " ".join(text.split())
    if len(words) > LONGEST_TEXT or not words.isprintable():
        raise CommandError(f"'text' must be at most {LONGEST_TEXT} letters, none of them invisible")
    return words


def _whole(args: dict[str, Any], key: str, least: int, most: int, otherwise: int) -> int:
    value = args.get(key, otherwise)
    if type(value) is not int or not least <= value <= most:
        raise CommandError(f"{key!r} must be a whole number from {least} to {most}")
    return value
