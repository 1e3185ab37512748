"""The reckoning after an afternoon: what was seen, what the station wrote, what the centre counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kiosk import facts
from kiosk.demo.central_books import CentralBooks
from kiosk.demo.ledger import Ledger
from kiosk.demo.station_books import StationBooks


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, seen three times over."""

    what: str
    seen: int  # on the screen, by the ledger
    station: int  # facts in the station's outbox
    centre: int

    @property
    def agrees(self) -> bool:
        """Whether all three are the same."""
        return self.seen == self.station == self.centre


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The comparison and everything that disagrees, in words."""

    lines: tuple[Line, ...]
    disagreements: tuple[str, ...]
    summary: dict[str, Any]

    @property
    def agreed(self) -> bool:
        """Whether everything agrees."""
        return not self.disagreements

    def table(self) -> str:
        """The figures as a table for a terminal."""
        head = f"{'':24}{'on screen':>10}{'station':>10}{'centre':>10}"
        rows = [
            f"{line.what:24}{line.seen:>10}{line.station:>10}{line.centre:>10}"
            f"{'' if line.agrees else '   <- differs'}"
            for line in self.lines
        ]
        return "\n".join([head, "-" * len(head), *rows])


def reckon(ledger: Ledger, station: StationBooks, centre: CentralBooks, *, recounted: bool) -> Reckoning:
    """Compare. Nothing may differ: not a count, not who has which book, not a fact."""
    doors = station.counts_by(facts.DoorCrossed, "direction")
    checkouts, undone = station.count(facts.CheckedOut), station.count(facts.Undone)
    lines = (
        Line("loans", ledger.loans, checkouts - undone, centre.loans),
        Line("undone", ledger.undone, undone, centre.undone),
        Line("returns", ledger.returns, station.count(facts.Returned), centre.returns),
        Line("renewals", ledger.renewals, station.count(facts.Renewed), centre.renewals),
        Line("refusals", ledger.refusals.total(), station.count(facts.Refused), centre.refusals),
        Line("help calls", ledger.help_calls, station.count(facts.HelpCalled), centre.help_calls),
        Line("visits in", ledger.visits_in, doors["in"], centre.visits_in),
        Line("visits out", ledger.visits_out, doors["out"], centre.visits_out),
        Line("facts", station.last_seq, len(station.facts), centre.facts),
    )
    disagreements = tuple(_disagreements(lines, ledger, station, centre, recounted=recounted))
    summary = {
        "loans": centre.loans,
        "returns": centre.returns,
        "renewals": centre.renewals,
        "refusals": centre.refusals,
        "refusal_reasons": dict(sorted(ledger.refusals.items())),
        "undone": centre.undone,
        "help": centre.help_calls,
        "visits_in": centre.visits_in,
        "visits_out": centre.visits_out,
        "children": len(ledger.children),
        "at_home": len(station.loans),
        "facts_station": station.last_seq,
        "facts_centre": centre.facts,
        "missing": station.last_seq - centre.upto,
        "duplicates": centre.duplicates,
        "redelivered": centre.redelivered,
        "outbox_left": station.unconfirmed,
        "integrity_ok": station.sound,
        "agreed": not disagreements,
        "disagreements": list(disagreements),
    }
    return Reckoning(lines, disagreements, summary)


def _disagreements(
    lines: tuple[Line, ...], ledger: Ledger, station: StationBooks, centre: CentralBooks, *, recounted: bool
) -> Iterator[str]:
    for line in lines:
        if not line.agrees:
            yield (
                f"{line.what}: {line.seen} on the screen, {line.station} at the station, "
                f"{line.centre} at the centre"
            )
    for item in sorted(ledger.at_home.keys() | station.loans.keys()):
        seen, kept = ledger.at_home.get(item, "nobody"), station.loans.get(item, "nobody")
        if seen != kept:
            yield f"{item}: by the screen {seen} has it, by the station's database {kept}"
    reasons = station.counts_by(facts.Refused, "reason")
    if reasons != Counter(ledger.refusals):
        yield f"refusals: {dict(ledger.refusals)} on screen, {dict(reasons)} at the station"
    numbers = [event["seq"] for event in station.facts]
    if numbers != list(range(1, station.last_seq + 1)):
        yield f"the station's facts are not numbered 1 to {station.last_seq} without a gap"
    if not station.sound:
        yield "SQLite's integrity check of the station's database failed"
    if station.unconfirmed:
        yield f"{station.unconfirmed} facts were not confirmed by the centre"
    if centre.upto != station.last_seq:
        yield f"the centre's watermark is {centre.upto}, the station wrote {station.last_seq}"
    for what in ("missing", "duplicates", "quarantined", "deadletters"):
        if getattr(centre, what):
            yield f"centre: {getattr(centre, what)} {what}"
    if not recounted:
        yield "centre: the counters differ from the facts counted again"
