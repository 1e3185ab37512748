"""What station and centre agree on at enrolment: the one-time code, and what is made from it.

The station does not know the centre yet, the centre does not know the station, and whoever controls the
network may stand between them. All they share is a code of 10 characters (50 bits) that a person carries
from one to the other.

1. From the code both make two keys with scrypt: the centre's key and the station's secret. Neither tells
   the other or the code.
2. The station opens TLS without trusting anybody and sends a nonce. The centre answers with its authority's
   certificate and an HMAC, under the centre's key, over the nonce, the station's name, that authority and the
   certificate of this very TLS connection. Whoever relays this to the true centre gets a proof about the
   true centre's certificate, whose private key he has not: it does not fit his own connection. The station
   breaks off, having told nothing.
3. Only then, and on that same connection, the station sends its secret and the request for a certificate.
   The centre keeps no more of the secret than a keyed hash. The certificate's name is the one the code was
   made for, whatever the request says.

The HMAC of step 2 is all that can be tried against at home. A guess costs one scrypt of 32 MiB, some 0.1 s
of a core; the code is dead after 15 minutes, one use or 5 wrong secrets, and worth nothing afterwards.
Going through half of 2^50 codes in 15 minutes takes some 6 * 10^10 cores.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O (taken for 1 and 0) and no U."""

CODE_LENGTH = 10
LIFETIME_S = 15 * 60
TRIES = 5
PORT = 8443
"""Where the centre enrols, unless it was told otherwise."""

LARGEST_BODY = 16 * 1024
"""Bytes; a request or an answer has some 2 KiB."""

NONCE_BYTES = 16
_LOOKS_LIKE = str.maketrans("ILO", "110")
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1  # 32 MiB; RFC 7914, section 2


class CodeError(ValueError):
    """What was typed cannot be a code; the message says what one looks like."""


def new_code() -> str:
    """A fresh code, from the system's randomness."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def shown(code: str) -> str:
    """The code in two groups, for people."""
    return f"{code[:5]}-{code[5:]}"


def typed(text: str) -> str:
    """The code a person typed: small letters, spaces, hyphens, O for 0 and l for 1 are all right.

    Raises CodeError without repeating what was typed: it may be most of a secret.
    """
    code = "".join(text.split()).replace("-", "").upper().translate(_LOOKS_LIKE)
    if len(code) != CODE_LENGTH:
        raise CodeError(f"a code has {CODE_LENGTH} characters, for instance ABCDE-12345; {len(code)} came")
    if set(code) - set(ALPHABET):
        raise CodeError("a code has only digits and the letters A to Z without I, L, O and U; type it again")
    return code


@dataclass(frozen=True, slots=True, repr=False)
class Shares:
    """What a code becomes."""

    centre_key: bytes
    """Proves the centre to the station."""
    secret: bytes
    """Proves the station to the centre, once."""


def shares(code: str, salt: bytes, station: str) -> Shares:
    """Both keys of a code. Takes some 0.1 s on purpose."""
    made = hashlib.scrypt(
        code.encode(),
        salt=_framed(salt, station.encode()),
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        maxmem=64 * 1024 * 1024,
        dklen=64,
    )
    return Shares(made[:32], made[32:])


def centre_proof(key: bytes, *, nonce: bytes, station: str, authority: bytes, channel: bytes) -> bytes:
    """That the centre knows the code, and that `channel`, its TLS certificate, and `authority` are its own.

    Certificates as DER.
    """
    said = _framed(b"gocdoc enrolment 1", nonce, station.encode(), authority, channel)
    return hmac.digest(key, said, "sha256")


def renewal_words(request: bytes) -> bytes:
    """What the old key signs, so that the new key of this request (DER) may take its place."""
    return _framed(b"gocdoc renewal 1", request)


def _framed(*parts: bytes) -> bytes:
    """The parts, each behind its length: no two lists of parts read the same."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
