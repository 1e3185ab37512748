"""The ledger: each fact once, contradictions never dropped, counters that can always be counted again."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from central import recount, watermarks
from central.delivery import Delivery
from central.ledger import Ledger
from central.overview import counts, stations
from central.store import CentralStore
from central.tables import counter, daily, deadletter, event, quarantine
from central.watermarks import Acknowledgement
from kiosk.facts import (
    CheckedOut,
    DeviceFault,
    DeviceRecovered,
    DoorCrossed,
    Envelope,
    Fact,
    Rated,
    Returned,
    StationStarted,
    Undone,
    envelope,
    topic_events,
    topic_state,
)

EmptyStore = Callable[[], AbstractContextManager[CentralStore]]
HANOI = timezone(timedelta(hours=7))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=HANOI)
LOAN = CheckedOut("LK-1", "T-1", "6-8", "2026-12-05")


def made(fact: Fact, seq: int, *, kiosk: str = "kiosk-1", epoch: str = "e1", at: datetime = NOON) -> Envelope:
    return envelope(fact, kiosk=kiosk, epoch=epoch, seq=seq, boot=1, mono=seq, clock="ntp", wall=at)


def sent(fact: Envelope, cls: str = "loan", topic_of: str | None = None) -> Delivery:
    return Delivery(topic_events(topic_of or fact.kiosk, cls), fact.to_json())


def birth(next_seq: int, epoch: str = "e1", session: str = "s1", **more: object) -> Delivery:
    state = {"online": True, "session": session, "epoch": epoch, "next_seq": next_seq} | more
    return Delivery(topic_state("kiosk-1"), json.dumps(state).encode())


def figures(store: CentralStore, station: str = "kiosk-1") -> dict[str, Any]:
    with store.reading() as connection:
        assert recount.differences(connection) == []
        return counts(connection)[station]


def test_a_fact_that_comes_twice_counts_once(store: CentralStore) -> None:
    fact = sent(made(LOAN, 1))
    ledger = Ledger(store)
    ledger.take([fact, fact])
    [answer] = ledger.take([fact])
    held = json.loads(fact.payload)["id"]
    assert answer == Acknowledgement("kiosk-1", store.generation, "e1", 1, last=held)
    found = figures(store)
    assert (found["loans"], found["facts"], found["redelivered"], found["quarantined"]) == (1, 1, 2, 0)


def test_what_readers_say_of_a_book_is_kept_and_counted_by_its_face(store: CentralStore) -> None:
    faces = ("great", "great", "fine", "not_mine")
    said = [made(Rated("de-men", face), seq) for seq, face in enumerate(faces, 1)]  # type: ignore[arg-type]
    odd = replace(said[0], id="another", seq=5, data={"title": "de-men", "liked": {"a": []}})
    [answer] = Ledger(store).take([sent(fact) for fact in (*said, odd)])
    assert (answer.upto, answer.missing) == (5, ())
    with store.reading() as connection:
        kept = connection.execute(select(event.c.type, event.c.data).order_by(event.c.seq)).first()
        counted = {row.kind: row.n for row in connection.execute(select(counter))}
        bands = {row.ageband for row in connection.execute(select(counter))}
        assert recount.differences(connection) == []
    assert kept is not None
    assert (kept.type, kept.data) == ("gocdoc.title.rated.v1", {"title": "de-men", "liked": "great"})
    assert counted == {"rating_great": 2, "rating_fine": 1, "rating_not_mine": 1, "rating_unclear": 1}
    assert bands == {""}, "nothing of the reader, not even an age"


def test_the_same_number_with_another_id_is_kept_in_quarantine(store: CentralStore) -> None:
    ledger = Ledger(store)
    first, other = made(LOAN, 1), made(Returned("LK-1", "T-1", "6-8"), 1)
    ledger.take([sent(first)])
    for _ in range(2):  # however often it comes
        ledger.take([sent(other)])
    found = figures(store)
    assert (found["loans"], found["returns"], found["quarantined"]) == (1, 0, 1)
    with store.reading() as connection:
        row = connection.execute(select(quarantine)).one()
        [station] = stations(connection, "2026-11-21")
    assert row.event["id"] == other.id
    assert row.event["data"]["item"] == "LK-1"
    assert "another id" in row.reason
    assert station.quarantined == 1


def test_the_same_id_under_another_number_is_kept_in_quarantine(store: CentralStore) -> None:
    ledger = Ledger(store)
    fact = made(LOAN, 1)
    again = replace(fact, seq=2)
    elsewhere = replace(fact, epoch="e2")
    ledger.take([sent(fact), sent(again)])
    answers = ledger.take([sent(elsewhere)])
    assert [(one.epoch, one.upto) for one in answers] == [("e2", 1)]
    found = figures(store)
    assert (found["loans"], found["quarantined"]) == (1, 2)


def test_one_id_twice_in_one_batch_does_not_stop_the_others(store: CentralStore) -> None:
    fact = made(LOAN, 1)
    Ledger(store).take([sent(fact), sent(replace(fact, epoch="e2")), sent(made(LOAN, 2))])
    found = figures(store)
    assert (found["loans"], found["quarantined"]) == (2, 1)


def test_two_stations_may_use_the_same_numbers_and_ids(store: CentralStore) -> None:
    fact = made(LOAN, 1)
    Ledger(store).take([sent(fact), sent(replace(fact, kiosk="kiosk-2"))])
    assert figures(store, "kiosk-1")["loans"] == figures(store, "kiosk-2")["loans"] == 1


def test_the_watermark_waits_for_every_gap_and_names_it(store: CentralStore) -> None:
    ledger = Ledger(store)
    [answer] = ledger.take([sent(made(LOAN, seq)) for seq in (1, 2, 5, 6, 9)])
    assert (answer.upto, answer.missing) == (2, ((3, 4), (7, 8)))
    assert figures(store)["missing"] == [[3, 4], [7, 8]]
    [answer] = ledger.take([sent(made(LOAN, seq)) for seq in (3, 4)])
    assert (answer.upto, answer.missing) == (6, ((7, 8),))
    last = made(LOAN, 10)
    [answer] = ledger.take([sent(made(LOAN, seq)) for seq in (8, 7)] + [sent(last)])
    assert (answer.upto, answer.missing) == (10, ())
    assert json.loads(answer.to_json()) == {
        "gen": store.generation, "epoch": "e1", "upto": 10, "missing": [], "verdict": "ok", "last": last.id,
    }  # fmt: skip


def test_a_fact_under_another_stations_topic_is_set_aside(store: CentralStore) -> None:
    answers = Ledger(store).take([sent(made(LOAN, 1), topic_of="kiosk-2")])
    assert answers == []
    found = figures(store, "kiosk-2")
    assert (found["facts"], found["deadletters"]) == (0, 1)
    with store.reading() as connection:
        row = connection.execute(select(deadletter)).one()
    assert "'kiosk-1'" in row.reason
    assert row.payload.startswith(b'{"specversion"')


def test_an_unreadable_fact_answers_for_its_number_so_that_later_ones_go_on(store: CentralStore) -> None:
    broken = json.loads(made(LOAN, 2).to_json()) | {"time": "yesterday"}
    payload = json.dumps(broken).encode()
    ledger = Ledger(store)
    [answer] = ledger.take(
        [sent(made(LOAN, 1)), Delivery(topic_events("kiosk-1", "loan"), payload), sent(made(LOAN, 3))]
    )
    assert (answer.upto, answer.missing) == (3, ())
    found = figures(store)
    assert (found["loans"], found["deadletters"]) == (2, 1)
    with store.reading() as connection:
        row = connection.execute(select(deadletter)).one()
    assert (row.seq, row.payload) == (2, payload)


def test_the_same_poison_is_kept_once_and_counted(store: CentralStore) -> None:
    ledger = Ledger(store)
    for _ in range(5):
        ledger.take([Delivery(topic_events("kiosk-1", "loan"), b"{" * 5000)])
    with store.reading() as connection:
        row = connection.execute(select(deadletter)).one()
    assert (row.times, row.size, len(row.payload)) == (5, 5000, 1024)


def test_a_type_of_a_later_version_is_stored_and_counted_under_its_name(store: CentralStore) -> None:
    fact = replace(made(LOAN, 1), type="gocdoc.robot.danced.v1", data={"steps": 12})
    [answer] = Ledger(store).take([sent(fact, "robot")])
    assert answer.upto == 1
    figures(store)
    with store.reading() as connection:
        assert connection.execute(select(counter.c.kind, counter.c.n)).one() == ("gocdoc.robot.danced.v1", 1)
        assert connection.scalar(select(event.c.data)) == {"steps": 12}


@pytest.mark.parametrize(
    "written", ["20261121T233000+0700", "2026-W47-6T23:30:00+07:00", "2026-11-21 23:30+07:00"]
)
def test_a_time_in_another_form_of_the_standard_counts_in_its_hour(store: CentralStore, written: str) -> None:
    Ledger(store).take([sent(replace(made(LOAN, 1), time=written))])
    with store.reading() as connection:
        assert connection.execute(select(counter.c.day, counter.c.hour)).one() == ("2026-11-21", 23)


def test_a_number_too_large_for_any_computer_is_set_aside(store: CentralStore) -> None:
    payload = made(LOAN, 1).to_json().replace(b'"6-8"', b"1e999")
    [answer] = Ledger(store).take([Delivery(topic_events("kiosk-1", "loan"), payload)])
    assert answer.upto == 1
    assert (figures(store)["facts"], figures(store)["deadletters"]) == (0, 1)


@pytest.mark.parametrize(
    ("library", "counted"), [("MC-01", "MC-01"), ("", ""), (None, ""), (7, ""), ("x" * 65, ""), ("a\nb", "")]
)
def test_loans_are_counted_by_the_library_whose_books_they_are_of(
    store: CentralStore, library: object, counted: str
) -> None:
    fact = made(LOAN, 1)
    Ledger(store).take([sent(replace(fact, data=fact.data | {"library": library}))])
    with store.reading() as connection:
        for table in (counter, daily):
            row = connection.execute(select(table.c.library, table.c.ageband, table.c.kind, table.c.n)).one()
            assert tuple(row) == (counted, "6-8", "loan", 1)
    figures(store)


def test_a_station_gone_mad_cannot_make_its_numbering_grow_without_end(
    store: CentralStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watermarks, "MOST_RANGES", 3)
    ledger = Ledger(store)
    for seq in (2, 4, 6, 8, 10):
        [answer] = ledger.take([sent(made(LOAN, seq))])
    assert figures(store)["facts"] == 3, "8 and 10 wait at the station until the gaps below are closed"
    [answer] = ledger.take([sent(made(LOAN, seq)) for seq in (7, 1, 3, 5, 8, 9, 10)])
    assert answer.upto == 10
    assert figures(store)["facts"] == 10


def test_days_and_hours_are_the_stations_own(store: CentralStore) -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=HANOI)  # 16:30 UTC
    Ledger(store).take([sent(made(LOAN, 1, at=late)), sent(made(LOAN, 2, at=late + timedelta(hours=1)))])
    with store.reading() as connection:
        cells = connection.execute(select(counter.c.day, counter.c.hour).order_by(counter.c.day)).all()
        assert stations(connection, "2026-11-21") == stations(connection, "2026-11-21")
        assert stations(connection, "2026-11-21")[0].today.loans == 1
    assert [tuple(cell) for cell in cells] == [("2026-11-21", 23), ("2026-11-22", 0)]


@pytest.mark.parametrize("ageband", ["Nguyễn Văn An", "6-8'; drop table event", "", 7, None, ["6-8"]])
def test_an_age_band_that_is_none_is_counted_as_unknown(store: CentralStore, ageband: object) -> None:
    fact = made(LOAN, 1)
    Ledger(store).take([sent(replace(fact, data=fact.data | {"ageband": ageband}))])
    with store.reading() as connection:
        assert connection.scalar(select(counter.c.ageband)) in {"unknown", ""}
    assert figures(store)["loans"] == 1


@pytest.mark.parametrize(
    ("count", "people"), [(1, 1), (12, 12), (0, 1), (-5, 1), (10**9, 1), ("9", 1), (True, 1)]
)
def test_a_visit_counts_the_people_it_names_within_reason(
    store: CentralStore, count: object, people: int
) -> None:
    fact = made(DoorCrossed("in", "door"), 1)
    Ledger(store).take([sent(replace(fact, data=fact.data | {"count": count}), "visit")])
    assert figures(store)["visits_in"] == people


def test_a_station_that_would_give_numbers_again_is_told_of_the_fork(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1), *(sent(made(LOAN, seq)) for seq in (1, 2, 3))])
    [honest] = ledger.take([birth(4, session="s2")])
    assert not honest.forked
    [restored] = ledger.take([birth(2, session="s3", boot=0)])
    assert restored.forked
    assert json.loads(restored.to_json())["verdict"] == "fork"
    with store.reading() as connection:
        assert stations(connection, "2026-11-21")[0].forked
    [moved_on] = ledger.take([birth(9, session="s4")])
    assert not moved_on.forked


def test_a_birth_that_was_not_said_just_now_is_no_fork(store: CentralStore) -> None:
    ledger = Ledger(store)
    ledger.take([birth(1), *(sent(made(LOAN, seq)) for seq in (1, 2, 3))])
    [answer] = ledger.take([replace(birth(1), old=True)])
    assert not answer.forked


def test_facts_that_follow_a_birth_in_the_same_batch_are_no_fork(store: CentralStore) -> None:
    facts = [sent(made(LOAN, seq)) for seq in (1, 2, 3)]
    [answer] = Ledger(store).take([birth(1), *facts])
    assert not answer.forked
    [answer] = Ledger(store).take([sent(made(LOAN, 4)), birth(4, session="s2")])
    assert answer.forked is not store.shared, "where ingests share the facts, a fact may overtake a birth"


def test_a_birth_is_a_fork_where_ingests_share_the_facts_once_no_fact_can_have_overtaken_it(
    store: CentralStore,
) -> None:
    wall = datetime(2026, 11, 21, 5, tzinfo=UTC)
    ledger = Ledger(store, lambda: wall)
    ledger.take([birth(1), *(sent(made(LOAN, seq)) for seq in (1, 2, 3))])
    wall += timedelta(seconds=11)
    [restored] = ledger.take([birth(2, session="s3")])
    assert restored.forked


def test_faults_are_shown_until_the_device_recovers_or_the_station_starts_anew(store: CentralStore) -> None:
    ledger = Ledger(store)

    def broken() -> list[str]:
        with store.reading() as connection:
            return [one.device for one in stations(connection, "2026-11-21")[0].faults]

    ledger.take([sent(made(DeviceFault("pad", "no answer"), 1), "device")])
    ledger.take([sent(made(DeviceFault("lamp", "no pin"), 2), "device")])
    assert broken() == ["lamp", "pad"]
    ledger.take([sent(made(DeviceRecovered("pad"), 3), "device")])
    assert broken() == ["lamp"]
    ledger.take([sent(made(StationStarted("0.1.0"), 4), "device")])
    assert broken() == []


def test_undone_checkouts_are_subtracted_only_when_shown(store: CentralStore) -> None:
    Ledger(store).take(
        [sent(made(LOAN, 1)), sent(made(LOAN, 2)), sent(made(Undone("LK-1", "T-1", "6-8"), 3))]
    )
    found = figures(store)
    assert (found["loans"], found["undone"]) == (1, 1)
    with store.reading() as connection:
        assert connection.scalar(select(counter.c.n).where(counter.c.kind == "loan")) == 2


def test_a_wrong_counter_is_found_and_mended(store: CentralStore) -> None:
    Ledger(store).take([sent(made(LOAN, 1))])
    with store.writing() as connection:
        connection.execute(update(counter).values(n=7))
    with store.reading() as connection:
        [wrong] = recount.differences(connection)
    assert (wrong.counted, wrong.facts, wrong.cell.kind) == (7, 1, "loan")
    with store.writing() as connection:
        assert recount.mend(connection) == 1
    assert figures(store)["loans"] == 1


_FACTS = st.one_of(
    st.just(LOAN),
    st.just(Returned("LK-1", "T-1", "9-11")),
    st.just(Undone("LK-1", "T-1", "6-8")),
    st.builds(DoorCrossed, st.sampled_from(["in", "out"]), st.just("door")),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(_FACTS, min_size=1, max_size=30), data=st.data())
def test_any_order_any_repetition_any_batching_counts_the_same(
    empty_store: EmptyStore, facts: list[Fact], data: st.DataObject
) -> None:
    start = datetime(2026, 11, 21, 20, 0, tzinfo=HANOI)
    messages = [
        sent(made(fact, number, at=start + timedelta(minutes=20 * number)))
        for number, fact in enumerate(facts, 1)
    ]
    repeated = data.draw(st.lists(st.sampled_from(messages), max_size=20))
    order = data.draw(st.permutations(messages + repeated))
    with empty_store() as store:
        ledger, at, reached = Ledger(store), 0, 0
        while at < len(order):
            size = data.draw(st.integers(1, 15))
            [answer] = ledger.take(order[at : at + size])
            assert answer.upto >= reached, "a watermark never falls"
            seen = {json.loads(one.payload)["seq"] for one in order[: at + size]}
            assert answer.upto == next(n for n in range(len(facts) + 1) if n + 1 not in seen)
            reached, at = answer.upto, at + size
        found = figures(store)
        assert reached == found["facts"] == len(facts)
        assert found["redelivered"] == len(repeated)
        assert found["returns"] == sum(isinstance(fact, Returned) for fact in facts)
