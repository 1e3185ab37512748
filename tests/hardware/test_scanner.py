"""A barcode scanner on a real pseudo-terminal: scans, plugs pulled and put back, two at once, stopping."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from hardware.barcode.codes import CodeRules
from hardware.barcode.plugged import PluggedThread, ReaderRunning, ReaderStuck
from hardware.barcode.scanner import LineScanner
from hardware.barcode.scans import Scans
from hardware.simulated.clock import VirtualClock
from hardware.simulated.scanner_device import ScannerDevice
from hardware.simulated.serial_line import SerialLine
from kiosk.events import CodeNames, Scanned

ISBN = Scanned("9780306406157", CodeNames.TITLE)
ITEM = Scanned("30234000517861", CodeNames.ITEM)
BOOK = Scanned("LK-0012345", CodeNames.PLAIN)


def until(condition: Callable[[], object], what: str, within: float = 5.0) -> None:
    ends = time.monotonic() + within
    while not condition():
        assert time.monotonic() < ends, f"not within {within:g} s: {what}"
        time.sleep(0.005)


class Desk:
    """A scanner device, its line, the driver, and everything the driver said."""

    def __init__(self, stack: ExitStack, link, *, line=None, suffix=b"\r", prefix=b"", **driver) -> None:
        self.device = ScannerDevice(suffix=suffix, prefix=prefix)
        self.line = stack.enter_context(SerialLine(self.device, link, **(line or {})))
        self.posted: list[object] = []
        self.said: list[str] = []
        self.threads: set[str] = set()
        name = driver.pop("device", "scanner")
        self.scanner = LineScanner(
            link,
            self._post,
            device=name,
            on_lost=lambda cause: self.said.append(f"lost: {cause}"),
            on_back=lambda: self.said.append("back"),
            on_refused=lambda why: self.said.append(f"refused: {why}"),
            **driver,
        )
        stack.callback(self.scanner.stop)

    def _post(self, event: object) -> None:
        self.threads.add(threading.current_thread().name)
        self.posted.append(event)

    def start(self) -> Desk:
        """Start the driver and wait until it has the port: what was scanned before is thrown away."""
        self.scanner.start()
        until(lambda: self.scanner.connected, "the port is open")
        return self

    def expect(self, *events: object) -> None:
        until(lambda: len(self.posted) >= len(events), f"{events} posted, so far {self.posted} {self.said}")
        assert self.posted == list(events)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\t", b""])
def test_a_code_is_posted_whatever_ends_it(stack, tmp_path, suffix):
    desk = Desk(stack, tmp_path / "scanner", suffix=suffix).start()
    desk.device.scan("9780306406157")
    desk.expect(ISBN)
    assert desk.threads == {"scanner"}
    assert desk.said == []


def test_codes_of_every_kind_are_posted_with_what_they_name(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    desk.device.scan("9780306406157", prefix=b"]E0")
    desk.device.scan("A30234000517861B", prefix=b"]F0")
    desk.device.scan("LK-0012345", prefix=b"]C0")
    desk.expect(ISBN, ITEM, BOOK)


def test_a_code_that_arrives_in_pieces_is_one_code(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner", line={"pieces": 3}).start()
    desk.device.scan("9780306406157")
    desk.device.scan("LK-0012345")
    desk.expect(ISBN, BOOK)


def test_what_is_no_code_is_told_and_the_next_code_is_read(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    desk.device.scan(b"LK\xff\x001")
    desk.device.scan("LK-0012345")
    desk.expect(BOOK)
    assert len(desk.said) == 1
    assert "byte FFh at place 3" in desk.said[0]


def test_a_hundred_noisy_scans_lose_no_real_one(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner", line={"pieces": 16}, repeat_s=0.0).start()
    chance = random.Random(7)
    real = []
    for number in range(100):
        desk.line.inject(bytes(chance.randrange(0x80, 0x100) for _ in range(chance.randint(1, 30))) + b"\r")
        desk.line.inject(f"LK-{number:04d}\r".encode())
        real.append(Scanned(f"LK-{number:04d}", CodeNames.PLAIN))
    desk.expect(*real)


def test_a_wrong_baud_rate_gives_refusals_and_never_a_code(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner", line={"baud": 115200}, baud=9600, suffix=b"\r").start()
    for _ in range(20):
        desk.device.scan("9780306406157", prefix=b"]E0")
    until(lambda: desk.said, "a refusal")
    assert all("refused" in said for said in desk.said)
    assert ISBN not in desk.posted


def test_a_scanner_pulled_and_put_back_is_lost_once_and_back_once(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    desk.device.scan("LK-0012345")
    desk.expect(BOOK)
    desk.line.unplug()
    until(lambda: desk.said, "lost")
    time.sleep(0.7)  # several attempts to open it again
    assert len(desk.said) == 1
    assert desk.said[0].startswith("lost: ")
    assert desk.scanner.running
    assert repr(desk.scanner).endswith("lost>")
    desk.line.plug()
    until(lambda: desk.said[1:] == ["back"], "back")
    desk.device.scan("9780306406157")
    desk.expect(BOOK, ISBN)
    assert len(desk.said) == 2


def test_a_scanner_that_is_not_there_at_the_start_is_lost_and_comes(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner")
    desk.line.unplug()
    desk.scanner.start()
    until(lambda: desk.said, "lost")
    assert "there is no such port" in desk.said[0]
    desk.line.plug()
    until(lambda: desk.said[1:] == ["back"], "back")
    desk.device.scan("LK-0012345")
    desk.expect(BOOK)


def test_half_a_code_before_the_plug_was_pulled_is_not_glued_to_the_next(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    desk.device.scan("978030", suffix=b"")
    time.sleep(0.02)
    desk.line.unplug()
    until(lambda: desk.said, "lost")
    desk.line.plug()
    until(lambda: desk.said[-1] == "back", "back")
    desk.device.scan("LK-0012345")
    until(lambda: BOOK in desk.posted, "the code")


def test_two_scanners_read_at_the_same_time(stack, tmp_path):
    desks = [Desk(stack, tmp_path / name, device=name).start() for name in ("left", "right")]
    for number in range(10):
        for desk, side in zip(desks, "LR", strict=True):
            desk.device.scan(f"{side}-{number}")
    for desk, side in zip(desks, "LR", strict=True):
        desk.expect(*(Scanned(f"{side}-{number}", CodeNames.PLAIN) for number in range(10)))
    assert [desk.threads for desk in desks] == [{"left"}, {"right"}]


def test_two_scanners_with_the_same_port_are_told_so(stack, tmp_path):
    first = Desk(stack, tmp_path / "scanner").start()
    said: list[str] = []
    second = LineScanner(tmp_path / "scanner", first.posted.append, device="second", on_lost=said.append)
    stack.callback(second.stop)
    second.start()
    until(lambda: said, "lost")
    assert "another program uses it" in said[0]
    first.device.scan("LK-0012345")
    first.expect(BOOK)


@pytest.mark.parametrize("moment", range(8))
def test_stopping_at_any_moment_leaves_no_thread(stack, tmp_path, moment):
    desk = Desk(stack, tmp_path / "scanner", device=f"scanner-{moment}")
    if moment % 2:
        desk.line.unplug()
    desk.scanner.start()
    desk.device.scan("LK-0012345")
    time.sleep(moment * 0.013)
    asked = time.monotonic()
    desk.scanner.stop()
    assert time.monotonic() - asked < 0.5
    assert not [one for one in threading.enumerate() if one.name == f"scanner-{moment}"]
    desk.scanner.stop()
    assert not desk.scanner.running


def test_a_stopped_scanner_gives_its_port_back_and_can_start_again(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    with pytest.raises(ReaderRunning):
        desk.scanner.start()
    desk.scanner.stop()
    assert repr(desk.scanner).endswith("stopped>")
    assert not desk.scanner.connected
    with LineScanner(tmp_path / "scanner", desk.posted.append, device="second") as second:
        until(lambda: second.connected, "the port is open")
    desk.start()
    desk.device.scan("LK-0012345")
    desk.expect(BOOK)


def test_the_watchdog_sees_the_thread_turn(stack, tmp_path):
    desk = Desk(stack, tmp_path / "scanner").start()
    before = desk.scanner.heartbeat
    until(lambda: desk.scanner.heartbeat > before, "a heartbeat")


# What is done with a text, without any wire.


def scans(**how):
    posted: list[object] = []
    return posted, Scans(posted.append, **how)


def test_the_same_code_within_a_second_is_one_scan():
    posted, taking = scans()
    for at in (10.0, 10.3, 10.9, 11.8):
        taking.take(b"LK-0012345", at)
    assert posted == [BOOK]
    taking.take(b"LK-0012345", 12.9)
    assert posted == [BOOK, BOOK]


def test_another_code_within_a_second_is_another_scan():
    posted, taking = scans()
    for at, code in ((1.0, b"LK-0012345"), (1.1, b"9780306406157"), (2.2, b"LK-0012345")):
        taking.take(code, at)
    assert posted == [BOOK, ISBN, BOOK]


def test_two_labels_on_one_cover_before_a_scanner_on_a_stand_are_two_scans_and_no_flood():
    posted, taking = scans()
    for turn in range(100):
        taking.take((b"LK-0012345", b"9780306406157")[turn % 2], 1.0 + turn / 10)
    assert posted == [BOOK, ISBN]


def test_a_code_is_forgotten_when_it_can_no_longer_repeat():
    _, taking = scans()
    taking.take(b"LK-0012345", 1.0)
    taking.rest(1.9)
    assert taking.remembers
    taking.rest(2.0)
    assert not taking.remembers
    taking.take(b"LK-0012345", 3.0)
    taking.forget()
    assert not taking.remembers


def test_a_bad_label_held_before_the_scanner_is_told_once(caplog):
    told: list[str] = []
    _, taking = scans(on_refused=told.append)
    for at in (1.0, 1.4, 1.8):
        taking.take(b"LK?", at)
    assert len(told) == 1
    assert len(caplog.records) == 1


def test_no_code_reaches_the_log(caplog):
    caplog.set_level(0)
    _, taking = scans()
    for raw in (b"23234000517860", b"]F0A23234000517860B", b"23234000517860?"):
        taking.take(raw, 1.0)
    assert "23234" not in caplog.text


def test_the_librarys_rules_are_kept():
    posted, taking = scans(rules=CodeRules(mod43=True))
    taking.take(b"123XYZM", 1.0)
    assert posted == [Scanned("123XYZ", CodeNames.PLAIN)]


# The thread that keeps a device open, with a device and a clock of the test's own.


class Plug:
    """A device that is there or not, and counts."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock, self.there, self.is_open = clock, True, False
        self.opened_at: list[float] = []

    def open(self) -> None:
        self.opened_at.append(self.clock.monotonic())
        if not self.there:
            raise OSError("nobody there")
        self.is_open = True

    def attend(self) -> None:
        self.clock.sleep(0.1)
        if not self.there:
            raise OSError("went away")

    def close(self) -> None:
        self.is_open = False


