"""What a station says of its own board: kept as its last word, shown with units, never believed blindly."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.broker import LocalBroker
from central.condition import Condition, condition, conditions
from central.ledger import Ledger
from central.store import CentralStore, url_of
from kiosk.facts import FactError, topic_health
from kiosk.link.health import Health, LinkPart, to_json
from tests.central.board import NOW, Board
from tests.central.centre import Centre
from tests.central.corner import Corner
from tests.central.said import sent_health

WELL = Health(
    reader=True,
    clock="ntp",
    under_voltage=False,
    throttled=False,
    read_only=False,
    temperature_c=47.6,
    disk_free=24_300_000_000,
    disk_total=31_000_000_000,
    card_life_used=10,
    memory_free=1_200_000_000,
    uptime_s=3 * 86_400 + 5,
)
LINK = LinkPart("s1", "0.1.0", 7, "e1", 12, 11, 0, None)


def word(health: Health = WELL) -> bytes:
    """As the station's own code writes it."""
    return to_json(health, LINK, NOW)


def test_the_last_word_of_a_station_is_kept_whole(store: CentralStore) -> None:
    Ledger(store).take([sent_health(word()), sent_health(word(Health(temperature_c=61.0)))])
    with store.reading() as connection:
        said = conditions(connection)
    [one] = said.values()
    time = NOW.astimezone(UTC).isoformat()
    assert one == Condition("kiosk-1", time, received=one.received, temperature_c=61.0)
    Ledger(store).take([sent_health(b"")])  # somebody removed the retained word
    with store.reading() as connection:
        assert conditions(connection) == {}


def test_the_same_word_heard_again_is_as_old_as_it_was(board: Board) -> None:
    board.birth("kiosk-1")
    board.take(topic_health("kiosk-1"), word(Health(under_voltage=True)), minutes_ago=90)
    board.take(topic_health("kiosk-1"), word(Health(under_voltage=True)))  # the centre connected anew
    page = board.text("/stations/kiosk-1?lang=en")
    assert "told 1 h ago" in page
    assert "Power supply too weak" not in page, "nobody knows how it is now"
    assert "to look at" not in board.text("/?lang=en")


def test_a_stations_page_tells_heat_room_and_age_of_the_card(board: Board) -> None:
    board.birth("kiosk-1")
    board.take(topic_health("kiosk-1"), word())
    page = board.text("/stations/kiosk-1?lang=en")
    assert "48\u00a0°C · 24 GB of 31 GB free · card wear 10\u00a0% · running for 3 days" in page
    assert "No fault reported" in page
    assert "còn trống 24 GB trên 31 GB" in board.text("/stations/kiosk-1?lang=vi")


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health(under_voltage=True), "Power supply too weak"),
        (Health(temperature_c=82.5), "Board too hot"),
        (Health(throttled=True), "Board too hot"),
        (Health(read_only=True), "Memory card cannot be written"),
        (Health(disk_free=1_000_000_000, disk_total=31_000_000_000), "Memory card nearly full"),
        (Health(card_life_used=90), "Memory card worn out soon"),
    ],
)
def test_what_ails_a_connected_station_is_on_the_list_of_all(
    board: Board, health: Health, words: str
) -> None:
    board.birth("kiosk-1")
    board.take(topic_health("kiosk-1"), word(health))
    page = board.text("/?lang=en")
    assert words in page
    assert "No fault reported" not in page
    assert "1 to look at" in page
    board.gone("kiosk-1")
    assert words not in board.text("/?lang=en"), "nobody knows how it is now"


@pytest.mark.parametrize(
    "payload",
    [
        b"hot",
        b"[]",
        b'{"temperature_c":40}',
        b'{"time":7}',
        b'{"time":"noon"}',
        b'{"time":"2026-11-24T10:00:00"}',
        b'{"time":"2026-11-21T15:00:00Z"' + b"," * 20_000,
        b"[" * 5_000,
    ],
)
def test_a_word_that_is_none_is_set_aside(store: CentralStore, payload: bytes) -> None:
    with pytest.raises(FactError):
        condition("kiosk-1", payload)
    Ledger(store).take([sent_health(payload), sent_health(word())])
    with store.reading() as connection:
        assert set(conditions(connection)) == {"kiosk-1"}


def test_a_weak_supply_is_not_called_heat(board: Board) -> None:
    board.birth("kiosk-1")
    board.take(topic_health("kiosk-1"), word(Health(temperature_c=47.0, throttled=True, under_voltage=True)))
    page = board.text("/?lang=en")
    assert "Power supply too weak" in page
    assert "Board too hot" not in page


@pytest.mark.parametrize("heat", ["9" * 400, "NaN", "1e999", "true", '"47"', "-300", "null"])
def test_a_heat_that_is_none_is_left_out(heat: str) -> None:
    found = condition("kiosk-1", f'{{"time":"2026-11-24T10:00:00+07:00","temperature_c":{heat}}}'.encode())
    assert isinstance(found, Condition)
    assert found.temperature_c is None


@given(
    said=st.dictionaries(
        st.sampled_from([*Health.__dataclass_fields__, "humour"]),
        st.one_of(st.booleans(), st.integers(), st.floats(), st.text(), st.none(), st.lists(st.integers())),
    )
)
def test_of_any_values_only_sound_ones_are_taken(said: dict[str, object]) -> None:
    found = condition("kiosk-1", json.dumps({"time": datetime.now(UTC).isoformat()} | said).encode())
    assert isinstance(found, Condition)
    for name in ("under_voltage", "throttled", "read_only"):
        assert getattr(found, name) in {True, False, None}
    for name in ("disk_free", "disk_total", "card_life_used", "memory_free", "uptime_s"):
        value = getattr(found, name)
        assert value is None or (type(value) is int and 0 <= value < 1 << 63)
    assert found.temperature_c is None or -60 < found.temperature_c < 200
    assert found.hot in {True, False}
    assert found.disk_low in {True, False}
    assert found.worn in {True, False}


@pytest.mark.broker
def test_a_station_over_the_wire_is_heard_by_the_centre_as_it_is(
    broker: LocalBroker, centre: Centre, make_corner: Callable[..., Corner]
) -> None:
    corner = make_corner(broker, "kiosk-1", health=lambda: WELL)
    corner.uplink.start()
    with closing(CentralStore(url_of(centre.data))) as store:

        def heard() -> Condition | None:
            with store.reading() as connection:
                return conditions(connection).get("kiosk-1")

        corner.until(lambda: heard() is not None, 20, "a word of health at the centre")
        said = heard()
    assert said is not None
    assert (said.temperature_c, said.disk_free, said.uptime_s) == (47.6, 24_300_000_000, 3 * 86_400 + 5)
