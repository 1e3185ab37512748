"""The ingest's own birth and will: stations send only while it is there."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Presence:
    """One session of the ingest."""

    session: str

    def here(self) -> bytes:
        """The retained birth."""
        return json.dumps({"online": True, "session": self.session}, separators=(",", ":")).encode()

    def gone(self) -> bytes:
        """The will, and the last word of an ingest that stops."""
        return json.dumps({"online": False, "session": self.session}, separators=(",", ":")).encode()

    def is_contradicted_by(self, payload: bytes) -> bool:
        """Whether the retained state says that no ingest is there although this one is."""
        try:
            state = json.loads(payload)
        except (ValueError, RecursionError):
            return True
        return not isinstance(state, dict) or state.get("online") is not True
