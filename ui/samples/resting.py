"""A grown-up is called, or the station cannot serve."""

from __future__ import annotations

from kiosk import screens as views
from kiosk.screens import Screen


def screens() -> dict[str, Screen]:
    """Help and rest."""
    return {
        "ask_help": views.AskHelp(),
        "reader_out": views.ReaderOut(),
        "disk_full": views.DiskFull(),
        "out_of_order": views.OutOfOrder(),
        "out_of_order_note": views.OutOfOrder(
            "/etc/gocdoc/station.toml: settings: lamp.green_pin and door.outer_pin both use GPIO17; "
            "give each its own pin"
        ),
    }
