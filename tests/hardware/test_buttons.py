"""Buttons: one press is one press, a stuck one is told once, a broken one leaves the others alone."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from hardware.buttons import ButtonFault, Press, PushButton
from hardware.errors import HardwareError
from tests.hardware.wires_process import eventually

HELP, LOUDER, QUIETER = 23, 24, 26


class BoardError(Exception):
    """As lgpio's own error: neither gpiozero's nor an OSError."""


class Board(MockFactory):
    """Pins, some of which are not to be had."""

    def __init__(self, *broken: int) -> None:
        super().__init__()
        self.broken = set(broken)

    def pin(self, name, *args, **settings):
        if name in self.broken:
            raise BoardError("GPIO busy")
        return super().pin(name, *args, **settings)


class Panel:
    """A finger, a button on GPIO23, and what came of it."""

    def __init__(self, **settings) -> None:
        self.board = Board()
        self.pressed: list[str] = []
        self.stuck: list[str] = []
        settings.setdefault("rest_ms", 0)
        self.button = PushButton(
            HELP, self._press, name="help", stuck=self.stuck.append, pin_factory=self.board, **settings
        )

    def _press(self) -> None:
        self.pressed.append(threading.current_thread().name)

    def down(self) -> None:
        self.board.pin(HELP).drive_low()

    def up(self) -> None:
        self.board.pin(HELP).drive_high()

    def settled(self) -> bool:
        return not self.button._inbox.qsize()


# -- pure ----------------------------------------------------------------------------------------------------


def test_a_press_counts_when_the_button_goes_down():
    press = Press(rest_s=0.25, stuck_s=10)
    assert [press.see(True, 1), press.see(False, 1.1), press.see(True, 2)] == [True, False, True]


def test_a_second_press_too_soon_is_the_same_one():
    press = Press(rest_s=0.25, stuck_s=10)
    assert press.see(True, 1.0)
    press.see(False, 1.02)
    assert not press.see(True, 1.24)
    press.see(False, 1.26)
    assert press.see(True, 1.27)


def test_a_held_button_is_one_press_and_stuck_once():
    press = Press(rest_s=0.25, stuck_s=10)
    assert press.see(True, 1)
    assert not press.see(True, 5)
    assert press.stuck_at == 11
    assert [press.stuck(at) for at in (10.9, 11, 12, 500)] == [False, True, False, False]


def test_a_button_that_was_let_go_is_not_stuck_and_can_get_stuck_anew():
    press = Press(rest_s=0, stuck_s=10)
    press.see(True, 1)
    press.see(False, 9)
    assert not press.stuck(20)
    press.see(True, 30)
    assert press.stuck(40)


def test_a_button_that_is_down_from_the_start_presses_nothing_but_gets_stuck():
    press = Press(rest_s=0, stuck_s=10, down=True, at=5)
    assert not press.see(True, 6)
    assert [press.stuck(14), press.stuck(15)] == [False, True]
    assert not press.see(False, 20)
    assert press.see(True, 21)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=40))
def test_presses_are_never_more_than_the_times_it_went_down_and_never_closer_than_the_rest(edges):
    press, at, down, went_down = Press(rest_s=0.25, stuck_s=5), 0.0, False, 0
    presses: list[float] = []
    for state, pause in edges:
        at += pause
        went_down += state and not down
        down = state
        if press.see(state, at):
            presses.append(at)
    assert len(presses) <= went_down
    assert bool(presses) == bool(went_down)
    assert all(after - before >= 0.25 for before, after in pairwise(presses))


# -- on pins -------------------------------------------------------------------------------------------------


def test_every_press_is_told_once_on_the_buttons_own_thread():
    panel = Panel()
    with panel.button:
        for count in (1, 2):
            panel.down()
            eventually(lambda count=count: len(panel.pressed) == count)
            panel.up()
    assert panel.pressed == ["button help"] * 2
    assert panel.stuck == []


def test_a_child_that_drums_is_one_press():
    panel = Panel(rest_ms=60_000)
    with panel.button:
        for _ in range(10):
            panel.down()
            panel.up()
        eventually(lambda: panel.pressed and panel.settled())
    assert len(panel.pressed) == 1


def test_a_button_held_down_is_one_press_and_is_told_to_be_stuck_once():
    panel = Panel(stuck_s=0.05)
    with panel.button:
        panel.down()
        eventually(lambda: panel.stuck == ["help"])
        time.sleep(0.2)  # four times as long again
        assert len(panel.pressed) == 1
        assert panel.stuck == ["help"]
        panel.up()
        panel.down()
        eventually(lambda: len(panel.pressed) == 2)
        eventually(lambda: panel.stuck == ["help", "help"])


def test_a_button_that_is_shorted_from_the_start_presses_nothing_and_is_told_to_be_stuck():
    board = Board()
    board.pin(HELP).drive_low()

    class Shorted(type(board.pin(HELP))):
        def _set_pull(self, value):
            self._pull = value  # the short is stronger than the pull-up

    board.pins.clear()
    board.pin_class = Shorted
    board.pin(HELP).drive_low()
    pressed, stuck = [], []
    with PushButton(
        HELP, lambda: pressed.append(1), name="help", stuck=stuck.append, stuck_s=0.02, pin_factory=board
    ):
        eventually(lambda: stuck == ["help"])
    assert pressed == []


def test_nobody_need_listen_for_stuck_buttons():
    board, pressed = Board(), []
    with PushButton(HELP, lambda: pressed.append(1), stuck_s=0.01, rest_ms=0, pin_factory=board) as button:
        board.pin(HELP).drive_low()
        eventually(lambda: button._press.stuck_at is None and pressed == [1])
        board.pin(HELP).drive_high()
        board.pin(HELP).drive_low()
        eventually(lambda: pressed == [1, 1])


def test_what_a_press_does_may_fail_and_the_next_press_is_told_all_the_same(caplog):
    board, tries = Board(), []

    def stumble() -> None:
        tries.append(1)
        raise RuntimeError("nobody is at the desk")

    with PushButton(HELP, stumble, name="help", rest_ms=0, pin_factory=board) as button:
        for count in (1, 2):
            board.pin(HELP).drive_low()
            eventually(lambda count=count: len(tries) == count)
            board.pin(HELP).drive_high()
        assert button._thread.is_alive()
    assert "help button" in caplog.text


def test_what_a_press_does_may_take_its_time_without_holding_up_the_pins():
    board, entered, leave, pressed = Board(), threading.Event(), threading.Event(), []

    def dawdle() -> None:
        entered.set()
        leave.wait(5)

    with (
        PushButton(HELP, dawdle, name="help", pin_factory=board),
        PushButton(LOUDER, lambda: pressed.append(1), name="louder", pin_factory=board),
    ):
        board.pin(HELP).drive_low()
        assert entered.wait(5)
        board.pin(LOUDER).drive_low()
        eventually(lambda: pressed == [1])
        leave.set()


def test_closing_releases_the_pin_and_ends_the_thread():
    panel = Panel()
    panel.button.close()
    panel.button.close()
    assert panel.button.closed
    assert "closed" in repr(panel.button)
    assert not panel.button._thread.is_alive()
    LED(HELP, pin_factory=panel.board).close()


def test_a_press_may_close_its_own_button():
    board, buttons = Board(), []

    def leave() -> None:
        buttons[0].close()

    buttons.append(PushButton(HELP, leave, pin_factory=board))
    board.pin(HELP).drive_low()
    eventually(lambda: buttons[0].closed and not buttons[0]._thread.is_alive())


# -- what can go wrong ---------------------------------------------------------------------------------------


def test_a_pin_that_is_taken_is_a_fault_and_leaves_the_other_buttons_working():
    board, pressed, made, faults = Board(QUIETER), [], [], []
    before = threading.active_count()
    with LED(LOUDER, pin_factory=board):
        for name, pin in (("help", HELP), ("louder", LOUDER), ("quieter", QUIETER)):
            try:
                made.append(PushButton(pin, lambda: pressed.append(1), name=name, pin_factory=board))
            except ButtonFault as fault:
                faults.append(str(fault))
        assert [button.name for button in made] == ["help"]
        assert "the louder button on GPIO24" in faults[0]
        assert "in use" in faults[0]
        assert faults[1] == "the quieter button on GPIO26 cannot be used: GPIO busy"
        board.pin(HELP).drive_low()
        eventually(lambda: pressed == [1])
    made[0].close()
    assert threading.active_count() == before
    board.broken.clear()
    for pin in (HELP, LOUDER, QUIETER):
        PushButton(pin, print, pin_factory=board).close()
    assert issubclass(ButtonFault, HardwareError)


def test_a_board_that_fails_after_the_pin_was_had_leaves_it_free():
    class NoEdges(Board):
        ticks_left = 0

        def ticks(self):
            raise BoardError("no clock")

    board = NoEdges()
    with pytest.raises(ButtonFault, match="no clock"):
        PushButton(HELP, print, pin_factory=board)
    NoEdges.ticks = staticmethod(time.monotonic)
    PushButton(HELP, print, pin_factory=board).close()
