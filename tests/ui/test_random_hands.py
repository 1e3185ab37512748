"""Hands that know nothing: thousands of touches, keys and tags, on the real screen over the real desk.

Nothing may fail, nothing may be a dead end, and once the hands have gone nothing of whoever was there is
left: not in a widget, not in the desk, not in the log. GOCDOC_HANDS=20000 plays so many events; unasked
there are fewer, because each new screen is drawn for real.
"""

from __future__ import annotations

import gc
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.events import Action, CodeNames, ReaderBack, ReaderLost, Scanned, TagsOnPad
from kiosk.screens import Shown, StaffPin, Welcome
from tests.ui.conftest import Driver
from tests.unit.desk_driver import (
    BOOKS,
    GATED,
    MAI,
    NAM,
    PIN,
    REFERENCE,
    STAFF,
    STRANGER,
    UNKNOWN,
    DeskDriver,
)
from tests.unit.desk_school import FATHER, HOA, LAN, TEACHER, at_school
from tests.unit.test_desk_forgets import LONGEST_S, known_to, secrets_of

EVENTS = int(os.environ.get("GOCDOC_HANDS", "4000"))
AWAY_EVERY = 250  # events, then everybody goes and the desk is left alone
CARDS = [MAI, NAM, TEACHER, FATHER, STAFF]
THINGS = [*CARDS, *BOOKS[:5], GATED[0], REFERENCE, STRANGER, UNKNOWN]
CODES = [LAN, HOA, "HS-0008", "LK-0", "LK-5", "nonsense"]
KEYS = (9, 9, 9, 13, 13, 27, 32, 114, 273, 276, 282, 49)
COMMON = {
    "Hello", "Lent", "Choose", "Returned", "MyBooks", "MyPassport", "BookInfo", "PickClass", "PickAnimal",
    "StillThere", "Goodbye", "TakeYourThings", "AskHelp", "StaffPin", "OneCard", "TakeBooksOff", "ReaderOut",
}  # fmt: skip
"""Screens that even so few hands come to."""

NO_NAMES = {"Cô Lan"}  # a librarian's, and two words that a screen says anyway


