"""The board's readings: right on a Pi 4 and a Pi 5, absent elsewhere, unmoved by nonsense.

The file trees are as Raspberry Pi OS shows them. Sources: the kernel's own documentation and drivers
(hwmon/raspberrypi-hwmon, thermal, mmc, ext4), and what
people pasted into raspberrypi/linux 2397, 7556, raspberrypi/documentation 4205, MichaIng/DietPi 6676.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.board import Board, BoardReadings, in_words, worries
from hardware.board.card import Reserve
from hardware.board.storage import mount_of
from hardware.board.tree import Tree

THROTTLED_PI4 = "sys/devices/platform/soc/soc:firmware/get_throttled"
THROTTLED_PI5 = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"
MEMINFO = """MemTotal:        {total} kB
MemFree:          123456 kB
MemAvailable:    {available} kB
Buffers:           45678 kB
SwapTotal:        102396 kB
SwapFree:         102396 kB
HugePages_Total:       0
"""
MOUNTS = """sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0
proc /proc proc rw,relatime 0 0
udev /dev devtmpfs rw,nosuid,relatime,size=1687964k,nr_inodes=421991,mode=755 0 0
/dev/mmcblk0p2 / ext4 {how},noatime 0 0
tmpfs /run tmpfs rw,nosuid,nodev,size=387292k,mode=755 0 0
/dev/mmcblk0p1 /boot/firmware vfat rw,relatime,fmask=0022,dmask=0022,errors=remount-ro 0 0
"""


class Machine:
    """A tree, and the two answers that no file gives."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.synchronised: bool | None = True
        self.blocks, self.free_blocks, self.names, self.free_names = (
            7_000_000,
            5_000_000,
            1_900_000,
            1_800_000,
        )
        self.asked: list[Path] = []

    def put(self, path: str, content: str | bytes) -> None:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def mounts(self, how: str = "rw") -> None:
        self.put("proc/mounts", MOUNTS.format(how=how))

    def memory(self, total: int, available: int) -> None:
        self.put("proc/meminfo", MEMINFO.format(total=total, available=available))

    def statvfs(self, folder: Path) -> Any:
        self.asked.append(folder)
        return SimpleNamespace(
            f_frsize=4096,
            f_blocks=self.blocks,
            f_bavail=self.free_blocks,
            f_files=self.names,
            f_favail=self.free_names,
        )

    def board(self, **options: Any) -> Board:
        return Board(self.root, statvfs=self.statvfs, synchronised=lambda: self.synchronised, **options)


