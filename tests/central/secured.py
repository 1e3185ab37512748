"""The shipped broker, the centre's authority and its door, as installed but for paths and ports."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from typer.testing import CliRunner, Result

from central.__main__ import app
from central.broker import find_mosquitto
from central.identity import premises
from central.identity.authority import Authority, new_key, pem, private_pem, utc_now, write
from central.identity.door import Door
from central.identity.office import Office
from kiosk.link.enrolment import Enrolled
from kiosk.link.enrolment import enrol as kiosk_enrol

SHIPPED = Path(__file__).parents[2] / "deploy" / "broker"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Secured:
    """A centre's data folder with an authority; broker and door are opened when they are wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "centre-data"
        self.data.mkdir(parents=True)
        self.authority = premises.found(self.data, ["localhost"], utc_now())
        self.port = free_port()
        self.door_port = 0
        self.host = "localhost"
        self._mosquitto: subprocess.Popen[bytes] | None = None
        self._door: Door | None = None
        self._listening: socket.socket | None = None
        self._watching: threading.Thread | None = None
        self._stopping = threading.Event()
        self.watched = True

    @property
    def address(self) -> str:
        """What `central serve --broker` takes."""
        return f"{self.host}:{self.port}"

    @property
    def identity(self) -> Path:
        return premises.folder_of(self.data)

    def office(self, ahead: timedelta = timedelta()) -> Office:
        return Office(self.identity, self.authority, lambda: utc_now() + ahead)

    # --- the broker ------------------------------------------------------------------------------

    def start_broker(self) -> None:
        """Mosquitto on gocdoc.conf; the shipped script, run as gocdoc-broker.path would, feeds it."""
        certs = self.folder / "certs"
        self._bring(certs)
        text = (SHIPPED / "gocdoc.conf").read_text()
        for shipped, here in {
            "/etc/mosquitto/certs": str(certs),
            "/etc/mosquitto/gocdoc.acl": str(SHIPPED / "gocdoc.acl"),
            "listener 8883": f"listener {self.port}",
        }.items():
            assert shipped in text
            text = text.replace(shipped, here)
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(f"{text}\nuser {getpass.getuser()}\nlog_dest none\n")
        self._mosquitto = subprocess.Popen([find_mosquitto(), "-c", str(configuration)])
        limit = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._mosquitto.poll() is None, "mosquitto refuses the shipped configuration"
                assert time.monotonic() < limit
                time.sleep(0.02)
            else:
                break
        self._watching = threading.Thread(target=self._watch, args=(certs,), daemon=True)
        self._watching.start()

    def _bring(self, certs: Path, reload: str = ":") -> None:
        subprocess.run(
            [SHIPPED / "gocdoc-broker.sh"],
            env=os.environ
            | {
                "GOCDOC_IDENTITY": str(self.identity),
                "GOCDOC_BROKER_CERTS": str(certs),
                "GOCDOC_BROKER_USER": getpass.getuser(),
                "GOCDOC_BROKER_RELOAD": reload,
            },
            check=True,
        )

    def _watch(self, certs: Path) -> None:
        """What systemd does with gocdoc-broker.path."""
        assert self._mosquitto is not None

        def state() -> tuple[int, ...]:
            return tuple((self.identity / name).stat().st_mtime_ns for name in ("crl.pem", "server.pem"))

        seen = state()
        while not self._stopping.wait(0.02):
            if self.watched and (now := state()) != seen:
                seen = now
                self._bring(certs, f"kill -{signal.SIGHUP.value} {self._mosquitto.pid}")

    # --- the door --------------------------------------------------------------------------------

    def open_door(self, *, guarded: bool = False) -> Door:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.door_port = self._listening.getsockname()[1]
        self._door = Door(self.data, self.authority, (self.host, self.port), self._listening, guarded=guarded)
        self._door.open()
        return self._door

    def command(self, *words: str, stdin: str | None = None) -> Result:
        """A `central` command on this data."""
        return CliRunner().invoke(app, [*words, "--data", str(self.data)], input=stdin)

    # --- stations --------------------------------------------------------------------------------

    def enrol(self, station: str, *, again: bool = False) -> Enrolled:
        """With a code, through the door."""
        with self.office() as office:
            code = office.open_code(station, again=again)
        return kiosk_enrol(self.folder / station, station, code, f"localhost:{self.door_port}")

    def link(self, enrolled: Enrolled) -> dict[str, object]:
        """What the settings file would hold."""
        return dict(enrolled.settings())

    def made(self, name: str, *, ended: bool = False, authority: Authority | None = None) -> SimpleNamespace:
        """A login the authority signs without being asked by a station; answers its file and certificate."""
        now = utc_now() - timedelta(days=30 if ended else 0)
        key = new_key()
        certificate = (authority or self.authority).login(name, key.public_key(), now, 10)
        file = self.folder / f"{name}-{certificate.serial_number:x}.pem"
        write(file, private_pem(key) + pem(certificate), 0o600)
        return SimpleNamespace(file=file, certificate=certificate)

    def close(self) -> None:
        self._stopping.set()
        if self._watching is not None:
            self._watching.join()
        if self._door is not None:
            self._door.close()
        if self._listening is not None:
            self._listening.close()
        if self._mosquitto is not None:
            self._mosquitto.terminate()
            self._mosquitto.wait(10)


class Wire:
    """An MQTT 5 client with a certificate: says anything, hears everything, remembers every answer."""

    def __init__(self, secured: Secured, certificate: Path | None, client_id: str = "anybody") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answers: list[ReasonCode] = []
        self.over = ""
        self.ready = False
        self._granted = 0
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        context = ssl.create_default_context(cafile=str(secured.authority.file))
        if certificate is not None:
            context.load_cert_chain(certificate)
        client.tls_set_context(context)
        client.on_message = lambda _c, _d, message: self.heard.append((message.topic, bytes(message.payload)))
        client.on_publish = lambda _c, _d, _mid, reason, _p: self.answers.append(reason)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        self.client = client
        client.connect(secured.host, secured.port)
        client.loop_start()
        self.until(lambda: self.ready or bool(self.over))

    def say(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> ReasonCode:
        """Publish; the broker's answer."""
        before = len(self.answers)
        self.client.publish(topic, payload, qos=1, retain=retain)
        self.until(lambda: len(self.answers) > before)
        return self.answers[-1]

    def listen(self, *topics: str) -> None:
        before = self._granted
        self.client.subscribe([(topic, 1) for topic in topics])
        self.until(lambda: self._granted > before)

    def until(self, reached, seconds: float = 10.0) -> None:
        limit = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < limit, f"never happened; {self.over!r} {self.heard}"
            time.sleep(0.005)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _on_connect(self, _c, _d, _f, reason: ReasonCode, _p) -> None:
        self.ready = not reason.is_failure
        if reason.is_failure:
            self.over = reason.getName()

    def _on_disconnect(self, _c, _d, _f, reason: ReasonCode, _p) -> None:
        self.over = reason.getName() or "lost"

    def _on_subscribe(self, *_: object) -> None:
        self._granted += 1


def days_from_now(moment: datetime) -> float:
    return (moment - utc_now()) / timedelta(days=1)
