"""A plain MQTT client for tests: says anything, hears everything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from central.broker import LocalBroker


class Address(NamedTuple):
    """Where a broker is."""

    host: str
    port: int


class Listener:
    """Connected while the `with` lasts."""

    def __init__(
        self,
        broker: LocalBroker | Address,
        *topics: str,
        login: tuple[str, str] | None = None,
        will: Any = None,
    ) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._subscribed = threading.Event()
        self._topics = topics
        self._broker = broker
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if login:
            client.username_pw_set(*login)
        if will:
            client.will_set(*will, qos=1, retain=True)
        client.on_message = self._on_message
        client.on_subscribe = lambda *_: self._subscribed.set()
        self.client = client

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish, and wait until the broker took it."""
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        info.wait_for_publish(5)
        assert info.is_published()

    def on(self, topic: str) -> list[bytes]:
        """What was heard on a topic."""
        return [payload for heard, payload, _ in self.heard if heard == topic]

    def until(self, reached: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so."""
        limit = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < limit, f"never heard; only {self.heard}"
            time.sleep(0.005)

    def __enter__(self) -> Listener:
        self.client.connect(self._broker.host, self._broker.port)
        self.client.loop_start()
        self.until(self.client.is_connected)
        if self._topics:
            self.client.subscribe([(topic, 1) for topic in self._topics])
            assert self._subscribed.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))
