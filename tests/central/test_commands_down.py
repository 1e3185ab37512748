"""Commands and lending rules from the centre to a station, over a real Mosquitto."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from central import commands, policies
from central.broker import LocalBroker
from central.commands import NotSent, Sent
from central.policies import NotPut
from central.store import CentralStore
from kiosk.commands import COMMANDS, Answer
from kiosk.desk import Cue
from kiosk.policy import PolicyAnswer
from kiosk.screens import Goodbye, Hello, Lent, OutOfOrder, Refused, Welcome
from tests.central.room import CARD, STICKER, Room
from tests.central.wire import Listener

pytestmark = pytest.mark.broker
LATER = "2099-01-01T00:00:00+00:00"
INGEST = ("gocdoc-ingest", "of the centre")
STATION = ("kiosk-1", "of the station")


def found(store: CentralStore, command_id: str) -> Sent:
    with store.reading() as connection:
        sent = commands.one(connection, command_id)
    assert sent is not None
    return sent


def ask(store: CentralStore, room: Room, name: str, **args: Any) -> Sent:
    """Send a command and wait for its answer."""
    made = commands.send(store, room.name, name, args, by="cô Lan")
    room.until(lambda: not found(store, made).open, what=f"an answer to {name}")
    return found(store, made)


def test_every_command_is_done_answered_and_written_down_on_both_sides(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker).start()
    make_courier(broker)
    for name in COMMANDS:
        args: dict[str, Any] = {"out_of_order": {"on": True}, "message": {"text": "Giờ kể chuyện"}}.get(
            name, {}
        )
        sent = ask(plain_store, room, name, **args)
        assert (sent.status, sent.by, sent.times) == ("done", "cô Lan", 1), name
    assert (room.restarts, room.syncs) == (1, 1)
    done = room.facts("command.done")
    assert [(one["command"], one["how"]) for one in done] == [(name, "done") for name in COMMANDS]
    with plain_store.reading() as connection:
        newest = commands.of_station(connection, room.name)
    assert [one.id for one in newest] == [one["id"] for one in reversed(done)]


def test_a_command_waits_for_a_station_that_is_away_and_is_done_once(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    made = commands.send(plain_store, "kiosk-1", "restart_screen")
    make_courier(broker)
    room = make_room(broker).start()
    room.until(lambda: not found(plain_store, made).open, what="an answer")
    payload = json.dumps({"id": made, "name": "restart_screen", "args": {}, "expires": LATER, "ttl_s": 60})
    with Listener(broker, "gocdoc/1/kiosk-1/res/#") as listener:
        for n in range(3):
            listener.say("gocdoc/1/kiosk-1/cmd/restart_screen", payload)
            listener.until(lambda n=n: len(listener.on("gocdoc/1/kiosk-1/res/restart_screen")) == n + 1)
        answers = set(listener.on("gocdoc/1/kiosk-1/res/restart_screen"))
    assert len(answers) == 1, "the same answer each time"
    assert room.restarts == 1
    assert len(room.facts("command.done")) == 1


def test_a_done_command_is_remembered_over_a_restart(broker: LocalBroker, make_room: Any) -> None:
    told = {"id": str(uuid.uuid4()), "name": "sync", "args": {}, "expires": LATER, "ttl_s": 60}
    topic = "gocdoc/1/kiosk-1/res/sync"
    room = make_room(broker).start()
    with Listener(broker, topic) as listener:
        room.until_linked()
        listener.say("gocdoc/1/kiosk-1/cmd/sync", json.dumps(told))
        listener.until(lambda: len(listener.on(topic)) == 1)
        room.close()
        again = make_room(broker)
        again.start()
        again.until_linked()
        listener.say("gocdoc/1/kiosk-1/cmd/sync", json.dumps(told))
        listener.until(lambda: len(listener.on(topic)) == 2)
        assert len(set(listener.on(topic))) == 1
    assert again.syncs == 0


def test_out_of_order_waits_for_the_child_and_opens_again(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker)
    room.stock()
    room.start()
    make_courier(broker)
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    args = {"on": True, "text": "Mất điện chiều nay"}
    made = commands.send(plain_store, "kiosk-1", "out_of_order", args)
    room.until(lambda: found(plain_store, made).times == 1, what="the command on its way")
    ask(plain_store, room, "diagnose")  # what came after it is done: it has surely arrived
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Lent), what="a loan in the middle of it")
    assert found(plain_store, made).open
    room.pad()
    room.until(lambda: room.screen == OutOfOrder("Mất điện chiều nay"), what="out of order")
    assert any(isinstance(screen, Goodbye) for screen in room.screens)
    room.until(lambda: found(plain_store, made).status == "done")
    room.pad(CARD)
    assert ask(plain_store, room, "diagnose").status == "done"
    assert isinstance(room.screen, OutOfOrder), "nobody begins at a closed desk"
    room.pad()
    assert ask(plain_store, room, "out_of_order", on=False).status == "done"
    room.until(lambda: isinstance(room.screen, Welcome), what="open again")


def test_a_station_that_was_shut_is_shut_after_a_restart(broker: LocalBroker, make_room: Any) -> None:
    told = {
        "id": str(uuid.uuid4()),
        "name": "out_of_order",
        "args": {"on": True},
        "expires": LATER,
        "ttl_s": 60,
    }
    room = make_room(broker).start()
    room.until_linked()
    with Listener(broker, "gocdoc/1/kiosk-1/res/#") as listener:
        listener.say("gocdoc/1/kiosk-1/cmd/out_of_order", json.dumps(told))
        listener.until(lambda: bool(listener.heard))
    room.close()
    again = make_room(broker).start(linked=False)
    again.until(lambda: isinstance(again.screen, OutOfOrder))


def test_a_message_and_identify_show_on_welcome_and_end(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker).start()
    make_courier(broker)
    ask(plain_store, room, "message", text="Hôm nay đóng cửa lúc 16 giờ", minutes=60)
    room.until(lambda: getattr(room.screen, "news", "") == "Hôm nay đóng cửa lúc 16 giờ")
    ask(plain_store, room, "identify", seconds=1)
    room.until(lambda: getattr(room.screen, "news", "") == "kiosk-1", what="its name")
    room.until(lambda: getattr(room.screen, "news", "") != "kiosk-1", what="its name gone")
    room.until(
        lambda: room.cues[:1] == [Cue.HELP] and room.cues[-1] == Cue.OFF,
        what="a light that blinked",
    )
    ask(plain_store, room, "message", text="")
    room.until(lambda: getattr(room.screen, "news", "") == "", what="the message taken down")


def test_diagnose_tells_of_the_station_and_nothing_of_a_child(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker)
    room.stock()
    room.devices.lost("gate", f"the sticker {STICKER} would not take it")
    room.start()
    make_courier(broker)
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    data = ask(plain_store, room, "diagnose").data
    assert data["board"] == {"heat": "41 °C"}
    assert data["devices"]["gate"] == "the sticker … would not take it"
    assert data["policies"] == {}
    assert {"version", "boot", "clock", "backlog", "catalogue"} <= set(data)
    said = json.dumps(data, ensure_ascii=False)
    assert not [word for word in ("Mây", "BD-1", CARD, STICKER) if word in said]


def test_an_old_command_is_not_done(broker: LocalBroker, make_room: Any) -> None:
    room = make_room(broker)
    room.stock()
    room.start()
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    told = {"id": str(uuid.uuid4()), "name": "restart_screen", "args": {}, "expires": LATER, "ttl_s": 1}
    with Listener(broker, "gocdoc/1/kiosk-1/res/#") as listener:
        room.until_linked()
        listener.say("gocdoc/1/kiosk-1/cmd/restart_screen", json.dumps(told))
        listener.until(lambda: bool(listener.heard))
        answer = json.loads(listener.heard[0][1])
    assert (answer["id"], answer["status"]) == (told["id"], "expired")
    assert room.restarts == 0
    assert room.facts("command.done") == [{"command": "restart_screen", "id": told["id"], "how": "expired"}]


def test_a_command_nobody_answers_ends_at_the_centre(store: CentralStore) -> None:
    now = datetime.now(UTC)
    made = commands.send(store, "kiosk-9", "sync", expires=timedelta(minutes=5), now=now)
    with store.writing() as connection:
        commands.end_old(connection, now + timedelta(minutes=5, seconds=30))
    assert found(store, made).open, "an answer may be on its way"
    with store.writing() as connection:
        commands.end_old(connection, now + timedelta(minutes=7))
        assert commands.due(connection, ["kiosk-9"], now + timedelta(minutes=7)) == []
    assert found(store, made).status == "expired"


@pytest.mark.parametrize(
    ("station", "name", "args", "words"),
    [
        ("Kiosk 1", "sync", {}, "not a station's name"),
        ("all", "sync", {}, "not a station's name"),
        ("kiosk-1", "reboot", {}, "no command; there are restart_screen"),
        ("kiosk-1", "out_of_order", {"on": 1}, "'on' must be true or false"),
        ("kiosk-1", "message", {"text": "x" * 241}, "at most 240 letters"),
        ("kiosk-1", "message", {"text": "a\u202eb"}, "none of them invisible"),
        ("kiosk-1", "identify", {"seconds": True}, "whole number from 1 to 120"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_centre(
    plain_store: CentralStore, station: str, name: str, args: dict[str, Any], words: str
) -> None:
    with pytest.raises(NotSent, match=words):
        commands.send(plain_store, station, name, args)


HOSTILE: list[tuple[str, Any]] = [
    ("sync", b"\xff\xfe"),
    ("sync", b"[" * 100_000),
    ("sync", b"{}"),
    ("sync", {"id": 7}),
    ("sync", {"id": "../../etc/passwd"}),
    ("sync", {"name": "restart_screen"}),
    ("sync", {"args": []}),
    ("sync", {"ttl_s": 1.5}),
    ("sync", {"ttl_s": 1 << 80}),
    ("sync", {"expires": "tomorrow"}),
    ("sync", {"expires": "2026-11-24T00:00:00"}),
    ("message", {"name": "message", "args": {"text": ["x"]}}),
    ("message", {"name": "message", "args": {"text": "\ud800"}}),
    ("message", {"name": "message", "args": {"text": "x" * 5000}}),
    ("out_of_order", {"name": "out_of_order", "args": {"on": "yes"}}),
    ("identify", {"name": "identify", "args": {"seconds": 10**9}}),
    ("reboot", {"name": "reboot"}),
    ("..-sync", {"name": "..-sync"}),
]


def test_hostile_commands_are_refused_recorded_and_never_done(broker: LocalBroker, make_room: Any) -> None:
    room = make_room(broker).start()
    room.until_linked()
    screens = list(room.screens)
    with Listener(broker, "gocdoc/1/kiosk-1/res/#") as listener:
        for name, told in HOSTILE:
            whole = {"id": str(uuid.uuid4()), "name": "sync", "args": {}, "expires": LATER, "ttl_s": 60}
            payload = told if isinstance(told, bytes) else json.dumps(whole | told)
            listener.say(f"gocdoc/1/kiosk-1/cmd/{name}", payload)
        listener.until(lambda: len(listener.heard) == len(HOSTILE))
        statuses = [json.loads(payload)["status"] for _, payload, _ in listener.heard]
    assert statuses == ["refused"] * 16 + ["unknown"] * 2
    recorded = room.facts("command.done")
    assert [one["how"] for one in recorded] == statuses
    assert recorded[-1]["command"] == "unknown", "a name from outside is not repeated"
    assert (room.restarts, room.syncs, room.screens) == (0, 0, screens)


def test_a_flood_of_refusals_does_not_flood_the_facts(broker: LocalBroker, make_room: Any) -> None:
    room = make_room(broker).start()
    room.until_linked()
    good = {"id": str(uuid.uuid4()), "name": "sync", "args": {}, "expires": LATER, "ttl_s": 60}
    with Listener(broker, "gocdoc/1/kiosk-1/res/sync") as listener:
        for _ in range(200):
            listener.say("gocdoc/1/kiosk-1/cmd/sync", b"{}")
        listener.say("gocdoc/1/kiosk-1/cmd/sync", json.dumps(good))
        listener.until(
            lambda: any(b"done" in payload for payload in listener.on("gocdoc/1/kiosk-1/res/sync"))
        )
    assert len(room.facts("command.done")) == 31
    assert room.syncs == 1


def test_the_broker_drops_a_command_that_is_over_before_it_is_handed_on(
    broker: LocalBroker, plain_store: CentralStore, make_courier: Any
) -> None:
    commands.send(plain_store, "kiosk-1", "sync", expires=timedelta(minutes=5))
    with Listener(broker, "gocdoc/1/kiosk-1/cmd/+") as listener:
        expiries: list[int] = []
        listener.client.on_message = lambda _client, _data, message: expiries.append(
            message.properties.MessageExpiryInterval
        )
        make_courier(broker)
        listener.say("gocdoc/1/kiosk-1/state", json.dumps({"online": True, "session": "s"}), retain=True)
        listener.until(lambda: bool(expiries))
    assert 290 <= expiries[0] <= 300


def test_a_station_answers_only_what_it_was_asked(
    broker: LocalBroker, plain_store: CentralStore, make_courier: Any
) -> None:
    made = commands.send(plain_store, "kiosk-2", "sync")
    make_courier(broker)
    state = json.dumps({"online": True, "session": "s"})
    with Listener(broker, "gocdoc/1/kiosk-2/cmd/#") as listener:
        listener.say("gocdoc/1/kiosk-2/state", state, retain=True)
        listener.until(lambda: bool(listener.heard))
        answer = {"id": made, "status": "done", "words": "", "data": {}}
        for kiosk, name, told in (
            ("kiosk-1", "sync", answer),
            ("kiosk-2", "diagnose", answer),
            ("kiosk-2", "sync", answer | {"status": "great"}),
            ("kiosk-2", "sync", answer | {"words": 5}),
            ("kiosk-2", "sync", answer | {"words": "nul\0"}),
        ):
            listener.say(f"gocdoc/1/{kiosk}/res/{name}", json.dumps(told))
        listener.say("gocdoc/1/kiosk-2/res/sync", b"\xff")
        listener.say("gocdoc/1/kiosk-2/res/sync", json.dumps(answer | {"words": "right"}))
        listener.until(lambda: not found(plain_store, made).open)
    assert found(plain_store, made).words == "right"


# --- lending rules ------------------------------------------------------------------------------------------

ONE_BOOK = {"default": {"max_loans": 0, "loan_days": 7, "max_renewals": 0}, "closed_weekdays": [7]}


def test_rules_count_from_the_next_visit_on_and_are_answered(
    broker: LocalBroker, plain_store: CentralStore, make_room: Any, make_courier: Any
) -> None:
    room = make_room(broker)
    room.stock()
    room.start()
    make_courier(broker)
    room.pad(CARD)
    room.until(lambda: isinstance(room.screen, Hello))
    assert policies.put(plain_store, ONE_BOOK, by="cô Lan") == 1

    def told() -> list[tuple[str, int, str]]:
        with plain_store.reading() as connection:
            return [(one.source, one.version, one.status) for one in policies.answers(connection)]

    room.until(lambda: told() == [("all", 1, "kept")], what="the station's answer")
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Lent), what="a visit ends as it began")
    room.pad()
    room.until(lambda: isinstance(room.screen, Welcome))
    room.pad(STICKER)
    room.pad()
    room.until(lambda: isinstance(room.screen, Welcome))
    room.pad(CARD)
    room.pad(CARD, STICKER)
    room.until(lambda: isinstance(room.screen, Refused), what="no books any more")
    assert room.facts("settings.changed") == [{"source": "all", "version": 1}]
    assert policies.put(plain_store, ONE_BOOK, station="kiosk-1") == 1
    room.until(lambda: ("own", 1, "kept") in told())
    policies.take_back(plain_store, station="kiosk-1")
    policies.take_back(plain_store)
    room.until(lambda: told() == [("all", 0, "none"), ("own", 0, "none")], what="rules taken back")
    assert room.desk._house.rules.default.max_loans in {0, 3}
    assert policies.put(plain_store, ONE_BOOK) == 3, "no number is given twice"


def test_rules_are_kept_over_a_restart(broker: LocalBroker, make_room: Any) -> None:
    room = make_room(broker).start()
    document = ONE_BOOK | {"version": 4}
    with Listener(broker, "gocdoc/1/kiosk-1/res/policy") as listener:
        listener.say("gocdoc/1/all/policy", json.dumps(document), retain=True)
        listener.until(lambda: bool(listener.heard))
        listener.say("gocdoc/1/all/policy", b"", retain=True)
    room.until(lambda: len(room.facts("settings.changed")) == 2)
    with Listener(broker, "gocdoc/1/kiosk-1/res/policy") as listener:
        listener.say("gocdoc/1/all/policy", json.dumps(document), retain=True)
        listener.until(lambda: bool(listener.heard))
    room.close()
    again = make_room(broker).start(linked=False)
    again.until(lambda: again.desk._house.rules.default.max_loans == 0)


BAD_RULES: list[tuple[Any, str]] = [
    (b"\xff", "not JSON"),
    (b"[]", "must be a JSON object"),
    ({"default": {"max_loans": 3, "loan_days": 0, "max_renewals": 1}}, "default.loan_days"),
    ({"default": {"max_loans": True, "loan_days": 1, "max_renewals": 1}}, "default.max_loans"),
    ({"default": {"max_loans": 10**30, "loan_days": 1, "max_renewals": 1}}, "default.max_loans"),
    ({"categories": {"A b": {}}}, "no code word"),
    ({"categories": {"lop": {"max_loans": 1}}}, "categories.lop.loan_days"),
    ({"closed_weekdays": [1, 2, 3, 4, 5, 6, 7]}, "leave one open"),
    ({"closed_weekdays": [0]}, "none of 1"),
    ({"closed_days": ["2027-02-30"]}, "is no day"),
    ({"closed_days": ["9999-01-01"]}, "between 2000 and 2100"),
    ({"version": 0}, "version must be"),
    ({"version": 2, "default": {"max_loans": 9, "loan_days": 9, "max_renewals": 9}}, "is older than 3"),
    ({"version": 3, "default": {"max_loans": 9, "loan_days": 9, "max_renewals": 9}}, "says something else"),
]


def test_bad_rules_are_refused_whole_and_the_good_ones_stay(broker: LocalBroker, make_room: Any) -> None:
    room = make_room(broker).start()
    room.until_linked()
    topic = "gocdoc/1/kiosk-1/res/policy"
    with Listener(broker, topic) as listener:
        listener.say("gocdoc/1/kiosk-1/policy", json.dumps(ONE_BOOK | {"version": 3, "motto": "đọc"}))
        listener.until(lambda: len(listener.heard) == 1)
        first = json.loads(listener.heard[0][1])
        assert (first["status"], first["words"]) == (
            "kept",
            "the key motto is not known here and was left out",
        )
        for n, (told, words) in enumerate(BAD_RULES, start=2):
            payload = told if isinstance(told, bytes) else json.dumps(ONE_BOOK | {"version": 5} | told)
            listener.say("gocdoc/1/kiosk-1/policy", payload)
            listener.until(lambda n=n: len(listener.heard) == n)
            answer = json.loads(listener.heard[-1][1])
            assert (answer["status"], answer["version"]) == ("refused", 3), told
            assert words in answer["words"]
    assert room.desk._house.book._coming.default.max_loans == 0
    assert room.facts("settings.changed") == [{"source": "own", "version": 3}]


def test_rules_and_answers_are_kept_in_each_kind_of_database(store: CentralStore) -> None:
    assert policies.put(store, ONE_BOOK, by="cô Lan") == 1
    assert policies.put(store, ONE_BOOK, station="kiosk-1") == 1
    told = PolicyAnswer("all", 7, "kept", "một từ")
    with store.writing() as connection:
        for _ in range(2):
            policies.told(connection, "kiosk-2", told, datetime.now(UTC))
        made = commands.send(connection, "kiosk-1", "message", {"text": "Chào"}, by="cô Lan")
        ((station, command),) = commands.due(connection, ["kiosk-1", "kiosk-2"], datetime.now(UTC))
        assert (station, command.id, dict(command.args)) == ("kiosk-1", made, {"text": "Chào", "minutes": 60})
        assert commands.due(connection, ["kiosk-1"], datetime.now(UTC)) == [], "not again at once"
        commands.send_anew(connection, "kiosk-1")
        assert len(commands.due(connection, ["kiosk-1"], datetime.now(UTC))) == 1
        answer = Answer(made, "message", "done", "xong", {"nul": "\0"})
        assert not commands.answered(connection, "kiosk-2", answer, datetime.now(UTC))
        assert commands.answered(connection, "kiosk-1", answer, datetime.now(UTC))
        assert not commands.answered(connection, "kiosk-1", answer, datetime.now(UTC))
    with store.reading() as connection:
        assert [(one.station, one.version) for one in policies.answers(connection)] == [("kiosk-2", 7)]
        document = policies.current(connection, "kiosk-1")
        assert document is not None
        assert document.default.max_loans == 0
    assert found(store, made).data == {"nul": "\0"}
    assert policies.put(store, ONE_BOOK) == 8, "a station knows of a version that this database forgot"


def test_bad_rules_do_not_leave_the_centre(plain_store: CentralStore) -> None:
    with pytest.raises(NotPut, match="default must be an object"):
        policies.put(plain_store, {})
    with pytest.raises(NotPut, match="the key motto is not known"):
        policies.put(plain_store, ONE_BOOK | {"motto": 1})
    with pytest.raises(NotPut, match="not a station's name"):
        policies.put(plain_store, ONE_BOOK, station="all")


def test_rules_are_read_from_a_stations_own_settings_file() -> None:
    rules = policies.read_file("[lending]\nclosed_days = [2027-02-06]\n[lending.default]\nmax_loans = 2\n")
    assert rules == {"closed_days": ["2027-02-06"], "default": {"max_loans": 2}}
    with pytest.raises(NotPut, match="neither JSON nor TOML"):
        policies.read_file("= 3")


# --- the shipped access rules -------------------------------------------------------------------------------


def test_the_access_rules_let_a_station_hear_its_own_and_say_only_answers(
    guarded_broker: LocalBroker,
    plain_store: CentralStore,
    make_room: Any,
    make_courier: Any,
    tmp_path: Path,
) -> None:
    for name, password in (INGEST, STATION):
        (tmp_path / name).write_text(password)
    make_courier(guarded_broker, username=INGEST[0], password_file=tmp_path / INGEST[0])
    room = make_room(guarded_broker, username="kiosk-1", password_file=tmp_path / "kiosk-1").start()
    assert ask(plain_store, room, "diagnose").status == "done"
    policies.put(plain_store, ONE_BOOK)
    room.until(lambda: room.facts("settings.changed") == [{"source": "all", "version": 1}])
    with (
        Listener(guarded_broker, "gocdoc/1/#", login=INGEST) as ingest,
        Listener(guarded_broker, "gocdoc/1/#", login=("kiosk-2", "of the other")) as other,
        Listener(guarded_broker, login=STATION) as station,
    ):
        for topic in (
            "gocdoc/1/kiosk-1/cmd/sync",
            "gocdoc/1/kiosk-2/cmd/sync",
            "gocdoc/1/kiosk-2/res/sync",
            "gocdoc/1/kiosk-1/policy",
            "gocdoc/1/all/policy",
            "gocdoc/1/cat/all/head",
            "gocdoc/1/cat/all/s1/1",
        ):
            station.say(topic, b"forged", retain=True)
        station.say("gocdoc/1/kiosk-1/res/sync", b"own")
        ingest.until(lambda: b"own" in ingest.on("gocdoc/1/kiosk-1/res/sync"))
        ingest.say("gocdoc/1/kiosk-1/cmd/sync", b"{}")
        ingest.say("gocdoc/1/cat/all/head", b"for all", retain=True)
        other.until(lambda: b"for all" in other.on("gocdoc/1/cat/all/head"))
    assert not [topic for topic, payload, _ in ingest.heard + other.heard if payload == b"forged"]
    foreign = [topic for topic, _, _ in other.heard if "kiosk-1" in topic]
    assert foreign == [], "nobody hears another station's commands, answers or rules"
