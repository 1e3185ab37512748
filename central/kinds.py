"""What a fact counts as. Kinds are kept apart as ISO 2789 keeps them: a renewal is not a loan."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from kiosk.facts import (
    CardIssued,
    CheckedOut,
    DeskVisitStarted,
    DoorCrossed,
    Envelope,
    HelpCalled,
    ItemEnrolled,
    Rated,
    Refused,
    Renewed,
    Returned,
    Undone,
    type_of,
)

LOAN, RETURN, RENEWAL, UNDONE, REFUSAL = "loan", "return", "renewal", "undone", "refusal"
VISIT_IN, VISIT_OUT, DESK_VISIT, HELP = "visit_in", "visit_out", "desk_visit", "help"
PASSAGE = "passage"  # through a single beam, which knows no direction: two of them are one visit

_KINDS = {
    type_of(CheckedOut): LOAN,
    type_of(Returned): RETURN,
    type_of(Renewed): RENEWAL,
    type_of(Undone): UNDONE,
    type_of(Refused): REFUSAL,
    type_of(DeskVisitStarted): DESK_VISIT,
    type_of(HelpCalled): HELP,
    type_of(ItemEnrolled): "enrolled",
    type_of(CardIssued): "card_issued",
}
_VISITS = {"in": VISIT_IN, "out": VISIT_OUT, "unknown": PASSAGE}
_RATINGS = {"great": "rating_great", "fine": "rating_fine", "not_mine": "rating_not_mine"}
_DOOR, _RATED = type_of(DoorCrossed), type_of(Rated)
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:", re.ASCII)
_AGEBAND = re.compile(r"\d{1,2}-\d{1,2}|\d{1,2}\+|unknown")
MOST_AT_ONCE = 10_000
"""People in one visit fact: a larger number is a fault of the sender, not a visit."""

LONGEST_LIBRARY = 64
"""Characters of a library's name; what is longer is none."""


class Cell(NamedTuple):
    """Where in the counters a fact belongs."""

    day: str
    hour: int
    station: str
    library: str
    kind: str
    ageband: str


def count_of(fact: Envelope) -> tuple[Cell, int]:
    """The counter a fact belongs to, and by how much it raises it.

    Day and hour are the station's own, by the time in the envelope. A type this version does not know is
    counted under its own name; an age band that is none, as unknown.
    """
    kind, amount = _KINDS.get(fact.type, fact.type), 1
    if fact.type == _DOOR:
        kind = _VISITS.get(str(fact.data.get("direction")), "visit_unclear")
        people = fact.data.get("count", 1)
        amount = people if type(people) is int and 1 <= people <= MOST_AT_ONCE else 1
    elif fact.type == _RATED:
        kind = _RATINGS.get(str(fact.data.get("liked")), "rating_unclear")
    ageband = fact.data.get("ageband")
    if not isinstance(ageband, str) or not _AGEBAND.fullmatch(ageband):
        ageband = "unknown" if ageband is not None else ""
    library = fact.data.get("library")
    if not isinstance(library, str) or len(library) > LONGEST_LIBRARY or not library.isprintable():
        library = ""
    return Cell(*_hour_of(fact.time), fact.kiosk, library, kind, ageband), amount


def _hour_of(time: str) -> tuple[str, int]:
    """Day and hour of a time that was read before: as everybody writes it, or in any form of ISO 8601."""
    if _WRITTEN.match(time):
        return time[:10], int(time[11:13])
    when = datetime.fromisoformat(time)
    return when.date().isoformat(), when.hour
