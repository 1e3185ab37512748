"""`kiosk door`: what the doorway sees, without a station."""

from __future__ import annotations

import json
import logging
import queue
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, Json, Seconds, SettingsFile, until
from kiosk.errors import StationError
from kiosk.events import Event, ExtraBack, ExtraLost
from kiosk.settings import load

if TYPE_CHECKING:
    from hardware.door.passage import NotCounted, Passed

app = typer.Typer(help="The doorway.", no_args_is_help=True)


class DoorError(StationError, OSError):
    """The doorway cannot be watched; says what is missing."""


@app.command("watch")
def watch(
    settings: SettingsFile = DEFAULT_SETTINGS, json_lines: Json = False, seconds: Seconds = 0.0
) -> None:
    """Print one line for everybody who passes, and for whatever does not count, and why. Counts nothing."""
    chosen = load(settings)
    if not chosen.door.enabled:
        raise DoorError(f"{settings}: the door is switched off: [door] enabled = true")
    bootstrap.refuse_when_running(chosen)
    logging.getLogger("hardware").propagate = False  # what happens stands in the lines
    logging.getLogger("hardware").addHandler(logging.NullHandler())
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def outcome(seen: Passed | NotCounted) -> None:
        events.put(seen)

    with bootstrap.opened_pins(chosen) as pins:
        if pins is None and chosen.door.kind != "tof":
            raise DoorError("there are no pins here: 'kiosk doctor' says what is missing")
        try:
            door = bootstrap.door_of(chosen, events.put, pins, watch=outcome)
        except OSError as error:
            raise DoorError(str(error)) from error
        with door:
            try:
                for event in until(events, seconds):
                    told = _json(event) if json_lines else _words(event)
                    if told:
                        print(told, flush=True)
            except KeyboardInterrupt:
                print(file=sys.stderr)


def _facts(event: Event | Passed | NotCounted) -> dict[str, Any]:
    from hardware.door.passage import NotCounted, Passed

    match event:
        case Passed(direction=direction, took_s=took_s):
            return {"state": "passed", "direction": direction.value, "seconds": round(took_s, 2)}
        case NotCounted(why=why, took_s=took_s):
            return {"state": "not counted", "why": why.value, "seconds": round(took_s, 2)}
        case ExtraLost(cause=cause):
            return {"state": "not working", "cause": cause}
        case ExtraBack():
            return {"state": "working again"}
    return {}  # Crossed says what Passed has said


def _words(event: Event | Passed | NotCounted) -> str:
    facts = _facts(event)
    if not facts:
        return ""
    clock = f"{datetime.now():%H:%M:%S}"
    match facts["state"]:
        case "passed":
            return f"{clock}  {facts['direction']}  ({facts['seconds']} s)"
        case "not counted":
            return f"{clock}  nobody: {facts['why']}  ({facts['seconds']} s)"
        case "not working":
            return f"{clock}  NOT WORKING  {facts['cause']}"
    return f"{clock}  working again"


def _json(event: Event | Passed | NotCounted) -> str:
    facts = _facts(event)
    moment = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return json.dumps({"time": moment, **facts}, ensure_ascii=False) if facts else ""
