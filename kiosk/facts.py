"""What is reported to the centre: the fact catalogue, the CloudEvents envelope, the topic names.

This is the contract of the link. The centre imports this module and nothing else of the station.
A fact never names a patron: it carries items, titles, counts and age bands (DESIGN.md section 5).

The envelope is CloudEvents 1.0 in structured JSON mode, with the extension attributes `epoch`, `seq`,
`boot`, `mono` and `clock`. `seq` is dense from 1 within an epoch: the centre can name every gap.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from kiosk.uuid7 import uuid7

PROTOCOL = "gocdoc/1"
KIOSK_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
"""A station's name: also a topic level and a certificate's common name, hence the narrow alphabet."""

MAX_PAYLOAD = 65_536
"""Bytes in one MQTT message, batch or not. Larger ones are refused on both sides."""


class FactError(ValueError):
    """A payload is not a fact: the message names the field and what was found there."""


# --- the catalogue -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """An item went home with somebody."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.checked_out"
    item: str
    title: str
    ageband: str
    due: str  # ISO date


@dataclass(frozen=True, slots=True)
class Returned:
    """An item came back."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.returned"
    item: str
    title: str
    ageband: str
    overdue_days: int = 0


@dataclass(frozen=True, slots=True)
class Renewed:
    """An item stays out longer; kept apart from loans as ISO 2789 keeps it."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.renewed"
    item: str
    title: str
    ageband: str
    due: str


@dataclass(frozen=True, slots=True)
class Undone:
    """A checkout was taken back within the moment of grace: its checkout does not count as a loan."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.undone"
    item: str
    title: str
    ageband: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something was not lent or renewed, and why (the values of kiosk.screens.Why)."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.refused"
    reason: str
    ageband: str
    item: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """How a returned book was, as its reader said it with a face. Nothing of the reader, not even an age."""

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "title.rated"
    title: str
    liked: Literal["great", "fine", "not_mine"]


@dataclass(frozen=True, slots=True)
class DoorCrossed:
    """A passage counted at the door (ISO 2789 gate count).

    A sensor that cannot tell the direction says "unknown": two of those are one visit.
    """

    cls: ClassVar[str] = "visit"
    name: ClassVar[str] = "visit.counted"
    direction: Literal["in", "out", "unknown"]
    sensor: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class DeskVisitStarted:
    """Somebody began at the desk."""

    cls: ClassVar[str] = "visit"
    name: ClassVar[str] = "desk_visit.started"
    ageband: str


@dataclass(frozen=True, slots=True)
class DeskVisitEnded:
    """Somebody finished at the desk, and how."""

    cls: ClassVar[str] = "visit"
    name: ClassVar[str] = "desk_visit.ended"
    how: Literal["done", "lifted", "timed_out", "gave_up", "reader_lost", "store_failed"]
    ageband: str


@dataclass(frozen=True, slots=True)
class HelpCalled:
    """A librarian was called; from which kind of screen."""

    cls: ClassVar[str] = "help"
    name: ClassVar[str] = "help.called"
    screen: str


@dataclass(frozen=True, slots=True)
class ItemEnrolled:
    """A tag was bound to an item."""

    cls: ClassVar[str] = "stock"
    name: ClassVar[str] = "item.enrolled"
    item: str
    title: str


@dataclass(frozen=True, slots=True)
class CardIssued:
    """A card was bound to a patron: a count, never whose."""

    cls: ClassVar[str] = "card"
    name: ClassVar[str] = "card.issued"
    ageband: str


@dataclass(frozen=True, slots=True)
class GateUnset:
    """An item went away before its sticker carried what the library's gate looks at: it will ring wrongly."""

    cls: ClassVar[str] = "stock"
    name: ClassVar[str] = "item.gate_unset"
    item: str
    title: str
    wanted: Literal["secured", "released"]


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """A device stopped working."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "device.fault"
    device: str
    cause: str


@dataclass(frozen=True, slots=True)
class DeviceRecovered:
    """A device works again."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "device.recovered"
    device: str


