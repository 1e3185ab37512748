"""The catalogue on its way from the centre into a station, over a real Mosquitto, and through a slow line."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central import catalogue
from central.__main__ import app
from central.broker import LocalBroker
from central.catalogue import NotTaken
from central.down.lists import ListRefused, read_lists
from central.store import CentralStore, renew_generation
from kiosk.catalogue import MAX_PART, ItemEntry, TitleEntry
from kiosk.events import Crossed, Direction
from kiosk.screens import Hello, Lent, Returned
from kiosk.topics import topic_catalogue
from tests.central.room import CARD, STICKER, Room
from tests.central.thin_wire import ThinWire
from tests.central.wire import Listener

pytestmark = pytest.mark.broker


def titles(count: int, *, first: int = 1, author: str = "Tô Hoài") -> list[TitleEntry]:
    """Titles that do not pack to nothing."""
    rng = random.Random(first)
    return [
        TitleEntry(
            f"978604{n:07d}", f"Truyện số {rng.randrange(10**9):x}", author, "vi", n % 12, "green", "cricket",
            f"{rng.randrange(10**60):x}",
        )
        for n in range(first, first + count)
    ]  # fmt: skip


def items(of: list[TitleEntry]) -> list[ItemEntry]:
    """One copy of each."""
    return [ItemEntry(f"LK-{one.id[-7:]}", one.id) for one in of]


def holds(room: Room, store: CentralStore, scope: str = "all") -> bool:
    """Whether a station holds what the centre has, row by row."""
    with store.reading() as connection:
        version = catalogue.heads(connection)[scope].version
        entries = [json.loads(row) for row in catalogue._entries(connection, scope).values()]
    if (room.catalogue.version, room.catalogue.loading) != (version, None):
        return False
    there = {
        ("t", *row)
        for row in room.rows("SELECT id, name, author, language, age_from, shelf, motif, about FROM titles")
    } | {("i", *row) for row in room.rows("SELECT id, title_id, status FROM items")}
    missing = [row for row in entries if tuple(row) not in there]
    assert not missing, f"the station says it holds version {version} and lacks {missing[:2]}"
    return not room.rows("SELECT n FROM catalogue_parts")


def test_a_snapshot_then_deltas_then_nothing(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    make_courier(broker)
    books = titles(2_000)
    first = catalogue.take_in(plain_store, "all", books, items(books))
    assert (first.version, first.changed, first.delta_bytes) == (1, 4_000, 0)
    room = make_room(broker).start()
    room.until(lambda: holds(room, plain_store), what="the snapshot")
    changed = [replace(books[0], name="Dế Mèn phiêu lưu ký"), *books[1:-2], *titles(3, first=5_000)]
    second = catalogue.take_in(plain_store, "all", changed, items(changed))
    assert (second.version, second.changed, second.gone, second.snapshot_bytes) == (2, 7, 4, 0)
    assert second.delta_bytes < first.snapshot_bytes / 20
    room.until(lambda: holds(room, plain_store), what="the delta")
    assert room.rows("SELECT status FROM items WHERE id = ?", f"LK-{books[-1].id[-7:]}") == [("withdrawn",)]
    assert room.facts("catalogue.changed") == [
        {"catalogue": "all", "version": 1, "gone": 0},
        {"catalogue": "all", "version": 2, "gone": 2},
    ]
    again = catalogue.take_in(plain_store, "all", changed, items(changed))
    assert (again.version, again.changed, again.gone) == (2, 0, 0)


def test_a_station_that_was_away_takes_the_deltas_in_order(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    books = titles(1_500)
    catalogue.take_in(plain_store, "all", books, items(books))
    make_courier(broker)
    room = make_room(broker).start()
    room.until(lambda: holds(room, plain_store))
    room.close()
    for n in range(3):
        books = [*books[:-1], replace(books[-1], name=f"Tên thứ {n}"), *titles(1, first=9_000 + n)]
        catalogue.take_in(plain_store, "all", books, items(books))
    again = make_room(broker).start()
    again.until(lambda: holds(again, plain_store), what="three deltas")
    assert [one["version"] for one in again.facts("catalogue.changed")] == [1, 2, 3, 4]


def test_a_gap_no_delta_leads_over_is_closed_by_a_snapshot(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    make_courier(broker)
    books = titles(200)
    catalogue.take_in(plain_store, "all", books, items(books))
    room = make_room(broker).start()
    room.until(lambda: holds(room, plain_store))
    room.close()
    for n in range(4):  # each changes everything: two snapshots later the way from version 1 is gone
        books = [replace(one, author=f"Tác giả {n}") for one in books]
        catalogue.take_in(plain_store, "all", books, items(books))
    with plain_store.reading() as connection:
        editions = catalogue.heads(connection)["all"].editions
    assert 1 not in {one.base for one in editions}
    again = make_room(broker).start()
    again.until(lambda: holds(again, plain_store), what="a snapshot over the gap")
    versions = [one["version"] for one in again.facts("catalogue.changed")]
    assert (versions[0], versions[-1]) == (1, 5)
    assert not {2, 3} & set(versions)  # the newest snapshot may be an edition older than its last delta


def test_loans_stickers_and_what_is_the_stations_own_are_never_touched(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker)
    room.stock(items=2)
    room.start()
    make_courier(broker)
    books = [TitleEntry("home-0", "Tên mới", "Tô Hoài", "vi", 0, "red"), *titles(20)]
    whole = [ItemEntry("HOME-0", "home-0"), *items(books[1:])]
    catalogue.take_in(plain_store, "all", books, whole)
    room.until(lambda: holds(room, plain_store))
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Lent), what="its sticker still names the book")
    loans = room.rows("SELECT * FROM loans")
    patrons = room.rows("SELECT * FROM patrons")
    assert len(loans) == 1
    # It goes from the catalogue while a child has it at home, and the child still stands there.
    catalogue.take_in(plain_store, "all", books[1:], whole[1:])
    room.pad()
    room.until(lambda: holds(room, plain_store), what="the delta")
    assert room.rows("SELECT status, tag FROM items WHERE id = 'HOME-0'") == [("withdrawn", STICKER)]
    assert room.rows("SELECT * FROM loans") == loans
    assert room.rows("SELECT * FROM patrons") == patrons
    assert room.rows("SELECT status FROM items WHERE id = 'HOME-1'") == [("lendable",)], "never the centre's"
    room.pad(STICKER)
    room.until(lambda: isinstance(room.screen, Returned), what="it comes back as ever")
    assert room.rows("SELECT * FROM loans") == []


def test_nothing_is_put_in_while_a_child_is_at_the_desk(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker)
    room.stock()
    room.start()
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    make_courier(broker)
    books = titles(300)
    catalogue.take_in(plain_store, "all", books, items(books))
    room.until(lambda: room.catalogue.loading is not None and room.catalogue.loading.whole, what="all parts")
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Lent))
    assert room.rows("SELECT count(*) FROM titles") == [(1,)]
    room.pad()
    room.until(lambda: holds(room, plain_store))


def test_own_comes_before_the_librarys_and_that_before_the_one_for_all(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    make_courier(broker)
    room = make_room(broker, library="Xã Bản Phố").start()
    expected = []
    for n, scope in enumerate(("all", "of-xa-ban-pho", "at-kiosk-1"), start=1):
        books = titles(5, first=100 * n)
        catalogue.take_in(plain_store, scope, books, items(books))
        room.until(lambda scope=scope: room.catalogue.scope == scope and holds(room, plain_store, scope))
        expected.append({"catalogue": scope, "version": 1, "gone": 5 if n > 1 else 0})
    assert room.facts("catalogue.changed") == expected
    assert room.rows("SELECT count(*) FROM items WHERE status = 'lendable'") == [(5,)]


def test_a_restored_centre_is_believed(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    """Its versions are lower than the station's, and say something else."""
    make_courier(broker)
    for n in range(3):
        books = titles(30 + n)
        catalogue.take_in(plain_store, "all", books, items(books))
    room = make_room(broker).start()
    room.until(lambda: room.catalogue.version == 3)
    with plain_store.writing() as connection:
        for name in ("catalogue", "catalogue_entry", "catalogue_edition", "catalogue_part"):
            connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608
        renew_generation(connection)
    other = titles(7, first=700)
    catalogue.take_in(plain_store, "all", other, items(other))
    room.until(lambda: room.catalogue.version == 1 and holds(room, plain_store), what="the other one")
    assert room.rows("SELECT count(*) FROM items WHERE status = 'lendable'") == [(7,)]