class Panel:
    """The real desk behind the real screen: what fingers post, the desk takes; what it shows, is drawn."""

    def __init__(self, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        from kivy.clock import Clock

        from ui.widgets.scene import Scene

        # Real children wait a quarter of a second before a new screen listens; these hands do not.
        monkeypatch.setattr(Scene, "is_awake", lambda scene: True)
        monkeypatch.setattr(driver.app, "_can_speak", True)
        self.driver, self._tick = driver, Clock.tick
        self.desk: DeskDriver = at_school(can_speak=True)
        self._number = 100_000
        self.seen: Counter[str] = Counter()
        self.draw()

    def draw(self) -> None:
        """Show what the desk says, as the engine does: only when it is another screen."""
        step, shown = self.desk.step, self.driver.app.shown
        if (shown.screen, shown.language, shown.look) == (step.screen, step.language, step.look):
            return
        self._number += 1
        self.driver.app.present(Shown(self._number, step.screen, step.language, step.look))
        self._tick()
        assert self.driver.app.shown.number == self._number
        self.seen[type(step.screen).__name__] += 1

    def touch(self, x: float, y: float) -> None:
        """A finger lands and leaves, anywhere."""
        finger = self.driver.finger(x, y)
        self.driver._loop.post_dispatch_input("begin", finger)
        self.driver._loop.post_dispatch_input("end", finger)
        self._take()

    def press(self, key: int) -> None:
        """A key of a keyboard."""
        self.driver.app.keys.on_key_down(None, key, 0, None, [])
        self._take()

    def _take(self) -> None:
        posted, self.driver.posted[:] = list(self.driver.posted), []
        for event in posted:
            self.desk.mono += 300
            self.desk.send(event)  # type: ignore[arg-type]
        self.draw()

    def put(self, thing: str) -> None:
        self.desk.put(thing)
        self.draw()

    def lift(self, chance: random.Random) -> None:
        if self.desk.pad:
            self.desk.lift(chance.choice(sorted(tag.uid for tag in self.desk.pad)))
            self.draw()

    def scan(self, code: str) -> None:
        self.desk.mono += 300
        self.desk.send(Scanned(code, CodeNames.PLAIN))
        self.draw()

    def wait(self, seconds: float) -> None:
        self.desk.wait(seconds)
        self.draw()

    def stumble(self) -> None:
        """The reader fails for a moment."""
        for event in (ReaderLost("frozen"), ReaderBack(), TagsOnPad(self.desk.pad)):
            self.desk.send(event)
            self.draw()

    def everybody_goes(self) -> None:
        """Nothing lies there, nobody touches anything: the desk must come home by itself."""
        self.wait(LONGEST_S)
        if self.desk.pad:
            self.desk.lift()
        self.wait(LONGEST_S)
        assert isinstance(self.driver.app.shown.screen, Welcome), self.driver.app.shown
        assert {each.choice.action for each in self.driver.app.scene.targets} >= {  # type: ignore[union-attr]
            Action.LANGUAGE,
            Action.HELP,
        }

    def one_thing(self, chance: random.Random) -> None:
        width, height = self.driver._loop.window.size
        match chance.choices(
            ("anywhere", "target", "key", "put", "lift", "scan", "wait", "stumble"),
            (26, 30, 12, 14, 10, 3, 4, 1),
        ):
            case ["anywhere"]:
                self.touch(chance.uniform(0, width), chance.uniform(0, height))
            case ["target"]:
                targets = self.driver.app.scene.targets if self.driver.app.scene else []
                if targets:
                    self.touch(*chance.choice(targets).center)
            case ["key"] if isinstance(self.desk.screen, StaffPin) and chance.random() < 0.4:
                for digit in PIN:
                    self.press(ord(digit))
                self.press(13)
            case ["key"]:
                self.press(chance.choice(KEYS))
            case ["put"]:
                self.put(chance.choice(THINGS if self.desk.pad or chance.random() < 0.3 else CARDS))
            case ["lift"]:
                self.lift(chance)
            case ["scan"]:
                self.scan(chance.choice(CODES))
            case ["wait"]:
                self.wait(chance.choice((0.3, 3, 9, 21)))
            case _:
                self.stumble()


@pytest.fixture
def panel(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Panel]:
    gc.collect()
    gc.freeze()  # what other tests left behind is not searched at every change of the screen
    yield Panel(driver, monkeypatch)
    gc.unfreeze()


def test_thousands_of_touches_and_tags_end_nowhere_but_at_welcome(panel: Panel) -> None:
    chance = random.Random(20_261_124)
    for number in range(1, EVENTS + 1):
        panel.one_thing(chance)
        if number % AWAY_EVERY == 0:
            panel.everybody_goes()
    panel.everybody_goes()
    assert set(panel.seen) >= COMMON, f"these hands never came to {COMMON - set(panel.seen)}"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), events=st.integers(5, 60))
def test_when_everybody_has_gone_nothing_of_them_is_left_anywhere(
    panel: Panel, caplog: pytest.LogCaptureFixture, seed: int, events: int
) -> None:
    from ui.widgets.text import Say

    chance = random.Random(seed)
    caplog.set_level(logging.DEBUG)
    for _ in range(events):
        panel.one_thing(chance)
    panel.everybody_goes()
    secrets = secrets_of(panel.desk) - NO_NAMES
    gc.collect()
    said = " | ".join(each.said for each in gc.get_objects() if type(each) is Say)
    words = set(said.replace("!", " ").split())
    assert not secrets & (words | known_to(panel.desk.desk))
    log = caplog.text
    assert not {secret for secret in secrets if len(secret) > 3 and secret in log}
