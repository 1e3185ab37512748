"""Once more, please: the book back onto the pad for a moment, or its other label under the scanner."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import OtherLabel, PutBack
from ui import theme
from ui.screens.parts import STICKER, choice, sentence
from ui.widgets.book import RATIO, CoverPicture
from ui.widgets.box import Box
from ui.widgets.child import Avatar
from ui.widgets.labels import LabelledBook
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.scene import Kit, Scene


def put_back(view: PutBack, kit: Kit) -> Scene:
    """The very book hops back onto the pad."""
    scene = Scene(kit, theme.PEACH)
    sentence(scene, kit.words.say("put_back.title"), kit.words.say("put_back.hint"))
    scene.halo(scene.art)
    scene.put(PadPicture(coming=(Thing.BOOK,), book=CoverPicture(view.book, kit.covers)), scene.art)
    scene.friends("turtle", "snail")
    return scene


def other_label(view: OtherLabel, kit: Kit) -> Scene:
    """A book with both labels; a hand points at the library's."""
    choices = [choice(kit.words, Action.DONE)] if view.child else []
    scene = Scene(kit, theme.PEACH, choices)
    sentence(scene, kit.words.say("other_label.title"))
    scene.halo(scene.art)
    high = min(scene.art.h, (scene.art.w - STICKER) / RATIO, 60.0)
    place = scene.art.middle(high * RATIO, high)
    scene.put(LabelledBook(), place)
    if view.child:
        scene.put(Avatar(view.child.animal), Box(place.x - STICKER, place.y - 3, 16, 16))
    else:
        scene.friends("owl", "hamster")
    return scene
