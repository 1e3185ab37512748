"""Opening a store: new, old, newer, damaged, foreign, in use, not writable. Each has its own words."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.ports import StoreError
from kiosk.store import (
    DamagedDatabase,
    DataInUse,
    NewerDatabase,
    NotADatabase,
    OtherStation,
    UnwritableFolder,
    open_store,
    set_aside,
)
from kiosk.store.lock import LOCK_NAME
from tests.unit.reading_corner import MORNING, at, filled_corner, lend, open_corner, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "station.db"


def test_a_new_store_makes_its_folder_an_epoch_and_the_first_boot(path: Path) -> None:
    with open_corner(path) as store:
        assert store.boot == 1
        assert len(bytes.fromhex(store.epoch)) == 16
        assert store.kiosk == "goc-doc-1"


def test_opening_again_keeps_the_epoch_and_counts_the_boot(path: Path) -> None:
    with open_corner(path) as store:
        epoch = store.epoch
    with open_corner(path) as store:
        assert (store.epoch, store.boot) == (epoch, 2)


def test_two_stores_never_share_an_epoch(tmp_path: Path) -> None:
    with open_corner(tmp_path / "a" / "s.db") as one, open_corner(tmp_path / "b" / "s.db") as other:
        assert one.epoch != other.epoch


def test_the_settings_that_survive_a_power_cut_are_in_force(path: Path) -> None:
    with open_corner(path) as store, store.begin(at()) as work:
        answers = {
            name: work._connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "journal_size_limit",
                "wal_autocheckpoint", "auto_vacuum", "secure_delete",
            )
        }  # fmt: skip
    assert answers == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000,
        "journal_size_limit": 4194304, "wal_autocheckpoint": 500, "auto_vacuum": 2, "secure_delete": 1,
    }  # fmt: skip


def test_only_the_stations_user_can_read_who_borrows(path: Path) -> None:
    with filled_corner(path):
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_path_with_awkward_characters_works(tmp_path: Path) -> None:
    path = tmp_path / "góc đọc %20 ?mode=ro#1" / "thư viện.db"
    with filled_corner(path) as store:
        lend(store, 1)
    with open_corner(path) as store:
        assert store.counts(at()).loans == 1


def test_a_second_station_on_the_same_data_is_refused_and_the_first_goes_on(path: Path) -> None:
    with filled_corner(path) as store:
        with pytest.raises(DataInUse, match=r"already running .*process \d+.*station\.data"):
            open_corner(path)
        lend(store, 1)
    with open_corner(path) as store:
        assert store.boot == 2


def test_a_second_process_is_refused_until_the_first_is_killed(path: Path) -> None:
    code = (
        "import sys, pathlib, datetime; from kiosk.store import open_store\n"
        "open_store(pathlib.Path(sys.argv[1]), kiosk='goc-doc-1', wall=datetime.datetime.now(datetime.UTC))\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        with pytest.raises(DataInUse, match=f"process {first.pid}"):
            open_corner(path)
        first.kill()
        first.wait(10)
        with open_corner(path) as store:
            assert store.boot == 2


def test_a_refused_opening_lets_the_next_one_in(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, much too short")
    with pytest.raises(NotADatabase):
        open_corner(path)
    path.unlink()
    open_corner(path).close()


def test_a_database_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    filled_corner(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match=r"station\.db: written by a newer version .*'9999'.*backup"):
        open_corner(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"GIF89a", b"x" * 5000, b"\x00" * 4096])
def test_a_file_that_is_no_database_is_refused_untouched(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(NotADatabase, match=r"station\.db: this is not a SQLite database"):
        open_corner(path)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused_untouched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recipes (name)")
        database.commit()
    before = path.read_bytes()
    with pytest.raises(NotADatabase, match="not a station's"):
        open_corner(path)
    assert path.read_bytes() == before


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="is a folder"):
        open_corner(tmp_path)


def test_an_empty_file_left_by_a_power_cut_at_the_first_start_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with filled_corner(path) as store:
        lend(store, 1)


def test_a_database_of_another_station_is_refused(path: Path) -> None:
    filled_corner(path).close()
    with pytest.raises(OtherStation, match=r"belongs to the station 'goc-doc-1', not 'xe-sach'.*station\.id"):
        open_store(path, kiosk="xe-sach", wall=MORNING)
    with open_corner(path) as store:
        assert store.boot == 2


def damage(path: Path) -> None:
    """Overwrite the middle of the file, as a dying card would."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(os.urandom(size - 4096 * 3))


