"""What a station has beside the pad: door, light, sounds, buttons, scanner, panel light, board.

Each is built on its own, and one that cannot be built is named and left out: whatever an extra does, a child
can borrow (law 7). Some come back by themselves and say so; none is ever waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import time
from functools import partial
from typing import TYPE_CHECKING, Any

from kiosk.bootstrap.devices import pins_of
from kiosk.bootstrap.narrator import machine_voices, name_the_silent, speaks, voices_of
from kiosk.events import Action, Event, ExtraBack, ExtraLost, Tapped
from kiosk.ports import Post
from kiosk.settings import Settings, claims
from kiosk.words.phrases import Utterance

if TYPE_CHECKING:
    from hardware.board import BoardReadings, BoardWatch

log = logging.getLogger(__name__)

MOST_REFUSED = 3  # a child that scans a chair leg is no fault; a wrong baud rate never gives a code
BUTTONS = {
    "help_pin": "help",
    "louder_pin": "louder",
    "quieter_pin": "quieter",
    "next_pin": "next",
    "choose_pin": "choose",
}
SWITCHES = ("next", "choose")
"""Buttons that work the screen in place of fingers."""

BOARD_DEVICES = ("power", "heat", "disk", "card", "memory", "clock")


def names_of(settings: Settings) -> tuple[str, ...]:
    """The devices of this station, as a librarian's page lists them."""
    wanted = {
        "pad": True,
        "gate": any(reader.gate != "none" for reader in settings.pad.readers),
        "door": settings.door.enabled,
        "lamp": settings.lamp.enabled,
        "sounder": settings.sounder.enabled,
        "speaker": settings.speaker.enabled,
        "buttons": any(getattr(settings.buttons, pin) is not None for pin in BUTTONS),
        "scanner": settings.scanner.enabled,
        "link": settings.link.enabled,
    }
    board = tuple(f"board.{name}" for name in BOARD_DEVICES) if settings.board.watch else ()
    return (*(name for name, on in wanted.items() if on), *board)


