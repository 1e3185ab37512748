"""Several ingests side by side on one PostgreSQL: whichever is killed, nothing is lost or counted twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from central.broker import LocalBroker
from central.overview import stations
from central.replay import replay
from central.settings import FILE
from central.store import CentralStore, url_of
from kiosk.facts import topic_server, topic_state
from tests.central.centre import Centre
from tests.central.conftest import ACL
from tests.central.corner import Corner, loans
from tests.central.postgres import LocalPostgres
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

MakeCorner = Callable[..., Corner]
MakeCentre = Callable[..., Centre]


@pytest.fixture
def database(postgres: LocalPostgres) -> str:
    """What central.toml says: a database of its own."""
    return f'database = "{postgres.words(postgres.create())}"\n'


@pytest.fixture
def make_centre(database: str, tmp_path: Path) -> Iterator[MakeCentre]:
    made: list[Centre] = []

    def make(broker: LocalBroker, name: str, *more: str) -> Centre:
        folder = tmp_path / name
        folder.mkdir()
        (folder / FILE).write_text(database)
        centre = Centre(folder, broker, *more)
        made.append(centre)
        centre.start()
        return centre

    yield make
    for centre in made:
        centre.kill()


def counted_once(corner: Corner, centre: Centre, facts: int) -> None:
    corner.until_drained(40)
    found = centre.counts(corner.name)
    assert (found["facts"], found["loans"], found["upto"], found["max_seq"]) == (facts,) * 4
    assert (found["missing"], found["duplicates"], found["quarantined"], found["deadletters"]) == (
        [],
        0,
        0,
        0,
    )
    assert centre.wrong_counters() == []


def connected(centre: Centre) -> dict[str, bool]:
    store = CentralStore(url_of(centre.data))
    try:
        with store.reading() as connection:
            return {one.id: one.connected for one in stations(connection, "2026-11-21")}
    finally:
        store.close()


def test_two_ingests_share_the_facts_and_one_killed_in_mid_drain_loses_nothing(
    broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner
) -> None:
    one, two = make_centre(broker, "one"), make_centre(broker, "two")
    corners = [make_corner(broker, f"kiosk-{number}") for number in (1, 2, 3)]
    for corner in corners:
        corner.report(*loans(1200))
        corner.uplink.start()
    first = corners[0]
    first.until(lambda: first.outbox_left < 900, what="a quarter of the way")
    one.kill()
    first.until(lambda: first.outbox_left < 500, 40, what="more than a half")
    one.start()
    two.kill()
    for corner in corners:
        corner.report(*loans(20, first=2000))
    for corner in corners:
        counted_once(corner, one, 1220)
        assert corner.confirmed == sorted(corner.confirmed), "a watermark never falls"
    one.stop()


def test_both_take_a_part_while_both_are_there(
    broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner, tmp_path: Path
) -> None:
    one, two = make_centre(broker, "one"), make_centre(broker, "two")
    # The broker deals facts out in turn: with one of the two stopped as a debugger would stop it, a part of
    # them stays unanswered until it goes on.
    corner = make_corner(broker, resend_s=30)
    corner.report(*loans(100))
    one.pause()
    try:
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.ingest_online, what="an ingest")
        corner.until(lambda: 0 < held(two) < 100, what="the part of one ingest")
    finally:
        one.resume()
    counted_once(corner, one, 100)


def held(centre: Centre) -> int:
    store = CentralStore(url_of(centre.data))
    try:
        with store.reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM event").scalar() or 0)
    finally:
        store.close()


def test_births_have_one_ingest_that_hears_them_and_another_follows_it(
    broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner
) -> None:
    one = make_centre(broker, "one")
    two = make_centre(broker, "two")
    corner = make_corner(broker)
    corner.uplink.start()
    corner.until(lambda: connected(two).get("kiosk-1") is True, what="a birth")
    one.kill()
    corner.uplink.stop()
    corner.until(lambda: connected(two).get("kiosk-1") is False, what="the goodbye, heard by the other")


def test_the_will_of_one_ingest_does_not_silence_the_stations_of_the_other(
    broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner
) -> None:
    one = make_centre(broker, "one")
    two = make_centre(broker, "two")
    corner = make_corner(broker)
    corner.uplink.start()
    corner.until(lambda: corner.uplink.status.ingest_online, what="an ingest")
    with Listener(broker, topic_server()) as listener:
        for gone, there, facts in ((one, two, 5), (two, one, 10)):
            gone.kill()
            listener.until(lambda: json.loads(listener.heard[-1][1])["online"] is True)
            corner.report(*loans(5))
            corner.until_drained()
            gone.start()
            assert there.counts()["upto"] == facts


def test_a_replay_asked_for_on_the_command_line_reaches_the_station(
    broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner
) -> None:
    centre = make_centre(broker, "one")
    corner = make_corner(broker)
    corner.report(*loans(30))
    corner.uplink.start()
    counted_once(corner, centre, 30)
    store = CentralStore(url_of(centre.data))
    try:
        with store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM event WHERE seq IN (11, 12, 30)")
            connection.exec_driver_sql("UPDATE counter SET n = n - 3 WHERE kind = 'loan'")
            connection.exec_driver_sql("UPDATE daily SET n = n - 3 WHERE kind = 'loan'")
        assert replay(store, "kiosk-1") == 3
    finally:
        store.close()
    corner.until(lambda: centre.counts()["facts"] == 30, what="the facts that were lost")
    counted_once(corner, centre, 30)


def test_the_shipped_access_rules_let_ingests_share_the_facts(
    guarded_broker: LocalBroker, make_centre: MakeCentre, make_corner: MakeCorner, tmp_path: Path
) -> None:
    assert ACL.is_file()
    words = tmp_path / "password"
    words.write_text("of the centre\n")
    words.chmod(0o600)
    login = ("--username", "gocdoc-ingest", "--password-file", str(words))
    make_centre(guarded_broker, "one", *login)
    two = make_centre(guarded_broker, "two", *login)
    own = tmp_path / "own"
    own.write_text("of the station\n")
    own.chmod(0o600)
    corner = make_corner(guarded_broker, username="kiosk-1", password_file=own)
    corner.report(*loans(50))
    corner.uplink.start()
    counted_once(corner, two, 50)
    corner.until(lambda: connected(two).get("kiosk-1") is True, what=topic_state("kiosk-1"))
