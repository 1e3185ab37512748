"""The lamp: each cue its own light, and never a reason to stop."""

from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.errors import HardwareError
from hardware.lamp import LampFault, TwoLamps

GREEN, YELLOW = 5, 6


@pytest.fixture
def factory():
    return MockFactory()


def lit(factory: MockFactory) -> tuple[bool, bool]:
    return bool(factory.pin(GREEN).state), bool(factory.pin(YELLOW).state)


@pytest.mark.parametrize(
    ("cue", "expected"), [("ok", (True, False)), ("no", (False, True)), ("off", (False, False))]
)
def test_steady_cues(factory, cue, expected):
    with TwoLamps(GREEN, YELLOW, pin_factory=factory) as lamp:
        for before in ("off", "ok", "no"):
            lamp.show(before)
            lamp.show(cue)
            assert lit(factory) == expected


@pytest.mark.parametrize(
    ("cue", "blinking"), [("ask", {GREEN}), ("help", {YELLOW}), ("fault", {GREEN, YELLOW})]
)
def test_blinking_cues_are_ended_by_the_next(factory, cue, blinking):
    with TwoLamps(GREEN, YELLOW, pin_factory=factory) as lamp:
        lamp.show(cue)
        assert {led.pin.info.name for led in lamp._leds if led._blink_thread} == {
            f"GPIO{pin}" for pin in blinking
        }
        lamp.show("off")
        assert not any(led._blink_thread for led in lamp._leds)
        assert lit(factory) == (False, False)


def test_every_cue_of_the_desk_has_a_light_of_its_own(factory):
    from hardware.lamp import _CUES
    from kiosk.desk import Cue

    assert {cue.value for cue in Cue} == set(_CUES)
    assert len(set(_CUES.values())) == len(_CUES)


def test_unknown_cues_change_nothing(factory):
    with TwoLamps(GREEN, YELLOW, pin_factory=factory) as lamp:
        lamp.show("ok")
        lamp.show("fireworks")
        lamp.show("")
        assert lit(factory) == (True, False)


def test_closing_switches_off_and_releases_the_pins(factory):
    lamp = TwoLamps(GREEN, YELLOW, pin_factory=factory)
    lamp.show("fault")
    lamp.close()
    lamp.close()
    assert lamp.closed
    lamp.show("ok")
    TwoLamps(GREEN, YELLOW, pin_factory=factory).close()


def test_pins_that_are_taken_are_a_fault_that_names_them_and_leaves_nothing_reserved(factory):
    with TwoLamps(GREEN, YELLOW, pin_factory=factory):
        with pytest.raises(LampFault, match="GPIO13 and GPIO6"):
            TwoLamps(13, YELLOW, pin_factory=factory)
        TwoLamps(13, 19, pin_factory=factory).close()
    assert issubclass(LampFault, HardwareError)
