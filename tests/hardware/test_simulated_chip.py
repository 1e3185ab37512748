"""The simulated MFRC522's digital side: SPI, registers, FIFO, timer, interrupts, CRC, commands, power."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.simulated.clock import VirtualClock
from hardware.simulated.crc_a import crc_a
from hardware.simulated.frames import Answer, bits_of
from hardware.simulated.picc import Picc, State
from hardware.simulated.rc522_chip import RC522Chip
from hardware.simulated.registers import Command, Reg
from hardware.simulated.spidev import InProcessSpi
from tests.hardware.bare_reader import BareReader

FC = 13.56e6
TX, RX, IDLE, HI, LO, ERR, TIMER = 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01
RESET_VALUES = {
    Reg.COMMAND: 0x20,
    Reg.COM_I_EN: 0x80,
    Reg.DIV_I_EN: 0x00,
    Reg.COM_IRQ: 0x14,
    Reg.ERROR: 0x00,
    Reg.STATUS1: 0x21,
    Reg.STATUS2: 0x00,
    Reg.FIFO_LEVEL: 0x00,
    Reg.WATER_LEVEL: 0x08,
    Reg.CONTROL: 0x10,
    Reg.BIT_FRAMING: 0x00,
    Reg.COLL: 0xA0,
    Reg.MODE: 0x3F,
    Reg.TX_MODE: 0x00,
    Reg.RX_MODE: 0x00,
    Reg.TX_CONTROL: 0x80,
    Reg.TX_ASK: 0x00,
    Reg.TX_SEL: 0x10,
    Reg.RX_SEL: 0x84,
    Reg.RX_THRESHOLD: 0x84,
    Reg.DEMOD: 0x4D,
    Reg.MF_TX: 0x62,
    Reg.SERIAL_SPEED: 0xEB,
    Reg.CRC_RESULT_H: 0xFF,
    Reg.CRC_RESULT_L: 0xFF,
    Reg.MOD_WIDTH: 0x26,
    Reg.RF_CFG: 0x48,
    Reg.GS_N: 0x88,
    Reg.CW_GS_P: 0x20,
    Reg.MOD_GS_P: 0x20,
    Reg.T_MODE: 0x00,
    Reg.T_PRESCALER: 0x00,
    Reg.T_RELOAD_H: 0x00,
    Reg.T_RELOAD_L: 0x00,
    Reg.AUTO_TEST: 0x40,
}


def bare(**chip) -> BareReader:
    return BareReader(set_up=False, **chip)


def changed(reader: BareReader) -> dict[str, int]:
    return {reg.name: reader.read(reg) for reg, value in RESET_VALUES.items() if reader.read(reg) != value}


# SPI


def test_registers_have_their_reset_values():
    assert changed(bare()) == {}


@pytest.mark.parametrize("version", [0x92, 0x91, 0x88, 0xB2, 0x15])
def test_the_version_register_shows_the_chosen_chip(version):
    assert bare(version=version).read(Reg.VERSION) == version


def test_in_a_read_each_byte_addresses_the_next_answer():
    reader = bare()
    mosi = [address << 1 | 0x80 for address in (Reg.VERSION, Reg.MODE, Reg.RF_CFG)]
    assert reader.chip.transfer(bytes([*mosi, 0]))[1:] == b"\x92\x3f\x48"


def test_the_last_address_of_a_read_takes_nothing_out_of_the_fifo():
    reader = bare()
    reader.write(Reg.FIFO_DATA, 1, 2, 3)
    fifo = Reg.FIFO_DATA << 1 | 0x80
    assert reader.chip.transfer(bytes([fifo, fifo, 0]))[1:] == b"\x01\x02"
    assert reader.read(Reg.FIFO_LEVEL) == 1


def test_a_zero_within_a_read_burst_reads_register_0():
    reader = bare()
    reader.write(Reg.FIFO_DATA, 1, 2, 3)
    assert reader.chip.transfer(bytes([Reg.FIFO_DATA << 1 | 0x80, 0, 0, 0]))[1:] == b"\x01\x00\x00"
    assert reader.read(Reg.FIFO_LEVEL) == 2


def test_a_write_burst_goes_to_one_address():
    reader = bare()
    reader.write(Reg.FIFO_DATA, *range(10))
    assert reader.read(Reg.FIFO_LEVEL) == 10
    reader.write(Reg.T_RELOAD_L, 1, 2, 3)
    assert reader.read(Reg.T_RELOAD_L) == 3
    assert reader.read(Reg.T_RELOAD_L + 1) == 0


def test_an_address_byte_with_bit_0_set_is_no_address():
    reader = bare()
    reader.chip.transfer(bytes([Reg.RF_CFG << 1 | 1, 0x70]))
    assert reader.read(Reg.RF_CFG) == 0x48
    assert reader.chip.transfer(bytes([Reg.VERSION << 1 | 0x81, 0])) == b"\x00\x00"


@given(st.binary(max_size=80))
def test_any_bytes_on_the_bus_are_answered_in_length_and_harm_nothing(mosi):
    reader = bare()
    assert len(reader.chip.transfer(mosi)) == len(mosi)
    assert len(reader.chip.transfer(b"")) == 0
    reader.chip.transfer(bytes([Reg.COMMAND << 1, Command.SOFT_RESET]))
    reader.clock.sleep(0.001)
    assert reader.read(Reg.VERSION) == 0x92


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 63), st.integers(0, 255), st.floats(0, 0.002)), max_size=60))
def test_after_any_writes_a_soft_reset_restores_every_register(writes):
    reader = bare()
    reader.place(Picc("01020304"))
    for register, value, pause in writes:
        reader.write(register, value)
        reader.clock.sleep(pause)
    reader.write(Reg.COMMAND, Command.IDLE)
    reader.clock.sleep(0.001)
    reader.write(Reg.COMMAND, Command.SOFT_RESET)
    reader.clock.sleep(0.001)
    assert changed(reader) == {}


def test_transactions_cost_their_time_on_a_virtual_clock_and_are_counted():
    clock = VirtualClock()
    spi = InProcessSpi(RC522Chip(clock=clock), max_speed_hz=1_000_000)
    spi.open(0, 0)
    spi.xfer2([0xEE, 0])
    assert clock.monotonic() == pytest.approx(36e-6)
    spi.max_speed_hz = 10_000_000
    spi.xfer3([0xEE, 0])
    assert clock.monotonic() == pytest.approx(36e-6 + 21.6e-6)
    assert (spi.transactions, spi.bytes) == (2, 4)


@pytest.mark.parametrize(
    "register", [Reg.ERROR, Reg.STATUS1, Reg.VERSION, Reg.CRC_RESULT_H, Reg.T_COUNTER_H, 0x00, 0x10, 0x3F]
)
def test_read_only_and_reserved_registers_ignore_writes(register):
    reader = bare()
    before = reader.read(register)
    reader.write(register, before ^ 0xFF)
    assert reader.read(register) == before


# FIFO


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=6))
def test_the_fifo_gives_back_in_order_what_fits_in_64_bytes(writes):
    reader = bare()
    for data in writes:
        reader.write(Reg.FIFO_DATA, *data)
    content = b"".join(writes)
    assert reader.read(Reg.FIFO_LEVEL) == min(64, len(content))
    assert bool(reader.read(Reg.ERROR) & 0x10) == (len(content) > 64)
    assert bytes(reader.read(Reg.FIFO_DATA) for _ in content[:64]) == content[:64]
    assert reader.read(Reg.FIFO_DATA) == 0


def test_flushing_empties_the_fifo_and_clears_the_overflow():
    reader = bare()
    reader.write(Reg.FIFO_DATA, *range(63))
    reader.write(Reg.FIFO_DATA, 1, 2)
    assert reader.read(Reg.ERROR) == 0x10
    assert reader.read(Reg.COM_IRQ) & ERR
    reader.write(Reg.FIFO_LEVEL, 0x80)
    assert (reader.read(Reg.FIFO_LEVEL), reader.read(Reg.ERROR)) == (0, 0)


def test_watermarks_are_levels_in_status1_and_events_in_comirq():
    reader = bare()
    reader.write(Reg.WATER_LEVEL, 4)
    reader.write(Reg.FIFO_DATA, *range(5))
    reader.write(Reg.COM_IRQ, 0x7F)
    assert reader.read(Reg.STATUS1) & 3 == 0
    reader.write(Reg.FIFO_DATA, *range(55))
    assert reader.read(Reg.STATUS1) & 3 == 2
    assert reader.read(Reg.COM_IRQ) & (HI | LO) == HI
    reader.write(Reg.COM_IRQ, HI)
    reader.write(Reg.FIFO_DATA, 0)
    assert reader.read(Reg.COM_IRQ) & HI == 0  # stays cleared although the level lasts
    reader.write(Reg.FIFO_LEVEL, 0x80)
    assert reader.read(Reg.STATUS1) & 3 == 1
    assert reader.read(Reg.COM_IRQ) & (HI | LO) == LO
    reader.write(Reg.COM_IRQ, LO)
    reader.write(Reg.FIFO_DATA, 0)
    assert reader.read(Reg.COM_IRQ) & (HI | LO) == 0


def test_a_new_command_clears_the_errors_of_the_last_one():
    reader = bare()
    reader.write(Reg.FIFO_DATA, *range(65))
    assert reader.read(Reg.ERROR) == 0x10
    reader.write(Reg.COMMAND, Command.IDLE)
    assert reader.read(Reg.ERROR) == 0


# Interrupts


@given(st.integers(0, 0x7F), st.integers(0, 0x7F), st.integers(0, 0x7F))
def test_set1_decides_whether_marked_requests_are_set_or_cleared(first, setting, clearing):
    reader = bare()
    reader.write(Reg.COM_IRQ, 0x7F)
    reader.write(Reg.COM_IRQ, 0x80 | first)
    reader.write(Reg.COM_IRQ, 0x80 | setting)
    reader.write(Reg.COM_IRQ, clearing)
    assert reader.read(Reg.COM_IRQ) == (first | setting) & ~clearing


def test_the_irq_pin_follows_enabled_requests_in_both_polarities():
    reader = bare()
    assert reader.chip.irq_line  # inverted and nothing enabled: high
    assert not reader.chip.irq_armed
    reader.write(Reg.COM_I_EN, 0x80 | RX)
    assert reader.chip.irq_armed
    reader.write(Reg.COM_IRQ, 0x80 | RX)
    assert not reader.chip.irq_line
    assert reader.read(Reg.STATUS1) & 0x10
    reader.write(Reg.COM_I_EN, RX)
    assert reader.chip.irq_line
    reader.write(Reg.COM_IRQ, RX)
    assert not reader.chip.irq_line


def test_div_irq_has_its_own_set_bit_and_only_its_own_flags():
    reader = bare()
    reader.write(Reg.DIV_IRQ, 0xFF)
    assert reader.read(Reg.DIV_IRQ) == 0x14
    reader.write(Reg.DIV_IRQ, 0x04)
    assert reader.read(Reg.DIV_IRQ) == 0x10


# Timer


def timer(reader: BareReader, prescaler: int, reload: int, mode: int = 0x00) -> None:
    reader.write(Reg.T_MODE, mode | prescaler >> 8)
    reader.write(Reg.T_PRESCALER, prescaler & 0xFF)
    reader.write(Reg.T_RELOAD_H, reload >> 8)
    reader.write(Reg.T_RELOAD_L, reload & 0xFF)


@settings(max_examples=60)
@given(st.integers(0, 0xFFF), st.integers(0, 0xFFFF), st.booleans())
def test_the_timer_takes_its_prescaler_and_reload_to_the_carrier_period(prescaler, reload, even):
    reader = bare()
    timer(reader, prescaler, reload)
    if even:
        reader.write(Reg.DEMOD, 0x5D)
    reader.write(Reg.COM_IRQ, 0x7F)
    reader.write(Reg.CONTROL, 0x40)
    due = (2 * prescaler + (2 if even else 1)) * (reload + 1) / FC
    reader.clock.sleep(due * 0.999)
    assert reader.read(Reg.COM_IRQ) & TIMER == 0
    assert reader.read(Reg.STATUS1) & 0x08
    reader.clock.sleep(due * 0.002)
    assert reader.read(Reg.COM_IRQ) & TIMER
    assert reader.read(Reg.STATUS1) & 0x08 == 0


def test_the_counter_counts_down_and_can_be_stopped():
    reader = bare()
    timer(reader, 0xA9, 1000)  # 25 us a tick
    reader.write(Reg.CONTROL, 0x40)
    reader.clock.sleep(0.01)
    reader.write(Reg.CONTROL, 0x80)
    left = reader.read(Reg.T_COUNTER_H) << 8 | reader.read(Reg.T_COUNTER_L)
    assert left == pytest.approx(1000 - 0.01 / (339 / FC), abs=2)
    reader.clock.sleep(1)
    assert reader.read(Reg.COM_IRQ) & TIMER == 0


def test_the_timer_restarts_by_itself_when_told():
    reader = bare()
    timer(reader, 0xA9, 39, mode=0x10)
    reader.write(Reg.CONTROL, 0x40)
    for _ in range(3):
        reader.write(Reg.COM_IRQ, 0x7F)
        reader.clock.sleep(0.00101)
        assert reader.read(Reg.COM_IRQ) & TIMER


def test_a_timer_that_restarts_every_period_of_the_carrier_does_not_hang_the_model():
    reader = bare()
    timer(reader, 0, 0, mode=0x10)
    reader.write(Reg.CONTROL, 0x40)
    reader.clock.sleep(20)
    assert reader.read(Reg.COM_IRQ) & TIMER


def test_tauto_starts_at_the_end_of_the_frame_and_silence_lets_it_run_out():
    reader = BareReader()
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.BIT_FRAMING, 0x87)
    frame, ran = (1 + 7 + 1) * 128 / FC, 40 * 339 / FC
    reader.clock.sleep(frame - 2e-6)
    assert reader.read(Reg.COM_IRQ) & (TX | TIMER) == 0
    reader.clock.sleep(4e-6)
    assert reader.read(Reg.COM_IRQ) & (TX | TIMER) == TX
    assert reader.read(Reg.STATUS1) & 0x08
    reader.clock.sleep(ran - 10e-6)
    assert reader.read(Reg.COM_IRQ) & TIMER == 0
    reader.clock.sleep(10e-6)
    assert reader.read(Reg.COM_IRQ) & TIMER


def test_tauto_stops_at_the_fifth_bit_of_an_answer():
    reader = BareReader()
    reader.place(Picc("01020304"))
    heard = reader.reqa()
    assert heard.irq & (RX | TIMER) == RX
    assert reader.read(Reg.STATUS1) & 0x08 == 0


def test_without_tauto_no_timer_runs():
    reader = BareReader()
    reader.write(Reg.T_MODE, 0x00)
    assert reader.reqa().irq & TIMER == 0


# Commands


def test_an_exchange_takes_as_long_as_on_the_air():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.BIT_FRAMING, 0x87)
    # 9 bits of call, 1172/fc, start bit, two bytes with parity, end
    whole = 9 * 128 / FC + 1172 / FC + (1 + 18 + 1) * 128 / FC
    assert whole == pytest.approx(0.36e-3, rel=0.02)
    reader.clock.sleep(whole - 3e-6)
    assert reader.read(Reg.COM_IRQ) & RX == 0
    reader.clock.sleep(6e-6)
    assert reader.read(Reg.COM_IRQ) & RX


def test_received_bytes_reach_the_fifo_one_by_one():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.reqa()
    reader.command(Command.TRANSCEIVE, 0x93, 0x20)
    reader.write(Reg.BIT_FRAMING, 0x80)
    levels = []
    for _ in range(80):
        reader.clock.sleep(10e-6)
        levels.append(reader.read(Reg.FIFO_LEVEL))
    sent, received = levels[: levels.index(0)], levels[levels.index(0) :]
    assert sent == sorted(sent, reverse=True)
    assert received == sorted(received)
    assert set(received) == {0, 1, 2, 3, 4, 5}


def test_transceive_stays_active_after_an_answer():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.reqa()
    assert reader.read(Reg.COMMAND) & 0x0F == Command.TRANSCEIVE
    assert reader.read(Reg.STATUS2) & 7 == 1
    reader.write(Reg.FIFO_DATA, 0x93, 0x20)
    reader.write(Reg.BIT_FRAMING, 0x80)
    reader.clock.sleep(0.005)
    assert len(reader.heard().data) == 5


@pytest.mark.parametrize("resend", [False, True])
def test_after_silence_startsend_alone_works_only_on_a_chip_that_allows_it(resend):
    reader = BareReader(resend_in_silence=resend)
    reader.reqa()
    reader.place(Picc("01020304"))
    reader.write(Reg.FIFO_DATA, 0x26)
    assert reader.read(Reg.ERROR) & 0x80  # WrErr: an answer is still awaited
    reader.write(Reg.BIT_FRAMING, 0x87)
    reader.clock.sleep(0.005)
    assert (reader.heard().data == b"\x04\x00") is resend


def test_a_new_command_ends_the_one_that_runs():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.BIT_FRAMING, 0x87)
    reader.clock.sleep(120e-6)  # the call is out, the answer not yet in
    reader.write(Reg.COMMAND, Command.IDLE)
    reader.clock.sleep(0.005)
    assert reader.read(Reg.FIFO_LEVEL) == 0
    assert reader.read(Reg.COM_IRQ) & (RX | IDLE) == 0  # the host's own Idle requests nothing


def test_transmit_and_receive_do_the_same_in_two_commands():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.write(Reg.BIT_FRAMING, 0x07)
    reader.command(Command.TRANSMIT, 0x26)
    reader.clock.sleep(9 * 128 / FC + 5e-6)
    assert reader.read(Reg.COM_IRQ) & (TX | IDLE) == TX | IDLE
    assert reader.read(Reg.COMMAND) & 0x0F == Command.IDLE
    reader.write(Reg.BIT_FRAMING, 0x00)
    reader.write(Reg.COMMAND, Command.RECEIVE)
    reader.clock.sleep(0.005)
    heard = reader.heard()
    assert heard.data == b"\x04\x00"
    assert heard.irq & (RX | IDLE) == RX | IDLE


def test_an_unknown_command_becomes_idle_and_says_so():
    reader = bare()
    reader.write(Reg.COM_IRQ, 0x7F)
    reader.write(Reg.COMMAND, 0x05)
    assert reader.read(Reg.COMMAND) & 0x0F == Command.IDLE
    assert reader.read(Reg.COM_IRQ) & IDLE


def test_nocmdchange_changes_the_receiver_switch_only():
    reader = BareReader()
    reader.place(Picc("01020304"))
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.COMMAND, 0x20 | Command.NO_CMD_CHANGE)  # RcvOff
    assert reader.read(Reg.COMMAND) == 0x20 | Command.TRANSCEIVE
    reader.write(Reg.BIT_FRAMING, 0x87)
    reader.clock.sleep(0.005)
    assert reader.heard().data == b""


@given(st.binary(min_size=1, max_size=64))
def test_the_coprocessor_computes_crc_a(data):
    reader = bare()
    reader.write(Reg.MODE, 0x3D)
    reader.command(Command.CALC_CRC, *data)
    reader.clock.sleep(0.001)
    assert reader.read(Reg.DIV_IRQ) & 0x04
    assert reader.read(Reg.STATUS1) & 0x20
    assert bytes([reader.read(Reg.CRC_RESULT_L), reader.read(Reg.CRC_RESULT_H)]) == crc_a(data)
    assert reader.read(Reg.COMMAND) & 0x0F == Command.CALC_CRC
    reader.write(Reg.FIFO_DATA, *crc_a(data))  # bytes that follow are added: the remainder is zero
    reader.clock.sleep(0.001)
    assert reader.read(Reg.STATUS1) & 0x40


@pytest.mark.parametrize(("preset", "result"), [(0, 0x0000), (1, 0x6363), (2, 0xA671), (3, 0xFFFF)])
def test_the_coprocessor_starts_from_the_chosen_preset(preset, result):
    reader = bare()
    reader.write(Reg.MODE, 0x3C | preset)
    reader.write(Reg.COMMAND, Command.CALC_CRC)
    assert reader.read(Reg.CRC_RESULT_H) << 8 | reader.read(Reg.CRC_RESULT_L) == result


def test_hardware_crc_is_appended_checked_and_kept_out_of_the_fifo():
    reader = BareReader()
    reader.place(picc := Picc("01020304", sak=0x20))
    reader.reqa()
    reader.write(Reg.TX_MODE, 0x80)
    reader.write(Reg.RX_MODE, 0x80)
    heard = reader.exchange(0x93, 0x70, 1, 2, 3, 4, 1 ^ 2 ^ 3 ^ 4)
    assert (heard.data, heard.errors) == (b"\x20", 0)
    reader.exchange(0x50, 0x00)
    assert picc.state is State.HALT


def test_a_hardware_crc_takes_its_two_bytes_time_on_the_air():
    reader = BareReader()
    reader.write(Reg.TX_MODE, 0x80)
    reader.command(Command.TRANSCEIVE, 0x50, 0x00)
    reader.write(Reg.BIT_FRAMING, 0x80)
    reader.clock.sleep((1 + 4 * 9 + 1) * 128 / FC - 2e-6)
    assert reader.read(Reg.COM_IRQ) & TX == 0
    reader.clock.sleep(4e-6)
    assert reader.read(Reg.COM_IRQ) & TX


def test_an_answer_with_a_wrong_crc_sets_crcerr():
    reader = BareReader()
    reader.write(Reg.RX_MODE, 0x80)
    reader.place(Picc("01020304"))
    assert reader.reqa().errors & 0x04  # an ATQA carries no CRC


def test_an_answer_longer_than_the_fifo_overflows_it():
    reader = BareReader()
    picc = Picc("01020304")
    picc.hear = lambda frame, started: Answer(bits_of(bytes(70)))  # type: ignore[method-assign]
    reader.place(picc)
    heard = reader.exchange(0x26, bits=7)
    assert len(heard.data) == 64
    assert heard.errors & 0x10


def test_a_frame_longer_than_the_fifo_can_be_refilled_while_it_is_sent():
    reader = BareReader()
    heard: list[int] = []
    picc = Picc("01020304")
    picc.hear = lambda frame, started: heard.extend(frame.data or b"")  # type: ignore[func-returns-value,method-assign]
    reader.place(picc)
    reader.command(Command.TRANSCEIVE, *range(64))
    reader.write(Reg.BIT_FRAMING, 0x80)
    reader.clock.sleep(30 * 9 * 128 / FC)
    assert 30 <= 64 - reader.read(Reg.FIFO_LEVEL) <= 32
    reader.write(Reg.FIFO_DATA, *range(64, 90))
    reader.clock.sleep(0.02)
    assert reader.read(Reg.FIFO_LEVEL) == 0
    assert heard == list(range(90))


def test_nothing_is_sent_without_a_field_until_it_comes_on():
    reader = BareReader()
    reader.write(Reg.TX_CONTROL, 0x80)
    reader.command(Command.TRANSCEIVE, 0x26)
    reader.write(Reg.BIT_FRAMING, 0x87)
    reader.clock.sleep(0.01)
    assert reader.read(Reg.COM_IRQ) & TX == 0
    assert reader.read(Reg.STATUS2) & 7 == 2
    reader.write(Reg.TX_CONTROL, 0x83)
    reader.clock.sleep(0.01)
    assert reader.read(Reg.COM_IRQ) & TX


def test_mem_and_random_id_share_the_internal_buffer():
    reader = bare()
    reader.command(Command.MEM, *range(25))
    reader.command(Command.MEM)
    assert reader.heard().data == bytes(range(25))
    reader.command(Command.GENERATE_RANDOM_ID)
    reader.command(Command.MEM)
    data = reader.heard().data
    assert data[10:] == bytes(range(10, 25))
    assert data[:10] != bytes(range(10))


def test_soft_reset_takes_its_time_and_writes_are_lost_meanwhile():
    reader = BareReader(reset_s=0.001)
    reader.write(Reg.COMMAND, Command.SOFT_RESET)
    reader.write(Reg.RF_CFG, 0x70)
    assert reader.read(Reg.COMMAND) & 0x10
    reader.clock.sleep(0.0011)
    assert changed(reader) == {}
    assert not reader.field.carrier


def test_soft_power_down_keeps_registers_and_switches_the_field_off():
    reader = BareReader()
    reader.write(Reg.COMMAND, 0x10)
    assert not reader.field.carrier
    assert reader.read(Reg.T_RELOAD_L) == 39
    reader.write(Reg.COMMAND, 0x00)
    assert reader.read(Reg.COMMAND) & 0x10
    reader.clock.sleep(0.001)
    assert reader.read(Reg.COMMAND) & 0x10 == 0
    assert reader.field.carrier


# Faults


@pytest.mark.parametrize("floating", [0x00, 0xFF])
def test_an_unplugged_reader_leaves_miso_floating_and_comes_back_as_after_power_up(floating):
    reader = BareReader(floating=floating)
    reader.place(picc := Picc("01020304"))
    reader.chip.unplug()
    assert picc.state is State.POWER_OFF
    assert reader.chip.transfer(b"\xee\xee\x00") == bytes([floating] * 3)
    reader.chip.restore()
    assert reader.read(Reg.VERSION) == floating  # the crystal is still starting
    reader.clock.sleep(0.002)
    assert changed(reader) == {}


def test_a_frozen_chip_shows_the_same_values_whatever_is_written():
    reader = BareReader()
    reader.reqa()
    before = [reader.read(register) for register in Reg if register != Reg.FIFO_DATA]
    reader.chip.freeze()
    reader.write(Reg.COM_IRQ, 0x7F)
    reader.write(Reg.COMMAND, Command.SOFT_RESET)
    reader.write(Reg.RF_CFG, 0x70)
    reader.clock.sleep(1)
    assert [reader.read(register) for register in Reg if register != Reg.FIFO_DATA] == before
    reader.chip.restore()
    assert [reader.read(register) for register in Reg if register != Reg.FIFO_DATA] == before
    reader.write(Reg.RF_CFG, 0x70)
    assert reader.read(Reg.RF_CFG) == 0x70


def test_the_reset_line_frees_a_frozen_chip():
    reader = BareReader()
    reader.chip.freeze()
    reader.chip.set_reset_line(False)
    assert reader.read(Reg.VERSION) == 0
    reader.chip.set_reset_line(True)
    reader.clock.sleep(0.002)
    assert changed(reader) == {}
    assert reader.chip.power.value == "ok"


def test_a_brown_out_loses_every_setting_and_the_timer_never_fires():
    reader = BareReader()
    reader.place(picc := Picc("01020304"))
    reader.chip.brown_out()
    reader.clock.sleep(0.002)
    assert changed(reader) == {}
    assert picc.state is State.POWER_OFF
    reader.write(Reg.TX_CONTROL, 0x83)
    assert reader.reqa().irq & TIMER == 0


def test_a_slow_crystal_delays_the_first_answer():
    reader = BareReader(power_up_s=0.08)
    reader.chip.brown_out()
    reader.clock.sleep(0.07)
    assert reader.read(Reg.VERSION) == 0
    reader.clock.sleep(0.02)
    assert reader.read(Reg.VERSION) == 0x92