class Watched:
    """A PluggedThread turned by hand."""

    def __init__(self) -> None:
        self.clock = VirtualClock(100.0)
        self.plug = Plug(self.clock)
        self.said: list[tuple[float, str]] = []
        self.thread = PluggedThread(
            self.plug,
            "device",
            on_lost=lambda cause: self.said.append((self.clock.monotonic(), f"lost: {cause}")),
            on_back=lambda: self.said.append((self.clock.monotonic(), "back")),
            monotonic=self.clock.monotonic,
        )

    def run(self, seconds: float) -> list[str]:
        already, ends = len(self.said), self.clock.monotonic() + seconds
        while self.clock.monotonic() < ends:
            self.clock.sleep(self.thread.turn(self.clock.monotonic()))
        return [said for _, said in self.said[already:]]


def test_a_device_that_works_is_neither_lost_nor_back():
    assert Watched().run(60) == []


def test_a_device_is_tried_again_later_and_later_but_within_two_seconds():
    watched = Watched()
    watched.plug.there = False
    assert watched.run(60) == ["lost: nobody there"]
    pauses = [b - a for a, b in zip(watched.plug.opened_at, watched.plug.opened_at[1:], strict=False)]
    assert pauses[:4] == pytest.approx([0.2, 0.4, 0.8, 1.6])
    assert max(pauses) == pytest.approx(2.0)