def test_a_damaged_database_is_refused_and_set_aside_only_on_demand(path: Path) -> None:
    filled_corner(path).close()
    damage(path)
    with pytest.raises(DamagedDatabase, match=r"station\.db: the database is damaged .*set it aside.*backup"):
        open_corner(path)
    assert path.exists()
    aside = set_aside(path, MORNING)
    assert aside.name == "station.db.damaged-20261120-093000"
    assert aside.exists()
    with open_corner(path) as fresh:
        assert (fresh.boot, fresh.counts(at()).titles) == (1, 0)


def test_a_truncated_database_is_refused(path: Path) -> None:
    filled_corner(path).close()
    with path.open("r+b") as file:
        file.truncate(4096 * 5)
    with pytest.raises(DamagedDatabase):
        open_corner(path)


def test_setting_aside_takes_the_journal_along(path: Path) -> None:
    filled_corner(path).close()
    path.with_name("station.db-wal").write_bytes(b"journal")
    aside = set_aside(path, MORNING)
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"journal"
    assert not path.with_name("station.db-wal").exists()


def open_as_nobody(path: Path) -> str:
    """Try to open the store as a user who may not write there; what the error says."""
    code = (
        "import sys, os, pathlib, datetime\n"
        "from kiosk.store import open_store, StationStore\n"
        "from kiosk.ports import StoreError\n"
        "os.getuid() == 0 and os.setuid(65534)\n"
        "try:\n"
        "    wall = datetime.datetime.now(datetime.UTC)\n"
        "    open_store(pathlib.Path(sys.argv[1]), kiosk='goc-doc-1', wall=wall)\n"
        "except StoreError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.fixture
def shut_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shut"
    folder.mkdir()
    for parent in [folder, *folder.parents]:  # pytest's own folders are private; a stranger must reach ours
        if parent.is_relative_to("/tmp") and parent != Path("/tmp") and parent.stat().st_uid == os.getuid():
            parent.chmod(parent.stat().st_mode | 0o055)
    folder.chmod(0o555)
    return folder


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(shut_folder: Path) -> None:
    said = open_as_nobody(shut_folder / "station.db")
    assert said.startswith("UnwritableFolder")
    assert str(shut_folder) in said
    assert "station.data" in said


def test_a_folder_that_cannot_be_made_is_named(shut_folder: Path) -> None:
    assert open_as_nobody(shut_folder / "deep" / "station.db").startswith("UnwritableFolder")


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    with pytest.raises(UnwritableFolder, match="var"):
        open_corner(tmp_path / "var" / "station.db")


def test_every_refusal_is_a_store_error() -> None:
    refusals = (DamagedDatabase, DataInUse, NewerDatabase, NotADatabase, OtherStation, UnwritableFolder)
    assert all(issubclass(refusal, StoreError) for refusal in refusals)


def test_the_lock_file_stays_and_is_harmless(path: Path) -> None:
    open_corner(path).close()
    assert (path.parent / LOCK_NAME).exists()
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_disk_too_full_to_read_is_not_called_damage(path: Path) -> None:
    filled_corner(path).close()
    code = (
        "import resource, sys, pathlib; from kiosk.store import database\n"
        "from kiosk.ports import StorageFull\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"  # the journal's index has no room
        "try:\n    database.look(pathlib.Path(sys.argv[1]))\n"
        "except StorageFull as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "free some room" in done.stdout
    assert "damaged" not in done.stdout
