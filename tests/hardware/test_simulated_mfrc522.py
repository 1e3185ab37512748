"""The unmodified `mfrc522` 0.0.7 on the model shows the four findings that are known of it in the field.

They prove the model, not the library: an endless loop where the timer bit is never looked at, a UID cut to
88h and three bytes, nothing at all with two tags, and a resting tag seen at every second poll.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from hardware.simulated.clock import VirtualClock
from hardware.simulated.field import Field
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.spidev import InProcessSpi
from hardware.simulated.tags import make_tag


@pytest.fixture
def bench(monkeypatch):
    """The library on a simulated bus; RPi.GPIO and spidev are stand-ins for the time of the test."""
    clock = VirtualClock()
    field = Field()
    spi = InProcessSpi(RC522Chip(clock=clock, field=field))
    gpio = ModuleType("RPi.GPIO")
    for name in ("setmode", "setup", "output", "cleanup"):
        setattr(gpio, name, lambda *_: None)
    gpio.getmode, gpio.OUT = lambda: None, 0
    rpi = ModuleType("RPi")
    rpi.GPIO = gpio
    bus = ModuleType("spidev")
    bus.SpiDev = lambda: spi
    for name, module in {"RPi": rpi, "RPi.GPIO": gpio, "spidev": bus}.items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("mfrc522", "mfrc522.MFRC522", "mfrc522.SimpleMFRC522"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import mfrc522

    reader = mfrc522.SimpleMFRC522()
    yield SimpleNamespace(reader=reader, spi=spi, field=field, clock=clock)
    for name in ("mfrc522", "mfrc522.MFRC522", "mfrc522.SimpleMFRC522"):
        sys.modules.pop(name, None)


def poll(bench) -> tuple[str | None, int, int, float]:
    """UID with BCC in hex, transactions, bytes, milliseconds."""
    before = bench.spi.transactions, bench.spi.bytes, bench.clock.monotonic()
    number = bench.reader.read_id_no_block()
    return (
        None if number is None else f"{number:010X}",
        bench.spi.transactions - before[0],
        bench.spi.bytes - before[1],
        (bench.clock.monotonic() - before[2]) * 1000,
    )


def lay(bench, *tags: tuple[str, str]) -> None:
    for uid, kind in tags:
        bench.field.place(make_tag(uid, kind))
    bench.clock.sleep(0.01)


def test_setting_the_reader_up_takes_ten_transactions(bench):
    assert (bench.spi.transactions, bench.spi.bytes) == (10, 20)


def test_an_empty_poll_reads_the_bus_two_thousand_times(bench):
    uid, transactions, octets, took_ms = poll(bench)
    assert uid is None
    assert (transactions, octets) == (2013, 4026)
    assert took_ms == pytest.approx(72.5, abs=0.2)


def test_a_7_byte_uid_comes_back_as_88_and_three_bytes(bench):
    lay(bench, ("04A1B2C3D4E5F6", "ntag213"))
    uid, transactions, _, _ = poll(bench)
    assert uid == "8804A1B29F"
    assert transactions == pytest.approx(72, abs=3)


def test_a_4_byte_uid_is_read_with_its_check_byte(bench):
    lay(bench, ("12345678", "classic1k"))
    uid, transactions, _, took_ms = poll(bench)
    assert uid == "1234567808"
    assert transactions == pytest.approx(72, abs=3)
    assert took_ms == pytest.approx(2.6, abs=0.2)


@pytest.mark.parametrize(
    "tags",
    [
        [("12345678", "classic1k"), ("04A1B2C3D4E5F6", "ntag213")],
        [("04A1B2C3D4E5F6", "ntag213"), ("0491B2C3D4E5F6", "ntag213")],
    ],
    ids=["card and book", "two books"],
)
def test_two_tags_give_nothing_for_ever(bench, tags):
    lay(bench, *tags)
    assert {poll(bench)[0] for _ in range(20)} == {None}


def test_a_resting_tag_is_seen_at_every_second_poll_only(bench):
    lay(bench, ("12345678", "classic1k"))
    assert [poll(bench)[0] is not None for _ in range(6)] == [True, False] * 3


def test_a_classic_card_is_authenticated_written_and_read(bench):
    lay(bench, ("12345678", "classic1k"))
    bench.reader.write_no_block("reading corner")
    assert bench.reader.read_no_block() == (None, None)  # still selected: the next call is an error to it
    uid, text = bench.reader.read_no_block()
    assert f"{uid:010X}" == "1234567808"
    assert text.strip() == "reading corner"


def test_writing_an_ntag_looks_done_and_is_not(bench):
    tag = make_tag("04A1B2C3D4E5F6", "ntag213")
    before = bytes(tag.memory)
    bench.field.place(tag)
    bench.clock.sleep(0.01)
    uid, text = bench.reader.write_no_block("book 7")
    assert uid is not None
    assert text == "book 7"
    assert tag.memory == before
