"""The staff's PIN: what a librarian types at the panel, kept as a salted hash."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Protocol

from kiosk.errors import StationError

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
        """Keep a new PIN in place of the old one. Nobody but the station may read the file at any moment.

        Raises PinError: not four to eight digits, or the file cannot be written; then the old one still fits.
        """
        if not (pin.isascii() and pin.isdigit() and len(pin) in PIN_DIGITS):
            raise PinError("a PIN is 4 to 8 digits")
        salt = secrets.token_bytes(16)
        try:
            _replace(self._path, f"{salt.hex()} {_hash(pin, salt).hex()}\n".encode("ascii"))
        except OSError as error:
            raise PinError(f"{self._path} cannot be written: {error.strerror}") from error

    def fits(self, pin: str) -> bool:
        """Whether this is it. A missing or damaged file fits nothing."""
        try:
            salt, known = (bytes.fromhex(word) for word in self._path.read_text(encoding="ascii").split())
        except (OSError, ValueError):
            return False
        return hmac.compare_digest(_hash(pin, salt), known)


def _replace(path: Path, content: bytes) -> None:
    """Durable when this returns, even if the power fails in the middle: the old content or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # of a try that was cut off
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # whatever the umask takes away
            home = path.parent.stat()
            with contextlib.suppress(PermissionError):  # root may choose it, the station must read it
                os.fchown(file.fileno(), home.st_uid, home.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, **_COST)
