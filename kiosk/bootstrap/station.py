"""The running station: its parts, started in order and stopped in reverse.

It builds the station from its settings, starts the parts in order and stops them in reverse. Extras (door,
lamp, link) are each built on their own: a broken one is named and left out, and lending goes on.
"""

from __future__ import annotations

import logging
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk import __version__
from kiosk.bootstrap.devices import pad_of, pins_of
from kiosk.bootstrap.places import covers_of, opened_store
from kiosk.clock import StationClock
from kiosk.desk import Cue, Desk, Pace
from kiosk.engine import Engine
from kiosk.events import ExtraLost
from kiosk.facts import StationStarted
from kiosk.link.uplink import Uplink
from kiosk.notify import Watchdog
from kiosk.screens import OutOfOrder, Shown
from kiosk.settings import Settings, VisitSection
from kiosk.store import StationStore
from kiosk.store.outbox import OutboxReader

if TYPE_CHECKING:
    from ui.app import StationApp

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
    )


class Station:
    """Everything that runs, in the order it was started; `close` stops it in reverse."""

    def __init__(self, settings: Settings, store: StationStore, clock: StationClock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._stack = ExitStack()
        self._lamp: Any = None
        self._uplink: Uplink | None = None
        self._watchdog: Watchdog | None = None
        self._app: StationApp | None = None
        self.engine = Engine(
            desk=Desk(
                store=store,
                rules=settings.lending.to_rules(),
                pace=pace_of(settings.visit),
                language=settings.station.language,
            ),
            store=store,
            clock=clock,
            present=self._present,
            cue=self._cue,
            nudge=self._nudge,
            tick=self._tick,
        )

    def start(self, app: StationApp, beat: Callable[[], float]) -> None:
        """Report the start, then bring up desk, link, pad and extras. `beat`: the screen's last move."""
        from hardware.worker import PadWorker

        self._app = app
        with self._store.begin(self._clock.now()) as work:
            work.report(StationStarted(version=__version__))
            work.commit()
        self.engine.start()
        self._stack.callback(self.engine.stop)
        settings = self._settings
        pins = self._extra("pins", lambda: pins_of(settings))
        if settings.link.enabled:
            self._uplink = self._extra("link", self._make_uplink)
        if settings.lamp.enabled and pins is not None:
            self._lamp = self._extra("lamp", lambda: self._make_lamp(pins))
        if settings.door.enabled and pins is not None:
            self._extra("door", lambda: self._make_door(pins))
        worker = PadWorker(
            pad_of(settings, pins),
            self.engine.post,
            polls_per_second=settings.pad.polls_per_second,
            settle_ms=settings.pad.settle_ms,
            removed_ms=settings.pad.removed_ms,
        )
        worker.start()
        self._stack.callback(worker.stop)
        self._watchdog = Watchdog({"pad": lambda: worker.heartbeat, "screen": beat})
        self._watchdog.ready()

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
        )
        uplink.start()
        self._stack.callback(uplink.stop)
        return uplink

    def _make_lamp(self, pins: Any) -> Any:
        from hardware.lamp import TwoLamps

        section = self._settings.lamp
        return self._stack.enter_context(TwoLamps(section.green_pin, section.yellow_pin, pin_factory=pins))

    def _make_door(self, pins: Any) -> Any:
        from hardware.beams import TwoBeams

        section = self._settings.door
        return self._stack.enter_context(
            TwoBeams(
                section.outer_pin,
                section.inner_pin,
                self.engine.post,
                longest_ms=section.longest_ms,
                pin_factory=pins,
            )
        )

    def _extra(self, device: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except Exception as error:  # whatever an extra does, a child can borrow (law 7)
            log.warning("%s is left out: %s", device, error)
            self.engine.post(ExtraLost(device, str(error) or type(error).__name__))
            return None

    def _present(self, shown: Shown) -> None:
        if self._app is not None:
            self._app.present(shown)

    def _cue(self, cue: Cue) -> None:
        if self._lamp is not None:
            self._lamp.show(cue.value)

    def _nudge(self) -> None:
        if self._uplink is not None:
            self._uplink.nudge()

    def _tick(self) -> None:
        if self._watchdog is not None:
            self._watchdog.tick()


def open_window(settings: Settings, post: Callable[[Any], None], first: Shown) -> StationApp:
    """The station's window, not yet running."""
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

    return StationApp(post=post, covers=covers_of(settings), first=first)


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
    with ExitStack() as stack:
        store, clock = stack.enter_context(opened_store(settings))
        station = Station(settings, store, clock)
        first = station.engine.first()
        app = open_window(settings, station.engine.post, first)
        stack.callback(station.close)
        end_on_signal(app.stop)
        if inspect is not None:
            from ui.inspection import Inspection

            inspection = Inspection(app, inspect)
            inspection.start()
            stack.callback(inspection.stop)
        station.start(app, lambda: app.heartbeat)
        app.run()


def show_out_of_order(settings: Settings, seconds: float = 60.0) -> None:
    """Tell children kindly that the station is shut, when it cannot even begin; then let it be restarted."""
    app = open_window(settings, lambda event: None, Shown(1, OutOfOrder(), settings.station.language))
    end_on_signal(app.stop)
    enough = threading.Timer(seconds, app.stop)
    enough.daemon = True  # told to end sooner, the process must not wait for it
    enough.start()
    log.info("the panel says that the station is out of order, for %g s", seconds)
    app.run()
