"""A library's lists are taken in whole or not at all, whatever program wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import StationError
from kiosk.imports.csv_files import ImportReport, import_files, import_folder
from kiosk.imports.refusal import ImportRefused
from kiosk.model import Item, ItemStatus, Patron, Title
from kiosk.store import StationStore
from kiosk.store.collection import Collection
from tests.unit.reading_corner import ITEMS, MAY, MAY_CARD, SOC_CARD, at, filled_corner, open_corner, rows

TITLES = (
    "id,title,author,language,age_from,shelf,motif\nde-men,Dế Mèn phiêu lưu ký,Tô Hoài,vi,7,green,cricket\n"
)
ITEM_LIST = "item,title_id,status,tag\nLK-1,de-men,,04A1B2C3D4E5F6\nLK-2,de-men,reference,\n"
PATRONS = (
    "id,nickname,animal,category,birth_year,expires,card,language\n"
    "BD-7,Nghé,buffalo,tieu-hoc,2018,2027-08-31,0A0B0C0D,\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StationStore]:
    with open_corner(tmp_path / "var" / "station.db") as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    return folder


def written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / f"{name}.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def refusal(store: StationStore, folder: Path, **files: str | bytes) -> str:
    """What an import of these files is refused with; checks that nothing was taken in."""
    before = store.counts(at())
    with pytest.raises(ImportRefused) as refused:
        import_files(store, at(), **{name: written(folder, name, text) for name, text in files.items()})
    assert store.counts(at()) == before
    assert isinstance(refused.value, StationError)
    return str(refused.value)


def titles_in(store: StationStore) -> dict[str, Title]:
    with store.begin(at()) as work:
        return {title.id: title for title in Collection(work).titles()}


def test_three_lists_make_a_library(store: StationStore, folder: Path) -> None:
    for name, text in (("titles", TITLES), ("items", ITEM_LIST), ("patrons", PATRONS)):
        written(folder, name, text)
    assert import_folder(store, folder, at()) == ImportReport(titles=1, items=2, patrons=1)
    title = Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green", "cricket")
    with store.begin(at()) as work:
        assert work.item_by_tag("04A1B2C3D4E5F6") == Item("LK-1", title)
        assert work.item("LK-2") == Item("LK-2", title, ItemStatus.REFERENCE)
        assert work.patron_by_card("0A0B0C0D") == Patron(
            "BD-7", "Nghé", "buffalo", "tieu-hoc", 2018, date(2027, 8, 31)
        )


def test_importing_again_changes_only_what_was_edited(store: StationStore, folder: Path) -> None:
    files = {"titles": written(folder, "titles", TITLES), "items": written(folder, "items", ITEM_LIST)}
    import_files(store, at(), **files)
    import_files(store, at(), **files)
    written(folder, "titles", TITLES.replace("phiêu lưu ký", "(tái bản)"))
    import_files(store, at(), titles=files["titles"])
    assert titles_in(store)["de-men"].name == "Dế Mèn (tái bản)"
    assert store.counts(at()).items_with_tag == 1


def test_what_the_station_learnt_survives_an_import_that_leaves_it_empty(
    tmp_path: Path, folder: Path
) -> None:
    with filled_corner(tmp_path / "s" / "station.db") as store:
        with store.begin(at()) as work:
            work.set_language("BD-1", "en")
            work.commit()
        patrons = "id;nickname;animal;category\nBD-1;Mây Hồng;cat;tieu-hoc\n"
        items = "item;title_id;tag\nGD-1;de-men;\n"
        import_files(
            store, at(), patrons=written(folder, "patrons", patrons), items=written(folder, "items", items)
        )
        with store.begin(at()) as work:
            patron = work.patron_by_card(MAY_CARD)
            assert patron is not None
            assert (patron.nickname, patron.language) == ("Mây Hồng", "en")
            assert work.item_by_tag(ITEMS[0][1]) is not None


def test_tags_may_change_places_within_one_import(tmp_path: Path, folder: Path) -> None:
    with filled_corner(tmp_path / "s" / "station.db") as store:
        swapped = f"item,title_id,tag\nGD-1,de-men,{ITEMS[1][1]}\nGD-2,tam-cam,{ITEMS[0][1]}\n"
        import_files(store, at(), items=written(folder, "items", swapped))
        with store.begin(at()) as work:
            found = work.item_by_tag(ITEMS[0][1])
        assert found is not None
        assert found.id == "GD-2"


# --- what other programs write --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("BOM and semicolons, as Excel in Vietnam", b"\xef\xbb\xbf" + TITLES.replace(",", ";").encode()),
        ("tabs", TITLES.replace(",", "\t").encode()),
        ("CRLF", TITLES.replace("\n", "\r\n").encode()),
        ("old Mac line ends", TITLES.replace("\n", "\r").encode()),
        ("Excel's delimiter line", b"sep=;\n" + TITLES.replace(",", ";").encode()),
        ("no last line end", TITLES.rstrip("\n").encode()),
        ("empty lines and cells at the end", (TITLES + "\n,,,,,,\n").encode()),
        ("decomposed accents", TITLES.replace("Dế Mèn", "De\u0302\u0301 Me\u0300n").encode()),
        ("no-break spaces", TITLES.replace("Dế Mèn", "  Dế\u00a0Mèn ").encode()),
        ("a quoted newline", TITLES.replace("Dế Mèn phiêu lưu ký", '"Dế Mèn\r\nphiêu lưu ký"').encode()),
        (
            "Vietnamese headers in another order",
            "Tác giả,MÃ NHAN ĐỀ,Nhan đề,Màu kệ,Tuổi từ,Ngôn ngữ,Hình\n"
            "Tô Hoài,de-men,Dế Mèn phiêu lưu ký,xanh lá,7+,Tiếng Việt,cricket\n".encode(),
        ),
    ],
)
def test_the_same_title_comes_out_of_many_ways_of_writing_it(
    store: StationStore, folder: Path, name: str, content: bytes
) -> None:
    import_files(store, at(), titles=written(folder, "titles", content))
    assert titles_in(store) == {
        "de-men": Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 7, "green", "cricket")
    }, name


def test_dates_uids_and_words_as_they_are_written_in_vietnam(store: StationStore, folder: Path) -> None:
    patrons = (
        "Mã bạn đọc;Biệt danh;Con vật;Nhóm;Năm sinh;Hết hạn;Thẻ;Khóa\n"
        "BD 7/2026;Nghé;buffalo;thcs;2013;31/08/2027;04:a1:b2:c3:d4:e5:f6;có\n"
    )
    import_files(store, at(), patrons=written(folder, "patrons", patrons))
    with store.begin(at()) as work:
        patron = work.patron_by_card("04A1B2C3D4E5F6")
    assert patron == Patron("BD 7/2026", "Nghé", "buffalo", "thcs", 2013, date(2027, 8, 31), blocked=True)


def test_a_formula_is_only_text(store: StationStore, folder: Path) -> None:
    formula = "=cmd|' /C calc'!A0"
    import_files(
        store, at(), titles=written(folder, "titles", TITLES.replace("Dế Mèn phiêu lưu ký", formula))
    )
    assert titles_in(store)["de-men"].name == formula


# --- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("7", "bảy", "titles.csv:2: age_from: must be an age from 0 to 18 (found 'bảy'); 0 lends it to"),
        ("7", "99", "titles.csv:2: age_from: must be an age"),
        ("7", "٣", "titles.csv:2: age_from: must be an age"),
        ("green", "mauve", "titles.csv:2: shelf: is not a shelf colour (found 'mauve'); use one of red, "),
        (",vi,", ",Tiếng Sao Hỏa,", "titles.csv:2: language: is not a language code"),
        ("de-men", "", "titles.csv:2: id: is empty; fill it in"),
        ("de-men", "../../etc/passwd", "titles.csv:2: id: must be 1 to 64 letters"),
        ("de-men", "9.78604E+12", "titles.csv:2: id: a spreadsheet has rounded this number"),
        ("de-men", "9,78604E+12", "titles.csv:2: "),
        ("Dế Mèn phiêu lưu ký", "", "titles.csv:2: title: is empty"),
        ("Dế Mèn phiêu lưu ký", "x" * 301, "titles.csv:2: title: is 301 characters long, at most 300"),
        ("Dế Mèn", "Dế\x00Mèn", "titles.csv:2: title: holds the invisible character U+0000"),
        ("Dế Mèn", "Dế\x1b[31mMèn", "titles.csv:2: title: holds the invisible character U+001B"),
        ("Dế Mèn", "Dế\u202eMèn", "titles.csv:2: title: holds the invisible character U+202E"),
        ("cricket", "../x", "titles.csv:2: motif: must be a code word"),
        ("cricket", "cricket,extra", "titles.csv:2: cell 8: more cells than columns (found 'extra')"),
        ("shelf,", "shelf,colour,", "titles.csv:1: unknown column (found 'colour'); known are: id, title"),
        ("shelf,", "shelf,Kệ sách,", "titles.csv:1: shelf: this column is there twice"),
        ("author,", "", "titles.csv:1: author: this column is missing"),
        ("Dế Mèn", '"Dế Mèn', "titles.csv:2: not readable as CSV: "),
    ],
)
def test_a_broken_cell_is_named_by_file_line_and_column(
    store: StationStore, folder: Path, old: str, new: str, said: str
) -> None:
    text = refusal(store, folder, titles=TITLES.replace(old, new, 1))
    assert said in text
    assert text.endswith("Nothing was imported.")
    assert "\x00" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_line_named_is_where_the_row_begins_even_after_quoted_newlines(
    store: StationStore, folder: Path
) -> None:
    text = TITLES.replace("Dế Mèn", '"Dế\n\nMèn"', 1).replace(' phiêu lưu ký"', '"')
    text = 'id,title,author,language,age_from,shelf\na,"Một\n\nhai",T,vi,3,red\nb,Ba,T,vi,x,red\n'
    assert "titles.csv:5: age_from" in refusal(store, folder, titles=text)


def test_twenty_mistakes_are_listed_and_the_rest_counted(store: StationStore, folder: Path) -> None:
    broken = "".join(f"t{n},Tên,T,vi,x,red,\n" for n in range(50))
    text = refusal(store, folder, titles=TITLES + broken)
    assert text.count("titles.csv:") == 20
    assert "... and 30 more mistakes" in text


def test_mistakes_of_all_files_come_together_and_no_false_ones_with_them(
    store: StationStore, folder: Path
) -> None:
    text = refusal(
        store, folder,
        titles=TITLES.replace("green", "mauve"),
        items=ITEM_LIST.replace("reference", "lost"),
        patrons=PATRONS,
    )  # fmt: skip
    assert text.splitlines()[0].startswith("titles.csv:2: shelf")
    assert text.splitlines()[1].startswith("items.csv:3: status")
    assert len(text.splitlines()) == 3


def test_an_item_of_an_unknown_title_is_refused(store: StationStore, folder: Path) -> None:
    assert "items.csv:2: title_id: there is no such title (found 'de-men')" in refusal(
        store, folder, items=ITEM_LIST
    )


def test_the_same_id_or_tag_twice_names_both_lines(store: StationStore, folder: Path) -> None:
    items = ITEM_LIST + "LK-1,de-men,,\nLK-3,de-men,,04a1b2c3d4e5f6\n"
    text = refusal(store, folder, titles=TITLES, items=items)
    assert "items.csv:4: item: already given in line 2 (found 'LK-1')" in text
    assert "items.csv:5: tag: already given in line 2" in text


def test_a_tag_that_belongs_elsewhere_is_refused(tmp_path: Path, folder: Path) -> None:
    with filled_corner(tmp_path / "s" / "station.db") as store:
        items = f"item,title_id,tag\nNEW-1,de-men,{ITEMS[0][1]}\nNEW-2,de-men,{MAY_CARD}\n"
        text = refusal(store, folder, items=items)
        assert "items.csv:2: tag: already bound to item 'GD-1'" in text
        assert "items.csv:3: tag: is a library card" in text


def test_a_card_that_belongs_elsewhere_is_refused_and_nobody_is_named(tmp_path: Path, folder: Path) -> None:
    with filled_corner(tmp_path / "s" / "station.db") as store:
        patrons = (
            "id,nickname,animal,category,card\n"
            f"BD-8,Na,cat,thcs,{SOC_CARD}\nBD-9,Bi,cat,thcs,{ITEMS[0][1]}\nBD-10,Bo,cat,thcs,12\n"
        )
        text = refusal(store, folder, patrons=patrons)
        assert "patrons.csv:2: card: is already another patron's card" in text
        assert "patrons.csv:3: card: is the tag of item 'GD-1'" in text
        assert "patrons.csv:4: card: is not a tag's UID" in text
        assert "BD-2" not in text
        assert SOC_CARD not in text
        assert MAY.nickname not in text


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("1.23E+13", "a spreadsheet has rounded this number"),
        ("4112233445566", "Excel drops a leading 0"),
        ("04A1B2C3D4E5F", "8, 10, 14, 16 or 20 hex digits"),
        ("04A1B2C3D4E5G6", "is not a tag's UID"),
    ],
)
def test_a_mangled_uid_is_explained(store: StationStore, folder: Path, card: str, said: str) -> None:
    assert said in refusal(store, folder, patrons=PATRONS.replace("0A0B0C0D", card))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        (b"PK\x03\x04rest of a workbook", "Excel workbook"),
        (TITLES.encode("cp1258", "replace"), "is not UTF-8; save it again as 'CSV UTF-8'"),
        (b"\x00" * 5000, "titles.csv:1: unknown column"),
        (TITLES.encode() + b"x,\xc3\x28,y", "titles.csv:3: byte 0xc3 is not UTF-8"),
        (TITLES.encode() + b"a," + b"x" * 10_000_000 + b",T,vi,3,red,", "titles.csv:3: "),
        (TITLES.encode() + b'a,"' + b"x" * 10_000_000, "titles.csv:3: "),
        (TITLES.encode() + b"a,b,c,vi,3,red,\n" * 1_200_000, "larger than 16 MB"),
        (TITLES.encode() + b"a,b,c,vi,3,red\n" * 60_000, "already given in line 3"),
        (b"," * 100_000, "id: this column is missing"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_a_hostile_file_is_refused_with_words(
    store: StationStore, folder: Path, content: bytes, said: str
) -> None:
    assert said in refusal(store, folder, titles=content)


def test_a_missing_file_or_folder_is_named(store: StationStore, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"gone\.csv: cannot be read"):
        import_files(store, at(), titles=tmp_path / "gone.csv")
    with pytest.raises(ImportRefused, match=r"holds neither titles\.csv"):
        import_folder(store, tmp_path / "nowhere", at())


def test_an_import_reports_no_child_to_the_centre(store: StationStore, folder: Path, tmp_path: Path) -> None:
    import_files(store, at(), patrons=written(folder, "patrons", PATRONS))
    assert rows(tmp_path / "var" / "station.db", "SELECT * FROM outbox") == []
