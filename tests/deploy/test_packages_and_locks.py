import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
DEPLOY = HOME / "deploy"
LOCKS = sorted((DEPLOY / "lock").glob("*.lock"))


def locked(lock: Path) -> dict[str, list[str]]:
    """Each package with its version: the hashes it may have."""
    packages: dict[str, list[str]] = {}
    entry = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith("    --hash="):
            packages[entry].append(line.strip(" \\").removeprefix("--hash="))
        elif line.strip() and not line.startswith("#"):
            entry = line.split(" ")[0]
            packages[entry] = []
    return packages


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_locked_package_has_one_version_and_a_hash(lock: Path) -> None:
    packages = locked(lock)
    assert len(packages) > 20
    for entry, hashes in packages.items():
        assert re.fullmatch(r"[a-z0-9._-]+==[A-Za-z0-9._+!-]+", entry), entry
        assert hashes, f"{entry} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), entry


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_the_reader_package_is_locked_and_nothing_that_fights_for_the_pins(lock: Path) -> None:
    names = {entry.partition("==")[0].replace(".", "-").replace("_", "-") for entry in locked(lock)}
    assert {"mfrc522", "gpiozero", "kivy", "setuptools"} <= names
    assert not names & {"rpi-gpio", "rpi-lgpio"}, "the system brings one of them, never both"
    assert not names & {"spidev", "lgpio"}, "no wheels everywhere: the system brings them"


def test_what_runs_is_part_of_what_is_tested() -> None:
    run, dev = (locked(DEPLOY / "lock" / f"{name}.lock") for name in ("run", "dev"))
    assert run.items() <= dev.items()


def test_packages_are_names_by_purpose_each_with_its_reason() -> None:
    sections: dict[str, list[str]] = {}
    section = ""
    for line in (DEPLOY / "packages.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if heading := re.fullmatch(r"\[([a-z]+)\]", line):
            section = heading[1]
            assert section not in sections
            sections[section] = []
            continue
        package = re.fullmatch(r"(\??[a-z0-9][a-z0-9.+-]+) +# \S.*", line)
        assert package, f"{line!r}: a package's name, and after '# ' what it is for"
        sections[section].append(package[1])
    assert {"python", "screen", "pins", "cage", "central", "test"} <= sections.keys()
    every = [name for names in sections.values() for name in names]
    assert len(every) == len(set(every))
    assert "?python3-lgpio" in sections["pins"], "plain Debian has no python3-lgpio"


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()],
    ids=lambda path: str(path.relative_to(DEPLOY)),
)
def test_nothing_names_a_registry_a_mirror_or_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://[a-z0-9]", text, re.IGNORECASE)
    assert not re.search(r"\b[a-z0-9-]+\.(?:org|net|io|dev|vn)\b", text, re.IGNORECASE)
    assert not re.search(r"^\s*(?:--index-url|--extra-index-url|--find-links|-i)\b", text, re.MULTILINE)
