from itertools import product
from pathlib import Path

import pytest

from firmware_config.compose import compose
from firmware_config.errors import FirmwareError
from firmware_config.fragments import HOME, names, read, screen_table
from kiosk.settings import load

FILES = sorted(HOME.rglob("*.txt"))
EVERY = sorted(product(names("boards"), names("panels"), names("readers")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_setting_says_why_it_is_there(path: Path) -> None:
    fragment = read(path)
    for setting in (*fragment.wanted, *fragment.unwanted):
        assert setting.reason, f"{setting.line} has no comment above it"


@pytest.mark.parametrize("names", EVERY, ids="-".join)
def test_every_board_panel_and_reader_go_together(names: tuple[str, str, str]) -> None:
    firmware = compose(*names)
    assert "dtparam=spi=on" in firmware.config_txt.splitlines()
    assert "quiet" in firmware.cmdline.split()


@pytest.mark.parametrize("names", EVERY, ids="-".join)
def test_no_line_is_longer_than_the_boards_firmware_reads(names: tuple[str, str, str]) -> None:
    # "There is a 98-character line length limit": Raspberry Pi documentation, config.txt.
    assert [line for line in compose(*names).config_txt.splitlines() if len(line) > 98] == []


@pytest.mark.parametrize("names", EVERY, ids="-".join)
def test_no_setting_is_written_twice(names: tuple[str, str, str]) -> None:
    lines = [line for line in compose(*names).config_txt.splitlines() if not line.startswith("#")]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("kind", ["board", "panel", "reader"])
def test_an_unknown_name_is_answered_with_the_known_ones(kind: str) -> None:
    names_given = {"board": "pi4", "panel": "official-7", "reader": "rc522-spi0"} | {kind: "../secret"}
    with pytest.raises(FirmwareError, match=rf"no {kind} '../secret'; known {kind}s: \w+"):
        compose(**names_given)


@pytest.mark.parametrize("panel", names("panels"))
def test_the_settings_template_with_each_panel_is_a_valid_settings_file(panel: str, tmp_path: Path) -> None:
    template = Path(__file__).parents[2] / "deploy" / "station.toml"
    text = template.read_text(encoding="utf-8").replace("@screen@", screen_table(panel))
    for mark, value in {
        "id": "ban-pho-1",
        "library": "LC",
        "data": "/srv/x",
        "broker": "10.0.0.2",
        "etc": "/etc/x",
    }.items():
        text = text.replace(f"@{mark}@", value)
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    settings = load(tmp_path / "station.toml")
    assert "@" not in text
    assert settings.screen.fullscreen
    assert (settings.station.id, settings.link.host) == ("ban-pho-1", "10.0.0.2")
