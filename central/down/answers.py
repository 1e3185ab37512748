"""What stations say on their result topics, held against its contract and written down; and who is there.

Text from a station is as hostile as any: whose answer it is, the topic says, and only who was asked is heard.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime

from central import catalogue, commands, policies
from central.catalogue import Held
from central.store import CentralStore
from kiosk.catalogue import SCOPE
from kiosk.commands import Answer, CommandError, parse_answer
from kiosk.facts import KIOSK_ID
from kiosk.policy import PolicyAnswer, PolicyError, parse_policy_answer

log = logging.getLogger(__name__)

MAX_WORD = 2_048
MOST_WAITING = 10_000
_STATES = frozenset({"held", "loading", "missing", "refused"})


class Answers:
    """Collects inside the courier's thread; `write` commits."""

    def __init__(self, store: CentralStore) -> None:
        self._store = store
        self.online: set[str] = set()
        self._sessions: dict[str, str] = {}
        self._born: set[str] = set()
        self._missing: set[str] = set()
        self._waiting: list[tuple[str, Answer | PolicyAnswer | dict[str, object]]] = []

    def state(self, station: str, payload: bytes) -> None:
        """A birth or a will. A late will of an older session takes nobody away."""
        if not KIOSK_ID.fullmatch(station):
            return
        try:
            told = json.loads(payload[:16_384])
            online, session = told["online"] is True, str(told["session"])[:64]
        except (ValueError, RecursionError, KeyError, TypeError):
            return  # the ingest keeps what is no birth
        if online:
            if self._sessions.get(station) != session:
                self._born.add(station)
            self._sessions[station] = session
            self.online.add(station)
        elif self._sessions.get(station, session) == session:
            self.online.discard(station)

    def came(self, station: str, name: str, payload: bytes) -> None:
        """An answer. What is none is said in the log, and forgotten."""
        if not KIOSK_ID.fullmatch(station) or len(self._waiting) >= MOST_WAITING:
            return
        try:
            if name == "policy":
                self._waiting.append((station, parse_policy_answer(payload)))
            elif name == "catalogue":
                self._waiting.append((station, _progress(payload)))
            else:
                self._waiting.append((station, parse_answer(name, payload)))
        except (PolicyError, CommandError) as error:
            log.warning("what %s said on res/%s was ignored: %s", station, name[:40], error)

    def take_births(self) -> bool:
        """Whether stations have begun anew, or something is to be written."""
        return bool(self._born or self._waiting)

    def take_missing(self) -> set[str]:
        """Catalogues of which a station could not find a part."""
        missing, self._missing = self._missing, set()
        return missing

    def write(self, now: datetime) -> None:
        """Commit what came. Raises DatabaseUnusable: then commands are asked again, and answered again."""
        born, self._born = self._born, set()
        waiting, self._waiting = self._waiting, []
        if not born and not waiting:
            return
        with self._store.writing() as connection:
            for station in sorted(born):
                commands.send_anew(connection, station)
            for station, said in waiting:
                match said:
                    case PolicyAnswer():
                        policies.told(connection, station, said, now)
                    case Answer():
                        if not commands.answered(connection, station, said, now):
                            log.info(
                                "%s answered %s %s, which waits for none", station, said.name, said.status
                            )
                    case dict():
                        one = Held(station=station, at=now, **said)  # type: ignore[arg-type]
                        catalogue.told(connection, one)
                        if one.state == "missing":
                            self._missing.add(one.scope)


def _progress(payload: bytes) -> dict[str, object]:
    try:
        told = json.loads(payload[:MAX_WORD])
    except (ValueError, RecursionError) as error:
        raise CommandError("the message is not JSON") from error
    if not isinstance(told, dict):
        raise CommandError("the message is not a JSON object")
    numbers = {key: told.get(key) for key in ("version", "part", "parts")}
    if not all(type(value) is int and 0 <= value < 1 << 31 for value in numbers.values()):
        raise CommandError("'version', 'part' and 'parts' must be whole numbers")
    scope, state = told.get("scope"), told.get("state")
    known = isinstance(state, str) and state in _STATES
    if not known or not isinstance(scope, str) or not SCOPE.fullmatch(scope):
        raise CommandError("'scope' or 'state' is none of ours")
    return {"scope": scope, "state": state, **numbers}
