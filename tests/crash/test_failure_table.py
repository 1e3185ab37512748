"""The failure table of the link, row by row: what breaks, and what must come of it without a person.

Most rows are kept by tests that lie beside the part that keeps them; tests/crash/rows.py says which. This
file has those that need the whole: real processes, a real broker, a full disk. That the tests named there
exist is itself a test.
"""

from __future__ import annotations

import ast
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from central.alerts.rules import Kind, findings
from central.alerts.watch import AlertWatch
from central.broker import LocalBroker
from central.overview import stations
from central.store import CentralStore, url_of
from central.tables import alarm, counter
from kiosk.facts import ClockSynced, DeviceFault
from kiosk.link import uplink as link_of_station
from kiosk.model import ClockQuality, Now
from tests.central.centre import Centre
from tests.central.conftest import ACL
from tests.central.corner import HANOI, Corner, loans
from tests.central.test_counted_once import counted_once
from tests.crash.centre import read_books, upto_of
from tests.crash.deaf_wire import DeafWire
from tests.crash.house import House
from tests.crash.rows import ROWS

MakeCorner = Callable[..., Corner]


def test_every_row_of_the_table_has_tests_and_they_exist() -> None:
    assert sorted(ROWS) == list(range(1, 19))
    root = Path(__file__).parents[2]
    for row, (_, kept_by) in ROWS.items():
        for file, name in kept_by:
            tree = ast.parse((root / file).read_text(encoding="utf-8"))
            names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert name in names, f"row {row}: there is no {name} in {file}"


# --- 12: the link ------------------------------------------------------------------------------------