def test_a_device_that_went_away_is_closed_and_comes_back():
    watched = Watched()
    watched.run(5)
    watched.plug.there = False
    assert watched.run(10) == ["lost: went away"]
    assert not watched.plug.is_open
    watched.plug.there = True
    assert watched.run(10) == ["back"]
    assert watched.plug.is_open


def test_a_loose_plug_must_prove_itself_longer_each_time():
    watched = Watched()
    proofs = []
    for _ in range(6):
        watched.plug.there = False
        assert watched.run(1)[0].startswith("lost")
        watched.plug.there = True
        assert watched.run(8) == ["back"]
        proofs.append(watched.said[-1][0] - watched.plug.opened_at[-1])
    assert proofs[0] == pytest.approx(0.1)
    assert proofs[-1] == pytest.approx(2.5, abs=0.2)
    assert proofs == sorted(proofs)


def test_a_callback_that_fails_does_not_end_the_reading(caplog):
    clock = VirtualClock(1.0)
    plug = Plug(clock)
    plug.there = False

    def fails(_: str) -> None:
        raise RuntimeError("the caller's own fault")

    thread = PluggedThread(plug, "device", on_lost=fails, monotonic=clock.monotonic)
    assert thread.turn(1.0) > 0
    plug.there = True
    assert thread.turn(2.0) == 0
    assert "its callback failed" in caplog.text


def test_a_thread_that_hangs_is_reported_by_its_name():
    let_go = threading.Event()

    class Hanging(Plug):
        def attend(self) -> None:
            let_go.wait(10)

    thread = PluggedThread(Hanging(VirtualClock(1.0)), "hanging scanner")
    thread.start()
    try:
        with pytest.raises(ReaderStuck, match="hanging scanner"):
            thread.stop(timeout=0.05)
    finally:
        let_go.set()
        thread.stop()
