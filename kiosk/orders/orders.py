"""Takes what came from the centre to whom it concerns, and sees when the desk is free for it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk import __version__
from kiosk.desk import Cue, Desk
from kiosk.events import (
    BoardRead,
    CommandCame,
    DeskEvent,
    EditionChosen,
    EditionWhole,
    FromCentre,
    PartCame,
    PolicyCame,
)
from kiosk.model import Now, Rules
from kiosk.orders.commands import Commands, Hands
from kiosk.orders.rulings import Rulings
from kiosk.orders.shelving import Shelving
from kiosk.ports import Clock, StoreError
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader

log = logging.getLogger(__name__)

_TAG_OR_CARD = re.compile(r"\b[0-9A-F]{8,20}\b")


@dataclass(frozen=True, slots=True)
class Wires:
    """How orders reach the rest of the station; each may be called from the desk thread and never blocks.

    `say(name, payload)` answers the centre on a station's result topic; `board(id)` has the board read beside
    this thread and a BoardRead posted; `devices` are those of a librarian's page, with what is wrong.
    `restart` ends the station for its supervisor to start it anew; None where there is no supervisor.
    """

    say: Callable[[str, bytes], None] = lambda name, payload: None
    nudge: Callable[[], None] = lambda: None
    sync: Callable[[], None] = lambda: None
    restart: Callable[[], None] | None = None
    board: Callable[[str], None] = lambda command_id: None
    devices: Callable[[], Mapping[str, str]] = dict


class Orders:
    """Owned by the desk thread, which tells it of every event from the centre, and when it has time."""

    def __init__(
        self, *, store: StationStore, desk: Desk, rules: Rules, clock: Clock, cue: Callable[[Cue], None],
        wires: Wires,
    ) -> None:  # fmt: skip
        self._store, self._desk, self._clock, self._wires = store, desk, clock, wires
        self._rulings = Rulings(store, rules, desk.adopt, lambda payload: wires.say("policy", payload))
        self._shelving = Shelving(store, wires.nudge)
        hands = Hands(
            restart=wires.restart,
            sync=wires.sync,
            shut=desk.shut,
            blink=lambda on: cue(Cue.HELP if on else Cue.OFF),
            diagnose=self._diagnose,
            board=wires.board,
        )
        self._commands = Commands(store, hands, wires.say, store.kiosk)

    def start(self, now: Now) -> None:
        """Take up what was kept. What cannot be read is left out: the settings' rules are there."""
        for part in (self._rulings, self._commands, self._shelving):
            try:
                part.start(now)
            except StoreError as error:
                log.error("what the centre said before cannot be read: %s", error)  # noqa: TRY400

    def take(self, event: FromCentre, now: Now) -> DeskEvent | None:
        """Take one; an event for the desk when the screen may change. Never raises StoreError."""
        try:
            match event:
                case PolicyCame(document=document, source=source):
                    self._rulings.came(document, source, now)
                case CommandCame():
                    return self._commands.came(event, now)
                case BoardRead():
                    self._commands.board_read(event, now)
                case EditionChosen() | PartCame() | EditionWhole():
                    self._shelving.came(event, now)
        except StoreError as error:
            log.warning("what the centre sent could not be kept and will come again: %s", error)
        return None

    def look(self, now: Now) -> DeskEvent | None:
        """After every event, and every two seconds: do what waited. Never raises StoreError."""
        try:
            return self._commands.look(now, free=self._desk.is_free)
        except StoreError as error:
            log.warning("a command of the centre could not be kept and will come again: %s", error)
        return None

    def has_work(self, now: Now) -> bool:
        """Whether a slice of the catalogue can be put in now."""
        return self._desk.is_free and self._shelving.is_busy(now)

    def work(self, now: Now) -> None:
        """Put one slice in."""
        self._shelving.work(now)

    def _diagnose(self) -> dict[str, Any]:
        """How the station is. Nothing of a child, and not even a sticker's number."""
        now, state = self._clock.now(), self._shelving.state
        with OutboxReader(self._store.path) as outbox:
            facts = outbox.state()
        return {
            "version": __version__,
            "boot": now.boot,
            "up_s": now.mono // 1000,
            "clock": now.quality.value,
            "time": now.wall.isoformat(timespec="seconds"),
            "backlog": facts.next_seq - 1 - facts.acked,
            "devices": {
                name: _TAG_OR_CARD.sub("…", cause)[:200] for name, cause in self._wires.devices().items()
            },
            "policies": self._rulings.versions,
            "catalogue": {
                "scope": state.scope,
                "version": state.version,
                "loading": state.loading is not None,
            },
        }
