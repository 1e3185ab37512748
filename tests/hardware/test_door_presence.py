"""The motion sensor: somebody near, nobody for a while, and never a count."""

from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from hardware.door.lines import DoorFault
from hardware.door.presence import Nearness, Presence
from tests.hardware.wires_process import eventually

PIR = 22


class Room:
    """A motion sensor on GPIO22, high while something warm moves."""

    def __init__(self, **settings) -> None:
        self.factory = MockFactory()
        self.told: list[str] = []
        self.now = 0.0
        self.presence = Presence(
            PIR,
            somebody=lambda: self.told.append("somebody"),
            nobody=lambda: self.told.append("nobody"),
            pin_factory=self.factory,
            monotonic=lambda: self.now,
            **settings,
        )


def test_somebody_who_comes_is_told_once_and_their_going_after_a_while():
    room = Room(away_s=60)
    with room.presence:
        for _ in range(5):
            room.now += 1
            room.factory.pin(PIR).drive_high()
            room.now += 1
            room.factory.pin(PIR).drive_low()
        eventually(lambda: room.told)
        assert room.presence.near
        room.now += 61
        eventually(lambda: len(room.told) == 2)
        assert not room.presence.near
        room.factory.pin(PIR).drive_high()
        eventually(lambda: len(room.told) == 3)
    assert room.told == ["somebody", "nobody", "somebody"]


def test_while_something_moves_all_the_time_nobody_has_gone():
    nearness = Nearness(away_s=10)
    assert [nearness.see(True, second) for second in range(100)] == [True] + [None] * 99
    assert [nearness.see(False, second) for second in range(100, 109)] == [None] * 9
    assert nearness.see(False, 109) is False


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=60))
def test_coming_and_going_take_turns(steps):
    nearness, at_s, told = Nearness(away_s=30), 0.0, []
    for moving, for_s in steps:
        at_s += for_s
        told += [changed] if (changed := nearness.see(moving, at_s)) is not None else []
    assert told == ([True, False] * len(told))[: len(told)]


def test_closing_releases_the_pin():
    room = Room()
    assert "nobody near" in repr(room.presence)
    room.presence.close()
    room.presence.close()
    assert room.presence.closed
    assert "closed" in repr(room.presence)
    Presence(PIR, somebody=lambda: None, nobody=lambda: None, pin_factory=room.factory).close()


def test_a_pin_that_is_taken_is_a_fault_that_names_the_sensor():
    room = Room()
    with room.presence, pytest.raises(DoorFault, match="the motion sensor on GPIO22"):
        Presence(PIR, somebody=lambda: None, nobody=lambda: None, pin_factory=room.factory)
