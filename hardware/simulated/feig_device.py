"""A simulated FEIG OBID reader with ISO 15693 tags in its field: a device for hardware.simulated.serial_line.

It packs frames, counts CRCs and turns bytes round by itself, by the manuals, and shares none of that with
the driver it is there to test. `place` and `lift` may be called from any thread.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from hardware.errors import SimulationError
from hardware.simulated.vicinity import ADDRESS_FLAG, ERROR_FLAG, VicinityTag

VERSION = bytes((0x03, 0x03, 0x00, 0x44, 0x53, 0x0D, 0x38))  # of a CPR40, and bit 3: ISO 15693
_DATA_RATE = 0x02  # flag of every request on the air
_INVENTORY_FLAGS = 0x06
_PARTIAL_S = 0.05  # a request that stops in the middle is forgotten; manual: 12 ms
_OK, _NO_TAG, _MORE, _TAG_ERROR = 0x00, 0x01, 0x94, 0x95
_UNKNOWN, _LENGTH = 0x80, 0x81


class FeigDevice:
    """The reader. `address`: its own; `tags_per_answer`: more are kept for MORE; 0 = all in one answer.

    `flip_rate`: chance that a byte on the line, either way, has one bit flipped, by `seed`. `advanced`:
    answer in advanced frames only. Hooks run on the line's thread: `before` with each request before it is
    carried out, `during` when a tag has taken a command and is not done with it.
    """

    def __init__(
        self,
        *,
        address: int = 0x00,
        tags_per_answer: int = 0,
        flip_rate: float = 0.0,
        advanced: bool = False,
        seed: int = 1,
    ) -> None:
        self.address = address
        self.tags_per_answer = tags_per_answer
        self.flip_rate = flip_rate
        self.advanced = advanced
        self.version = VERSION
        self.quiet_after_inventory = True  # ONT, as delivered
        self.cards: list[bytes] = []  # data sets of other kinds of tags, TR-TYPE first
        self.forced: deque[tuple[int, bytes]] = deque()  # status and data of the next answers, nothing done
        self.hold_s = 0.0  # answers to ISO commands come so late
        self.before: Callable[[bytes], None] = lambda request: None
        self.during: Callable[[bytes], None] = lambda request: None
        self.requests: list[bytes] = []  # command and data of each request understood
        self._field: dict[str, VicinityTag] = {}
        self._chance = random.Random(seed)  # noqa: S311  reproducible noise, no secret
        self._heard = bytearray()
        self._heard_at: float | None = None
        self._left: list[bytes] = []  # data sets for MORE
        self._held: deque[tuple[float, bytes]] = (
            deque()
        )  # answers and when they are due; one waits for another
        self._now = 0.0

    # Hands

    @property
    def tags(self) -> tuple[VicinityTag, ...]:
        """The tags in the field."""
        return tuple(self._field.values())

    def place(self, *tags: VicinityTag) -> None:
        """Bring tags into the field. Raises SimulationError when one with that UID is there already."""
        for tag in tags:
            if tag.uid in self._field:
                raise SimulationError(f"tag {tag.uid} lies in the field already; lift it first")
            self._field[tag.uid] = tag

    def lift(self, *uids: str) -> None:
        """Take tags away, in whatever they are doing. Raises SimulationError when there is no such tag."""
        for uid in uids:
            tag = self._field.pop(uid, None)
            if tag is None:
                raise SimulationError(f"tag {uid} is not in the field")
            tag.power_off()

    def reset(self) -> None:
        """Power gone and back: nothing of what was going on is left."""
        self._heard.clear()
        self._left.clear()
        self._held.clear()
        self._switch_field()

    # The line

    def feed(self, data: bytes) -> bytes:
        """Bytes from the station; the answer, if they make a whole request with the right CRC."""
        self._heard += self._disturbed(data)
        self._heard_at = None
        said = b""
        while (length := self._request_length()) is not None and len(self._heard) >= length:
            frame = bytes(self._heard[:length])
            del self._heard[:length]
            if _crc(frame[:-2]) != frame[-2] | frame[-1] << 8:
                self._heard.clear()  # a frame with a mistake gets no answer, and its end is anywhere
                break
            said += self._answered(frame)
        return self._disturbed(said)

    def tick(self, now: float) -> bytes:
        """Answers that are due now; forgets half a request."""
        if self._heard:
            if self._heard_at is None:
                self._heard_at = now
            elif now - self._heard_at > _PARTIAL_S:
                self._heard.clear()
        self._now = now
        said = b""
        while self._held and self._held[0][0] <= now:
            said += self._held.popleft()[1]
        return said

    def _request_length(self) -> int | None:
        if not self._heard:
            return None
        if self._heard[0] != 0x02:
            return max(5, self._heard[0])
        return max(7, self._heard[1] * 256 + self._heard[2]) if len(self._heard) >= 3 else None

    def _answered(self, frame: bytes) -> bytes:
        advanced = frame[0] == 0x02
        body = frame[3:-2] if advanced else frame[1:-2]
        if body[0] not in (0xFF, self.address):
            return b""
        request = body[1:]
        self.requests.append(request)
        self.before(request)
        status, data = self.forced.popleft() if self.forced else self._obey(request)
        answer = self._packed(bytes((self.address, request[0], status)) + data, advanced)
        late = self.hold_s if request[0] in (0xB0, 0xB1) else 0.0
        if not late and not self._held:
            return answer
        self._held.append((self._now + late, answer))
        return b""

    def _packed(self, body: bytes, advanced: bool) -> bytes:
        if advanced or self.advanced or len(body) + 3 > 255:
            length = len(body) + 5
            frame = bytes((0x02, length // 256, length % 256)) + body
        else:
            frame = bytes((len(body) + 3,)) + body
        crc = _crc(frame)
        return frame + bytes((crc & 0xFF, crc >> 8))

    def _disturbed(self, data: bytes) -> bytes:
        if not self.flip_rate:
            return data
        chance = self._chance
        return bytes(
            byte ^ (1 << chance.randrange(8)) if chance.random() < self.flip_rate else byte for byte in data
        )

    # Commands

    def _obey(self, request: bytes) -> tuple[int, bytes]:
        match request[0], request[1:2]:
            case 0x65, b"":
                return _OK, self.version
            case 0x69, b"":
                self._switch_field()
                return _OK, b""
            case 0xB0, b"\x01" if len(request) == 3:
                return self._inventory(more=bool(request[2] & 0x80))
            case 0xB0, b"":
                return _LENGTH, b""
            case 0xB0, _:
                return self._one_tag(request[1], request[2:], maker=b"")
            case 0xB1, maker if len(request) > 2:
                return self._one_tag(request[2], request[3:], maker=maker)
        return _UNKNOWN, b""

    def _switch_field(self) -> None:
        for tag in self.tags:
            tag.power_off()

    def _inventory(self, *, more: bool) -> tuple[int, bytes]:
        if not more:
            if not self.quiet_after_inventory:
                self._switch_field()
            self._left = [*self.cards, *self._found()]
        if not self._left:
            return _NO_TAG, b""
        size = self.tags_per_answer or len(self._left)
        sets, self._left = self._left[:size], self._left[size:]
        return (_MORE if self._left else _OK), bytes((len(sets),)) + b"".join(sets)

    def _found(self) -> list[bytes]:
        """A data set of each tag that answers, in order of UID, as anticollision by mask finds them."""
        sets = []
        for tag in sorted(self.tags, key=lambda tag: tag.uid[::-1]):
            answer = tag.hear(bytes((_INVENTORY_FLAGS, 0x01, 0x00)))
            if answer is not None:
                sets.append(bytes((0x03, answer[1])) + answer[:1:-1])
                tag.hear(bytes((_DATA_RATE | ADDRESS_FLAG, 0x02)) + answer[2:])
        return sets

    def _one_tag(self, command: int, rest: bytes, *, maker: bytes) -> tuple[int, bytes]:
        if len(rest) < 9 or rest[0] != 0x01:
            return _LENGTH, b""
        to = maker + rest[8:0:-1]  # the UID goes out least significant byte first
        match command, rest[9:]:
            case 0x23, place if len(place) == 2 and place[1]:
                return self._read(to, *place)
            case 0x24, place if len(place) > 3 and len(place) == 3 + place[1] * place[2]:
                return self._write(to, place[0], place[2], place[3:])
            case ((0x27 | 0x29), value) if len(value) == 1:
                return self._told(self._air(command, to, value))
            case 0x2B, b"":
                return self._system_information(to)
            case ((0xA2 | 0xA3 | 0xA5), b"") if maker:
                return self._told(self._air(command, to, b""))
        return _LENGTH, b""

    def _read(self, to: bytes, first: int, count: int) -> tuple[int, bytes]:
        parts, size = b"", 0
        for number in range(first, first + count):
            answer = self._air(0x20, to, bytes((number & 0xFF,)))
            status, error = self._told(answer)
            if answer is None or status != _OK:
                return status, error
            size = len(answer) - 1
            parts += b"\0" + answer[:0:-1]  # security status, then the block's bytes, last one first
        return _OK, bytes((count, size)) + parts

    def _write(self, to: bytes, first: int, size: int, data: bytes) -> tuple[int, bytes]:
        for number, at in enumerate(range(0, len(data), size), first):
            turned = bytes(reversed(data[at : at + size]))
            status, error = self._told(self._air(0x21, to, bytes((number,)) + turned))
            if status != _OK:
                return status, error + bytes((number,)) if status == _TAG_ERROR else error
        return _OK, b""

    def _system_information(self, to: bytes) -> tuple[int, bytes]:
        answer = self._air(0x2B, to, b"")
        status, error = self._told(answer)
        if answer is None or status != _OK:
            return status, error
        uid, dsfid, afi, blocks, size, ic_reference = answer[2:10], *answer[10:]
        return _OK, bytes((dsfid,)) + uid[::-1] + bytes((afi, size, blocks, ic_reference))

    def _told(self, answer: bytes | None) -> tuple[int, bytes]:
        if answer is None:
            return _NO_TAG, b""
        return (_TAG_ERROR, answer[1:2]) if answer[0] & ERROR_FLAG else (_OK, b"")

    def _air(self, command: int, to: bytes, data: bytes) -> bytes | None:
        """Send to every tag; the answer of the one that answers and stays until it is done."""
        request = bytes((_DATA_RATE | ADDRESS_FLAG, command)) + to + data
        for tag in self.tags:
            answer = tag.hear(request)
            if answer is None:
                continue
            self.during(request)
            if self._field.get(tag.uid) is not tag:
                return None
            tag.finish()
            return answer
        return None


def _crc(data: bytes) -> int:
    """Bit by bit, as the manual's example counts it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc
