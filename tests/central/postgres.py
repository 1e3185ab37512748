"""A private PostgreSQL in a temporary folder: reached by a Unix socket only, gone when the tests are."""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, text, update

from central.store import CentralStore
from central.tables import METADATA, meta

_PLACES = sorted(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
)
_LIBC = ctypes.CDLL(None)
START_S = 30.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class PostgresMissing(Exception):
    """The server is not installed; the message says how to get it."""


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def find(program: str) -> str:
    """Where a program of PostgreSQL's server package is. Debian puts it on nobody's PATH."""
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, _PLACES)]))
    if found is None:
        raise PostgresMissing(f"{program} is not installed; install it with: apt install postgresql")
    return found


class LocalPostgres:
    """The server, for as long as the `with` lasts. It refuses to run as root: then another user does.

    `durable`: as in service. Otherwise nothing waits for the disk: a server that dies with its machine is not
    what is tested.
    """

    def __init__(self, *settings: str, durable: bool = False) -> None:
        self._initdb, self._postgres = find("initdb"), find("postgres")
        self._settings = [*settings, *([] if durable else ["fsync=off", "synchronous_commit=off"])]
        self._user = _server_user() if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self.folder = Path(tempfile.mkdtemp(prefix="gocdoc-pg-", dir=os.environ.get("BENCH_DIR")))

    def url(self, database: str) -> URL:
        """What CentralStore takes."""
        return URL.create(
            "postgresql+psycopg", username="gocdoc", database=database, query={"host": str(self.folder)}
        )

    def words(self, database: str) -> str:
        """What `central serve --database` takes."""
        return f"postgresql://gocdoc@/{database}?host={self.folder}"

    def create(self) -> str:
        """A database of its own."""
        self._made += 1
        name = f"centre_{self._made}"
        with psycopg.connect(
            host=str(self.folder), user="gocdoc", dbname="postgres", autocommit=True
        ) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        return name

    def __enter__(self) -> LocalPostgres:
        try:
            if self._user:
                shutil.chown(self.folder, self._user)
            data = str(self.folder / "data")
            self._run(
                self._initdb, "-D", data, "-U", "gocdoc", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
            )
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self) -> None:
        """Start it, unless it runs. What it was doing when it was killed, it takes up or undoes."""
        if self._process is not None and self._process.poll() is None:
            return
        options = ["listen_addresses=", f"unix_socket_directories={self.folder}", *self._settings]
        command = [self._postgres, "-D", str(self.folder / "data")]
        limit = time.monotonic() + START_S
        while True:
            with (self.folder / "log").open("ab") as said:
                self._process = subprocess.Popen(
                    [*command, *(word for one in options for word in ("-c", one))],
                    stdout=said,
                    stderr=said,
                    stdin=subprocess.DEVNULL,
                    cwd=self.folder,
                    preexec_fn=_end_with_parent,  # noqa: PLW1509 - one C call, loaded beforehand
                    **self._as_user(),
                )
            try:
                self._wait()
            except AssertionError:  # processes of the one that was killed may still be ending
                if time.monotonic() > limit:
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """kill -9 of the whole server: its own processes end when they see that their parent is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # its word for: now; nobody reads this data again
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, check=False, cwd=self.folder, **self._as_user())
        assert done.returncode == 0, done.stderr.decode(errors="replace")[-1000:]

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}

    def _wait(self) -> None:
        assert self._process is not None
        limit = time.monotonic() + 30
        while time.monotonic() < limit and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self.folder), user="gocdoc", dbname="postgres").close()
                return
            time.sleep(0.05)
        raise AssertionError(f"no PostgreSQL: {(self.folder / 'log').read_text(errors='replace')[-1000:]}")


def _server_user() -> str:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    return getpass.getuser()


def empty(store: CentralStore) -> None:
    """Bring the database back to how it was made: quicker than one of its own."""
    tables = [table for table in METADATA.sorted_tables if table is not meta]
    names = ", ".join(table.name for table in tables)
    with store.writing() as connection:
        for statement in (
            [text(f"TRUNCATE {names}")] if store.shared else [table.delete() for table in tables]
        ):
            connection.execute(statement)
        connection.execute(update(meta).where(meta.c.key == "generation").values(value=store.generation))
