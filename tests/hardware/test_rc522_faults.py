"""The third answer: a reader that loses power, freezes or falls off its wires never reports an empty pad."""

from __future__ import annotations

import random

import pytest
from gpiozero import DigitalInputDevice, DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.pad_rig import Rig, tag

BOOK = "04A1B2C3D4E580"
ACCIDENTS = ("brown_out", "freeze", "unplug")
FLOATING = (0x00, 0xFF)


def opened(**chip) -> Rig:
    rig = Rig(**chip)
    rig.pad.open()
    return rig


def answer_of(rig: Rig) -> str:
    """One look: the UIDs seen, "silence", "disturbed" or "fault"."""
    try:
        return " ".join(sorted(rig.look())) or "silence"
    except PadDisturbed:
        return "disturbed"
    except PadFault:
        return "fault"


def _run_into(rig: Rig, accident: str, at: int) -> list[str]:
    """Looks while the accident happens before transaction `at`, until the reader says so."""
    rig.spi.before = lambda number: getattr(rig.chip, accident)() if number == at else None
    answers: list[str] = []
    while len(answers) < 10 and "fault" not in answers:
        answers.append(answer_of(rig))
    rig.spi.before = lambda number: None
    return answers


@pytest.mark.parametrize("floating", FLOATING)
@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_at_any_transaction_never_empties_a_pad_with_a_book_on_it(accident, floating):
    quiet = opened()
    quiet.place(BOOK)
    quiet.look()
    length = quiet.cost()[0]
    for index in range(length + 1):
        rig = opened(floating=floating)
        rig.place(BOOK)
        assert rig.look() == {BOOK}
        answers = _run_into(rig, accident, rig.spi.transactions + index)
        assert answers[-1] == "fault", (index, answers)
        assert set(answers[:-1]) <= {BOOK, "disturbed"}, (index, answers)
        assert len(answers) <= 2


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_over_an_empty_pad_is_found_within_two_looks(accident):
    for index in range(7):
        rig = opened()
        rig.look()
        answers = _run_into(rig, accident, rig.spi.transactions + index)
        assert answers[-1] == "fault", (index, answers)
        assert len(answers) <= 2


@pytest.mark.parametrize("seed", range(6))
def test_random_accidents_end_in_a_fault_and_a_reopened_reader_reads_again(seed):
    chance = random.Random(seed)
    rig = opened(floating=chance.choice(FLOATING))
    rig.place(BOOK, "DEADBEEF")
    for _ in range(25):
        accident = chance.choice(ACCIDENTS)
        answers = _run_into(rig, accident, rig.spi.transactions + chance.randrange(120))
        assert answers[-1] == "fault", answers
        assert set(answers[:-1]) <= {f"{BOOK} DEADBEEF", BOOK, "DEADBEEF", "disturbed"}, answers
        rig.chip.restore()
        rig.clock.sleep(0.2)
        rig.pad.close()
        rig.pad.open()
        assert rig.look() == {BOOK, "DEADBEEF"}


def test_while_nothing_is_plugged_in_opening_says_what_to_check():
    rig = Rig()
    rig.chip.unplug()
    with pytest.raises(PadFault, match="nothing answers on spidev0"):
        rig.pad.open()


def test_a_lost_setting_is_found_within_about_a_second_even_if_tags_still_answer():
    rig = opened()
    rig.place(BOOK)
    rig.look()
    rig.spi.xfer2([0x26 << 1, 0x70])  # RFCfgReg: the gain alone went wrong
    answers = [answer_of(rig) for _ in range(13)]
    assert "fault" in answers
    assert set(answers) == {BOOK, "fault"}


def test_a_chip_that_takes_long_to_reset_is_waited_for():
    rig = Rig(reset_s=0.060)
    rig.pad.open()
    rig.place(BOOK)
    assert rig.look() == {BOOK}


@pytest.mark.parametrize("version", [0x88, 0x90, 0x91, 0xB2, 0x12, 0x15, 0x89])
def test_clones_are_used(version):
    rig = opened(version=version)
    rig.place(BOOK)
    assert rig.look() == {BOOK}
    assert rig.pad.version == version


@pytest.mark.parametrize("gain", range(8))
def test_every_gain_is_set_and_kept(gain):
    rig = Rig()
    rig.pad = rig.driver(gain=gain)
    rig.pad.open()
    assert rig.chip.peek(0x26) == gain << 4
    rig.place(BOOK)
    rig.clock.sleep(2.0)
    assert rig.look() == {BOOK}


def test_closing_switches_the_field_off():
    rig = opened()
    card = tag("DEADBEEF")
    rig.place(card)
    rig.look()
    rig.pad.close()
    rig.chip.catch_up()
    assert not rig.field.carrier
    with pytest.raises(PadFault, match="not open"):
        rig.pad.inventory()


# -- reset and interrupt lines, through gpiozero devices -----------------------------------------------------


class Wired(Rig):
    """RST on GPIO25, IRQ on GPIO24."""

    def __init__(self, **chip) -> None:
        super().__init__(**chip)
        self.pins = MockFactory()
        self.reset = DigitalOutputDevice(25, initial_value=True, pin_factory=self.pins)
        self.irq = DigitalInputDevice(24, pull_up=True, pin_factory=self.pins)
        self.pad = self.driver(reset=self, irq=self)

    def on(self) -> None:
        self.reset.on()
        self.chip.set_reset_line(bool(self.pins.pin(25).state))

    def off(self) -> None:
        self.reset.off()
        self.chip.set_reset_line(bool(self.pins.pin(25).state))

    def wait_for_active(self, timeout: float) -> bool:
        """As DigitalInputDevice's, with the chip's own time: the line is looked at every 20 us."""
        until = self.clock.monotonic() + timeout
        while self.clock.monotonic() < until:
            self._wire()
            if self.irq.wait_for_active(timeout=0):
                return True
            self.clock.sleep(20e-6)
        return False

    def _wire(self) -> None:
        pin = self.pins.pin(24)
        (pin.drive_high if self.chip.irq_line else pin.drive_low)()


def test_the_reset_line_frees_a_frozen_chip():
    rig = Wired()
    rig.pad.open()
    rig.place(BOOK)
    assert rig.look() == {BOOK}
    rig.chip.freeze()
    with pytest.raises(PadFault):
        rig.look()
    rig.pad.open()
    assert rig.look() == {BOOK}


def test_with_the_irq_line_an_answer_is_fetched_as_soon_as_it_is_there():
    wired, timed = Wired(), Rig()
    spent = []
    for rig in (wired, timed):
        rig.pad.open()
        rig.place(BOOK)
        assert rig.look() == {BOOK}
        began = rig.clock.monotonic()
        assert rig.look() == {BOOK}
        spent.append(rig.clock.monotonic() - began)
    assert spent[0] < spent[1] - 0.0005


def test_with_the_irq_line_silence_costs_no_more():
    rig = Wired()
    rig.pad.open()
    assert max(rig.cost()[0] for _ in range(20)) <= 6
    rig.place(BOOK, "DEADBEEF")
    assert rig.look() == {BOOK, "DEADBEEF"}


def test_an_irq_line_that_is_not_connected_costs_nothing_but_time():
    class NeverActive:
        def wait_for_active(self, timeout: float) -> bool:
            rig.clock.sleep(timeout)
            return False

    rig = Rig()
    rig.pad = rig.driver(irq=NeverActive())
    rig.pad.open()
    assert rig.look() == set()
    rig.place(BOOK)
    assert rig.look() == {BOOK}
