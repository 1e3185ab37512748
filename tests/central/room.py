"""A reading room for tests of what comes down: real store, desk, engine, orders, link; no screen, no pad."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from central.broker import LocalBroker
from kiosk.clock import StationClock
from kiosk.desk import Cue, Desk, Pace
from kiosk.desk.staff import Devices
from kiosk.engine import Engine
from kiosk.events import BoardRead, Event, Tag, TagKind, TagsOnPad
from kiosk.facts import topic_state
from kiosk.link.downlink import Downlink
from kiosk.link.uplink import Uplink
from kiosk.model import ClockQuality, Item, ItemStatus, Now, Patron, Policy, Rules, Title
from kiosk.orders import Orders
from kiosk.orders.orders import Wires
from kiosk.screens import Screen
from kiosk.settings import LinkSection
from kiosk.store import open_store
from kiosk.store.collection import Collection
from kiosk.store.incoming import CatalogueState, HoldingsReader
from kiosk.store.outbox import OutboxReader
from tests.central.wire import Address, Listener

HANOI = timezone(timedelta(hours=7))
RULES = Rules(default=Policy(3, 14, 1))
CARD, STICKER = "5832D31C", "045ADFA4808BF3"
QUICK = Pace(idle=60_000, goodbye=50, linger=50, message=50, rate=0)


class Room:
    """One station. `look` and `rows` read its database beside it, as a person with a shell would."""

    def __init__(
        self,
        folder: Path,
        broker: LocalBroker | Address,
        name: str = "kiosk-1",
        *,
        library: str = "",
        patience_s: float = 60.0,
        **link: Any,
    ) -> None:
        self.name = name
        self._broker = broker
        self.path = folder / "station.db"
        self.screens: list[Screen] = []
        self.cues: list[Cue] = []
        self.restarts = 0
        self.syncs = 0
        self.store = open_store(self.path, kiosk=name, wall=datetime.now(HANOI))
        self.devices = Devices(("pad", "lamp"))
        self.desk = Desk(store=self.store, rules=RULES, pace=QUICK, devices=self.devices)
        self.downlink = Downlink(
            kiosk=name,
            library=library,
            holdings=lambda: HoldingsReader(self.path),
            post=self._post,
            patience_s=patience_s,
        )
        self.engine = Engine(
            desk=self.desk,
            store=self.store,
            clock=StationClock(self.store.boot),
            present=lambda shown: self.screens.append(shown.screen),
            cue=self.cues.append,
            nudge=self._nudge,
            orders=Orders(
                store=self.store,
                desk=self.desk,
                rules=RULES,
                clock=StationClock(self.store.boot),
                cue=self.cues.append,
                wires=Wires(
                    say=self._say,
                    nudge=self._nudge,
                    sync=self._sync,
                    restart=self._restart,
                    board=lambda of: self.engine.post(BoardRead(of, {"heat": "41 °C"})),
                    devices=lambda: {line.device: line.cause for line in self.devices.lines},
                ),
            ),
        )
        values = {"host": broker.host, "port": broker.port, "resend_s": 0.5} | link
        self.uplink = Uplink(
            kiosk=name,
            link=LinkSection.model_validate(values),
            outbox=lambda: OutboxReader(self.path),
            post=self.engine.post,
            version="1.2.3",
            downlink=self.downlink,
        )
        self._reader = HoldingsReader(self.path)

    def stock(self, *, titles: int = 1, items: int = 1) -> None:
        """Put a child and some books in, before anything runs."""
        with self.store.begin(self.now()) as work:
            collection = Collection(work)
            of = [Title(f"home-{n}", f"Sách nhà {n}", "Tô Hoài", "vi", 0, "red") for n in range(titles)]
            collection.put_titles(of)
            collection.put_items(
                (Item(f"HOME-{n}", of[n % titles], ItemStatus.LENDABLE), STICKER if n == 0 else None)
                for n in range(items)
            )
            collection.put_patrons([(Patron("BD-1", "Mây", "cat", "tieu-hoc", 2018), CARD)])
            work.commit()

    def start(self, *, linked: bool = True) -> Room:
        self.screens.append(self.engine.first().screen)
        self.engine.start()
        self.pad()
        if linked:
            self.uplink.start()
        return self

    def now(self) -> Now:
        return Now(datetime.now(HANOI), 1000, self.store.boot, ClockQuality.NTP)

    def pad(self, *uids: str) -> None:
        """What lies on the pad from now on."""
        kinds = {8: TagKind.CLASSIC, 14: TagKind.ULTRALIGHT}
        self.engine.post(TagsOnPad(frozenset(Tag(uid, kinds[len(uid)]) for uid in uids)))

    @property
    def screen(self) -> Screen:
        return self.screens[-1]

    @property
    def catalogue(self) -> CatalogueState:
        return self._reader.state()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._reader._read(statement, *values)

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """The data of the facts of a type, as they wait in the outbox or have gone."""
        with OutboxReader(self.path) as outbox:
            events = [json.loads(row.payload) for row in outbox.pending(0, 10_000)]
        return [event["data"] for event in events if event["type"] == f"gocdoc.{kind}.v1"]

    def until(self, reached: Callable[[], bool], seconds: float = 40.0, what: str = "") -> None:
        limit = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < limit, (
                f"never happened: {what}; {self.uplink.status}; {self.screens[-3:]}"
            )
            time.sleep(0.01)

    def until_linked(self) -> None:
        """Until the broker has its birth, and so knows what it wants to hear."""
        with Listener(self._broker, topic_state(self.name)) as listener:
            listener.until(lambda: any(b'"online":true' in payload for _, payload, _ in listener.heard))

    def close(self) -> None:
        self.uplink.stop()
        self.engine.stop()
        self._reader.close()
        self.store.close()

    def _say(self, name: str, payload: bytes) -> None:
        self.downlink.say(name, payload)
        self.uplink.nudge()

    def _post(self, event: Event) -> None:
        self.engine.post(event)

    def _nudge(self) -> None:
        self.uplink.nudge()

    def _sync(self) -> None:
        self.syncs += 1
        self.uplink.sync()

    def _restart(self) -> None:
        self.restarts += 1
