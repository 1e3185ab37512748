"""A whole reading corner on this machine: broker, centre, simulated wires and the real station.

Every part is the real program in a process of its own. All of it lives in one folder and ends with it.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType

from central.broker import LocalBroker
from hardware.simulated.bench_client import Bench
from hardware.simulated.scanner_device import ScannerDevice
from hardware.simulated.serial_line import SerialLine
from kiosk.demo.central_books import CentralBooks, read_centre
from kiosk.demo.glass import Glass
from kiosk.demo.processes import Program, ProgramFailed, Programs
from kiosk.demo.station_books import StationBooks, read_station
from kiosk.desk.pin import PinFile

STATION = "goc-doc-demo"
LIBRARY = Path(__file__).parent
"""The demonstration library's CSV files lie beside this module."""
LIBRARIAN, PASSWORD = "thu-thu", "sach hay moi ngay"
"""The demonstration's account at the centre's pages; they listen on this machine alone."""
STAFF_CARD, PIN = "5EC2E700", "204060"
"""The demonstration's librarian. Every such corner has this PIN: it is no secret, and guards nothing."""
_STAFF = f"id,nickname,animal,category,birth_year,card\nTHU-THU,Cô Lan,owl,thu-thu,,{STAFF_CARD}\n"
LOAD_S = 6.0
"""Loading the library, most of it drawing covers, takes so long on two cores of a desk computer."""
EMULATED = 2.5
"""So many times slower than an ordinary machine is no ordinary machine."""

START_S = 30.0
"""How long a program may take to be ready on such a machine."""

_SETTINGS = """\
[station]
id = "{station}"
language = "vi"
data = "{data}"

[pad]
wires = "{wires}"

[scanner]
enabled = true
port = "{scanner}"

[ways]
classes = true

[visit]
idle_s = {pace.idle_s}
still_there_s = {pace.still_there_s}
goodbye_s = {pace.goodbye_s}
message_s = {pace.message_s}

[link]
host = "127.0.0.1"
port = {port}
resend_s = 1.0
"""

OFFSCREEN = {"SDL_VIDEODRIVER": "offscreen", "SDL_AUDIODRIVER": "dummy"}
"""A real window with real pixels that no display shows."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the desk waits, in seconds: far shorter than for children, so that an afternoon is short."""

    idle_s: int = 6
    still_there_s: int = 5
    goodbye_s: int = 1
    message_s: int = 3

    def times(self, slowness: float) -> Waits:
        """The same on a slower machine."""
        return Waits(*(math.ceil(seconds * slowness) for seconds in astuple(self)))


