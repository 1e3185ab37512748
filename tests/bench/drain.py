"""A backlog drained over 100 ms of round trip: the real uplink, Mosquitto and the centre's own process."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from central.broker import LocalBroker
from tests.bench.row import Row
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.central.slow_wire import SlowWire

ROUND_TRIP_S = 0.1
WINDOW = 100
FACTS = 6_000  # three days of a busy station


def measure() -> Iterator[Row]:
    """Facts a second: one by one beside window / round trip; as it is shipped; with no way between."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as name:
        folder = Path(name)
        with LocalBroker(folder / "broker") as broker:
            centre = Centre(folder / "centre", broker)
            centre.start()
            try:
                with SlowWire(broker, ROUND_TRIP_S) as wire:
                    alone = _drain(folder, "alone", wire, FACTS // 2, packing=False)
                    packed = _drain(folder, "packed", wire, FACTS)
                near = _drain(folder, "near", broker, FACTS)
                held = sum(centre.counts(f"kiosk-{one}")["facts"] for one in ("alone", "packed", "near"))
            finally:
                centre.stop()
    if held != FACTS * 2 + FACTS // 2:
        raise RuntimeError(
            f"the centre holds {held} facts, not {FACTS * 2 + FACTS // 2}: nothing was measured"
        )
    yield Row(
        "drain at 100 ms, one fact a message", "facts/s", alone, WINDOW / ROUND_TRIP_S,
        f"window {WINDOW} / round trip", "at least 0.65",
    )  # fmt: skip
    yield Row(
        f"drain of {FACTS} facts at 100 ms, as shipped", "s", FACTS / packed, 15.0, "the bar", "under 15 s"
    )
    yield Row("the same in facts a second", "facts/s", packed, WINDOW / ROUND_TRIP_S, "window / round trip")
    yield Row("the same without the way", "facts/s", packed, near, "the broker on this machine")


def _drain(
    folder: Path, name: str, broker: SlowWire | LocalBroker, facts: int, *, packing: bool = True
) -> float:
    """Facts a second, from the ingest's being seen to the last confirmation."""
    corner = Corner(folder / name, broker, f"kiosk-{name}", window=WINDOW, resend_s=10.0)
    if not packing:
        corner.uplink._packs = lambda state: False  # type: ignore[method-assign]
    try:
        corner.report(*loans(facts))
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.ingest_online, 20, "the ingest")
        begun = time.perf_counter()
        corner.until_drained(120)
        return facts / (time.perf_counter() - begun)
    finally:
        corner.close()
