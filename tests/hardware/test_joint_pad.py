"""Two readers are one pad: whoever sees a tag, it lies there; whichever breaks, the pad does not work."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from hardware.errands import Errands
from hardware.rfid.joint_pad import JointPad
from hardware.rfid.rc522 import RC522
from hardware.rfid.tags.memory import TagGone, TagNotVerified, TagRefused
from hardware.simulated.clock import VirtualClock
from hardware.simulated.field import Field
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.spidev import InProcessSpi
from hardware.simulated.tags import make_tag
from hardware.worker import PadWorker
from kiosk.events import GateRefused, GateSet, ReaderLost, Tag, TagKind, TagRead, TagSays, TagsOnPad
from kiosk.ports import Inspect, PadDisturbed, PadFault, Secure

CARD, STICKER, LIBRARY = "DEADBEEF", "04A1B2C3D4E580", "E004010000000001"


class GatePad:
    """A reader of library stickers that play along or not, by what each test says."""

    def __init__(self) -> None:
        self.tags: set[str] = set()
        self.secured: dict[str, bool] = {}
        self.trouble: list[Exception] = []
        self.broken = ""

    def open(self) -> None:
        if self.broken:
            raise PadFault(self.broken)

    def inventory(self) -> frozenset[Tag]:
        if self.broken:
            raise PadFault(self.broken)
        return frozenset(Tag(uid, TagKind.VICINITY) for uid in self.tags)

    def close(self) -> None:
        pass

    def secure(self, uid: str, on: bool) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        if uid not in self.tags:
            raise TagGone("it left")
        self.secured[uid] = on


class Two:
    """A chip-level RC522 for cards and a gate reader, under one pad with a worker on it."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.field = Field()
        self.chip = RC522Chip(clock=self.clock, field=self.field)
        self.cards = RC522(InProcessSpi(self.chip), sleep=self.clock.sleep, monotonic=self.clock.monotonic)
        self.books = GatePad()
        self.pad = JointPad({"pad": lambda _: self.cards, "pad.second": lambda _: self.books})
        self.heard: list[object] = []
        self.errands = Errands(self.pad, self.heard.append)
        self.worker = PadWorker(
            self.pad, self.heard.append, errands=self.errands, monotonic=self.clock.monotonic
        )

    def wait(self, seconds: float = 1.0) -> list[object]:
        already, until = len(self.heard), self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.sleep(self.worker.poll_once(self.clock.monotonic()))
        return self.heard[already:]


def test_a_card_and_a_library_book_put_down_together_are_one_placement() -> None:
    two = Two()
    two.wait()
    two.field.place(make_tag(CARD, "classic1k"))
    two.books.tags.add(LIBRARY)
    told = two.wait()
    assert told == [TagsOnPad(frozenset({Tag(CARD, TagKind.CLASSIC), Tag(LIBRARY, TagKind.VICINITY)}))]


@pytest.mark.parametrize("which", ["pad", "pad.second"])
def test_whichever_breaks_the_pad_is_lost_by_name_and_heals(which: str) -> None:
    two = Two()
    two.wait()
    if which == "pad":
        two.chip.unplug()
    else:
        two.books.broken = "the port went away"
    lost = [event for event in two.wait(2.0) if isinstance(event, ReaderLost)]
    assert len(lost) == 1
    assert lost[0].cause.startswith(f"{which}: ")
    two.chip.restore()
    two.books.broken = ""
    assert TagsOnPad(frozenset()) in two.wait(5.0)


