"""The librarian's room at the desk: behind a staff card and a PIN, or a PIN alone where the pad is broken.

It shows how every device is and what a tag says, and changes nothing. The states are frozen like all the
desk's states; what was typed is in them and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.desk.pin import PIN_DIGITS, Pin
from kiosk.desk.step import Cue, Pace
from kiosk.events import (
    Action,
    DeskEvent,
    Elapsed,
    Tag,
    TagRead,
    TagSays,
    TagsOnPad,
    Tapped,
)
from kiosk.lending import admit
from kiosk.model import Now, Patron
from kiosk.ports import Errand, Inspect, Transaction
from kiosk.screens import DeviceLine, StaffHealth, StaffPin, TagLine, TagVerdict

_MOST_WRONG = 3
NO_LINK = "no link to the centre; what is counted is kept here until there is one"


@dataclass(frozen=True, slots=True)
class AtStaffDoor:
    """A PIN is asked for. `card` is empty where the pad is broken and no card can be read."""

    card: str
    until: int
    entered: str = ""
    wrong: bool = False
    locked_until: int = 0

    def face(self, now: int, pace: Pace) -> StaffPin:
        """Dots for digits."""
        return StaffPin(len(self.entered), self.wrong, now < self.locked_until)

    def wake_at(self, now: int, pace: Pace) -> int:
        """When nobody typed for a while, or the lock ends."""
        return min(self.until, self.locked_until) if now < self.locked_until else self.until

    def typed(self, digit: str, now: int, pace: Pace) -> AtStaffDoor:
        """One digit more."""
        if now < self.locked_until or len(digit) != 1 or digit not in "0123456789":
            return self
        entered = (self.entered + digit)[: PIN_DIGITS[-1]]
        return replace(self, entered=entered, wrong=False, until=now + pace.staff)

    def refused(self, locked_until: int, now: int, pace: Pace) -> AtStaffDoor:
        """That was not it; after three wrong ones nothing is taken until `locked_until`."""
        until = max(now + pace.staff, locked_until)
        return replace(self, entered="", wrong=True, locked_until=locked_until, until=until)


@dataclass(frozen=True, slots=True)
class InStaffRoom:
    """A librarian looks at the station."""

    card: str
    until: int
    devices: tuple[DeviceLine, ...]
    tag: TagLine | None = None
    looked: str = ""  # UID of the tag whose memory is being read
    passport: bool | None = (
        None  # of the child whose card lies there: kept, not kept; whose, nobody remembers
    )

    def face(self, now: int, pace: Pace) -> StaffHealth:
        """The devices, the broken ones first, and the tag that was laid down."""
        return StaffHealth(self.devices, self.tag, self.passport)

    def wake_at(self, now: int, pace: Pace) -> int:
        """When nobody did anything for a while."""
        return self.until


class Devices:
    """How every device of this station is, as far as it was heard of. A link is down until it comes up."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self._names = names
        self._causes: dict[str, str] = {"link": NO_LINK} if "link" in names else {}

    def lost(self, device: str, cause: str) -> bool:
        """A device does not work, and why; answers whether that cause is another than was known."""
        before, self._causes[device] = self._causes.get(device), cause[:400]
        return before != cause[:400]

    def back(self, device: str) -> None:
        """A device works again."""
        self._causes.pop(device, None)

    def is_lost(self, device: str) -> bool:
        """Whether it is known not to work."""
        return device in self._causes

    @property
    def lines(self) -> tuple[DeviceLine, ...]:
        """The broken ones first; one that nobody listed is broken for sure."""
        broken = (DeviceLine(name, False, cause) for name, cause in self._causes.items())
        return (*broken, *(DeviceLine(name, True) for name in self._names if name not in self._causes))


@dataclass(frozen=True, slots=True)
class Stay:
    """What follows in the staff's rooms; `state` None = whoever was here has gone."""

    state: AtStaffDoor | InStaffRoom | None
    cues: tuple[Cue, ...] = ()
    errands: tuple[Errand, ...] = ()


