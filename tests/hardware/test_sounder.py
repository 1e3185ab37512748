"""The buzzer: a few notes for a cue, the newest one only, and never a reason to wait or to stop."""

from __future__ import annotations

import threading
import time

import pytest
from gpiozero import LED, PinPWMFixedValue
from gpiozero.pins.mock import MockFactory, MockPWMPin

from hardware import sounder
from hardware.errors import HardwareError
from hardware.simulated.bench_client import Bench
from hardware.simulated.pins import WiresFactory
from hardware.sounder import Beeper, SounderFault
from kiosk.desk import Cue
from tests.hardware.wires_process import end, eventually, start_wires

PIN = 22


class BoardError(Exception):
    """As lgpio's own error: neither gpiozero's nor an OSError."""


class TonePin(MockPWMPin):
    """Remembers what was heard: (Hz, duty) at each change, (0, 0) = silence. `broken`: cannot be used."""

    broken = False

    def __init__(self, factory, info):
        self.heard: list[tuple[float, float]] = []
        super().__init__(factory, info)

    def _set_state(self, value):
        if self.broken:
            raise BoardError("unknown handle")
        super()._set_state(value)
        self._note()

    def _set_frequency(self, value):
        if self.broken:
            raise BoardError("unknown handle")
        super()._set_frequency(value)
        self._note()

    def _note(self):
        sound = (round(self.frequency), self.state) if self.frequency and self.state else (0, 0)
        if not self.heard or self.heard[-1] != sound:
            self.heard.append(sound)


class Board(MockFactory):
    """Pins for a passive buzzer. `busy`: the pin is not to be had, and the board says so in its own way."""

    busy = False

    def __init__(self) -> None:
        super().__init__(pin_class=TonePin)

    def pin(self, name, *args, **settings):
        if self.busy:
            raise BoardError("GPIO busy")
        return super().pin(name, *args, **settings)


@pytest.fixture
def board():
    return Board()


def tones(board: Board) -> list[int]:
    """The tones heard since the buzzer was made, in turn."""
    found: list[int] = []
    for hertz, _ in board.pin(PIN).heard:
        if hertz > 100 and found[-1:] != [hertz]:  # 100 Hz is what gpiozero sets the pin up with
            found.append(hertz)
        elif not hertz and found[-1:] != [0]:
            found.append(0)
    return found


def silent(board: Board) -> bool:
    pin = board.pin(PIN)
    return pin.frequency is None and not pin.state


@pytest.mark.parametrize(
    ("cue", "heard"), [("ok", [659, 880]), ("ask", [659, 0, 659]), ("no", [262]), ("help", [659, 523])]
)
def test_each_cue_has_its_notes_and_silence_after_them(board, cue, heard):
    with Beeper(PIN, pin_factory=board) as buzzer:
        buzzer.play(cue)
        eventually(lambda: tones(board)[1:] == [*heard, 0])
        assert silent(board)


def test_done_rises_and_not_like_this_is_the_lowest_note():
    ok = [hertz for hertz, _ in sounder._TUNES["ok"] if hertz]
    assert ok == sorted(set(ok))
    assert len(ok) == 2
    others = [hertz for cue, tune in sounder._TUNES.items() for hertz, _ in tune if hertz and cue != "no"]
    assert [hertz < min(others) for hertz, _ in sounder._TUNES["no"]] == [True]


@pytest.mark.parametrize("tunes", [sounder._TUNES, sounder._BEEPS], ids=["passive", "active"])
def test_the_desks_cues_are_short_and_differ_but_for_the_three_that_are_silent(tunes):
    assert set(tunes) == {cue.value for cue in Cue} - {"fault", "off", "read"}
    assert len(set(tunes.values())) == len(tunes)
    assert all(sum(seconds for _, seconds in tune) < 1.0 for tune in tunes.values())


@pytest.mark.parametrize(("loudness", "duty"), [(100, 0.5), (30, 0.15), (1, 0.01)])
def test_loudness_is_the_duty_of_the_tone(board, loudness, duty):
    with Beeper(PIN, loudness=loudness, pin_factory=board) as buzzer:
        buzzer.play("no")
        eventually(lambda: (262, pytest.approx(duty)) in board.pin(PIN).heard)


def test_at_loudness_nought_nothing_is_heard(board):
    with Beeper(PIN, loudness=0, pin_factory=board) as buzzer:
        buzzer.play("ok")
        time.sleep(0.05)
        assert set(tones(board)) <= {0}


def test_a_new_cue_cuts_the_old_one_short(board):
    with Beeper(PIN, pin_factory=board) as buzzer:
        buzzer.play("help")
        eventually(lambda: tones(board)[1:] == [659])
        buzzer.play("no")
        eventually(lambda: tones(board)[1:] == [659, 262, 0])


def test_of_many_cues_at_once_the_last_is_heard_to_its_end(board):
    with Beeper(PIN, pin_factory=board) as buzzer:
        for cue in ("no", "help", "no", "help", "ok"):
            buzzer.play(cue)
        eventually(lambda: tones(board)[-3:] == [659, 880, 0])


