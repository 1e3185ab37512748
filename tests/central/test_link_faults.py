"""What the link says and does when the broker refuses it, and when what it hears is not to be believed."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from central.broker import LocalBroker
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

MakeCorner = Callable[..., Corner]
ACK = "gocdoc/1/kiosk-1/ack"
INGEST = "gocdoc/1/srv/ingest/state"
ONLINE = json.dumps({"online": True, "session": "s1"})


def password(folder: Path, text: str) -> Path:
    file = folder / "password"
    file.write_text(f"{text}\n")
    file.chmod(0o600)
    return file


def ack(corner: Corner, upto: object, **more: object) -> str:
    return json.dumps({"gen": "g1", "epoch": corner.epoch, "upto": upto} | more)


def test_a_wrong_password_is_said_once_in_words_and_tried_again(
    guarded_broker: LocalBroker, tmp_path: Path, make_corner: MakeCorner, caplog: pytest.LogCaptureFixture
) -> None:
    file = password(tmp_path, "a guess")
    corner = make_corner(guarded_broker, username="kiosk-1", password_file=file)
    corner.report(*loans(3))
    with caplog.at_level(logging.INFO, "kiosk.link"):
        corner.uplink.start()
        corner.until(lambda: bool(corner.uplink.status.last_error), what="a refusal")
        words = corner.uplink.status.last_error
        assert "refuses the login of 'kiosk-1'" in words
        assert "password_file" in words
        password(tmp_path, "of the station")  # somebody mends it, and nobody restarts anything
        corner.until(lambda: corner.uplink.status.connected, what="a later try")
    assert corner.uplink.status.last_error == ""
    assert [record.message for record in caplog.records].count(words) == 1
    assert not any(record.exc_info for record in caplog.records)
    assert corner.outbox_left == 3


def test_a_broker_that_refuses_the_topics_never_moves_the_watermark(
    guarded_broker: LocalBroker, tmp_path: Path, make_corner: MakeCorner
) -> None:
    # The station calls itself otherwise than its login: the access rules let nothing of it through.
    corner = make_corner(
        guarded_broker, "kiosk-9", username="kiosk-1", password_file=password(tmp_path, "of the station")
    )
    corner.report(*loans(5))
    with Listener(guarded_broker, login=("gocdoc-ingest", "of the centre")) as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner.uplink.start()
        corner.until(lambda: "Not authorized" in corner.uplink.status.last_error, what="a refusal")
        corner.until(lambda: corner.uplink.status.ingest_online, what="the ingest")
    assert "access rules" in corner.uplink.status.last_error
    assert corner.outbox_left == 5
    assert corner.confirmed == []


def test_the_shipped_access_rules_let_facts_through_and_keep_stations_apart(
    guarded_broker: LocalBroker, tmp_path: Path, make_corner: MakeCorner
) -> None:
    corner = make_corner(
        guarded_broker, username="kiosk-1", password_file=password(tmp_path, "of the station")
    )
    corner.report(*loans(5))
    secret = tmp_path / "ingest-password"
    secret.write_text("of the centre")
    centre = Centre(
        tmp_path / "centre", guarded_broker, "--username", "gocdoc-ingest", "--password-file", str(secret)
    )
    with Listener(guarded_broker, "gocdoc/1/#", login=("kiosk-2", "of the other")) as neighbour:
        centre.start()
        try:
            neighbour.client.publish("gocdoc/1/kiosk-1/evt/loan", "forged", qos=1).wait_for_publish(5)
            neighbour.client.publish(ACK, ack(corner, 5), qos=1, retain=True).wait_for_publish(5)
            corner.uplink.start()
            corner.until_drained()
            neighbour.say("gocdoc/1/kiosk-2/state", json.dumps({"online": False, "session": "x"}))
        finally:
            centre.stop()
        assert {topic for topic, _, _ in neighbour.heard} <= {INGEST}
    assert centre.counts()["facts"] == 5
    assert centre.counts()["deadletters"] == 0


def test_an_ingest_with_a_wrong_password_says_so_on_its_page(
    guarded_broker: LocalBroker, tmp_path: Path
) -> None:
    centre = Centre(
        tmp_path / "centre", guarded_broker, "--username", "gocdoc-ingest",
        "--password-file", str(password(tmp_path, "a guess")),
    )  # fmt: skip
    centre.start(connected=False)
    try:
        for _ in range(100):
            trouble = centre.get("/api/stations")["broker"]["trouble"]
            if trouble:
                break
        assert "refuses the login of 'gocdoc-ingest'" in trouble
        assert "--password-file" in trouble
    finally:
        centre.stop()


def test_what_cannot_be_an_answer_confirms_nothing_and_stops_nothing(
    broker: LocalBroker, make_corner: MakeCorner, caplog: pytest.LogCaptureFixture
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(5))
    nonsense: list[bytes | str] = [
        "",
        "no json",
        "[]",
        "[" * 5000,
        '{"gen":"g1","epoch":"e","upto":-1}',
        '{"gen":"g1","epoch":"e","upto":true}',
        '{"gen":"g1","epoch":"e","upto":1e400}',
        '{"gen":"g1","epoch":"e","upto":"3"}',
        '{"gen":7,"epoch":"e","upto":3}',
        '{"epoch":"e","upto":3}',
        b"\xff\xfe",
        "x" * 100_000,
    ]
    with Listener(broker, "gocdoc/1/kiosk-1/evt/loan") as ingest:
        ingest.say(INGEST, "kept nonsense", retain=True)
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.connected, what="a connection")
        for payload in nonsense * 2:
            ingest.say(ACK, payload)
            ingest.say(INGEST, payload)
        ingest.say(INGEST, ONLINE)
        ingest.until(lambda: len(ingest.heard) >= 5)  # it lives on, and sends
        corner.tend()
        assert corner.confirmed == []
        ingest.say(ACK, ack(corner, 5))
        corner.until_drained()
    said = [record.message for record in caplog.records if "was ignored" in record.message]
    assert len(said) == len(set(said)) > 5
    assert corner.link_changes == [True]


def test_answers_that_cannot_be_true_confirm_nothing(
    broker: LocalBroker, make_corner: MakeCorner, caplog: pytest.LogCaptureFixture
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(5))
    with Listener(broker, "gocdoc/1/kiosk-1/evt/loan") as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        ingest.say(ACK, ack(corner, 5, epoch="of another card"), retain=True)
        corner.uplink.start()
        ingest.until(lambda: len(ingest.heard) >= 5)
        for upto in (6, 2**62):
            ingest.say(ACK, ack(corner, upto))
        ingest.say(ACK, ack(corner, 3))
        corner.until(lambda: bool(corner.confirmed), what="the true answer")
        assert (corner.confirmed, corner.outbox_left) == ([3], 2)
        ingest.say(ACK, ack(corner, 5, verdict="fork"))  # a fork's numbers are another's
        corner.until(lambda: bool(corner.epochs), what="a new epoch")
        ingest.until(lambda: json.loads(ingest.heard[-1][1])["epoch"] == corner.epochs[0])
    assert (corner.confirmed, corner.outbox_left) == ([3], 2)
    words = [record.message for record in caplog.records]
    assert sum("another epoch" in one for one in words) == 1
    assert sum("restored or cloned" in one for one in words) == 1


def test_unanswered_facts_are_sent_again_with_the_same_ids(
    broker: LocalBroker, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker, window=3)
    corner.report(*loans(10))
    with Listener(broker, "gocdoc/1/kiosk-1/evt/loan") as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner.uplink.start()
        ingest.until(lambda: len(ingest.heard) >= 6)
        payloads = ingest.on("gocdoc/1/kiosk-1/evt/loan")
    assert [json.loads(one)["seq"] for one in payloads[:6]] == [1, 2, 3, 1, 2, 3]
    assert payloads[:3] == payloads[3:6]


def test_a_restored_centre_is_sent_what_it_lost(broker: LocalBroker, make_corner: MakeCorner) -> None:
    corner = make_corner(broker)
    corner.report(*loans(10))
    topic = "gocdoc/1/kiosk-1/evt/loan"
    with Listener(broker, topic) as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner.uplink.start()
        ingest.until(lambda: len(ingest.on(topic)) >= 10)
        ingest.say(ACK, ack(corner, 10))
        corner.until_drained()
        ingest.say(ACK, ack(corner, 7, gen="g2"))  # yesterday's backup
        ingest.until(lambda: len(ingest.on(topic)) >= 13)
        assert [json.loads(one)["seq"] for one in ingest.on(topic)[10:13]] == [8, 9, 10]


def test_birth_and_goodbye_tell_of_one_session(broker: LocalBroker, make_corner: MakeCorner) -> None:
    corner = make_corner(broker)
    corner.report(*loans(4))
    topic = "gocdoc/1/kiosk-1/state"
    with Listener(broker, topic) as ingest:
        corner.uplink.start()
        ingest.until(lambda: len(ingest.heard) >= 1)
        corner.uplink.stop()
        ingest.until(lambda: len(ingest.heard) >= 2)
        birth, end = (json.loads(one) for one in ingest.on(topic))
    assert birth.pop("session") == end.pop("session")
    oldest = birth.pop("oldest_unsent")
    assert oldest.startswith("20")
    assert birth == {
        "online": True, "epoch": corner.epoch, "next_seq": 5, "acked": 0, "boot": 1, "version": "1.2.3",
        "backlog": 4, "clock": "",
    }  # fmt: skip
    assert end == {"online": False}
    with Listener(broker, topic) as later:
        later.until(lambda: len(later.heard) >= 1)
        assert later.heard[0][2], "the state is kept for whoever comes later"


def test_the_late_will_of_an_old_ingest_does_not_silence_the_station(
    broker: LocalBroker, make_corner: MakeCorner
) -> None:
    corner = make_corner(broker)
    with Listener(broker, "gocdoc/1/kiosk-1/evt/loan") as ingest:
        ingest.say(INGEST, ONLINE, retain=True)
        corner.uplink.start()
        corner.until(lambda: corner.uplink.status.ingest_online, what="the ingest")
        ingest.say(INGEST, json.dumps({"online": False, "session": "an older one"}))
        corner.report(*loans(1))
        ingest.until(lambda: len(ingest.heard) == 1)
        ingest.say(INGEST, json.dumps({"online": False, "session": "s1"}))
        corner.until(lambda: not corner.uplink.status.ingest_online, what="the true will")
    assert corner.link_changes == [True, False]


def test_the_ingest_contradicts_a_late_will_of_its_own(broker: LocalBroker, centre: Centre) -> None:
    with Listener(broker, INGEST) as station:
        station.say(INGEST, json.dumps({"online": False, "session": "an older one"}), retain=True)
        station.until(lambda: b"true" in station.heard[-1][1])


def test_two_stations_of_one_name_are_told_so(
    broker: LocalBroker, make_corner: MakeCorner, tmp_path: Path
) -> None:
    one = make_corner(broker)
    one.uplink.start()
    one.until(lambda: one.uplink.status.connected, what="a connection")
    clone = Corner(tmp_path / "clone", broker, "kiosk-1")
    try:
        clone.uplink.start()
        one.until(lambda: "another station" in one.uplink.status.last_error, what="the take-over")
    finally:
        clone.close()
