"""The store keeps loans and facts together, hands out frozen values, and refuses what cannot be."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.facts import parse_payload
from kiosk.model import ClockQuality, Item, ItemStatus
from kiosk.ports import Store, StoreError
from kiosk.store import StationStore, TagTaken
from kiosk.store.collection import Collection
from kiosk.store.outbox import OutboxReader
from tests.unit.reading_corner import (
    CRICKET,
    ITEMS,
    MAY,
    MAY_CARD,
    MORNING,
    SOC,
    SOC_CARD,
    TAM,
    at,
    filled_corner,
    lend,
    lent_fact,
    loan,
    open_corner,
    returned_fact,
    rows,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def store(path: Path) -> Iterator[StationStore]:
    with filled_corner(path) as store:
        yield store


def test_a_card_and_a_tag_are_found_as_frozen_values(store: StationStore) -> None:
    port: Store = store
    with port.begin(at()) as work:
        assert work.patron_by_card(MAY_CARD) == MAY
        assert work.patron_by_card(MAY_CARD.lower()) == MAY
        assert work.patron_by_card("FFFFFFFF") is None
        assert work.patron("BD-2") == SOC
        assert work.patron("BD-0") is None
        assert work.item_by_tag(ITEMS[0][1]) == Item("GD-1", CRICKET)
        assert work.item_by_tag(MAY_CARD) is None
        assert work.item("GD-9") == Item("GD-9", TAM, ItemStatus.REFERENCE)
        assert work.item("GD-0") is None


def test_a_loan_is_kept_with_its_fact_and_seen_again_after_a_restart(path: Path) -> None:
    with filled_corner(path) as store:
        lend(store, 1)
    with open_corner(path) as again, again.begin(at()) as work:
        item = work.item("GD-1")
        assert item is not None
        assert item.loan == loan(1)
        assert [home.id for home in work.items_at_home("BD-1")] == ["GD-1"]
    with OutboxReader(path) as outbox:
        (row,) = outbox.pending(0, 10)
    assert (row.seq, row.cls) == (1, "loan")
    (event,) = parse_payload(row.payload)
    assert event.data == {"item": "GD-1", "title": "de-men", "ageband": "6-8", "due": "2026-12-04"}


def test_a_fact_carries_epoch_boot_mono_clock_and_local_time(store: StationStore, path: Path) -> None:
    lend(store, 1, now=at(2, boot=7, quality=ClockQuality.FREE))
    with OutboxReader(path) as outbox:
        event = json.loads(outbox.pending(0, 1)[0].payload)
    assert event["source"] == "urn:gocdoc:kiosk:goc-doc-1"
    assert event["type"] == "gocdoc.item.checked_out.v1"
    assert event["time"] == "2026-11-20T09:32:00.000+07:00"
    assert {key: event[key] for key in ("epoch", "seq", "boot", "mono", "clock")} == {
        "epoch": store.epoch, "seq": 1, "boot": 7, "mono": 120_000, "clock": "free",
    }  # fmt: skip


def test_leaving_without_commit_keeps_nothing_and_takes_no_number(store: StationStore, path: Path) -> None:
    with store.begin(at()) as work:
        work.lend(loan(1))
        work.report(lent_fact(1))
    lend(store, 2)
    assert rows(path, "SELECT item_id FROM loans") == [("GD-2",)]
    assert rows(path, "SELECT seq FROM outbox") == [(1,)]


def test_an_exception_in_the_middle_keeps_nothing(store: StationStore, path: Path) -> None:
    with pytest.raises(ZeroDivisionError), store.begin(at()) as work:  # noqa: PT012 - the block is the point
        work.lend(loan(1))
        _ = 1 / 0
    assert rows(path, "SELECT * FROM loans") == []
    lend(store, 1)


def test_an_item_that_is_out_is_not_lent_again(store: StationStore, path: Path) -> None:
    lend(store, 1, MAY)
    with pytest.raises(StoreError, match="'GD-1' is already out"), store.begin(at()) as work:
        work.lend(loan(1, SOC))
    assert rows(path, "SELECT patron_id FROM loans") == [("BD-1",)]


def test_after_a_refused_loan_the_same_transaction_may_go_on(store: StationStore, path: Path) -> None:
    lend(store, 1)
    with store.begin(at()) as work:
        with pytest.raises(StoreError):
            work.lend(loan(1, SOC))
        work.lend(loan(2, SOC))
        work.commit()
    assert rows(path, "SELECT item_id, patron_id FROM loans ORDER BY 1") == [
        ("GD-1", "BD-1"),
        ("GD-2", "BD-2"),
    ]


def test_an_unknown_item_or_patron_is_not_lent(store: StationStore) -> None:
    with store.begin(at()) as work:
        with pytest.raises(StoreError, match="'GD-77' is not in the catalogue"):
            work.lend(loan(77))
        with pytest.raises(StoreError, match="not enrolled"):
            work.lend(loan(1, replace(MAY, id="BD-77")))


def test_no_error_names_a_child_not_even_in_its_traceback(store: StationStore) -> None:
    lend(store, 1)
    with store.begin(at()) as work:
        for refused in (loan(1, SOC), loan(2, replace(MAY, id="BD-SECRET"))):
            with pytest.raises(StoreError) as error:
                work.lend(refused)
            told = "".join(traceback.format_exception(error.value))
            assert "GD-" in told
            for secret in ("'BD-1'", "'BD-2'", "BD-SECRET"):
                assert secret not in told.replace('replace(MAY, id="BD-SECRET")', "")


def test_a_return_forgets_who_had_the_book_in_every_byte_of_the_file(path: Path) -> None:
    with filled_corner(path) as store:
        secret = replace(MAY, id="BD-SEHR-GEHEIM")
        with store.begin(at()) as work:
            Collection(work).put_patrons([(secret, None)])
            work.lend(loan(1, secret))
            work.commit()
        with store.begin(at(5)) as work:
            work.give_back("GD-1", stamp=True)
            work.report(returned_fact(1))
            work.commit()
        with store.begin(at(6)) as work:
            assert work.items_at_home(secret.id) == ()
            assert work.patron(secret.id) == replace(secret, stamps=1)
        store.prune(at(7))
    # Once as the patron's own row and once in that table's index: nowhere beside a book.
    assert path.read_bytes().count(b"BD-SEHR-GEHEIM") == 2


def test_a_return_without_a_loan_is_refused_and_earns_nothing(store: StationStore) -> None:
    with store.begin(at()) as work:
        with pytest.raises(StoreError, match="'GD-1' is not out"):
            work.give_back("GD-1", stamp=True)
        assert work.patron("BD-1") == MAY


def test_renewing_replaces_due_date_and_count_and_only_for_the_one_who_has_it(store: StationStore) -> None:
    lend(store, 1)
    later = date(2026, 12, 18)
    with store.begin(at()) as work:
        with pytest.raises(StoreError, match="not out to this patron"):
            work.renew(loan(1, SOC, renewals=1, due=later))
        with pytest.raises(StoreError, match="nothing to renew"):
            work.renew(loan(2, renewals=1, due=later))
        work.renew(loan(1, renewals=1, due=later))
        work.commit()
    with store.begin(at()) as work:
        item = work.item("GD-1")
        assert item is not None
        assert item.loan == loan(1, renewals=1, due=later)


def test_books_at_home_come_soonest_due_first(store: StationStore) -> None:
    with store.begin(at()) as work:
        for number, day in ((1, 9), (2, 3), (3, 6)):
            work.lend(loan(number, due=date(2026, 12, day)))
        assert [item.id for item in work.items_at_home("BD-1")] == ["GD-2", "GD-3", "GD-1"]


def test_the_language_stays_with_the_card(store: StationStore) -> None:
    with store.begin(at()) as work:
        work.set_language("BD-1", "en")
        work.commit()
    with store.begin(at()) as work:
        assert work.patron("BD-1") == replace(MAY, language="en")


def test_two_transactions_at_once_are_a_mistake_that_is_said(store: StationStore) -> None:
    with store.begin(at()), pytest.raises(StoreError, match="already open"):
        store.begin(at())
    lend(store, 1)


def test_a_finished_transaction_refuses_more_work(store: StationStore) -> None:
    with store.begin(at()) as work:
        work.commit()
        with pytest.raises(StoreError, match="is over"):
            work.lend(loan(1))
        with pytest.raises(StoreError, match="is over"):
            work.commit()


# --- confirming and pruning ---------------------------------------------------------------------------


def test_confirming_moves_forward_only_and_only_for_what_was_written(store: StationStore, path: Path) -> None:
    for number in range(1, 5):
        lend(store, number)
    with OutboxReader(path) as outbox:
        store.confirm("another-epoch", 4, at())
        store.confirm(store.epoch, 5, at())
        assert outbox.state().acked == 0
        store.confirm(store.epoch, 3, at())
        assert (outbox.state().acked, store.acked) == (3, 3)
        store.confirm(store.epoch, 2, at())
        assert outbox.state().acked == 3
    assert rows(path, "SELECT seq FROM outbox WHERE confirmed_at IS NULL") == [(4,)]
    store.close()
    with open_corner(path) as again:
        assert again.acked == 3


def test_pruning_forgets_only_what_was_confirmed_a_month_ago(store: StationStore, path: Path) -> None:
    for number in range(1, 5):
        lend(store, number)
    day = 24 * 60
    store.confirm(store.epoch, 2, at(day))
    store.confirm(store.epoch, 3, at(10 * day))
    assert store.prune(at(30 * day)) == 0
    assert store.prune(at(32 * day)) == 2
    assert rows(path, "SELECT seq FROM outbox ORDER BY seq") == [(3,), (4,)]


def test_pruning_waits_while_the_clock_cannot_be_trusted(store: StationStore) -> None:
    lend(store, 1)
    store.confirm(store.epoch, 1, at())
    assert store.prune(at(365 * 24 * 60, quality=ClockQuality.FREE)) == 0


def test_numbers_go_on_after_everything_was_pruned(store: StationStore, path: Path) -> None:
    lend(store, 1)
    lend(store, 2)
    store.confirm(store.epoch, 2, at())
    assert store.prune(at(60 * 24 * 60)) == 2
    store.close()
    with open_corner(path) as again:
        lend(again, 3)
    assert rows(path, "SELECT seq FROM outbox") == [(3,)]


def test_pruning_gives_the_room_back_and_empties_the_journal(store: StationStore, path: Path) -> None:
    for _ in range(400):
        with store.begin(at()) as work:
            for _ in range(10):
                work.report(lent_fact(1))
            work.commit()
    store.confirm(store.epoch, 4_000, at())
    before = path.stat().st_size
    assert store.prune(at(60 * 24 * 60)) == 4_000
    assert path.stat().st_size < before / 4
    assert path.with_name("station.db-wal").stat().st_size == 0


# --- the outbox reader --------------------------------------------------------------------------------


def test_the_outbox_reader_tells_where_the_numbering_stands(store: StationStore, path: Path) -> None:
    with OutboxReader(path) as outbox:
        state = outbox.state()
        assert (state.epoch, state.next_seq, state.acked, state.boot) == (store.epoch, 1, 0, 1)
        assert state.oldest_unsent is None
        lend(store, 1)
        lend(store, 2, now=at(3))
        store.confirm(store.epoch, 1, at())
        state = outbox.state()
        assert (state.next_seq, state.acked) == (3, 1)
        assert state.oldest_unsent == "2026-11-20T02:33:00.000+00:00"


def test_the_outbox_reader_gives_facts_in_order_confirmed_ones_too(store: StationStore, path: Path) -> None:
    for number in range(1, 6):
        lend(store, number)
    store.confirm(store.epoch, 4, at())
    with OutboxReader(path) as outbox:
        assert [row.seq for row in outbox.pending(0, 3)] == [1, 2, 3]
        assert [row.seq for row in outbox.pending(3, 10)] == [4, 5]
        assert outbox.pending(5, 10) == []


def test_the_outbox_reader_cannot_write(store: StationStore, path: Path) -> None:
    with OutboxReader(path) as outbox, pytest.raises(StoreError):
        outbox._read("DELETE FROM outbox")


def test_an_outbox_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere\.db"):
        OutboxReader(tmp_path / "nowhere.db")


# --- binding tags and cards ----------------------------------------------------------------------------


def test_binding_a_tag_replaces_the_old_one_and_is_reported(store: StationStore, path: Path) -> None:
    store.bind_item("GD-1", "04ffffffffff80", at())
    with store.begin(at()) as work:
        assert work.item_by_tag("04FFFFFFFFFF80") == Item("GD-1", CRICKET)
        assert work.item_by_tag(ITEMS[0][1]) is None
    (row,) = rows(path, "SELECT cls, payload FROM outbox")
    assert row[0] == "stock"
    assert json.loads(row[1])["data"] == {"item": "GD-1", "title": "de-men"}


def test_binding_the_same_tag_again_reports_nothing(store: StationStore, path: Path) -> None:
    store.bind_item("GD-1", ITEMS[0][1], at())
    store.bind_card("BD-1", MAY_CARD, at())
    assert rows(path, "SELECT * FROM outbox") == []


def test_a_tag_of_another_item_or_a_card_is_not_bound(store: StationStore) -> None:
    with pytest.raises(TagTaken, match=r"'GD-2', 'Tấm Cám'"):
        store.bind_item("GD-1", ITEMS[1][1], at())
    with pytest.raises(TagTaken, match="library card"):
        store.bind_item("GD-1", MAY_CARD, at())
    with pytest.raises(StoreError, match="'GD-77' is not in the catalogue"):
        store.bind_item("GD-77", "04FFFFFFFFFF80", at())


def test_a_new_card_ends_the_old_and_is_counted_by_age_band_only(store: StationStore, path: Path) -> None:
    store.bind_card("BD-1", "DEADBEEF", at())
    with store.begin(at()) as work:
        assert work.patron_by_card("DEADBEEF") == MAY
        assert work.patron_by_card(MAY_CARD) is None
    ((payload,),) = rows(path, "SELECT payload FROM outbox")
    assert json.loads(payload)["data"] == {"ageband": "6-8"}


def test_a_card_that_is_taken_is_refused_without_saying_whose_it_is(store: StationStore) -> None:
    with pytest.raises(TagTaken) as taken:
        store.bind_card("BD-1", SOC_CARD, at())
    assert "BD-2" not in str(taken.value)
    assert "Sóc" not in str(taken.value)
    with pytest.raises(TagTaken, match="'GD-1'"):
        store.bind_card("BD-1", ITEMS[0][1], at())
    with pytest.raises(StoreError, match="no patron"):
        store.bind_card("BD-77", "DEADBEEF", at())


@pytest.mark.parametrize("uid", ["", "04", "XYZ12345", "0411223344556", "04112233445566778899AA", "'; --"])
def test_what_is_no_uid_is_not_bound(store: StationStore, uid: str) -> None:
    with pytest.raises(StoreError, match="not a tag's UID"):
        store.bind_item("GD-1", uid, at())
    with pytest.raises(StoreError, match="not a tag's UID"):
        store.bind_card("BD-1", uid, at())


def test_the_raw_number_of_a_card_is_nowhere_in_the_files(path: Path) -> None:
    with filled_corner(path) as store:
        store.bind_card("BD-1", "C0FFEE42", at())
        everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for spelling in (b"C0FFEE42", b"c0ffee42", bytes.fromhex("C0FFEE42"), SOC_CARD.encode()):
        assert spelling not in everything


def test_two_libraries_keep_the_same_card_differently(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        with filled_corner(tmp_path / name / "station.db") as store, store.begin(at()) as work:
            digests.add(work.digest(MAY_CARD))
    assert len(digests) == 2


def test_counting_says_how_much_there_is(store: StationStore) -> None:
    lend(store, 1)
    counts = store.counts(at())
    assert (counts.titles, counts.items, counts.items_with_tag) == (2, 9, 8)
    assert (counts.patrons, counts.patrons_with_card, counts.loans, counts.facts_waiting) == (2, 2, 1, 1)


def test_the_day_a_book_was_last_seen_is_kept_for_the_stock_taking(store: StationStore, path: Path) -> None:
    lend(store, 1)
    assert rows(path, "SELECT id, seen_on FROM items WHERE seen_on IS NOT NULL") == [
        ("GD-1", MORNING.date().isoformat())
    ]


def test_the_outbox_names_the_library_with_each_loan(path: Path) -> None:
    with open_corner(path, library="LC-MK") as store:
        with store.begin(at()) as work:
            work.report(lent_fact(1))
            work.commit()
        with OutboxReader(path) as outbox:
            sent = json.loads(outbox.pending(0, 1)[0].payload)
    assert sent["data"]["library"] == "LC-MK"
