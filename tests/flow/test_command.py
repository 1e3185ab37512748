"""The `kiosk` command as a librarian meets it: a mistake gets a sentence and a remedy, never a traceback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from hardware.simulated.bench_client import Bench
from kiosk.store.lock import StationLock
from tests.flow.commands import ITEMS, bring_in, kiosk


def counts(settings: Path) -> dict[str, int]:
    answer: dict[str, int] = json.loads(kiosk("counts", "-s", settings).stdout)
    return answer


def test_lists_come_in_and_a_broken_row_keeps_everything_out(settings: Path) -> None:
    assert "1 titles, 2 items, 1 patrons" in bring_in(settings).stdout
    broken = settings.parent / "items.csv"
    broken.write_text(ITEMS + "LK-3,T9,lendable,\nLK-4,T1,maybe,\n", encoding="utf-8")
    said = bring_in(settings, good=False).stderr
    assert "items.csv:4" in said
    assert "items.csv:5" in said
    assert "T9" in said
    assert counts(settings)["items"] == 2


def test_a_tag_and_a_card_are_bound_from_the_pad(settings: Path, wired: Bench) -> None:
    bring_in(settings)
    wired.place("04112233445566", "ntag213")
    said = kiosk("items", "bind", "LK-1", "-s", settings).stdout
    assert "LK-1 (Dế Mèn phiêu lưu ký)" in said
    assert "04112233445566" in said
    kiosk("items", "bind", "LK-2", "-s", settings, good=False)  # the tag is LK-1's now
    wired.clear()
    wired.place("DEADBEEF", "classic1k")
    said = kiosk("patrons", "bind", "P1", "-s", settings).stdout
    assert "P1" in said
    assert "DEADBEEF" not in said
    found = counts(settings)
    assert (found["items_with_tag"], found["patrons_with_card"]) == (2, 1)
    raw = (settings.parent / "data" / "station.db").read_bytes()
    assert b"DEADBEEF" not in raw  # a card number is kept only as a digest
    assert bytes.fromhex("DEADBEEF") not in raw


def test_binding_something_unknown_says_so_before_anyone_fetches_a_tag(settings: Path) -> None:
    bring_in(settings)
    assert "no item 'LK-99'" in kiosk("items", "bind", "LK-99", "-s", settings, good=False).stderr
    assert "no patron 'P99'" in kiosk("patrons", "bind", "P99", "-s", settings, good=False).stderr


def test_a_missing_settings_file_and_a_wrong_key_are_named(settings: Path) -> None:
    assert "none.toml" in kiosk("counts", "-s", settings.parent / "none.toml", good=False).stderr
    settings.write_text("[pad]\nspede = 1\n")
    said = kiosk("run", "-s", settings, good=False).stderr
    assert "pad.spede" in said
    assert "kiosk settings" in said


def test_a_database_of_a_newer_version_is_left_untouched(settings: Path) -> None:
    bring_in(settings)
    database = settings.parent / "data" / "station.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999_from_the_future'")
    connection.close()
    before = database.read_bytes()
    said = kiosk("counts", "-s", settings, good=False).stderr
    assert str(database) in said
    assert "newer" in said
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_named(settings: Path) -> None:
    (settings.parent / "data" / "station.db").write_bytes(b"Excel, not SQLite" * 100)
    assert "station.db" in kiosk("counts", "-s", settings, good=False).stderr


def test_the_doctor_tells_what_is_missing_and_fails_then(settings: Path) -> None:
    said = kiosk("doctor", "-s", settings, good=False).stdout
    assert "MISSING  database" in said
    assert "MISSING  reader" in said  # no board here
    assert "cannot serve" in said
    assert "cannot be read" in kiosk("doctor", "-s", settings.parent / "none.toml", good=False).stdout


def test_the_doctor_is_content_with_a_whole_station(
    settings: Path, wired: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(settings)
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    said = kiosk("doctor", "-s", settings).stdout
    assert "rc522 answers" in said
    assert "The station can serve." in said
    wired.reader("unplugged")
    said = kiosk("doctor", "-s", settings, good=False).stdout
    assert "MISSING  reader" in said


def test_the_settings_command_explains_every_key(settings: Path) -> None:
    said = kiosk("settings", "-s", settings).stdout
    assert 'id = "thu"' in said
    assert "polls_per_second = 10  # how often" in said
    assert "loan_days = 14" in said


def test_counting_makes_nothing_and_disturbs_nobody(settings: Path) -> None:
    data = settings.parent / "data"
    assert "kiosk import" in kiosk("counts", "-s", settings, good=False).stderr
    assert list(data.iterdir()) == []
    bring_in(settings)
    lock = StationLock(data)  # as a running station holds it
    try:
        assert counts(settings)["items"] == 2
        said = kiosk("doctor", "-s", settings).stdout
        assert "a station is running with it" in said
        assert "ok       display: in use by the running station" in said
    finally:
        lock.release()


def test_the_doctor_names_each_wrong_setting_and_a_database_of_another_station(settings: Path) -> None:
    bring_in(settings)
    whole = settings.read_text()
    settings.write_text(whole.replace('"thu"', '"khac"'))
    said = kiosk("doctor", "-s", settings, good=False).stdout
    assert "MISSING  database" in said
    assert "belongs to the station 'thu'" in said
    settings.write_text(whole + "[pad]\ngain = 9\nspede = 1\n")
    said = kiosk("doctor", "-s", settings, good=False).stdout
    assert said.count("MISSING  settings") == 2
    assert "2 to mend" in said


def test_covers_that_cannot_be_written_are_said_and_the_lists_are_in(settings: Path) -> None:
    (settings.parent / "data" / "covers").write_text("in the way")
    said = bring_in(settings, good=False).stderr
    assert "data/covers" in said
    assert "import again" in said
    assert counts(settings)["titles"] == 1
