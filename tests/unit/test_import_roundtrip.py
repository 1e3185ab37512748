"""Whatever a library holds, written as CSV in any dialect, comes out of the store as it was."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.imports import cells
from kiosk.imports.cells import SHELVES
from kiosk.imports.csv_files import import_files
from kiosk.imports.refusal import ImportRefused, Mistakes
from kiosk.imports.sheet import Column, read
from kiosk.model import Patron, Title
from kiosk.store.collection import Collection
from tests.unit.reading_corner import at, open_corner

WORDS = (
    st.text(
        st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\ufeff"),
        min_size=1,
        max_size=60,
    )
    .map(lambda text: " ".join(unicodedata.normalize("NFC", text).split()))
    .filter(bool)
)
IDS = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,20}", fullmatch=True)
TITLES = st.builds(
    Title,
    id=IDS,
    name=WORDS,
    author=st.one_of(st.just(""), WORDS),
    language=st.sampled_from(["vi", "en", "hmn", "vi-Latn"]),
    age_from=st.integers(0, 18),
    shelf=st.sampled_from(sorted(SHELVES)),
    motif=st.sampled_from(["", "cat", "red-hair"]),
    about=st.one_of(st.just(""), WORDS),
)
PATRONS = st.builds(
    Patron,
    id=IDS,
    nickname=WORDS.filter(lambda name: len(name) <= 40),
    animal=st.sampled_from(["cat", "owl"]),
    category=st.sampled_from(["mam-non", "thcs"]),
    birth_year=st.one_of(st.none(), st.integers(1930, 2026)),
    expires=st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2099, 1, 1))),
    blocked=st.booleans(),
    language=st.sampled_from(["", "vi", "en"]),
    group=st.sampled_from(["", "2A", "10A", "Lá 1"]),
    family=st.sampled_from(["", "HGD-01"]),
    passport=st.booleans(),
)
DIALECTS = st.tuples(
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def write(
    path: Path, header: list[str], table: Sequence[Sequence[object]], dialect: tuple[str, str, int, bool]
) -> Path:
    delimiter, ends, quoting, bom = dialect
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([header, *table])
    path.write_text(text.getvalue(), encoding="utf-8-sig" if bom else "utf-8", newline="")
    return path


def row_of(patron: Patron) -> list[object]:
    return [
        patron.id, patron.nickname, patron.animal, patron.category, patron.birth_year, patron.expires,
        "x" if patron.blocked else "", patron.language, patron.group, patron.family,
        "có" if patron.passport else "không",
    ]  # fmt: skip


@SLOW
@given(
    titles=st.lists(TITLES, max_size=6, unique_by=lambda title: title.id),
    patrons=st.lists(PATRONS, max_size=6, unique_by=lambda patron: patron.id),
    dialect=DIALECTS,
    order=st.permutations(range(8)),
)
def test_a_library_survives_the_round_trip(
    titles: list[Title], patrons: list[Patron], dialect: tuple[str, str, int, bool], order: list[int]
) -> None:
    header = ["id", "title", "author", "language", "age_from", "shelf", "motif", "about"]
    values = [[t.id, t.name, t.author, t.language, t.age_from, t.shelf, t.motif, t.about] for t in titles]
    readers = ["id", "nickname", "animal", "category", "birth_year", "expires", "blocked", "language"]
    readers += ["group", "family", "passport"]
    with tempfile.TemporaryDirectory() as name, open_corner(Path(name) / "station.db") as store:
        folder = Path(name)
        title_file = write(
            folder / "titles.csv",
            [header[i] for i in order],
            [[row[i] for i in order] for row in values],
            dialect,
        )
        patron_file = write(folder / "patrons.csv", readers, [row_of(patron) for patron in patrons], dialect)
        import_files(store, at(), titles=title_file, patrons=patron_file)
        with store.begin(at()) as work:
            assert set(Collection(work).titles()) == set(titles)
            assert [work.patron(patron.id) for patron in patrons] == patrons


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "titles.csv"
        path.write_bytes(b"id,title\n" + content)
        mistakes = Mistakes()
        sheet = read(path, (Column("id", True), Column("title", True)), mistakes)
        for line in sheet.lines:
            assert all(unicodedata.is_normalized("NFC", cell) for cell in line.cells.values())
        with contextlib.suppress(ImportRefused):
            mistakes.refuse_if_any()
            return
        said = _said(mistakes)
        assert said.startswith("titles.csv:")
        assert all(character.isprintable() or character == "\n" for character in said)


def _said(mistakes: Mistakes) -> str:
    with pytest.raises(ImportRefused) as refused:
        mistakes.refuse_if_any()
    return str(refused.value)


@given(text=st.text(max_size=40))
def test_every_cell_reader_answers_with_a_value_or_a_reason(text: str) -> None:
    readers = (
        cells.title_id, cells.number, cells.slug, cells.language, cells.age, cells.shelf, cells.status,
        cells.uid, cells.day, cells.yes_or_no, cells.barcode,
        lambda cell: cells.year(cell, date(2026, 11, 20)),
    )  # fmt: skip
    for reader in readers:
        with contextlib.suppress(cells.CellError):  # and nothing else
            reader(text)
