"""The pad's thread: single looks become placements, removals, and a reader that is lost or back."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulated.clock import VirtualClock
from hardware.worker import PadWorker, WorkerRunning, WorkerStuck
from kiosk.events import ReaderBack, ReaderLost, Tag, TagKind, TagsOnPad
from kiosk.ports import PadDisturbed, PadFault

CARD = Tag("DEADBEEF", TagKind.CLASSIC)
BOOK = Tag("04A1B2C3D4E580", TagKind.ULTRALIGHT)
OTHER_BOOK = Tag("04A1B2C3D4E581", TagKind.ULTRALIGHT)


class HandledPad:
    """A pad whose looks are what the test says. `answer`: tags, or an exception to raise."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.answer: frozenset[Tag] | Exception = frozenset()
        self.opening: Exception | None = None
        self.calls: list[str] = []
        self.looks: list[float] = []

    def open(self) -> None:
        self.calls.append("open")
        if self.opening is not None:
            raise self.opening

    def inventory(self) -> frozenset[Tag]:
        self.calls.append("inventory")
        self.looks.append(self.clock.monotonic())
        self.clock.sleep(0.01)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        self.calls.append("close")


class Table:
    """A pad, its worker, and the events it posted with the seconds they were posted at."""

    def __init__(self, **worker) -> None:
        self.clock = VirtualClock(1000.0)
        self.pad = HandledPad(self.clock)
        self.posted: list[object] = []
        self.times: list[float] = []
        self.worker = PadWorker(self.pad, self._post, monotonic=self.clock.monotonic, **worker)

    def _post(self, event: object) -> None:
        self.posted.append(event)
        self.times.append(self.clock.monotonic())

    def put(self, *tags: Tag) -> None:
        self.pad.answer = frozenset(tags)

    def wait(self, seconds: float) -> list[object]:
        """Let the worker look for so long; what it posted meanwhile."""
        already = len(self.posted)
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.sleep(self.worker.poll_once(self.clock.monotonic()))
        return self.posted[already:]


def running(*tags: Tag, **worker) -> Table:
    table = Table(**worker)
    table.put(*tags)
    table.wait(1.0)
    return table


def on(*tags: Tag) -> TagsOnPad:
    return TagsOnPad(frozenset(tags))


def test_an_empty_pad_is_posted_once_at_the_start():
    table = Table()
    assert table.wait(3.0) == [on()]


def test_what_lies_there_at_the_start_is_posted_at_once_and_whole():
    table = Table()
    table.put(CARD, BOOK)
    assert table.wait(3.0) == [on(CARD, BOOK)]


def test_nothing_is_posted_while_nothing_changes():
    table = running(CARD)
    assert table.wait(60.0) == []


def test_things_put_down_one_after_the_other_are_one_placement():
    table = running()
    table.put(CARD)
    assert table.wait(0.1) == []
    table.put(CARD, BOOK)
    assert table.wait(1.0) == [on(CARD, BOOK)]


def test_a_placement_is_posted_soon_after_it_settled():
    table = running(settle_ms=120)
    placed = table.clock.monotonic()
    table.put(BOOK)
    table.wait(1.0)
    assert 0.120 <= table.times[-1] - placed <= 0.120 + 0.1 + 0.06


def test_the_pad_is_looked_at_faster_while_things_settle():
    table = running()
    table.put(BOOK)
    table.wait(0.05)
    table.pad.looks.clear()
    table.wait(0.11)
    gaps = [b - a for a, b in zip(table.pad.looks, table.pad.looks[1:], strict=False)]
    assert gaps
    assert max(gaps) < 0.045


def test_ten_looks_a_second_are_ten_looks_a_second():
    table = running()
    table.pad.looks.clear()
    table.wait(10.0)
    assert 99 <= len(table.pad.looks) <= 101


def test_a_tag_is_removed_after_so_long_a_silence_and_not_earlier():
    table = running(CARD, removed_ms=400)
    lifted = table.clock.monotonic()
    table.put()
    assert table.wait(1.0) == [on()]
    assert 0.400 <= table.times[-1] - lifted <= 0.620


