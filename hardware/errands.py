"""What is to be done with tags while they lie on the pad: set the gate's state, read what a tag says.

The desk gives errands from its own thread; the pad's thread does them between two looks, because only it may
talk to the reader. An errand waits until its tag lies there, and a tag that leaves in the middle only has to
come back: nothing is told before the tag itself has shown it.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Iterable

from hardware.rfid.joint_pad import JointPad
from hardware.rfid.tags import item_text
from hardware.rfid.tags.item_form import Blank, Content, Foreign, Garbage, Incomplete, Item
from hardware.rfid.tags.memory import TagGone, TagMemoryError, TagNotVerified
from kiosk.events import Event, GateRefused, GateSet, TagRead, TagSays
from kiosk.ports import Errand, Inspect, PadFault, Post, Secure

log = logging.getLogger(__name__)

_MOST_TRIES = 5  # of an errand whose result does not read back; bad contact takes one or two
_MOST_FAULTS = 2  # of the reader, each time at the same errand
_MOST_WAITING = 200  # tags that were carried off and never came back


class Errands:
    """`give` from any thread, `run` on the thread that owns `pad`. Answers are posted."""

    def __init__(self, pad: JointPad, post: Post) -> None:
        self._pad, self._post = pad, post
        self._inbox: queue.SimpleQueue[Errand] = queue.SimpleQueue()
        self._waiting: dict[tuple[type, str], Errand] = {}  # by kind and UID: a later order replaces it
        self._tries: dict[Errand, int] = {}

    def give(self, errand: Errand) -> None:
        """Do this as soon as the tag lies on the pad."""
        self._inbox.put(errand)

    @property
    def waiting(self) -> bool:
        """Whether anything is still to be done, as far as the pad's thread knows."""
        return bool(self._waiting) or not self._inbox.empty()

    def run(self, present: Iterable[str]) -> None:
        """Do what can be done with the tags that were just seen. Raises PadFault: the reader broke.

        An errand at which it breaks again is given up.
        """
        while not self._inbox.empty():
            errand = self._inbox.get_nowait()
            self._waiting.pop((type(errand), errand.uid), None)
            self._waiting[type(errand), errand.uid] = errand
        here = set(present)
        for key, errand in [(key, one) for key, one in self._waiting.items() if one.uid in here]:
            answer = self._try(errand)
            if answer is not None:
                self._waiting.pop(key, None)
                self._tries.pop(errand, None)
                self._post(answer)
        while len(self._waiting) > _MOST_WAITING:
            oldest = next(iter(self._waiting))
            self._tries.pop(self._waiting.pop(oldest), None)

    def _try(self, errand: Errand) -> Event | None:
        """What came of it; None = the tag left, or must be tried again."""
        try:
            return self._do(errand)
        except TagGone as error:
            log.debug("an errand waits: %s", error)
            return None
        except TagNotVerified as error:
            return None if self._tried(errand) < _MOST_TRIES else _no(errand, error)
        except TagMemoryError as error:
            return _no(errand, error)
        except PadFault as error:
            if self._tried(errand) < _MOST_FAULTS:
                raise
            # The reader reads and only this errand breaks it: one sticker must not close the desk.
            log.warning("an errand is given up: %s", error)
            return _no(errand, error)
        except Exception as error:
            log.exception("an errand is given up")
            return _no(errand, error)

    def _tried(self, errand: Errand) -> int:
        self._tries[errand] = self._tries.get(errand, 0) + 1
        return self._tries[errand]

    def _do(self, errand: Errand) -> Event:
        match errand:
            case Secure(uid=uid, secured=secured):
                self._pad.secure(uid, secured)
                return GateSet(uid, secured)
            case Inspect(uid=uid):
                with self._pad.memory(uid) as memory:
                    return told(uid, item_text.read(memory))


def _no(errand: Errand, error: Exception) -> Event:
    if isinstance(errand, Secure):
        return GateRefused(errand.uid, str(error))
    return TagRead(errand.uid, TagSays.UNREADABLE, words=str(error))


def told(uid: str, content: Content) -> TagRead:
    """What a tag says, as an event."""
    match content:
        case Item(identifier=item):
            return TagRead(uid, TagSays.ITEM, item=item)
        case Blank():
            return TagRead(uid, TagSays.BLANK)
        case Incomplete():
            return TagRead(uid, TagSays.INCOMPLETE)
        case Foreign(kind=kind):
            return TagRead(uid, TagSays.FOREIGN, words=kind)
        case Garbage(words=words):
            return TagRead(uid, TagSays.GARBAGE, words=words)
