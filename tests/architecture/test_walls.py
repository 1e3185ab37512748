"""The house's own rules, beyond what the import contracts say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk", "hardware", "ui", "central", "firmware_config")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
MOST_LINES = 480  # a room larger than this is two rooms


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_nobody_walks_through_a_wall() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_keeps_its_size_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    assert len(text.splitlines()) <= MOST_LINES, "move the walls: this room holds two nouns"


def test_the_pins_are_gpiozeros_alone() -> None:
    for path in SOURCES:
        assert not {name for name in imports(path) if name.split(".")[0] in {"RPi", "lgpio", "pigpio"}}, path
        assert "GPIO.cleanup" not in path.read_text(encoding="utf-8"), path


def test_spi_is_never_held_with_the_interpreter_locked() -> None:
    """py-spidev lets other threads run during xfer2 and xfer3 only (spidev_module.c)."""
    for path in SOURCES:
        calls = {
            node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        }  # fmt: skip
        assert not calls & {"xfer", "readbytes", "writebytes", "writebytes2"}, path


def test_the_station_has_one_writer_and_so_needs_no_locks() -> None:
    for path in SOURCES:
        if path.relative_to(ROOT).parts[0] in {"kiosk", "hardware", "ui"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"threading\.(R?Lock|Condition|Semaphore)\b", text), path


def test_nothing_imports_kivy_but_the_screen_and_the_bench() -> None:
    for path in SOURCES:
        place = path.relative_to(ROOT)
        if place.parts[0] == "ui" or place.name.startswith("bench"):
            continue
        assert not {name for name in imports(path) if name.split(".")[0] == "kivy"}, place


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    # Written in pieces, so that this very file does not hold what it looks for.
    pieces = (
        ("py", "pi.org"),
        ("python", "hosted"),
        ("registry.np", "mjs"),
        ("deb.deb", "ian.org"),
        ("/wo", "rk/main"),
    )
    hosts = re.compile("|".join(re.escape("".join(pair)) for pair in pieces))
    for path in tracked():
        if path.suffix in {".png", ".ttf", ".mo", ".wav"} or path.name == "LICENSE":
            continue
        found = hosts.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"
