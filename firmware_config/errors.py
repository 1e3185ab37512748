"""The one exception of this package."""

from __future__ import annotations


class FirmwareError(Exception):
    """The boot configuration cannot be read, composed or written; says what, where and the remedy."""
