"""The published contract is what the code says, and what is really sent is what it publishes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from central import contract, schemas
from central.__main__ import app
from central.alerts.book import Alert
from central.alerts.rules import Kind
from central.alerts.wire import message_of
from kiosk.commands import COMMANDS
from kiosk.facts import BATCH, CATALOGUE, CLASSES, TYPES, Fact, envelope, topic_events
from kiosk.link.health import Health
from kiosk.link.messages import Birth
from kiosk.model import ClockQuality
from tests.central.day import Day, lived
from tests.central.said import LOAN, NOON, made
from tests.central.schema_check import errors, resolved
from tests.central.tap import Message

PUBLISHED = Path(__file__).parents[2] / "docs" / "contract" / "asyncapi.json"
DOCUMENT: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
FACTS = {one["allOf"][1]["properties"]["type"]["const"]: one for one in SCHEMAS.values() if "allOf" in one}


@pytest.fixture
def day(mosquitto: str) -> Day:
    return lived()


def test_the_published_document_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(app, ["contract"])
    assert printed.exit_code == 0
    remedy = "run: central contract > docs/contract/asyncapi.json"
    assert printed.output == PUBLISHED.read_text(encoding="utf-8"), remedy


# --- the document ------------------------------------------------------------------------------------


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from refs(value)


def test_it_keeps_the_rules_of_asyncapi_3() -> None:
    """Those of the specification that reading alone can hold; the official schema found nothing more."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for ref in refs(DOCUMENT):
        resolved(ref, DOCUMENT)
    key = re.compile(r"[\w.-]+")
    for part in ("channels", "operations"):
        assert all(key.fullmatch(name) for name in DOCUMENT[part])
    for name, channel in DOCUMENT["channels"].items():
        named = set(re.findall(r"{(\w+)}", channel["address"]))
        assert named == set(channel.get("parameters", {})), name
        assert channel["messages"], name
        assert channel["address"].startswith("gocdoc/1/")
    for name, operation in DOCUMENT["operations"].items():
        assert operation["action"] in {"send", "receive"}
        of = operation["channel"]["$ref"]
        assert all(one["$ref"].startswith(f"{of}/messages/") for one in operation["messages"]), name
        assert operation["bindings"]["mqtt"].keys() == {"qos", "retain", "bindingVersion"}
    used = {ref.rpartition("/")[2] for ref in refs(DOCUMENT["channels"])}
    assert used == DOCUMENT["components"]["messages"].keys(), "every message has a channel"
    addresses = [channel["address"] for channel in DOCUMENT["channels"].values()]
    assert len(addresses) == len(set(addresses))


def test_every_fact_of_the_catalogue_is_in_it_under_its_class_with_words_for_every_field() -> None:
    assert FACTS.keys() == TYPES.keys()
    for fact in CATALOGUE:
        channel = DOCUMENT["channels"][f"evt-{fact.cls}"]
        assert channel["address"] == topic_events("{station}", fact.cls)
        assert schemas.name_of(fact) in channel["messages"]
        data = schemas.fact_data(fact)
        assert set(data["properties"]) - {"library"} == {field.name for field in fields(fact)}
        for name, told in data["properties"].items():
            assert told.get("description"), f"{fact.__name__}.{name}: say in central.schemas.WORDS what it is"
    used = {name for fact in CATALOGUE for name in schemas.fact_data(fact)["properties"]}
    assert schemas.WORDS.keys() <= used, "words for fields that no fact has"
    assert {f"evt-{cls}" for cls in (*CLASSES, BATCH)} == {n for n in DOCUMENT["channels"] if n[:4] == "evt-"}


def test_a_comment_beside_a_field_is_its_description() -> None:
    facts = {fact.__name__: fact for fact in CATALOGUE}
    due = schemas.fact_data(facts["CheckedOut"])["properties"]["due"]
    assert due == {"type": "string", "description": "ISO date", "format": "date"}


def test_a_fact_that_is_missing_or_a_field_that_is_renamed_changes_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schemas, "CATALOGUE", CATALOGUE[1:])
    assert contract.document()["components"]["schemas"] != SCHEMAS


def test_the_small_messages_have_the_fields_the_code_gives_them() -> None:
    health = {field.name for field in fields(Health)}
    assert health <= SCHEMAS["health"]["properties"].keys()
    assert {field.name for field in fields(Birth)} == SCHEMAS["birth"]["properties"].keys() - {"online"}
    assert schemas.CLOCK["enum"] == [one.value for one in ClockQuality]
    assert {f"cmd_{name}" for name in COMMANDS} == {name for name in SCHEMAS if name.startswith("cmd_")}
    alert = Alert(1, "kiosk-1", Kind.READER, "pad", "", NOON.isoformat(), NOON.isoformat(), None, "", "")
    for one in (alert, replace(alert, ended=NOON.isoformat())):
        assert list(errors(json.loads(message_of(one)), SCHEMAS["alert"], DOCUMENT)) == []


# --- what is sent ------------------------------------------------------------------------------------


