"""`kiosk board`: how the board is. A station may be running."""

from __future__ import annotations

import json
from dataclasses import asdict

from kiosk.cli.options import DEFAULT_SETTINGS, Json, SettingsFile
from kiosk.settings import Settings, load


def board(settings: SettingsFile = DEFAULT_SETTINGS, json_lines: Json = False) -> None:
    """Print temperature, power, memory, card and clock; what worries comes last, with its remedy."""
    from hardware.board import Board, in_words, worries

    chosen = load(settings) if settings.exists() else Settings()
    readings = Board(data=chosen.station.data).read()
    found = worries(readings)
    if json_lines:
        told = {**asdict(readings), "worries": [asdict(one) for one in found]}
        print(json.dumps(told, ensure_ascii=False, default=str))
        return
    for what, words in in_words(readings):
        print(f"{what:12}  {words}")
    for worry in found:
        print(f"{worry.severity.value.upper():12}  {worry.words}")
