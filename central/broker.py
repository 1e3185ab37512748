"""A private Mosquitto on this machine: for trying the whole, and for tests. Loopback only.

In service the broker is the system's own, configured by deploy/broker/. This one lives in a folder, on a
free port, and ends with whoever started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from central.errors import BrokerTrouble, MosquittoMissing

# The limits are those of deploy/broker/gocdoc.conf.
_CONFIGURATION = """\
listener {port} 127.0.0.1
user {user}
persistence true
persistence_location {folder}/
persistent_client_expiration 30d
autosave_interval 60
max_queued_messages 100000
max_inflight_messages 200
set_tcp_nodelay true
message_size_limit 131072
log_dest stderr
log_type error
log_type warning
{access}
"""


# A desktop user's PATH lacks the folders where Debian puts servers.
_PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin")

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def find_mosquitto(program: str = "mosquitto") -> str:
    """Where mosquitto, or a program of its package, is. Raises MosquittoMissing with the remedy."""
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), *_PLACES)))
    if found is None:
        raise MosquittoMissing(f"{program} is not installed; install it with: apt install mosquitto")
    return found


class LocalBroker:
    """Mosquitto in `folder`, on `port` of 127.0.0.1 (0 = a free one, kept over restarts).

    It also ends when the thread that started it does, so that nothing outlives a killed parent.
    Without `logins` anybody on this machine may connect; with them (name -> password) the `acl` file rules.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        logins: Mapping[str, str] | None = None,
        acl: Path | None = None,
    ) -> None:
        self._program = find_mosquitto()
        self._folder = folder.resolve()
        self._logins = dict(logins or {})
        self._acl = acl
        self._process: subprocess.Popen[bytes] | None = None
        self.port = port or _free_port()

    @property
    def address(self) -> str:
        """What `central serve --broker` takes."""
        return f"{self.host}:{self.port}"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> Path:
        """What the broker says."""
        return self._folder / "mosquitto.log"

    def start(self, timeout: float = 10.0) -> None:
        """Start it and wait until it listens. Raises BrokerTrouble with what it said."""
        if self.running:
            return
        if not _is_free(self.host, self.port):
            raise BrokerTrouble(f"port {self.port} of this machine is in use; choose another for the broker")
        self._folder.mkdir(parents=True, exist_ok=True)
        configuration = self._folder / "mosquitto.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                port=self.port, folder=self._folder, user=getpass.getuser(), access=self._access()
            )
        )
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                [self._program, "-c", str(configuration)],
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one C call, loaded beforehand, takes no lock
            )
        limit = time.monotonic() + timeout
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1.0):
                return
            time.sleep(0.02)
        self.kill()
        said_last = self.log.read_text(errors="replace")[-500:].strip()
        raise BrokerTrouble(f"mosquitto did not begin to listen at {self.address}: {said_last or 'no word'}")

    def stop(self, timeout: float = 5.0) -> None:
        """End it; it saves what it holds."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """kill -9: what it had not saved is gone."""
        self._end(signal.SIGKILL, 5.0)

    def restart(self) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Forget every session and every retained message. Only while it is stopped."""
        (self._folder / "mosquitto.db").unlink(missing_ok=True)

    def __enter__(self) -> LocalBroker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self, sign: signal.Signals, timeout: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(sign)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _access(self) -> str:
        if not self._logins:
            return "allow_anonymous true"
        passwords = self._folder / "passwords"
        passwords.write_text("".join(f"{name}:{password}\n" for name, password in self._logins.items()))
        passwords.chmod(0o600)
        program = find_mosquitto("mosquitto_passwd")
        subprocess.run([program, "-U", str(passwords)], check=True, capture_output=True)
        lines = ["allow_anonymous false", f"password_file {passwords}"]
        if self._acl is not None:
            copy = self._folder / "acl"
            copy.write_text(self._acl.read_text())
            lines.append(f"acl_file {copy}")
        return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what just ended is no hindrance
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