def instances(fact: type[Fact]) -> st.SearchStrategy[Fact]:
    """Facts of one kind as a station may make them."""
    hints = get_type_hints(fact)
    named: dict[str, st.SearchStrategy[Any]] = {
        "ageband": st.sampled_from(["0-5", "6-8", "15+", "unknown", ""]),
        "due": st.dates().map(lambda day: day.isoformat()),
        "count": st.integers(1, 50),
    }

    def of(hint: Any) -> st.SearchStrategy[Any]:
        if get_origin(hint) is Literal:
            return st.sampled_from(get_args(hint))
        return st.integers(-9_999, 99_999) if hint is int else st.text(max_size=30)

    values = {field.name: named.get(field.name, of(hints[field.name])) for field in fields(fact)}
    return st.builds(fact, **values)


@settings(max_examples=150, deadline=None)
@given(fact=st.sampled_from(CATALOGUE).flatmap(instances), library=st.sampled_from(["", "MC-01"]))
def test_whatever_fact_a_station_makes_fits_its_schema_and_has_no_field_beyond_it(
    fact: Fact, library: str
) -> None:
    whole = envelope(
        fact, kiosk="kiosk-1", epoch="e1", seq=1, boot=1, mono=5, clock="rtc", wall=NOON, library=library
    )
    told = json.loads(whole.to_json())
    schema = FACTS[told["type"]]
    assert list(errors(told, schema, DOCUMENT)) == []
    assert told.keys() <= SCHEMAS["envelope"]["properties"].keys()
    assert told["data"].keys() <= schema["allOf"][1]["properties"]["data"]["properties"].keys()


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 0}, {"seq": "1"}, {"clock": "sun"}, {"id": "7"}, {"source": "urn:gocdoc:kiosk:K 9"},
        {"specversion": "0.3"}, {"time": "noon"}, {"type": "gocdoc.item.returned.v1"}, {"boot": True},
        {"data": {"item": "LK-1", "title": "T-1", "ageband": "6-8"}},
        {"data": {"item": "LK-1", "title": "T-1", "ageband": "Mây", "due": "2026-12-05"}},
        {"data": {"item": "LK-1", "title": "T-1", "ageband": "6-8", "due": "soon"}},
    ],
)  # fmt: skip
def test_what_is_no_checkout_does_not_fit_its_schema(wrong: dict[str, Any]) -> None:
    right = json.loads(made(LOAN, 1).to_json())
    schema = SCHEMAS["checkedOut"]
    assert list(errors(right, schema, DOCUMENT)) == []
    assert list(errors(right | wrong, schema, DOCUMENT)) != []


def channel_of(topic: str) -> dict[str, Any]:
    """The channel whose address is most of all this topic's."""
    fitting = []
    for channel in DOCUMENT["channels"].values():
        words = re.split(r"({\w+})", channel["address"])
        pattern = "".join("[^/]+" if word.startswith("{") else re.escape(word) for word in words)
        if re.fullmatch(pattern, topic):
            fitting.append((len(re.findall("{", channel["address"])), channel))
    assert fitting, f"{topic} is in no channel"
    return min(fitting, key=lambda one: one[0])[1]


def wrongs(message: Message) -> list[str]:
    """What is wrong with a message by every schema its channel has; empty when one fits."""
    if not message.payload:
        return []  # a retained message that was taken away
    named = channel_of(message.topic)["messages"].values()
    kinds = [resolved(one["$ref"], DOCUMENT) for one in named]
    if any(kind["contentType"] == "application/octet-stream" for kind in kinds):
        return []
    told = json.loads(message.payload)
    tried = [list(errors(told, kind["payload"], DOCUMENT)) for kind in kinds]
    return [] if [] in tried else [f"{message.topic}: {tried}"]


@pytest.mark.broker
def test_every_message_of_a_whole_day_is_in_the_document(day: Day) -> None:
    assert [words for message in day.messages for words in wrongs(message)] == []
    seen = {channel_of(message.topic)["address"] for message in day.messages}
    unseen = {channel["address"] for channel in DOCUMENT["channels"].values()} - seen
    assert unseen <= {
        "gocdoc/1/srv/alerts",  # stations do not hear it
        *(channel["address"] for name, channel in DOCUMENT["channels"].items() if name == "evt-batch"),
    }, "the day says everything a station may say or hear"
    assert len(day.types) >= 12


@pytest.mark.broker
def test_no_field_is_sent_that_is_not_published(day: Day) -> None:
    """ETSI EN 303 645, 6-1 and 6-5: what is told is listed, and nothing else is told."""
    for message in day.messages:
        if not message.up or not message.payload:
            continue
        told = json.loads(message.payload)
        for one in told if isinstance(told, list) else [told]:
            if message.topic.split("/")[3] == "evt":
                listed = FACTS[one["type"]]["allOf"][1]["properties"]["data"]["properties"]
                assert one.keys() <= SCHEMAS["envelope"]["properties"].keys()
                assert one["data"].keys() <= listed.keys(), one["type"]
            else:
                names = [
                    resolved(m["$ref"], DOCUMENT) for m in channel_of(message.topic)["messages"].values()
                ]
                fields_of = [resolved(name["payload"]["$ref"], DOCUMENT)["properties"] for name in names]
                assert any(one.keys() <= listed.keys() for listed in fields_of), message.topic
