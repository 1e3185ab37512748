"""Help is shown every time it is called, and counted once a minute."""

from __future__ import annotations

from kiosk.desk import Cue
from kiosk.events import Action
from kiosk.ports import StorageFull
from kiosk.screens import AskHelp, DiskFull, Welcome
from tests.unit.desk_driver import DeskDriver


def test_help_and_back_without_end_is_one_call_a_minute_and_is_answered_every_time() -> None:
    desk = DeskDriver()
    for _ in range(50):  # one a second: HELP, and BACK half a second later
        desk.tap(Action.HELP)
        desk.shows(AskHelp)
        assert desk.step.cues == (Cue.HELP,)
        desk.tap(Action.BACK)
        desk.shows(Welcome)
    assert desk.facts().count("HelpCalled") == 1
    desk.wait(11)
    desk.tap(Action.HELP)
    assert desk.facts().count("HelpCalled") == 2


def test_a_call_that_could_not_be_kept_does_not_stand_in_the_way_of_the_next() -> None:
    desk = DeskDriver()
    desk.store.broken = StorageFull("no room")
    desk.tap(Action.HELP)
    desk.shows(DiskFull)
    desk.store.broken = None
    desk.wait(10)
    desk.tap(Action.HELP)
    assert desk.facts().count("HelpCalled") == 1
