"""The overhead counter, below a simulated sensor: a floor, bodies that walk, wires that break."""

from __future__ import annotations

import logging
import math
import random
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.door.depth import SHALLOWEST_MM, Depth
from hardware.door.ranger import LEFT_HALF, RIGHT_HALF, RangerFault, Roi, connect_vl53l1x
from hardware.door.tof import TwoZones
from kiosk.events import Crossed, Direction, ExtraBack, ExtraLost
from tests.hardware.wires_process import eventually

IN, OUT = Direction.IN, Direction.OUT
FLOOR_MM = 2200
FIELD = math.tan(math.radians(27 / math.sqrt(2)) / 2)  # 27 degrees across the diagonal; half of a side of it
EMPTY_S = 3.0  # to learn the floor


class Body:
    """Somebody of a height and a depth, who walks below the sensor at x = 0 along a path of (s, m)."""

    def __init__(self, height_m: float, *path: tuple[float, float], deep_m: float = 0.25) -> None:
        self.height_m, self.path, self.deep_m = height_m, path, deep_m

    def middle_m(self, at_s: float) -> float | None:
        for (from_s, from_m), (until_s, until_m) in zip(self.path, self.path[1:], strict=False):
            if from_s <= at_s <= until_s:
                return from_m + (until_m - from_m) * (at_s - from_s) / (until_s - from_s)
        return None


def walks(from_s: float, speed_m_s: float, way: Direction = IN, height_m: float = 1.2, **more: float) -> Body:
    sign = 1 if way is IN else -1
    return Body(height_m, (from_s, -sign * 1.0), (from_s + 2.0 / speed_m_s, sign * 1.0), **more)


class Room:
    """What is below the sensor, and the sensor's wires. Time passes only while it measures."""

    def __init__(self, *bodies: Body, floor_answers: bool = True, synchronises: bool = False) -> None:
        self.bodies = list(bodies)
        self.synchronises = synchronises
        self.floor_answers = floor_answers
        self.wires = "ok"
        self.now = self.until = 0.0
        self.over = False
        self.connected = self.closed = 0

    def connect(self) -> SimulatedRanger:
        if self.wires != "ok":
            raise RangerFault("no VL53L1X answers at 0x29 on I2C bus 1: check its wires")
        self.connected += 1
        return SimulatedRanger(self)

    def play(self, seconds: float) -> None:
        """Let so much time pass, and return when it has."""
        self.until = self.now + seconds
        eventually(lambda: self.now >= self.until, within_s=20)

    def spend(self, seconds: float) -> None:
        while self.now >= self.until and not self.over:
            time.sleep(0.0005)
        self.now += seconds

    def distance_mm(self, roi: Roi) -> float | None:
        """The nearest thing that fills at least a fifth of the zone; a dark floor does not answer."""
        nearest_m = FLOOR_MM / 1000
        answers = self.floor_answers
        for body in self.bodies:
            middle_m = body.middle_m(self.now)
            depth_m = FLOOR_MM / 1000 - body.height_m
            if middle_m is None or depth_m >= nearest_m:
                continue
            edges = [(edge - 8) / 8 * FIELD * depth_m for edge in (roi.top_left_x, roi.bot_right_x + 1)]
            seen_m = min(edges[1], middle_m + body.deep_m / 2) - max(edges[0], middle_m - body.deep_m / 2)
            if seen_m >= 0.2 * (edges[1] - edges[0]):
                nearest_m, answers = depth_m, True
        return nearest_m * 1000 if answers else None


