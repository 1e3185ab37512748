"""`kiosk doctor`: tells in words what is there and what is missing. It looks and changes nothing."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import os
import queue
import shutil
import socket
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.bootstrap.devices import opened_pins, pad_of
from kiosk.bootstrap.extras import Extras, names_of
from kiosk.bootstrap.places import covers_of, database_of, is_running
from kiosk.clock import StationClock
from kiosk.errors import StationError
from kiosk.events import Event, ExtraLost, Tag, TagSays
from kiosk.link import identity
from kiosk.model import ClockQuality
from kiosk.orders.commands import OUT_OF_ORDER
from kiosk.orders.rulings import SOURCES, key_of
from kiosk.policy import PolicyError, parse_policy
from kiosk.settings import Settings, load
from kiosk.store import database
from kiosk.store.errors import other_station
from kiosk.store.incoming import HoldingsReader
from kiosk.store.migrations import HEAD
from kiosk.store.outbox import OutboxReader

if TYPE_CHECKING:
    from hardware.rfid.joint_pad import JointPad

ROOM_NEEDED = 200 * 1024 * 1024  # bytes: a month of facts, the covers and room for a backup
CONNECT_S = 3.0
EXTRAS_S = 0.4
COVERS = {".jpg", ".jpeg", ".png"}
NEED_PINS = {"door", "lamp", "sounder", "buttons"}
GL_LIBRARIES = ("GL", "EGL", "GLESv2")
_CLOCKS = {
    ClockQuality.NTP: "set by a time server",
    ClockQuality.RTC: "kept by the board's own clock",
    ClockQuality.FREE: "runs free",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `needed`: without it no child can borrow."""

    what: str
    good: bool
    words: str
    needed: bool = True

    def line(self) -> str:
        """The finding as a line for a terminal."""
        sign = "ok     " if self.good else ("MISSING" if self.needed else "note   ")
        return f"{sign}  {self.what}: {self.words}"


def examine(settings_file: Path) -> list[Finding]:
    """Look at everything the station with this settings file needs."""
    findings = [_python()]
    try:
        settings = load(settings_file)
    except StationError as error:
        return [*findings, *(Finding("settings", False, line) for line in str(error).splitlines())]
    findings.append(Finding("settings", True, f"{settings_file} is valid; station '{settings.station.id}'"))
    running = is_running(settings)
    looks: list[Callable[[Settings, bool], Finding]] = [
        _folder, _database, _rules, _covers, _pad, _graphics, _display, _font, _broker, _certificate, _clock,
    ]  # fmt: skip
    for look in looks:
        try:
            findings.append(look(settings, running))
        except (StationError, OSError) as error:
            findings.append(Finding(look.__name__.strip("_"), False, str(error)))
    return findings + _extras(settings, running)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)")


def _folder(settings: Settings, running: bool) -> Finding:
    folder = settings.station.data
    if not folder.is_dir():
        return Finding("data folder", False, f"{folder} does not exist; make it and give it to the station")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("data folder", False, f"{folder} cannot be written by this user")
    free = shutil.disk_usage(folder).free
    words = f"{folder}, {free // 2**20} MB free"
    if free < ROOM_NEEDED:
        words += f"; {ROOM_NEEDED // 2**20} MB are needed: remove old files or use a larger card"
    return Finding("data folder", free >= ROOM_NEEDED, words)


def _database(settings: Settings, running: bool) -> Finding:
    path = database_of(settings)
    if database.look(path) is None:
        return Finding(
            "database", False, f"{path} does not exist yet; 'kiosk import' or 'kiosk demo load' makes it"
        )
    with OutboxReader(path) as outbox:
        state = outbox.state()
    if state.kiosk != settings.station.id:
        return Finding("database", False, other_station(path, state.kiosk, settings.station.id))
    waiting = state.next_seq - 1 - state.acked
    state_of = "a station is running with it" if running else "no station is running"
    return Finding("database", True, f"{path}; {state_of}; {waiting} facts wait for the centre")


def _rules(settings: Settings, running: bool) -> Finding:
    """By which rules the station lends, and which of the centre's documents says so."""
    path = database_of(settings)
    if database.look(path) != HEAD:
        return Finding("rules", True, "those of the settings file", needed=False)
    with closing(HoldingsReader(path)) as holdings:
        kept = {source: holdings.document(key_of(source)) for source in SOURCES}
        state, closed = holdings.state(), holdings.document(OUT_OF_ORDER)
    words = "those of the settings file"
    for source in reversed(SOURCES):
        if (document := kept[source]) is not None:
            try:
                words = f"the centre's for {source}, version {parse_policy(document)[0].version}"
            except PolicyError as error:
                words += f" (the centre's for {source} are not used: {error})"
    if state.version:
        words += f"; catalogue {state.scope}, version {state.version}"
    if closed is not None:
        words += f"; the centre has shut this station {closed.decode(errors='replace')[:100]!r}"
    return Finding("rules", closed is None, words, needed=False)


def _covers(settings: Settings, running: bool) -> Finding:
    folder = covers_of(settings)
    there = folder.iterdir() if folder.is_dir() else ()
    count = len({file.stem for file in there if file.suffix in COVERS and file.is_file()})
    words = f"{count} covers in {folder}" if count else "none drawn yet: books show a plain cover"
    return Finding("covers", count > 0, words, needed=False)


