import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.programs import need

DEPLOY = Path(__file__).parents[2] / "deploy"
INSTALL = DEPLOY / "install.sh"
SCRIPTS = [INSTALL, DEPLOY / "arm64.sh"]
COMMANDS = [DEPLOY / "kiosk.sh", DEPLOY / "central.sh"]


def os_release() -> dict[str, str]:
    if platform.system() != "Linux":
        return {}
    return platform.freedesktop_os_release()


supported = pytest.mark.skipif(
    (os_release().get("ID"), os_release().get("VERSION_ID")) not in {("debian", "12"), ("debian", "13")},
    reason="the installer is for Debian 12 and 13",
)


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", INSTALL, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )


def elsewhere(folder: Path) -> list[str]:
    return [f"--{name}={folder / name}" for name in ("prefix", "data", "etc", "boot")]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_sound_and_stops_at_the_first_error(script: Path) -> None:
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert "\nset -euo pipefail\n" in script.read_text()
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", [*SCRIPTS, *COMMANDS], ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    result = subprocess.run(
        [need("shellcheck", "shellcheck"), script], capture_output=True, text=True, check=False
    )
    assert result.stdout == ""


@supported
@pytest.mark.parametrize("role", ["station", "central"])
def test_check_tells_every_missing_step_and_changes_nothing(tmp_path: Path, role: str) -> None:
    result = run("--check", "--role", role, *elsewhere(tmp_path))
    assert result.returncode == 1, result.stderr
    assert list(tmp_path.iterdir()) == []
    told = [line for line in result.stdout.splitlines() if line.startswith("missing  ")]
    assert any(f"release {'0.'}" in line for line in told)
    assert any(f"gocdoc-{role}.service" in line for line in told)
    assert result.stdout.splitlines()[-1].startswith(f"{len(told)} missing; nothing was changed")


@supported
def test_an_answer_may_come_from_the_environment_and_the_option_wins(tmp_path: Path) -> None:
    words = ["--check", *elsewhere(tmp_path)]
    assert "gocdoc-central.service" in run(*words, GOCDOC_ROLE="central").stdout
    assert "gocdoc-station.service" in run(*words, "--role=station", GOCDOC_ROLE="central").stdout


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            ["--panel", "tv"],
            "--panel 'tv' is not known; choose one of: hdmi-1024x600 official-7 touch-display-2",
        ),
        (["--board", "pi3"], "choose one of: auto none pi4 pi5"),
        (["--reader=pn532"], "choose one of: rc522-spi0"),
        (["--display", "x11"], "choose one of: kmsdrm cage"),
        (["--role", "school"], "choose one of: station central"),
        (["--id", "Bàn phố 1"], "use a-z, 0-9 and '-'"),
        (["--prefix", "relative/path"], "an absolute path"),
        (["--prefix", "/opt/../etc"], "an absolute path"),
        (["--broker", "a b"], "no name or address"),
        (["--library", 'x" y'], "may not hold"),
        (["--wheels", "/nowhere"], "is no folder"),
        (["--colour", "red"], "--colour: unknown"),
        (["--panel"], "wants a value"),
        (["now"], "'now' is not an option"),
    ],
)
def test_a_wrong_answer_is_refused_in_words_before_anything_happens(words: list[str], answer: str) -> None:
    result = run("--check", *words)
    assert result.returncode == 2
    assert answer in result.stderr


def test_help_needs_no_root_and_lists_every_choice() -> None:
    result = run("--help")
    assert result.returncode == 0
    for option in ("--check", "--uninstall", "GOCDOC_ID", "GOCDOC_PANEL", "GOCDOC_BROKER"):
        assert option in result.stdout


def test_only_writing_the_settings_may_write_what_is_roots() -> None:
    """The station's user changes root's file for that one command, and it stays root's."""
    text = (DEPLOY / "kiosk.sh").read_text()
    assert 'case "${1:-}" in devices | enrol) caps=$caps,+dac_override,+chown ;; esac' in text
    assert text.count("dac_override") == 1


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_settings_of_root_are_changed_by_another_user_with_the_commands_capabilities(tmp_path: Path) -> None:
    settings = tmp_path / "station.toml"
    settings.write_text("[pad]\ngain = 4\n")
    settings.chmod(0o640)
    code = (
        "from pathlib import Path; from kiosk.settings.edit import change_file; "
        f"change_file(Path({str(settings)!r}), 'pad', {{'gain': 5}})"
    )
    asked = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    caps = "+dac_read_search,+dac_override,+chown"
    done = subprocess.run(
        [*asked, f"--inh-caps={caps}", f"--ambient-caps={caps}", "--", sys.executable, "-c", code],
        capture_output=True, text=True, check=False, cwd=DEPLOY.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "gain = 5" in settings.read_text()
    assert (settings.stat().st_uid, settings.stat().st_mode & 0o777) == (0, 0o640)


def test_the_boot_settings_are_written_by_whoever_asked(tmp_path: Path) -> None:
    program = tmp_path / "opt" / "current" / "venv" / "bin" / "kiosk"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$(id -u)" "$@"\n')
    program.chmod(0o755)
    command = tmp_path / "kiosk"
    command.write_text((DEPLOY / "kiosk.sh").read_text().replace("/opt/gocdoc", str(tmp_path / "opt")))
    result = subprocess.run(
        ["sh", command, "firmware", "check", "--panel", "a b"], capture_output=True, text=True, check=True
    )
    assert result.stdout == f"{os.getuid()} firmware check --panel a b\n"