class SimulatedRanger:
    """A VL53L1X with the manners of Pimoroni's library: zones change at a start, bus errors are lost."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._noise = random.Random(1)
        self._wanted = self._zone = Roi(0, 15, 15, 0)
        self._budget_s = self._mode = 0.0
        self._open = self._ranging = False
        self._status = 0
        self._synchronising = self._begun = False

    def open(self) -> None:
        self._open = True

    def close(self) -> None:
        self._open = False
        self._room.closed += 1

    def set_distance_mode(self, mode: int) -> None:
        assert self._open
        assert mode in {1, 2, 3}
        self._mode = mode

    def set_timing(self, timing_budget: int, inter_measurement_period: int) -> None:
        assert inter_measurement_period * 1000 >= timing_budget + 4000
        assert timing_budget >= (20_000 if self._mode == 1 else 33_000)
        self._budget_s = timing_budget / 1e6

    def set_user_roi(self, user_roi: Roi) -> None:
        assert user_roi.bot_right_x - user_roi.top_left_x >= 3
        assert user_roi.top_left_y - user_roi.bot_right_y >= 3
        self._wanted = user_roi

    def start_ranging(self, mode: int) -> None:
        assert mode == 0, "any other mode would undo the timing"
        self._zone, self._ranging = self._wanted, True
        self._begun = False

    def get_distance(self) -> int:
        assert self._ranging
        wires = self._room.wires
        if wires == "cut":  # errors are lost in the library's callback: memory is read, at once
            time.sleep(0.0005)
            self._status = 0
            return 65535
        if wires == "loud":
            raise OSError(121, "Remote I/O error")
        self._room.spend(2.0 if wires == "silent" else self._budget_s + 0.003)
        self._status = -7 if wires == "silent" else 0
        self._synchronising = self._room.synchronises and not self._begun
        self._begun = True
        distance_mm = self._room.distance_mm(self._zone)
        if self._synchronising or wires == "silent" or distance_mm is None:
            return -1
        return round(distance_mm + self._noise.gauss(0, 8))

    def get_status(self) -> int:
        return self._status

    def get_range_status(self) -> int:
        return 10 if self._synchronising else 0

    def stop_ranging(self) -> None:
        self._ranging = False


class Counter:
    """A counter at work in a room; leaves nothing running."""

    def __init__(self, room: Room, **settings) -> None:
        self.room = room
        self.posted: list[object] = []
        self.zones = TwoZones(
            room.connect, self.posted.append, monotonic=lambda: room.now, height_mm=FLOOR_MM, **settings
        )

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        self.room.over = True
        self.zones.close()

    @property
    def ways(self) -> list[Direction]:
        return [event.direction for event in self.posted if isinstance(event, Crossed)]


@pytest.mark.parametrize("way", [IN, OUT])
@pytest.mark.parametrize(("speed_m_s", "height_m"), [(0.4, 0.9), (1.0, 1.2), (1.4, 1.75), (2.5, 1.1)])
def test_whoever_walks_below_the_sensor_is_counted_with_their_direction(way, speed_m_s, height_m):
    room = Room(walks(EMPTY_S, speed_m_s, way, height_m))
    with Counter(room) as counter:
        room.play(EMPTY_S + 2 / speed_m_s + 1)
        assert counter.posted == [Crossed(way, "door")]


def test_a_sensor_that_hangs_the_other_way_round_is_told_so():
    room = Room(walks(EMPTY_S, 1.0, IN))
    with Counter(room, outer=RIGHT_HALF, inner=LEFT_HALF, sensor="back door") as counter:
        room.play(8)
        assert counter.posted == [Crossed(OUT, "back door")]


@pytest.mark.parametrize(
    ("bodies", "ways"),
    [
        ((Body(1.2, (3, -1.0), (4, 0.02), (5, -1.0)),), []),
        ((Body(1.2, (3, -1.0), (4, -0.12), (5, -1.0)),), []),
        ((Body(1.2, (3, -1.0), (4, 0), (12, 0), (13, 1.0)),), []),
        ((walks(3, 1.0), walks(3.7, 1.0)), [IN, IN]),
        ((walks(3, 1.0), walks(3, 1.0)), [IN]),
        ((walks(3, 1.0, height_m=0.35),), []),
        ((walks(3, 1.0), walks(6, 1.0, OUT), walks(9, 1.0)), [IN, OUT, IN]),
    ],
    ids=["turns back", "only looks in", "lingers", "two in a row", "two abreast", "a dog", "in, out, in"],
)
def test_who_counts_and_who_does_not(bodies, ways):
    room = Room(*bodies)
    with Counter(room) as counter:
        room.play(14)
        assert counter.ways == ways
        assert len(counter.posted) == len(ways)


def test_the_interrupt_before_the_first_measurement_is_not_taken_for_one():
    room = Room(walks(EMPTY_S, 1.0), synchronises=True)
    with Counter(room) as counter:
        room.play(8)
        assert counter.posted == [Crossed(IN)]


def test_a_dark_floor_that_gives_no_answer_is_taken_to_be_where_it_was_said_to_be():
    room = Room(walks(EMPTY_S, 1.0), floor_answers=False)
    with Counter(room) as counter:
        room.play(8)
        assert counter.posted == [Crossed(IN)]


def test_somebody_who_stands_there_at_the_start_is_not_learnt_as_the_floor_for_good():
    room = Room(Body(1.0, (0, 0), (8, 0), (9, 1.5)), walks(14, 1.0))
    with Counter(room) as counter:
        room.play(18)
        assert counter.ways == [IN]


def test_a_cart_left_below_the_sensor_is_an_alarm_and_its_going_the_end_of_it():
    room = Room(Body(1.0, (5, -1), (6, 0), (70, 0), (71, 1.5)), walks(85, 1.0))
    with Counter(room) as counter:
        room.play(90)
        lost, back, crossed = counter.posted
        assert isinstance(lost, ExtraLost)
        assert lost.device == "door"
        assert "the outer zone and the inner zone" in lost.cause
        assert "below the sensor" in lost.cause
        assert back == ExtraBack("door")
        assert crossed == Crossed(IN)


def test_a_doorway_that_is_never_empty_cannot_be_learnt_and_says_so():
    room = Room(Body(1.6, (0, 0), (30, 0), (31, 1.5)))
    with Counter(room) as counter:
        room.play(20)
        (lost,) = counter.posted
        assert isinstance(lost, ExtraLost)
        assert "60 cm below it" in lost.cause
        assert len(lost.cause) <= 200
        room.play(20)
        assert counter.posted[1:] == [ExtraBack("door")]


@pytest.mark.parametrize(
    ("wires", "words"), [("silent", "silent (status -7)"), ("cut", "answered after"), ("loud", "Remote I/O")]
)
def test_a_sensor_that_stops_answering_is_told_once_and_heals_itself(wires, words):
    room = Room(walks(EMPTY_S, 1.0))
    with Counter(room) as counter:
        room.play(8)
        room.wires = wires
        room.until += 60
        eventually(lambda: len(counter.posted) == 2)
        lost = counter.posted[1]
        assert isinstance(lost, ExtraLost)
        assert words in lost.cause
        assert room.closed == 1
        time.sleep(0.05)
        room.wires = "ok"
        eventually(lambda: len(counter.posted) == 3)
        assert room.connected == 2
        room.bodies.append(walks(room.now + 3, 1.0, OUT))
        room.play(8)
        assert counter.posted[2:] == [ExtraBack("door"), Crossed(OUT)]


def test_one_disturbed_measurement_is_no_fault():
    room = Room()
    with Counter(room) as counter:
        room.play(5)
        for _ in range(10):
            room.wires = "silent"
            room.play(1.0)
            room.wires = "ok"
            room.play(1.0)
        room.bodies.append(walks(room.now + 1, 1.0))
        room.play(5)
        assert counter.posted == [Crossed(IN)]
        assert room.connected == 1


def test_a_sensor_that_is_not_there_at_the_start_stops_nothing_and_is_told_once(caplog):
    room = Room()
    room.wires = "cut"
    with caplog.at_level(logging.WARNING), Counter(room) as counter:
        eventually(lambda: counter.posted)
        (lost,) = counter.posted
        assert lost == ExtraLost("door", "no VL53L1X answers at 0x29 on I2C bus 1: check its wires")
        room.wires = "ok"
        room.until = 10
        eventually(lambda: len(counter.posted) == 2)
        assert counter.posted[1] == ExtraBack("door")
    assert len(caplog.records) == 1


def test_closing_ends_the_thread_and_releases_the_bus():
    room = Room()
    with Counter(room) as counter:
        room.play(1)
        assert "door" in repr(counter.zones)
    assert counter.zones.closed
    assert room.closed == 1
    counter.zones.close()
    assert "closed" in repr(counter.zones)
    assert not any(thread.name == "door-tof" for thread in threading.enumerate())


# -- one zone ------------------------------------------------------------------------------------------------


def learnt(floor_mm: int = FLOOR_MM) -> Depth:
    zone = Depth(height_mm=FLOOR_MM)
    while zone.floor_mm is None:
        assert not zone.see(floor_mm)
    return zone


def test_a_zone_has_an_upper_and_a_lower_threshold_so_that_noise_changes_nothing():
    zone = learnt()
    assert not zone.see(FLOOR_MM - 399)
    assert zone.see(FLOOR_MM - 401)
    assert zone.see(FLOOR_MM - 301)
    assert not zone.see(FLOOR_MM - 299)
    assert not zone.see(FLOOR_MM - 399)


def test_a_single_wild_measurement_does_not_move_the_floor():
    zone = Depth(height_mm=FLOOR_MM)
    for number in range(15):
        zone.see(300 if number % 3 == 0 else 2000)
    assert zone.floor_mm == 2000
    zone.see(4000)
    assert zone.floor_mm == 2000


@given(st.lists(st.one_of(st.none(), st.integers(0, 70_000)), max_size=200))
def test_whatever_is_measured_the_floor_is_deep_enough_and_never_deeper_than_said(distances):
    zone = Depth(height_mm=FLOOR_MM)
    for distance_mm in distances:
        taken = zone.see(distance_mm)
        assert zone.floor_mm is None or SHALLOWEST_MM <= zone.floor_mm <= FLOOR_MM
        assert not (taken and zone.floor_mm is None)
        if distance_mm is None or distance_mm >= FLOOR_MM:
            assert not taken


# -- the library ---------------------------------------------------------------------------------------------


def test_without_the_library_the_fault_names_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "VL53L1X", None)
    with pytest.raises(RangerFault, match="install VL53L1X and smbus2"):
        connect_vl53l1x()


def test_a_sensor_that_does_not_answer_is_named_with_bus_and_address(tmp_path, monkeypatch):
    (tmp_path / "VL53L1X.py").write_text(
        "class VL53L1X:\n"
        "    def __init__(self, i2c_bus, i2c_address):\n"
        "        if i2c_address != 0x29:\n"
        "            raise RuntimeError('VL53L1X not found')\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "VL53L1X", raising=False)
    with pytest.raises(RangerFault, match="0x30 on I2C bus 3"):
        connect_vl53l1x(bus=3, address=0x30)
    assert type(connect_vl53l1x()).__name__ == "VL53L1X"
    monkeypatch.delitem(__import__("sys").modules, "VL53L1X")


def test_a_sensor_that_did_not_open_is_never_measured_with():
    calls: list[str] = []

    class Shut(SimulatedRanger):
        def open(self) -> None:
            calls.append("open")
            raise OSError(24, "Too many open files")

        def set_user_roi(self, user_roi) -> None:
            calls.append("measured")

    posted: list[object] = []
    counter = TwoZones(lambda: Shut(Room()), posted.append)
    eventually(lambda: calls.count("open") >= 2)
    counter.close()
    assert "measured" not in calls
    assert "Too many open files" in posted[0].cause
