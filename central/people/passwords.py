"""Passwords: kept as scrypt (RFC 7914) with a salt each, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass

from central.errors import CentreError

SHORTEST, LONGEST = 10, 200
"""Characters. Length is what makes a password hard to guess; no further rules (NIST SP 800-63B, 5.1.1)."""


class PasswordRefused(CentreError, ValueError):
    """A new password cannot be taken; says why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: 128 * 2**log_n * r bytes, p times over."""

    log_n: int
    r: int
    p: int


COST = Cost(14, 8, 5)  # 16 MiB: OWASP's password storage advice for machines with little memory


def checked(password: str, name: str) -> str:
    """A new password that may be taken. Raises PasswordRefused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(
            f"a password has {SHORTEST} to {LONGEST} characters, not {len(password)};"
            " three or four words that only you would put together are good"
        )
    if len(set(password)) < 4 or _same(password).startswith(_same(name)):
        raise PasswordRefused("this password is among the first that anybody would try; choose another")
    return password


def hashed(password: str, cost: Cost | None = None) -> str:
    """What is kept of a password."""
    cost = cost or COST
    salt = secrets.token_bytes(16)
    return f"scrypt${cost.log_n}${cost.r}${cost.p}${_text(salt)}${_text(_derived(password, salt, cost))}"


def matches(password: str, kept: str) -> bool:
    """Whether this is the password; takes as long for a wrong one."""
    _, log_n, r, p, salt, wanted = kept.split("$")
    found = _derived(password, b64decode(salt), Cost(int(log_n), int(r), int(p)))
    return hmac.compare_digest(found, b64decode(wanted))


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    # One keyboard writes an accent as part of its letter, another beside it: both are the same word.
    said = unicodedata.normalize("NFC", password).encode(errors="replace")
    n = 1 << cost.log_n
    return hashlib.scrypt(
        said, salt=salt, n=n, r=cost.r, p=cost.p, maxmem=128 * (n + cost.p + 2) * cost.r + 1024, dklen=32
    )


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