def pi4(root: Path) -> Machine:
    """A Pi 4 with an SD card, no clock chip, no fan."""
    machine = Machine(root)
    machine.put("proc/device-tree/model", b"Raspberry Pi 4 Model B Rev 1.4\0")
    machine.put("proc/device-tree/system/linux,revision", bytes.fromhex("00c03114"))
    machine.put("proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 108.00\n\nRevision\t: c03114\nSerial\t\t: 1\n")
    machine.put("proc/uptime", "350735.47 234388.90\n")
    machine.put("sys/class/thermal/thermal_zone0/temp", "54530\n")
    machine.put("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
    machine.put(THROTTLED_PI4, "0\n")
    machine.put("sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    machine.put("sys/class/hwmon/hwmon0/temp1_input", "54530\n")
    machine.put("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    machine.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    machine.memory(3_880_000, 3_100_000)
    machine.mounts()
    for name, content in {
        "name": "SC32G\n",
        "type": "SD\n",
        "date": "06/2021\n",
        "manfid": "0x000003\n",
    }.items():
        machine.put(f"sys/block/mmcblk0/device/{name}", content)
    machine.put("sys/fs/ext4/features/lazy_itable_init", "supported\n")
    machine.put("sys/fs/ext4/mmcblk0p2/errors_count", "0\n")
    machine.put("sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes", "41943040\n")
    return machine


def pi5(root: Path) -> Machine:
    """A Pi 5 with its fan and its clock's cell; kernel 6.12 calls its firmware's folder otherwise."""
    machine = pi4(root)
    (root / THROTTLED_PI4).unlink()
    machine.put(THROTTLED_PI5, "0\n")
    machine.put("proc/device-tree/model", b"Raspberry Pi 5 Model B Rev 1.0\0")
    machine.put("proc/device-tree/system/linux,revision", bytes.fromhex("00c04170"))
    machine.put("sys/class/hwmon/hwmon2/name", "pwmfan\n")
    machine.put("sys/class/hwmon/hwmon2/fan1_input", "3314\n")
    machine.put("sys/class/hwmon/hwmon2/pwm1", "75\n")
    for name, content in {"type": "pwm-fan\n", "cur_state": "1\n", "max_state": "4\n"}.items():
        machine.put(f"sys/class/thermal/cooling_device0/{name}", content)
    machine.put("dev/rtc0", b"")
    machine.put("sys/class/rtc/rtc0/name", "rpi-rtc soc@107c000000:rpi_rtc\n")
    machine.put("sys/class/rtc/rtc0/hctosys", "1\n")
    machine.put("sys/class/rtc/rtc0/battery_voltage", "3021000\n")
    return machine


def container(root: Path) -> Machine:
    """A PC's container: none of the board's files, a disk without a name of its own."""
    machine = Machine(root)
    machine.put("proc/uptime", "12.5 30.0\n")
    machine.memory(16_000_000, 9_000_000)
    machine.put("proc/mounts", "overlay / overlay rw,relatime,lowerdir=/a:/b,upperdir=/c,workdir=/d 0 0\n")
    machine.synchronised = None
    return machine


def paths(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_a_pi_4_tells_everything_it_has(tmp_path: Path) -> None:
    readings = pi4(tmp_path).board().read()
    assert (readings.model, readings.revision) == ("Raspberry Pi 4 Model B Rev 1.4", "c03114")
    assert readings.uptime_s == 350735.47
    assert readings.heat.temperature_c == 54.53
    assert (readings.heat.fan_rpm, readings.heat.fan_level) == (None, None)
    assert readings.power.under_voltage is False
    assert readings.power.was_throttled is False
    assert readings.memory.total == 3_880_000 * 1024
    assert readings.memory.available == 3_100_000 * 1024
    assert readings.storage.total == 7_000_000 * 4096
    assert readings.storage.free == 5_000_000 * 4096
    assert (readings.storage.device, readings.storage.kind) == ("/dev/mmcblk0p2", "ext4")
    assert (readings.storage.read_only, readings.storage.forgets, readings.storage.errors) == (
        False,
        False,
        0,
    )
    assert readings.storage.written == 40 * 2**30
    assert readings.card is not None
    assert (readings.card.name, readings.card.kind, readings.card.made) == ("SC32G", "SD", "06/2021")
    assert (readings.card.life_used, readings.card.reserve, readings.card.errors) == (None, None, None)
    assert (readings.clock.synchronised, readings.clock.chip) == (True, False)
    assert worries(readings) == ()


def test_a_pi_5_tells_of_its_fan_and_its_clock_too(tmp_path: Path) -> None:
    readings = pi5(tmp_path).board().read()
    assert (readings.model, readings.revision) == ("Raspberry Pi 5 Model B Rev 1.0", "c04170")
    assert readings.power.under_voltage is False
    assert readings.power.was_capped is False, "the firmware's folder has another name since kernel 6.12"
    assert (readings.heat.fan_rpm, readings.heat.fan_level, readings.heat.fan_levels) == (3314, 1, 4)
    assert (readings.clock.chip, readings.clock.set_from_chip, readings.clock.battery_v) == (
        True,
        True,
        3.021,
    )
    assert worries(readings) == ()


def test_a_container_tells_little_and_raises_nothing(tmp_path: Path) -> None:
    readings = container(tmp_path).board().read()
    assert (readings.model, readings.revision, readings.card) == (None, None, None)
    assert (readings.power.under_voltage, readings.heat.temperature_c) == (None, None)
    assert readings.clock.synchronised is None
    assert (readings.storage.kind, readings.storage.forgets) == ("overlay", False)
    assert worries(readings) == ()


def test_an_empty_tree_tells_nothing(tmp_path: Path) -> None:
    def refuses(folder: Path) -> Any:
        raise FileNotFoundError(folder)

    readings = Board(tmp_path / "nowhere", statvfs=refuses, synchronised=lambda: None).read()
    assert readings == BoardReadings()
    assert worries(readings) == ()


def test_this_very_machine_can_be_read() -> None:
    readings = Board().read()
    assert readings.uptime_s is not None
    assert readings.storage.total
    assert dict(in_words(readings))["memory"]


@pytest.mark.parametrize(
    ("told", "now", "before"),
    [
        ("0", "", ""),
        ("1", "v", ""),
        ("50005", "vt", "vt"),
        ("0x20002", "c", "c"),
        ("80008", "s", "s"),
        ("f000f", "vcts", "vcts"),
    ],
)
def test_each_bit_of_the_firmware_has_its_place(tmp_path: Path, told: str, now: str, before: str) -> None:
    machine = pi4(tmp_path)
    machine.put(THROTTLED_PI4, f"{told}\n")
    power = machine.board().power()
    assert [power.under_voltage, power.capped, power.throttled, power.soft_limit] == [
        letter in now for letter in "vcts"
    ]
    assert [power.was_under_voltage, power.was_capped, power.was_throttled, power.was_soft_limit] == [
        letter in before for letter in "vcts"
    ]


def test_the_kernels_alarm_alone_is_enough(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    (tmp_path / THROTTLED_PI4).unlink()
    machine.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    power = machine.board().power()
    assert (power.under_voltage, power.throttled) == (True, None)


def test_the_kernels_sensors_may_change_their_numbers(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    (tmp_path / "sys/class/hwmon/hwmon1").rename(tmp_path / "sys/class/hwmon/hwmon7")
    machine.put("sys/class/hwmon/hwmon7/in0_lcrit_alarm", "1\n")
    assert machine.board().power().under_voltage is True


@pytest.mark.parametrize(
    ("life", "reserve", "used", "left"),
    [
        ("0x01 0x01", "0x01", 10, Reserve.NORMAL),
        ("0x02 0x09", "0x02", 90, Reserve.WARNING),
        ("0x0b 0x01", "0x03", 110, Reserve.URGENT),
        ("0x00 0x00", "0x00", None, None),
        ("0x0", "01", None, Reserve.NORMAL),
        ("0xff 0x01", "0x7", 10, None),
        ("many", "few", None, None),
    ],
)
def test_emmc_tells_its_wear_and_the_worse_half_counts(
    tmp_path: Path, life: str, reserve: str, used: int | None, left: Reserve | None
) -> None:
    machine = pi4(tmp_path)
    machine.put("sys/block/mmcblk0/device/life_time", f"{life}\n")
    machine.put("sys/block/mmcblk0/device/pre_eol_info", f"{reserve}\n")
    card = machine.board().read().card
    assert card is not None
    assert (card.life_used, card.reserve) == (used, left)


def test_failed_transfers_are_summed_where_they_can_be_read(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    machine.put(
        "sys/kernel/debug/mmc0/err_stats",
        "# Command Timeout Occurred:\t 2\n# Command CRC Errors Occurred:\t 0\n"
        "# Data CRC Errors Occurred:\t 5\n",
    )
    card = machine.board().read().card
    assert card is not None
    assert card.errors == 7


def test_the_folder_with_the_data_is_asked_about_not_the_root(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    machine.put(
        "proc/mounts",
        "overlayroot / overlay rw 0 0\n/dev/mmcblk0p3 /var/lib/gocdoc ext4 rw 0 0\n"
        "/dev/sda1 /var/lib/go\\040c ext4 ro 0 0\n",
    )
    data = machine.board(data=Path("/var/lib/gocdoc")).read().storage
    assert machine.asked == [tmp_path / "var/lib/gocdoc"]
    assert (data.device, data.forgets, data.read_only) == ("/dev/mmcblk0p3", False, False)
    assert machine.board(data=Path("/home")).read().storage.forgets is True
    assert machine.board(data=Path("/var/lib/go c/x")).read().storage.read_only is True
    beside = mount_of(Tree(tmp_path), PurePosixPath("/var/lib/gocdoc2"))
    assert beside is not None
    assert beside.device == "overlayroot"


def test_of_two_mounts_on_one_place_the_newer_counts(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    machine.put("proc/mounts", MOUNTS.format(how="rw") + "/dev/mmcblk0p2 / ext4 ro,noatime 0 0\n")
    assert machine.board().read().storage.read_only is True


def test_the_only_ext4_is_found_under_the_old_name_of_the_root(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    machine.put("proc/mounts", "/dev/root / ext4 rw,noatime 0 0\n")
    machine.put("sys/fs/ext4/mmcblk0p2/errors_count", "3\n")
    assert machine.board().read().storage.errors == 3
    machine.put("sys/fs/ext4/sda1/errors_count", "0\n")
    assert machine.board().read().storage.errors is None


def test_a_synchronised_clock_is_believed_to_the_time_service_where_the_kernel_is_silent(
    tmp_path: Path,
) -> None:
    machine = pi4(tmp_path)
    machine.synchronised = None
    assert machine.board().read().clock.synchronised is None
    machine.put("run/systemd/timesync/synchronized", b"")
    assert machine.board().read().clock.synchronised is True
    machine.synchronised = False
    assert machine.board().read().clock.synchronised is False


@pytest.mark.parametrize("degrees", ["-274000", "999999999", "-1", "54.5", "", "\0", "5_4", "０"])
def test_a_temperature_that_cannot_be_is_no_temperature(tmp_path: Path, degrees: str) -> None:
    machine = pi4(tmp_path)
    machine.put("sys/class/thermal/thermal_zone0/temp", degrees)
    temperature = machine.board().read().heat.temperature_c
    assert temperature is None or degrees == "-1"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nonsense=st.one_of(st.binary(max_size=200), st.just(b"9" * 5000), st.just(b"\xff" * 100_000)),
    data=st.data(),
)
def test_no_content_of_any_file_makes_reading_fail(
    tmp_path: Path, nonsense: bytes, data: st.DataObject
) -> None:
    machine = pi5(tmp_path)
    place = data.draw(st.sampled_from(paths(tmp_path)))
    place.write_bytes(nonsense)
    readings = machine.board().read()
    worries(readings)
    for _, words in in_words(readings):
        assert words.isprintable()
        assert len(words) < 300
    assert all(each.words.isprintable() for each in worries(readings))


def test_every_file_may_be_cut_anywhere(tmp_path: Path) -> None:
    machine = pi5(tmp_path)
    for place in paths(tmp_path):
        whole = place.read_bytes()
        for end in range(min(len(whole), 40)):
            place.write_bytes(whole[:end])
            worries(machine.board().read())
        place.write_bytes(whole)


def test_a_folder_or_a_pipe_where_a_file_should_be_is_passed_over(tmp_path: Path) -> None:
    machine = pi4(tmp_path)
    place = tmp_path / "sys/class/thermal/thermal_zone0/temp"
    place.unlink()
    place.mkdir()
    (tmp_path / "proc/uptime").unlink()
    os.mkfifo(tmp_path / "proc/uptime")
    assert stat.S_ISFIFO((tmp_path / "proc/uptime").stat().st_mode)
    readings = machine.board().read()
    assert (readings.heat.temperature_c, readings.uptime_s) == (None, None)


def test_the_readings_in_words_leave_out_what_is_not_told(tmp_path: Path) -> None:
    words = dict(in_words(pi5(tmp_path / "pi").board().read()))
    assert words["board"] == "Raspberry Pi 5 Model B Rev 1.0, revision c04170, on for 4 days"
    assert words["power"] == "voltage good"
    assert words["heat"] == "54.5 °C, fan at 1 of 4, 3314 turns a minute"
    assert words["card"] == "SD, SC32G, made 06/2021"
    assert words["clock"].endswith("its cell has 3.0 V")
    assert set(dict(in_words(container(tmp_path / "pc").board().read()))) == {
        "board",
        "memory",
        "disk",
        "clock",
    }
