"""The driver byte for byte: what goes over SPI for the main exchanges, and what is believed of the answers.

Written from the data sheet, beside no model: left what the driver sends, right what the chip says.
"""

from __future__ import annotations

import pytest

from hardware.rfid.rc522 import RC522
from kiosk.events import Tag, TagKind
from kiosk.ports import PadDisturbed, PadFault
from tests.hardware.scripted_spi import (
    ANSWERED_CALL,
    COLLIDED_CALL,
    HALT,
    SILENT_CALL,
    Line,
    ScriptedSpi,
    anticollision,
    select,
    written,
)

SETTINGS = "00 00 80 A9 00 28 40 3D 00 40"
OPEN: list[Line] = [
    *written("02 0F"),  # soft reset
    ("82 EE 00", "00 20 92"),  # not in power-down; version 2.0
    *written("24 00", "26 00", "54 80", "56 A9", "58 00", "5A 28", "2A 40", "22 3D", "1C 00", "4C 40"),
    *written("28 83"),  # field on
    ("EE A8 A4 A6 D4 D6 D8 DA AA A2 9C CC 00", f"00 92 83 {SETTINGS}"),
]


class Clock:
    """Sleeping is all that takes time."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def reader(*lines: Line, **settings) -> tuple[RC522, ScriptedSpi]:
    spi = ScriptedSpi(*lines)
    clock = Clock()
    return RC522(spi, sleep=clock.sleep, monotonic=clock.monotonic, **settings), spi


def opened(*lines: Line) -> tuple[RC522, ScriptedSpi]:
    pad, spi = reader(*OPEN, *lines)
    pad.open()
    return pad, spi


def test_opening_resets_the_chip_sets_it_up_and_reads_it_back():
    pad, spi = reader(*OPEN, bus=1, device=2, speed_hz=4_000_000)
    pad.open()
    assert spi.done
    assert (spi.opened, spi.mode, spi.max_speed_hz) == ((1, 2), 0, 4_000_000)
    assert pad.version == 0x92


def test_opening_waits_until_the_chip_has_started():
    waiting = ("82 EE 00", "00 30 92")
    pad, spi = reader(OPEN[0], waiting, waiting, *OPEN[1:])
    pad.open()
    assert spi.done


def test_a_silent_pad_costs_six_transactions_and_is_empty():
    pad, spi = opened(*SILENT_CALL)
    assert pad.inventory() == frozenset()
    assert spi.done


CARD = [
    *ANSWERED_CALL,
    *anticollision("93 20", "80", "DE AD BE EF 22"),
    *select("93 70 DE AD BE EF 22 B9 9C", "08 B6 DD"),
    *HALT,
]


def test_a_four_byte_card_is_selected_and_halted_then_silence_ends_the_inventory():
    pad, spi = opened(*CARD, *SILENT_CALL)
    assert pad.inventory() == {Tag("DEADBEEF", TagKind.CLASSIC)}
    assert spi.done


def test_after_tags_the_next_inventory_starts_with_a_fresh_field():
    pad, spi = opened(*CARD, *SILENT_CALL, *written("28 80", "28 83"), *SILENT_CALL, *SILENT_CALL)
    pad.inventory()
    assert pad.inventory() == frozenset()
    assert pad.inventory() == frozenset()  # nothing sleeps any more: the field stays on
    assert spi.done


def test_a_seven_byte_sticker_takes_two_cascade_levels():
    pad, spi = opened(
        *ANSWERED_CALL,
        *anticollision("93 20", "80", "88 04 A1 B2 9F"),
        *select("93 70 88 04 A1 B2 9F AE 4B", "04 DA 17"),
        *anticollision("95 20", "80", "C3 D4 E5 80 72"),
        *select("95 70 C3 D4 E5 80 72 3B B1", "00 FE 51"),
        *HALT,
        *SILENT_CALL,
    )
    assert pad.inventory() == {Tag("04A1B2C3D4E580", TagKind.ULTRALIGHT)}
    assert spi.done


@pytest.mark.parametrize("received", ["01", "05"], ids=["collided bit read as 0", "collided bit read as 1"])
def test_a_collision_is_followed_bit_by_bit_whichever_value_it_has(received):
    """Two cards 01000000 and 05000000: bit 2 collides, position 3."""
    uid = f"{received} 00 00 00 {received}"
    crc = {"01": "51 C3", "05": "65 A8"}[received]
    pad, spi = opened(
        *COLLIDED_CALL,
        *anticollision("93 20", "80", f"{received} 00 00 00 00", errors="08", coll="03"),
        *anticollision(f"93 23 {received}", "B3", f"{received} 00 00 00 {received}"),
        *select(f"93 70 {uid} {crc}", "08 B6 DD"),
        *HALT,
        *SILENT_CALL,
    )
    assert pad.inventory() == {Tag(f"{received}000000", TagKind.CLASSIC)}
    assert spi.done


FAILED = [*ANSWERED_CALL, *anticollision("93 20", "80", "DE AD BE EF 23")]


def test_a_wrong_block_check_character_is_no_tag_and_no_empty_pad():
    pad, spi = opened(*FAILED, *SILENT_CALL, *SILENT_CALL)
    with pytest.raises(PadDisturbed, match="block check") as caught:
        pad.inventory()
    assert caught.value.tags == frozenset()
    assert spi.done


def test_a_sak_with_a_wrong_crc_is_no_tag():
    pad, spi = opened(
        *ANSWERED_CALL,
        *anticollision("93 20", "80", "DE AD BE EF 22"),
        *select("93 70 DE AD BE EF 22 B9 9C", "08 B6 DC"),
        *SILENT_CALL,
        *SILENT_CALL,
    )
    with pytest.raises(PadDisturbed, match="CRC_A of the SAK"):
        pad.inventory()
    assert spi.done


def test_one_bad_answer_is_forgiven_when_the_tag_then_proves_itself():
    pad, spi = opened(*FAILED, *SILENT_CALL, *CARD, *SILENT_CALL)
    assert pad.inventory() == {Tag("DEADBEEF", TagKind.CLASSIC)}
    assert spi.done


def test_a_verified_tag_survives_the_bad_answer_of_another():
    pad, spi = opened(*CARD, *FAILED, *SILENT_CALL, *SILENT_CALL)
    with pytest.raises(PadDisturbed) as caught:
        pad.inventory()
    assert caught.value.tags == {Tag("DEADBEEF", TagKind.CLASSIC)}
    assert spi.done


def test_noise_that_never_ends_is_given_up_after_eight_attempts():
    pad, spi = opened(*FAILED * 8)
    with pytest.raises(PadDisturbed):
        pad.inventory()
    assert spi.done


def test_bytes_left_in_the_fifo_are_thrown_away_before_the_call():
    noisy = [*SILENT_CALL[:2], ("88 94 00", "00 04 03"), *written("14 80"), *SILENT_CALL[3:]]
    pad, spi = opened(*noisy)
    assert pad.inventory() == frozenset()
    assert spi.done


def test_a_longer_answer_than_due_is_thrown_away_before_the_next_frame():
    long_answer = [*SILENT_CALL[:-1], ("88 94 A8 8C 92 92 00", "00 64 07 83 00 44 00"), *written("14 80")]
    pad, spi = opened(*long_answer, *CARD[len(ANSWERED_CALL) :], *SILENT_CALL)
    assert pad.inventory() == {Tag("DEADBEEF", TagKind.CLASSIC)}
    assert spi.done


@pytest.mark.parametrize("version", ["00", "FF"])
def test_a_dead_bus_is_a_fault_that_names_the_wires(version):
    pad, spi = reader(OPEN[0], ("82 EE 00", f"{version} {version} {version}"))
    with pytest.raises(PadFault, match=f"VersionReg reads {version}h.*MISO"):
        pad.open()
    assert spi.done
    assert spi.opened is None, "the bus is released"


def test_a_chip_that_stays_in_reset_is_a_fault():
    pad, _ = reader(OPEN[0], *[("82 EE 00", "00 30 92")] * 30)
    with pytest.raises(PadFault, match="does not start"):
        pad.open()


def test_a_setting_that_does_not_hold_is_a_fault_that_names_it():
    pad, _ = reader(*OPEN[:-1], (OPEN[-1][0], f"00 92 83 {SETTINGS}".replace("40 3D", "00 3D")))
    with pytest.raises(PadFault, match="TX_ASK reads 00h where 40h is due"):
        pad.open()


def test_an_unknown_version_is_logged_and_used(caplog):
    lines = [(mosi, miso.replace("92", "E7")) for mosi, miso in OPEN]
    pad, spi = reader(*lines)
    pad.open()
    assert pad.version == 0xE7
    assert "version E7h" in caplog.text
    assert spi.done


def test_a_second_later_the_settings_are_read_back_within_the_same_burst():
    pad, spi = opened(
        *SILENT_CALL[:-1],
        (
            "88 94 A8 8C 92 92 EE A8 A4 A6 D4 D6 D8 DA AA A2 9C CC 00",
            f"00 45 00 83 00 00 00 92 83 {SETTINGS}".replace("80 A9", "00 00"),
        ),
    )
    pad._sleep(1.0)
    with pytest.raises(PadFault, match="T_MODE reads 00h"):
        pad.inventory()
    assert spi.done


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("00 45 00 80 00 00 00", "TxControlReg 80h"),
        ("FF FF FF FF FF FF FF", "ComIrqReg reads FFh"),
        ("00 00 00 00 00 00 00", "TxControlReg 00h"),
        ("00 64 7F 83 00 00 00", "FIFOLevelReg 7Fh"),
        ("00 45 00 83 40 00 00", "too hot"),
    ],
)
def test_silence_without_proof_is_a_fault(answer, words):
    pad, _ = opened(*SILENT_CALL[:-1], (SILENT_CALL[-1][0], answer))
    with pytest.raises(PadFault, match=words):
        pad.inventory()


def test_flags_that_do_not_clear_are_a_fault_not_a_silence():
    pad, _ = opened(*SILENT_CALL[:2], ("88 94 00", "00 45 00"))
    with pytest.raises(PadFault, match="just after it was cleared"):
        pad.inventory()


def test_a_timer_that_never_fires_is_a_fault_after_ten_milliseconds():
    never = (SILENT_CALL[-1][0], "00 44 00 83 00 00 00")
    pad, spi = opened(*SILENT_CALL[:-1], *[never] * 40)
    before = pad._monotonic()
    with pytest.raises(PadFault, match="did not finish a call within 10 ms"):
        pad.inventory()
    assert pad._monotonic() - before < 0.015
    assert not spi.done


def test_closing_switches_the_field_off_and_never_raises():
    pad, spi = opened(*written("28 80"))
    pad.close()
    assert spi.done
    assert spi.opened is None
    pad.close()


class DeadSpi(ScriptedSpi):
    def xfer2(self, values):
        raise OSError(5, "Input/output error")

    def close(self):
        raise OSError(9, "Bad file descriptor")


def test_a_bus_that_fails_is_a_fault_and_can_still_be_closed():
    pad = RC522(DeadSpi(), sleep=lambda seconds: None)
    with pytest.raises(PadFault, match=r"SPI failed on spidev0\.0.*Input/output"):
        pad.open()
    pad.close()


def test_a_missing_device_says_how_to_switch_spi_on():
    class NoDevice(ScriptedSpi):
        def open(self, bus, device):
            raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(PadFault, match=r"/dev/spidev0\.0 cannot be opened.*dtparam=spi=on"):
        RC522(NoDevice()).open()


def test_a_reader_that_is_not_open_has_no_inventory():
    with pytest.raises(PadFault, match="not open"):
        RC522(ScriptedSpi()).inventory()


def test_a_gain_outside_the_chips_range_is_refused():
    with pytest.raises(ValueError, match="gain 8"):
        RC522(ScriptedSpi(), gain=8)


def test_the_reset_line_is_pulsed_when_it_is_wired():
    class ResetLine:
        def __init__(self):
            self.levels = []

        def on(self):
            self.levels.append("on")

        def off(self):
            self.levels.append("off")

    line = ResetLine()
    pad, _ = reader(*OPEN, reset=line)
    pad.open()
    assert line.levels == ["off", "on"]
