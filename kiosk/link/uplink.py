"""The sender of facts: a thread that carries the outbox to the centre and brings back what it holds.

A row is delivered when the centre's watermark covers it. That the broker took it (PUBACK) means nothing but
that the wire is alive. The link reads the outbox and never writes it: confirmations go to the desk thread.
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from kiosk.events import Confirmed, Forked, LinkChanged, NewsCame
from kiosk.facts import (
    EVERY_STATION,
    MAX_PAYLOAD,
    FactError,
    topic_ack,
    topic_events,
    topic_health,
    topic_news,
    topic_server,
    topic_state,
)
from kiosk.link.batches import MOST_FACTS, SLOW_S, Load, one_by_one, packed
from kiosk.link.connection import Connection, LinkError, drain
from kiosk.link.downlink import Downlink
from kiosk.link.health import Health, HealthTeller, LinkPart, to_json
from kiosk.link.messages import Ack, Birth, goodbye, id_of, parse_ack, parse_announcements, parse_presence
from kiosk.link.outbox import OpenOutbox, OutboxReader, OutboxState
from kiosk.link.window import Window
from kiosk.news import NewsError
from kiosk.ports import Post
from kiosk.settings import LinkSection

log = logging.getLogger(__name__)

LOOK_S = 5.0  # facts that other programs committed are found within this, without a nudge
REFRESH_S = 30.0  # a birth whose numbers have grown old is said again at most so often
LOGIN_S = 10.0  # a broker that took the connection must answer the login within this
LASTED_S = 10.0
HEALTH_S = 5.0  # so often it is looked whether something of the station's health has changed
MOST_ROWS = 1_000  # read at once, where several facts go into a message
LEAST_FACT = 256  # bytes
SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 60.0  # ETSI EN 303 645 5.9-3: a fleet comes back in order, not at once


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the link is, for staff: replaced as a whole, so any thread may read it."""

    connected: bool = False  # the broker accepted the login
    ingest_online: bool = False  # the centre is there to commit
    backlog: int = 0  # facts the centre is not known to hold
    last_error: str = ""  # in words; empty = none since the last good connection