class StaffRoom:
    """Lets librarians in and shows them the station.

    `category`: patrons of this category are staff. As long as no `pin` was chosen nobody gets in. Wrong
    tries are counted here, so lifting the card does not forget them.
    """

    def __init__(self, *, category: str, pin: Pin, devices: Devices, pace: Pace) -> None:
        self._category, self._pin, self._devices, self._pace = category, pin, devices, pace
        self._wrong = 0
        self._locked_until = 0

    def is_staff(self, patron: Patron, now: Now) -> bool:
        """Whether this card opens the door; with no PIN chosen, or not good today, it is like any other."""
        return (
            bool(self._category)
            and patron.category == self._category
            and self._pin.is_set
            and admit(patron, now.today) is None
        )

    def card_among(self, tx: Transaction, tags: frozenset[Tag], now: Now) -> str:
        """The UID of a card among these tags that opens the door; empty when there is none."""
        for tag in sorted(tags):
            patron = tx.patron_by_card(tag.uid)
            if patron is not None and self.is_staff(patron, now):
                return tag.uid
        return ""

    @property
    def open(self) -> bool:
        """Whether there is a way in at all."""
        return self._pin.is_set

    def knock(self, card: str, now: Now) -> AtStaffDoor:
        """Ask for the PIN; `card` is empty where no card can be read."""
        return AtStaffDoor(card, now.mono + self._pace.staff, locked_until=self._locked_until)

    def at_door(self, state: AtStaffDoor, event: DeskEvent, now: Now) -> Stay:
        """Digits, one after the other."""
        match event:
            case TagsOnPad(tags=tags) if state.card and state.card not in {tag.uid for tag in tags}:
                return Stay(None)
            case Elapsed() if now.mono >= state.until:
                return Stay(None)
            case Tapped(action=Action.BACK | Action.DONE):
                return Stay(None)
            case Tapped(action=Action.DIGIT, target=digit):
                return Stay(state.typed(digit, now.mono, self._pace))
            case Tapped(action=Action.RUB_OUT):
                return Stay(replace(state, entered=state.entered[:-1]))
            case Tapped(action=Action.ENTER) if now.mono >= state.locked_until:
                return self._try(state, now)
        return Stay(state)

    def _try(self, state: AtStaffDoor, now: Now) -> Stay:
        if len(state.entered) in PIN_DIGITS and self._pin.fits(state.entered):
            self._wrong = 0
            return Stay(InStaffRoom(state.card, now.mono + self._pace.staff, self._devices.lines), (Cue.OK,))
        self._wrong += 1
        if self._wrong >= _MOST_WRONG:
            self._wrong, self._locked_until = 0, now.mono + self._pace.pin_lock
        return Stay(state.refused(self._locked_until, now.mono, self._pace), (Cue.NO,))

    def inside(
        self, state: InStaffRoom, event: DeskEvent, before: frozenset[Tag], tx: Transaction, now: Now
    ) -> Stay:
        """The tag laid down last; `before`: what lay there until now. The desk keeps the list up to date."""
        until = now.mono + self._pace.staff
        match event:
            case TagsOnPad(tags=tags):
                others = frozenset(tag for tag in tags if tag.uid != state.card)
                if state.card and state.card not in {tag.uid for tag in tags}:
                    return Stay(None)
                child = self._child_among(tx, others)
                state = replace(state, until=until, passport=child.passport if child else None)
                if not others:
                    return Stay(replace(state, tag=None, looked=""))
                new = sorted(others - before) or sorted(others)
                line, ask = tag_line(tx, new[0]), Inspect(new[0].uid)
                if line.verdict is TagVerdict.CARD:
                    return Stay(replace(state, tag=line, looked=""))
                return Stay(replace(state, tag=line, looked=new[0].uid), errands=(ask,))
            case TagRead(uid=uid) if uid == state.looked and state.tag is not None:
                return Stay(replace(state, tag=compared(state.tag, event)))
            case Tapped(action=Action.ALLOW | Action.ERASE as action) if state.passport is not None:
                child = self._child_among(tx, frozenset(tag for tag in before if tag.uid != state.card))
                if child is None:
                    return Stay(state)
                allowed = action is Action.ALLOW
                tx.allow_passport(child.id, allowed=allowed)
                tx.commit()
                return Stay(replace(state, until=until, passport=allowed), (Cue.OK,))
            case Tapped(action=Action.DONE | Action.BACK):
                return Stay(None)
            case Elapsed() if now.mono >= state.until:
                return Stay(None)
        return Stay(state)

    def _child_among(self, tx: Transaction, tags: frozenset[Tag]) -> Patron | None:
        """Whose card lies there, when it is one child's and no librarian's."""
        found = {patron for tag in tags if (patron := tx.patron_by_card(tag.uid)) is not None}
        children = [patron for patron in found if patron.category != self._category]
        return children[0] if len(found) == len(children) == 1 else None


def tag_line(tx: Transaction, tag: Tag) -> TagLine:
    """What the table knows of a tag."""
    if tx.patron_by_card(tag.uid) is not None:
        return TagLine("", tag.kind.value, TagVerdict.CARD)  # whose, and which number, nobody needs to see
    item = tx.item_by_tag(tag.uid)
    verdict = TagVerdict.AGREES if item else TagVerdict.UNKNOWN
    return TagLine(tag.uid, tag.kind.value, verdict, item.id if item else "")


def compared(line: TagLine, read: TagRead) -> TagLine:
    """The same tag, its own text held against the table. The table always counts."""
    line = replace(line, says=read.item, words=read.words)
    if not line.item and read.says in {TagSays.ITEM, TagSays.BLANK}:
        return line
    if read.says is TagSays.ITEM:
        agrees = read.item == line.item
        return replace(line, verdict=TagVerdict.AGREES if agrees else TagVerdict.DISAGREES)
    return replace(line, verdict=TagVerdict(read.says.value))
