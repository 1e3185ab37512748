"""Scenes in which something goes wrong: lifted cards, forgetful children, broken devices, pulled plugs."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import time
from typing import TYPE_CHECKING

from kiosk.demo.afternoon_day import Day

if TYPE_CHECKING:
    from hardware.simulated.bench_library import Thing

OUTER_BEAM = 17  # BCM pin of the beam outside, kiosk.settings.DoorSection


def changes_the_language(day: Day) -> None:
    """One touch turns the screen English, the next one Vietnamese again."""
    for language in ("en", "vi"):
        before = day.hands.look()
        day.hands.tap("language")
        day.hands.sees("Welcome", where=lambda s, wanted=language: s.language == wanted)  # type: ignore[misc]
        day.tell(f"a touch on the language button: the screen speaks {language}, not {before.language}")


def calls_for_help(day: Day) -> None:
    """A librarian is called from the first screen; the child goes back by itself."""
    before = day.hands.look()
    day.hands.tap("help")
    seen = day.hands.sees("AskHelp", after=before)
    day.ledger.help_calls += 1
    day.tell("somebody touches the help button: a librarian is called")
    day.hands.tap("back")
    day.hands.sees("Welcome", after=seen)


def looks_in_and_turns_back(day: Day) -> None:
    """One beam is broken and free again: nobody came in, nothing is counted."""
    day.stage.bench.pin(OUTER_BEAM, 0)
    day.stage.bench.pin(OUTER_BEAM, 1)
    day.tell("somebody looks in at the door and turns back: not a visit")


def lifts_the_card_and_leaves_a_book(day: Day, card: Thing) -> Thing:
    """The card is taken away at once, the book forgotten: goodbye, and nobody else gets that book."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    book = day.cast.book_for(card)
    seen = child.borrows(book)
    child.lifts(card)
    seen = day.hands.sees("Goodbye", after=seen)
    day.hands.sees("TakeYourThings", after=seen)
    day.tell(f"{card.name} lifts the card and forgets the book: please take your things")
    day.empties_pad()
    child.walks_out()
    return book


def forgets_that_it_is_here(day: Day, card: Thing) -> None:
    """Nothing happens for a while: still here? Yes. And again: no answer, goodbye, and every trace gone."""
    child = day.visitor(card)
    child.walks_in()
    seen = child.begins()
    seen = day.hands.sees("StillThere", after=seen)
    day.hands.tap("still_here")
    seen = day.hands.sees("Hello", after=seen)
    day.tell(f"{card.name} dreams; still here? yes")
    seen = day.hands.sees("StillThere", after=seen)
    seen = day.hands.sees("Goodbye", after=seen)
    seen = day.hands.sees("TakeYourThings", after=seen)
    if seen.says(card.name):
        raise AssertionError(f"{card.name} is still named on the screen after the visit ended")
    day.tell(f"{card.name} dreams on: goodbye, please take your card")
    day.empties_pad()
    child.walks_out()


def the_reader_breaks(day: Day, card: Thing) -> Thing:
    """The reader is unplugged in mid-visit, and freezes later; each time it heals when it can."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    book = day.cast.book_for(card)
    seen = child.borrows(book)
    day.stage.bench.reader("unplugged")
    seen = day.hands.sees("ReaderOut", after=seen)
    day.tell("the reader is unplugged in mid-visit: the pad does not work")
    day.stage.bench.reader("ok")
    seen = day.hands.sees("TakeYourThings", after=seen)
    day.tell("the reader works again: whatever lies there belongs to nobody")
    day.empties_pad()
    before = day.hands.look()
    day.stage.bench.reader("frozen")
    day.hands.sees("ReaderOut", after=before)
    day.stage.bench.reader("ok")
    day.hands.sees("Welcome")
    day.tell("the reader freezes and is found again")
    child.walks_out()
    return book


def the_broker_dies(day: Day) -> None:
    """kill -9 the broker; lending never waits for the network."""
    day.stage.broker.kill()
    day.tell("the broker is killed: the station goes on without it")


def the_broker_is_back(day: Day) -> None:
    """It starts again; what was written meanwhile reaches the centre by itself."""
    waiting = day.stage.books_of_station().unconfirmed
    day.stage.broker.start()
    day.tell(f"the broker is back; {waiting} facts were waiting for it")


def the_plug_is_pulled(day: Day, card: Thing) -> Thing:
    """The station dies with card and book on the pad. It comes back, keeps the loan and trusts nobody."""
    child = day.visitor(card)
    child.walks_in()
    child.begins()
    book = day.cast.book_for(card)
    child.borrows(book)
    day.stage.kill_station()
    day.tell("the station's plug is pulled, card and book on the pad")
    day.stage.start_station()
    day.hands.sees("TakeYourThings")
    day.tell("the station is back: please take your things")
    day.empties_pad()
    child.begins()
    child.chooses(book)  # the loan is there: it is offered to be brought back or kept
    day.tell(f"{card.name} comes again: {book.name} is still on loan to this card")
    child.goes()
    child.walks_out()
    return book


def the_disk_is_full(day: Day, card: Thing) -> None:
    """No byte can be written for a moment: the station lends nothing, says so, and goes on when it can."""
    pid = day.stage.station.pid
    before = day.hands.look()
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        day.hands.place(card)
        seen = day.hands.glass.until("DiskFull", "OutOfOrder", after=before.number)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
    day.hands.sees(seen.screen)  # its picture is written by the station, which can write again now
    day.tell(f"the disk takes nothing more: {seen.screen}")
    day.hands.sees("TakeYourThings")
    day.tell("there is room again; nothing was half done")
    day.empties_pad()


def the_database_is_held(day: Day, card: Thing) -> None:
    """Another program holds the database: the station lends nothing, says so, and goes on when it is free."""
    before = day.hands.look()
    with contextlib.closing(sqlite3.connect(day.stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        day.hands.place(card)
        day.hands.sees("OutOfOrder", after=before, within=30.0)
        day.tell("another program holds the database: the station is shut")
        other.execute("ROLLBACK")
    day.hands.sees("TakeYourThings", within=30.0)
    day.tell("the database is free again; nothing was half done")
    day.empties_pad()


def waits_until_told(day: Day, within: float) -> bool:
    """Wait until the centre has confirmed every fact of the station."""
    began = time.monotonic()
    told = day.stage.drained(within)
    took = time.monotonic() - began
    day.tell(
        f"every fact is confirmed after {took:.1f} s" if told else f"facts still wait after {took:.1f} s"
    )
    return told
