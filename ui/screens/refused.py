"""A kind "no": the reason in a child's words, a picture, and what to do instead."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Refused, Why
from ui import theme
from ui.screens.parts import choice, cover, sentence, to_librarian
from ui.widgets.scene import Kit, Scene

PICTURES = {
    Why.NOT_FOR_LOAN: "sofa",
    Why.TOO_MANY: "backpack",
    Why.FOR_OLDER: "sprout",
    Why.NO_MORE_RENEWALS: "home",
    Why.CARD_BLOCKED: "zzz",
    Why.CARD_EXPIRED: "calendar",
    Why.WITHDRAWN: "librarian",
    Why.ON_LOAN_TO_OTHER: "hourglass",
}


def refused(view: Refused, kit: Kit) -> Scene:
    """The book with the reason's picture on it; the librarian when the card itself is refused."""
    words = kit.words
    scene = Scene(kit, theme.PEACH, [choice(words, Action.DONE)])
    key = f"refused.{view.why}"
    if view.detail > 0 and view.why in {Why.TOO_MANY, Why.FOR_OLDER}:
        hint = words.count(f"{key}.detail", view.detail)
    else:
        hint = words.say(f"{key}.hint")
    sentence(scene, words.say(key), hint)
    picture = PICTURES[view.why]
    if view.book:
        cover(scene, view.book, scene.art, badge=picture, child=view.child)
    else:
        to_librarian(scene, "card", picture)
    return scene
