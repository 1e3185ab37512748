"""Classes, families, printed numbers, passports and what books are about: how lists bring them in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.imports.csv_files import import_files
from kiosk.imports.refusal import ImportRefused
from kiosk.model import Patron
from kiosk.store import StationStore
from kiosk.store.collection import Collection
from tests.unit.reading_corner import MAY_BARCODE, at, filled_corner, loan, with_classes

HEADER = "id,nickname,animal,category,group,family,barcode,passport\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StationStore]:
    with with_classes(filled_corner(tmp_path / "var" / "station.db")) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def taken_in(store: StationStore, folder: Path, text: str, name: str = "patrons") -> tuple[str, ...]:
    """Import the list; the warnings."""
    file = folder / f"{name}.csv"
    file.write_text(text, encoding="utf-8")
    return import_files(store, at(), **{name: file}).warnings


def refused(store: StationStore, folder: Path, text: str, name: str = "patrons") -> str:
    with pytest.raises(ImportRefused) as refusal:
        taken_in(store, folder, text, name)
    return str(refusal.value)


def patron(store: StationStore, number: str) -> Patron:
    with store.begin(at()) as work:
        found = work.patron(number)
    assert found is not None
    return found


def test_class_family_printed_number_and_passport_come_in(store: StationStore, folder: Path) -> None:
    assert taken_in(store, folder, HEADER + "C-1,Nghé,buffalo,tieu-hoc,3B,HGD-01,29000000000022,có\n") == ()
    assert patron(store, "C-1") == Patron(
        "C-1", "Nghé", "buffalo", "tieu-hoc", group="3B", family="HGD-01", passport=True
    )
    with store.begin(at()) as work:
        assert work.patron_by_barcode("29000000000022") == work.patron("C-1")


def test_the_headers_may_be_vietnamese(store: StationStore, folder: Path) -> None:
    text = (
        "Mã bạn đọc;Biệt danh;Con vật;Đối tượng;Lớp;Gia đình;Mã vạch;Hộ chiếu\n"
        "C-1;Nghé;buffalo;tieu-hoc;3B;HGD-01;29000000000022;không\n"
    )
    taken_in(store, folder, text)
    assert (patron(store, "C-1").group, patron(store, "C-1").passport) == ("3B", False)
    titles = "Mã nhan đề;Nhan đề;Tác giả;Ngôn ngữ;Tuổi từ;Màu kệ;Giới thiệu\nx;X;;vi;0;đỏ;Một chú mèo.\n"
    taken_in(store, folder, titles, "titles")
    with store.begin(at()) as work:
        assert {title.id: title.about for title in Collection(work).titles()}["x"] == "Một chú mèo."


def test_a_list_without_the_new_columns_leaves_them_alone(store: StationStore, folder: Path) -> None:
    with store.begin(at()) as work:
        work.allow_passport("BD-1", allowed=True)
        work.commit()
    taken_in(store, folder, "id,nickname,animal,category\nBD-1,Mây Hồng,cat,tieu-hoc\n")
    mine = patron(store, "BD-1")
    assert (mine.nickname, mine.group, mine.family, mine.passport) == ("Mây Hồng", "2A", "HB1", True)
    with store.begin(at()) as work:
        assert work.patron_by_barcode(MAY_BARCODE) == mine


def test_an_empty_cell_takes_a_child_out_of_its_class_but_no_card_and_no_passport_away(
    store: StationStore, folder: Path
) -> None:
    with store.begin(at()) as work:
        work.allow_passport("BD-1", allowed=True)
        work.commit()
    taken_in(store, folder, HEADER + "BD-1,Mây,cat,tieu-hoc,,,,\n")
    mine = patron(store, "BD-1")
    assert (mine.group, mine.family, mine.passport) == ("", "", True)
    with store.begin(at()) as work:
        assert work.patron_by_barcode(MAY_BARCODE) == mine


def test_a_no_of_the_family_erases_what_was_kept(store: StationStore, folder: Path) -> None:
    with store.begin(at()) as work:
        work.allow_passport("BD-1", allowed=True)
        work.lend(loan(1))
        work.give_back("GD-1", stamp=True)
        work.commit()
    taken_in(store, folder, HEADER + "BD-1,Mây,cat,tieu-hoc,2A,,,no\n")
    with store.begin(at()) as work:
        assert work.passport("BD-1") == ()
    assert not patron(store, "BD-1").passport


def test_what_a_book_is_about_stays_when_a_list_does_not_say(store: StationStore, folder: Path) -> None:
    header = "id,title,author,language,age_from,shelf,about\n"
    taken_in(store, folder, header + "x,X,,vi,0,red,  Một   chú mèo. \n", "titles")
    taken_in(store, folder, "id,title,author,language,age_from,shelf\nx,X 2,,vi,0,red\n", "titles")
    with store.begin(at()) as work:
        found = {title.id: title for title in Collection(work).titles()}["x"]
    assert (found.name, found.about) == ("X 2", "Một chú mèo.")
    taken_in(store, folder, header + "x,X 2,,vi,0,red,\n", "titles")
    with store.begin(at()) as work:
        assert {title.id: title.about for title in Collection(work).titles()}["x"] == ""


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("C-1,Na,cat,thcs,2A,,,vâng ạ", "patrons.csv:2: passport: is neither yes nor no (found 'vâng ạ')"),
        (f"C-1,Na,cat,thcs,{'x' * 21},,,", "patrons.csv:2: group: is 21 characters long, at most 20"),
        ("C-1,Na,cat,thcs,2\x00A,,,", "patrons.csv:2: group: holds the invisible character U+0000"),
        ("C-1,Na,cat,thcs,2A,<b>,,", "patrons.csv:2: family: must be 1 to 64 letters"),
        ("C-1,Na,cat,thcs,2A,,2.9E+13,", "patrons.csv:2: barcode: a spreadsheet has rounded this number"),
        ("C-1,Na,cat,thcs,2A,,9786042088886,", "patrons.csv:2: barcode: is an ISBN, the number of a book"),
        ("C-1,Na,cat,thcs,2A,,33191000105864,", "patrons.csv:2: barcode: is a 14-digit number that begins"),
        ("C-1,Na,cat,thcs,2A,,GD-1,", "patrons.csv:2: barcode: is the number of an item"),
        (
            f"C-1,Na,cat,thcs,2A,,{MAY_BARCODE},",
            "patrons.csv:2: barcode: is already printed on another patron's card",
        ),
        (
            "C-1,Na,cat,thcs,2A,,777,\nC-2,Bi,cat,thcs,2A,,777,",
            "patrons.csv:3: barcode: already given in line 2",
        ),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_column(
    store: StationStore, folder: Path, row: str, said: str
) -> None:
    text = refused(store, folder, HEADER + row + "\n")
    assert said in text
    assert text.endswith("Nothing was imported.")


@pytest.mark.parametrize("code", ["33191000105864", MAY_BARCODE, "77<7"])
def test_no_message_repeats_a_printed_number(store: StationStore, folder: Path, code: str) -> None:
    assert code not in refused(store, folder, HEADER + f"C-1,Na,cat,thcs,2A,,{code},\n")


def test_a_text_longer_than_a_child_reads_is_refused_with_its_length(
    store: StationStore, folder: Path
) -> None:
    header = "id,title,author,language,age_from,shelf,about\n"
    taken_in(store, folder, header + f"x,X,,vi,0,red,{'ế' * 200}\n", "titles")
    text = refused(store, folder, header + f"x,X,,vi,0,red,{'ế' * 201}\n", "titles")
    assert "titles.csv:2: about: is 201 characters long, at most 200 are taken" in text


def test_printed_numbers_may_change_places_within_one_list(store: StationStore, folder: Path) -> None:
    taken_in(store, folder, HEADER + "BD-2,Sóc,squirrel,mam-non,,,29000000000022,\n")
    swapped = f"BD-2,Sóc,squirrel,mam-non,,,{MAY_BARCODE},\nBD-1,Mây,cat,tieu-hoc,2A,,29000000000022,\n"
    taken_in(store, folder, HEADER + swapped)
    with store.begin(at()) as work:
        found = work.patron_by_barcode(MAY_BARCODE)
        assert found is not None
        assert found.id == "BD-2"


# --- warnings -------------------------------------------------------------------------------------------


def test_two_children_of_a_class_who_look_the_same_are_taken_in_and_pointed_out(
    store: StationStore, folder: Path
) -> None:
    rows = "C-2,Na,cat,thcs,3B,,,\nC-1,NA,cat,thcs,3B,,,\nC-3,Na,dog,thcs,3B,,,\nC-4,Na,cat,thcs,4C,,,\n"
    (warning,) = taken_in(store, folder, HEADER + rows)
    assert warning == (
        "patrons.csv:3: nickname: in the class '3B' line 2 has the same nickname and animal; "
        "without a card they cannot be told apart: give one of them another animal"
    )
    assert patron(store, "C-1").group == "3B"


def test_a_child_who_looks_like_one_enrolled_before_is_pointed_out(store: StationStore, folder: Path) -> None:
    (warning,) = taken_in(store, folder, HEADER + "C-1,Mây,cat,thcs,2A,,,\n")
    assert warning.startswith("patrons.csv:2: nickname: in the class '2A' a child enrolled before has")
    assert "BD-1" not in warning


def test_children_without_a_class_may_look_alike(store: StationStore, folder: Path) -> None:
    assert taken_in(store, folder, HEADER + "C-1,Na,cat,thcs,,,,\nC-2,Na,cat,thcs,,,,\n") == ()


def test_a_class_written_in_two_ways_is_pointed_out(store: StationStore, folder: Path) -> None:
    (warning,) = taken_in(store, folder, HEADER + "C-1,Na,cat,thcs,2 a,,,\n")
    assert warning == (
        "patrons.csv:2: group: the class '2 a' is also written '2A', and is shown as two; write it in one way"
    )