def _pad(settings: Settings, running: bool) -> Finding:
    if running:
        return Finding("reader", True, "in use by the running station; not looked at")
    with opened_pins(settings) as pins:
        pad = pad_of(settings, pins)
        try:
            pad.open()
            tags = pad.inventory()
            odd = [words for tag in sorted(tags) if (words := _oddity(pad, tag))]
        except StationError as error:
            return Finding("reader", False, str(error))
        finally:
            pad.close()
    answers = " and ".join(
        f"{reader.driver} answers on {settings.pad.wires or reader.place}" for reader in settings.pad.readers
    )
    return Finding("reader", True, "; ".join([answers, f"{len(tags)} tags on the pad", *odd]))


def _oddity(pad: JointPad, tag: Tag) -> str:
    """What is wrong with a tag's content; "" for one that is blank, sound, or not to be read."""
    from hardware.errands import told
    from hardware.rfid.tags import item_text
    from hardware.rfid.tags.memory import TagMemoryError

    try:
        with pad.memory(tag.uid) as memory:
            read = told(tag.uid, item_text.read(memory))
    except TagMemoryError:
        return ""
    if read.says in {TagSays.BLANK, TagSays.ITEM}:
        return ""
    return f"tag {tag.uid}: its text is {read.says.value} {read.words}".rstrip()


def _extras(settings: Settings, running: bool) -> list[Finding]:
    """Everything beside the pad, built once as a station builds it."""
    wanted = [name for name in names_of(settings) if name not in {"pad", "gate", "link"} and "." not in name]
    if running:
        words = "in use by the running station; not looked at"
        return [Finding(name, True, words, needed=False) for name in wanted]
    heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ExitStack() as stack:
        extras = Extras(settings, heard.put, stack, wall=lambda: None)
        extras.start()
        time.sleep(EXTRAS_S)  # what hangs on a plug tells from a thread of its own
        extras.look()
    lost: dict[str, str] = {}
    while not heard.empty():
        event = heard.get()
        if isinstance(event, ExtraLost):
            lost[event.device] = event.cause
    if settings.door.presence_pin is not None and not settings.screen.dim_after_s:
        lost["presence"] = "the motion sensor wakes a panel that is never dimmed: set [screen] dim_after_s"
    without_pins = lost.pop("pins", "")
    findings = []
    for name in wanted:
        cause = lost.pop(name, without_pins if name in NEED_PINS else "")
        words = f"left out, lending goes on: {cause}" if cause else "there"
        findings.append(Finding(name, not cause, words, needed=False))
    return findings + [Finding(name, False, cause, needed=False) for name, cause in lost.items()]


def _graphics(settings: Settings, running: bool) -> Finding:
    try:
        version = importlib.metadata.version("kivy")
    except importlib.metadata.PackageNotFoundError:
        return Finding("graphics", False, "Kivy is not installed; run the installer again")
    missing = [name for name in GL_LIBRARIES if ctypes.util.find_library(name) is None]
    if missing:
        return Finding(
            "graphics",
            False,
            f"Kivy {version}, but the libraries {', '.join(missing)} are missing: install Debian's "
            "libgl1, libegl1, libgles2 and libgl1-mesa-dri",
        )
    return Finding("graphics", True, f"Kivy {version} and the OpenGL libraries")


def _display(settings: Settings, running: bool) -> Finding:
    if running:
        return Finding("display", True, "in use by the running station; not looked at")
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    if driver == "offscreen":
        return Finding("display", True, "offscreen, as SDL_VIDEODRIVER asks: nobody sees it")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return Finding("display", True, "a desktop")
    cards = sorted(Path("/dev/dri").glob("card*"))
    if cards and os.access(cards[0], os.R_OK | os.W_OK):
        return Finding("display", True, f"{cards[0]} (SDL_VIDEODRIVER=kmsdrm)")
    if cards:
        return Finding(
            "display", False, f"{cards[0]} is not open to this user: add it to 'video' and 'render'"
        )
    return Finding(
        "display", False, "neither a desktop nor /dev/dri/card*; without a screen use './run --headless'"
    )


def _font(settings: Settings, running: bool) -> Finding:
    from ui.theme import WEIGHTS, font

    missing = [path for path in map(font, WEIGHTS) if not Path(path).is_file()]
    if missing:
        return Finding("font", False, f"{', '.join(missing)} missing; run the installer again")
    return Finding("font", True, "Be Vietnam Pro")


def _broker(settings: Settings, running: bool) -> Finding:
    link = settings.link
    if not link.enabled:
        return Finding("centre", True, "the link is switched off; facts are kept", needed=False)
    try:
        socket.create_connection((link.host, link.port), CONNECT_S).close()
    except OSError as error:
        words = f"{link.host}:{link.port} does not answer ({error}); lending goes on and facts are kept"
        return Finding("centre", False, words, needed=False)
    return Finding("centre", True, f"a broker listens at {link.host}:{link.port}", needed=False)


def _certificate(settings: Settings, running: bool) -> Finding:
    link = settings.link
    if link.certificate is None or link.key is not None:
        return Finding("certificate", True, "none of 'kiosk enrol'", needed=False)
    good, words = identity.told(link.certificate, datetime.now(UTC))
    return Finding("certificate", good, words, needed=False)


def _clock(settings: Settings, running: bool) -> Finding:
    now = StationClock(0).now()
    words = f"{now.wall:%Y-%m-%d %H:%M %z}, {_CLOCKS[now.quality]}"
    good = now.quality is not ClockQuality.FREE and now.wall.year >= 2026
    if not good:
        words += "; set it, or let the station reach a time server: due dates follow it"
    return Finding("clock", good, words, needed=False)
