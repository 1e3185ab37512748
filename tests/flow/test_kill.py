"""The station is killed at any moment: what the screen confirmed is kept, and nothing is invented."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from hardware.simulated.bench_library import Thing, read_things
from kiosk.demo.cast import Cast
from kiosk.demo.central_books import counters_are_right
from kiosk.demo.glass import NotSeen
from kiosk.demo.hands import Hands
from kiosk.demo.ledger import Ledger
from kiosk.demo.stage import LIBRARY, Stage
from kiosk.demo.station_books import StationBooks
from kiosk.demo.visitor import Visitor

pytestmark = [pytest.mark.broker, pytest.mark.display]

KILLS = 22
SEED = 20261122
LATEST_S = 1.6  # after the card: Hello, book, commit and the confirming screen all come sooner than this
ACTS = {
    "gocdoc.item.checked_out.v1": "borrowed",
    "gocdoc.item.returned.v1": "returned",
    "gocdoc.item.renewed.v1": "kept",
}


@dataclass
class Confirmed:
    """Acts in the order in which the screen showed them as done."""

    acts: list[tuple[str, str]] = field(default_factory=list)  # (what, item)

    def missing_from(self, made: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Confirmed acts that are not among those made, order kept."""
        rest = iter(made)
        return [act for act in self.acts if not any(act == one for one in rest)]


def acts_of(books: StationBooks) -> list[tuple[str, str]]:
    return [(ACTS[fact["type"]], fact["data"]["item"]) for fact in books.facts if fact["type"] in ACTS]


def out_by_facts(books: StationBooks) -> set[str]:
    """The items that are out, going by the facts alone."""
    out: set[str] = set()
    for what, item in acts_of(books):
        if what == "borrowed":
            assert item not in out, f"{item} was lent twice"
            out.add(item)
        elif what == "returned":
            assert item in out, f"{item} came back twice"
            out.remove(item)
        else:
            assert item in out, f"{item} was renewed while nobody had it"
    return out


@contextlib.contextmanager
def killed_after(pid: int, seconds: float) -> Iterator[None]:
    """SIGKILL the process so many seconds from now, whatever happens inside; wait until that was done."""
    timer = threading.Timer(seconds, os.kill, (pid, signal.SIGKILL))
    timer.start()
    try:
        yield
    except (OSError, NotSeen):
        pass  # the station went away under the hand
    finally:
        timer.join()


@pytest.mark.parametrize("seed", [SEED])
def test_a_station_killed_at_any_moment_keeps_what_it_showed_and_shows_what_it_kept(
    stage: Stage, seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    cast = Cast(read_things(LIBRARY))
    readers = chance.sample(cast.children()[3:], 4)
    shelf = {reader.uid: [cast.book_for(reader) for _ in range(2)] for reader in readers}
    hands = Hands(stage.bench, stage.glass)
    confirmed = Confirmed()
    renewals: Counter[str] = Counter()
    moments: Counter[str] = Counter()  # in which phase the kills fell

    for number in range(KILLS):
        hands.sees("Welcome")
        before = stage.books_of_station()
        reader = chance.choice(readers)
        book = chance.choice(shelf[reader.uid])
        # Half of the kills anywhere in the visit, half around the commit.
        delay = chance.uniform(0.0, LATEST_S) if number % 2 else chance.uniform(0.5, 1.1)
        phase = ["card"]
        with killed_after(stage.station.pid, delay * stage.glass.slowness):
            visitor = Visitor(hands, Ledger(at_home=dict(before.loans)), reader)
            visitor.begins()
            phase[0] = "book"
            what = "borrowed"
            if book.number in before.loans:
                what = chance.choice(["returned", "kept"]) if renewals[book.number] < 2 else "returned"
            deed: dict[str, Callable[[Thing], object]] = {
                "borrowed": visitor.borrows,
                "returned": visitor.returns,
                "kept": visitor.keeps,
            }
            deed[what](book)
            confirmed.acts.append((what, book.number))
            phase[0] = "done"
        moments[phase[0]] += 1
        stage.kill_station()
        assert not stage.station.alive
        hands.clear()
        stage.start_station()

        after = stage.books_of_station()
        made = acts_of(after)[len(acts_of(before)) :]
        assert len(made) <= 1, f"one act was asked for, {made} were made"
        if phase[0] == "done":
            assert made == [(what, book.number)], f"kill {number}: {what} {book.number} was shown and is lost"
        assert out_by_facts(after) == set(after.loans), "a loan without its fact, or a fact without its loan"
        for one, item in made:
            renewals[item] = renewals[item] + 1 if one == "kept" else 0

    assert moments.total() >= 20
    assert len(moments) >= 2, f"every kill fell into the same moment: {moments}"
    assert stage.drained(60)
    station, centre = stage.books_of_station(), stage.books_of_centre()
    assert confirmed.missing_from(acts_of(station)) == []
    assert station.sound
    assert station.unconfirmed == 0
    assert [fact["seq"] for fact in station.facts] == list(range(1, station.last_seq + 1))
    assert centre.facts == centre.upto == station.last_seq
    assert (centre.missing, centre.duplicates, centre.quarantined, centre.deadletters) == (0, 0, 0, 0)
    made_of = Counter(what for what, _ in acts_of(station))
    assert (centre.loans, centre.returns, centre.renewals) == (
        made_of["borrowed"],
        made_of["returned"],
        made_of["kept"],
    )
    assert counters_are_right(stage.centre)
    record_property("kills by moment", str(dict(moments)))


def test_after_a_kill_nothing_of_the_child_is_on_the_screen_and_the_pad_must_be_emptied(stage: Stage) -> None:
    cast = Cast(read_things(LIBRARY))
    reader = cast.children()[5]
    book = cast.book_for(reader)
    hands = Hands(stage.bench, stage.glass)
    hands.sees("Welcome")
    visitor = Visitor(hands, Ledger(), reader)
    visitor.begins()
    visitor.borrows(book)
    stage.kill_station()
    stage.start_station()
    seen = hands.sees("TakeYourThings")
    assert not seen.says(reader.name)
    assert not seen.says(book.name)
    # The next child's card beside them begins no visit.
    other = cast.children()[6]
    hands.place(other)
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        assert hands.look().screen == "TakeYourThings"
        time.sleep(0.05)
    hands.clear()
    hands.sees("Welcome")
    assert stage.books_of_station().loans == {book.number: reader.number}


def test_visits_counted_at_the_door_survive_kills_and_reach_the_centre_once(stage: Stage) -> None:
    hands = Hands(stage.bench, stage.glass)
    hands.sees("Welcome")
    chance, kept = random.Random(SEED), 0
    for _ in range(4):
        passed = chance.randrange(2, 5)
        for _ in range(passed):
            stage.bench.cross("in")
        wanted, deadline = kept + passed, time.monotonic() + 20
        while doors_of(stage.books_of_station()) < wanted:
            assert time.monotonic() < deadline, "a crossing was not kept"
            time.sleep(0.05)
        stage.bench.cross("in")  # the station may die while it keeps this one: then it is lost, never half
        stage.kill_station()
        kept = doors_of(stage.books_of_station())
        assert wanted <= kept <= wanted + 1
        stage.start_station()
        hands.sees("Welcome")
    assert stage.drained(60)
    assert stage.books_of_centre().visits_in == doors_of(stage.books_of_station()) == kept


def doors_of(books: StationBooks) -> int:
    return sum(fact["type"] == "gocdoc.visit.counted.v1" for fact in books.facts)
