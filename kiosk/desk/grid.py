"""Grids to choose from when nobody's visit is open: languages, school classes, the children of one.

The lists are in these frozen states and nowhere else: when one is left, the list is gone. What a touch
names is a place in the list, so no screen ever holds a patron's number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.desk.step import Pace
from kiosk.screens import Child, PickAnimal, PickClass, PickLanguage, Screen

CLASSES_A_PAGE = 6
CHILDREN_A_PAGE = 6


@dataclass(frozen=True, slots=True)
class Session:
    """A teacher's or a family's card opened a list, and it comes back after every child.

    It knows the card and which list, not who is in it: that is read anew each time. Such a list is not for
    strangers: when nobody touches it for Pace.session it goes, and the session with it.
    """

    card: str  # UID
    group: str = ""  # the class; "" = not yet chosen, or a family
    family: str = ""
    language: str = ""  # in which it was opened
    lifted: bool = False  # the card may be lifted; laid there once more, it ends the session

    def seen(self, uids: frozenset[str]) -> Session:
        """The same session after a look at what lies on the pad."""
        return self if self.card in uids else replace(self, lifted=True)

    def is_called_off(self, uids: frozenset[str]) -> bool:
        """Whether the card was laid there once more."""
        return self.lifted and self.card in uids


@dataclass(frozen=True, slots=True)
class PickingLanguage:
    """Somebody looks for a language."""

    languages: tuple[str, ...]
    language: str  # until another is chosen
    until: int

    def face(self, now: int, pace: Pace) -> PickLanguage:
        """The languages."""
        return PickLanguage(self.languages)

    def wake_at(self, now: int, pace: Pace) -> int:
        """When nobody chose for a while."""
        return self.until


@dataclass(frozen=True, slots=True)
class Picking:
    """Somebody without a card of its own looks for its class or, where `children` are shown, for itself.

    `ids` are their patron numbers, place by place. `said` lies over the list until `said_until`.
    """

    until: int
    classes: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    ids: tuple[str, ...] = ()
    title: str = ""
    page: int = 0
    language: str = ""
    session: Session | None = None
    said: Screen | None = None
    said_until: int = 0

    @property
    def _a_page(self) -> int:
        return CHILDREN_A_PAGE if self.children else CLASSES_A_PAGE

    @property
    def _pages(self) -> int:
        return max(1, -(-len(self.children or self.classes) // self._a_page))

    def turned(self) -> Picking:
        """The next page; after the last comes the first."""
        return replace(self, page=(self.page + 1) % self._pages)

    def place(self, target: str) -> int | None:
        """The place in the whole list that a touch names; None when it is not on this page."""
        first = self.page * self._a_page
        places = range(first, min(first + self._a_page, len(self.children or self.classes)))
        return next((place for place in places if str(place) == target), None)

    def saying(self, screen: Screen, until: int) -> Picking:
        """The same list under a message."""
        return replace(self, said=screen, said_until=until)

    def face(self, now: int, pace: Pace) -> Screen:
        """A page of the list, or what is said about it."""
        if self.said is not None:
            return self.said
        first = self.page * self._a_page
        if not self.children:
            classes = self.classes[first : first + self._a_page]
            return PickClass(classes, self.page, self._pages, first)
        children = self.children[first : first + self._a_page]
        in_session = self.session is not None
        return PickAnimal(children, self.title, self.page, self._pages, first, in_session)

    def wake_at(self, now: int, pace: Pace) -> int:
        """When nobody chose for a while, or what was said is over."""
        return self.until if self.said is None else min(self.until, self.said_until)
