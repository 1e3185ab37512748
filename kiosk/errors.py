"""The root of the station's errors; each package's own stand beside what raises them."""

from __future__ import annotations


class StationError(Exception):
    """Root of everything the station raises itself."""
