"""The demonstration library loads by the import any library uses, and has something of everything."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from hardware.barcode.check_digits import luhn
from kiosk import settings
from kiosk.demo import FOLDER, load_demo
from kiosk.imports.csv_files import ImportReport, import_folder
from kiosk.imports.make_motifs import MOTIFS
from kiosk.model import AgeBand, ItemStatus
from tests.unit.reading_corner import at, open_corner
from ui import theme


def listed(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ImportReport]:
    """The library loaded: its folder, and what the import said."""
    folder = tmp_path_factory.mktemp("demo")
    with open_corner(folder / "station.db") as store:
        report = load_demo(store, folder / "covers", at())
        before = store.counts(at())
        assert import_folder(store, FOLDER, at()) == report, "the lists may be taken in again"
        assert store.counts(at()) == before
    return folder, report


def test_it_loads_with_a_cover_for_every_title_in_less_than_8_mb(loaded: tuple[Path, ImportReport]) -> None:
    folder, report = loaded
    assert report.titles >= 60
    assert report.items >= 140
    assert report.patrons == 20
    covers = {file.stem: file.stat().st_size for file in (folder / "covers").iterdir()}
    assert covers.keys() == {row["id"] for row in listed("titles")}
    assert sum(covers.values()) < 8_000_000


def test_every_title_has_two_or_three_items_each_with_its_own_tag() -> None:
    copies = Counter(row["title_id"] for row in listed("items"))
    assert set(copies) == {row["id"] for row in listed("titles")}
    assert set(copies.values()) == {2, 3}
    tags = [row["tag"] for row in listed("items")]
    assert len(set(tags)) == len(tags)
    assert all(len(tag) == 14 and tag.startswith("04") for tag in tags), "NXP's 7-byte UIDs"


def test_no_uid_holds_the_cascade_tag_where_anticollision_would_stumble() -> None:
    """ISO 14443-3 section 6.5.4: 88 is the cascade tag, never the first byte of a UID nor its fourth."""
    for uid in [row["tag"] for row in listed("items")] + [row["card"] for row in listed("patrons")]:
        octets = bytes.fromhex(uid)
        assert octets[0] != 0x88
        assert len(octets) == 4 or octets[3] != 0x88


def test_cards_are_of_both_lengths_and_one_is_blocked_and_one_expired(
    loaded: tuple[Path, ImportReport],
) -> None:
    folder, _ = loaded
    today = date(2026, 11, 20)
    with open_corner(folder / "station.db") as store, store.begin(at()) as work:
        patrons = [work.patron_by_card(row["card"]) for row in listed("patrons")]
    found = [patron for patron in patrons if patron is not None]
    assert len(found) == 20
    assert sum(patron.blocked for patron in found) == 1
    assert sum(patron.expires is not None and patron.expires < today for patron in found) == 1
    assert {len(row["card"]) for row in listed("patrons")} == {8, 14}
    assert {patron.band_on(today) for patron in found} == set(AgeBand) - {AgeBand.UNKNOWN}


def test_a_few_items_are_for_reading_on_the_spot_and_every_such_title_can_be_lent_too() -> None:
    reference = [row["title_id"] for row in listed("items") if row["status"] == ItemStatus.REFERENCE.value]
    assert len(reference) >= 3
    assert max(Counter(reference).values()) == 1


def test_every_motif_is_drawn_once_and_every_animal_and_shelf_has_its_picture_on_the_screen() -> None:
    motifs = [row["motif"] for row in listed("titles")]
    assert len(set(motifs)) == len(motifs)
    assert all((MOTIFS / f"{motif}.png").is_file() for motif in motifs)
    animals = {row["animal"] for row in listed("patrons")}
    assert animals <= {file.stem for file in (theme.ASSETS / "animals").glob("*.png")}
    assert {row["shelf"] for row in listed("titles")} <= set(theme.SHELVES)


def test_two_classes_a_teacher_a_family_printed_numbers_and_a_passport_are_there(
    loaded: tuple[Path, ImportReport],
) -> None:
    folder, report = loaded
    assert report.warnings == ()
    codes = [row["barcode"] for row in listed("patrons") if row["barcode"]]
    with open_corner(folder / "station.db") as store, store.begin(at()) as work:
        assert work.groups() == ("2A", "3B")
        classes = [{one.category for one in work.children_of_group(name)} for name in work.groups()]
        family = {one.category for one in work.family_of("HGD-01")}
        printed = [work.patron_by_barcode(code) for code in codes]
        kept = [row["id"] for row in listed("patrons") if (one := work.patron(row["id"])) and one.passport]
    assert classes == [{"giao-vien", "tieu-hoc"}, {"tieu-hoc"}]
    assert family == {"gia-dinh", "mam-non", "tieu-hoc"}
    assert len({one.id for one in printed if one is not None}) == 2
    assert all(len(code) == 14 and luhn(code[:13]) == code[13] and code[0] == "2" for code in codes)
    assert len(kept) == 1


def test_every_title_says_in_one_short_breath_what_it_is_about() -> None:
    told = [row["about"] for row in listed("titles")]
    assert all(20 <= len(text) <= 200 for text in told)
    assert len(set(told)) == len(told)


def test_the_rules_beside_it_are_valid_and_shut_for_tet() -> None:
    rules = settings.load(FOLDER / "demo.toml").lending.to_rules()
    assert set(rules.policies) == {row["category"] for row in listed("patrons")}
    assert rules.calendar.is_closed(date(2027, 2, 6)), "the first day of the lunar year"
    assert rules.calendar.is_closed(date(2026, 11, 23)), "a Monday"
    assert not rules.calendar.is_closed(date(2026, 11, 24))
