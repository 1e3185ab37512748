"""Migrations and mappings say the same; an older database is brought up to date whole or not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from kiosk.model import Loan, Patron, Stamp, Title
from kiosk.store import database
from kiosk.store.migrations import HEAD
from kiosk.store.tables import Base
from tests.unit.reading_corner import at, filled_corner, lend, open_corner, rows

ROOT = Path(__file__).parents[2]


def test_the_migrations_make_exactly_the_mapped_tables(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    open_corner(path).close()
    with create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_schema_is_the_one_the_mappings_would_make(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    open_corner(path).close()
    mapped = tmp_path / "mapped.db"
    Base.metadata.create_all(create_engine(f"sqlite:///{mapped}"))
    # What autogenerate does not compare: checks, the partial index, AUTOINCREMENT.
    sql = "SELECT name, sql FROM sqlite_schema WHERE name <> 'alembic_version' AND sql IS NOT NULL"

    def words(file: Path) -> dict[str, list[str]]:
        # A column that was added stands last, and what SQLite writes around it differs.
        return {name: sorted(re.findall(r"[^\s(),]+", text)) for name, text in rows(file, sql)}

    assert words(path) == words(mapped)


def test_head_is_the_newest_revision_and_there_is_one_line_of_them() -> None:
    script = ScriptDirectory.from_config(database._alembic())
    assert script.get_heads() == [HEAD]


def test_an_old_database_goes_forward_and_keeps_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later revision is written beside the first ones: the way a station in service is updated."""
    path = tmp_path / "station.db"
    with filled_corner(path) as store:
        lend(store, 1)
    _with_a_later_revision(tmp_path, monkeypatch, "op.add_column('titles', sa.Column('isbn', sa.String()))")
    with open_corner(path) as store:
        counts = store.counts(at())
        assert (counts.loans, counts.facts_waiting) == (1, 1)
    assert rows(path, "SELECT isbn FROM titles") == [(None,), (None,)]
    assert rows(path, "SELECT version_num FROM alembic_version") == [("later",)]


def test_a_station_of_the_first_revision_keeps_its_readers_and_loans(tmp_path: Path) -> None:
    """The tables as the first stations in service have them, filled past all of today's code."""
    path = tmp_path / "station.db"
    with create_engine(f"sqlite:///{path}").begin() as connection:
        config = database._alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for line in (
            "INSERT INTO titles VALUES ('de-men', 'Dế Mèn', 'Tô Hoài', 'vi', 7, 'green', 'cricket')",
            "INSERT INTO items VALUES ('GD-1', 'de-men', 'lendable', '04A1B2C3D4E580', NULL)",
            "INSERT INTO patrons VALUES ('BD-1', 'Mây', 'cat', 'tieu-hoc', 2018, NULL, 0, 'en', 7)",
            "INSERT INTO cards VALUES (zeroblob(32), 'BD-1')",
            "INSERT INTO loans VALUES ('GD-1', 'BD-1', '2026-11-01', '2026-11-15', 1)",
            "INSERT INTO meta VALUES ('kiosk', 'goc-doc-1'), ('epoch', 'e'), ('boot', '4'), "
            "('acked_upto', '0'), ('card_secret', '00')",
        ):
            connection.exec_driver_sql(line)
    with open_corner(path) as store:
        assert store.boot == 5
        with store.begin(at()) as work:
            mine = work.patron("BD-1")
            assert mine == Patron("BD-1", "Mây", "cat", "tieu-hoc", 2018, language="en", stamps=7)
            (item,) = work.items_at_home("BD-1")
            assert item.title == Title("de-men", "Dế Mèn", "Tô Hoài", "vi", 7, "green", "cricket")
            assert item.loan == Loan("GD-1", "BD-1", date(2026, 11, 1), date(2026, 11, 15), 1)
            work.allow_passport("BD-1", allowed=True)
            work.give_back("GD-1", stamp=True)
            assert work.passport("BD-1") == (Stamp("de-men", "green", at().today),)
            assert work.groups() == ()
            assert work.announcements(at()) == ()
            work.commit()
    assert rows(path, "SELECT count(*) FROM cards") == [(1,)]


def test_a_migration_that_fails_half_way_leaves_the_old_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "station.db"
    filled_corner(path).close()
    with monkeypatch.context() as patch:
        _with_a_later_revision(
            tmp_path,
            patch,
            "op.add_column('titles', sa.Column('isbn', sa.String())); raise RuntimeError('cut')",
        )
        with pytest.raises(RuntimeError, match="cut"):
            open_corner(path)
    assert rows(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    with open_corner(path) as store:
        assert store.boot == 2
        assert store.counts(at()).titles == 2


def _with_a_later_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "r_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'later'\n"
        f"down_revision = {HEAD!r}\ndef upgrade():\n    {what}\n"
    )
    plain = database._alembic

    def with_later() -> object:
        config = plain()
        own = Path(database.__file__).parent / "migrations" / "versions"
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", f"{own}{os.pathsep}{later}")
        return config

    monkeypatch.setattr(database, "_alembic", with_later)
    monkeypatch.setattr(database, "HEAD", "later")
    monkeypatch.setattr("kiosk.store.station.HEAD", "later")


def test_an_installed_wheel_makes_a_store_and_loads_the_demonstration_library(tmp_path: Path) -> None:
    """The migrations, lists and pictures are in the package, not only in the checkout."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    (source / "README.md").write_text("a reading corner\n")
    (source / "kiosk").symlink_to(ROOT / "kiosk")
    build = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)],
        cwd=source, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    code = (
        "import sys, pathlib, datetime, kiosk.store, kiosk.demo\n"
        "from kiosk.model import ClockQuality, Now\n"
        "assert kiosk.store.__file__.startswith(sys.argv[1]), kiosk.store.__file__\n"
        "wall = datetime.datetime.now(datetime.UTC); here = pathlib.Path('.').absolute()\n"
        "with kiosk.store.open_store(here / 'station.db', kiosk='k', wall=wall) as store:\n"
        "    print(kiosk.demo.load_demo(store, here / 'covers', Now(wall, 0, 1, ClockQuality.NTP)).titles)\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(installed)],
        cwd=elsewhere, env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 60
