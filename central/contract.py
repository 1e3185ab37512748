"""The link's contract as an AsyncAPI 3.0 document, made from the catalogue of facts (kiosk.facts).

Seen from a station: what it sends, what it receives. `central contract` prints it; what it printed last is
docs/contract/asyncapi.json, and a test keeps them equal.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

from central import schemas
from kiosk.catalogue import MAX_PART
from kiosk.commands import COMMANDS
from kiosk.facts import (
    BATCH,
    CATALOGUE,
    CLASSES,
    KIOSK_ID,
    MAX_PAYLOAD,
    PROTOCOL,
    Fact,
    topic_ack,
    topic_events,
    topic_health,
    topic_news,
    topic_server,
    topic_state,
    type_of,
)
from kiosk.topics import topic_catalogue, topic_command, topic_policy, topic_result

SEND, RECEIVE = "send", "receive"
_BINDING = "0.2.0"  # of AsyncAPI's MQTT bindings

_ABOUT = f"""\
What a reading corner's station and its library's centre say to each other over MQTT 5.

Facts are CloudEvents 1.0 in structured JSON. A station numbers them densely from 1 within an epoch and keeps
each until an acknowledgement covers its number: that the broker took a message means nothing. Facts may come
again; the same id under the same number is the same fact. Readers keep types and fields they do not know.

A message is one fact, or a JSON array of at most 100 in their order; at most {MAX_PAYLOAD} bytes.

Nothing names a reader: no patron, no card, no sticker, no name, no year of birth. Age bands and counts are
all that is told of people."""
_STATION = {"description": f"the station's name, as in its certificate: {KIOSK_ID.pattern}"}
_OR_ALL = {"description": "the station's name; all: for every station"}
_SCOPE = {"description": "all, of-<library> or at-<station>"}


def document() -> dict[str, Any]:
    """The whole document."""
    contract = _Contract()
    contract.facts()
    contract.presence()
    contract.downwards()
    contract.catalogue()
    return contract.whole()


def text() -> str:
    """The document as it is published."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


