"""A scripted afternoon at a reading corner: real screen, chip-level pad, real broker, real centre.

`python -m kiosk.demo.afternoon --out DIR` plays it without a display, compares what was shown with what was
written and counted, and leaves `summary.json`, `screens/` and `corner/logs/` in DIR. Exit status 0 only if
everything agrees.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from central.errors import CentreError
from hardware.simulated.bench_library import read_things
from kiosk.demo import afternoon_staff as staff
from kiosk.demo import afternoon_troubles as troubles
from kiosk.demo import afternoon_visits as visits
from kiosk.demo import afternoon_ways as ways
from kiosk.demo.afternoon_day import Day
from kiosk.demo.album import Album
from kiosk.demo.cast import Cast, Unplayable
from kiosk.demo.central_books import CentreSilent, counters_are_right
from kiosk.demo.glass import NotSeen
from kiosk.demo.hands import Hands
from kiosk.demo.ledger import Contradiction, Ledger
from kiosk.demo.processes import ProgramFailed
from kiosk.demo.reckoning import Reckoning, reckon
from kiosk.demo.stage import LIBRARY, Stage

DRAIN_S = 60.0
"""How long the outbox may take at the end; reconnecting after an outage backs off for some seconds."""
FAILURES = (NotSeen, Contradiction, Unplayable, ProgramFailed, CentreSilent, CentreError, OSError)
"""What ends an afternoon before its end."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def play(day: Day) -> None:
    """The whole afternoon, scene after scene."""
    (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, *_) = _spread(day.cast)
    troubles.changes_the_language(day)
    troubles.calls_for_help(day)
    staff.looks_at_the_devices(day)
    staff.scans_codes(day)
    ways.asks_what_a_book_is(day)
    ways.comes_without_a_card(day)
    one, two = visits.borrows_two_and_is_done(day, c1)
    three = visits.card_and_book_together(day, c2)
    stack = visits.a_stack_of_three_and_one_too_many(day, c3)
    visits.too_young_and_undone(day, c4)
    visits.a_card_that_is_not_good(day, "blocked")
    reference_day = visits.a_reference_book_stays(day, c5)
    visits.strangers(day, c6)
    troubles.looks_in_and_turns_back(day)
    pair = visits.four_books_one_by_one(day, c6)
    gated = visits.a_book_lay_there_first(day, c7)
    visits.returned_without_a_card(day, one)
    visits.brings_books_of_others(day, c8, two, three)
    visits.comes_again(day, c3, back=stack[:2], keep=stack[2:])
    forgotten = troubles.lifts_the_card_and_leaves_a_book(day, c9)
    troubles.forgets_that_it_is_here(day, c10)
    unplugged = troubles.the_reader_breaks(day, c11)
    troubles.the_broker_dies(day)
    fifth = visits.borrows_two_and_is_done(day, c12)
    sixth = visits.borrows_two_and_is_done(day, c13)
    visits.comes_again(day, c6, back=pair, more=2)
    troubles.the_broker_is_back(day)
    rescued = troubles.the_plug_is_pulled(day, c14)
    visits.keeps_too_often(day, c5, reference_day)
    troubles.the_disk_is_full(day, c1)
    troubles.the_database_is_held(day, c1)
    visits.comes_again(day, c7, back=(gated,), more=1)
    visits.comes_again(day, c8, back=(two,), more=1)
    visits.comes_again(day, c9, back=(forgotten,), more=1)
    visits.comes_again(day, c11, back=(unplugged,), more=1)
    visits.comes_again(day, c12, back=fifth, more=1)
    visits.comes_again(day, c13, back=sixth, more=1)
    visits.comes_again(day, c14, keep=(rescued,))


def run(out: Path, tell: Callable[[str], None], script: Callable[[Day], None] = play) -> Reckoning:
    """Set the stage in `out`, play, wait for the outbox, and reckon.

    Raises what a scene raises when the station does not do what it should; the summary tells of it too.
    """
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / "screens", ignore_errors=True)
    album = Album(out / "screens")
    with Stage(out / "corner") as stage:
        try:
            stage.load_library()
            stage.employ_a_librarian()
            stage.start()
            tell("broker, centre, wires and station are up")
            things = read_things(LIBRARY)
            day = Day(stage, Hands(stage.bench, stage.glass, album), Ledger(), Cast(things), tell)
            day.hands.sees("Welcome")
            script(day)
        except FAILURES as error:
            _write(out, {"agreed": False, "disagreements": [f"{type(error).__name__}: {error}"]})
            raise
        troubles.waits_until_told(day, DRAIN_S)
        page = picture_of_page(stage.page, out / "screens" / "centre.png")
        tell(page)
        reckoning = reckon(
            day.ledger,
            stage.books_of_station(),
            stage.books_of_centre(),
            recounted=counters_are_right(stage.centre),
        )
    reckoning.summary.update(
        seconds=round(time.monotonic() - began, 1),
        screens=[path.name for path in album.pictures],
        screens_not_seen=list(album.missing),
        centre_page=page,
    )
    _write(out, reckoning.summary)
    return reckoning


def _write(out: Path, summary: dict[str, Any]) -> None:
    text = json.dumps(summary, ensure_ascii=False, indent=2)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")


def picture_of_page(address: str, path: Path) -> str:
    """A picture of the centre's page, if this machine has a Chromium; says in words what came of it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return "no picture of the centre's page: no Chromium on this machine"
    words = ["--headless", "--disable-gpu", "--hide-scrollbars", "--window-size=1280,900"]
    if os.geteuid() == 0:
        words.append("--no-sandbox")  # Chromium refuses to start as root with it
    try:
        subprocess.run(
            [browser, *words, f"--screenshot={path}", address], capture_output=True, check=True, timeout=40
        )
    except (subprocess.SubprocessError, OSError) as error:
        return f"no picture of the centre's page: {type(error).__name__}"
    return f"the centre's page: {path.name}"


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the answer is the exit status."""
    options = _options(argv)
    began = time.monotonic()

    def tell(line: str) -> None:
        _say(f"{time.monotonic() - began:6.1f} s  {line}")

    try:
        reckoning = run(options.out.resolve(), tell)
    except FAILURES as error:
        _say(f"\nthe afternoon could not go on: {error}")
        _say(f"the programs' logs: {options.out}/corner/logs")
        return 1
    _say(f"\n{reckoning.table()}\n")
    for line in reckoning.disagreements:
        _say(f"DISAGREES  {line}")
    told: dict[str, Any] = reckoning.summary
    _say(
        f"{told['children']} children, {told['facts_station']} facts, {len(told['screens'])} kinds of "
        f"screens in {told['seconds']} s; {options.out}/summary.json"
    )
    if told["screens_not_seen"]:
        _say(f"not seen, for they need other devices: {', '.join(told['screens_not_seen'])}")
    _say("everything agrees" if reckoning.agreed else "NOT everything agrees")
    return 0 if reckoning.agreed else 1


def _spread(cast: Cast) -> Sequence[Any]:
    """The readers in an order that gives a young one the part that needs one."""
    readers = list(cast.children())
    young = readers.pop(0)
    return [*readers[:3], young, *readers[3:]]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run --headless", description="A scripted afternoon.")
    parser.add_argument(
        "--out", type=Path, default=Path("var/afternoon"), help="folder for summary.json and screenshots"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
