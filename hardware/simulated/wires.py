"""`python -m hardware.simulated.wires --socket S`: the simulated wires as a process of their own."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.simulated.clock import RealClock
from hardware.simulated.switchboard import Switchboard
from hardware.simulated.world import World

_log = logging.getLogger(__name__)


def _hex_byte(text: str) -> int:
    value = int(text, 16)
    if not 0 <= value <= 0xFF:
        raise ValueError(f"{text} is not a byte")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the answer is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hardware.simulated.wires", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to serve")
    parser.add_argument(
        "--reader-version", type=_hex_byte, default=0x92, help="VersionReg in hex: 92, 91, 88, B2"
    )
    parser.add_argument(
        "--floating", type=_hex_byte, default=0x00, help="MISO of an unplugged reader: 00 or FF"
    )
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="wires: %(message)s")
    clock = RealClock()
    world = World(clock, version=options.reader_version, floating=options.floating)
    try:
        switchboard = Switchboard(options.socket, world, clock)
    except OSError as error:
        sys.stderr.write(f"wires: {error}\n")
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: switchboard.stop())
    _log.info("an MFRC522 (version %02Xh) on %s", options.reader_version, options.socket)
    switchboard.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