class Extras:
    """The extras of one station. `stack` closes them, the last built first.

    `wall` tells the time of day for quiet hours, or None while no clock can be trusted; `make_pins` makes the
    gpiozero factory. `switch` is told "next" or "choose" when such a switch is pressed, on its thread.
    """

    def __init__(
        self,
        settings: Settings,
        post: Post,
        stack: ExitStack,
        *,
        wall: Callable[[], time | None] = lambda: None,
        make_pins: Callable[[Settings], Any] = pins_of,
        switch: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._settings, self._post, self._stack, self._wall = settings, post, stack, wall
        self._pins_of, self._switch = make_pins, switch
        self._answers: list[Callable[[str], None]] = []  # who is told a cue
        self._speaker: Any = None
        self._panel_light: Any = None
        self._said = ""  # what the speaker's trouble was when it was last told
        self._stuck: set[str] = set()
        self._refused = 0  # scans in a row that were no code
        self.pins: Any = None
        self.board: BoardWatch | None = None  # where it is watched
        self._no_pins = ""  # why there are none

    def start(self) -> None:
        """Build each, in order. Never raises."""
        settings = self._settings
        wanted = claims.pins(settings.pad, settings.door, settings.lamp, settings.sounder, settings.buttons)
        if any(True for _ in wanted):  # a station of serial devices alone runs where there are no pins
            self.pins = self.one("pins", self._make_pins)
        if settings.lamp.enabled:
            self._on_pins("lamp", self._make_lamp)
        if settings.sounder.enabled:
            self._on_pins("sounder", self._make_sounder)
        if settings.speaker.enabled:
            self.one("speaker", self._make_speaker)
        if settings.screen.dim_after_s:
            self.one("panel-light", self._make_panel_light)
        if settings.door.enabled:
            (self.one if settings.door.kind == "tof" else self._on_pins)("door", self._make_door)
        if settings.door.presence_pin is not None and self._panel_light is not None:
            self._on_pins("presence", self._make_presence)
        for key, name in BUTTONS.items():
            if getattr(settings.buttons, key) is not None:
                self._on_pins("buttons", partial(self._make_button, name, getattr(settings.buttons, key)))
        if settings.scanner.enabled:
            self.one("scanner", self._make_scanner)
        if settings.board.watch:
            self.one("board", self._make_board)

    def cue(self, cue: str, sound: str = "") -> None:
        """Tell the light, the buzzer and the loudspeaker; one that fails does not keep the others from it.

        `sound`: what the loudspeaker plays, where it has a better one for the moment than the cue's own.
        """
        for answer in self._answers:
            try:
                answer(cue)
            except Exception:
                log.exception("an extra failed at %r; lending goes on", cue)
        if self._speaker is not None:
            self._speaker.play(sound or cue)

    def speak(self, parts: Sequence[Utterance], language: str) -> None:
        """Say this in place of what is being said; nothing = be quiet."""
        if self._speaker is not None:
            self._speaker.say(parts, language)

    def tick(self) -> None:
        """A finger landed on the screen: a quiet tick, and what was being said ends. From any thread."""
        if self._speaker is not None:
            self._speaker.tick()

    def touched(self) -> None:
        """Something moved on the screen: the panel is bright."""
        if self._panel_light is not None:
            self._panel_light.wake()

    def readings(self) -> BoardReadings | None:
        """What the board told of itself last; None where it is not watched. From any thread."""
        return None if self.board is None else self.board.readings

    def look(self) -> None:
        """Report what an extra cannot say by itself. Called every few seconds."""
        if self._speaker is None or self._speaker.trouble == self._said:
            return
        self._said = self._speaker.trouble
        self._post(ExtraLost("speaker", self._said) if self._said else ExtraBack("speaker"))

    def one(self, device: str, make: Callable[[], Any]) -> Any:
        """Build one extra; None and a report when it cannot be."""
        try:
            return make()
        except Exception as error:
            log.warning("%s is left out: %s", device, error)
            self._post(ExtraLost(device, str(error) or type(error).__name__))
            return None

    def _on_pins(self, device: str, make: Callable[[], Any]) -> None:
        """Build one extra that hangs on pins; where there are none it is as broken as they are."""
        if self.pins is None:
            self._post(ExtraLost(device, self._no_pins))
        else:
            self.one(device, make)

    # --- one by one -----------------------------------------------------------------------------------

    def _make_pins(self) -> Any:
        try:
            pins = self._pins_of(self._settings)
        except Exception as error:
            self._no_pins = str(error) or type(error).__name__
            raise
        self._stack.callback(pins.close)
        return pins

    def _make_lamp(self) -> None:
        lamp = self._settings.lamp
        if lamp.kind == "rgb":
            from hardware.light.rgb import RgbLamp

            light: Any = RgbLamp(
                *lamp.rgb_pins,
                common_anode=lamp.common_anode,
                brightness=lamp.brightness,
                pin_factory=self.pins,
            )
        else:
            from hardware.lamp import TwoLamps

            light = TwoLamps(
                lamp.green_pin, lamp.yellow_pin, brightness=lamp.brightness, pin_factory=self.pins
            )
        self._answers.append(self._stack.enter_context(light).show)

    def _make_sounder(self) -> None:
        from hardware.sounder import Beeper

        sounder = self._settings.sounder
        beeper = Beeper(sounder.pin, passive=sounder.kind == "passive", pin_factory=self.pins)
        self._answers.append(self._stack.enter_context(beeper).play)

    def _make_speaker(self) -> None:
        from hardware.speaker.loudness import Loudness
        from hardware.speaker.speaker import Speaker

        speaker = self._settings.speaker
        loudness = Loudness(
            speaker.volume,
            ceiling=speaker.ceiling,
            quiet_from=speaker.quiet_from,
            quiet_until=speaker.quiet_until,
        )
        self._speaker = self._stack.enter_context(
            Speaker(
                loudness,
                now=self._wall,
                device=speaker.device or None,
                voices=voices_of(self._settings),
                spoken=machine_voices(),
            )
        )
        if speaks(self._settings):
            name_the_silent(voices_of(self._settings))

    def _make_panel_light(self) -> None:
        from hardware.backlight import PanelLight

        light = PanelLight(dim_after_s=self._settings.screen.dim_after_s)
        self._panel_light = self._stack.enter_context(light)

    def _make_presence(self) -> None:
        from hardware.door.presence import Presence

        pin = self._settings.door.presence_pin
        light = self._panel_light
        assert pin is not None  # noqa: S101  `start` has looked
        self._stack.enter_context(
            Presence(pin, somebody=light.somebody, nobody=light.nobody, pin_factory=self.pins)
        )

    def _make_door(self) -> None:
        self._stack.enter_context(door_of(self._settings, self._post, self.pins))

    def _make_button(self, name: str, pin: int) -> None:
        from hardware.buttons import PushButton

        button = PushButton(
            pin, partial(self._pressed, name), name=name, stuck=self._held_down, pin_factory=self.pins
        )
        self._stack.enter_context(button)

    def _pressed(self, name: str) -> None:
        if name in self._stuck:
            self._stuck.discard(name)
            if not self._stuck:
                self._post(ExtraBack("buttons"))
        self.touched()
        if name == "help":
            self._post(Tapped(Action.HELP))
        elif name in SWITCHES:
            self._switch(name)
        elif self._speaker is not None:
            self._speaker.louder() if name == "louder" else self._speaker.quieter()

    def _held_down(self, name: str) -> None:
        self._stuck.add(name)
        self._post(ExtraLost("buttons", f"the {name} button is held down all the time: jammed, or shorted"))

    def _make_scanner(self) -> None:
        scanner = self._settings.scanner
        if scanner.kind == "keyboard":
            from hardware.barcode.keyboards import KeyboardNamed, named_like
            from hardware.barcode.layouts import LAYOUTS
            from hardware.barcode.scans import Scans
            from hardware.barcode.wedge import WedgeReader

            reader: Any = WedgeReader(
                KeyboardNamed(named_like(scanner.name)),
                Scans(self._post),
                layout=LAYOUTS[scanner.layout],
                on_lost=self._scanner_lost,
                on_back=self._scanner_back,
            )
        else:
            from hardware.barcode.scanner import LineScanner

            reader = LineScanner(
                scanner.port,
                self._scanned,
                baud=scanner.baud,
                silence_ms=scanner.silence_ms,
                on_lost=self._scanner_lost,
                on_back=self._scanner_back,
                on_refused=self._scan_refused,
            )
        self._stack.enter_context(reader)

    def _scanned(self, event: Event) -> None:
        if self._refused >= MOST_REFUSED:
            self._scanner_back()
        self._refused = 0
        self._post(event)

    def _scan_refused(self, why: str) -> None:
        self._refused += 1
        if self._refused == MOST_REFUSED:
            self._scanner_lost(f"{why}; what it sends is no code: check that its baud rate is the settings'")

    def _scanner_lost(self, cause: str) -> None:
        self._post(ExtraLost("scanner", cause))

    def _scanner_back(self) -> None:
        self._refused = 0
        self._post(ExtraBack("scanner"))

    def _make_board(self) -> None:
        from hardware.board import Board, BoardWatch

        board = Board(data=self._settings.station.data)
        self.board = watch = BoardWatch(board, self._post, every_s=self._settings.board.every_s)
        watch.start()
        self._stack.callback(watch.stop)


def door_of(settings: Settings, post: Post, pins: Any, **more: Any) -> Any:
    """The doorway named in the settings; `more` goes to its constructor. Raises HardwareError, OSError."""
    door = settings.door
    limits: dict[str, Any] = {"longest_ms": door.longest_ms, "blocked_s": float(door.blocked_s), **more}
    match door.kind:
        case "tof":
            from hardware.door.ranger import LEFT_HALF, RIGHT_HALF, connect_vl53l1x
            from hardware.door.tof import TwoZones

            connect = partial(connect_vl53l1x, bus=door.i2c_bus, address=door.i2c_address)
            zones = (RIGHT_HALF, LEFT_HALF) if door.swap else (LEFT_HALF, RIGHT_HALF)
            return TwoZones(connect, post, outer=zones[0], inner=zones[1], height_mm=door.height_mm, **limits)
        case "one_beam":
            from hardware.door.one_beam import OneBeam

            return OneBeam(door.outer_pin, post, bounce_ms=door.bounce_ms, pin_factory=pins, **limits)
    from hardware.door.two_beams import TwoBeams

    outer, inner = (door.inner_pin, door.outer_pin) if door.swap else (door.outer_pin, door.inner_pin)
    return TwoBeams(outer, inner, post, bounce_ms=door.bounce_ms, pin_factory=pins, **limits)