def test_a_removal_takes_no_longer_when_the_pad_is_looked_at_only_twice_a_second():
    table = running(CARD, polls_per_second=2, removed_ms=600)
    lifted = table.clock.monotonic()
    table.put()
    assert table.wait(3.0) == [on()]
    assert table.times[-1] - lifted <= 0.5 + 0.6 + 0.05


def test_a_tag_that_is_silent_for_a_moment_was_never_away():
    table = running(CARD, removed_ms=400)
    for _ in range(20):
        table.put()
        assert table.wait(0.3) == []
        table.put(CARD)
        assert table.wait(0.2) == []


def test_a_machine_that_stalled_has_seen_no_silence():
    table = running(CARD, removed_ms=300)
    table.put()
    table.wait(0.05)
    table.clock.sleep(5.0)
    table.worker.poll_once(table.clock.monotonic())
    table.put(CARD)
    assert table.wait(1.0) == []
    assert table.posted == [on(CARD)]


def test_one_of_two_is_removed_and_the_other_stays():
    table = running(CARD, BOOK)
    table.put(BOOK)
    assert table.wait(1.0) == [on(BOOK)]


def test_a_book_put_down_while_a_card_is_lifted_is_never_posted_with_that_card():
    """The next child's book must not meet the last child's card."""
    table = running(CARD)
    table.put(BOOK)
    assert table.wait(2.0) == [on(), on(BOOK)]


def test_a_card_that_is_nudged_while_a_book_is_put_down_stays():
    table = running(CARD)
    table.put(BOOK)
    table.wait(0.2)
    table.put(CARD, BOOK)
    assert table.wait(2.0) == [on(CARD, BOOK)]


def test_an_answer_that_cannot_be_read_is_presence():
    table = running(CARD, BOOK)
    table.pad.answer = PadDisturbed("noise", tags=frozenset({BOOK}))
    assert table.wait(2.0) == []
    table.put(CARD, BOOK)
    assert table.wait(2.0) == []


def test_silence_between_unreadable_answers_is_not_added_up():
    table = running(CARD)
    for _ in range(5):
        table.pad.answer = PadDisturbed("noise")
        assert table.wait(0.1) == []
        table.put()
        assert table.wait(0.3) == []


def test_a_tag_never_verified_for_three_seconds_is_gone_however_much_noise_there_is():
    table = running(CARD, BOOK)
    table.pad.answer = PadDisturbed("noise", tags=frozenset({BOOK}))
    assert table.wait(5.0) == [on(BOOK)]


def test_answers_that_cannot_be_read_are_never_posted_as_an_empty_pad():
    table = Table()
    table.pad.answer = PadDisturbed("something on the pad cannot be read")
    assert table.wait(2.0) == []
    assert table.wait(2.0) == [ReaderLost("something on the pad cannot be read")]
    table.put()
    assert table.wait(4.0) == [ReaderBack(), on()]


def test_a_reader_lost_to_noise_does_not_come_back_while_the_noise_lasts():
    table = running(CARD)
    table.pad.answer = PadDisturbed("noise")
    assert table.wait(60.0) == [ReaderLost("noise")]


def test_new_things_beside_something_unreadable_are_posted():
    table = running()
    table.pad.answer = PadDisturbed("a broken sticker", tags=frozenset({CARD, BOOK}))
    assert table.wait(2.0) == [on(CARD, BOOK)]


def test_a_fault_is_posted_once_with_its_cause():
    table = running(CARD)
    table.pad.answer = PadFault("VersionReg reads 00h")
    assert table.wait(30.0) == [ReaderLost("VersionReg reads 00h")]


def test_a_fault_is_found_within_one_turn():
    table = running()
    table.pad.answer = PadFault("gone")
    broke = table.clock.monotonic()
    table.wait(1.0)
    assert table.times[-1] - broke <= 0.2


