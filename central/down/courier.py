"""Carries down what the centre has written for the stations, and writes down what they answer.

A thread with a connection of its own beside the ingest's. What is to stay (catalogues, rules) lies at the
broker as retained messages: it is compared at every connection and laid anew where the broker forgot it.
Commands go to stations that are there, again and again until they are answered or over. Several centres on
one database may each have a courier: all say the same, and stations do a command once.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from central import catalogue, commands, policies
from central.down.answers import Answers
from central.errors import BrokerTrouble, CentreError
from central.ingest import LOGIN_S, STATES, BrokerAddress
from central.store import CentralStore
from kiosk.catalogue import CatalogueError, Edition, Head, parse_head
from kiosk.facts import PROTOCOL
from kiosk.topics import topic_catalogue, topic_command, topic_policy

log = logging.getLogger(__name__)

RESULTS = f"{PROTOCOL}/+/res/+"
HEADS = f"{PROTOCOL}/cat/+/head"
LOOK_S = 1.0
"""So often the database is asked whether somebody wrote something."""
MOST_UNANSWERED = 20
LAY_ANEW_S = 60.0
"""A catalogue that a station cannot find is laid anew at most so often."""
LONGEST_PAUSE_S = 15.0


class Courier:
    """Runs as long as the centre does; a broker that is not there is waited for."""

    def __init__(self, store: CentralStore, broker: BrokerAddress) -> None:
        self._store, self._broker = store, broker
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """What hinders it, in words; empty = nothing. Safe from any thread."""
        return self._trouble

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Say goodbye and end."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                Round(self._store, self._broker, self._stopping, self._going).run()
            except CentreError as error:
                self._say(str(error))
            except Exception as error:  # whatever it is: begin again
                log.exception("the courier stumbled and begins again")
                self._say(f"the courier stumbled and begins again: {error}")
            failures = 0 if time.monotonic() - began > LONGEST_PAUSE_S else failures + 1
            longest = min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10) / 2)
            self._stopping.wait(0.2 + random.random() * longest)  # noqa: S311 (jitter)

    def _going(self) -> None:
        self._trouble = ""

    def _say(self, words: str) -> None:
        if words != self._trouble:
            log.warning("%s", words)
        self._trouble = words


class Round:
    """One connection, from login to its end."""

    def __init__(
        self, store: CentralStore, broker: BrokerAddress, stopping: threading.Event, going: Callable[[], None]
    ) -> None:
        self._store, self._broker, self._stopping, self._going = store, broker, stopping, going
        self._answers = Answers(store)
        self._over = ""
        self._ready = False
        self._subscribed = False
        self._unanswered: set[int] = set()
        self._there: dict[str, Head] = {}  # the heads that lie at the broker
        self._stamp: tuple[object, ...] = ()
        self._laid: dict[str, bytes] = {}  # rules, as this connection laid them
        self._laid_at: dict[str, float] = {}
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"gocdoc-courier-{uuid.uuid4().hex[:12]}",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(0xFFFF)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        self._client = client

    def run(self) -> None:
        """Raises BrokerTrouble when the connection ends by itself, DatabaseUnusable."""
        self._broker.connect(self._client)
        try:
            self._until(lambda: self._ready, "does not answer the login; is it an MQTT 5 broker?")
            # When the second subscription is answered, what is retained has been sent.
            for topics in ([(HEADS, 1)], [(RESULTS, 1), (STATES, 1)]):
                self._subscribed = False
                self._client.subscribe(topics)
                self._until(lambda: self._subscribed, "does not answer the subscription")
            self._client.unsubscribe(HEADS)
            self._going()
            while not self._stopping.is_set():
                self._look()
                until = time.monotonic() + LOOK_S
                while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
                    self._loop(min(left, 0.2))
                    if self._answers.take_births():
                        break
        finally:
            self._client.on_disconnect = None
            self._client.disconnect()
            self._client.loop_write()
            wire = self._client.socket()
            if wire is not None:
                wire.close()

    def _look(self) -> None:
        now = datetime.now(UTC)
        self._answers.write(now)
        with self._store.reading() as connection:
            waiting = commands.any_open(connection)
            documents = policies.all_documents(connection)
            stamp = catalogue.stamp(connection)
        if waiting:
            self._send(now)
        for station, document in documents.items():
            if self._laid.get(station) != document:
                self._laid[station] = document
                self._publish(topic_policy(station), document, retain=True)
        for scope in self._answers.take_missing():
            if time.monotonic() >= self._laid_at.get(scope, 0.0) + LAY_ANEW_S:
                self._there.pop(scope, None)
                self._stamp = ()
        if stamp != self._stamp:
            self._lay_all()
            self._stamp = stamp

    def _send(self, now: datetime) -> None:
        with self._store.writing() as connection:
            commands.end_old(connection, now)
            due = commands.due(connection, self._answers.online, now)
        for station, command in due:
            self._publish(topic_command(station, command.name), command.to_json(), expiry_s=command.ttl_s)

    # --- catalogues ----------------------------------------------------------------------------------

    def _lay_all(self) -> None:
        with self._store.reading() as connection:
            heads = catalogue.heads(connection)
            dropped = catalogue.dropped(connection)
        for scope, head in heads.items():
            if self._there.get(scope) != head:
                self._lay(scope, head)
        for scope, name, parts in dropped:
            self._take_away(scope, name, parts)
            with self._store.writing() as connection:
                catalogue.forgotten(connection, scope, name)

    def _lay(self, scope: str, head: Head) -> None:
        """Parts first, the head last: what a head names can be had."""
        before = self._there.get(scope)
        known = set(before.editions) if before is not None else set()
        for one in head.editions:
            if one not in known:
                self._lay_edition(scope, one)
        self._publish(topic_catalogue(scope), head.to_json(), retain=True)
        for old in known - set(head.editions):
            if old.name not in {one.name for one in head.editions}:
                self._take_away(scope, old.name, old.parts)
        self._there[scope] = head
        self._laid_at[scope] = time.monotonic()
        log.info("the catalogue %s is laid at the broker, version %d", scope, head.version)

    def _lay_edition(self, scope: str, one: Edition) -> None:
        with self._store.reading() as connection:
            for n, payload in catalogue.parts(connection, scope, one.name):
                self._publish(topic_catalogue(scope, one.name, n), payload, retain=True)

    def _take_away(self, scope: str, name: str, parts: int) -> None:
        for n in range(parts + 1):
            self._publish(topic_catalogue(scope, name, n), b"", retain=True)

    # --- the wire ------------------------------------------------------------------------------------

    def _publish(self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int = 0) -> None:
        properties = None
        if expiry_s:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = expiry_s
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        self._unanswered.add(info.mid)
        self._until(lambda: len(self._unanswered) < MOST_UNANSWERED, "stopped answering")

    def _until(self, reached: Callable[[], bool], words: str) -> None:
        limit = time.monotonic() + LOGIN_S
        while not reached() and not self._stopping.is_set():
            if time.monotonic() > limit:
                raise BrokerTrouble(f"the broker {self._broker} {words}")
            self._loop(0.2)

    def _loop(self, timeout_s: float) -> None:
        code = self._client.loop(timeout_s)
        if self._over or code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerTrouble(self._over or f"the connection to the broker {self._broker} was lost")

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._over = self._broker.refusal(reason)
        self._ready = not reason.is_failure

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._over = self._not_allowed("hear the stations' answers")
        self._subscribed = True

    def _on_publish(self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _more: Any) -> None:
        self._unanswered.discard(mid)
        if reason.is_failure:
            self._over = self._not_allowed(f"send commands and catalogues ({reason.getName()})")

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any
    ) -> None:
        self._over = self._over or f"the broker {self._broker} ended the connection: {reason.getName()}"

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        _, _, name, kind, *rest = [*message.topic.split("/"), "", ""]
        payload = bytes(message.payload)
        if name == "cat" and rest and rest[0] == "head":
            try:
                head = parse_head(payload)
            except CatalogueError:
                return  # what is no head of ours is laid anew
            if head is not None:
                self._there[kind] = head
        elif kind == "state":
            self._answers.state(name, payload)
        elif kind == "res":
            self._answers.came(name, rest[0], payload)

    def _not_allowed(self, what: str) -> str:
        return (
            f"the broker {self._broker} does not let the centre {what}; check that it has the access"
            " rules that came with this version"
        )