class Stage:
    """Use as a context: everything started in it is ended when it is left, whatever happens."""

    def __init__(self, folder: Path, *, waits: Waits | None = None) -> None:
        self.folder = folder
        self.data = folder / "station"
        self.database = self.data / "station.db"
        self.centre = folder / "centre"
        self.settings = folder / "station.toml"
        self._waits = waits or Waits()
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Stage:
        if (self.settings).exists():
            shutil.rmtree(self.folder)  # ours: the settings file of an earlier afternoon lies in it
        self.folder.mkdir(parents=True, exist_ok=True)
        # A Unix socket's name has room for 107 bytes; the folder's own name may be longer than that.
        sockets = Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="gocdoc-")))
        self.wires, self.inspection = sockets / "wires", sockets / "screen"
        self.scanner = ScannerDevice()
        self._scanner_port = sockets / "scanner"
        self._closing.enter_context(SerialLine(self.scanner, self._scanner_port, baud=9600))
        self.programs = self._closing.enter_context(Programs(self.folder / "logs"))
        self.broker = LocalBroker(self.folder / "broker")
        self._closing.callback(self.broker.stop)
        self.port = _free_port()
        self.glass = Glass(self.inspection)
        self._write_settings()
        self._closing.callback(self.glass.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    @property
    def page(self) -> str:
        """The address of the centre's page."""
        return f"http://127.0.0.1:{self.port}/"

    def load_library(self) -> None:
        """Fill the station with the demonstration library. Raises ProgramFailed with what it said.

        How long it takes also tells how slow this machine is, and every deadline follows that.
        """
        began = time.monotonic()
        self._kiosk("demo", "load")
        slowness = max(1.0, (time.monotonic() - began) / LOAD_S)
        # Drawing by software suffers from emulation far more than the loading it is measured by.
        self.glass.slowness = slowness if slowness < EMULATED else 2 * slowness

    def employ_a_librarian(self) -> None:
        """A staff card and its PIN. Raises ProgramFailed."""
        cards = self.folder / "staff.csv"
        cards.write_text(_STAFF, encoding="utf-8")
        self._kiosk("import", "--patrons", str(cards))
        PinFile(self.data / "staff.pin").choose(PIN)

    def _kiosk(self, *words: str) -> None:
        done = subprocess.run(
            _kiosk(*words, "--settings", str(self.settings)), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ProgramFailed(
                f"kiosk {' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}"
            )

    def start(self) -> None:
        """Everything: broker, centre, wires, station; returns when the screen shows something.

        On a slow machine the desk waits longer, or it would take every child for gone.
        """
        self._write_settings()
        self.broker.start()
        self.start_centre()
        self.start_wires()
        self.start_station()

    def give_the_librarian_an_account(self) -> None:
        """Make the account at the centre's pages. Before start_centre."""
        command = [sys.executable, "-m", "central", "people", "add", LIBRARIAN, "--role", "admin"]
        subprocess.run(
            [*command, "--data", str(self.centre)],
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            capture_output=True,
        )

    def start_centre(self) -> Program:
        """The library server, with its page."""
        return self.programs.start(
            "centre",
            [
                *(sys.executable, "-m", "central", "serve", "--data", str(self.centre)),
                *("--broker", self.broker.address, "--port", str(self.port)),
            ],
            ready=lambda: _listens(self.port),
            within=START_S * self.glass.slowness,
        )

    def start_wires(self) -> Program:
        """The simulated wires, and the bench's connection to them."""
        program = self.programs.start(
            "wires",
            [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(self.wires)],
            ready=self.wires.exists,
            within=START_S * self.glass.slowness,
        )
        self.bench = Bench(self.wires)
        self._closing.callback(self.bench.close)
        return program

    def start_station(self, env: Mapping[str, str] = OFFSCREEN) -> Program:
        """The station itself; returns when its screen shows something. `env`: where its window opens."""
        self.station = self.programs.start(
            "station",
            _kiosk("run", "--settings", str(self.settings), "--inspect", str(self.inspection)),
            ready=self.glass.ready,
            within=START_S * self.glass.slowness,
            env=env,
        )
        return self.station

    def kill_station(self) -> None:
        """Pull the station's plug (SIGKILL)."""
        self.programs.kill(self.station)
        self.glass.close()
        self.inspection.unlink(missing_ok=True)

    def books_of_station(self) -> StationBooks:
        """What the station has on record."""
        return read_station(self.database)

    def books_of_centre(self) -> CentralBooks:
        """What the centre has on record."""
        return read_centre(self.centre, STATION)

    def drained(self, within: float) -> bool:
        """Wait until the centre has confirmed every fact; False when it has not within so many seconds."""
        deadline = time.monotonic() + within * self.glass.slowness
        while self.books_of_station().unconfirmed:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _write_settings(self) -> None:
        waits = self._waits.times(self.glass.slowness)
        self.settings.write_text(
            _SETTINGS.format(
                station=STATION,
                data=self.data,
                wires=self.wires,
                scanner=self._scanner_port,
                pace=waits,
                port=self.broker.port,
            ),
            encoding="utf-8",
        )


def _kiosk(*words: str) -> list[str]:
    return [sys.executable, "-m", "kiosk", *words]


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
