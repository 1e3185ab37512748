"""Things to choose from before a visit: a language, a class, an animal."""

from __future__ import annotations

from kiosk import screens as views
from kiosk.screens import Child, Screen
from ui.samples.library import CHILD, LONG_NAME

CLASSES = ("1A", "1B", "2A", "3A", "4C", "5B")
KINDERGARTEN = ("Mầm non Hoa Sen", "Chồi", "Lá")
CHILDREN = (
    CHILD, Child("Cá Voi Con", "whale"), LONG_NAME, Child("Bống", "cat"), Child("Tít", "owl"),
    Child("Thảo Nguyên", "deer"),
)  # fmt: skip


def screens() -> dict[str, Screen]:
    """Few, as many as a page holds, and names that are hard to draw."""
    return {
        "pick_language": views.PickLanguage(("vi", "en", "tyz")),
        "pick_language_six": views.PickLanguage(("vi", "en", "tyz", "mww", "tyj", "nut")),
        "pick_class": views.PickClass(CLASSES),
        "pick_class_pages": views.PickClass(CLASSES, 1, 3, 6),
        "pick_class_names": views.PickClass(KINDERGARTEN),
        "pick_animal": views.PickAnimal(CHILDREN, "3A"),
        "pick_animal_pages": views.PickAnimal(CHILDREN, "Mầm non Hoa Sen", 1, 4, 6),
        "pick_animal_session": views.PickAnimal(CHILDREN, "3A", 0, 4, session=True),
        "pick_animal_family": views.PickAnimal(CHILDREN[:3], session=True),
        "pick_animal_one": views.PickAnimal(CHILDREN[2:3], "5B"),
    }
