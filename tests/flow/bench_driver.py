"""The bench's real window with touches from outside: one JSON command a line in, one answer a line out.

A program of its own, because Kivy has one window a process and the other tests have theirs.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from hardware.simulated.bench import prepare
from hardware.simulated.bench_library import read_things


def main(socket: Path, library: Path) -> None:
    """Run the window until it is told to stop."""
    prepare(640, 780)
    from kivy.clock import Clock
    from kivy.tests.common import UnitTestTouch

    from hardware.simulated.bench_window import BenchApp

    app = BenchApp(socket, read_things(library), "en")
    floor = app.floor

    def view_of(uid: str) -> Any:
        return floor.pad.view(uid) or floor.cards.view(uid) or floor.books.view(uid)

    def touch(start: tuple[float, float], end: tuple[float, float]) -> None:
        finger = UnitTestTouch(*start)
        finger.touch_down()
        if end != start:
            finger.touch_move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            finger.touch_move(*end)
        finger.touch_up()

    def act(command: dict[str, Any]) -> dict[str, Any]:
        match command["do"]:
            case "click":
                view = view_of(command["uid"])
                at = view.to_window(*view.center)
                touch(at, at)
            case "drag":
                view = view_of(command["uid"])
                pad = floor.pad
                across = pad.x + pad.width * (0.25 if view.thing.is_card else 0.7)  # side by side
                to = (across, pad.center_y) if command["to"] == "pad" else (pad.center_x, 60.0)
                touch(view.to_window(*view.center), to)
            case "key":
                key = {**floor.door.keys, **floor.reader.keys}[command["name"]]
                at = key.to_window(*key.center)
                touch(at, at)
            case "find":
                floor.search.text = command["text"]
            case "shot":
                floor.export_to_png(command["path"])
            case "stop":
                app.stop()
        return {
            "connected": floor.state.connected,
            "lying": [view.thing.uid for view in floor.pad.lying],
            "away": [
                view.thing.uid for tray in (floor.cards, floor.books) for view in tray.things if view.away
            ],
            "found": [view.thing.name for tray in (floor.cards, floor.books) for view in tray.shown],
            "lit": [name for name, key in floor.reader.keys.items() if key.lit],
            "status": floor.status.text,
            "wires": floor.wires.text,
            "traffic": floor.state.transactions_per_s,
        }

    def listen() -> None:
        for line in sys.stdin:
            command = json.loads(line)
            answered = threading.Event()

            def once(
                _: float, command: dict[str, Any] = command, answered: threading.Event = answered
            ) -> None:
                sys.stdout.write(json.dumps(act(command)) + "\n")
                sys.stdout.flush()
                answered.set()

            Clock.schedule_once(once)
            answered.wait(10)

    Clock.schedule_once(lambda _: threading.Thread(target=listen, daemon=True).start(), 0.3)
    app.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
