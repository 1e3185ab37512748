"""gpiozero devices on the simulated wires: beams that break, lamps that light, the reader's own two lines."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial
from itertools import pairwise

import pytest
from gpiozero import LED, DigitalInputDevice, OutputDevice

from hardware.simulated.bench_client import Bench
from hardware.simulated.pins import WiresFactory
from hardware.simulated.registers import Command, Reg
from hardware.simulated.spidev import SpiDev
from hardware.simulated.world import INNER_BEAM, OUTER_BEAM
from tests.hardware.wires_process import end, eventually, start_wires


@pytest.fixture(scope="module")
def socket_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("wires") / "wires.sock"
    process = start_wires(path)
    yield path
    assert end(process) == 0


@pytest.fixture
def bench(socket_path):
    with Bench(socket_path) as hands:
        yield hands


@pytest.fixture
def factory(socket_path):
    pins = WiresFactory(socket_path)
    yield pins
    pins.close()


def beams(factory):
    return [DigitalInputDevice(pin, pull_up=True, pin_factory=factory) for pin in (17, 27)]


@pytest.mark.parametrize(("direction", "order"), [("in", (17, 27)), ("out", (27, 17))])
def test_a_passage_breaks_both_beams_one_after_the_other(bench, factory, direction, order):
    seen: list[tuple[int, bool, float]] = []
    first = time.monotonic()
    devices = dict(zip((17, 27), beams(factory), strict=True))
    for pin, beam in devices.items():
        beam.when_activated = lambda pin=pin: seen.append((pin, True, time.monotonic() - first))
        beam.when_deactivated = lambda pin=pin: seen.append((pin, False, time.monotonic() - first))
    bench.cross(direction)
    eventually(lambda: len(seen) == 4)
    assert [(pin, broken) for pin, broken, _ in seen] == [
        (order[0], True),
        (order[1], True),
        (order[0], False),
        (order[1], False),
    ]
    gaps = [later[2] - earlier[2] for earlier, later in pairwise(seen)]
    assert all(gap > 0.02 for gap in gaps)


def test_two_children_at_once_pass_one_after_the_other(bench, factory, socket_path):
    outer, _ = beams(factory)
    broken: list[float] = []
    outer.when_activated = lambda: broken.append(time.monotonic())
    others = [Bench(socket_path) for _ in range(2)]
    threads = [threading.Thread(target=other.cross, args=("in",)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    for other in others:
        other.close()
    eventually(lambda: len(broken) == 2)
    assert broken[1] - broken[0] > 0.15


def test_inputs_show_the_worlds_level_from_the_start_and_follow_it(bench, socket_path):
    bench.pin(17, 0)
    factory = WiresFactory(socket_path)
    try:
        outer, inner = beams(factory)
        eventually(lambda: outer.is_active)
        assert not inner.is_active
        bench.pin(17, 1)
        eventually(lambda: not outer.is_active)
    finally:
        bench.pin(17, 1)
        factory.close()


def test_a_device_made_late_shows_the_worlds_level_at_once(bench, factory):
    bench.pin(17, 0)
    bench.pin(22, 1)
    probe = DigitalInputDevice(22, pull_up=False, pin_factory=factory)
    eventually(lambda: probe.is_active)  # so the level of pin 17 has arrived too
    outer, _ = beams(factory)
    assert outer.is_active
    bench.pin(17, 1)


def test_an_input_that_nothing_drives_shows_its_own_pull(factory):
    assert DigitalInputDevice(16, pull_up=True, pin_factory=factory).pin.state
    assert not DigitalInputDevice(23, pull_up=False, pin_factory=factory).pin.state


def test_a_lamp_shows_on_the_bench_and_goes_dark_with_the_station(bench, socket_path):
    factory = WiresFactory(socket_path)
    green, yellow = LED(5, pin_factory=factory), LED(6, pin_factory=factory)
    green.on()
    eventually(lambda: bench.status()["pins"].get("5") == 1)
    green.off()
    yellow.on()
    eventually(lambda: bench.status()["pins"] == {"5": 0, "6": 1})
    factory.close()
    eventually(lambda: bench.status()["pins"] == {})


def test_the_reset_pin_restarts_the_reader(bench, factory, socket_path):
    spi = SpiDev(socket_path)
    spi.open(0, 0)
    bench.reader("frozen")
    reset = OutputDevice(25, initial_value=True, pin_factory=factory)
    reset.off()
    eventually(lambda: spi.xfer2([Reg.VERSION << 1 | 0x80, 0])[1] == 0)
    reset.on()
    eventually(lambda: spi.xfer2([Reg.VERSION << 1 | 0x80, 0])[1] == 0x92)
    assert bench.status()["reader"] == "ok"
    spi.close()


def test_the_irq_pin_goes_low_by_itself_when_the_timer_runs_out(factory, socket_path):
    spi = SpiDev(socket_path)
    spi.open(0, 0)
    irq = DigitalInputDevice(24, pull_up=True, pin_factory=factory)
    asked = threading.Event()
    irq.when_activated = asked.set
    for register, value in (
        (Reg.COM_IRQ, 0x7F),
        (Reg.T_PRESCALER, 0xA9),
        (Reg.T_RELOAD_H, 0x07),  # 45 ms: nobody talks to the chip meanwhile
        (Reg.COM_I_EN, 0x81),
        (Reg.CONTROL, 0x40),
    ):
        spi.xfer2([register << 1, value])
    assert not asked.is_set()
    assert asked.wait(5)
    spi.xfer2([Reg.COMMAND << 1, Command.SOFT_RESET])
    eventually(lambda: not irq.is_active)
    spi.close()


def test_wires_that_go_away_leave_inputs_alone_and_outputs_harmless(tmp_path):
    path = tmp_path / "wires.sock"
    process = start_wires(path)
    factory = WiresFactory(path)
    outer, _ = beams(factory)
    lamp = LED(5, pin_factory=factory)
    end(process)
    lamp.on()
    lamp.off()
    assert not outer.is_active
    threads = {thread.name for thread in threading.enumerate()}
    factory.close()
    factory.close()
    assert "wires-pins" not in {thread.name for thread in threading.enumerate()} - threads
    eventually(lambda: "wires-pins" not in {thread.name for thread in threading.enumerate()})


def test_without_wires_the_factory_says_how_to_start_them(tmp_path):
    with pytest.raises(OSError, match="--socket"):
        WiresFactory(tmp_path / "nowhere.sock")


def test_edges_that_are_heard_late_tell_their_own_time(tmp_path):
    """On a busy machine wires or station stand still for a while; the passage stays as long as it was."""
    path = tmp_path / "wires.sock"
    process = start_wires(path)
    factory = WiresFactory(path)
    edges: list[tuple[int, int, float]] = []
    hear = {
        number: partial(lambda number, ticks, level: edges.append((number, level, ticks)), number)
        for number in (OUTER_BEAM, INNER_BEAM)
    }
    try:
        for number, callback in hear.items():
            pin = factory.pin(number)
            pin.pull, pin.edges = "up", "both"
            pin.when_changed = callback
        crossing = threading.Thread(target=cross, args=(path,))
        crossing.start()
        eventually(lambda: edges)
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.4)  # longer than the whole passage
        process.send_signal(signal.SIGCONT)
        eventually(lambda: len(edges) == 4)
        crossing.join()
    finally:
        factory.close()
        end(process)
    assert [(number, level) for number, level, _ in edges] == [
        (OUTER_BEAM, 0), (INNER_BEAM, 0), (OUTER_BEAM, 1), (INNER_BEAM, 1)
    ]  # fmt: skip
    moments = [ticks for _, _, ticks in edges]
    assert [later - earlier for earlier, later in pairwise(moments)] == pytest.approx([0.06] * 3, abs=0.001)


def cross(path):
    with Bench(path) as hands:
        hands.cross("in")