@pytest.mark.parametrize("cue", ["fault", "off", "read", "fireworks", "", None])
def test_silent_and_unknown_cues_disturb_nothing(board, cue):
    with Beeper(PIN, pin_factory=board) as buzzer:
        buzzer.play(cue)
        buzzer.play("ok")
        buzzer.play(cue)
        eventually(lambda: tones(board)[1:] == [659, 880, 0])


def test_whoever_plays_is_never_kept_waiting(board):
    with Beeper(PIN, pin_factory=board) as buzzer:
        begun = time.monotonic()
        for _ in range(200):
            buzzer.play("help")
        assert time.monotonic() - begun < 5.0  # waited for, they would last two minutes


def test_closing_in_the_middle_of_a_note_is_silence_and_the_pin_is_free(board):
    buzzer = Beeper(PIN, pin_factory=board)
    buzzer.play("no")
    eventually(lambda: tones(board)[1:] == [262])
    begun = time.monotonic()
    buzzer.close()
    assert time.monotonic() - begun < 0.9  # no join ran into its limit
    buzzer.close()
    assert buzzer.closed
    assert "closed" in repr(buzzer)
    assert silent(board)
    assert not buzzer._thread.is_alive()
    buzzer.play("ok")
    Beeper(PIN, pin_factory=board).close()


# -- a buzzer with a tone of its own -------------------------------------------------------------------------


def test_an_active_buzzer_beeps_on_any_pins():
    plain = MockFactory()
    with Beeper(PIN, passive=False, pin_factory=plain) as buzzer:
        pin = plain.pin(PIN)
        pin.clear_states()
        buzzer.play("ok")
        eventually(lambda: [state.state for state in pin.states] == [False, True, False, True, False])
        short, long = pin.states[2].timestamp, pin.states[4].timestamp
        assert short < long


# -- what can go wrong ---------------------------------------------------------------------------------------


def test_a_passive_buzzer_on_pins_without_pwm_is_a_fault_that_names_the_remedy():
    plain = MockFactory()
    with pytest.raises(SounderFault, match=r"GPIO22 needs PWM.*lgpio.*own tone"):
        Beeper(PIN, pin_factory=plain)
    LED(PIN, pin_factory=plain).close()
    assert issubclass(SounderFault, HardwareError)


@pytest.mark.parametrize("passive", [True, False])
def test_a_pin_that_is_taken_is_a_fault_and_stays_with_its_owner(board, passive):
    before = threading.active_count()
    with LED(PIN, pin_factory=board) as owner:
        with pytest.raises(SounderFault, match=r"GPIO22 cannot be used.*already in use"):
            Beeper(PIN, passive=passive, pin_factory=board)
        owner.on()
        assert board.pin(PIN).state
    assert threading.active_count() == before
    Beeper(PIN, passive=passive, pin_factory=board).close()


@pytest.mark.parametrize("passive", [True, False])
def test_a_board_that_fails_is_a_fault_that_leaves_nothing_reserved(board, passive):
    board.busy = True
    with pytest.raises(SounderFault, match="GPIO busy"):
        Beeper(PIN, passive=passive, pin_factory=board)
    board.busy = False
    Beeper(PIN, passive=passive, pin_factory=board).close()


def test_a_loudness_that_cannot_be_is_a_fault(board):
    with pytest.raises(SounderFault, match="0 to 100, not 101"):
        Beeper(PIN, loudness=101, pin_factory=board)


def test_a_buzzer_that_fails_later_says_so_once_and_sounds_again_when_it_can(board, caplog):
    with Beeper(PIN, pin_factory=board) as buzzer:
        pin = board.pin(PIN)
        pin.broken = True
        for _ in range(3):
            buzzer.play("no")
        eventually(lambda: buzzer._failing and not buzzer._inbox.qsize())
        pin.broken = False
        buzzer.play("ok")
        eventually(lambda: tones(board)[-3:] == [659, 880, 0])
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["the buzzer cannot sound: unknown handle"]


# -- on the simulated wires ----------------------------------------------------------------------------------


@pytest.fixture
def wires(tmp_path):
    process = start_wires(tmp_path / "wires.sock")
    factory = WiresFactory(tmp_path / "wires.sock")
    with Bench(tmp_path / "wires.sock") as bench:
        yield factory, bench
    factory.close()
    end(process)


def test_on_the_wires_the_line_is_high_while_it_sounds_and_never_left_so(wires):
    factory, bench = wires
    with Beeper(PIN, pin_factory=factory) as buzzer:
        buzzer.play("no")
        eventually(lambda: bench.status()["pins"].get(str(PIN)) == 1)
        eventually(lambda: bench.status()["pins"].get(str(PIN)) == 0)
        pin = factory.pin(PIN)
        assert (pin.frequency, pin.state) == (None, 0)


def test_pwm_on_the_wires_is_that_of_the_boards_own_factory(wires):
    factory, _ = wires
    pin = factory.pin(PIN)
    with pytest.raises(PinPWMFixedValue):
        pin.frequency = 100
    pin.function = "output"
    pin.state = 0.4
    assert pin.state == 1  # without PWM there is only on and off
    pin.frequency = 100
    assert pin.state == 0
    pin.state = 0.299
    assert pin.state == 0.29
    pin.frequency = 200
    assert (pin.frequency, pin.state) == (200, 0.29)
    pin.frequency = None
    assert pin.frequency is None
    assert pin.state  # where the last pulse left it
    pin.close()
