"""The running station: its parts, started in order and stopped in reverse.

It builds the station from its settings, starts the parts in order and stops them in reverse. Extras
(extras.py) and the link are each built on their own: a broken one is named and left out, and lending goes on.
"""

from __future__ import annotations

import logging
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import __version__
from kiosk.bootstrap.devices import pad_of
from kiosk.bootstrap.extras import Extras, names_of
from kiosk.bootstrap.from_centre import downlink_of, wires_of
from kiosk.bootstrap.health import HealthBook
from kiosk.bootstrap.narrator import Narrator, speaks
from kiosk.bootstrap.places import covers_of, opened_store, pin_file_of
from kiosk.clock import StationClock
from kiosk.desk import Cue, Customs, Desk, Pace
from kiosk.desk.staff import Devices, StaffRoom
from kiosk.engine import Engine
from kiosk.events import Event
from kiosk.facts import StationStarted
from kiosk.link.uplink import Uplink
from kiosk.model import ClockQuality
from kiosk.notify import Watchdog
from kiosk.orders import Orders
from kiosk.ports import Errand
from kiosk.screens import Look, OutOfOrder, Shown
from kiosk.settings import Settings, VisitSection
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader
from kiosk.upkeep import Upkeep
from kiosk.words import languages, spoken_here, use

if TYPE_CHECKING:
    from hardware.errands import Errands
    from ui.app import StationApp
    from ui.widgets.button import Choice

log = logging.getLogger(__name__)


def pace_of(visit: VisitSection) -> Pace:
    """The desk's pace, from seconds to milliseconds."""
    return Pace(
        idle=visit.idle_s * 1000,
        still_there=visit.still_there_s * 1000,
        goodbye=visit.goodbye_s * 1000,
        message=visit.message_s * 1000,
        undo=visit.undo_s * 1000,
        most_at_once=visit.most_at_once,
        session=visit.session_s * 1000,
        rate=Pace().rate if visit.rating else 0,
    )


def customs_of(settings: Settings) -> Customs:
    """How this library receives children."""
    return Customs(**settings.ways.model_dump(), young_slow_until_age=settings.visit.young_slow_until_age)


