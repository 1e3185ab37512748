import configparser
import re
import subprocess
from pathlib import Path

import pytest

from kiosk.notify import STALE_S
from tests.deploy.programs import need

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ["gocdoc-station.service", "gocdoc-central.service"]


def unit(name: str) -> dict[str, list[str]]:
    """A unit's settings in order; a key may stand several times."""
    held: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            held.setdefault(key, []).append(value)
    return held


def on_this_machine(folder: Path, name: str, drop_in: str = "") -> Path:
    """A copy whose programs exist here, so that everything else can be judged."""
    folder.mkdir(exist_ok=True)
    replaced = re.compile(r"/opt/gocdoc/current/venv/bin/\w+|/usr/bin/cage")
    (folder / name).write_text(replaced.sub("/bin/true", (DEPLOY / name).read_text()))
    if drop_in:
        (folder / f"{name}.d").mkdir()
        (folder / f"{name}.d" / drop_in).write_text(replaced.sub("/bin/true", (DEPLOY / drop_in).read_text()))
    return folder / name


@pytest.mark.systemd
@pytest.mark.parametrize(
    ("name", "drop_in"),
    [(UNITS[0], ""), (UNITS[0], "gocdoc-station-cage.conf"), (UNITS[1], "")],
)
def test_systemd_finds_nothing_to_say_about_a_unit(tmp_path: Path, name: str, drop_in: str) -> None:
    analyze = need("systemd-analyze", "systemd")
    path = on_this_machine(tmp_path, name, drop_in)
    result = subprocess.run(
        [analyze, "verify", "--man=no", path], capture_output=True, text=True, check=False, timeout=60
    )
    complaints = [line for line in result.stderr.splitlines() if Path(name).stem in line]
    assert complaints == []
    assert result.returncode == 0, result.stderr


@pytest.mark.systemd
@pytest.mark.parametrize(("name", "most"), [(UNITS[0], 2.0), (UNITS[1], 1.5)])
def test_a_unit_is_exposed_no_more_than_its_work_needs(tmp_path: Path, name: str, most: float) -> None:
    # 10 is a unit without any fence. A station needs its devices, a broker and Mesa's compiled shaders.
    analyze = need("systemd-analyze", "systemd")
    path = on_this_machine(tmp_path, name)
    result = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
    assert score, result.stderr
    assert float(score[1]) <= most


def test_the_station_opens_without_a_network_and_never_gives_up() -> None:
    station = unit(UNITS[0])
    waits = " ".join(
        value for key in ("After", "Wants", "Requires", "BindsTo") for value in station.get(key, [])
    )
    assert "network" not in waits
    assert "time-" not in waits
    assert station["Restart"] == ["always"]
    assert station["StartLimitIntervalSec"] == ["0"]


def test_a_stuck_station_has_time_to_be_noticed_by_its_own_watchdog() -> None:
    station = unit(UNITS[0])
    assert station["Type"] == ["notify"]
    assert float(station["WatchdogSec"][0]) > STALE_S


def test_the_station_owns_the_panel_and_no_login_prompt_shows() -> None:
    station = unit(UNITS[0])
    assert station["TTYPath"] == ["/dev/tty1"]
    assert station["Conflicts"] == ["getty@tty1.service"]
    assert "SDL_VIDEODRIVER=kmsdrm" in station["Environment"]


def test_the_station_writes_to_its_data_alone_and_leaves_no_core() -> None:
    station = unit(UNITS[0])
    assert station["ProtectSystem"] == ["strict"]
    assert station["ReadWritePaths"] == ["/var/lib/gocdoc"]
    assert station["LimitCORE"] == ["0"]
    homes = [value for value in station["Environment"] if value.split("=")[0] in {"HOME", "KIVY_HOME"}]
    assert homes
    assert all(value.split("=")[1].startswith("/var/lib/gocdoc") for value in homes)


def test_the_boards_watchdog_stays_within_what_the_hardware_counts() -> None:
    watchdog = configparser.ConfigParser()
    watchdog.read(DEPLOY / "gocdoc-watchdog.conf")
    # bcm2835_wdt: a 20-bit counter of 1/65536 s.
    assert int(watchdog["Manager"]["RuntimeWatchdogSec"].removesuffix("s")) < 2**20 / 65536