@pytest.mark.parametrize(
    "error", [OSError(5, "Input/output error"), ValueError("x"), RuntimeError(), KeyError("k")]
)
def test_every_exception_of_the_pad_is_a_fault_and_the_reader_can_come_back(error):
    table = running(CARD)
    table.pad.answer = error
    (lost,) = table.wait(1.0)
    assert isinstance(lost, ReaderLost)
    assert lost.cause
    table.put(CARD)
    assert table.wait(5.0) == [ReaderBack(), on(CARD)]


def test_the_reader_is_closed_and_reopened_with_growing_pauses_of_two_seconds_at_most():
    table = running()
    table.pad.opening = PadFault("still gone")
    table.pad.answer = PadFault("gone")
    table.pad.calls.clear()
    opened = []
    until = table.clock.monotonic() + 12
    while table.clock.monotonic() < until:
        before = table.pad.calls.count("open")
        now = table.clock.monotonic()
        rest = table.worker.poll_once(now)
        if table.pad.calls.count("open") > before:
            opened.append((now, rest))
        table.clock.sleep(rest)
    assert [round(rest, 3) for _, rest in opened[:6]] == [0.4, 0.8, 1.6, 2.0, 2.0, 2.0]
    assert table.pad.calls[:4] == ["inventory", "close", "open", "close"]


def test_a_healed_reader_is_back_within_five_seconds_with_what_lies_there_now():
    table = running(CARD)
    table.pad.answer = PadFault("gone")
    table.wait(60.0)
    table.put(BOOK)
    healed = table.clock.monotonic()
    assert table.wait(5.0) == [ReaderBack(), on(BOOK)]
    assert table.times[-1] - healed <= 5.0


@pytest.mark.parametrize("good_s", [0.3, 1.0, 2.0])
def test_a_loose_wire_does_not_fill_the_outbox_with_losses_and_returns(good_s):
    table = running(CARD)
    for _ in range(200):
        table.pad.answer = PadFault("a loose wire")
        table.wait(0.3)
        table.put(CARD)
        table.wait(good_s)
    assert sum(isinstance(event, ReaderLost) for event in table.posted) <= 6
    table.wait(5.0)
    assert table.posted[-2:] == [ReaderBack(), on(CARD)]


def test_a_reader_that_stood_for_half_a_minute_has_no_past():
    table = running(CARD)
    for _ in range(5):
        table.pad.answer = PadFault("a loose wire")
        table.wait(0.3)
        table.put(CARD)
        table.wait(4.0)
    table.wait(30.0)
    table.pad.answer = PadFault("once more")
    table.wait(0.1)
    table.put(CARD)
    assert table.wait(1.0) == [ReaderBack(), on(CARD)]


def test_an_emptied_pad_is_posted_after_the_reader_came_back():
    table = running(CARD)
    table.pad.answer = PadFault("gone")
    table.wait(1.0)
    table.put()
    assert table.wait(5.0) == [ReaderBack(), on()]


def test_the_same_tags_are_posted_again_after_the_reader_came_back():
    table = running(CARD)
    table.pad.answer = PadFault("gone")
    table.wait(1.0)
    table.put(CARD)
    assert table.wait(5.0) == [ReaderBack(), on(CARD)]


def test_a_reader_that_fails_again_before_it_settled_is_not_back():
    table = running()
    table.pad.answer = PadFault("gone")
    table.wait(0.3)
    for _ in range(10):
        table.put(CARD)
        table.worker.poll_once(table.clock.monotonic())
        table.pad.answer = PadFault("gone")
        table.worker.poll_once(table.clock.monotonic())
    assert table.posted == [on(), ReaderLost("gone")]


def test_a_reader_missing_at_the_start_is_lost_then_back():
    table = Table()
    table.pad.opening = PadFault("nothing answers")
    assert table.wait(10.0) == [ReaderLost("nothing answers")]
    table.pad.opening = None
    assert table.wait(5.0) == [ReaderBack(), on()]


def test_the_heartbeat_moves_with_every_look_and_while_the_reader_is_lost():
    table = running()
    assert table.clock.monotonic() - table.worker.heartbeat <= 0.2
    table.pad.answer = PadFault("gone")
    table.pad.opening = PadFault("gone")
    table.wait(30.0)
    assert table.clock.monotonic() - table.worker.heartbeat <= 2.1


