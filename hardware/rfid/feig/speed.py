"""Finds the speed at which a FEIG reader answers, when it does not at the one in the settings."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

from hardware.rfid.feig.frames import AnswerParser, request
from hardware.rfid.feig.link import VERSION
from hardware.serial_port import Parity, PortFault, SerialPort

log = logging.getLogger(__name__)

_BAUDS = (38400, 9600, 19200, 57600, 115200)  # CFG1 of these readers, the usual ones first
_PARITIES: tuple[Parity, ...] = ("E", "N", "O")
_ANSWER_S = 0.07  # question and answer, 18 bytes at 9600 bit/s, take 21 ms, an adapter's pause 16 ms


def speed_words(baud: int, parity: Parity) -> str:
    """As people write it: 38400 8E1."""
    return f"{baud} 8{parity}1"


def answering_speed(
    name: str,
    tried: tuple[int, Parity],
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[int, Parity] | None:
    """The speed at which the reader on port `name` answers, other than `tried`; None = at no usual one.

    Takes a second in all. Never raises.
    """
    for baud, parity in _others(tried):
        port = SerialPort(name, baud=baud, parity=parity, sleep=sleep, monotonic=monotonic)
        parser = AnswerParser()
        try:
            port.open()
            port.write(request(VERSION))
            ends = monotonic() + _ANSWER_S
            while monotonic() < ends:
                if any(answer.command == VERSION for answer in parser.feed(port.read(_ANSWER_S))):
                    return baud, parity
        except PortFault as error:
            log.debug("%s at %s: %s", name, speed_words(baud, parity), error)
        finally:
            port.close()
    return None


def _others(tried: tuple[int, Parity]) -> Iterator[tuple[int, Parity]]:
    """Another speed with the same parity first, then the same speed with another parity, then the rest."""
    baud, parity = tried
    every = [(b, p) for p in _PARITIES for b in _BAUDS if (b, p) != tried]
    return iter(sorted(every, key=lambda other: (other[1] != parity) * (1 + (other[0] != baud))))