class Station:
    """Everything that runs, in the order it was started; `close` stops it in reverse."""

    def __init__(self, settings: Settings, store: StationStore, clock: StationClock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._stack = ExitStack()
        self._uplink: Uplink | None = None
        self._errands: Errands | None = None
        self._watchdog: Watchdog | None = None
        self._app: StationApp | None = None
        pace, devices = pace_of(settings.visit), Devices(names_of(settings))
        staff = StaffRoom(
            category=settings.staff.category, pin=pin_file_of(settings), devices=devices, pace=pace
        )
        desk = Desk(
            store=store,
            rules=settings.lending.to_rules(),
            pace=pace,
            customs=customs_of(settings),
            languages=languages(),
            language=spoken_here(settings.station.language),
            can_speak=speaks(settings),
            gate=any(reader.gate != "none" for reader in settings.pad.readers),
            devices=devices,
            staff=staff,
        )
        self._downlink = downlink_of(settings, store, self._post)
        wires = wires_of(
            settings, self._downlink, devices, post=self._post, nudge=self._nudge, sync=self._sync
        )
        self.engine = Engine(
            desk=desk,
            store=store,
            clock=clock,
            present=self._present,
            cue=self._cue,
            nudge=self._nudge,
            errand=self._errand,
            tick=self._tick,
            orders=Orders(
                store=store,
                desk=desk,
                rules=settings.lending.to_rules(),
                clock=clock,
                cue=self._cue,
                wires=wires,
            ),
        )
        self._extras = Extras(
            settings, self.engine.post, self._stack, wall=self._time_of_day, switch=self._switch
        )
        self._upkeep = Upkeep(store, lambda: desk.rules)
        self._health = HealthBook(devices, self._extras.readings)
        self.narrator = Narrator(speak=self._extras.speak, mode=settings.speaker.voice)

    def start(self, app: StationApp, beat: Callable[[], float]) -> None:
        """Report the start, then bring up desk, link, pad and extras. `beat`: the screen's last move."""
        from hardware.errands import Errands
        from hardware.worker import PadWorker

        self._app = app
        with self._store.begin(self._clock.now()) as work:
            work.report(StationStarted(version=__version__))
            work.commit()
        self.engine.start()
        self._stack.callback(self.engine.stop)
        settings = self._settings
        if settings.link.enabled:
            self._uplink = self._extras.one("link", self._make_uplink)
        self._extras.start()
        pad = pad_of(settings, self._extras.pins)
        self._errands = Errands(pad, self.engine.post)
        worker = PadWorker(
            pad,
            self.engine.post,
            polls_per_second=settings.pad.polls_per_second,
            settle_ms=settings.pad.settle_ms,
            removed_ms=settings.pad.removed_ms,
            errands=self._errands,
        )
        worker.start()
        self._stack.callback(worker.stop)
        self._watchdog = Watchdog({"pad": lambda: worker.heartbeat, "screen": beat})
        self._watchdog.ready()

    def touched(self) -> None:
        """A finger landed on the glass: a quiet tick, and the words end. From the screen's thread."""
        self._extras.tick()

    def dressed(self, shown: Shown) -> Shown:
        """The screen as this station shows it to everybody, where a child did not ask for more."""
        screen, look = self._settings.screen, shown.look
        look = Look(look.contrast or screen.contrast, look.large or screen.large, look.spoken)
        return replace(shown, look=look)

    def focused(self, choice: Choice, language: str) -> None:
        """The ring of keys and switches came to a target. From the screen's thread."""
        self.narrator.focused(choice.words, language)

    def _switch(self, name: str) -> None:
        if self._app is not None:
            self._app.switch(name)

    def close(self) -> None:
        """Stop everything, the last started first."""
        if self._watchdog is not None:
            self._watchdog.stopping()
        self._stack.close()

    def _make_uplink(self) -> Uplink:
        uplink = Uplink(
            kiosk=self._settings.station.id,
            link=self._settings.link,
            outbox=lambda: OutboxReader(self._store.path),
            post=self.engine.post,
            version=__version__,
            downlink=self._downlink,
            health=self._health.health,
        )
        uplink.start()
        self._stack.callback(uplink.stop)
        return uplink

    def _time_of_day(self) -> time | None:
        now = self._clock.now()
        return None if now.quality is ClockQuality.FREE else now.wall.time()

    def _present(self, shown: Shown) -> None:
        self._extras.touched()
        if self._app is not None:
            self._app.present(self.dressed(shown))
        self.narrator.shown(shown)

    def _cue(self, cue: Cue) -> None:
        self._extras.cue(cue.value, self.narrator.sound(cue))
        self.narrator.cue(cue)

    def _errand(self, errand: Errand) -> None:
        if self._errands is not None:
            self._errands.give(errand)

    def _nudge(self) -> None:
        if self._uplink is not None:
            self._uplink.nudge()

    def _sync(self) -> None:
        if self._uplink is not None:
            self._uplink.sync()

    def _post(self, event: Event) -> None:
        self.engine.post(event)

    def _tick(self) -> None:
        now = self._clock.now()
        self._health.look(now)
        if self._upkeep.look(now):
            self._nudge()
        self._extras.look()
        if self._watchdog is not None:
            self._watchdog.tick()


def open_window(
    settings: Settings, post: Callable[[Any], None], first: Shown, station: Station | None = None
) -> StationApp:
    """The window, not yet running; it tells `station` of fingers, keys and switches, where there is one."""
    from ui import window

    screen = settings.screen
    window.prepare(
        width=screen.width,
        height=screen.height,
        dpi=screen.dpi,
        rotation=screen.rotation,
        fullscreen=screen.fullscreen,
        fps=screen.fps,
        left=screen.left,
        top=screen.top,
        home=_home_of(settings),
    )
    from ui.app import StationApp

    if station is None:
        return StationApp(post=post, covers=covers_of(settings), first=first)
    return StationApp(
        post=post,
        covers=covers_of(settings),
        first=station.dressed(first),
        can_speak=speaks(settings),
        focused=station.focused,
        touched=station.touched,
        scan_s=screen.scan_s,
    )


def _home_of(settings: Settings) -> Path:
    """Where Kivy may write: beside the data or, when nothing can be written there, in a folder for now."""
    home = settings.station.data / "kivy"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="gocdoc-kivy-"))
    return home


def end_on_signal(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT close the window, and with it the station, in good order."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def run_station(settings: Settings, inspect: Path | None = None) -> None:
    """Run the station until its window is closed. Raises StationError when it cannot begin."""
    use(settings.station.data)
    with ExitStack() as stack:
        store, clock = stack.enter_context(opened_store(settings))
        station = Station(settings, store, clock)
        first = station.engine.first()
        station.narrator.shown(first)
        app = open_window(settings, station.engine.post, first, station)
        stack.callback(station.close)
        end_on_signal(app.stop)
        station.start(app, lambda: app.heartbeat)
        if inspect is not None:  # last: whoever looks through it finds every device started
            from ui.inspection import Inspection

            inspection = Inspection(app, inspect)
            inspection.start()
            stack.callback(inspection.stop)
        app.run()


def show_out_of_order(settings: Settings, cause: str, seconds: float = 60.0) -> None:
    """Tell children kindly that the station is shut, when it cannot even begin; then let it be restarted.

    The librarian finds the cause below it, in small print.
    """
    use(settings.station.data)
    closed = OutOfOrder(cause.splitlines()[0][:300] if cause else "")
    app = open_window(settings, lambda event: None, Shown(1, closed, spoken_here(settings.station.language)))
    end_on_signal(app.stop)
    enough = threading.Timer(seconds, app.stop)
    enough.daemon = True  # told to end sooner, the process must not wait for it
    enough.start()
    log.info("the panel says that the station is out of order, for %g s", seconds)
    app.run()
