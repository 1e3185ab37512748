"""The pad's thread on the FEIG reader, in real time: tags that come and go, a reader that goes and comes."""

from __future__ import annotations

import queue
import time

import pytest

from hardware.worker import PadWorker
from kiosk.events import ReaderBack, ReaderLost, Tag, TagKind, TagsOnPad
from tests.hardware.test_feig import Benches, Rig, bench, uid

__all__ = ["bench"]


class Desk:
    """Hears what the worker posts, with the moment it was posted."""

    def __init__(self, rig: Rig) -> None:
        self.inbox: queue.SimpleQueue[tuple[float, object]] = queue.SimpleQueue()
        self.worker = PadWorker(rig.pad, lambda event: self.inbox.put((time.monotonic(), event)))
        self.worker.start()

    def wait_for(self, wanted: object, within: float, since: float) -> None:
        """Until that event, or that kind of event, came; it must have come `within` seconds of `since`."""
        while True:
            moment, event = self.inbox.get(timeout=max(0.1, since + within - time.monotonic()))
            if event == wanted or (isinstance(wanted, type) and isinstance(event, wanted)):
                assert moment - since <= within
                return


def on_pad(*numbers: int) -> TagsOnPad:
    return TagsOnPad(frozenset(Tag(uid(n), TagKind.VICINITY) for n in numbers))


@pytest.fixture
def desk(bench: Benches):
    rig = bench(closed=True)
    hearing = Desk(rig)
    hearing.rig = rig
    yield hearing
    hearing.worker.stop()


def test_books_are_reported_when_they_come_and_when_they_go(desk):
    began = time.monotonic()
    desk.wait_for(on_pad(), 2.0, began)
    began = time.monotonic()
    desk.rig.place(1, 2)
    desk.wait_for(on_pad(1, 2), 2.0, began)
    began = time.monotonic()
    desk.rig.device.lift(uid(1))
    desk.wait_for(on_pad(2), 2.0, began)


@pytest.mark.parametrize("accident", ["unplug", "mute"])
def test_a_lost_reader_is_told_within_two_seconds_and_its_return_within_five(desk, accident):
    desk.rig.place(1)
    desk.wait_for(on_pad(1), 2.0, time.monotonic())
    began = time.monotonic()
    if accident == "unplug":
        desk.rig.line.unplug()
    else:
        desk.rig.line.mute = True
    desk.wait_for(ReaderLost, 2.0, began)
    began = time.monotonic()
    desk.rig.line.mute = False
    desk.rig.line.plug()
    desk.rig.device.reset()
    desk.wait_for(ReaderBack, 5.0, began)
    desk.wait_for(on_pad(1), 5.0, began)
