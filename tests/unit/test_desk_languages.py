"""Which language the screen speaks: chosen on Welcome, kept with a card, changed in the booklet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.events import Action
from kiosk.screens import (
    Ease,
    Goodbye,
    MyWay,
    PickLanguage,
    Welcome,
)
from tests.unit.desk_driver import MAI, DeskDriver
from tests.unit.desk_school import TEACHER, at_school


def my_way(hands: DeskDriver) -> MyWay:
    hands.put(MAI)
    hands.tap(Action.MINE)
    hands.tap(Action.PAGE)
    hands.tap(Action.PAGE)
    return hands.shows(MyWay)


def test_two_languages_are_toggled_and_more_are_chosen_from() -> None:
    hands = DeskDriver()
    assert hands.shows(Welcome).languages == ("vi", "en")
    hands.tap(Action.LANGUAGE)
    assert hands.step.language == "en"
    hands.tap(Action.LANGUAGE)
    assert hands.step.language == "vi"
    many = DeskDriver(languages=("vi", "en", "tyz", "hmn"))
    assert many.shows(Welcome).languages == ("vi", "en", "tyz", "hmn")
    many.tap(Action.LANGUAGE)
    assert many.shows(PickLanguage).languages == ("vi", "en", "tyz", "hmn")
    many.tap(Action.TONGUE, "tyz")
    many.shows(Welcome)
    assert many.step.language == "tyz"
    many.put(MAI)
    assert many.step.language == "tyz"
    many.lift()
    many.wait(7)
    assert many.step.language == "vi"


def test_a_language_chosen_from_many_is_forgotten_and_the_list_passes() -> None:
    hands = DeskDriver(languages=("vi", "en", "tyz"))
    hands.tap(Action.LANGUAGE)
    hands.tap(Action.TONGUE, "en")
    hands.tap(Action.LANGUAGE)
    assert hands.step.language == "en"
    hands.tap(Action.BACK)
    assert hands.step.language == "en"
    hands.wait(61)
    assert hands.step.language == "vi"
    hands.tap(Action.LANGUAGE)
    hands.wait(21)
    hands.shows(Welcome)


@pytest.mark.parametrize("target", ["", "fr", "VI", "0"])
def test_a_language_that_the_station_does_not_speak_is_not_chosen(target: str) -> None:
    hands = DeskDriver(languages=("vi", "en", "tyz"))
    hands.tap(Action.LANGUAGE)
    hands.tap(Action.TONGUE, target)
    hands.shows(PickLanguage)


def test_one_language_is_not_asked_for() -> None:
    hands = DeskDriver(languages=("vi",))
    hands.tap(Action.LANGUAGE)
    hands.shows(Welcome)
    assert hands.step.language == "vi"
    assert my_way(hands).next_language == ""
    hands.tap(Action.EASE, Ease.LANGUAGE)
    assert hands.store.patrons["P1"].language == ""


def test_a_station_that_was_told_a_language_it_does_not_have_speaks_its_first() -> None:
    assert DeskDriver(languages=("vi", "en"), language="fr").step.language == "vi"
    assert DeskDriver(languages=("vi", "en"), language="en").step.language == "en"


def test_a_childs_language_is_changed_at_once_and_kept_with_its_card() -> None:
    hands = DeskDriver(languages=("vi", "en", "tyz"))
    assert my_way(hands).next_language == "en"
    hands.tap(Action.EASE, Ease.LANGUAGE)
    assert hands.step.language == "en"
    assert hands.shows(MyWay).next_language == "tyz"
    assert hands.store.patrons["P1"].language == "en"
    hands.lift()
    hands.shows(Goodbye)
    assert hands.step.language == "en"
    hands.wait(7)
    assert hands.step.language == "vi"
    hands.put(MAI)
    assert hands.step.language == "en"


def test_a_change_counts_even_where_another_language_was_chosen_on_welcome() -> None:
    hands = DeskDriver()
    hands.tap(Action.LANGUAGE)
    assert my_way(hands).next_language == "vi"
    hands.tap(Action.EASE, Ease.LANGUAGE)
    assert hands.step.language == "vi"
    assert hands.store.patrons["P1"].language == "vi"


def test_a_language_kept_with_a_card_that_the_station_lost_is_passed_over() -> None:
    hands = DeskDriver()
    hands.store.patrons["P1"] = replace(hands.store.patrons["P1"], language="fr")
    hands.put(MAI)
    assert hands.step.language == "vi"


def test_a_session_speaks_each_childs_language_and_then_its_own_again() -> None:
    hands = at_school()
    hands.store.patrons["C2"] = replace(hands.store.patrons["C2"], language="en")
    hands.put(TEACHER)
    assert hands.step.language == "vi"
    hands.tap(Action.ANIMAL, "0")
    assert hands.step.language == "en"
    hands.tap(Action.DONE)
    assert hands.step.language == "vi"
