"""A scripted day of a station, with everything that goes up and down, and all of it kept on the wire.

The child of this day has signs that are found nowhere else, so that they are found wherever they leak.
"""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from central import announce, catalogue, commands, policies
from central.broker import LocalBroker
from central.down import courier
from central.down.courier import Courier
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.overview import counts
from central.store import CentralStore, url_of
from kiosk.catalogue import ItemEntry, TitleEntry
from kiosk.commands import COMMANDS
from kiosk.events import Action, Crossed, Direction, ExtraBack, ExtraLost, ReaderBack, ReaderLost, Tapped
from kiosk.link.health import Health
from kiosk.model import Item, ItemStatus, Patron, Title
from kiosk.screens import Hello, Lent, Returned, Welcome
from kiosk.store.collection import Collection
from kiosk.store.outbox import OutboxReader
from tests.central.room import HANOI, Room
from tests.central.tap import Message, Tap

CHILD = Patron(
    "BD-774193", "Mây Tím Than", "cat", "tieu-hoc", 2013, expires=date(2031, 7, 13), group="4A-ong-vang",
    family="nha-bac-Thin",
)  # fmt: skip
CARD, STICKER, FOREIGN = "B7E1D35A", "04C7E2915B6F80", "9D2C6E41"
BARCODE = "29007741938825"
SECRETS = (CHILD.id, CHILD.nickname, CHILD.group, CHILD.family, CARD, STICKER, FOREIGN, BARCODE)
ITEM = "HOME-7731"
SENT_DOWN = "LK-88123"  # an item of the centre's catalogue


@dataclass(frozen=True, slots=True)
class Day:
    """What was on the wire, and the types of fact the station wrote."""

    bytes: bytes
    messages: tuple[Message, ...]
    types: frozenset[str]
    facts: int
    held: dict[str, Any]  # what the centre has counted


@cache
def lived() -> Day:
    """The day; lived once, however many ask."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gocdoc-day-")))
        broker = stack.enter_context(LocalBroker(folder / "broker"))
        tap = stack.enter_context(Tap(broker))
        (folder / "centre").mkdir()
        store = CentralStore(url_of(folder / "centre"))
        stack.callback(store.close)
        address = BrokerAddress(broker.host, broker.port)
        courier.LOOK_S, looked = 0.1, courier.LOOK_S
        stack.callback(setattr, courier, "LOOK_S", looked)
        for part in (Ingest(Ledger(store), address), Courier(store, address)):
            part.start()
            stack.callback(part.stop)
        room = Room(folder / "station", tap, "kiosk-1", library="MC-01")  # type: ignore[arg-type]
        stack.callback(room.close)
        room.uplink._teller._health = lambda: Health(reader=True, clock="ntp", disk_free=10**9)
        _furnish(room)
        room.start()
        _sent_down(room, store, address)
        _readers(room)
        _troubles(room)
        room.until(lambda: not _left(room), what="an empty outbox")
        with OutboxReader(room.path) as outbox:
            rows = outbox.pending(0, 10_000)
        with store.reading() as connection:
            held = counts(connection)["kiosk-1"]
        types = frozenset(part["type"] for part in map(_decoded, rows))
        room.uplink.stop()
        return Day(tap.bytes, tuple(tap.messages), types, len(rows), held)


def _decoded(row: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(row.payload)
    return whole


def _left(room: Room) -> int:
    with OutboxReader(room.path) as outbox:
        state = outbox.state()
    return state.next_seq - 1 - state.acked


def _furnish(room: Room) -> None:
    with room.store.begin(room.now()) as work:
        collection = Collection(work)
        book = Title("de-men", "Dế Mèn phiêu lưu ký", "Tô Hoài", "vi", 0, "green", "cricket")
        collection.put_titles([book])
        collection.put_items([(Item(ITEM, book, ItemStatus.LENDABLE), None)])
        collection.put_patrons([(CHILD, None)])
        collection.put_barcodes([(CHILD.id, BARCODE)])
        work.commit()
    room.store.bind_item(ITEM, STICKER, room.now())
    room.store.bind_card(CHILD.id, CARD, room.now())


def _sent_down(room: Room, store: CentralStore, address: BrokerAddress) -> None:
    titles = [TitleEntry(f"T-{n}", f"Truyện số {n}", "Tô Hoài", "vi", 5, "green") for n in range(40)]
    catalogue.take_in(store, "all", titles, [ItemEntry(SENT_DOWN, "T-1"), ItemEntry(ITEM, "T-2")])
    policies.put(store, {"default": {"max_loans": 3, "loan_days": 14, "max_renewals": 1}})
    wall = datetime.now(HANOI)
    one = announce.made(
        "Chiều nay có giờ kể chuyện", until=(wall + timedelta(days=1)).isoformat(), begins="", language="",
        picture="", wall=wall,
    )  # fmt: skip
    announce.news(address, "", announce.added(one, wall))
    room.until(lambda: room.catalogue.version == 1 and room.catalogue.loading is None, what="the catalogue")
    room.until(lambda: bool(room.facts("settings.changed")), what="the rules")
    asked: dict[str, dict[str, Any]] = {
        "out_of_order": {"on": False},
        "message": {"text": "Nhớ trả sách nhé"},
    }
    made = [commands.send(store, room.name, name, asked.get(name, {}), by="cô Lan") for name in COMMANDS]

    def answered() -> bool:
        with store.reading() as connection:
            found = [commands.one(connection, one) for one in made]
        return not any(one is None or one.open for one in found)

    room.until(answered, what="an answer to every command")


def _readers(room: Room) -> None:
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello), what="Hello")
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Lent), what="a loan")
    _leave(room)
    room.pad(STICKER)  # brought back by whoever
    room.until(lambda: isinstance(room.screen, Returned), what="a return")
    _leave(room)
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello), what="Hello again")
    room.engine.post(Tapped(Action.HELP))
    room.until(lambda: bool(room.facts("help.called")), what="a call for help")
    _leave(room)
    room.pad(FOREIGN)
    room.until(lambda: not isinstance(room.screen, Welcome), what="a card nobody knows")
    _leave(room)
    for direction in (Direction.IN, Direction.OUT):
        room.engine.post(Crossed(direction))


def _troubles(room: Room) -> None:
    room.engine.post(ExtraLost("lamp", "no answer"))
    room.engine.post(ExtraBack("lamp"))
    room.engine.post(ReaderLost(f"cannot read the tag {STICKER}"))
    room.engine.post(ReaderBack())
    room.until(lambda: len(room.facts("device.recovered")) == 2, what="recoveries")


def _leave(room: Room) -> None:
    room.pad()
    room.until(lambda: isinstance(room.screen, Welcome), what="Welcome")
