"""The simulated wires as a real process: bench commands, the SPI bus, clients that misbehave, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from hardware.errors import BenchError, BenchLost, BenchRefused, HardwareError
from hardware.simulated.bench_client import Bench
from hardware.simulated.crc_a import crc_a
from hardware.simulated.registers import Command, Reg
from hardware.simulated.spidev import SpiDev
from tests.hardware.wires_process import answers, end, eventually, start_wires

CARD, BOOK = "01020304", "04A1B2C3D4E5F6"


@pytest.fixture(scope="module")
def socket_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("wires") / "wires.sock"
    process = start_wires(path, "--reader-version", "91", "--floating", "FF")
    yield path
    assert end(process) == 0


@pytest.fixture
def bench(socket_path):
    with Bench(socket_path) as hands:
        hands.clear()
        hands.reader("ok")
        yield hands


@pytest.fixture
def spi(socket_path, bench):
    bus = SpiDev(socket_path)
    bus.open(0, 0)
    eventually(lambda: read(bus, Reg.VERSION) == 0x91)
    yield bus
    bus.close()


def read(spi: SpiDev, register: int) -> int:
    return spi.xfer2([register << 1 | 0x80, 0])[1]


def call(spi: SpiDev) -> bytes:
    """Field on, one WUPA, and what comes back."""
    spi.xfer2([Reg.TX_ASK << 1, 0x40])
    spi.xfer2([Reg.TX_CONTROL << 1, 0x83])
    return exchange(spi, 0x52, bits=7)


def exchange(spi: SpiDev, *data: int, bits: int = 0) -> bytes:
    """A frame out, and what comes back within 20 ms."""
    spi.xfer2([Reg.COMMAND << 1, Command.IDLE])
    spi.xfer2([Reg.FIFO_LEVEL << 1, 0x80])
    spi.xfer2([Reg.COM_IRQ << 1, 0x7F])
    spi.xfer2([Reg.FIFO_DATA << 1, *data])
    spi.xfer2([Reg.COMMAND << 1, Command.TRANSCEIVE])
    spi.xfer2([Reg.BIT_FRAMING << 1, 0x80 | bits])
    deadline = time.monotonic() + 0.02
    while not read(spi, Reg.COM_IRQ) & 0x20 and time.monotonic() < deadline:
        time.sleep(0.0005)
    return bytes(read(spi, Reg.FIFO_DATA) for _ in range(read(spi, Reg.FIFO_LEVEL)))


def test_a_tag_on_the_bench_answers_on_the_bus(bench, spi):
    bench.place(CARD, "classic1k")
    eventually(lambda: call(spi) == b"\x04\x00")
    bench.lift(CARD)
    eventually(lambda: call(spi) == b"")


def test_several_tags_come_and_go_in_the_same_moment(bench):
    bench.place_all([(CARD, "classic1k"), (BOOK.lower(), "ntag215"), ("0A" * 10, "ultralight")])
    assert bench.status()["tags"] == [CARD, BOOK, "0A" * 10]
    bench.lift_all([BOOK, CARD])
    assert bench.status()["tags"] == ["0A" * 10]
    bench.clear()
    assert bench.status()["tags"] == []


def test_of_several_tags_none_comes_when_one_is_impossible(bench):
    bench.place(CARD, "classic1k")
    for impossible in ([(BOOK, "ntag213"), (CARD, "classic1k")], [(BOOK, "ntag213"), (BOOK, "ntag213")]):
        with pytest.raises(BenchRefused, match="already"):
            bench.place_all(impossible)
    with pytest.raises(BenchRefused, match="desfire"):
        bench.place_all([(BOOK, "ntag213"), ("04000000000001", "desfire")])
    with pytest.raises(BenchRefused, match="FFFFFFFF"):
        bench.lift_all([CARD, "FFFFFFFF"])
    assert bench.status()["tags"] == [CARD]


def test_reader_states_show_on_the_bus(bench, spi):
    assert bench.status()["reader"] == "ok"
    bench.reader("unplugged")
    assert read(spi, Reg.VERSION) == 0xFF
    assert bench.status()["reader"] == "unplugged"
    bench.reader("ok")
    eventually(lambda: read(spi, Reg.VERSION) == 0x91)
    bench.reader("frozen")
    spi.xfer2([Reg.RF_CFG << 1, 0x70])
    assert read(spi, Reg.RF_CFG) == 0x48
    bench.reader("ok")
    spi.xfer2([Reg.RF_CFG << 1, 0x70])
    assert read(spi, Reg.RF_CFG) == 0x70
    bench.reader("brownout")
    eventually(lambda: read(spi, Reg.RF_CFG) == 0x48)
    assert bench.status()["reader"] == "ok"


def test_a_station_that_crashes_finds_everything_as_it_was(bench, socket_path):
    bench.place(BOOK, "ntag213")
    station = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys\n"
            "from hardware.simulated.spidev import SpiDev\n"
            "spi = SpiDev(sys.argv[1])\n"
            "spi.open(0, 0)\n"
            "spi.xfer2([0x26 << 1, 0x50])\n"
            "spi._socket.send(b'\\x00\\x05\\x01')\n"  # dies in the middle of a transfer
            "os.kill(os.getpid(), signal.SIGKILL)\n",
            str(socket_path),
        ],
        check=False,
    )
    assert station.returncode == -signal.SIGKILL
    assert bench.status()["tags"] == [BOOK]
    spi = SpiDev(socket_path)
    spi.open(0, 0)
    assert read(spi, Reg.RF_CFG) == 0x50
    eventually(lambda: call(spi) == b"\x44\x00")
    spi.close()


def test_what_is_written_on_a_tag_stays_on_it_while_it_is_away(bench, spi):
    bench.place(BOOK, "ntag213")
    eventually(lambda: select(spi, BOOK))
    write = bytes([0xA2, 6, 0xCA, 0xFE, 0xCA, 0xFE])
    assert exchange(spi, *write, *crc_a(write)) == b"\x0a"
    bench.lift(BOOK)
    bench.place(BOOK, "ntag213")
    eventually(lambda: select(spi, BOOK))
    assert exchange(spi, 0x30, 6, *crc_a(b"\x30\x06"))[:4] == b"\xca\xfe\xca\xfe"


def select(spi: SpiDev, uid: str) -> bool:
    if not call(spi):
        return False
    raw = bytes.fromhex(uid)
    for sel, part in ((0x93, b"\x88" + raw[:3]), (0x95, raw[3:])):
        frame = bytes([sel, 0x70, *part, part[0] ^ part[1] ^ part[2] ^ part[3]])
        if len(exchange(spi, *frame, *crc_a(frame))) != 3:
            return False
    return True


def test_status_counts_transactions_and_bytes(bench, spi):
    before = bench.status()
    spi.xfer2([0xEE, 0])
    spi.xfer3([0xEE, 0, 0])
    after = bench.status()
    assert after["transactions"] - before["transactions"] == 2
    assert after["bytes"] - before["bytes"] == 5


def test_long_and_empty_transfers_pass(spi):
    assert spi.xfer2([]) == []
    assert len(spi.xfer2([0x80] * 4096)) == 4096


def test_there_is_no_chip_on_another_chip_select(socket_path):
    bus = SpiDev(socket_path)
    with pytest.raises(OSError, match="bus 0, device 0"):
        bus.open(1, 0)
    with pytest.raises(OSError, match="not open"):
        bus.xfer2([0xEE, 0])


BAD_COMMANDS = [
    b"nonsense",
    b"\xff\xfe\x00",
    b"",
    b"[" * 10_000,
    b"null",
    b"[]",
    b"{}",
    b'{"do":"explode"}',
    b'{"do":["place"]}',
    b'{"do":"place"}',
    b'{"do":"place","uid":"0102","type":"ntag213"}',
    b'{"do":"place","uid":"xx","type":"ntag213"}',
    b'{"do":"place","uid":7,"type":"ntag213"}',
    b'{"do":"place","uid":"01020304"}',
    b'{"do":"place","uid":"01020304","type":["ntag213"]}',
    b'{"do":"place","tags":"all"}',
    b'{"do":"place","tags":[1]}',
    b'{"do":"lift"}',
    b'{"do":"lift","uids":"01020304"}',
    b'{"do":"lift","uid":"01020304"}',
    b'{"do":"cross","direction":"up"}',
    b'{"do":"pin","pin":17}',
    b'{"do":"pin","pin":99,"level":1}',
    b'{"do":"pin","pin":17,"level":true}',
    b'{"do":"pin","pin":24,"level":0}',
    b'{"do":"reader","state":"melted"}',
    b'{"do":"reader","state":{}}',
]


@pytest.mark.parametrize("line", BAD_COMMANDS, ids=lambda line: repr(line[:40]))
def test_a_bad_command_is_answered_with_its_reason_and_changes_nothing(bench, socket_path, line):
    with raw_client(socket_path, {"role": "bench"}) as (connection, lines):
        connection.sendall(line + b"\n")
        answer = json.loads(lines.readline())
        assert answer["ok"] is False
        assert answer["error"]
        connection.sendall(b'{"do":"status"}\n')
        assert json.loads(lines.readline())["ok"] is True
    assert bench.status()["tags"] == []


@pytest.mark.parametrize(
    "greeting", [b"hello\n", b"{}\n", b'{"role":"king"}\n', b'["role"]\n', b"\x00\x02\xee\x00\n"], ids=repr
)
def test_a_bad_greeting_is_refused_and_hung_up(bench, socket_path, greeting):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(socket_path))
    with connection, connection.makefile("rb") as lines:
        connection.sendall(greeting)
        assert json.loads(lines.readline())["ok"] is False
        assert lines.readline() == b""
    assert bench.status()["ok"]


def test_an_endless_line_is_cut_off(bench, socket_path):
    with raw_client(socket_path, {"role": "bench"}) as (connection, _), pytest.raises(ConnectionError):
        connection.sendall(b"x" * 6_000_000)
    assert bench.status()["ok"]


def test_a_client_that_never_reads_is_cut_off(bench, socket_path):
    bench.place_all((f"{number:020X}", "classic1k") for number in range(200))
    with raw_client(socket_path, {"role": "bench"}) as (connection, _), pytest.raises(ConnectionError):
        connection.sendall(b'{"do":"status"}\n' * 200_000)  # a gigabyte of answers
    assert len(bench.status()["tags"]) == 200


class raw_client:  # noqa: N801  reads as a verb in a with statement
    """A connection that says exactly what the test says."""

    def __init__(self, path, role) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(5)
        self._connection.connect(str(path))
        self._connection.sendall(json.dumps(role).encode() + b"\n")
        self._lines = self._connection.makefile("rb")
        assert json.loads(self._lines.readline()) == {"ok": True}

    def __enter__(self):
        return self._connection, self._lines

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._connection.close()


def test_commands_sent_together_are_answered_in_order_even_behind_a_slow_one(bench, socket_path):
    with raw_client(socket_path, {"role": "bench"}) as (connection, lines):
        connection.sendall(b'{"do":"cross","direction":"in"}\n{"do":"nothing"}\n{"do":"clear"}\n')
        assert [json.loads(lines.readline())["ok"] for _ in range(3)] == [True, False, True]


def test_many_clients_at_once_are_served(socket_path, bench):
    clients = [Bench(socket_path) for _ in range(30)]
    try:
        for number, client in enumerate(clients):
            client.place(f"{number:08X}", "classic1k")
        assert len(bench.status()["tags"]) == 30
    finally:
        for client in clients:
            client.close()


# The life of the process


def test_a_second_process_on_a_live_socket_is_refused_in_words(socket_path, bench):
    second = subprocess.run(
        [sys.executable, "-m", "hardware.simulated.wires", "--socket", str(socket_path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert second.returncode == 1
    assert "already" in second.stderr
    assert "Traceback" not in second.stderr
    assert bench.status()["ok"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_clients_are_told(tmp_path, number):
    path = tmp_path / "wires.sock"
    process = start_wires(path)
    spi, hands = SpiDev(path), Bench(path)
    spi.open(0, 0)
    process.send_signal(number)
    process.communicate(timeout=5)
    assert process.returncode == 0
    assert not path.exists()
    with pytest.raises(ConnectionError):
        spi.xfer2([0xEE, 0])
    with pytest.raises(BenchLost):
        hands.status()
    assert issubclass(BenchLost, OSError)
    assert issubclass(BenchRefused, ValueError)
    assert issubclass(BenchError, HardwareError)
    hands.close()


def test_a_stale_socket_of_a_killed_process_is_replaced(tmp_path):
    path = tmp_path / "wires.sock"
    first = start_wires(path)
    first.kill()
    first.communicate()
    assert path.exists()
    second = start_wires(path)
    assert answers(path)
    assert end(second) == 0


def test_a_file_in_the_sockets_place_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    process = start_wires(path)
    _, said = process.communicate(timeout=5)
    assert process.returncode == 1
    assert "not a socket" in said
    assert path.read_text() == "mine"


def test_a_path_too_long_for_a_socket_is_named(tmp_path):
    process = start_wires(tmp_path / ("long" * 40))
    _, said = process.communicate(timeout=5)
    assert process.returncode == 1
    assert "longlong" in said
    assert "Traceback" not in said


def test_without_wires_a_client_says_how_to_start_them(tmp_path):
    with pytest.raises(BenchLost, match="--socket"):
        Bench(tmp_path / "nowhere.sock")
    with pytest.raises(OSError, match="--socket"):
        SpiDev(tmp_path / "nowhere.sock").open(0, 0)


def test_it_sleeps_while_nothing_happens(tmp_path):
    path = tmp_path / "wires.sock"
    process = start_wires(path)
    try:
        with Bench(path) as hands:
            hands.cross("in")
            used = cpu_seconds(process.pid)
            time.sleep(0.5)
            assert cpu_seconds(process.pid) - used < 0.05
    finally:
        end(process)


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  a kernel file
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
