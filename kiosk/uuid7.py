"""Names that sort by their moment: UUIDs of version 7, for facts and for commands."""

from __future__ import annotations

import os
import uuid
from datetime import datetime


def uuid7(wall: datetime) -> str:
    """A UUID version 7 (RFC 9562 section 5.7) of the given moment: 48 bits of ms, the rest random."""
    ms = int(wall.timestamp() * 1000) & ((1 << 48) - 1)
    value = (ms << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return str(uuid.UUID(int=value))