def test_two_rc522_on_two_chip_selects_are_one_pad_and_heal_one_by_one() -> None:
    clock = VirtualClock()
    fields = [Field(), Field(seed=2)]
    chips = [RC522Chip(clock=clock, field=field) for field in fields]
    readers = [
        RC522(InProcessSpi(chip), device=number, sleep=clock.sleep, monotonic=clock.monotonic)
        for number, chip in enumerate(chips)
    ]
    pad = JointPad({"pad": lambda _: readers[0], "pad.second": lambda _: readers[1]})
    heard: list[object] = []
    worker = PadWorker(pad, heard.append, monotonic=clock.monotonic)

    def wait(seconds: float) -> list[object]:
        already, until = len(heard), clock.monotonic() + seconds
        while clock.monotonic() < until:
            clock.sleep(worker.poll_once(clock.monotonic()))
        return heard[already:]

    wait(0.5)
    fields[0].place(make_tag(CARD, "classic1k"))
    fields[1].place(make_tag(STICKER, "ntag213"))
    both = frozenset({Tag(CARD, TagKind.CLASSIC), Tag(STICKER, TagKind.ULTRALIGHT)})
    assert wait(1.0) == [TagsOnPad(both)]
    fields[0].lift(CARD)
    fields[1].place(make_tag("01020304", "classic1k"))
    told = wait(1.5)
    left = {Tag(STICKER, TagKind.ULTRALIGHT), Tag("01020304", TagKind.CLASSIC)}
    assert told[-1] == TagsOnPad(frozenset(left))
    for number, name in enumerate(("spidev0.0", "spidev0.1")):
        chips[number].freeze()
        lost = [event for event in wait(2.0) if isinstance(event, ReaderLost)]
        assert len(lost) == 1
        chips[number].restore()
        assert isinstance(wait(5.0)[-1], TagsOnPad), name
        chips[number].unplug()
        lost = [event for event in wait(2.0) if isinstance(event, ReaderLost)]
        assert lost[0].cause.startswith(("pad: ", "pad.second: ")[number])
        chips[number].restore()
        wait(5.0)


def test_with_one_reader_a_fault_is_told_as_it_is() -> None:
    books = GatePad()
    books.broken = "the port went away"
    with pytest.raises(PadFault, match=r"^the port"):
        JointPad({"pad": lambda _: books}).open()


def test_an_answer_that_one_cannot_verify_keeps_what_the_other_saw() -> None:
    class Disturbed(GatePad):
        def inventory(self) -> frozenset[Tag]:
            raise PadDisturbed("noise")

    cards = GatePad()
    cards.tags.add(LIBRARY)
    pad = JointPad({"a": lambda _: Disturbed(), "b": lambda _: cards})
    pad.open()
    with pytest.raises(PadDisturbed) as caught:
        pad.inventory()
    assert {tag.uid for tag in caught.value.tags} == {LIBRARY}


def test_the_pins_of_every_reader_are_free_for_the_next_opening() -> None:
    factory = MockFactory()
    second = GatePad()
    second.broken = "not there"

    def build(stack: ExitStack) -> GatePad:
        stack.enter_context(DigitalOutputDevice(25, pin_factory=factory))
        return GatePad()

    pad = JointPad({"a": build, "b": lambda _: second})
    for _ in range(3):
        with pytest.raises(PadFault, match="b: not there"):
            pad.open()
    second.broken = ""
    pad.open()
    pad.close()
    DigitalOutputDevice(25, pin_factory=factory).close()
    factory.reset()


def test_a_pad_that_is_not_open_says_so() -> None:
    with pytest.raises(PadFault, match="not opened"):
        JointPad({"a": lambda _: GatePad()}).inventory()


# -- errands -----------------------------------------------------------------------------------------------


def test_an_errand_waits_for_its_tag_and_is_told_once() -> None:
    two = Two()
    two.wait()
    two.errands.give(Secure(LIBRARY, False))
    assert two.wait() == []
    two.books.tags.add(LIBRARY)
    told = two.wait()
    assert told.count(GateSet(LIBRARY, False)) == 1
    assert two.books.secured == {LIBRARY: False}
    assert not two.errands.waiting


def test_a_later_order_replaces_an_earlier_one() -> None:
    two = Two()
    two.wait()
    for on in (False, True):
        two.errands.give(Secure(LIBRARY, on))
    two.books.tags.add(LIBRARY)
    assert [event for event in two.wait() if isinstance(event, GateSet)] == [GateSet(LIBRARY, True)]