@dataclass(frozen=True, slots=True)
class StationStarted:
    """The station process began: boots and restarts are visible in the stream itself."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "station.started"
    version: str


@dataclass(frozen=True, slots=True)
class ClockSynced:
    """The wall clock is right from now on. Boot, `mono` and the true time are in the envelope, with `clock`
    as it is now: by them the centre dates what this start reported before. `step_s`: how far the clock
    jumped.
    """

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "clock.synced"
    step_s: int = 0  # seconds, below zero when it was ahead


@dataclass(frozen=True, slots=True)
class CommandDone:
    """A command of the centre came to its end at the station (kiosk.commands)."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "command.done"
    command: str  # its name; "unknown" where that is none
    id: str  # as the centre gave it; empty where it could not be read
    how: Literal["done", "refused", "expired", "unknown", "failed"]


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """The station lends by other rules from now on. `version` 0: by those of its settings file."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "settings.changed"
    source: Literal["own", "all", "settings"]  # which of the centre's two documents
    version: int


@dataclass(frozen=True, slots=True)
class CatalogueChanged:
    """The station holds this version of the centre's catalogue, whole. `gone`: items it withdrew for it."""

    cls: ClassVar[str] = "stock"
    name: ClassVar[str] = "catalogue.changed"
    catalogue: str
    version: int
    gone: int


@dataclass(frozen=True, slots=True)
class DueCorrected:
    """A book was lent or kept longer while the clock was wrong; by the right one it is due on another day.

    Neither a loan nor a renewal: what was counted stays as it is.
    """

    cls: ClassVar[str] = "loan"
    name: ClassVar[str] = "item.due_corrected"
    item: str
    title: str
    due: str  # ISO date


@dataclass(frozen=True, slots=True)
class DeviceUnsteady:
    """A device failed and worked again so often that its single faults were only counted."""

    cls: ClassVar[str] = "device"
    name: ClassVar[str] = "device.unsteady"
    device: str
    faults: int  # that were not told one by one
    minutes: int  # within so many


Fact = (
    CheckedOut | Returned | Renewed | Undone | Refused | Rated | DoorCrossed | DeskVisitStarted
    | DeskVisitEnded | HelpCalled | ItemEnrolled | GateUnset | CardIssued | DeviceFault | DeviceRecovered
    | StationStarted | ClockSynced | CommandDone | RulesChanged | CatalogueChanged | DueCorrected
    | DeviceUnsteady
)  # fmt: skip

CATALOGUE: tuple[type[Fact], ...] = Fact.__args__
CLASSES: tuple[str, ...] = tuple(sorted({fact.cls for fact in CATALOGUE}))


def type_of(fact: Fact | type[Fact]) -> str:
    """The CloudEvents type: `gocdoc.item.checked_out.v1`."""
    return f"gocdoc.{fact.name}.v1"


TYPES: dict[str, type[Fact]] = {type_of(fact): fact for fact in CATALOGUE}


# --- the envelope ------------------------------------------------------------------------------------