# --- what breaks --------------------------------------------------------------------------------------------


def test_it_goes_on_at_the_part_where_it_broke_off(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    """Every few parts the line breaks, and once the station is started anew; no part is loaded twice."""
    make_courier(broker)
    books = titles(3_000)
    report = catalogue.take_in(plain_store, "all", books, items(books))
    with plain_store.reading() as connection:
        (edition,) = catalogue.heads(connection)["all"].editions
    assert edition.parts >= 6
    with ThinWire(broker, kbit_s=3_000) as line:
        room = make_room(line)
        room.start()
        for loaded in (1, 3):
            room.until(
                lambda loaded=loaded: room.rows("SELECT count(*) FROM catalogue_parts")[0][0] >= loaded,
                what=f"{loaded} parts",
            )
            line.cut()
        room.close()
        assert 3 <= _parts_of(room.path) < edition.parts
        again = make_room(line).start()
        again.until(lambda: holds(again, plain_store), 30, what="the rest")
    # Three times at most a part was on its way when the line broke.
    assert report.snapshot_bytes < line.down < report.snapshot_bytes + 3 * MAX_PART + 20_000


def test_facts_wait_behind_a_part_and_the_line_is_not_taken_for_dead(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    """A part takes three times as long as the link waits for the broker's answer to a fact."""
    books = titles(600)
    catalogue.take_in(plain_store, "all", books, items(books))
    make_courier(broker)
    with ThinWire(broker, kbit_s=75) as line, Listener(broker, "gocdoc/1/kiosk-1/evt/#") as ingest:
        ingest.say("gocdoc/1/srv/ingest/state", json.dumps({"online": True, "session": "s"}), retain=True)
        room = make_room(line, resend_s=1.0).start()
        told = 0
        limit = time.monotonic() + 30
        while room.catalogue.version != 1:
            assert time.monotonic() < limit, "the line was made anew again and again"
            room.until(lambda: room.downlink.is_loading or room.catalogue.version == 1)
            room.engine.post(Crossed(Direction.IN))
            told += 1
            room.until(lambda told=told: len(room.facts("visit.counted")) == told)
            time.sleep(0.3)  # children come one after the other
        ingest.until(lambda: b"visit.counted" in b"".join(payload for _, payload, _ in ingest.heard))
        assert line.connections == 1
    assert holds(room, plain_store)


def test_a_broker_that_forgot_everything_is_filled_again(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    books = titles(400)
    catalogue.take_in(plain_store, "all", books, items(books))
    make_courier(broker)
    with Listener(broker, "gocdoc/1/cat/#") as listener:
        listener.until(lambda: bool(listener.on(topic_catalogue("all"))))
        for topic, _, _ in list(listener.heard):
            listener.say(topic, b"", retain=True)
    make_courier(broker)  # as after a restart
    room = make_room(broker).start()
    room.until(lambda: holds(room, plain_store), what="the catalogue laid anew")


def test_a_part_the_broker_lost_is_asked_for_again_and_laid_anew(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("central.down.courier.LAY_ANEW_S", 0.0)
    books = titles(400)
    catalogue.take_in(plain_store, "all", books, items(books))
    make_courier(broker)
    with Listener(broker, "gocdoc/1/cat/#") as listener:
        listener.until(lambda: bool(listener.on(topic_catalogue("all"))))
        listener.say(topic_catalogue("all", "s1", 1), b"", retain=True)
    room = make_room(broker, patience_s=0.3).start()
    room.until(lambda: holds(room, plain_store), what="the lost part")


def test_what_is_not_as_promised_is_refused_and_nothing_of_it_is_kept(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    books = titles(600)
    catalogue.take_in(plain_store, "all", books, items(books))
    courier = make_courier(broker)
    with Listener(broker, "gocdoc/1/cat/#", "gocdoc/1/kiosk-1/res/catalogue") as listener:
        listener.until(lambda: bool(listener.on(topic_catalogue("all"))))
        courier.stop()
        good = listener.on(topic_catalogue("all", "s1", 1))[0]
        listener.say(topic_catalogue("all", "s1", 1), good[:-1] + b"\0", retain=True)
        room = make_room(broker).start()
        said = lambda: listener.on("gocdoc/1/kiosk-1/res/catalogue")  # noqa: E731
        listener.until(lambda: any(json.loads(payload)["state"] == "refused" for payload in said()))
        assert room.rows("SELECT count(*) FROM titles") == [(0,)]
        assert room.catalogue.version == 0
        listener.say(topic_catalogue("all", "s1", 1), good, retain=True)
        head = listener.on(topic_catalogue("all"))[0]
        listener.say(topic_catalogue("all"), head, retain=True)
    room.until(lambda: holds(room, plain_store), what="the right part")


@pytest.mark.parametrize(
    "head",
    [b"\xff", b"[]", b'{"generation":"g","version":1}', b'{"generation":"g","version":-1,"editions":[]}',
     b"[" * 10_000, b'{"generation":"g","version":1,"editions":[{}]}', b"x" * 20_000],
)  # fmt: skip
def test_a_head_that_is_none_is_ignored(broker: LocalBroker, make_room: Any, head: bytes) -> None:
    room = make_room(broker)
    room.stock()
    room.start()
    room.until_linked()
    with Listener(broker, "gocdoc/1/kiosk-1/res/sync") as listener:
        listener.say(topic_catalogue("all"), head)
        listener.say("gocdoc/1/kiosk-1/cmd/sync", b"{}")
        listener.until(lambda: bool(listener.heard))
    assert room.rows("SELECT count(*) FROM titles") == [(1,)]
    assert room.uplink.status.connected


def test_the_centre_knows_how_far_each_station_is(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    make_courier(broker)
    books = titles(50)
    catalogue.take_in(plain_store, "all", books, items(books))
    room = make_room(broker).start()

    def held() -> list[tuple[str, str, str, int]]:
        with plain_store.reading() as connection:
            return [(one.station, one.scope, one.state, one.version) for one in catalogue.held(connection)]

    room.until(lambda: held() == [("kiosk-1", "all", "held", 1)], what="the station's word")


# --- at the centre ------------------------------------------------------------------------------------------


def test_half_a_catalogue_is_not_taken_away_by_mistake(store: CentralStore) -> None:
    books = titles(10)
    catalogue.take_in(store, "all", books, items(books))
    with pytest.raises(NotTaken, match=r"14 of 20 titles and items .* --shrink"):
        catalogue.take_in(store, "all", books[:3], items(books[:3]))
    done = catalogue.take_in(store, "all", [], [], shrink=True, now=datetime.now(UTC))
    assert (done.version, done.gone) == (2, 20)
    with store.reading() as connection:
        head = catalogue.heads(connection)["all"]
    assert all(one.parts >= 1 for one in head.editions)


def test_lists_are_read_as_libraries_write_them(tmp_path: Path) -> None:
    (tmp_path / "titles.csv").write_text(
        "\ufeffMã sách;Nhan đề;Tác giả;Ngôn ngữ;Tuổi từ;Màu kệ\n"
        "de-men;Dế  Mèn;Tô Hoài;Tiếng Việt;7+;Xanh lá\n",
        encoding="utf-8",
    )
    (tmp_path / "items.csv").write_text("item,title_id,status,tag\nGD-1,de-men,,045ADFA4808BF3\n")
    assert read_lists(tmp_path / "titles.csv", tmp_path / "items.csv") == (
        [TitleEntry("de-men", "Dế Mèn", "Tô Hoài", "vi", 7, "green")],
        [ItemEntry("GD-1", "de-men")],
    )


def test_the_demonstrations_lists_are_a_catalogue() -> None:
    folder = Path(__file__).parents[2] / "kiosk" / "demo"
    found_titles, found_items = read_lists(folder / "titles.csv", folder / "items.csv")
    assert len(found_titles) > 50
    assert len(found_items) > 100


@pytest.mark.parametrize(
    ("titles_csv", "items_csv", "words"),
    [
        ("id,title\n", "item,title_id\n", "titles.csv:1: there is no column author"),
        (
            "id,title,author,language,age_from,shelf\na b,x,y,vi,1,red\n",
            "item,title_id\n",
            "titles.csv:2: id",
        ),
        ("id,title,author,language,age_from,shelf\na,x,y,vi,99,red\n", "item,title_id\n", "age_from"),
        ("id,title,author,language,age_from,shelf\na,x,y,vi,1,mauve\n", "item,title_id\n", "is no colour"),
        (
            "id,title,author,language,age_from,shelf\na,x,y,vi,1,red\na,x,y,vi,1,red\n",
            "item,title_id\n",
            "twice",
        ),
        (
            "id,title,author,language,age_from,shelf\na,x,y,vi,1,red\n",
            "item,title_id\n1,b\n",
            "'b' is no title",
        ),
        ('id,title,author,language,age_from,shelf\n"a,x\n', "item,title_id\n", "quotation marks"),
        ("id,title,author,language,age_from,shelf\na,x\u202e,y,vi,1,red\n", "item,title_id\n", "U\\+202E"),
    ],
)
def test_a_list_with_a_mistake_is_refused_by_its_place(
    tmp_path: Path, titles_csv: str, items_csv: str, words: str
) -> None:
    (tmp_path / "titles.csv").write_text(titles_csv, encoding="utf-8")
    (tmp_path / "items.csv").write_text(items_csv, encoding="utf-8")
    with pytest.raises(ListRefused, match=words):
        read_lists(tmp_path / "titles.csv", tmp_path / "items.csv")


def test_the_command_says_what_it_did_and_what_it_weighs(tmp_path: Path, plain_store: CentralStore) -> None:
    data = str(tmp_path / "centre")
    folder = Path(__file__).parents[2] / "kiosk" / "demo"
    lists = [str(folder / "titles.csv"), str(folder / "items.csv")]
    run = CliRunner().invoke(app, ["catalogue", "import", *lists, "--data", data, "--library", "Bản Phố"])
    assert run.exit_code == 0, run.output
    assert "The catalogue of-ban-pho is at version 1" in run.output
    assert "at 64 kbit/s" in run.output
    run = CliRunner().invoke(app, ["catalogue", "import", *lists, "--data", data, "--library", "Bản Phố"])
    assert "Nothing has changed" in run.output
    run = CliRunner().invoke(app, ["catalogue", "show", "--data", data])
    assert "of-ban-pho: version 1" in run.output
    run = CliRunner().invoke(app, ["catalogue", "import", *lists, "--data", data, "--library", "???"])
    assert run.exit_code == 1
    assert "names no catalogue" in run.stderr


def _parts_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM catalogue_parts").fetchone()[0])
