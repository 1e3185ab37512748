"""A reader with its own pins can be closed and built again: that is how it heals."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from kiosk.bootstrap.devices import LazyPad
from kiosk.events import Tag
from kiosk.ports import PadFault


class Reader:
    """A reader that works, or does not."""

    def __init__(self, good: bool) -> None:
        self.good = good
        self.closed = False

    def open(self) -> None:
        if not self.good:
            raise PadFault("VersionReg reads 00h")

    def inventory(self) -> frozenset[Tag]:
        return frozenset()

    def close(self) -> None:
        self.closed = True


def test_the_pins_of_a_reader_are_free_for_its_next_opening() -> None:
    factory = MockFactory()
    made: list[Reader] = []

    def build(stack: ExitStack) -> Reader:
        stack.enter_context(DigitalOutputDevice(25, pin_factory=factory))
        made.append(Reader(good=len(made) > 0))
        return made[-1]

    pad = LazyPad(build)
    with pytest.raises(PadFault, match="00h"):
        pad.open()
    pad.close()
    pad.open()  # GPIO25 would still be taken if the first attempt had kept it
    assert pad.inventory() == frozenset()
    pad.close()
    assert [reader.closed for reader in made] == [True, True]
    factory.reset()


def test_a_pin_that_cannot_be_had_leaves_nothing_taken() -> None:
    factory = MockFactory()
    taken = DigitalOutputDevice(25, pin_factory=factory)

    def build(stack: ExitStack) -> Reader:
        stack.enter_context(DigitalOutputDevice(24, pin_factory=factory))
        stack.enter_context(DigitalOutputDevice(25, pin_factory=factory))
        return Reader(good=True)

    pad = LazyPad(build)
    with pytest.raises(Exception, match="25"):
        pad.open()
    taken.close()
    pad.open()
    pad.close()
    factory.reset()


def test_an_unopened_pad_says_so() -> None:
    with pytest.raises(PadFault, match="not opened"):
        LazyPad(lambda stack: Reader(good=True)).inventory()
