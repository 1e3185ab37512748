"""The other Python drivers of the RC522, unmodified, on the same chip-level model and its clock.

They run on stand-ins for RPi.GPIO, spidev and time that exist only while they are imported. None of them has
an inventory. What their users call a read is one look: `look` does what each one's own example does.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hardware.simulated.spidev import InProcessSpi

LOCK = Path(__file__).with_name("peers.lock")
FOLDER = Path(__file__).resolve().parents[2] / "var" / "bench-peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """One driver: `look` answers with what it takes for a UID as hex, "" when it saw nothing."""

    name: str
    look: Callable[[], str]


def fetched() -> Path:
    """The folder with the drivers of peers.lock; brought in once, each checked by its hash."""
    stamp = FOLDER / "lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for requirement in ("mfrc522-python", "pi-rc522"):
            own = FOLDER / f"{requirement}.txt"
            own.write_text(_only(requirement), encoding="utf-8")
            pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
            kept = ["--require-hashes", "--only-binary", ":all:", "--upgrade", "-r", str(own)]
            subprocess.run([*pip, *kept, "--target", str(FOLDER / requirement)], check=True)
        stamp.write_bytes(LOCK.read_bytes())
    return FOLDER


def _only(requirement: str) -> str:
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{requirement}=="))
    return "\n".join(lines[at : at + 2]) + "\n"


def old(spi: InProcessSpi, sleep: Callable[[float], None]) -> Peer:
    """`mfrc522` 0.0.7, as installed beside the station for its register map."""
    chip = _imported("mfrc522.MFRC522", None, spi, sleep).MFRC522()

    def look() -> str:
        status, _ = chip.MFRC522_Request(chip.PICC_REQIDL)
        if status != chip.MI_OK:
            return ""
        status, uid = chip.MFRC522_Anticoll()
        return bytes(uid).hex().upper() if status == chip.MI_OK else ""

    return Peer("mfrc522 0.0.7", look)


def maintained(spi: InProcessSpi, sleep: Callable[[float], None]) -> Peer:
    """`mfrc522-python` 0.0.9."""
    chip = _imported("mfrc522.MFRC522", fetched() / "mfrc522-python", spi, sleep).MFRC522()

    def look() -> str:
        status, _ = chip.Request(chip.PICC_REQIDL)
        if status != chip.MI_OK:
            return ""
        status, uid = chip.Anticoll()
        return bytes(uid).hex().upper() if status == chip.MI_OK else ""

    return Peer("mfrc522-python 0.0.9", look)


def with_irq(spi: InProcessSpi, sleep: Callable[[float], None]) -> Peer:
    """`pi-rc522` 2.3.0, its `read_id`."""
    chip = _imported("pirc522.rfid", fetched() / "pi-rc522", spi, sleep).RFID(pin_irq=None)

    def look() -> str:
        uid = chip.read_id()
        return bytes(uid).hex().upper() if uid else ""

    return Peer("pi-rc522 2.3.0", look)


ALL = (old, maintained, with_irq)


def _imported(name: str, folder: Path | None, spi: InProcessSpi, sleep: Callable[[float], None]) -> Any:
    """The module, from `folder` or from the environment, on stand-ins; `sys.modules` stays as it was."""
    package = name.partition(".")[0]
    gpio, rpi, spidev = ModuleType("RPi.GPIO"), ModuleType("RPi"), ModuleType("spidev")
    gpio.__dict__.update(
        OUT=0, IN=1, PUD_UP=2, FALLING=3, BOARD=10, BCM=11, getmode=lambda: None, setmode=lambda mode: None,
        setup=lambda pin, way, **more: None, output=lambda pin, level: None, cleanup=lambda: None,
        add_event_detect=lambda pin, edge, **more: None,
    )  # fmt: skip
    rpi.__dict__["GPIO"] = gpio
    spidev.__dict__["SpiDev"] = lambda: spi
    ours = {"RPi": rpi, "RPi.GPIO": gpio, "spidev": spidev}
    before = {key: value for key, value in sys.modules.items() if key in ours or _of(key, package)}
    for key in before:
        del sys.modules[key]
    sys.modules.update(ours)
    if folder is not None:
        sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(name)
    finally:
        if folder is not None:
            sys.path.remove(str(folder))
        for key in [key for key in sys.modules if key in ours or _of(key, package)]:
            del sys.modules[key]
        sys.modules.update(before)
        importlib.invalidate_caches()
    for word in ("sleep", "time"):
        if hasattr(module, word):
            setattr(module, word, sleep if word == "sleep" else _clock(sleep))
    return module


def _of(key: str, package: str) -> bool:
    return key == package or key.startswith(f"{package}.")


def _clock(sleep: Callable[[float], None]) -> ModuleType:
    stand_in = ModuleType("time")
    stand_in.__dict__["sleep"] = sleep
    return stand_in
