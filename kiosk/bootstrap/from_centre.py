"""What a running station does for the centre: fetch what it sends down, and answer how the board is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from kiosk.desk.staff import Devices
from kiosk.events import BoardRead
from kiosk.link.downlink import Downlink
from kiosk.orders.orders import Wires
from kiosk.ports import Post
from kiosk.settings import Settings
from kiosk.store import StationStore
from kiosk.store.incoming import HoldingsReader

_SUPERVISED = "INVOCATION_ID"
"""systemd gives it to whatever it runs (systemd.exec(5)), and starts this station anew when it ends."""


def downlink_of(settings: Settings, store: StationStore, post: Post) -> Downlink:
    """What hears the centre."""
    return Downlink(
        kiosk=settings.station.id,
        library=settings.station.library,
        holdings=lambda: HoldingsReader(store.path),
        post=post,
    )


def wires_of(
    settings: Settings,
    downlink: Downlink,
    devices: Devices,
    *,
    post: Post,
    nudge: Callable[[], None],
    sync: Callable[[], None],
) -> Wires:
    """What orders of the centre can do here."""

    def say(name: str, payload: bytes) -> None:
        downlink.say(name, payload)
        nudge()

    def board(command_id: str) -> None:
        # A card that is dying may answer late: the desk thread does not wait for it.
        threading.Thread(
            target=lambda: post(BoardRead(command_id, _readings(settings))), name="diagnose", daemon=True
        ).start()

    return Wires(
        say=say,
        nudge=nudge,
        sync=sync,
        restart=_end if os.environ.get(_SUPERVISED) else None,
        board=board,
        devices=lambda: {line.device: "" if line.good else line.cause for line in devices.lines},
    )


def _end() -> None:
    """End the station in good order, by the way its supervisor would."""
    os.kill(os.getpid(), signal.SIGTERM)


def _readings(settings: Settings) -> dict[str, Any]:
    from hardware.board import Board
    from hardware.board.words import in_words

    return dict(in_words(Board(data=settings.station.data.absolute()).read()))
