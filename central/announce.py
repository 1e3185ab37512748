"""Announcements from the centre: a retained list on a news topic, read and replaced in one conversation."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from central.errors import BrokerTrouble, CentreError
from central.ingest import LOGIN_S, BrokerAddress
from kiosk.facts import EVERY_STATION, KIOSK_ID, topic_news
from kiosk.news import MOST, NewsError, Notice, moment, notice, parse_news, to_json

Change = Callable[[tuple[Notice, ...]], Iterable[Notice]]


class NotAnnounced(CentreError, ValueError):
    """The announcement was not made; says why and what to change."""


def made(text: str, *, until: str, begins: str, language: str, picture: str, wall: datetime) -> Notice:
    """An announcement from what a librarian typed, moments without an offset in the zone of `wall`.

    Raises NotAnnounced.
    """
    if not until:
        raise NotAnnounced(
            "until when? An announcement without an end stays for ever: --until 2026-11-30T16:00"
        )
    try:
        one = notice(
            uuid.uuid4().hex[:8],
            text,
            begins=moment(begins, wall.tzinfo) if begins else wall,
            ends=moment(until, wall.tzinfo, end=True),
            language=language,
            picture=picture,
        )
    except NewsError as error:
        raise NotAnnounced(str(error)) from error
    if one.ends <= wall:
        raise NotAnnounced(f"{until} is over already; it is {wall:%Y-%m-%dT%H:%M} now")
    return one


def added(one: Notice, wall: datetime) -> Change:
    """Puts one more on the list; what is over at `wall` leaves it."""

    def change(there: tuple[Notice, ...]) -> tuple[Notice, ...]:
        current = tuple(other for other in there if other.ends > wall)
        if len(current) >= MOST:
            raise NotAnnounced(
                f"{len(current)} announcements stand there already, and nobody would read one more;"
                " take some away: central announce clear"
            )
        return (*current, one)

    return change


def without(name: str) -> Change:
    """Takes one from the list, or all of them when `name` is empty."""

    def change(there: tuple[Notice, ...]) -> tuple[Notice, ...]:
        if name and name not in {one.id for one in there}:
            raise NotAnnounced(f"there is no announcement {name!r}; 'central announce list' shows them")
        return tuple(one for one in there if name and one.id != name)

    return change


def news(broker: BrokerAddress, station: str = "", change: Change | None = None) -> tuple[Notice, ...]:
    """The list of a station, "" being that for all of them, as `change` leaves it; unchanged without one.

    The broker has taken the new list when this returns. Raises BrokerTrouble, NotAnnounced.
    """
    if station and (not KIOSK_ID.fullmatch(station) or station == EVERY_STATION):
        raise NotAnnounced(f"{station[:60]!r} is not a station's name: a-z, 0-9 and '-', at most 40")
    conversation = _Conversation(broker, topic_news(station or EVERY_STATION))
    try:
        there = conversation.read()
        if change is None:
            return there
        left = tuple(change(there))
        conversation.replace(left)
        return left
    finally:
        conversation.close()


class _Conversation:
    """One short connection, beside the ingest's: read what is retained, perhaps replace it."""

    def __init__(self, broker: BrokerAddress, topic: str) -> None:
        self._broker = broker
        self._topic = topic
        self._kept = b""
        self._over = ""
        self._ready = False
        self._answered = 0  # subscriptions
        self._taken = False
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"gocdoc-announce-{uuid.uuid4().hex[:12]}",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._client = client

    def read(self) -> tuple[Notice, ...]:
        """What the broker keeps on the topic; what is no list of ours counts as nothing."""
        self._broker.connect(self._client)
        self._until(lambda: self._ready, "does not answer the login; is it an MQTT 5 broker?")
        # The broker sends what it keeps after a subscription; when it has answered a second one, it has sent
        # what there was, or there was nothing.
        for _ in range(2):
            before = self._answered
            self._client.subscribe(self._topic, 1)
            self._until(partial(self._answered_since, before), "does not answer the subscription")
        try:
            return parse_news(self._kept)
        except NewsError:
            return ()

    def replace(self, notices: tuple[Notice, ...]) -> None:
        """Have the broker keep this list; an empty one is removed from it."""
        self._client.publish(self._topic, to_json(notices) if notices else b"", qos=1, retain=True)
        self._until(lambda: self._taken, "does not answer the announcement; nobody knows whether it has it")

    def close(self) -> None:
        """Say goodbye. Never raises."""
        self._client.on_disconnect = None
        self._client.disconnect()
        self._client.loop_write()
        wire = self._client.socket()
        if wire is not None:
            wire.close()

    def _answered_since(self, before: int) -> bool:
        return self._answered > before

    def _until(self, reached: Callable[[], bool], words: str) -> None:
        limit = time.monotonic() + LOGIN_S
        while not reached():
            if time.monotonic() > limit:
                raise BrokerTrouble(f"the broker {self._broker} {words}")
            code = self._client.loop(0.2)
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
            self._over = self._not_allowed("read")
        self._answered += 1

    def _on_publish(self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._over = self._not_allowed("write")
        self._taken = not reason.is_failure

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any
    ) -> None:
        self._over = self._over or f"the broker {self._broker} ended the connection: {reason.getName()}"

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._kept = bytes(message.payload)

    def _not_allowed(self, what: str) -> str:
        return (
            f"the broker {self._broker} does not let this login {what} {self._topic}; use the ingest's login,"
            " and check that the broker has the access rules that came with this version"
        )
