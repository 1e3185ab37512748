"""The ingest: takes messages from the broker, commits them, and only then acknowledges.

One thread drives one MQTT client a connection. A message can only be acknowledged on the client it came by,
so a number of an older connection never acknowledges another message. Whatever was not acknowledged comes
again, and is recognised.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from central.delivery import Delivery
from central.errors import BrokerTrouble, CentreError
from central.ledger import Ledger
from central.presence import Presence
from central.watermarks import Acknowledgement
from central.wire import ReadAhead
from kiosk.facts import PROTOCOL, topic_ack, topic_server

log = logging.getLogger(__name__)

CLIENT_ID = "gocdoc-ingest"  # fixed: the broker keeps what came while the ingest was away
SESSION_S = 30 * 86_400  # for so long
BATCH = 500  # messages
BATCH_BYTES = 1_000_000  # of messages that hold many facts each: a transaction stays a matter of a second
LINGER_S = 0.05  # a batch waits at most so long
QUIET_S = 0.005  # and not at all once nothing more comes
RECEIVE_MAXIMUM = 1000
LOGIN_S = 10.0
LONGEST_PAUSE_S = 15.0
FACTS = f"{PROTOCOL}/+/evt/#"
SHARED_FACTS = f"$share/ingest/{FACTS}"
STATES = f"{PROTOCOL}/+/state"
WORDS_OF_HEALTH = f"{PROTOCOL}/+/health"
LOOK_S = 2.0
"""So often the leader looks whether somebody asked for a replay."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and how to log in."""

    host: str
    port: int = 1883
    username: str = ""
    password_file: Path | None = None
    ca: Path | None = None
    certificate: Path | None = None  # and its key, in one file

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def named(self, login: str) -> BrokerAddress:
        """The same broker for another of the centre's programs.

        With certificates each has its own, for the broker gives a name one connection; by password they
        share one login.
        """
        if self.certificate is None:
            return self
        return replace(self, certificate=self.certificate.with_name(f"{login}.pem"))

    def connect(
        self, client: Client, *, clean_start: bool = True, properties: Properties | None = None
    ) -> None:
        """Connect the client and send the login. Raises BrokerTrouble in words."""
        try:
            if self.username:
                password = None
                if self.password_file is not None:
                    password = self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
                client.username_pw_set(self.username, password)
            if self.ca is not None:
                self.ca.read_bytes()  # the TLS library would not say which file is missing
                context = ssl.create_default_context(cafile=str(self.ca))
                context.minimum_version = ssl.TLSVersion.TLSv1_2
                # As in kiosk.link.connection: an authority without key usage is one all the same.
                context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
                if self.certificate is not None:
                    context.load_cert_chain(self.certificate)
                client.tls_set_context(context)
            client.connect(self.host, self.port, keepalive=30, clean_start=clean_start, properties=properties)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.filename is not None:
                words = f"{error.filename} cannot be read ({error.strerror}); check --password-file and --ca"
            else:
                words = f"no connection to the broker {self} ({error}); check that it runs, and --broker"
            raise BrokerTrouble(words) from error

    def refusal(self, reason: ReasonCode) -> str:
        """In words, why the broker refused the login."""
        who = repr(self.username) if self.username else "a client without a name"
        return (
            f"the broker {self} refuses the login of {who} ({reason.getName()});"
            " check --username and --password-file, or its certificate and the access rules"
        )


@dataclass(frozen=True, slots=True)
class IngestStatus:
    """How the ingest is: replaced as a whole, so any thread may read it."""

    connected: bool = False
    trouble: str = ""  # in words; empty = none


