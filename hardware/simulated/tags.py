"""The kinds of tags that can be laid on the pad, by the name the bench uses."""

from __future__ import annotations

import random

from hardware.errors import SimulationError
from hardware.simulated.classic import ClassicTag
from hardware.simulated.picc import Picc, parse_uid
from hardware.simulated.type2 import NTAG213, NTAG215, NTAG216, ULTRALIGHT, Type2Tag

KINDS = ("classic1k", "ntag213", "ntag215", "ntag216", "ultralight")
_LAYOUTS = {layout.name: layout for layout in (NTAG213, NTAG215, NTAG216, ULTRALIGHT)}
_POWER_UP_S = (0.0001, 0.005)  # what tags need after the field came on


def make_tag(uid: str, kind: str) -> Picc:
    """A new tag. Its power-up time, 0.1 to 5 ms, follows from its UID.

    A UID of a length the kind is not made with (10 bytes, or 4 on an NTAG) gives a tag that can be found and
    selected but has no memory. Raises SimulationError for an unknown kind or an impossible UID.
    """
    raw = parse_uid(uid)
    power_up_s = random.Random(raw).uniform(*_POWER_UP_S)  # noqa: S311  spread, no secret
    if kind == "classic1k":
        if len(raw) == 10:
            return Picc(raw, sak=0x08, power_up_s=power_up_s)
        return ClassicTag(raw, power_up_s=power_up_s)
    if kind not in _LAYOUTS:
        raise SimulationError(f"there is no tag of type {kind!r}; choose one of {', '.join(KINDS)}")
    if len(raw) != 7:
        return Picc(raw, sak=0x00, power_up_s=power_up_s)
    return Type2Tag(raw, _LAYOUTS[kind], power_up_s=power_up_s)
