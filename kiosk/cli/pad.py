"""`kiosk pad`: what the reader sees, without a station."""

from __future__ import annotations

import json
import logging
import queue
import sys
from datetime import datetime
from typing import Any

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, Json, Seconds, SettingsFile, until
from kiosk.events import Event, ReaderLost, Tag, TagKind, TagsOnPad
from kiosk.settings import load

app = typer.Typer(help="The reader under the pad.", no_args_is_help=True)

_KINDS = {
    TagKind.CLASSIC: "MIFARE Classic",
    TagKind.ULTRALIGHT: "NTAG or Ultralight",
    TagKind.VICINITY: "ISO 15693",
    TagKind.EM4100: "EM4100, 125 kHz",
    TagKind.OTHER: "another kind",
}


@app.command("watch")
def watch(
    settings: SettingsFile = DEFAULT_SETTINGS, json_lines: Json = False, seconds: Seconds = 0.0
) -> None:
    """Print one line at each change: the tags that lie there, none, or why the reader does not work."""
    chosen = load(settings)
    bootstrap.refuse_when_running(chosen)
    from hardware.worker import PadWorker

    logging.getLogger("hardware").propagate = False  # what happens stands in the lines
    logging.getLogger("hardware").addHandler(logging.NullHandler())
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with bootstrap.opened_pins(chosen) as pins:
        worker = PadWorker(
            bootstrap.pad_of(chosen, pins),
            events.put,
            polls_per_second=chosen.pad.polls_per_second,
            settle_ms=chosen.pad.settle_ms,
            removed_ms=chosen.pad.removed_ms,
        )
        worker.start()
        try:
            for event in until(events, seconds):
                told = _json(event) if json_lines else _words(event)
                if told:
                    print(told, flush=True)
        except KeyboardInterrupt:
            print(file=sys.stderr)
        finally:
            worker.stop()


def _words(event: Event) -> str:
    clock = f"{datetime.now():%H:%M:%S}"
    match event:
        case TagsOnPad(tags=tags) if tags:
            return f"{clock}  " + "; ".join(_in_words(tag) for tag in sorted(tags))
        case TagsOnPad():
            return f"{clock}  none"
        case ReaderLost(cause=cause):
            return f"{clock}  NOT WORKING  {cause}"
    return ""


def _in_words(tag: Tag) -> str:
    sak = "" if tag.sak is None else f", SAK {tag.sak:02X}h"
    return f"{tag.uid} ({_KINDS[tag.kind]}, {len(tag.uid) // 2} bytes{sak})"


def _json(event: Event) -> str:
    moment = datetime.now().astimezone().isoformat(timespec="milliseconds")
    told: dict[str, Any]
    match event:
        case TagsOnPad(tags=tags):
            listed = [{"uid": tag.uid, "type": tag.kind.value, "sak": tag.sak} for tag in sorted(tags)]
            told = {"state": "tags" if tags else "none", "tags": listed}
        case ReaderLost(cause=cause):
            told = {"state": "not working", "cause": cause}
        case _:
            return ""
    return json.dumps({"time": moment, **told}, ensure_ascii=False)