class _Contract:
    """Collects channels, operations and messages."""

    def __init__(self) -> None:
        self._channels: dict[str, Any] = {}
        self._operations: dict[str, Any] = {}
        self._messages: dict[str, Any] = {}
        self._schemas: dict[str, Any] = schemas.facts() | schemas.small()

    def whole(self) -> dict[str, Any]:
        return {
            "asyncapi": "3.0.0",
            "id": f"urn:{PROTOCOL.replace('/', ':')}",
            "info": {
                "title": "Góc Đọc: station and centre",
                "version": PROTOCOL.rpartition("/")[2],
                "description": _ABOUT,
                "license": {"name": "GPL-3.0-or-later"},
            },
            "defaultContentType": "application/json",
            "servers": {
                "broker": {
                    "host": "broker.example:8883",
                    "protocol": "secure-mqtt",
                    "protocolVersion": "5",
                    "description": "The library's broker. A station logs in with its certificate.",
                    "bindings": {
                        "mqtt": {
                            "cleanSession": True,
                            "lastWill": {
                                "topic": topic_state("{station}"),
                                "qos": 1,
                                "message": "goodbye of this session",
                                "retain": True,
                            },
                            "bindingVersion": _BINDING,
                        }
                    },
                }
            },
            "channels": self._channels,
            "operations": self._operations,
            "components": {"messages": self._messages, "schemas": self._schemas},
        }

    # --- what a station says -------------------------------------------------------------------------

    def facts(self) -> None:
        for fact in CATALOGUE:
            self._message(schemas.name_of(fact), type_of(fact), _first_line(fact), _rest(fact))
        for cls in (*CLASSES, BATCH):
            name = f"{cls}Facts" if cls != BATCH else "severalFacts"
            several = cls == BATCH
            self._schemas[name] = schemas.batch("" if several else cls)
            title = "Facts of several classes" if several else schemas.topic_class(cls)
            self._message(name, f"{title}, several in one message", f"{title}.")
            ours = [] if several else [schemas.name_of(one) for one in CATALOGUE if one.cls == cls]
            self._channel(
                f"evt-{cls}",
                topic_events("{station}", cls),
                f"{title}. Retransmitted until acknowledged.",
                [*ours, name],
                SEND,
                station=_STATION,
            )

    def presence(self) -> None:
        self._message("birth", "Birth", "The station is there, and where its numbering stands.")
        self._message(
            "goodbye", "Will and goodbye", "The named session is over; of any other it says nothing."
        )
        self._channel(
            "state",
            topic_state("{station}"),
            "A station's birth; its will, and its own last word.",
            ["birth", "goodbye"],
            SEND,
            retain=True,
            station=_STATION,
        )
        self._message("health", "Health", "How the station is at present: the last word, and no fact.")
        self._channel(
            "health", topic_health("{station}"), "How a station is, every ten minutes and at changes.",
            ["health"], SEND, qos=0, retain=True, station=_STATION,
        )  # fmt: skip

    def downwards(self) -> None:
        self._message("acknowledgement", "Acknowledgement", "What the centre holds, said after its commit.")
        self._channel(
            "ack", topic_ack("{station}"), "The centre's watermark for a station.", ["acknowledgement"],
            RECEIVE, retain=True, station=_STATION,
        )  # fmt: skip
        self._message(
            "ingestState", "Ingest", "Whether the centre is there to commit. Its will is of this form too."
        )
        self._channel(
            "srv-state", topic_server(), "The ingest's birth and will. Facts are sent while it is online.",
            ["ingestState"], RECEIVE, retain=True,
        )  # fmt: skip
        self._message(
            "news", "News", "The whole list, in place of the one before; an empty message is an empty list."
        )
        self._channel(
            "news", topic_news("{station}"), "What is told on the Welcome screen.", ["news"], RECEIVE,
            retain=True, station=_OR_ALL,
        )  # fmt: skip
        self._message(
            "policy", "Lending rules", "Taken whole or not at all; an empty message takes them back."
        )
        self._channel(
            "policy", topic_policy("{station}"), "Lending rules and closed days.", ["policy"], RECEIVE,
            retain=True, station=_OR_ALL,
        )  # fmt: skip
        for name in COMMANDS:
            self._schemas[f"cmd_{name}"] = schemas.command(name)
            self._message(f"cmd_{name}", f"Command {name}", "Done once, by its id; answered by an answer.")
            self._channel(
                f"cmd-{name}", topic_command("{station}", name), f"Asks a station: {name}.", [f"cmd_{name}"],
                RECEIVE, station=_STATION,
            )  # fmt: skip
        self._message("answer", "Answer", "How a command ended.")
        self._channel(
            "res", topic_result("{station}", "{command}"), "Answers to commands.", ["answer"], SEND,
            station=_STATION, command={"description": "the command's name", "enum": [*COMMANDS, "unknown"]},
        )  # fmt: skip
        self._message(
            "policyAnswer", "Answer to lending rules", "Whether they are kept, refused whole, or gone."
        )
        self._channel(
            "res-policy", topic_result("{station}", "policy"), "What became of the lending rules.",
            ["policyAnswer"], SEND, station=_STATION,
        )  # fmt: skip
        self._message("alert", "Alert", "For a library's own monitoring; no station hears it.")
        self._channel(
            "srv-alerts", f"{PROTOCOL}/srv/alerts", "What the centre tells people of.", ["alert"], "",
        )  # fmt: skip

    def catalogue(self) -> None:
        self._message(
            "catalogueHead", "Catalogue, head", "Which version there is, and the editions that lead to it."
        )
        self._channel(
            "cat-head", topic_catalogue("{scope}"), "Where a catalogue stands.", ["catalogueHead"], RECEIVE,
            retain=True, scope=_SCOPE,
        )  # fmt: skip
        self._schemas["cataloguePart"] = {
            "type": "string",
            "contentMediaType": "application/x-xz",
            "description": (
                f"Part 0: the SHA-256 of each part, 32 bytes each. Others: xz, at most {MAX_PART} bytes."
            ),
        }
        self._message(
            "cataloguePart", "Catalogue, a part", "One part of an edition; a station asks for one at a time.",
            content_type="application/octet-stream",
        )  # fmt: skip
        self._channel(
            "cat-part", f"{topic_catalogue('{scope}', '{edition}').rpartition('/')[0]}/{{part}}",
            "The index and the parts of an edition.", ["cataloguePart"], RECEIVE, retain=True, scope=_SCOPE,
            edition={"description": "as the head names it"},
            part={"description": "0: the index; from 1: a part"},
        )  # fmt: skip
        self._message("catalogueProgress", "Catalogue, how far", "How far a station's copy is.")
        self._channel(
            "res-catalogue", topic_result("{station}", "catalogue"), "How far a station's catalogue is.",
            ["catalogueProgress"], SEND, station=_STATION,
        )  # fmt: skip

    # --- entries -------------------------------------------------------------------------------------

    def _message(
        self,
        name: str,
        title: str,
        summary: str,
        description: str = "",
        content_type: str = "application/json",
    ) -> None:
        self._messages[name] = {
            "name": title if title.startswith("gocdoc.") else name,
            "title": title,
            "summary": summary,
            **({"description": description} if description else {}),
            "contentType": content_type,
            "payload": {"$ref": f"#/components/schemas/{name}"},
        }

    def _channel(
        self, name: str, address: str, about: str, messages: list[str], action: str, *, qos: int = 1,
        retain: bool = False, **parameters: dict[str, Any],
    ) -> None:  # fmt: skip
        self._channels[name] = {
            "address": address,
            "description": about,
            "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in messages},
            **({"parameters": parameters} if parameters else {}),
        }
        if not action:
            return
        self._operations[f"{action}-{name}"] = {
            "action": action,
            "channel": {"$ref": f"#/channels/{name}"},
            "summary": about,
            "messages": [{"$ref": f"#/channels/{name}/messages/{one}"} for one in messages],
            "bindings": {"mqtt": {"qos": qos, "retain": retain, "bindingVersion": _BINDING}},
        }


def _first_line(fact: type[Fact]) -> str:
    return inspect.cleandoc(fact.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def _rest(fact: type[Fact]) -> str:
    return inspect.cleandoc(fact.__doc__ or "").partition("\n\n")[2].replace("\n", " ")
