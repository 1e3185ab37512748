"""The register map against the data sheet, and how it was got without touching a wire."""

from __future__ import annotations

import subprocess
import sys

from hardware.rfid.rc522.registers import Command, Reg

DATA_SHEET = {  # NXP MFRC522 rev. 3.9, section 9.2, table 20
    "COMMAND": 0x01,
    "COM_I_EN": 0x02,
    "DIV_I_EN": 0x03,
    "COM_IRQ": 0x04,
    "ERROR": 0x06,
    "STATUS2": 0x08,
    "FIFO_DATA": 0x09,
    "FIFO_LEVEL": 0x0A,
    "CONTROL": 0x0C,
    "BIT_FRAMING": 0x0D,
    "COLL": 0x0E,
    "MODE": 0x11,
    "TX_MODE": 0x12,
    "RX_MODE": 0x13,
    "TX_CONTROL": 0x14,
    "TX_ASK": 0x15,
    "RF_CFG": 0x26,
    "T_MODE": 0x2A,
    "T_PRESCALER": 0x2B,
    "T_RELOAD_H": 0x2C,
    "T_RELOAD_L": 0x2D,
    "VERSION": 0x37,
}
COMMANDS = {"IDLE": 0x0, "MF_AUTHENT": 0xE, "TRANSCEIVE": 0xC, "SOFT_RESET": 0xF}  # table 149

IMPORT_UNDER_WATCH = """
import sys
from types import ModuleType

class Watch:
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] not in {"RPi", "spidev"}, f"{name} was looked for"

sys.meta_path.insert(0, Watch())
present = ModuleType("RPi")
if sys.argv[1] == "present":
    sys.modules["RPi"] = present
names = ("RPi", "RPi.GPIO", "spidev", "mfrc522", "mfrc522.MFRC522", "mfrc522.SimpleMFRC522")
before = {name: sys.modules.get(name) for name in names}
from hardware.rfid.rc522.registers import Reg
assert Reg.VERSION == 0x37
after = {name: sys.modules.get(name) for name in names}
assert before == after, after
"""


def test_every_register_address_is_the_data_sheets():
    assert {register.name: register.value for register in Reg} == DATA_SHEET


def test_every_command_code_is_the_data_sheets():
    assert {command.name: command.value for command in Command} == COMMANDS


def _import_in_a_fresh_process(case: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT_UNDER_WATCH, case], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_no_pin_library_is_looked_for_and_no_stand_in_stays():
    _import_in_a_fresh_process("absent")


def test_modules_that_were_there_before_are_put_back():
    _import_in_a_fresh_process("present")