def test_a_tag_that_leaves_in_the_middle_is_done_when_it_comes_back() -> None:
    two = Two()
    two.wait()
    two.books.tags.add(LIBRARY)
    two.books.trouble = [TagGone("it left"), TagGone("it left")]
    two.errands.give(Secure(LIBRARY, False))
    assert GateSet(LIBRARY, False) in two.wait()


def test_what_does_not_read_back_is_tried_again_and_then_refused() -> None:
    two = Two()
    two.wait()
    two.books.tags.add(LIBRARY)
    two.books.trouble = [TagNotVerified("bad contact")] * 2
    two.errands.give(Secure(LIBRARY, False))
    assert GateSet(LIBRARY, False) in two.wait()
    two.books.trouble = [TagNotVerified("bad contact")] * 9
    two.errands.give(Secure(LIBRARY, True))
    assert GateRefused(LIBRARY, "bad contact") in two.wait(2.0)
    two.books.trouble = [TagRefused("locked")]
    two.errands.give(Secure(LIBRARY, True))
    assert GateRefused(LIBRARY, "locked") in two.wait()


def test_a_sticker_under_a_reader_without_a_gate_is_refused_in_words() -> None:
    two = Two()
    two.field.place(make_tag(STICKER, "ntag213"))
    two.wait()
    two.errands.give(Secure(STICKER, True))
    refused = [event for event in two.wait() if isinstance(event, GateRefused)]
    assert "knows no gate" in refused[0].cause


def test_a_fault_during_an_errand_is_a_lost_reader_and_the_errand_is_kept() -> None:
    two = Two()
    two.wait()
    two.books.tags.add(LIBRARY)
    two.books.trouble = [PadFault("the port went away")]
    two.errands.give(Secure(LIBRARY, False))
    told = two.wait(6.0)
    assert any(isinstance(event, ReaderLost) for event in told)
    assert GateSet(LIBRARY, False) in told


@pytest.mark.parametrize("trouble", [PadFault("status 0Eh"), ValueError("a parser's mistake")])
def test_one_sticker_that_breaks_its_errand_each_time_does_not_close_the_desk(trouble: Exception) -> None:
    two = Two()
    two.wait()
    two.books.tags.add(LIBRARY)
    two.books.trouble = [trouble] * 50
    two.errands.give(Secure(LIBRARY, False))
    told = two.wait(6.0)
    assert any(isinstance(event, GateRefused) for event in told)
    assert not two.errands.waiting
    lost = [event for event in told if isinstance(event, ReaderLost)]
    assert len(lost) <= 1
    assert told[-1] == TagsOnPad(frozenset({Tag(LIBRARY, TagKind.VICINITY)})) or not lost
    assert two.wait(5.0) == []


def test_what_a_sticker_says_is_read_and_the_next_look_sees_everything() -> None:
    two = Two()
    two.field.place(make_tag(STICKER, "ntag213"))
    two.field.place(make_tag(CARD, "classic1k"))
    two.wait()
    two.errands.give(Inspect(STICKER))
    assert two.wait() == [TagRead(STICKER, TagSays.BLANK)]
    assert two.wait(3.0) == []  # both tags are still seen: no removal, no new report


def test_a_tag_whose_memory_nobody_can_read_is_named() -> None:
    two = Two()
    two.wait()
    two.books.tags.add(LIBRARY)
    two.errands.give(Inspect(LIBRARY))
    read = [event for event in two.wait() if isinstance(event, TagRead)]
    assert read[0].says is TagSays.UNREADABLE
    assert "cannot read its memory" in read[0].words


def test_errands_for_tags_that_never_come_are_forgotten_at_last() -> None:
    two = Two()
    two.wait()
    for number in range(500):
        two.errands.give(Secure(f"E00401{number:010X}", False))
    two.wait()
    assert len(two.errands._waiting) <= 200
