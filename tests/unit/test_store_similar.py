"""Books like this one: what stands on a shelf now, nearest kind of likeness first, always the same answer."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.model import Item, ItemStatus, Title
from kiosk.store import StationStore
from kiosk.store.collection import Collection
from tests.unit.memory_store import MemoryStore
from tests.unit.reading_corner import MAY, at, loan, open_corner

NUMBER = itertools.count()


def title(
    name: str, author: str = "", language: str = "vi", age: int = 6, shelf: str = "red", motif: str = ""
) -> Title:
    return Title(name, name, author, language, age, shelf, motif)


def corner(path: Path, *titles: Title, items: dict[str, tuple[Item, ...]] | None = None) -> StationStore:
    """A store with one item of each title, or those given."""
    store = open_corner(path)
    with store.begin(at()) as work:
        collection = Collection(work)
        collection.put_titles(titles)
        collection.put_items(
            (item, None) for one in titles for item in (items or {}).get(one.id, (Item(f"GD-{one.id}", one),))
        )
        collection.put_patrons([(MAY, None)])
        work.commit()
    return store


def likes(store: StationStore, title_id: str, most: int = 9) -> list[str]:
    with store.begin(at()) as work:
        return [item.title.id for item in work.similar(title_id, most)]


def test_the_nearest_kind_of_likeness_comes_first(tmp_path: Path) -> None:
    asked = title("m", "Tô Hoài", age=7, shelf="green", motif="cricket")
    others = (
        title("a-language"),
        title("b-motif", language="en", motif="cricket"),
        title("c-shelf", language="en", age=15, shelf="green"),
        title("d-shelf-age-2", language="en", age=9, shelf="green"),
        title("e-shelf-age-1", language="en", age=6, shelf="green"),
        title("f-shelf-age", language="en", age=7, shelf="green"),
        title("g-author", "Tô Hoài", language="en", age=1, shelf="pink"),
        title("h-nothing", "Ai khác", language="en", shelf="blue", motif="fish"),
    )
    with corner(tmp_path / "s.db", asked, *others) as store:
        assert likes(store, "m") == [
            "g-author", "f-shelf-age", "e-shelf-age-1", "d-shelf-age-2", "c-shelf", "b-motif", "a-language",
        ]  # fmt: skip
        assert likes(store, "m", 2) == ["g-author", "f-shelf-age"]
        assert likes(store, "m", 0) == []
        assert likes(store, "unknown") == []


def test_no_author_and_no_motif_are_not_something_two_books_share(tmp_path: Path) -> None:
    with corner(tmp_path / "s.db", title("a"), title("b", language="en", shelf="blue")) as store:
        assert likes(store, "a") == []


def test_only_what_may_leave_and_is_not_away_is_shown_and_each_title_once(tmp_path: Path) -> None:
    away, spot, gone, two = title("away"), title("spot"), title("gone"), title("two")
    items = {
        "spot": (Item("GD-s", spot, ItemStatus.REFERENCE),),
        "gone": (Item("GD-g", gone, ItemStatus.WITHDRAWN),),
        "two": (Item("GD-1", two), Item("GD-2", two), Item("GD-3", two)),
    }
    with corner(tmp_path / "s.db", title("asked"), away, spot, gone, two, items=items) as store:
        with store.begin(at()) as work:
            for item in ("GD-away", "GD-1"):
                work.lend(replace(loan(1), item_id=item))
            work.commit()
        with store.begin(at()) as work:
            assert work.similar("asked", 9) == (Item("GD-2", two),)


def test_whoever_goes_on_from_book_to_book_comes_through_the_whole_shelf(tmp_path: Path) -> None:
    with corner(tmp_path / "s.db", *(title(name) for name in "abcde")) as store:
        seen, now = [], "c"
        for _ in range(5):
            seen.append(now)
            now = likes(store, now, 1)[0]
    assert seen == list("cdeab")


SMALL = st.builds(
    Title,
    id=st.sampled_from([f"{letter}{number}" for letter in "aăđ" for number in range(4)]),
    name=st.just("x"),
    author=st.sampled_from(["", "Tô Hoài", "Võ Quảng"]),
    language=st.sampled_from(["vi", "en"]),
    age_from=st.integers(0, 6),
    shelf=st.sampled_from(["red", "blue"]),
    motif=st.sampled_from(["", "cat", "dog"]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("similar")


@settings(max_examples=25, deadline=None)
@given(
    titles=st.lists(SMALL, min_size=1, max_size=10, unique_by=lambda one: one.id),
    most=st.integers(0, 6),
    data=st.data(),
)
def test_the_database_and_the_plain_rule_say_the_same(
    folder: Path, titles: list[Title], most: int, data: st.DataObject
) -> None:
    statuses = data.draw(
        st.lists(st.sampled_from(ItemStatus), min_size=len(titles), max_size=len(titles)), label="statuses"
    )
    items = [Item(f"GD-{one.id}", one, status) for one, status in zip(titles, statuses, strict=True)]
    plain = MemoryStore({}, {item.id: item for item in items})
    path = folder / str(next(NUMBER)) / "s.db"
    with corner(path, *titles, items={item.title.id: (item,) for item in items}) as store:
        for one in titles:
            with store.begin(at()) as real, plain.begin(at()) as rule:
                assert real.similar(one.id, most) == rule.similar(one.id, most)


@pytest.mark.parametrize("size", [300, 3_000])
def test_the_work_does_not_grow_with_the_library(tmp_path: Path, size: int) -> None:
    """Counted in steps of SQLite's own machine, hundreds at a time, so that no clock is asked."""
    everything_alike = [title(f"t{number:05}") for number in range(size)]
    with corner(tmp_path / "s.db", *everything_alike) as store:
        hundreds: list[None] = []
        with store.begin(at()) as work:
            dbapi = work._connection.connection.driver_connection
            assert dbapi is not None
            dbapi.set_progress_handler(lambda: hundreds.append(None), 100)
            found = work.similar("t00100", 5)
            dbapi.set_progress_handler(None, 100)
    assert [item.title.id for item in found] == [f"t{number:05}" for number in range(101, 106)]
    assert len(hundreds) < 30
