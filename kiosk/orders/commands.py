"""The centre's commands at the station: each done once, at a moment that disturbs nobody, and answered.

How a command ended is durable before the answer is said: a command that comes again gets the same answer.
What changes the screen waits until nobody is at the desk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kiosk import facts
from kiosk.commands import (
    DONE,
    EXPIRED,
    FAILED,
    MAX_ANSWER,
    NAME,
    REFUSED,
    UNKNOWN,
    Answer,
    Command,
    CommandError,
    UnknownCommand,
    parse_command,
)
from kiosk.events import BoardRead, CommandCame, DeskEvent, Elapsed, NewsCame
from kiosk.model import Announcement, ClockQuality, Now
from kiosk.news import NewsError, notice
from kiosk.ports import StoreError
from kiosk.store import StationStore
from kiosk.store.incoming import Incoming
from kiosk.store.transaction import StationTransaction

log = logging.getLogger(__name__)

OUT_OF_ORDER = "out_of_order"
"""Where it is kept that the centre shut this station, and its words."""
WAIT_FOR_DESK = frozenset({"restart_screen", "identify", "out_of_order"})
MOST_WAITING = 20
MOST_REFUSED = 30
"""Refusals that are reported in an hour: whoever floods a station does not flood its facts."""
HOUR_MS = 3_600_000
CLOCK_SLACK = timedelta(seconds=60)
BLINK_MS = 3_000


@dataclass(frozen=True, slots=True)
class Hands:
    """What a command can do beyond the store; none of it may block.

    `shut`: out of order with these words from the next free moment on, None = open again. `diagnose`: what
    the station knows of itself at once; `board` reads the board and posts a BoardRead with the id it got.
    """

    restart: Callable[[], None] | None
    sync: Callable[[], None]
    shut: Callable[[str | None], None]
    blink: Callable[[bool], None]
    diagnose: Callable[[], Mapping[str, Any]]
    board: Callable[[str], None]


class Commands:
    """Owned by the desk thread. `say(name, payload)` answers the centre."""

    def __init__(
        self, store: StationStore, hands: Hands, say: Callable[[str, bytes], None], station: str
    ) -> None:
        self._store, self._hands, self._say, self._station = store, hands, say, station
        self._waiting: dict[str, tuple[Command, int]] = {}  # with the moment it is over (monotonic ms)
        self._refused = 0
        self._counted_since: int | None = None
        self._blink_until: int | None = None  # monotonic ms
        self._blink_at = 0

    def start(self, now: Now) -> None:
        """Take up whether the station is shut. Raises StoreError."""
        with self._store.begin(now) as work:
            words = Incoming(work).document(OUT_OF_ORDER)
        if words is not None:
            self._hands.shut(words.decode(errors="replace"))

    def came(self, event: CommandCame, now: Now) -> DeskEvent | None:
        """Take a command; an event for the desk when it changed what is on the screen. Raises StoreError."""
        try:
            command = parse_command(event.name, event.payload)
        except CommandError as error:
            status = UNKNOWN if isinstance(error, UnknownCommand) else REFUSED
            self._turn_away(event.name, error, status, now)
            return None
        if command.id in self._waiting:
            return None
        if (answer := self._ended_as(command.id, now)) is not None:
            self._say(command.name, answer)
            return None
        over = now.mono + command.ttl_s * 1000
        if self._is_over(command, over, now):
            self._end(command, self._expired(command, now), now)
            return None
        if len(self._waiting) >= MOST_WAITING:
            words = f"{MOST_WAITING} commands wait already until nobody is at the desk; send it later"
            self._end(command, Answer(command.id, command.name, REFUSED, words), now)
            return None
        if command.name in WAIT_FOR_DESK and not self._is_opening(command):
            self._waiting[command.id] = (command, over)
            return None
        return self._do(command, over, now)

    def look(self, now: Now, *, free: bool) -> DeskEvent | None:
        """Between two events: do what waited for a free desk, end what is over. Raises StoreError."""
        self._blink(now, free=free)
        for command, over in list(self._waiting.values()):
            if self._is_over(command, over, now):
                del self._waiting[command.id]
                answer = self._expired(command, now)
                if command.name == "diagnose":
                    answer = Answer(command.id, command.name, FAILED, "the board did not answer in time")
                self._end(command, answer, now)
                return None
            if free and command.name in WAIT_FOR_DESK:
                del self._waiting[command.id]
                return self._do(command, over, now)
        return None

    def board_read(self, event: BoardRead, now: Now) -> None:
        """The board told how it is: answer whoever asked. Raises StoreError."""
        command, _ = self._waiting.pop(event.id, (None, 0))
        if command is None:
            return
        data = dict(self._hands.diagnose()) | {"board": dict(event.readings)}
        answer = Answer(command.id, command.name, DONE, "", data)
        if len(answer.to_json()) > MAX_ANSWER:
            answer = Answer(command.id, command.name, FAILED, "there is more to say than an answer holds")
        self._end(command, answer, now)

    # --- doing ---------------------------------------------------------------------------------------

    def _do(self, command: Command, over: int, now: Now) -> DeskEvent | None:
        done = Answer(command.id, command.name, DONE)
        args = command.args
        match command.name:
            case "restart_screen" if (restart := self._hands.restart) is not None:
                self._end(command, done, now)
                restart()
            case "restart_screen":
                why = "nothing would start this station again: it does not run as a service"
                self._end(command, Answer(command.id, command.name, FAILED, why), now)
            case "sync":
                self._end(command, done, now)
                self._hands.sync()
            case "diagnose":
                self._waiting[command.id] = (command, over)
                self._hands.board(command.id)
            case "out_of_order":
                words = str(args["text"]) if args["on"] else None
                kept = None if words is None else words.encode()
                self._end(command, done, now, lambda work: Incoming(work).keep(OUT_OF_ORDER, kept))
                self._hands.shut(words)
                return Elapsed()
            case "message":
                return self._tell(command, "message", str(args["text"]), int(args["minutes"]) * 60, now)
            case "identify":
                seconds = int(args["seconds"])
                told = self._tell(command, "identify", self._station, seconds, now)
                self._blink_until, self._blink_at = now.mono + seconds * 1000, now.mono
                self._blink(now, free=True)
                return told
        return None

    def _tell(self, command: Command, source: str, text: str, seconds: int, now: Now) -> DeskEvent | None:
        told: tuple[Announcement, ...] = ()
        if text:
            try:
                one = notice(source, text, begins=now.wall, ends=now.wall + timedelta(seconds=seconds))
            except NewsError as error:
                self._end(command, Answer(command.id, command.name, REFUSED, str(error)), now)
                return None
            told = (Announcement(one.id, one.text, one.begins, one.ends),)
        done = Answer(command.id, command.name, DONE)
        self._end(command, done, now, lambda work: work.put_announcements(told, source=source))
        return NewsCame(told, source)

    def _blink(self, now: Now, *, free: bool) -> None:
        if self._blink_until is None or now.mono < self._blink_at:
            return
        on = now.mono < self._blink_until
        self._blink_at = min(now.mono + BLINK_MS, self._blink_until)
        if not on:
            self._blink_until = None
        if free:
            self._hands.blink(on)

    # --- ending --------------------------------------------------------------------------------------

    def _ended_as(self, command_id: str, now: Now) -> bytes | None:
        with self._store.begin(now) as work:
            return Incoming(work).answer_to(command_id)

    def _end(
        self,
        command: Command,
        answer: Answer,
        now: Now,
        also: Callable[[StationTransaction], None] = lambda work: None,
    ) -> None:
        payload = answer.to_json()
        with self._store.begin(now) as work:
            also(work)
            Incoming(work).answered(command.id, payload)
            work.report(_done(command.name, command.id, answer.status))
            work.commit()
        self._say(command.name, payload)

    def _turn_away(self, name: str, error: CommandError, status: str, now: Now) -> None:
        """Refuse what is no command of ours; it is recorded, and the same id gets the same answer."""
        if self._counted_since is None or now.mono >= self._counted_since + HOUR_MS:
            self._counted_since, self._refused = now.mono, 0
        self._refused += 1
        if self._refused > MOST_REFUSED:
            return
        log.warning("a command of the centre was turned away: %s", error)
        told = name if NAME.fullmatch(name) else "unknown"
        answer = Answer(error.id, told, status, str(error)).to_json()
        known: bytes | None = None
        try:
            with self._store.begin(now) as work:
                incoming = Incoming(work)
                known = incoming.answer_to(error.id) if error.id else None
                if known is None:
                    if error.id:
                        incoming.answered(error.id, answer)
                    work.report(_done(told, error.id, status))
                    work.commit()
        except StoreError as failed:
            log.warning("a refusal could not be kept: %s", failed)
        self._say(told, known or answer)

    @staticmethod
    def _is_opening(command: Command) -> bool:
        return command.name == "out_of_order" and not command.args["on"]

    @staticmethod
    def _is_over(command: Command, over: int, now: Now) -> bool:
        """By the time since it was heard; by the calendar only where a time server set the clock."""
        if now.mono >= over:
            return True
        return now.quality is ClockQuality.NTP and now.wall > command.expires + CLOCK_SLACK

    @staticmethod
    def _expired(command: Command, now: Now) -> Answer:
        words = (
            f"it was to be done by {command.expires.isoformat(timespec='seconds')}; the station's clock says"
            f" {now.wall.isoformat(timespec='seconds')} ({now.quality.value})"
        )
        return Answer(command.id, command.name, EXPIRED, words)


def _done(name: str, command_id: str, how: str) -> facts.CommandDone:
    return facts.CommandDone(command=name, id=command_id, how=how)  # type: ignore[arg-type]