Looks = st.lists(
    st.tuples(
        st.one_of(
            st.frozensets(st.sampled_from([CARD, BOOK, OTHER_BOOK])),
            st.frozensets(st.sampled_from([CARD, BOOK])).map(lambda tags: PadDisturbed("noise", tags=tags)),
            st.just(PadFault("gone")),
            st.just(OSError("gone")),
        ),
        st.integers(1, 15),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(Looks)
def test_whatever_happens_the_story_told_is_consistent(looks):
    """No tags from a lost reader, no repetition, every return followed by the tags, no tag nobody saw."""
    table = Table()
    seen: set[Tag] = set()
    for answer, count in looks:
        table.pad.answer = answer
        seen |= answer if isinstance(answer, frozenset) else getattr(answer, "tags", frozenset())
        for _ in range(count):
            table.clock.sleep(table.worker.poll_once(table.clock.monotonic()))
    lost, last = False, None
    for number, event in enumerate(table.posted):
        match event:
            case ReaderLost():
                assert not lost
                lost, last = True, None
            case ReaderBack():
                assert lost
                lost = False
                assert isinstance(table.posted[number + 1], TagsOnPad)
            case TagsOnPad(tags):
                assert not lost
                assert tags != last
                assert tags <= seen
                last = tags


# -- the thread itself, with the real clock ------------------------------------------------------------------


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 5 s"
        time.sleep(0.002)


def test_the_thread_owns_the_pad_from_open_to_close():
    threads: list[tuple[str, str]] = []
    posted: list[object] = []

    class NamedPad:
        def open(self):
            threads.append(("open", threading.current_thread().name))

        def inventory(self):
            threads.append(("inventory", threading.current_thread().name))
            return frozenset({CARD})

        def close(self):
            threads.append(("close", threading.current_thread().name))

    worker = PadWorker(NamedPad(), posted.append, polls_per_second=20, settle_ms=0)
    worker.start()
    with pytest.raises(WorkerRunning):
        worker.start()
    _wait_for(lambda: posted)
    worker.stop(timeout=5.0)
    assert {name for _, name in threads} == {"pad"}
    assert threads[0][0] == "open"
    assert threads[-1][0] == "close"
    assert posted == [on(CARD)]
    worker.start()
    _wait_for(lambda: len(posted) == 2)
    worker.stop(timeout=5.0)
    assert posted[1] == on(CARD), "a new start tells everything anew"


def test_a_thread_that_will_not_end_is_reported():
    release = threading.Event()
    entered = threading.Event()

    class HangingPad:
        def open(self):
            entered.set()
            release.wait(10.0)

        def inventory(self):
            return frozenset()

        def close(self):
            pass

    worker = PadWorker(HangingPad(), lambda event: None)
    worker.start()
    assert entered.wait(5.0)
    with pytest.raises(WorkerStuck, match=r"within 0\.05 s"):
        worker.stop(timeout=0.05)
    release.set()
    worker.stop(timeout=5.0)


def test_stopping_a_worker_that_never_started_is_nothing():
    PadWorker(HandledPad(VirtualClock()), lambda event: None).stop()


def test_a_pad_that_cannot_even_be_closed_kills_no_thread():
    class Stubborn(HandledPad):
        def close(self):
            raise OSError("no")

    table = Table()
    table.worker = PadWorker(Stubborn(table.clock), table._post, monotonic=table.clock.monotonic)
    table.worker._pad.answer = PadFault("gone")
    assert table.wait(3.0) == [ReaderLost("gone")]


def test_looks_that_cannot_be_read_never_empty_the_pad_even_when_another_tag_is_seen():
    table = Table()
    table.pad.answer = frozenset({CARD})
    table.wait(1.0)
    table.posted.clear()
    table.pad.answer = PadDisturbed("detuned", tags=frozenset({BOOK}))
    table.wait(10.0)
    assert TagsOnPad(frozenset()) not in table.posted
    assert table.posted == [TagsOnPad(frozenset({BOOK}))]