class Uplink:
    """Carries facts to the centre for as long as it runs. Nothing of it ever matters to lending.

    `outbox` opens a reader of the outbox; it is called inside the thread, once a connection. `post` puts
    events into the desk's inbox: Confirmed, Forked, LinkChanged and NewsCame. `health` says how the station
    is; it is called inside the thread, every few seconds. `downlink` hears what else the centre says.
    """

    def __init__(
        self,
        *,
        kiosk: str,
        link: LinkSection,
        outbox: OpenOutbox,
        post: Post,
        version: str,
        health: Callable[[], Health] | None = None,
        downlink: Downlink | None = None,
    ) -> None:
        self._kiosk = kiosk
        self._link = link
        self._open_outbox = outbox
        self._post = post
        self._downlink = downlink
        self._version = version
        self._news = {topic_news(EVERY_STATION): "all", topic_news(kiosk): "own"}
        self._stopping = threading.Event()
        self._syncing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._wake, self._waker = socket.socketpair()
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        self._status = LinkStatus()
        self._complained: set[str] = set()
        self._last_said = ""
        # What follows belongs to the thread.
        self._window = Window(link.window, link.resend_s)
        self._epoch = ""
        self._generation = ""
        self._ever_sent = 0  # no ack above this can be true
        self._ingest_session = ""
        self._session = ""
        self._look = False
        self._up = False
        self._load = Load()
        self._asked: float | None = None  # when a publish left that no other answer can be mistaken for
        self._far = False  # the broker's answer takes long: a slow link
        self._teller = HealthTeller(health)
        self._outbox: OutboxReader | None = None

    @property
    def status(self) -> LinkStatus:
        """How the link is now; safe from any thread."""
        return self._status

    def start(self) -> None:
        """Begin, unless the settings switch the link off."""
        if self._link.enabled:
            self._thread.start()

    def nudge(self) -> None:
        """New facts were committed. Safe from any thread, never blocks."""
        with suppress(OSError):  # full: it is awake already; closed: it has stopped
            self._waker.send(b"\0")

    def sync(self) -> None:
        """Begin behind the watermark, and hear everything anew. From any thread, never blocks."""
        self._syncing.set()
        self.nudge()

    def stop(self, timeout: float = 2.0) -> None:
        """Say goodbye and end, within `timeout` seconds. A connect that hangs longer is left behind."""
        self._stopping.set()
        self.nudge()
        if self._thread.ident is not None:
            self._thread.join(timeout)
            if self._thread.is_alive():
                log.warning("the link is still waiting for the network; it ends by itself")
                return
        self._wake.close()
        self._waker.close()

    # --- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        dropped = 0  # logins in a row that hardly lasted
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                with closing(self._open_outbox()) as outbox:
                    self._outbox = outbox
                    self._one_connection(outbox)
            except LinkError as error:
                # Not every broker tells the one whose session was taken over why.
                clone = f"; is another station logged in as {self._kiosk!r}?" if dropped >= 2 else ""
                self._trouble(f"{error}{clone}")
            except Exception as error:  # whatever it is, the link must come back and lending go on
                self._trouble(f"the link stumbled and begins again: {error}")
            # A connection that hardly lasted is a failure too: two clones must not fight every second.
            lasted = self._status.connected and time.monotonic() - began >= LASTED_S
            failures = 0 if lasted else failures + 1
            dropped = dropped + 1 if self._status.connected and not lasted else 0
            if lasted:
                self._last_said = ""
            self._status = replace(self._status, connected=False, ingest_online=False)
            self._announce()
            self._pause(failures)

    def _pause(self, failures: int) -> None:
        longest = min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10))
        until = time.monotonic() + max(SHORTEST_PAUSE_S, random.random() * longest)  # noqa: S311 (jitter)
        while not self._stopping.is_set() and (left := until - time.monotonic()) > 0:
            self._stopping.wait(left)
        drain(self._wake)

    def _one_connection(self, outbox: OutboxReader) -> None:
        state = outbox.state()
        self._begin(state)
        self._session = uuid.uuid4().hex
        connection = Connection(
            self._link,
            client_id=self._kiosk,
            will_topic=topic_state(self._kiosk),
            will=goodbye(self._session),
            hear=self._hear,
        )
        connection.open()
        try:
            self._log_in(connection)
            self._converse(connection, outbox)
            self._leave(connection)
        except BaseException:
            connection.abandon()
            raise
        finally:
            if self._downlink is not None:
                self._downlink.end()

    def _begin(self, state: OutboxState) -> None:
        if state.epoch != self._epoch:
            self._epoch = state.epoch
            self._generation = ""
            # What an earlier process of this station sent is not known: all that was written, perhaps.
            self._ever_sent = state.next_seq - 1
            self._window = Window(self._link.window, self._link.resend_s, watermark=state.acked)
        self._window.restart()
        self._ingest_session = ""
        self._status = replace(self._status, backlog=self._backlog(state))

    def _log_in(self, connection: Connection) -> None:
        limit = time.monotonic() + LOGIN_S
        while not connection.ready and not self._stopping.is_set():
            if time.monotonic() > limit:
                raise LinkError(
                    f"{self._link.host}:{self._link.port} does not answer the login; is it an MQTT 5 broker?"
                )
            connection.pump(0.5, self._wake)
        if connection.ready:
            log.info("connected to the broker %s:%d", self._link.host, self._link.port)
            self._status = replace(self._status, connected=True, last_error="")

    def _converse(self, connection: Connection, outbox: OutboxReader) -> None:
        if self._stopping.is_set():
            return
        connection.subscribe(topic_ack(self._kiosk), topic_server(), *self._news)
        if self._downlink is not None:
            self._downlink.begin(connection)
        said = self._introduce(connection, outbox.state())
        refresh_at = time.monotonic() + REFRESH_S
        look_at = health_at = 0.0
        answers = stirs = 0
        self._teller.connected()
        while not self._stopping.is_set():
            now = time.monotonic()
            if connection.answers != answers:
                answers = connection.answers
                self._window.alive(now)
                if self._asked is not None:
                    self._far, self._asked = now - self._asked >= SLOW_S, None
            if connection.stirs != stirs:
                stirs = connection.stirs
                if self._downlink is not None and self._downlink.is_loading:
                    self._window.alive(now)  # behind a part on a thin line an answer comes late
            if self._window.deadline is not None and now >= self._window.deadline:
                self._stalled(connection)
            if self._look or now >= look_at:
                look_at = now + LOOK_S
                self._send(connection, outbox)
            if now >= refresh_at:
                refresh_at = now + REFRESH_S
                state = outbox.state()
                if state.acked < self._window.watermark:
                    self._post(Confirmed(self._epoch, self._window.watermark))
                if (state.next_seq, state.acked) != said:
                    said = self._introduce(connection, state)
            if now >= health_at:
                health_at = now + HEALTH_S
                self._tell_health(connection, outbox, now)
            if self._syncing.is_set():
                self._syncing.clear()
                self._sync(connection)
                said = self._introduce(connection, outbox.state())
            until = min(look_at, refresh_at, health_at, self._window.deadline or look_at)
            if self._downlink is not None:
                self._downlink.tend(connection, now)
                until = min(until, self._downlink.wake_at())
            if connection.pump(until - time.monotonic(), self._wake):
                self._look = True
            if words := connection.take_refusal():
                self._trouble(words)

    def _sync(self, connection: Connection) -> None:
        self._window.restart()
        self._look = True
        # What is retained comes again with a subscription.
        connection.subscribe(topic_ack(self._kiosk), topic_server(), *self._news)
        if self._downlink is not None:
            self._downlink.begin(connection)

    def _introduce(self, connection: Connection, state: OutboxState) -> tuple[int, int]:
        birth = Birth(
            session=self._session,
            epoch=state.epoch,
            next_seq=state.next_seq,
            acked=state.acked,
            boot=state.boot,
            version=self._version,
            backlog=self._backlog(state),
            oldest_unsent=state.oldest_unsent,
            clock=self._teller.clock,
        )
        self._publish(connection, topic_state(self._kiosk), birth.to_json(), retain=True)
        return state.next_seq, state.acked

    def _publish(self, connection: Connection, topic: str, payload: bytes, *, retain: bool = False) -> None:
        if not connection.unanswered:
            self._asked = time.monotonic()
        connection.publish(topic, payload, retain=retain)

    def _tell_health(self, connection: Connection, outbox: OutboxReader, now: float) -> None:
        health = self._teller.due(now)
        if health is None:
            return
        state = outbox.state()
        link = LinkPart(
            session=self._session,
            version=self._version,
            boot=state.boot,
            epoch=state.epoch,
            next_seq=state.next_seq,
            acked=state.acked,
            backlog=self._backlog(state),
            oldest_unsent=state.oldest_unsent,
        )
        payload = to_json(health, link, datetime.now(UTC))
        connection.publish(topic_health(self._kiosk), payload, retain=True, qos=0)

    def _send(self, connection: Connection, outbox: OutboxReader) -> None:
        self._look = False
        state = outbox.state()
        if state.epoch != self._epoch:
            raise LinkError("the database was replaced: the link begins again with its new epoch")
        self._status = replace(self._status, backlog=self._backlog(state))
        if not self._ingest_session or self._window.room <= 0:
            return
        pack = self._packs(state)
        most = min(MOST_ROWS, 1 + self._load.bytes // LEAST_FACT) if pack else self._window.room
        rows = outbox.pending(self._window.cursor, most)
        for message in packed(rows) if pack else one_by_one(rows):
            size = len(message.payload)
            in_flight = self._window.weight
            if self._window.room <= 0 or (pack and in_flight and in_flight + size > self._load.bytes):
                break
            if self._window.cursor == self._window.watermark and message.first > self._window.watermark + 1:
                self._complain(
                    "the centre lacks facts that this station no longer keeps, up to number"
                    f" {message.first - 1}; restore the centre's database from a newer backup"
                )
            if size > MAX_PAYLOAD:
                self._complain(f"fact {message.first} has {size} bytes; the centre will set it aside")
            self._publish(connection, topic_events(self._kiosk, message.cls), message.payload)
            self._ever_sent = max(self._ever_sent, message.last)
            self._window.sent(message.last, time.monotonic(), size)

    def _packs(self, state: OutboxState) -> bool:
        """Whether several facts go into one message now.

        Not after a stall: what a centre cannot read it can only answer for when it comes alone.
        """
        waiting = state.next_seq - 1 - self._window.cursor
        return not self._window.stalled and (self._far or waiting > max(self._link.window, MOST_FACTS))

    def _stalled(self, connection: Connection) -> None:
        if connection.unanswered:
            # Nothing came back for so long: the wire is dead, or so slow that more would choke it.
            raise LinkError(
                f"{self._link.host}:{self._link.port} stopped answering; the connection is made anew"
            )
        self._window.rewind()
        self._load.stalled()
        self._look = True

    def _leave(self, connection: Connection) -> None:
        if not connection.ready:
            connection.abandon()
            return
        if self._downlink is not None:
            self._downlink.say_all(connection)
        connection.publish(topic_state(self._kiosk), goodbye(self._session), retain=True)
        limit = time.monotonic() + 1.0
        while connection.unanswered and (left := limit - time.monotonic()) > 0:
            connection.pump(min(left, 0.2), self._wake)
        connection.close()

    # --- what the centre says --------------------------------------------------------------------

    def _hear(self, topic: str, payload: bytes) -> None:
        try:
            if topic == topic_ack(self._kiosk):
                self._hear_ack(payload)
            elif topic == topic_server():
                self._hear_presence(payload)
            elif topic in self._news:
                self._post(NewsCame(parse_announcements(payload), self._news[topic]))
            elif self._downlink is not None:
                self._downlink.hear(topic, payload)
        except (FactError, NewsError) as error:
            self._complain(f"a message on {topic} was ignored: {error}")

    def _hear_ack(self, payload: bytes) -> None:
        ack = parse_ack(payload)
        if ack.epoch != self._epoch:
            self._complain("an acknowledgement of another epoch was ignored")
            return
        another = self._is_anothers(ack)
        if ack.upto > self._ever_sent or ack.verdict == "fork" or another:
            self._complain(
                "the centre holds facts under numbers this station has yet to give: its card was restored or"
                " cloned; nothing is lost, and a librarian must look into it"
            )
        if ack.verdict == "fork" or another:
            # Its numbers are another's: by them nothing is confirmed. What is unconfirmed gets new ones.
            self._post(Forked(self._epoch))
            return
        if ack.upto > self._ever_sent:
            return
        if ack.generation != self._generation:
            self._generation = ack.generation
            if ack.upto < self._window.watermark:
                self._window.replay_from(ack.upto)
                self._look = True
                return
        in_flight = self._window.weight
        if self._window.confirmed(ack.upto, time.monotonic()):
            if in_flight:
                self._load.confirmed(self._window.took)
            self._post(Confirmed(self._epoch, ack.upto))
            self._status = replace(self._status, last_error="")
            self._look = True

    def _is_anothers(self, ack: Ack) -> bool:
        """Whether the centre holds another fact under that number than we: a copy of this card wrote it."""
        if not ack.last or not ack.upto or self._outbox is None:
            return False
        [*rows] = self._outbox.pending(ack.upto - 1, 1)
        return bool(rows) and rows[0].seq == ack.upto and id_of(rows[0].payload) != ack.last

    def _hear_presence(self, payload: bytes) -> None:
        presence = parse_presence(payload)
        if presence.online:
            if presence.session != self._ingest_session:
                self._ingest_session = presence.session
                self._window.restart()
                self._look = True
        elif presence.session == self._ingest_session:  # a late will of an older session says nothing
            self._ingest_session = ""
        self._status = replace(self._status, ingest_online=bool(self._ingest_session))
        self._announce()

    # --- what staff are told ---------------------------------------------------------------------

    def _backlog(self, state: OutboxState) -> int:
        return max(0, state.next_seq - 1 - max(state.acked, self._window.watermark))

    def _announce(self) -> None:
        up = self._status.connected and self._status.ingest_online
        if up != self._up:
            self._up = up
            self._post(LinkChanged(up))

    def _trouble(self, words: str) -> None:
        if words != self._last_said:
            self._last_said = words
            log.warning("%s", words)
        self._status = replace(self._status, last_error=words)

    def _complain(self, words: str) -> None:
        if words not in self._complained and len(self._complained) < 100:
            self._complained.add(words)
            log.error("%s", words)
