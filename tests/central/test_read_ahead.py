"""The socket that reads ahead gives the same bytes as one that does not, whatever is asked of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.wire import ReadAhead


@pytest.fixture
def pair() -> Iterator[tuple[ReadAhead, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    yield ReadAhead(ours), theirs
    ours.close()
    theirs.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(said=st.binary(min_size=1, max_size=500), asked=st.lists(st.integers(1, 60), min_size=1))
def test_bytes_come_in_order_in_parts_of_the_size_asked_for(
    pair: tuple[ReadAhead, socket.socket], said: bytes, asked: list[int]
) -> None:
    wire, other = pair
    other.sendall(said)
    got, turn = b"", 0
    while len(got) < len(said):
        most = asked[turn % len(asked)]
        part = wire.recv(most)
        assert 0 < len(part) <= most
        got, turn = got + part, turn + 1
        assert wire.pending() == len(said) - len(got)
    assert got == said
    with pytest.raises(BlockingIOError):
        wire.recv(1)


def test_the_end_of_the_other_side_is_seen_after_its_last_byte(
    pair: tuple[ReadAhead, socket.socket],
) -> None:
    wire, other = pair
    other.sendall(b"ab")
    other.close()
    assert (wire.recv(1), wire.recv(5), wire.recv(5)) == (b"a", b"b", b"")


def test_what_is_held_together_leaves_at_the_end_in_its_order(
    pair: tuple[ReadAhead, socket.socket],
) -> None:
    wire, other = pair
    other.setblocking(False)
    with wire.together():
        assert [wire.send(b"one"), wire.send(b"two")] == [3, 3]
        with pytest.raises(BlockingIOError):
            other.recv(10)
    assert other.recv(10) == b"onetwo"
    assert wire.send(b"three") == 5
    assert other.recv(10) == b"three"


def test_more_than_the_kernel_takes_at_once_leaves_whole(pair: tuple[ReadAhead, socket.socket]) -> None:
    wire, other = pair
    got = bytearray()

    def listen() -> None:
        while len(got) < 3_000_000:
            got.extend(other.recv(65_536))

    listener = threading.Thread(target=listen)
    listener.start()
    with wire.together():
        for _ in range(3):
            wire.send(bytes(1_000_000))
    listener.join(10)
    assert len(got) == 3_000_000


def test_whatever_else_a_socket_can_goes_through(pair: tuple[ReadAhead, socket.socket]) -> None:
    assert pair[0].fileno() > 0
    assert pair[0].getblocking() is False
