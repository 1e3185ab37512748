"""What breaks and heals is told once, in order, and not forgotten because the disk was full just then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import facts
from kiosk.desk import Cue
from kiosk.desk.staff import Devices
from kiosk.desk.troubles import Troubles
from kiosk.events import (
    Action,
    Crossed,
    Direction,
    Elapsed,
    ExtraBack,
    ExtraLost,
    LinkChanged,
    ReaderBack,
    ReaderLost,
    TagsOnPad,
)
from kiosk.facts import DeviceFault, DeviceRecovered, Fact
from kiosk.model import Now
from kiosk.ports import StorageFull, StoreError
from kiosk.screens import DiskFull, OutOfOrder, ReaderOut, StaffHealth, StaffPin, TakeYourThings, Welcome
from tests.unit.desk_driver import MAI, PIN, STAFF, DeskDriver
from tests.unit.memory_store import MemoryStore, MemoryTransaction

PAD_OUT, PAD_BACK = DeviceFault("pad", "unplugged"), DeviceRecovered("pad")
FULL = StorageFull("no room")


@pytest.fixture
def desk() -> DeskDriver:
    return DeskDriver()


def told(desk: DeskDriver, device: str) -> list[Fact]:
    both = DeviceFault | DeviceRecovered
    return [fact for fact in desk.store.facts if isinstance(fact, both) and fact.device == device]


def goes_in(desk: DeskDriver) -> None:
    for digit in PIN:
        desk.tap(Action.DIGIT, digit)
    desk.tap(Action.ENTER)
    desk.shows(StaffHealth)


# --- the reader ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [StaffPin, StaffHealth])
def test_a_reader_that_heals_while_a_librarian_looks_is_reported_as_well_again(
    desk: DeskDriver, room: type[StaffPin | StaffHealth]
) -> None:
    desk.send(ReaderLost("unplugged"))
    desk.tap(Action.STAFF)
    if room is StaffHealth:
        goes_in(desk)
    desk.shows(room)
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    assert told(desk, "pad") == [PAD_OUT, PAD_BACK]


def test_a_reader_lost_on_a_full_disk_is_reported_once_there_is_room_though_nothing_else_happens(
    desk: DeskDriver,
) -> None:
    desk.store.broken = FULL
    desk.send(ReaderLost("unplugged"))
    desk.wait(30)
    desk.shows(ReaderOut)
    desk.store.broken = None
    desk.wait(6)
    assert told(desk, "pad") == [PAD_OUT]
    assert told(desk, "storage") == [DeviceFault("storage", "no room"), DeviceRecovered("storage")]
    assert desk.step.wake_at is None  # everything was told: nothing is left to try
    desk.wait(60)
    assert told(desk, "pad") == [PAD_OUT]


def test_the_next_event_of_any_kind_brings_what_is_untold(desk: DeskDriver) -> None:
    desk.store.broken = FULL
    desk.send(ReaderLost("unplugged"))
    desk.store.broken = None
    desk.send(Crossed(Direction.IN))
    assert told(desk, "pad") == [PAD_OUT]


def test_a_reader_that_heals_on_a_full_disk_is_reported_as_well_again(desk: DeskDriver) -> None:
    desk.send(ReaderLost("unplugged"))
    desk.store.broken = FULL
    desk.send(ReaderBack())
    desk.send(TagsOnPad(frozenset()))
    assert told(desk, "pad") == [PAD_OUT]
    desk.store.broken = None
    desk.wait(10)
    desk.shows(Welcome)
    assert told(desk, "pad") == [PAD_OUT, PAD_BACK]


def test_a_reader_that_was_out_and_back_while_the_disk_was_full_is_reported_with_both(
    desk: DeskDriver,
) -> None:
    desk.put(MAI)
    desk.store.broken = FULL
    desk.send(ReaderLost("unplugged"))
    desk.send(ReaderBack())
    desk.lift()
    desk.store.broken = None
    desk.wait(10)
    assert told(desk, "pad") == [PAD_OUT, PAD_BACK]


def test_a_librarian_may_look_while_neither_reader_nor_disk_works(desk: DeskDriver) -> None:
    desk.store.broken = FULL
    desk.send(ReaderLost("unplugged"))
    desk.tap(Action.STAFF)
    goes_in(desk)
    broken = {line.device for line in desk.shows(StaffHealth).devices if not line.good}
    assert broken == {"pad", "storage"}
    assert desk.desk.failure is FULL  # and the log says so
    desk.store.broken = None
    desk.wait(6)
    assert all(line.good for line in desk.shows(StaffHealth).devices if line.device != "pad")


def test_an_extra_that_breaks_or_heals_on_a_full_disk_is_reported_too(desk: DeskDriver) -> None:
    desk.store.broken = FULL
    desk.send(ExtraLost("door", "GPIO17 is taken"))
    desk.store.broken = None
    desk.wait(10)
    desk.store.broken = FULL
    desk.send(ExtraBack("door"))
    desk.store.broken = None
    desk.wait(10)
    assert told(desk, "door") == [DeviceFault("door", "GPIO17 is taken"), DeviceRecovered("door")]


def test_a_worry_that_grows_is_told_again_and_one_that_stays_is_not(desk: DeskDriver) -> None:
    for cause in ("70 degrees", "70 degrees", "85 degrees"):
        desk.send(ExtraLost("board.heat", cause))
    assert told(desk, "board.heat") == [
        DeviceFault("board.heat", "70 degrees"),
        DeviceFault("board.heat", "85 degrees"),
    ]


@given(st.lists(st.sampled_from(["lost", "back", "full", "room", "door", "wait"]), max_size=30))
def test_whatever_comes_together_a_device_breaks_and_heals_in_turn_and_nothing_stays_untold(
    steps: list[str],
) -> None:
    desk, out, times = DeskDriver(), False, 0
    for step in steps:
        match step:
            case "lost" if not out:
                out, times = True, times + 1
                desk.send(ReaderLost("unplugged"))
            case "back" if out:
                out = False
                desk.send(ReaderBack())
                desk.send(TagsOnPad(frozenset()))
            case "full":
                desk.store.broken = FULL
            case "room":
                desk.store.broken = None
            case "door":
                desk.send(Crossed(Direction.IN))
            case "wait":
                desk.wait(6)
    desk.store.broken = None
    desk.wait(20)
    pad = told(desk, "pad")
    assert all(fact == (PAD_BACK if number % 2 else PAD_OUT) for number, fact in enumerate(pad))
    assert len(pad) % 2 == int(out)
    assert bool(pad) == bool(times)
    assert len(pad) <= 2 * times
    assert told(desk, "storage")[-1:] in ([], [DeviceRecovered("storage")])


def test_a_reader_that_comes_and_goes_for_days_on_a_full_disk_fills_no_memory() -> None:
    desk = DeskDriver()
    desk.send(ReaderLost("unplugged"))
    desk.store.broken = FULL
    for _ in range(500):
        desk.send(ReaderBack())
        desk.send(ReaderLost("unplugged"))
    desk.store.broken = None
    desk.wait(10)
    assert told(desk, "pad") == [PAD_OUT, PAD_BACK, PAD_OUT]


# --- the store and the desk itself --------------------------------------------------------------------


def test_the_lamp_is_told_once_that_the_disk_is_full(desk: DeskDriver) -> None:
    desk.store.broken = FULL
    desk.put(MAI)
    desk.wait(60)
    desk.shows(DiskFull)
    assert desk.cues.count(Cue.FAULT) == 1


def test_a_mistake_of_the_program_is_told_at_once_and_its_end_only_when_it_is_over(
    desk: DeskDriver,
) -> None:
    honest = desk.store.cards

    class Broken(dict[str, str]):
        def get(self, uid: str, default: str = "") -> str:  # type: ignore[override]
            raise KeyError(uid)

    def wait_as_the_engine_does(seconds: int) -> None:
        end = desk.mono + seconds * 1000
        while desk.step.wake_at is not None and desk.step.wake_at <= end:
            desk.mono = desk.step.wake_at
            try:
                desk.send(Elapsed())
            except KeyError:
                desk.step = desk.desk.close_down(desk.now())
        desk.mono = end

    desk.store.cards = Broken()
    with pytest.raises(KeyError):
        desk.put(MAI)
    desk.step = desk.desk.close_down(desk.now())
    wait_as_the_engine_does(60)
    desk.shows(OutOfOrder)
    assert [type(fact) for fact in told(desk, "desk")] == [DeviceFault]
    desk.store.cards = honest
    wait_as_the_engine_does(10)
    desk.shows(TakeYourThings)
    assert [type(fact) for fact in told(desk, "desk")] == [DeviceFault, DeviceRecovered]


class PickyStore(MemoryStore):
    """Takes no fact about the lamp, and says so as a mistake of the program would."""

    @contextmanager
    def begin(self, now: Now) -> Iterator[MemoryTransaction]:
        with super().begin(now) as tx:
            take = tx.report

            def report(fact: Fact) -> None:
                if isinstance(fact, DeviceFault) and fact.device == "lamp":
                    raise ValueError("surrogates not allowed")
                take(fact)

            tx.report = report  # type: ignore[method-assign]
            yield tx


def test_a_fault_that_no_store_could_ever_take_is_let_go_and_blocks_nothing(desk: DeskDriver) -> None:
    store = PickyStore({}, {})
    troubles = Troubles(store, Devices(), retry=5_000)
    troubles.broke("lamp", "\udcff")
    with pytest.raises(ValueError, match="surrogates"):
        troubles.tell(desk.now())
    troubles.broke("door", "GPIO17 is taken")
    troubles.tell(desk.now())
    assert store.facts == [DeviceFault("door", "GPIO17 is taken")]


def test_what_the_store_refused_stays_untold_until_it_takes_it(desk: DeskDriver) -> None:
    store = MemoryStore({}, {})
    troubles = Troubles(store, Devices(), retry=5_000)
    assert troubles.wake_at(1_000) is None
    troubles.broke("door", "x" * 500)
    store.broken = StoreError("locked")
    with pytest.raises(StoreError):
        troubles.tell(desk.now())
    assert troubles.wake_at(1_000) == troubles.wake_at(3_000) == 6_000
    assert troubles.wake_at(6_000) == 11_000
    store.broken = None
    troubles.tell(desk.now())
    assert store.facts == [DeviceFault("door", "x" * 200)]
    assert troubles.wake_at(12_000) is None


# --- the link -----------------------------------------------------------------------------------------


def test_the_librarians_page_follows_the_link_and_the_centre_is_not_told_of_it(desk: DeskDriver) -> None:
    desk.put(STAFF)
    goes_in(desk)
    desk.send(LinkChanged(up=False))  # type: ignore[arg-type]
    line = desk.shows(StaffHealth).devices[0]
    assert (line.device, line.good) == ("link", False)
    assert "no link to the centre" in line.cause
    desk.send(LinkChanged(up=True))  # type: ignore[arg-type]
    assert all(line.good for line in desk.shows(StaffHealth).devices)
    assert not [fact for fact in desk.store.facts if isinstance(fact, facts.DeviceFault)]


def test_a_link_that_never_came_up_is_not_shown_as_good() -> None:
    devices = Devices(("pad", "link"))
    assert [(line.device, line.good) for line in devices.lines] == [("link", False), ("pad", True)]
    devices.back("link")
    assert all(line.good for line in devices.lines)


def test_a_change_of_the_link_disturbs_no_visit(desk: DeskDriver) -> None:
    desk.put(MAI)
    before = desk.screen
    assert desk.send(LinkChanged(up=False)) == before  # type: ignore[arg-type]
    desk.tap(Action.HELP)
    before = desk.screen
    assert desk.send(LinkChanged(up=True)) == before  # type: ignore[arg-type]
