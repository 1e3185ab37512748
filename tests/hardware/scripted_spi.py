"""A spidev that expects exact bytes, one line a transaction, and fails at the first that differs."""

from __future__ import annotations

from collections.abc import Sequence

Line = tuple[str, str]  # MOSI and MISO as hex; MISO "" = the driver must not care (all zeros)


class ScriptedSpi:
    """Plays `lines` in order; `done` tells whether all were played."""

    def __init__(self, *lines: Line) -> None:
        self.max_speed_hz = 0
        self.mode = -1
        self.opened: tuple[int, int] | None = None
        self.lines = list(lines)

    @property
    def done(self) -> bool:
        return not self.lines

    def open(self, bus: int, device: int) -> None:
        self.opened = (bus, device)

    def close(self) -> None:
        self.opened = None

    def xfer2(self, values: Sequence[int]) -> list[int]:
        sent = bytes(values).hex(" ").upper()
        assert self.lines, f"nothing was expected after the script, but {sent} was sent"
        mosi, miso = self.lines.pop(0)
        assert sent == mosi
        answer = list(bytes.fromhex(miso)) or [0] * len(values)
        assert len(answer) == len(values), "the script itself is wrong"
        return answer


def written(*pairs: str) -> list[Line]:
    """Register writes: nothing of interest comes back."""
    return [(pair, "") for pair in pairs]


SILENT_CALL: list[Line] = [
    *written("02 0C", "08 7F"),  # CommandReg = Transceive, ComIrqReg cleared
    ("88 94 00", "00 04 00"),  # no flag of a frame, FIFO empty
    *written("12 26", "1A 87"),  # REQA, seven bits, StartSend
    ("88 94 A8 8C 92 92 00", "00 45 00 83 00 00 00"),  # TxIRq, TimerIRq, field on
]
ANSWERED_CALL: list[Line] = [*SILENT_CALL[:-1], ("88 94 A8 8C 92 92 00", "00 64 02 83 00 44 00")]
COLLIDED_CALL: list[Line] = [*SILENT_CALL[:-1], ("88 94 A8 8C 92 92 00", "00 66 02 83 08 04 00")]
HALT: list[Line] = written("12 50 00 57 CD", "1A 80")


def anticollision(sent: str, framing: str, got: str, *, errors: str = "00", coll: str = "20") -> list[Line]:
    """One anticollision frame. `got`: the FIFO's bytes, as many as are due."""
    due = len(got.split())
    return [
        *written(f"12 {sent}", f"1A {framing}"),
        ("8C 94 98 9C" + " 92" * due + " 00", f"00 {errors} {due:02X} 10 {coll} {got}"),
    ]


def select(sent: str, sak: str, *, level: str = "03") -> list[Line]:
    """One SELECT; `sak` with its CRC_A."""
    return [
        *written(f"12 {sent}", "1A 80"),
        ("8C 94 98 9C 92 92 92 00", f"00 00 {level} 10 20 {sak}"),
    ]
