"""`kiosk devices`: what is plugged in, which driver fits, and the settings that use it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, Json, SettingsFile
from kiosk.settings import Settings, load
from kiosk.settings.edit import change_file
from kiosk.settings.pad import ReaderSection

if TYPE_CHECKING:
    from hardware.discovery import Found

_BELONGS = {
    "rc522": {"bus", "device", "speed_hz", "gain", "reset_pin", "irq_pin"},
    "pn532": {"port", "baud"},
    "feig": {"port", "baud", "parity", "address", "gate", "secured_afi", "released_afi"},
    "rdm6300": {"port", "baud"},
    "keyboard": {"name", "writes", "order", "layout", "hold_s"},
}
"""Which keys of a reader's section say something to which driver."""


def devices(
    settings: SettingsFile = DEFAULT_SETTINGS,
    write: Annotated[bool, typer.Option("--write", help="put what was found into the settings")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="with --write: do not ask")] = False,
    json_lines: Json = False,
) -> None:
    """List what is plugged in and which driver fits; --write puts it into the settings."""
    chosen = load(settings) if settings.exists() else Settings()
    bootstrap.refuse_when_running(chosen)
    logging.getLogger("hardware").propagate = False  # what was found stands in the lines
    logging.getLogger("hardware").addHandler(logging.NullHandler())
    found = []
    for one in bootstrap.found_devices(chosen):
        found.append(one)
        print(_json(one) if json_lines else _words(one), flush=True)
    if not found:
        print("Nothing is plugged in: no SPI, no serial port, no I2C, no pins.")
    if write:
        _write(settings, found, ask=not yes)
    elif not json_lines:
        for section, values in chosen_settings(found).items():
            print(f"\nsettings that use it:\n[{section}]")
            for key, value in values.items():
                print(f"{key} = {json.dumps(value, ensure_ascii=False)}")


def _words(one: Found) -> str:
    return f"{one.driver or '-':9}  {one.place}: {one.words}"


def _json(one: Found) -> str:
    told = {"place": one.place, "driver": one.driver, "words": one.words}
    return json.dumps({**told, "section": one.section, "settings": one.settings}, ensure_ascii=False)


def chosen_settings(found: list[Found]) -> dict[str, dict[str, str | int | bool]]:
    """The settings for what was found: the first reader is the pad, another one the second.

    A keyboard is never chosen: it may be the staff's own.
    """
    chosen: dict[str, dict[str, str | int | bool]] = {}
    for one in found:
        if not one.section or one.driver == "keyboard":
            continue
        section = one.section
        if section == "pad" and "pad" in chosen:
            if "pad.second" in chosen:
                continue
            section = "pad.second"
        chosen.setdefault(section, dict(one.settings))
    return chosen


def of_another(values: dict[str, str | int | bool]) -> frozenset[str]:
    """Keys that describe another reader than the one to be written: left in the file they would break it."""
    mine = _BELONGS.get(str(values.get("driver")))
    if mine is None:
        return frozenset()
    return frozenset(ReaderSection.model_fields.keys() - mine - {"driver"})


def _write(settings: SettingsFile, found: list[Found], *, ask: bool) -> None:
    chosen = chosen_settings(found)
    if not chosen:
        print("Nothing that a driver fits: the settings are left as they are.")
        return
    for section, values in chosen.items():
        told = ", ".join(f"{key} = {json.dumps(value)}" for key, value in values.items())
        if ask and not typer.confirm(f"[{section}] {told}: write this into {settings}?"):
            continue
        gone = change_file(settings, section, values, without=of_another(values))
        print(f"{settings}: [{section}] {told}")
        if gone:
            print(f"{settings}: [{section}] without {', '.join(gone)}: of another reader")
