"""A library with school classes, a family, printed card numbers: everybody who comes without a card."""

from __future__ import annotations

from typing import Any

from kiosk import facts
from kiosk.desk import Customs
from kiosk.events import Action, CodeNames, Scanned
from kiosk.model import Patron
from kiosk.screens import Hello, PickAnimal, Screen
from tests.unit.desk_driver import DeskDriver, library
from tests.unit.memory_store import MemoryStore

TEACHER, HEAD, FATHER = "BB000001", "BB000002", "BB000003"
LAN, HOA, BIN = "HS-0001", "HS-0002", "HS-0003"
"""Printed card numbers: two children of class 2A, and a blocked one of class 10A."""

OPEN = Customs(classes=True)


def school() -> MemoryStore:
    store = library()
    here = [
        Patron("C1", "Lan", "fish", "child", 2018, group="2A"),
        Patron("C2", "Hoa", "bee", "child", 2018, group="2A", family="nhà số 7"),
        Patron("C3", "Bình", "ant", "child", 2017, group="10A", blocked=True),
        Patron("GV1", "Cô Thu", "owl", "giao-vien", group="2A"),
        Patron("GV2", "Thầy Hiệu", "bear", "giao-vien"),
        Patron("GD1", "Ba Hùng", "horse", "gia-dinh", family="nhà số 7"),
    ]
    store.patrons |= {patron.id: patron for patron in here}
    store.cards |= {TEACHER: "GV1", HEAD: "GV2", FATHER: "GD1"}
    store.barcodes = {LAN: "C1", HOA: "C2", BIN: "C3", "HS-0008": "P1"}
    return store


def at_school(customs: Customs = OPEN, **desk: Any) -> DeskDriver:
    return DeskDriver(school(), customs=customs, **desk)


def scan(hands: DeskDriver, code: str, names: CodeNames = CodeNames.PLAIN) -> Screen:
    hands.mono += 300
    return hands.send(Scanned(code, names))


def names(hands: DeskDriver) -> list[str]:
    """Who is on the page."""
    return [child.nickname for child in hands.shows(PickAnimal).children]


def who(hands: DeskDriver) -> str:
    """Who is greeted."""
    return hands.shows(Hello).child.nickname


def pick(hands: DeskDriver, nickname: str) -> None:
    """Touch the animal of a child that is on the page."""
    page = hands.shows(PickAnimal)
    place = [child.nickname for child in page.children].index(nickname)
    hands.tap(Action.ANIMAL, str(page.first + place))


def ends(hands: DeskDriver) -> list[str]:
    """How the visits ended, one after the other."""
    return [fact.how for fact in hands.store.facts if isinstance(fact, facts.DeskVisitEnded)]
