"""What comes down from the centre, as the link's thread sees it: heard, handed to the desk thread, answered.

Rules and commands are only carried. The catalogue is fetched here: one part at a time, by subscribing to the
one topic the broker keeps it on, so that nothing queues anywhere and a line of 64 kbit/s carries it beside
everything else; the next part is asked for when one is here.
"""

from __future__ import annotations

import json
import logging
import math
import queue
from collections.abc import Callable
from typing import Protocol

from kiosk.catalogue import CatalogueError, Edition, Head, parse_head, scope_of, sha256, unpack
from kiosk.commands import MAX_COMMAND
from kiosk.events import CommandCame, EditionChosen, EditionWhole, PartCame, PolicyCame
from kiosk.facts import EVERY_STATION
from kiosk.link.connection import Connection
from kiosk.policy import MAX_POLICY
from kiosk.ports import Post
from kiosk.topics import topic_catalogue, topic_command, topic_policy, topic_result

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""A part that does not come within this is asked for again: 32 KiB take four seconds at 64 kbit/s."""
LONGEST_PATIENCE_S = 900.0
KEEPING_S = 20.0
"""What the desk thread has not kept within this is fetched again."""
MOST_UNSAID = 200


class LoadingState(Protocol):
    """How far a catalogue is."""

    @property
    def edition(self) -> Edition:
        """What is loaded."""
        ...

    @property
    def whole(self) -> bool:
        """All of it is here."""
        ...


class State(Protocol):
    """Which catalogue the station holds."""

    @property
    def scope(self) -> str:
        """Its name."""
        ...

    @property
    def generation(self) -> str:
        """Of the centre that numbered its versions."""
        ...

    @property
    def version(self) -> int:
        """0 = none."""
        ...

    @property
    def loading(self) -> LoadingState | None:
        """What is on its way."""
        ...


class Holdings(Protocol):
    """Reads what the desk thread has kept. Made and used inside the link's thread."""

    def state(self) -> State:
        """How far the catalogue is."""
        ...

    def index(self) -> bytes:
        """The digests of the parts of what is being loaded."""
        ...

    def parts(self, of: str) -> frozenset[int]:
        """Which parts of the edition with this digest are here."""
        ...

    def is_whole(self, edition: Edition) -> bool:
        """Whether the parts together have the edition's digest."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...


OpenHoldings = Callable[[], Holdings]


class Downlink:
    """Everything the centre sends down, but for acks and news. Used by the link's thread, but for `say`.

    The catalogue of this station comes before that of its `library`, and that before the one for all.
    """

    def __init__(
        self,
        *,
        kiosk: str,
        library: str,
        holdings: OpenHoldings,
        post: Post,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._kiosk, self._open, self._post = kiosk, holdings, post
        self._patience_s = patience_s
        self._scopes = _scopes(kiosk, library)
        self._policies = {topic_policy(kiosk): "own", topic_policy(EVERY_STATION): "all"}
        self._heads_at = {topic_catalogue(scope): scope for scope in self._scopes}
        self._unsaid: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._complained: set[str] = set()
        self._holdings: Holdings | None = None
        self._forget()

    def _forget(self) -> None:
        self._heads: dict[str, Head | None] = {}
        self._asked = ""  # the topic that is waited for
        self._asked_for: tuple[str, Edition, int] = ("", _NOTHING, 0)
        self._came: bytes | None = None
        self._again_at = math.inf
        self._stalls = 0
        self._handed: dict[
            int, float
        ] = {}  # parts the desk thread has, and until when it may take to keep them
        self._handed_of = ""
        self._bad: set[str] = set()  # editions that are not what they should be; until the head changes
        self._told = ""
        self._check_at = 0.0  # the whole is held against its digest not before

    def say(self, name: str, payload: bytes) -> None:
        """Answer on a result topic when the link is up. From any thread, never blocks.

        What is not said because the link is down is asked for again by the centre.
        """
        if self._unsaid.qsize() < MOST_UNSAID:
            self._unsaid.put((name, payload))

    @property
    def is_loading(self) -> bool:
        """A part is on its way. What else the line carries waits behind it."""
        return bool(self._asked)

    def begin(self, connection: Connection) -> None:
        """A connection has begun: hear everything anew. Raises LinkError, StoreError."""
        self._forget()
        self.end()
        self._holdings = self._open()
        connection.subscribe(topic_command(self._kiosk, "+"), *self._policies, *self._heads_at)

    def end(self) -> None:
        """The connection is over."""
        if self._holdings is not None:
            self._holdings.close()
            self._holdings = None

    def hear(self, topic: str, payload: bytes) -> bool:
        """Take a message; False when it is none of ours. Never raises for what it says."""
        commands = topic_command(self._kiosk, "")
        if topic.startswith(commands):
            # One byte more tells the desk thread that it is too long, and how long it is matters to nobody.
            self._post(CommandCame(topic[len(commands) :], payload[: MAX_COMMAND + 1]))
        elif topic in self._policies:
            self._post(PolicyCame(payload[: MAX_POLICY + 1], self._policies[topic]))
        elif topic in self._heads_at:
            self._hear_head(self._heads_at[topic], payload)
        elif topic == self._asked:
            self._came = payload
        else:
            return False
        return True

    def tend(self, connection: Connection, now: float) -> None:
        """Say what waits to be said, ask for what is wanted next. Raises LinkError, StoreError."""
        if self._came is not None:
            payload, self._came = self._came, None
            connection.unsubscribe(self._asked)
            self._asked, self._again_at, self._stalls = "", math.inf, 0
            self._take(payload, now)
        if now >= self._again_at:
            self._stalls += 1
            self._report("missing", self._asked_for[2])
            connection.unsubscribe(self._asked)
            self._asked, self._again_at = "", math.inf
        if not self._asked:
            self._ask(connection, now)
        self.say_all(connection)

    def say_all(self, connection: Connection) -> None:
        """Send the answers. Raises LinkError."""
        while not self._unsaid.empty():
            name, payload = self._unsaid.get()
            connection.publish(topic_result(self._kiosk, name), payload)

    def wake_at(self) -> float:
        """When to tend again at the latest (time.monotonic)."""
        return min(self._again_at, *self._handed.values()) if self._handed else self._again_at

    # --- the catalogue -------------------------------------------------------------------------------

    def _hear_head(self, scope: str, payload: bytes) -> None:
        try:
            self._heads[scope] = parse_head(payload)
        except CatalogueError as error:
            self._complain(f"the head of the catalogue {scope} was ignored: {error}")
            return
        self._bad.clear()
        self._stalls = 0

    def _ask(self, connection: Connection, now: float) -> None:
        """Ask for the next part of what this station lacks."""
        scope = next((one for one in self._scopes if self._heads.get(one) is not None), "")
        head = self._heads.get(scope)
        if head is None or self._holdings is None:
            return
        state = self._holdings.state()
        loading = state.loading
        if loading is not None and loading.whole:
            return  # it is being put in; the desk thread nudges when that is done
        ours = (state.scope, state.generation) == (scope, head.generation)
        edition = head.next_from(state.version if ours else 0)
        if ours and loading is not None and loading.edition in head.editions and loading.edition.base in {
            0, state.version,
        }:  # fmt: skip
            edition = loading.edition  # what was begun is finished first, as long as the centre still has it
        if edition is None:
            self._report("held", 0, scope, state.version)
            return
        if edition.sha256 in self._bad:
            return
        if not ours or loading is None or loading.edition != edition:
            if self._handed.get(0, 0.0) <= now:  # else: the desk thread has its index
                self._want(connection, scope, edition, 0, now)
            return
        if self._handed_of != edition.sha256:
            self._handed, self._handed_of, self._check_at = {}, edition.sha256, 0.0
        here = self._holdings.parts(edition.sha256)
        self._handed = {n: until for n, until in self._handed.items() if n not in here and until > now and n}
        for n in range(1, edition.parts + 1):
            if n not in here and n not in self._handed:
                self._want(connection, scope, edition, n, now)
                return
        if not self._handed and now >= self._check_at:
            self._check_at = now + KEEPING_S
            good = self._holdings.is_whole(edition)
            if not good:
                self._bad.add(edition.sha256)
                self._report("refused", edition.parts)
                self._complain(f"the catalogue {scope}, {edition.name}, is not whole as it was kept")
            self._post(EditionWhole(edition.sha256, good))

    def _want(self, connection: Connection, scope: str, edition: Edition, n: int, now: float) -> None:
        self._asked = topic_catalogue(scope, edition.name, n)
        self._asked_for = (scope, edition, n)
        self._again_at = now + min(LONGEST_PATIENCE_S, self._patience_s * 2.0 ** min(self._stalls, 10))
        connection.subscribe(self._asked)
        if n % 16 == 1:
            self._report("loading", n)

    def _take(self, payload: bytes, now: float) -> None:
        scope, edition, n = self._asked_for
        try:
            if n == 0:
                self._take_index(scope, edition, payload)
            else:
                self._take_part(edition, n, payload)
        except CatalogueError as error:
            # It stays refused until the centre says something new: asking again would bring it again.
            self._bad.add(edition.sha256)
            self._report("refused", n)
            self._complain(f"the catalogue {scope}, {edition.name} part {n} was refused: {error}")
            return
        self._handed[n] = now + KEEPING_S

    def _take_index(self, scope: str, edition: Edition, payload: bytes) -> None:
        if len(payload) != 32 * edition.parts or sha256(payload).hex() != edition.index:
            raise CatalogueError("the index is not the one its head promises")
        head = self._heads.get(scope)
        generation = head.generation if head else ""
        self._handed, self._handed_of, self._check_at = {}, edition.sha256, 0.0
        self._post(EditionChosen(scope, generation, edition, payload))

    def _take_part(self, edition: Edition, n: int, payload: bytes) -> None:
        index = self._holdings.index() if self._holdings else b""
        if sha256(payload) != index[32 * (n - 1) : 32 * n]:
            raise CatalogueError("the part is not the one its index promises")
        unpack(payload)  # what cannot be read is refused here, where nobody waits
        self._post(PartCame(edition.sha256, n, payload))

    def _report(self, state: str, part: int, scope: str = "", version: int = 0) -> None:
        """Tell the centre how far it is, for the librarians' page; each thing once."""
        _, edition, _ = self._asked_for
        told = {
            "state": state,
            "scope": scope or self._asked_for[0],
            "version": version or edition.version,
            "edition": "" if state == "held" else edition.name,
            "part": part,
            "parts": 0 if state == "held" else edition.parts,
        }
        payload = json.dumps(told, separators=(",", ":"))
        if payload != self._told or state == "missing":
            self._told = payload
            self.say("catalogue", payload.encode())

    def _complain(self, words: str) -> None:
        if words not in self._complained and len(self._complained) < 100:
            self._complained.add(words)
            log.error("%s", words)


_NOTHING = Edition("s1", 0, 1, 1, 1, "0" * 64, "0" * 64)


def _scopes(kiosk: str, library: str) -> tuple[str, ...]:
    scopes = [scope_of(station=kiosk), scope_of()]
    if library:
        try:
            scopes.insert(1, scope_of(library=library))
        except CatalogueError as error:
            log.error("[station] library: %s", error)  # noqa: TRY400
    return tuple(scopes)
