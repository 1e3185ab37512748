"""Reading and writing ISO 15693 tags through the FEIG reader, and hands that take them away in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hardware.rfid.tags.memory import Framing, TagGone, TagMemoryError, TagNotVerified, TagRefused
from hardware.simulated.feig_device import FeigDevice
from hardware.simulated.vicinity import VicinityTag
from kiosk.ports import PadFault
from tests.hardware.test_feig import Benches, Rig, bench, uid

__all__ = ["bench"]

ITEM = bytes.fromhex("1101013131323233333434000000000000000051 3E44453730350000 00000000")  # ISO 28560-3
CONTENT = bytes(range(1, 113))


def only(rig: Rig, number: int = 1, **tag: object) -> VicinityTag:
    return rig.place(number, **tag)


def pulled_at(device: FeigDevice, step: int, *, back_at: int | None = None) -> None:
    """Have the one tag taken away before the request number `step`, and put back before another."""
    (tag,) = device.tags
    seen = iter(range(1000))

    def hand(request: bytes) -> None:
        now = next(seen)
        if now == step:
            device.lift(tag.uid)
        elif now == back_at:
            device.place(tag)

    device.before = hand


def left_alone(device: FeigDevice, tag: VicinityTag) -> None:
    device.before = device.during = lambda request: None
    if not device.tags:
        device.place(tag)


def test_the_memory_tells_what_it_is(bench: Benches):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        assert (memory.uid, memory.unit, memory.units) == (uid(1), 4, 28)
        assert memory.framing is Framing.PLAIN
        assert memory.kind == "ISO 15693 (NXP ICODE SLIX)"
        assert uid(1) in repr(memory)


def test_what_is_written_stands_on_the_tag_in_its_own_byte_order(bench):
    rig = bench()
    tag = only(rig)
    with rig.pad.memory(uid(1)) as memory:
        for index in range(0, len(ITEM), 4):
            memory.write(index // 4, ITEM[index : index + 4])
        assert memory.read(0, 8) == ITEM
    assert bytes(tag.memory[:32]) == ITEM


def test_on_the_line_the_bytes_of_a_block_go_last_one_first(bench):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        memory.write(2, b"\x01\x02\x03\x04")
    assert bytes.fromhex("B0 24 01" + uid(1) + "02 01 04 04 03 02 01") in rig.device.requests


@pytest.mark.parametrize(("blocks", "size"), [(256, 4), (64, 8), (1, 4), (112, 4)])
def test_memories_of_any_size_are_read_whole(bench, blocks, size):
    rig = bench()
    tag = only(rig, blocks=blocks, block_size=size)
    tag.memory[:] = bytes(n * 7 & 0xFF for n in range(blocks * size))
    with rig.pad.memory(uid(1)) as memory:
        assert (memory.units, memory.unit) == (blocks, size)
        assert memory.read(0, blocks) == bytes(tag.memory)
        assert memory.read(blocks - 1, 1) == tag.block(blocks - 1)


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("blocks", [1, 28, 256])
def test_a_tag_that_does_not_tell_its_size_is_measured(bench, blocks, silent):
    rig = bench()
    only(rig, blocks=blocks, tells=False, silent=silent)
    with rig.pad.memory(uid(1)) as memory:
        assert (memory.units, memory.unit) == (blocks, 4)


def test_a_tag_that_counts_one_block_too_many_is_not_believed(bench):
    """Whether a reader counts blocks or numbers them is proved by reading the last one."""
    rig = bench()
    tag = only(rig, blocks=28)
    honest = rig.device._system_information

    def boasting(to: bytes) -> tuple[int, bytes]:
        status, data = honest(to)
        return status, data[:11] + bytes((data[11] + 1,)) + data[12:]

    rig.device._system_information = boasting
    with rig.pad.memory(uid(1)) as memory:
        assert memory.units == tag.blocks


def test_a_texas_instruments_tag_that_says_nothing_keeps_its_system_blocks(bench):
    rig = bench()
    rig.device.place(VicinityTag("E007C00000000001", blocks=11, tells=False))
    with rig.pad.memory("E007C00000000001") as memory:
        assert memory.units == 8


def test_two_tags_are_told_apart(bench):
    rig = bench()
    rig.place(1, 2)
    rig.look()  # both are quiet now
    first, second = rig.device.tags
    with rig.pad.memory(uid(2)) as memory:
        memory.write(0, b"book")
    assert (first.block(0), second.block(0)) == (bytes(4), b"book")


def test_blocks_that_do_not_exist_are_refused_before_anything_is_sent(bench):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        sent = len(rig.device.requests)
        for wrong in (lambda: memory.read(27, 2), lambda: memory.read(-1, 1), lambda: memory.read(0, 0)):
            with pytest.raises(ValueError, match="28"):
                wrong()
        with pytest.raises(ValueError, match="block 28 of tag"):
            memory.write(28, bytes(4))
        with pytest.raises(ValueError, match="5 bytes for a block of 4"):
            memory.write(0, bytes(5))
        assert len(rig.device.requests) == sent


@pytest.mark.parametrize(
    "wrong", ["", "04A1B2C3D4E580", "E00401501234567", "e004015000000001", "XX04015000000001"]
)
def test_what_is_no_uid_of_such_a_tag_is_refused(bench, wrong):
    rig = bench()
    with pytest.raises(TagRefused, match="is not the UID of an ISO 15693 tag"), rig.pad.memory(wrong):
        pass


def test_a_tag_that_is_not_there_is_gone(bench):
    rig = bench()
    only(rig, 2)
    with pytest.raises(TagGone, match="put it back"), rig.pad.memory(uid(1)):
        pass


def test_a_locked_block_is_refused_in_the_tags_own_words(bench):
    rig = bench()
    only(rig).locked.add(3)
    with rig.pad.memory(uid(1)) as memory:
        memory.write(2, b"free")
        with pytest.raises(TagRefused, match=r"block 3 .* it is locked and cannot be changed \(error 12h\)"):
            memory.write(3, b"lock")
        assert memory.read(3, 1) == bytes(4)


def test_a_write_that_is_reported_failed_and_did_nothing_is_refused_and_one_that_worked_is_believed(bench):
    rig = bench()
    only(rig)
    honest = rig.device._obey
    with rig.pad.memory(uid(1)) as memory:
        rig.device.forced.append((0x03, b"\x01"))
        with pytest.raises(TagRefused, match="too far from the antenna"):
            memory.write(1, b"fail")
        rig.device._obey = lambda request: (
            (0x03, b"\1") if honest(request) and request[1] == 0x24 else honest(request)
        )
        memory.write(1, b"done")


def test_a_write_that_is_reported_done_and_was_not_is_noticed(bench):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        rig.device.forced.append((0x00, b""))
        with pytest.raises(TagNotVerified, match="holds 00 00 00 00 where 62 6F 6F 6B was written"):
            memory.write(1, b"book")


def test_blocks_of_the_wrong_size_or_number_are_not_taken(bench):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        rig.device.forced.append((0x00, bytes.fromhex("01 08 00 01 02 03 04 05 06 07 08")))
        with pytest.raises(TagNotVerified, match="is not the 1 blocks asked for"):
            memory.read(0, 1)


def test_a_disturbed_answer_of_a_tag_is_asked_for_again(bench):
    rig = bench()
    tag = only(rig)
    tag.memory[:4] = b"book"
    with rig.pad.memory(uid(1)) as memory:
        rig.device.forced.extend([(0x83, b""), (0x02, b"")])
        assert memory.read(0, 1) == b"book"


def test_an_answer_that_comes_late_is_not_taken_for_that_of_the_next_block(bench):
    rig = bench()
    only(rig).memory[:8] = b"bookworm"
    slow = iter([0.4])  # longer than an answer is waited for, once
    rig.device.before = lambda request: setattr(
        rig.device, "hold_s", next(slow, 0.0) if request[1:2] == b"\x23" else 0.0
    )
    with rig.pad.memory(uid(1)) as memory:
        assert memory.read(0, 1) == b"book"
        assert memory.read(1, 1) == b"worm"


def steps(rig: Rig, tag: VicinityTag) -> Iterator[int]:
    """Every step of writing the content, until one run had no step of that number."""
    for step in range(1000):
        left_alone(rig.device, tag)
        tag.memory[:] = bytes(len(tag.memory))
        yield step
        if rig.device.tags:
            return


@pytest.mark.parametrize("back", [None, 1, 2])
def test_a_tag_taken_away_at_any_step_of_a_write_is_never_believed_written(bench, back):
    rig = bench()
    tag = only(rig, blocks=3)
    for step in steps(rig, tag):
        pulled_at(rig.device, step, back_at=None if back is None else step + back)
        try:
            with rig.pad.memory(uid(1)) as memory:
                for index in range(3):
                    memory.write(index, CONTENT[index * 4 : index * 4 + 4])
                written = True
        except TagGone:
            written = False
        assert not written or bytes(tag.memory) == CONTENT[:12]
        assert written or step < 10
        if back is not None and step > 10:
            return


def test_a_block_half_written_when_the_tag_left_is_reported_and_repaired_by_writing_again(bench):
    rig = bench()
    tag = only(rig)
    rig.device.during = lambda request: rig.device.lift(tag.uid) if request[1] == 0x21 else None
    with pytest.raises(TagGone), rig.pad.memory(uid(1)) as memory:
        memory.write(0, b"book")
    assert tag.block(0) == b"bo\0\0"
    left_alone(rig.device, tag)
    with rig.pad.memory(uid(1)) as memory:
        assert memory.read(0, 1) == b"bo\0\0"
        memory.write(0, b"book")
    assert tag.block(0) == b"book"


def test_a_block_half_written_by_a_tag_that_came_back_at_once_is_noticed(bench):
    rig = bench()
    tag = only(rig)

    def hand(request: bytes) -> None:
        if request[1] == 0x21:
            rig.device.lift(tag.uid)
            rig.device.place(tag)

    rig.device.during = hand
    with pytest.raises(TagNotVerified, match="holds 62 6F 00 00"), rig.pad.memory(uid(1)) as memory:
        memory.write(0, b"book")


def test_a_line_with_wrong_bits_never_writes_or_reads_anything_but_the_truth(bench):
    rig = bench(flip_rate=0.0, seed=9)
    tag = only(rig, blocks=4)
    rig.device.flip_rate = 0.004
    done = 0
    for attempt in range(8):
        content = bytes((attempt,)) * 4
        try:
            if rig.pad.closed:
                rig.pad.open()
            with rig.pad.memory(uid(1)) as memory:
                memory.write(1, content)
                assert tag.block(1) == content
                assert memory.read(0, 4) == bytes(tag.memory)
                done += 1
        except TagMemoryError:
            continue
        except PadFault:
            rig.pad.close()
    assert done


def test_a_reader_that_goes_away_in_a_write_is_a_fault_of_the_reader(bench):
    rig = bench()
    only(rig)
    with rig.pad.memory(uid(1)) as memory:
        rig.line.unplug()
        with pytest.raises(PadFault, match="check its plug and cable"):
            memory.write(0, b"book")