class Ingest:
    """Carries facts from the broker into the ledger for as long as it runs."""

    def __init__(self, ledger: Ledger, broker: BrokerAddress) -> None:
        self._ledger = ledger
        self._broker = broker
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._status = IngestStatus()

    @property
    def status(self) -> IngestStatus:
        """How the ingest is now; safe from any thread."""
        return self._status

    def start(self) -> None:
        """Begin. A broker that is not there is waited for."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Commit what came, say goodbye, end."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        failures = 0
        dropped = 0  # logins in a row that hardly lasted
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                _Conversation(self._ledger, self._broker, self._stopping, self._connected).run()
            except BrokerTrouble as error:
                dropped = dropped + 1 if self._status.connected else 0
                # Not every broker tells the one whose session was taken over why.
                rival = "; does another ingest use this broker? Only one may run" if dropped > 2 else ""
                self._trouble(f"{error}{rival}")
            except CentreError as error:
                self._trouble(str(error))
            except Exception as error:  # whatever it is, stations wait: begin again
                log.exception("the ingest stumbled and begins again")
                self._trouble(f"the ingest stumbled and begins again: {error}")
            if time.monotonic() - began > LONGEST_PAUSE_S:
                failures = dropped = 0
            failures += 1
            longest = min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10) / 2)
            self._stopping.wait(0.2 + random.random() * (longest - 0.2))  # noqa: S311 (jitter)
        self._status = IngestStatus()

    def _connected(self, words: str) -> None:
        if words:
            self._trouble(words)
        else:
            log.info("the ingest is connected to the broker %s", self._broker)
        self._status = IngestStatus(connected=True, trouble=words)

    def _trouble(self, words: str) -> None:
        if self._status.trouble != words:
            log.warning("%s", words)
        self._status = IngestStatus(connected=False, trouble=words)


class _Conversation:
    """One connection, from login to its end."""

    def __init__(
        self, ledger: Ledger, broker: BrokerAddress, stopping: threading.Event, report: Callable[[str], None]
    ) -> None:
        self._ledger = ledger
        self._broker = broker
        self._stopping = stopping
        self._report = report
        self._leader = ledger.leader
        self._leads = False
        self._look_at = 0.0
        self._presence = Presence(uuid.uuid4().hex)
        self._waiting: list[tuple[Delivery, int, int]] = []
        self._bytes = 0
        self._over = ""
        self._ready = False
        self._leaving = False
        self._subscribed = False
        self._unanswered: set[int] = set()
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"{CLIENT_ID}-{uuid.uuid4().hex[:12]}" if ledger.shared else CLIENT_ID,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(0xFFFF)
        client.will_set(topic_server(), self._presence.gone(), qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        self._client = client

    def run(self) -> None:
        """Raises BrokerTrouble when the connection ends by itself, DatabaseUnusable when commits fail."""
        self._open()
        try:
            self._until(lambda: self._ready, "does not answer the login; is it an MQTT 5 broker?")
            if self._stopping.is_set():
                return
            self._lead()
            facts = SHARED_FACTS if self._ledger.shared else FACTS
            self._client.subscribe([(facts, 1), (topic_server(), 1)])
            self._until(lambda: self._subscribed, "does not answer the subscription")
            self._publish(topic_server(), self._presence.here())
            self._report("")
            self._work()
            self._leave()
        finally:
            self._client.on_disconnect = None
            self._leader.resign()
            wire = self._client.socket()
            if wire is not None:
                wire.close()  # without goodbye, unless it was said: the broker then publishes the will

    def _open(self) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        if self._ledger.shared:
            # No session outlives the connection: what waits in that of a dead ingest would wait for nobody.
            # Stations send again what the others never saw.
            self._broker.connect(self._client, properties=properties)
        else:
            properties.SessionExpiryInterval = SESSION_S
            self._broker.connect(self._client, clean_start=False, properties=properties)

        self._wire = ReadAhead(self._client.socket())
        self._client._sock = self._wire  # type: ignore[assignment]  # paho offers no other way

    def _until(self, reached: Callable[[], bool], words: str) -> None:
        limit = time.monotonic() + LOGIN_S
        while not reached() and not self._stopping.is_set():
            if time.monotonic() > limit:
                raise BrokerTrouble(f"the broker {self._broker} {words}")
            self._loop(0.2)

    def _work(self) -> None:
        first = 0.0
        while not self._stopping.is_set():
            before = len(self._waiting)
            self._loop(QUIET_S if before else 0.2)
            if not self._waiting:
                self._lead()
                continue
            now = time.monotonic()
            if not before:
                first = now
            quiet = len(self._waiting) == before
            if quiet or self._is_full or now - first >= LINGER_S:
                self._flush()

    def _lead(self) -> None:
        """Hear births while this ingest leads, and tell everybody what everybody must hear anew."""
        leads = self._leader.leads()
        if leads and not self._leads:
            self._ledger.nobody_is_known_to_be_connected()
            self._client.subscribe([(STATES, 1), (WORDS_OF_HEALTH, 0)])
        elif self._leads and not leads:
            self._client.unsubscribe([STATES, WORDS_OF_HEALTH])
        self._leads = leads
        now = time.monotonic()
        if leads and now >= self._look_at:
            self._look_at = now + LOOK_S
            self._tell(self._ledger.said_anew())

    def _tell(self, answers: Iterable[Acknowledgement]) -> None:
        for answer in answers:
            self._publish(topic_ack(answer.station), answer.to_json())

    @property
    def _is_full(self) -> bool:
        return len(self._waiting) >= BATCH or self._bytes >= BATCH_BYTES

    def _flush(self) -> None:
        batch, self._waiting, self._bytes = self._waiting, [], 0
        answers = self._ledger.take([delivery for delivery, _, _ in batch])
        try:
            with self._wire.together():
                for _, mid, qos in batch:
                    self._client.ack(mid, qos)
                self._tell(answers)
        except OSError as error:
            raise BrokerTrouble(f"the connection to the broker {self._broker} was lost ({error})") from error
        self._lead()

    def _leave(self) -> None:
        if self._waiting:
            self._flush()
        self._leaving = True
        self._publish(topic_server(), self._presence.gone())
        limit = time.monotonic() + 1.0
        while self._unanswered and time.monotonic() < limit:
            self._loop(0.1)
        self._client.disconnect()
        self._client.loop_write()

    def _loop(self, timeout_s: float) -> None:
        code = self._client.loop(timeout_s)
        while (
            code == MQTTErrorCode.MQTT_ERR_SUCCESS
            and not self._over
            and not self._is_full
            and self._wire.pending()
        ):
            code = self._client.loop_read()
        if self._over or code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerTrouble(self._over or f"the connection to the broker {self._broker} was lost")

    def _publish(self, topic: str, payload: bytes) -> None:
        self._unanswered.add(self._client.publish(topic, payload, qos=1, retain=True).mid)

    # --- what the client calls, inside loop() ----------------------------------------------------

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._over = self._broker.refusal(reason)
        self._ready = not reason.is_failure

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._over = (
                f"the broker {self._broker} does not let the ingest read the stations' topics;"
                " check the access rules of its login"
            )
        self._subscribed = not self._over

    def _on_disconnect(self, _client: Client, _data: Any, flags: Any, reason: ReasonCode, _more: Any) -> None:
        if self._over:
            return
        if reason.getName() == "Session taken over":
            self._over = f"another ingest has logged in at the broker {self._broker}; only one may run"
        elif flags.is_disconnect_packet_from_server:
            self._over = f"the broker {self._broker} ended the connection: {reason.getName()}"
        else:
            self._over = f"the connection to the broker {self._broker} was lost"

    def _on_publish(self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _more: Any) -> None:
        self._unanswered.discard(mid)
        if reason.is_failure:
            # What is committed is committed: stay, so that a person can read this on the page.
            self._report(
                f"the broker {self._broker} refuses the ingest's messages ({reason.getName()});"
                " check the access rules of its login"
            )

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.topic == topic_server():
            client.ack(message.mid, message.qos)
            if not self._leaving and self._presence.is_contradicted_by(bytes(message.payload)):
                # The late will of an earlier session would keep every station silent.
                self._publish(topic_server(), self._presence.here())
            return
        delivery = Delivery(message.topic, bytes(message.payload), message.retain or message.dup)
        self._waiting.append((delivery, message.mid, message.qos))
        self._bytes += len(delivery.payload)
