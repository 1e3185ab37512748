"""A grown-up is called, or the station cannot serve."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import AskHelp, DiskFull, OutOfOrder, ReaderOut
from ui import theme
from ui.screens.parts import choice, sentence
from ui.widgets.pad import PadPicture
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say


def ask_help(_view: AskHelp, kit: Kit) -> Scene:
    """The librarian is on the way."""
    scene = Scene(kit, theme.MINT, [choice(kit.words, Action.BACK)])
    place = scene.art.middle(48, 58)
    scene.halo(scene.art)
    scene.put(Picture(theme.picture("librarian")), place.bottom(44))
    scene.put(Picture(theme.picture("bell")), place.top(18).right(18))
    sentence(scene, kit.words.say("ask_help.title"), kit.words.say("ask_help.hint"))
    return scene


def reader_out(_view: ReaderOut, kit: Kit) -> Scene:
    """The pad is ill; it heals by itself or with a librarian, whose small key is out of the way."""
    scene = Scene(kit, theme.DUSK)
    scene.halo(scene.art)
    scene.put(PadPicture(badge="ill"), scene.art)
    scene.friends("hedgehog", "chick")
    key = scene.page.less(right=theme.EDGE, top=4).top(theme.STAFF_TARGET + 1).right(theme.STAFF_TARGET + 5)
    scene.button(choice(kit.words, Action.STAFF), key)
    words = scene.text.less(right=key.w + 3)
    sentence(scene, kit.words.say("reader_out.title"), kit.words.say("reader_out.hint"), box=words)
    return scene


def disk_full(_view: DiskFull, kit: Kit) -> Scene:
    """Nothing can be kept, so nothing is done."""
    scene = Scene(kit, theme.DUSK)
    place = scene.art.middle(54, 58)
    scene.halo(scene.art)
    scene.put(Picture(theme.animal("panda")), place.bottom(44).left(44))
    scene.put(Picture(theme.picture("zzz")), place.top(18).right(18))
    scene.put(Picture(theme.picture("books")), place.bottom(22).right(22))
    scene.friends("snail", "mouse")
    sentence(scene, kit.words.say("disk_full.title"), kit.words.say("disk_full.hint"))
    return scene


def out_of_order(view: OutOfOrder, kit: Kit) -> Scene:
    """Closed: everybody sleeps. The librarian's sentence stands where nobody looks for a story."""
    scene = Scene(kit, theme.DUSK)
    place = scene.art.middle(54, 60)
    scene.halo(scene.art)
    scene.put(Picture(theme.animal("bear")), place.bottom(44))
    scene.put(Picture(theme.picture("zzz")), place.top(19).right(19))
    scene.put(Picture(theme.picture("moon")), place.top(16).left(16))
    if view.note:
        note = Say(view.note, size_mm=theme.SMALL, least_mm=2.6, colour=theme.SOFT_INK, lines=3, valign="top")
        words, small = scene.text.top(scene.text.h * 0.74), scene.text.bottom(scene.text.h * 0.25)
        sentence(scene, kit.words.say("out.title"), kit.words.say("out.hint"), box=words)
        scene.put(note, small)
        return scene
    scene.friends("owl", "hamster")
    sentence(scene, kit.words.say("out.title"), kit.words.say("out.hint"))
    return scene
