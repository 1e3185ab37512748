"""Alerts on MQTT, for whatever a library already watches its machines with: one message an alert."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from central.alerts.book import Alert
from central.errors import BrokerTrouble
from central.ingest import LOGIN_S, BrokerAddress
from kiosk.facts import PROTOCOL

TOPIC = f"{PROTOCOL}/srv/alerts"


def message_of(one: Alert) -> bytes:
    """What is said of an alert; `state` is raised or ended."""
    told = {
        "station": one.station,
        "kind": one.kind.value,
        "about": one.about,
        "state": "raised" if one.open else "ended",
        "since": one.first,
        "at": one.raised if one.open else one.ended,
        "detail": one.detail,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def publish(broker: BrokerAddress, alerts: Sequence[Alert]) -> None:
    """Say them, and wait until the broker took them. Raises BrokerTrouble."""
    refused: list[str] = []
    taken: set[int] = set()
    ready: list[bool] = []

    def connected(_c: Client, _d: object, _f: object, reason: ReasonCode, _p: object) -> None:
        refused.extend([broker.refusal(reason)] if reason.is_failure else [])
        ready.append(True)

    def published(_c: Client, _d: object, mid: int, reason: ReasonCode, _p: object) -> None:
        if reason.is_failure:
            refused.append(
                f"the broker {broker} does not let this login write {TOPIC}; check that it has the access"
                " rules that came with this version"
            )
        taken.add(mid)

    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"gocdoc-alerts-{uuid.uuid4().hex[:12]}",
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
    )
    client.on_connect, client.on_publish = connected, published
    broker.connect(client)
    try:
        sent: set[int] = set()
        limit = time.monotonic() + LOGIN_S
        while not (ready and sent <= taken and len(sent) == len(alerts)):
            if time.monotonic() > limit:
                raise BrokerTrouble(f"the broker {broker} does not answer an alert; it is said again")
            if refused:
                raise BrokerTrouble(refused[0])
            if client.loop(0.2) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise BrokerTrouble(
                    refused[0] if refused else f"the connection to the broker {broker} was lost"
                )
            if ready and not sent and not refused:
                sent = {client.publish(TOPIC, message_of(one), qos=1).mid for one in alerts}
        if refused:
            raise BrokerTrouble(refused[0])
    finally:
        client.disconnect()
        client.loop_write()
        wire = client.socket()
        if wire is not None:
            wire.close()
