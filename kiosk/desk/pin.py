"""The staff's PIN: what a librarian types at the panel, kept as a salted hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Protocol

from kiosk.ports import StationError

PIN_DIGITS = range(4, 9)
_COST = {"n": 2**14, "r": 8, "p": 1}  # scrypt, OWASP's smallest advice with 16 MB: some 50 ms a try


class Pin(Protocol):
    """What the staff's door needs to know."""

    @property
    def is_set(self) -> bool:
        """Whether a PIN was ever chosen; without one there is no way into the staff's room."""
        ...

    def fits(self, pin: str) -> bool:
        """Whether this is it."""
        ...


class PinError(StationError, ValueError):
    """The PIN cannot be kept as it is."""


class PinFile:
    """The staff's PIN as a salted scrypt hash in a file of the station's own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_set(self) -> bool:
        """Whether a PIN was ever chosen; without one there is no way into the staff's room."""
        return self._path.is_file()

    def choose(self, pin: str) -> None:
        """Keep a new PIN. Raises PinError: not four to eight digits, or the file cannot be written."""
        if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
            raise PinError("a PIN is 4 to 8 digits")
        salt = secrets.token_bytes(16)
        try:
            self._path.touch(mode=0o600)
            self._path.write_text(f"{salt.hex()} {_hash(pin, salt).hex()}\n", encoding="ascii")
        except OSError as error:
            raise PinError(f"{self._path} cannot be written: {error.strerror}") from error

    def fits(self, pin: str) -> bool:
        """Whether this is it. A missing or damaged file fits nothing."""
        try:
            salt, known = (bytes.fromhex(word) for word in self._path.read_text(encoding="ascii").split())
        except (OSError, ValueError):
            return False
        return hmac.compare_digest(_hash(pin, salt), known)


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_COST)
