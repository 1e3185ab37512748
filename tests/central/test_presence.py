"""Connected is a fact of its own: from births and wills, by session, over the real wire."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from central.broker import LocalBroker
from tests.central.centre import Centre
from tests.central.corner import Corner, loans
from tests.central.wire import Listener

pytestmark = pytest.mark.broker

STATE = "gocdoc/1/kiosk-1/state"


def birth(session: str, next_seq: int = 1, epoch: str = "e1") -> str:
    return json.dumps(
        {"online": True, "session": session, "epoch": epoch, "next_seq": next_seq, "version": "1"}
    )


def gone(session: str) -> str:
    return json.dumps({"online": False, "session": session})


def station(centre: Centre) -> dict[str, Any]:
    found = [one for one in centre.get("/api/stations")["stations"] if one["id"] == "kiosk-1"]
    return found[0] if found else {"connected": None}


def wait(reached: Callable[[], bool], seconds: float = 10.0) -> None:
    limit = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < limit, "it never came to that"
        time.sleep(0.02)


def test_a_station_is_shown_while_it_is_there(
    broker: LocalBroker, centre: Centre, make_corner: Callable[..., Corner]
) -> None:
    corner = make_corner(broker)
    corner.report(*loans(3))
    corner.uplink.start()
    corner.until_drained()
    wait(lambda: station(centre)["connected"] is True)
    assert station(centre)["version"] == "1.2.3"
    assert station(centre)["behind"] == 0
    corner.uplink.stop()
    wait(lambda: station(centre)["connected"] is False)


def test_a_killed_station_is_shown_as_gone_by_its_will(broker: LocalBroker, centre: Centre) -> None:
    with Listener(broker, will=(STATE, gone("s1"))) as kiosk:
        kiosk.say(STATE, birth("s1"), retain=True)
        wait(lambda: station(centre)["connected"] is True)
        began = time.monotonic()
        kiosk.client.socket().close()  # type: ignore[union-attr]
        wait(lambda: station(centre)["connected"] is False)
        assert time.monotonic() - began < 3


def test_the_will_of_an_old_session_never_marks_a_live_station_as_gone(
    broker: LocalBroker, centre: Centre
) -> None:
    with Listener(broker) as kiosk:
        kiosk.say(STATE, birth("new"), retain=True)
        kiosk.say(STATE, gone("old"))
        kiosk.say(STATE, birth("new", next_seq=9), retain=True)
        wait(lambda: station(centre).get("behind") == 8)  # everything before was taken in
        assert station(centre)["connected"] is True


def test_a_restarted_centre_learns_anew_who_is_there(
    broker: LocalBroker, centre: Centre, make_corner: Callable[..., Corner]
) -> None:
    corner = make_corner(broker)
    corner.uplink.start()
    with Listener(broker) as other:
        other.say("gocdoc/1/kiosk-2/state", birth("s2"), retain=True)
        wait(lambda: len(centre.get("/api/stations")["stations"]) == 2)
        centre.kill()
        other.say("gocdoc/1/kiosk-2/state", gone("s2"), retain=True)
    centre.start()

    def connected() -> dict[str, bool]:
        return {one["id"]: one["connected"] for one in centre.get("/api/stations")["stations"]}

    wait(lambda: connected() == {"kiosk-1": True, "kiosk-2": False})


def test_a_birth_is_answered_with_where_the_centre_stands(broker: LocalBroker, centre: Centre) -> None:
    with Listener(broker, "gocdoc/1/kiosk-1/ack") as kiosk:
        kiosk.say(STATE, birth("s1"), retain=True)
        kiosk.until(lambda: len(kiosk.heard) >= 1)
        answer = json.loads(kiosk.heard[0][1])
    assert answer["gen"]
    assert answer | {"gen": ""} == {
        "gen": "", "epoch": "e1", "upto": 0, "missing": [], "verdict": "ok", "last": "",
    }  # fmt: skip


def test_poison_on_the_wire_is_set_aside_and_the_rest_goes_on(
    broker: LocalBroker, centre: Centre, make_corner: Callable[..., Corner]
) -> None:
    corner = make_corner(broker)
    poison = [b"", b"\xff", b"[]", b"{", b"null", b"[" * 3000, b"x" * 70_000, b'{"specversion":"1.0"}']
    with Listener(broker) as enemy:
        for payload in poison:
            enemy.say("gocdoc/1/kiosk-1/evt/loan", payload)
            enemy.say(STATE, payload or b"-")
        enemy.say("gocdoc/1/KIOSK 9/evt/loan", b"{}")
        enemy.client.publish("gocdoc/1/kiosk-1/evt/loan", b"x" * 140_000, qos=1)
        time.sleep(0.1)
    corner.report(*loans(5))
    corner.uplink.start()
    corner.until_drained()
    found = centre.counts()
    assert (found["facts"], found["loans"], found["quarantined"]) == (5, 5, 0)
    assert found["deadletters"] == 2 * len(poison)
    assert centre.counts("(none)")["deadletters"] == 1
    assert station(centre)["deadletters"] == 2 * len(poison)
