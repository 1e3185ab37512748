"""The lamps: each cue its own light, told apart without its colour, calm, and never a reason to stop."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest
from gpiozero import LED
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware import lamp as two_lamps
from hardware.errors import HardwareError
from hardware.lamp import LampFault, TwoLamps
from hardware.light import rgb
from hardware.light.glow import Glow
from hardware.light.rgb import RgbLamp
from hardware.light.rhythm import Rhythm, blinking, steady
from hardware.simulated.bench_client import Bench
from hardware.simulated.pins import WiresFactory
from kiosk.desk import Cue
from tests.hardware.wires_process import end, eventually, start_wires

GREEN, YELLOW = 5, 6
RGB = (12, 13, 16)
TABLES = pytest.mark.parametrize("cues", [two_lamps._CUES, rgb._CUES], ids=["two lamps", "RGB"])
KINDS = pytest.mark.parametrize(
    ("make", "pins"), [(TwoLamps, (GREEN, YELLOW)), (RgbLamp, RGB)], ids=["two lamps", "RGB"]
)


class BoardError(Exception):
    """As lgpio's own error: neither gpiozero's nor an OSError."""


class MoodyFactory(MockFactory):
    """Pins that raise once they are told to, as a board does whose chip was taken away."""

    def __init__(self) -> None:
        super().__init__(pin_class=MockPWMPin)
        self.broken_pins: set[int] = set()

    def pin(self, name, *args, **settings):
        if name in self.broken_pins:
            raise BoardError("GPIO busy")
        return super().pin(name, *args, **settings)


class LoosePin(MockPWMPin):
    """A pin that cannot be written while `loose`."""

    loose = False

    def _set_state(self, value):
        if LoosePin.loose:
            raise BoardError("unknown handle")
        super()._set_state(value)


@pytest.fixture
def dimmable():
    return MockFactory(pin_class=MockPWMPin)


@pytest.fixture
def plain():
    return MockFactory()


def levels(factory: MockFactory, pins=(GREEN, YELLOW)) -> tuple[float, ...]:
    return tuple(float(factory.pin(pin).state) for pin in pins)


def comes_on_at(rhythm: Rhythm) -> list[float]:
    """The seconds at which the light of a rhythm comes on, over three rounds."""
    found, at, was_lit = [], 0.0, False
    for beat in rhythm * 3:
        lit = any(beat.levels)
        if lit and not was_lit:
            found.append(at)
        at, was_lit = at + beat.seconds, lit
    return found


# -- what the cues look like ---------------------------------------------------------------------------------


@TABLES
def test_every_cue_of_the_desk_has_a_light_of_its_own(cues):
    assert {cue.value for cue in Cue} - {Cue.READ.value} == set(cues)  # reading aloud is no light's business
    assert len(set(cues.values())) == len(cues)


@TABLES
def test_nothing_comes_on_more_often_than_once_a_second(cues):
    for cue, rhythm in cues.items():
        moments = comes_on_at(rhythm)
        for before, after in pairwise(moments):
            assert after - before >= 1.0, cue


def test_the_one_lamp_is_told_apart_by_its_rhythm_alone():
    def shape(rhythm: Rhythm) -> tuple[tuple[bool, float], ...]:
        return tuple((any(beat.levels), beat.seconds) for beat in rhythm)

    shapes = {cue: shape(rhythm) for cue, rhythm in rgb._CUES.items()}
    assert len(set(shapes.values())) == len(shapes)
    lit = {cue: sum(seconds for on, seconds in beats if on) for cue, beats in shapes.items()}
    assert len({(lit[cue], len(comes_on_at(rgb._CUES[cue]))) for cue in ("ask", "no", "help", "fault")}) == 4


def test_the_two_lamps_are_told_apart_by_place_and_rhythm_alone():
    seen = {
        cue: tuple(tuple((beat.levels[place] > 0, beat.seconds) for beat in rhythm) for place in (0, 1))
        for cue, rhythm in two_lamps._CUES.items()
    }
    assert len(set(seen.values())) == len(seen)


def test_without_dimming_the_one_lamp_still_shows_a_light_for_each_cue():
    for cue, rhythm in rgb._CUES.items():
        assert any(level >= 0.5 for level in rhythm[0].levels) == (cue != "off")


# -- on pins -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cue", "expected"), [("ok", (1, 0)), ("no", (0, 1)), ("off", (0, 0))])
def test_steady_cues_on_pins_that_cannot_dim(plain, cue, expected):
    with TwoLamps(GREEN, YELLOW, pin_factory=plain) as lamp:
        for before in ("off", "ok", "no"):
            lamp.show(before)
            lamp.show(cue)
            eventually(lambda: levels(plain) == expected)


@pytest.mark.parametrize(
    ("cue", "expected"), [("ask", (0.3, 0)), ("help", (0, 0.3)), ("fault", (0.3, 0.3)), ("ok", (0.3, 0))]
)
def test_brightness_is_the_duty_of_the_pins(dimmable, cue, expected):
    with TwoLamps(GREEN, YELLOW, brightness=30, pin_factory=dimmable) as lamp:
        lamp.show(cue)
        eventually(lambda: levels(dimmable) == pytest.approx(expected))


@pytest.mark.parametrize(("brightness", "duty"), [(0, 0.0), (1, 0.01), (100, 1.0)])
def test_the_ends_of_brightness(dimmable, brightness, duty):
    with TwoLamps(GREEN, YELLOW, brightness=brightness, pin_factory=dimmable) as lamp:
        lamp.show("no")
        lamp.show("ok")
        eventually(lambda: not lamp._glow._inbox.qsize() and levels(dimmable) == (duty, 0.0))


def test_a_lamp_that_cannot_be_dimmed_is_dark_at_brightness_nought(plain):
    with TwoLamps(GREEN, YELLOW, brightness=0, pin_factory=plain) as lamp:
        lamp.show("ok")
        eventually(lambda: not lamp._glow._inbox.qsize())
    assert [state.state for state in plain.pin(GREEN).states] == [False]


def test_however_dim_a_light_no_colour_of_it_falls_below_what_the_board_can_do(dimmable):
    with RgbLamp(*RGB, brightness=2, pin_factory=dimmable) as lamp:
        lamp.show("ask")
        eventually(lambda: levels(dimmable, RGB) == pytest.approx((0.01, 0.01, 0.02)))


def test_the_one_lamp_shows_its_colours(dimmable):
    with RgbLamp(*RGB, brightness=50, pin_factory=dimmable) as lamp:
        lamp.show("ok")
        eventually(lambda: levels(dimmable, RGB) == pytest.approx((0, 0.5, 0.15)))
        lamp.show("no")
        eventually(lambda: levels(dimmable, RGB) == pytest.approx((0.5, 0.25, 0)))
        lamp.show("off")
        eventually(lambda: levels(dimmable, RGB) == (0, 0, 0))


def test_with_a_common_anode_low_is_lit(dimmable):
    with RgbLamp(*RGB, brightness=50, common_anode=True, pin_factory=dimmable) as lamp:
        assert levels(dimmable, RGB) == (1, 1, 1)
        lamp.show("ok")
        eventually(lambda: levels(dimmable, RGB) == pytest.approx((1, 0.5, 0.85)))
        lamp.show("off")
        eventually(lambda: levels(dimmable, RGB) == (1, 1, 1))


def test_on_pins_that_cannot_dim_the_one_lamp_mixes_full_colours(plain):
    with RgbLamp(*RGB, pin_factory=plain) as lamp:
        lamp.show("no")
        eventually(lambda: levels(plain, RGB) == (1, 1, 0))


def test_a_rhythm_comes_and_goes_until_the_next_cue(dimmable):
    glow = Glow((GREEN,), brightness=100, pin_factory=dimmable)
    pin = dimmable.pin(GREEN)
    pin.clear_states()
    glow.play(blinking(1.0, seconds=(0.03, 0.03)))
    eventually(lambda: len(pin.states) >= 6)
    glow.play(steady(0.5))
    eventually(lambda: pin.state == 0.5)
    count = len(pin.states)
    time.sleep(0.1)  # three beats of the rhythm that must have ended
    assert len(pin.states) == count
    glow.close()
    assert {state.state for state in pin.states} == {0.0, 0.5, 1.0}


def test_a_cue_shown_again_does_not_begin_its_rhythm_again(dimmable):
    glow = Glow((GREEN,), brightness=100, pin_factory=dimmable)
    pin = dimmable.pin(GREEN)
    pin.clear_states()
    slow = blinking(1.0, seconds=(0.05, 60.0))
    glow.play(slow)
    eventually(lambda: len(pin.states) == 3)  # dark, lit, dark again
    for _ in range(5):
        glow.play(slow)
    eventually(lambda: not glow._inbox.qsize())
    glow.close()
    assert [state.state for state in pin.states] == [0.0, 1.0, 0.0]


@KINDS
def test_unknown_cues_change_nothing(dimmable, make, pins):
    with make(*pins, pin_factory=dimmable) as lamp:
        lamp.show("ok")
        eventually(lambda: any(levels(dimmable, pins)))
        before = levels(dimmable, pins)
        for cue in ("fireworks", "", None, 7):
            lamp.show(cue)
        eventually(lambda: not lamp._glow._inbox.qsize())
        assert levels(dimmable, pins) == before


@KINDS
def test_closing_switches_off_releases_the_pins_and_ends_the_thread(dimmable, make, pins):
    lamp = make(*pins, pin_factory=dimmable)
    lamp.show("fault")
    eventually(lambda: any(levels(dimmable, pins)))
    lamp.close()
    lamp.close()
    assert lamp.closed
    assert "closed" in repr(lamp)
    assert not lamp._glow._thread.is_alive()
    assert levels(dimmable, pins) == (0,) * len(pins)
    lamp.show("ok")
    make(*pins, pin_factory=dimmable).close()


@KINDS
def test_pins_that_are_taken_are_a_fault_that_names_them_and_leaves_nothing_reserved(dimmable, make, pins):
    before = threading.active_count()
    with LED(pins[-1], pin_factory=dimmable):
        with pytest.raises(LampFault, match=f"GPIO{pins[0]} and .*GPIO{pins[-1]} cannot be used"):
            make(*pins, pin_factory=dimmable)
        LED(pins[0], pin_factory=dimmable).close()
    assert threading.active_count() == before
    assert issubclass(LampFault, HardwareError)
    make(*pins, pin_factory=dimmable).close()


@KINDS
def test_a_board_that_fails_in_the_middle_is_a_fault_that_leaves_nothing_reserved(make, pins):
    board = MoodyFactory()
    board.broken_pins = {pins[-1]}
    with pytest.raises(LampFault, match="GPIO busy"):
        make(*pins, pin_factory=board)
    board.broken_pins = set()
    make(*pins, pin_factory=board).close()


@KINDS
def test_pins_that_do_not_exist_are_a_fault(dimmable, make, pins):
    with pytest.raises(LampFault, match="GPIO99"):
        make(99, *pins[1:], pin_factory=dimmable)


@pytest.mark.parametrize("brightness", [-1, 101])
def test_a_brightness_that_cannot_be_is_a_fault(dimmable, brightness):
    with pytest.raises(LampFault, match="0 to 100"):
        TwoLamps(GREEN, YELLOW, brightness=brightness, pin_factory=dimmable)


def test_a_lamp_that_fails_later_says_so_once_and_lights_again_when_it_can(caplog):
    board = MockFactory(pin_class=LoosePin)
    with TwoLamps(GREEN, YELLOW, brightness=100, pin_factory=board) as lamp:
        LoosePin.loose = True
        try:
            for cue in ("ok", "no", "ok"):
                lamp.show(cue)
            eventually(lambda: lamp._glow._failing and not lamp._glow._inbox.qsize())
        finally:
            LoosePin.loose = False
        lamp.show("ok")
        eventually(lambda: levels(board) == (1.0, 0.0))
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "the lamp cannot be lit: unknown handle"
    ]


# -- on the simulated wires ----------------------------------------------------------------------------------


def test_on_the_wires_a_dimmed_light_is_a_light_and_the_world_forgets_it_with_the_lamp(tmp_path):
    process = start_wires(tmp_path / "wires.sock")
    factory = WiresFactory(tmp_path / "wires.sock")
    try:
        with Bench(tmp_path / "wires.sock") as bench:
            with RgbLamp(*RGB, brightness=20, pin_factory=factory) as lamp:
                lamp.show("no")
                eventually(lambda: [bench.status()["pins"].get(str(pin), 0) for pin in RGB] == [1, 1, 0])
                lamp.show("off")
                eventually(lambda: not any(bench.status()["pins"].get(str(pin)) for pin in RGB))
                lamp.show("ask")
                eventually(lambda: all(bench.status()["pins"].get(str(pin)) for pin in RGB))
            eventually(lambda: not any(bench.status()["pins"].get(str(pin)) for pin in RGB))
    finally:
        factory.close()
        end(process)
