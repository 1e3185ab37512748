"""The roll: open one-time codes, and every certificate a station was given. SQLite, beside the key.

It is not part of the centre's database: it belongs to the key, is needed by one place only, and a database
that is restored or wiped must not bring back a certificate that was revoked.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from central.errors import IdentityTrouble
from central.identity.authority import write

FILE = "roll.db"
_VERSION = 1
_TABLES = """
CREATE TABLE code (
    station TEXT PRIMARY KEY, salt BLOB NOT NULL, centre_key BLOB NOT NULL, secret BLOB NOT NULL,
    ends INTEGER NOT NULL, tries INTEGER NOT NULL, key BLOB, certificate BLOB
) STRICT;
CREATE TABLE certificate (
    serial TEXT PRIMARY KEY, name TEXT NOT NULL, key BLOB NOT NULL, issued INTEGER NOT NULL,
    ends INTEGER NOT NULL, revoked INTEGER
) STRICT;
CREATE INDEX certificate_of ON certificate (name);
"""


@dataclass(frozen=True, slots=True, repr=False)
class OpenCode:
    """What is kept of a code: nothing it could be told from."""

    station: str
    salt: bytes
    centre_key: bytes
    secret: bytes
    """A keyed hash of the station's secret."""
    ends: datetime
    tries: int
    """Wrong secrets left."""
    key: bytes | None = None
    """The public key it was used with."""
    certificate: bytes | None = None
    """What that key was given."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, by what the centre remembers of it."""

    serial: int
    name: str
    key: bytes
    issued: datetime
    ends: datetime
    revoked: datetime | None = None


class Roll:
    """The roll in a folder, for one thread. Raises IdentityTrouble when it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        try:
            self._path.touch(mode=0o600, exist_ok=True)
            self._path.chmod(0o600)
            self._database = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
            for pragma in ("journal_mode = WAL", "synchronous = FULL"):
                self._database.execute(f"PRAGMA {pragma}")
            version = self._version()
            if version == 0:
                with self.writing():
                    if self._version() == 0:  # nobody else was quicker
                        for statement in _TABLES.split(";\n"):
                            self._database.execute(statement)
                        self._database.execute(f"PRAGMA user_version = {_VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise IdentityTrouble(
                f"{self._path} cannot be used ({error}); restore it from a backup"
            ) from error
        if version > _VERSION:
            raise IdentityTrouble(f"{self._path} was written by a newer version of the centre; install that")

    def _version(self) -> int:
        return int(self._database.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all of it or nothing, and nobody else's in between."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise IdentityTrouble(f"{self._path} cannot be written ({error}); check the disk") from error
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # --- codes -----------------------------------------------------------------------------------

    def code_of(self, station: str) -> OpenCode | None:
        """The code of a station, used or not, run out or not."""
        row = self._database.execute(
            "SELECT station, salt, centre_key, secret, ends, tries, key, certificate FROM code"
            " WHERE station = ?",
            (station,),
        ).fetchone()
        return None if row is None else OpenCode(row[0], row[1], row[2], row[3], _moment(row[4]), *row[5:])

    def put_code(self, code: OpenCode) -> None:
        """Keep a code in place of the station's earlier one; those that ran out are forgotten."""
        self._database.execute("DELETE FROM code WHERE ends < ?", (_seconds(datetime.now(UTC)),))
        self._database.execute(
            "INSERT OR REPLACE INTO code VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(code.station, code.salt, code.centre_key, code.secret, _seconds(code.ends), code.tries),
                *(code.key, code.certificate),
            ),
        )

    def wrong_secret(self, station: str) -> None:
        """One try fewer."""
        self._database.execute("UPDATE code SET tries = tries - 1 WHERE station = ?", (station,))

    def used(self, station: str, key: bytes, certificate: bytes) -> None:
        """The code was used, by this key."""
        self._database.execute(
            "UPDATE code SET key = ?, certificate = ? WHERE station = ?", (key, certificate, station)
        )

    def drop_code(self, station: str) -> None:
        """The code counts no more."""
        self._database.execute("DELETE FROM code WHERE station = ?", (station,))

    # --- certificates ----------------------------------------------------------------------------

    def add(self, issued: Issued) -> None:
        """Remember a certificate."""
        self._database.execute(
            "INSERT INTO certificate VALUES (?, ?, ?, ?, ?, NULL)",
            (f"{issued.serial:x}", issued.name, issued.key, _seconds(issued.issued), _seconds(issued.ends)),
        )

    def revoke(self, name: str, now: datetime) -> list[Issued]:
        """Every certificate of this name that still counted; it does no more."""
        gone = [one for one in self.of(name) if one.revoked is None and one.ends > now]
        self._database.execute(
            "UPDATE certificate SET revoked = ? WHERE name = ? AND revoked IS NULL", (_seconds(now), name)
        )
        return gone

    def of(self, name: str) -> list[Issued]:
        """All certificates of a name, the newest first."""
        return self._certificates("WHERE name = ? ORDER BY issued DESC, rowid DESC", name)

    def by_serial(self, serial: int) -> Issued | None:
        """One certificate."""
        found = self._certificates("WHERE serial = ?", f"{serial:x}")
        return found[0] if found else None

    def all(self) -> list[Issued]:
        """Every certificate, by name, the newest first."""
        return self._certificates("ORDER BY name, issued DESC, rowid DESC")

    def revoked(self) -> list[Issued]:
        """What must be on the revocation list. What has ended stays: the broker's clock may be wrong."""
        return self._certificates("WHERE revoked IS NOT NULL ORDER BY revoked, serial")

    def _certificates(self, where: str, *values: str) -> list[Issued]:
        rows = self._database.execute(
            f"SELECT serial, name, key, issued, ends, revoked FROM certificate {where}",  # noqa: S608 (our own words)
            values,
        )
        return [
            Issued(
                int(serial, 16),
                *(name, key, _moment(issued), _moment(ends)),
                None if revoked is None else _moment(revoked),
            )
            for serial, name, key, issued, ends, revoked in rows
        ]


def pepper_of(folder: Path) -> bytes:
    """The key under which secrets are kept as hashes, made when it is first needed."""
    path = folder / "pepper.key"
    if not path.exists():
        write(path, secrets.token_bytes(32), 0o600)
    return path.read_bytes()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
