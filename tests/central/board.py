"""The pages over a database the test fills, and somebody in front of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import insert

from central.announce import Change
from central.delivery import Delivery
from central.errors import BrokerTrouble
from central.ingest import IngestStatus
from central.ledger import Ledger
from central.pages.app import create_app
from central.people import accounts
from central.people.accounts import Role
from central.people.tables import plan
from central.store import CentralStore
from kiosk.facts import Fact, envelope, topic_events, topic_state
from kiosk.news import Notice

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=HANOI)
HOSTILE = "<script>alert('1')</script>&\"'"
PASSWORD = "dế mèn thích phiêu lưu"


class Board:
    """The pages. Its clock stands still at NOW until the test moves it."""

    def __init__(self, store: CentralStore) -> None:
        self.store = store
        self.status = IngestStatus(connected=True)
        self.now = NOW
        self.told: dict[str, tuple[Notice, ...]] = {}
        self.alert_trouble = ""
        self.courier_trouble = ""
        self._seq: dict[str, int] = {}
        self._app = create_app(
            store,
            lambda: self.status,
            lambda: self.now,
            news=self._news,
            alert_trouble=lambda: self.alert_trouble,
            courier_trouble=lambda: self.courier_trouble,
            metrics_token="of prometheus",
        )
        self.client = self.browser()

    def browser(self, host: str = "localhost", peer: str = "127.0.0.1") -> TestClient:
        """Another browser, by default at the centre's own machine."""
        return TestClient(self._app, base_url=f"http://{host}", client=(peer, 50000), follow_redirects=False)

    # --- what stations say -------------------------------------------------------------------------

    def say(
        self, station: str, *facts: Fact, minutes_ago: int = 0, clock: str = "ntp", library: str = ""
    ) -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        batch = []
        for fact in facts:
            seq = self._seq[station] = self._seq.get(station, 0) + 1
            event = envelope(
                fact,
                kiosk=station,
                epoch="e1",
                seq=seq,
                boot=1,
                mono=seq,
                clock=clock,
                wall=at,
                library=library,
            )
            batch.append(Delivery(topic_events(station, fact.cls), event.to_json()))
        Ledger(self.store, lambda: at.astimezone(UTC)).take(batch)

    def birth(self, station: str, *, minutes_ago: int = 0, **more: object) -> None:
        state: dict[str, object] = {"online": True, "session": "s1", "epoch": "e1", "version": "0.1.0"}
        state |= {"next_seq": self._seq.get(station, 0) + 1} | more
        self.take(topic_state(station), json.dumps(state).encode(), minutes_ago)

    def gone(self, station: str, *, minutes_ago: int = 0) -> None:
        self.take(topic_state(station), json.dumps({"online": False, "session": "s1"}).encode(), minutes_ago)

    def skip(self, station: str, numbers: int) -> None:
        self._seq[station] = self._seq.get(station, 0) + numbers

    def take(self, topic: str, payload: bytes, minutes_ago: int = 0) -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        Ledger(self.store, lambda: at.astimezone(UTC)).take([Delivery(topic, payload)])

    def plan(self, station: str, away_h: int, place: str = "") -> None:
        with self.store.writing() as connection:
            connection.execute(insert(plan).values(station=station, place=place, away_h=away_h))

    # --- what people do ----------------------------------------------------------------------------

    def employ(self, name: str = "hoa", role: Role = Role.LIBRARIAN) -> None:
        with self.store.writing() as connection:
            accounts.add(connection, name, role, PASSWORD, self.now)

    def log_in(
        self, name: str = "hoa", password: str = PASSWORD, client: TestClient | None = None
    ) -> Response:
        client = client or self.client
        token = token_in(client.get("/login").text)
        return client.post("/login", data={"token": token, "name": name, "password": password, "next": "/"})

    def at_work(self, role: Role = Role.LIBRARIAN, name: str = "hoa") -> Board:
        """Somebody of this role is logged in."""
        self.employ(name, role)
        assert self.log_in(name).status_code == 303
        return self

    def send(self, path: str, page: str = "/me", **fields: str) -> Response:
        """Send a form, with the token that our page gave."""
        token = token_in(self.client.get(page).text)
        return self.client.post(path, data={"token": token} | fields)

    def text(self, path: str = "/") -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def _news(self, station: str, change: Change | None) -> tuple[Notice, ...]:
        if not self.status.connected:
            raise BrokerTrouble("no connection to the broker")
        there = self.told.get(station, ())
        if change is not None:
            there = self.told[station] = tuple(change(there))
        return there


def token_in(page: str) -> str:
    """The hidden token of a page's form."""
    return re.findall(r'name="token" value="([^"]+)"', page)[0]


def words_of(markup: str) -> str:
    """What somebody reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", f"<{markup}"))


def rows_of(page: str) -> dict[str, Any]:
    """The rows of a table of uses: name -> what stands in its cells."""
    found = re.findall(r'<tr><th scope="row">([^<]*)</th>(.*?)</tr>', page, re.S)
    return {
        name: [_plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for name, row in found
    }


def _plain(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup).strip()
