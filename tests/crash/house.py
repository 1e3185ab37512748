"""A station, a broker and a centre that are killed and started again, and what must be so afterwards."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from central.broker import LocalBroker
from kiosk.demo.station_books import StationBooks, read_station
from kiosk.store.outbox import OutboxReader
from tests.central.postgres import LocalPostgres
from tests.crash import centre, station
from tests.crash.centre import CentreBooks, Seat, read_books
from tests.crash.programs import Forked
from tests.crash.station import Duty

LASTS_S = 1.5
"""So long a run goes on before everything is pulled at once."""
DRAIN_S = 60.0
RATES = (60.0, 200.0, 600.0)
BACKLOGS = (0, 1_000, 3_000)
TARGETS = (*("station", "centre") * 3, "broker", "broker wiped", "broker restarted")
WITH_SERVER = (*TARGETS, *("database",) * 6)
FORCED = frozenset({"two_live"})
"""Alarms that killing alone may raise: many starts within a minute look like two stations in turns."""


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    facts: int = 0
    shown: int = 0
    redelivered: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


class House:
    """Use as a context. `database`: what `central.toml` names; empty = SQLite. `server`: it is killed too."""

    def __init__(
        self,
        folder: Path,
        template: Path,
        *,
        database: str = "",
        server: LocalPostgres | None = None,
        rate: float = 200.0,
    ) -> None:
        self.server = server
        shutil.copytree(template, folder / "station")
        data = folder / "centre"
        data.mkdir()
        if database:
            (data / "central.toml").write_text(f'database = "{database}"\n')
        self.broker = LocalBroker(folder / "broker")
        self.duty = Duty(folder / "station", self.broker.port, rate)
        self.seat = Seat(data, self.broker.port)
        self._station: Forked | None = None
        self._centre: Forked | None = None

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()

    # --- coming and going ----------------------------------------------------------------------------

    def start_station(self) -> None:
        self._station = Forked(station.run, self.duty)

    def start_centre(self) -> None:
        self._centre = Forked(centre.run, self.seat)

    def start(self) -> None:
        """Everything that is not there."""
        if self.server is not None:
            self.server.start()
        self.broker.start()
        if self._centre is None:
            self.start_centre()
        if self._station is None:
            self.start_station()

    def kill_station(self) -> None:
        ended, self._station = self._station, None
        if ended is not None:
            ended.kill()

    def kill_centre(self) -> None:
        ended, self._centre = self._centre, None
        if ended is not None:
            ended.kill()

    def kill_all(self) -> None:
        """The power of the whole house."""
        self.kill_station()
        self.kill_centre()
        self.broker.kill()
        if self.server is not None:
            self.server.kill()

    @property
    def station_pid(self) -> int:
        assert self._station is not None
        return self._station.pid

    @property
    def centre_pid(self) -> int:
        assert self._centre is not None
        return self._centre.pid

    # --- what is so ----------------------------------------------------------------------------------

    @property
    def outbox_left(self) -> int:
        with OutboxReader(self.duty.database) as outbox:
            state = outbox.state()
        return state.next_seq - 1 - state.acked

    @property
    def shown(self) -> list[str]:
        return self.duty.shown.read_text().split() if self.duty.shown.exists() else []

    def until(self, reached: Callable[[], bool], what: str, seconds: float = DRAIN_S) -> None:
        """Wait until something is so."""
        limit = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < limit, f"never happened within {seconds:.0f} s: {what}"
            time.sleep(0.02)

    def settle(self) -> None:
        """Lend no more, and let everything arrive."""
        self.kill_all()
        self.duty = replace(self.duty, rate=0.0)
        self.start()
        self.until(lambda: not self.outbox_left, f"an empty outbox ({self.outbox_left} are left)")
        self.kill_all()

    def wrongs(self) -> list[str]:
        """Everything that is not as it must be once all has arrived; call it when nothing runs."""
        if self.server is not None:
            self.server.start()
        return self.wrongs_of(read_station(self.duty.database), read_books(self.seat.data))

    def wrongs_of(self, here: StationBooks, there: CentreBooks) -> list[str]:
        """The same by what each side has on record."""
        return [*self._of_both(here, there), *self._of_station(here), *self._of_centre(there)]

    def _of_both(self, here: StationBooks, there: CentreBooks) -> list[str]:
        kept = {fact["id"] for fact in here.facts}
        found = {
            "missing": len(kept - there.ids.keys()),
            "phantom": len(there.ids.keys() - kept),
            "stored twice": sum(n - 1 for n in there.ids.values()),
            "short of the station's last number": here.last_seq - there.upto,
        }
        return [f"{what}: {n}" for what, n in found.items() if n]

    def _of_station(self, here: StationBooks) -> list[str]:
        acts = {fact["data"].get("title") for fact in here.facts}
        out: set[str] = set()
        for fact in here.facts:
            if fact["type"] in {"gocdoc.item.checked_out.v1", "gocdoc.item.returned.v1"}:
                out ^= {fact["data"]["item"]}
        wrong = []
        if lost := [act for act in self.shown if act not in acts]:
            wrong.append(f"shown as done and lost: {len(lost)}, for instance {lost[0]}")
        if out != set(here.loans):
            wrong.append(f"loans without their fact, or facts without their loan: {out ^ set(here.loans)}")
        if here.unconfirmed:
            wrong.append(f"outbox left: {here.unconfirmed}")
        if [fact["seq"] for fact in here.facts] != list(range(1, here.last_seq + 1)):
            wrong.append("the station's numbers are not 1 to the last without a gap")
        if not here.sound:
            wrong.append("the station's database is not sound")
        return wrong

    def _of_centre(self, there: CentreBooks) -> list[str]:
        wrong = []
        for what in ("gaps", "quarantined", "deadletters", "wrong_counters"):
            if n := getattr(there, what):
                wrong.append(f"centre: {n} {what}")
        if alarms := there.alarms - FORCED:
            wrong.append(f"centre: alarms {sorted(alarms)}")
        if not there.sound:
            wrong.append("the centre's database is not sound")
        return wrong


def one_run(
    seed: int,
    folder: Path,
    templates: dict[int, Path],
    *,
    database: str = "",
    server: LocalPostgres | None = None,
) -> Outcome:
    """Everything that happens in a run follows from its seed, but for how far each process has come."""
    chance = random.Random(seed)
    outcome = Outcome(seed)
    began = time.monotonic()
    template = templates[chance.choice(BACKLOGS)]
    with House(folder, template, database=database, server=server, rate=chance.choice(RATES)) as house:
        house.duty = replace(house.duty, window=chance.choice((20, 100, 200)))
        try:
            house.start()
            over = time.monotonic() + LASTS_S
            # The first falls while what has waited is on its way.
            later = [chance.uniform(0.1, LASTS_S) for _ in range(chance.randint(1, 4))]
            moments = [chance.uniform(0.1, 0.6), *later]
            for moment in sorted(moments):
                time.sleep(max(0.0, over - LASTS_S + moment - time.monotonic()))
                _strike(house, chance, outcome)
            time.sleep(max(0.0, over - time.monotonic()))
            outcome.kills["everything at once"] += 1
            house.settle()
            outcome.wrong = house.wrongs()
            books = read_books(house.seat.data)
            outcome.facts, outcome.redelivered = books.ids.total(), books.redelivered
            outcome.shown = len(house.shown)
        except Exception as error:  # what went wrong belongs to its seed
            outcome.wrong.append(f"{type(error).__name__}: {error}")
    outcome.seconds = time.monotonic() - began
    return outcome


def _strike(house: House, chance: random.Random, outcome: Outcome) -> None:
    target = chance.choice(TARGETS if house.server is None else WITH_SERVER)
    pause = chance.choice((0.0, chance.uniform(0.0, 0.25)))
    outcome.kills[target] += 1
    match target:
        case "station":
            house.kill_station()
        case "centre":
            house.kill_centre()
        case "database":
            assert house.server is not None
            house.server.kill()
        case "broker restarted":  # it keeps its sessions, and what waits in them
            house.broker.stop()
        case _:
            house.broker.kill()
            if target == "broker wiped":
                house.broker.wipe()
    time.sleep(pause)
    house.start()