def source_of(kiosk: str) -> str:
    """The CloudEvents source of a station."""
    return f"urn:gocdoc:kiosk:{kiosk}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One fact on its way: what the outbox stores and the centre reads."""

    id: str
    kiosk: str
    type: str
    time: str  # RFC 3339 with offset
    epoch: str
    seq: int
    boot: int
    mono: int
    clock: str
    data: dict[str, Any]

    def to_json(self) -> bytes:
        """The structured-mode CloudEvent as compact UTF-8 JSON."""
        event = {
            "specversion": "1.0",
            "id": self.id,
            "source": source_of(self.kiosk),
            "type": self.type,
            "time": self.time,
            "datacontenttype": "application/json",
            "epoch": self.epoch,
            "seq": self.seq,
            "boot": self.boot,
            "mono": self.mono,
            "clock": self.clock,
            "data": self.data,
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def envelope(
    fact: Fact,
    *,
    kiosk: str,
    epoch: str,
    seq: int,
    boot: int,
    mono: int,
    clock: str,
    wall: datetime,
    library: str = "",
) -> Envelope:
    """Wrap a fact; the id is made here, in the transaction that holds the fact.

    Facts of loans carry the `library` whose books they are of, where the station names one.
    """
    data = asdict(fact)
    if library and fact.cls == CheckedOut.cls:
        data["library"] = library
    return Envelope(
        id=uuid7(wall),
        kiosk=kiosk,
        type=type_of(fact),
        time=wall.isoformat(timespec="milliseconds"),
        epoch=epoch,
        seq=seq,
        boot=boot,
        mono=mono,
        clock=clock,
        data=data,
    )


def _text(event: dict[str, Any], key: str, longest: int = 200) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise FactError(f"{key!r} must be text of 1 to {longest} characters, not {str(value)[:60]!r}")
    return value


def _count(event: dict[str, Any], key: str, least: int = 0) -> int:
    value = event.get(key)
    if type(value) is not int or not least <= value < 1 << 63:
        raise FactError(f"{key!r} must be a whole number from {least}, not {str(value)[:60]!r}")
    return value


def parse_event(event: Any) -> Envelope:
    """Read one decoded CloudEvent. Unknown types and unknown fields are kept, not refused.

    Raises FactError, naming the field, when the envelope itself is not ours.
    """
    if not isinstance(event, dict):
        raise FactError(f"a fact must be a JSON object, not {type(event).__name__}")
    if event.get("specversion") != "1.0":
        raise FactError(f"'specversion' must be '1.0', not {str(event.get('specversion'))[:60]!r}")
    source = _text(event, "source")
    kiosk = source.removeprefix("urn:gocdoc:kiosk:")
    if kiosk == source or not KIOSK_ID.fullmatch(kiosk):
        raise FactError(f"'source' must be urn:gocdoc:kiosk:<station>, not {source[:60]!r}")
    event_type = _text(event, "type")
    if not event_type.startswith("gocdoc."):
        raise FactError(f"'type' must begin with 'gocdoc.', not {event_type[:60]!r}")
    time = _text(event, "time", 40)
    try:
        if datetime.fromisoformat(time).tzinfo is None:
            raise ValueError("no offset")
    except ValueError as error:
        raise FactError(f"'time' must be RFC 3339 with an offset, not {time!r}") from error
    data = event.get("data")
    if not isinstance(data, dict):
        raise FactError(f"'data' must be a JSON object, not {type(data).__name__}")
    return Envelope(
        id=_text(event, "id", 64),
        kiosk=kiosk,
        type=event_type,
        time=time,
        epoch=_text(event, "epoch", 64),
        seq=_count(event, "seq", 1),
        boot=_count(event, "boot"),
        mono=_count(event, "mono"),
        clock=_text(event, "clock", 8),
        data=data,
    )


def parse_payload(payload: bytes) -> list[Envelope]:
    """Read an MQTT payload: one CloudEvent, or a JSON array of them (CloudEvents batch format).

    Raises FactError with the reason; text from outside is hostile (law 8).
    """
    if len(payload) > MAX_PAYLOAD:
        raise FactError(f"payload of {len(payload)} bytes; at most {MAX_PAYLOAD} are accepted")
    try:
        decoded = json.loads(payload)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FactError(f"payload is not JSON: {error}") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise FactError(f"payload holds an unreadable number: {error}") from error
    events = decoded if isinstance(decoded, list) else [decoded]
    if not events:
        raise FactError("an empty batch holds no fact")
    return [parse_event(event) for event in events]


# --- topics ------------------------------------------------------------------------------------------


def topic_events(kiosk: str, cls: str) -> str:
    """Where a station publishes facts of one class."""
    return f"{PROTOCOL}/{kiosk}/evt/{cls}"


BATCH = "batch"
"""In place of a class: facts of several classes in one message. Each says by its type what it is."""


def topic_health(kiosk: str) -> str:
    """How a station is at present, retained: the last word, and no fact."""
    return f"{PROTOCOL}/{kiosk}/health"


def topic_state(kiosk: str) -> str:
    """A station's birth and will, retained."""
    return f"{PROTOCOL}/{kiosk}/state"


def topic_ack(kiosk: str) -> str:
    """The centre's watermark for a station, retained."""
    return f"{PROTOCOL}/{kiosk}/ack"


EVERY_STATION = "all"
"""In place of a station's name: news for all of them."""


def topic_news(kiosk: str) -> str:
    """What a station tells on its Welcome screen, retained; of EVERY_STATION, what all of them tell."""
    return f"{PROTOCOL}/{kiosk}/news"


def topic_server(name: str = "ingest") -> str:
    """The ingest's own birth and will: stations drain only while it is online."""
    return f"{PROTOCOL}/srv/{name}/state"