@pytest.mark.broker
def test_row_12_a_link_that_swallows_everything_is_noticed_and_made_anew(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    with DeafWire(broker) as wire:
        corner = make_corner(wire)
        corner.uplink.start()
        corner.report(*loans(20))
        corner.until_drained()
        wire.go_deaf()
        corner.report(*loans(30, first=100))
        corner.until(lambda: wire.swallowed > 0, what="something on its way into nothing")
        assert corner.outbox_left == 30, "nothing is confirmed by having been sent"
        corner.until_drained()
        assert wire.connections >= 2
        counted_once(corner, centre, 50)


# --- 13: access rules --------------------------------------------------------------------------------


@pytest.mark.broker
def test_row_13_one_wrong_letter_in_the_access_rules_loses_nothing_and_is_told(
    mosquitto: str, tmp_path: Path, make_corner: MakeCorner
) -> None:
    rules = tmp_path / "rules"
    right = ACL.read_text()
    rules.write_text(right.replace("pattern write gocdoc/1/%u/evt/#", "pattern write gocdoc/1/%u/event/#"))
    assert rules.read_text() != right
    secrets = {"gocdoc-ingest": "of the centre", "kiosk-1": "of the station"}
    files = {name: _secret(tmp_path / f"{name}.password", word) for name, word in secrets.items()}
    with LocalBroker(tmp_path / "broker", logins=secrets, acl=rules) as broker:
        login = ("--username", "gocdoc-ingest", "--password-file", str(files["gocdoc-ingest"]))
        centre = Centre(tmp_path / "centre", broker, *login)
        centre.start()
        try:
            corner = make_corner(broker, username="kiosk-1", password_file=files["kiosk-1"])
            corner.report(*loans(5))
            corner.uplink.start()
            corner.until(lambda: "Not authorized" in corner.uplink.status.last_error, what="the reason")
            corner.until(lambda: _behind(centre.data) == 5, what="the centre to know what it lacks")
            assert (corner.outbox_left, corner.confirmed) == (5, [])
            assert _told_after(centre.data, timedelta(minutes=59)) == set()
            assert _told_after(centre.data, timedelta(minutes=62)) == {Kind.STANDSTILL}
            rules.write_text(right)
            broker.restart()
            counted_once(corner, centre, 5)
        finally:
            centre.stop()


def _secret(path: Path, word: str) -> Path:
    path.write_text(f"{word}\n")
    path.chmod(0o600)
    return path


@contextmanager
def _opened(data: Path) -> Iterator[CentralStore]:
    store = CentralStore(url_of(data))
    try:
        yield store
    finally:
        store.close()


def _behind(data: Path) -> int:
    with _opened(data) as store, store.reading() as connection:
        return sum(one.behind for one in stations(connection, "2026-11-21"))


def _told_after(data: Path, later: timedelta) -> set[Kind]:
    """What people are told when it stays as it is for so long."""
    told: set[Kind] = set()
    now = [datetime.now(UTC)]
    with _opened(data) as store:
        watch = AlertWatch(
            store,
            lambda: True,
            {"test": lambda alerts, _: told.update(one.kind for one in alerts)},
            lambda: now[0],
        )
        watch.look()
        now[0] += later
        watch.look()
    return told


# --- 14: disks ---------------------------------------------------------------------------------------


@pytest.fixture
def house(mosquitto: str, card: Path, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "house").mkdir()
    with House(tmp_path / "house", card, rate=100.0) as house:
        yield house


def _may_grow_to(pid: int, size: int) -> None:
    """No file of this process may be larger, as on a disk that has no more room."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.broker
def test_row_14_a_station_whose_disk_is_full_refuses_and_goes_on_when_there_is_room(house: House) -> None:
    house.start()
    house.until(lambda: len(house.shown) > 50, "a beginning")
    _may_grow_to(house.station_pid, 4_096)
    house.until(lambda: len(_lines(house.duty.refused)) > 20, "refusals")
    before = len(house.shown)
    house.until(lambda: len(_lines(house.duty.refused)) > 40, "more refusals")
    assert len(house.shown) == before, "nothing is shown as done that was not kept"
    _may_grow_to(house.station_pid, resource.RLIM_INFINITY)
    house.until(lambda: len(house.shown) > before + 50, "acts after there was room")
    house.settle()
    assert house.wrongs() == []
    with closing(sqlite3.connect(house.duty.database)) as database:
        kept = " ".join(str(one) for (one,) in database.execute("SELECT payload FROM outbox"))
    assert not [act for act in _lines(house.duty.refused) if f'"{act}"' in kept], "refused, and yet reported"


@pytest.mark.broker
def test_row_14_a_centre_whose_disk_is_full_acknowledges_nothing_and_catches_up(house: House) -> None:
    house.start()
    house.until(lambda: len(house.shown) > 50 and house.outbox_left < 20, "a beginning")
    log = house.seat.data / "centre.log"
    log.write_bytes(b"")  # so that it has room for its words
    _may_grow_to(house.centre_pid, 4_096)
    house.until(lambda: "the database cannot be used" in log.read_text(), "words")
    held = upto_of(house.seat.data)
    house.until(lambda: house.outbox_left > 60, "facts that nobody takes")
    assert upto_of(house.seat.data) == held
    _may_grow_to(house.centre_pid, resource.RLIM_INFINITY)
    house.until(lambda: house.outbox_left < 20, "the centre to catch up")
    house.settle()
    assert house.wrongs() == []


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


# --- 15, 16: cards -----------------------------------------------------------------------------------


@pytest.mark.broker
def test_row_15_two_live_clones_are_told_apart_and_every_act_of_both_is_counted(
    broker: LocalBroker, centre: Centre, tmp_path: Path
) -> None:
    card, copy = tmp_path / "card", tmp_path / "copy"
    first = Corner(card, broker, "kiosk-1")
    first.report(*loans(10))
    first.uplink.start()
    first.until_drained()
    first.close()
    shutil.copytree(card, copy)
    twins = [Corner(folder, broker, "kiosk-1") for folder in (card, copy)]
    try:
        for n, twin in enumerate(twins):
            twin.report(*loans(15, first=100 * (n + 1)))
            twin.uplink.start()

        def drained() -> bool:
            for twin in twins:
                twin.tend()
            return not any(twin.outbox_left for twin in twins)

        twins[0].until(drained, 60, "both outboxes empty")
        assert len({twin._store.epoch for twin in twins}) == 2, "one of them has numbers of its own"
    finally:
        for twin in twins:
            twin.close()
    found = centre.counts()
    assert found["loans"] == 10 + 15 + 15
    assert centre.wrong_counters() == []
    with _opened(centre.data) as store, store.reading() as connection:
        kinds = set(connection.scalars(select(alarm.c.kind)))
        told = {key.kind for key in findings(stations(connection, ""), datetime.now(UTC), broker=True)}
    assert kinds & {"fork", "boots", "two_live"}
    assert Kind.CLONE in told


@pytest.mark.broker
def test_row_15_a_card_of_last_week_that_lent_more_than_was_lost_has_every_act_counted(
    broker: LocalBroker, centre: Centre, tmp_path: Path
) -> None:
    """Its next number is above all that is held: no birth tells that it gives numbers again."""
    card, copy = tmp_path / "card", tmp_path / "copy"
    corner = Corner(card, broker, "kiosk-1")
    corner.report(*loans(5))
    corner.uplink.start()
    corner.until_drained()
    corner.uplink.stop()
    with closing(sqlite3.connect(card / "station.db")) as database:
        database.execute("PRAGMA wal_checkpoint")
    shutil.copytree(card, copy)
    corner.close()
    corner = Corner(card, broker, "kiosk-1")
    corner.report(*loans(4, first=50))
    corner.uplink.start()
    corner.until_drained()
    corner.close()
    again = Corner(copy, broker, "kiosk-1")
    try:
        again.report(*loans(25, first=100))
        again.uplink.start()
        again.until_drained()
    finally:
        again.close()
    assert len(again.epochs) == 1
    assert centre.counts()["loans"] == 5 + 4 + 25
    assert centre.wrong_counters() == []


@pytest.mark.broker
def test_row_16_what_a_card_that_dies_would_take_with_it_is_known_by_its_age(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.uplink.start()
    corner.until(lambda: corner.uplink.status.ingest_online, what="a connection")
    centre.pause()  # the wire stands, and nothing is committed: what is written now is only on the card
    old = datetime.now(HANOI) - timedelta(hours=5)
    corner.report(*loans(3), wall=old)
    corner.close()
    again = make_corner(broker)
    again.uplink.start()
    again.until(lambda: again.uplink.status.connected, what="a connection")
    assert again._reader.state().oldest_unsent is not None
    again.close()  # and this is where the card dies
    centre.resume()
    again.until(lambda: _oldest_unsent(centre.data) != "", what="how old the unsent is")
    assert datetime.fromisoformat(_oldest_unsent(centre.data)) == old.replace(
        microsecond=old.microsecond // 1000 * 1000
    )


def _oldest_unsent(data: Path) -> str:
    with _opened(data) as store, store.reading() as connection:
        return next((one.oldest_unsent or "" for one in stations(connection, "")), "")


# --- 17: yesterday's backup --------------------------------------------------------------------------


def _copied(database: Path, to: Path) -> None:
    """A backup as SQLite makes it, of a database in use."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _restore(backup: Path, database: Path) -> None:
    for left in database.parent.glob("central.db*"):
        left.unlink()
    shutil.copy(backup, database)


@pytest.mark.broker
def test_row_17_a_centre_restored_to_yesterday_heals_alone(house: House, tmp_path: Path) -> None:
    database = house.seat.data / "central.db"
    house.start()
    house.until(lambda: len(house.shown) > 100, "yesterday")
    _copied(database, tmp_path / "backup")
    house.until(lambda: len(house.shown) > 300, "today")
    house.settle()
    assert house.wrongs() == []
    whole = read_books(house.seat.data)
    _restore(tmp_path / "backup", database)
    assert upto_of(house.seat.data) < whole.upto
    house.start()
    house.until(lambda: upto_of(house.seat.data) == whole.upto, "what came since the backup")
    house.kill_all()
    assert house.wrongs() == ["centre: alarms ['restored']"], "a person is told, and has nothing to do"
    assert read_books(house.seat.data).ids == whole.ids


@pytest.mark.broker
def test_row_17_a_station_that_stays_connected_meanwhile_sends_again_too(
    broker: LocalBroker,
    centre: Centre,
    make_corner: MakeCorner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_of_station, "REFRESH_S", 0.5)  # 30 s in service
    corner = make_corner(broker)
    corner.uplink.start()
    corner.report(*loans(40))
    corner.until_drained()
    _copied(centre.data / "central.db", tmp_path / "backup")
    corner.report(*loans(60, first=100))
    corner.until_drained()
    centre.kill()
    _restore(tmp_path / "backup", centre.data / "central.db")
    centre.start()
    corner.until(lambda: centre.counts()["facts"] == 100, what="what came since the backup")
    found = centre.counts()
    assert (found["loans"], found["upto"], found["missing"], found["duplicates"]) == (100, 100, [], 0)
    assert centre.wrong_counters() == []


# --- the clock ---------------------------------------------------------------------------------------

YEARS = timedelta(days=3_653)
WRONG = {"hour-ahead": timedelta(hours=1), "hour-late": -timedelta(hours=1), "ahead": YEARS, "late": -YEARS}


@pytest.mark.broker
def test_with_a_clock_wrong_by_an_hour_or_ten_years_everything_is_held_and_once_known_counted_in_its_hour(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    truth = datetime.now(HANOI).replace(minute=20, second=0, microsecond=0) - timedelta(hours=3)
    for name, off in WRONG.items():
        for synced in (True, False):
            corner = make_corner(broker, f"{name}-{'synced' if synced else 'never'}")
            for n, fact in enumerate(loans(6)):
                _report(corner, fact, truth + off + timedelta(minutes=n), n * 60_000, ClockQuality.FREE)
            if synced:
                moment = truth + timedelta(minutes=10)
                _report(corner, ClockSynced(int(off.total_seconds())), moment, 600_000, ClockQuality.NTP)
            corner.uplink.start()
            corner.until_drained()
            corner.close()
            found = centre.counts(corner.name)
            assert (found["loans"], found["facts"], found["missing"]) == (6, 6 + synced, []), corner.name
            with _opened(centre.data) as store, store.reading() as connection:
                cells = connection.execute(
                    select(counter.c.day, counter.c.hour, counter.c.n).where(
                        counter.c.station == corner.name, counter.c.kind == "loan", counter.c.n != 0
                    )
                ).all()
            assert sum(cell.n for cell in cells) == 6
            if synced:
                assert [tuple(cell) for cell in cells] == [(truth.date().isoformat(), truth.hour, 6)], name
    assert centre.wrong_counters() == []


def _report(corner: Corner, fact: object, wall: datetime, mono: int, quality: ClockQuality) -> None:
    with corner._store.begin(Now(wall, mono, corner._store.boot, quality)) as work:
        work.report(fact)  # type: ignore[arg-type]
        work.commit()


# --- 18: what is too large ---------------------------------------------------------------------------


@pytest.mark.broker
def test_row_18_a_fact_larger_than_a_message_does_not_stop_those_behind_it(
    broker: LocalBroker, centre: Centre, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(2), DeviceFault("pad", "x" * 70_000), *loans(3, first=10))
    corner.uplink.start()
    corner.until_drained(6)
    assert centre.counts()["loans"] == 5
