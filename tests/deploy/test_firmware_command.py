from pathlib import Path

import pytest
from typer.testing import CliRunner

from firmware_config.board import detect
from firmware_config.command import app
from firmware_config.compose import check, compose
from firmware_config.errors import FirmwareError
from firmware_config.write import BACKUP, write
from tests.deploy.boot_files import FRESH_CMDLINE, FRESH_CONFIG, fresh_boot

RUNNER = CliRunner()
PI4 = ("pi4", "official-7", "rc522-spi0")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (b"Raspberry Pi 4 Model B Rev 1.5\0", "pi4"),
        (b"Raspberry Pi 5 Model B Rev 1.0\0", "pi5"),
    ],
)
def test_the_board_is_read_from_the_device_tree(tmp_path: Path, model: bytes, name: str) -> None:
    (tmp_path / "model").write_bytes(model)
    assert detect(tmp_path / "model") == name


def test_another_machine_is_told_what_it_is_and_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match=r"not a Raspberry Pi; name the board: pi4, pi5"):
        detect(tmp_path / "none")
    (tmp_path / "model").write_bytes(b"Raspberry Pi 3 Model B Plus Rev 1.3\0")
    with pytest.raises(FirmwareError, match=r"Pi 3 Model B Plus.*no known board.*pi4, pi5"):
        detect(tmp_path / "model")


def test_check_tells_then_write_writes_then_check_is_content(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot")
    options = ["--boot", str(boot), "--board", "pi4"]
    before = RUNNER.invoke(app, ["check", *options])
    assert before.exit_code == 1
    assert "'dtparam=spi=on' is missing" in before.output
    assert "'loglevel=3' is missing" in before.output
    assert RUNNER.invoke(app, ["write", *options]).exit_code == 0
    assert check(boot, *PI4) == []
    after = RUNNER.invoke(app, ["check", "--boot", str(boot)])
    assert (after.exit_code, after.output) == (0, "boot settings fit pi4, official-7, rc522-spi0\n")


def test_show_writes_nothing(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot")
    before = contents(boot)
    shown = RUNNER.invoke(app, ["show", "--boot", str(boot), "--board", "pi5"])
    assert shown.exit_code == 0
    assert "\ndtparam=spi=on\n" in shown.output
    assert contents(boot) == before


def test_the_second_write_changes_nothing_and_the_first_file_is_kept(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot")
    assert [path.name for path in write(boot, compose(*PI4))] == ["config.txt", "cmdline.txt"]
    assert (boot / f"config.txt{BACKUP}").read_text() == FRESH_CONFIG
    assert (boot / f"cmdline.txt{BACKUP}").read_text() == FRESH_CMDLINE
    written = contents(boot)
    assert write(boot, compose(*PI4)) == []
    write(boot, compose("pi4", "hdmi-1024x600", "rc522-spi0"))
    write(boot, compose(*PI4))
    assert contents(boot) == written


def test_a_conflict_leaves_both_files_alone(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot", config="dtparam=spi=off\n")
    before = contents(boot)
    refused = RUNNER.invoke(app, ["write", "--boot", str(boot), "--board", "pi4"])
    assert refused.exit_code == 1
    assert "config.txt line 1: 'dtparam=spi=off'" in refused.output
    assert contents(boot) == before


def test_an_unbootable_command_line_leaves_config_alone_too(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot", cmdline="quiet\n")
    before = contents(boot)
    with pytest.raises(FirmwareError, match="root="):
        write(boot, compose(*PI4))
    assert contents(boot) == before


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    boot = fresh_boot(tmp_path / "boot")
    (boot / "config.txt").write_bytes(b"# caf\xe9\r\n[all]\r\n")
    write(boot, compose(*PI4))
    assert (boot / "config.txt").read_bytes().startswith(b"# caf\xe9\r\n[all]\r\n# >>> gocdoc: pi4")


@pytest.mark.parametrize("words", [["check"], ["write"]])
def test_a_boot_partition_that_is_not_there_is_named(tmp_path: Path, words: list[str]) -> None:
    result = RUNNER.invoke(app, [*words, "--boot", str(tmp_path / "none"), "--board", "pi4"])
    assert result.exit_code == 1
    assert "is the boot partition mounted" in result.output


def test_a_wrong_name_gets_words_and_no_traceback(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["check", "--boot", str(fresh_boot(tmp_path)), "--board", "pi3"])
    assert result.exit_code == 1
    assert "no board 'pi3'; known boards: pi4, pi5" in result.output
    assert isinstance(result.exception, SystemExit)
