"""Classes, families, printed card numbers and wishes: found as the desk asks, and kept with the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.model import Patron, Wishes
from kiosk.store import StationStore
from kiosk.store.collection import Collection
from kiosk.store.order import class_order, name_order
from tests.unit.memory_store import MemoryStore
from tests.unit.reading_corner import (
    BAP,
    LAN,
    LAN_CARD,
    MAY,
    MAY_BARCODE,
    SOC,
    at,
    filled_corner,
    open_corner,
    with_classes,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "station.db"


@pytest.fixture
def store(path: Path) -> Iterator[StationStore]:
    with with_classes(filled_corner(path)) as store:
        yield store


def test_classes_come_in_reading_order_and_each_once(store: StationStore) -> None:
    with store.begin(at()) as work:
        Collection(work).put_patrons(
            [
                (Patron(f"C-{name}", "Bi", "tiger", "tieu-hoc", group=name), None)
                for name in ("10A", "1B", "Lá 2")
            ]
        )
        assert work.groups() == ("1B", "2A", "10A", "Lá 2")


def test_a_class_is_everybody_of_it_in_the_order_of_a_vietnamese_dictionary(store: StationStore) -> None:
    with store.begin(at()) as work:
        assert work.children_of_group("2A") == (BAP, LAN, replace(MAY, group="2A", family="HB1"))
        assert work.children_of_group("9Z") == ()
        assert work.children_of_group("") == (), "whoever has no class is not in one class with the others"


def test_a_family_is_its_members_and_nobody_without_a_family(store: StationStore) -> None:
    with store.begin(at()) as work:
        assert [patron.id for patron in work.family_of("HB1")] == ["BD-1", "BD-2"]
        assert work.family_of("") == ()


def test_nicknames_are_sorted_by_letter_before_tone_and_then_by_number() -> None:
    names = ["Ốc", "Đậu", "Dê", "Ăn", "An", "Ánh", "Âm", "Ớt", "Ong", "Mây", "Mận", "An Na", "7"]
    sorted_names = [
        patron.nickname for patron in sorted((Patron("", name, "cat", "") for name in names), key=name_order)
    ]
    assert sorted_names == [
        "7",
        "An",
        "An Na",
        "Ánh",
        "Ăn",
        "Âm",
        "Dê",
        "Đậu",
        "Mận",
        "Mây",
        "Ong",
        "Ốc",
        "Ớt",
    ]
    twins = [Patron(number, "Bi", "cat", "") for number in ("B2", "B1")]
    assert [patron.id for patron in sorted(twins, key=name_order)] == ["B1", "B2"]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_whatever_a_class_or_a_child_is_called_they_have_an_order(names: list[str]) -> None:
    for one, other in zip(names, reversed(names), strict=True):
        # Comparing two keys of different kinds would raise here, before a child's eyes.
        assert (class_order(one) <= class_order(other)) or (class_order(other) <= class_order(one))
        mine, yours = Patron("1", one, "cat", ""), Patron("2", other, "cat", "")
        assert (name_order(mine) < name_order(yours)) is not (name_order(yours) < name_order(mine))


# --- printed card numbers -------------------------------------------------------------------------------


def test_a_child_may_have_a_chip_card_and_a_printed_number(store: StationStore) -> None:
    with store.begin(at()) as work:
        mine = work.patron("BD-1")
        assert work.patron_by_barcode(MAY_BARCODE) == mine
        assert work.patron_by_card("0A1B2C3D") == mine
        assert work.patron_by_barcode("20000000000001") is None


@pytest.mark.parametrize("hostile", ["", " ", "\ud800", "'; DROP TABLE patrons", "2" * 10_000])
def test_a_code_that_is_nobodys_finds_nobody(store: StationStore, hostile: str) -> None:
    with store.begin(at()) as work:
        assert work.patron_by_barcode(hostile) is None


def test_a_printed_number_is_no_chip_and_a_chip_no_printed_number(store: StationStore) -> None:
    """The digits of a barcode and of a UID may be the same: neither opens the other's door."""
    with store.begin(at()) as work:
        Collection(work).put_barcodes([("BD-2", "12345678")])
        assert work.patron_by_card("12345678") is None
        assert work.patron_by_barcode(LAN_CARD) is None


def test_a_new_printed_number_ends_the_old_and_a_new_chip_card_does_not(store: StationStore) -> None:
    store.bind_card("BD-1", "DEADBEEF", at())
    with store.begin(at()) as work:
        assert work.patron_by_barcode(MAY_BARCODE) is not None
        Collection(work).put_barcodes([("BD-1", "29000000000022")])
        assert work.patron_by_barcode(MAY_BARCODE) is None
        found = work.patron_by_barcode("29000000000022")
        assert found is not None
        assert found.id == "BD-1"


def test_printed_numbers_may_change_hands_within_one_list(store: StationStore) -> None:
    with store.begin(at()) as work:
        collection = Collection(work)
        collection.put_barcodes([("BD-2", "29000000000022")])
        collection.put_barcodes([("BD-2", MAY_BARCODE), ("BD-1", "29000000000022")])
        assert collection.barcodes_among([MAY_BARCODE, "29000000000022", "1"]) == {
            MAY_BARCODE: "BD-2",
            "29000000000022": "BD-1",
        }


def test_the_printed_number_is_nowhere_in_the_files(path: Path) -> None:
    with with_classes(filled_corner(path)):
        everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert MAY_BARCODE.encode() not in everything


# --- wishes ---------------------------------------------------------------------------------------------


def test_wishes_stay_with_the_card_over_a_restart_and_an_import(path: Path) -> None:
    wishes = Wishes(contrast=True, spoken=True)
    with filled_corner(path) as store, store.begin(at()) as work:
        work.set_wishes("BD-1", wishes)
        work.commit()
    with open_corner(path) as store, store.begin(at()) as work:
        Collection(work).put_patrons([(replace(MAY, nickname="Mây Hồng"), None)])
        assert work.patron("BD-1") == replace(MAY, nickname="Mây Hồng", wishes=wishes)
        assert work.patron("BD-2") == SOC
        work.set_wishes("BD-1", Wishes(large=True, slow=True))
        assert work.patron("BD-1") == replace(MAY, nickname="Mây Hồng", wishes=Wishes(large=True, slow=True))


def test_the_store_in_memory_finds_the_same_children_in_the_same_order(store: StationStore) -> None:
    with store.begin(at()) as work:
        patrons = [work.patron(f"BD-{number}") for number in range(1, 5)]
    plain = MemoryStore({patron.id: patron for patron in patrons if patron is not None}, {})
    plain.barcodes[MAY_BARCODE] = "BD-1"
    with store.begin(at()) as real, plain.begin(at()) as rule:
        assert rule.groups() == real.groups()
        for group in ("2A", "9Z", ""):
            assert rule.children_of_group(group) == real.children_of_group(group)
        for family in ("HB1", ""):
            assert rule.family_of(family) == real.family_of(family)
        for code in (MAY_BARCODE, f" {MAY_BARCODE} ", "7", ""):
            assert rule.patron_by_barcode(code) == real.patron_by_barcode(code)
