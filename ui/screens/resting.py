"""A grown-up is called, or the station cannot serve."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import AskHelp, DiskFull, OutOfOrder, ReaderOut
from ui import theme
from ui.screens.parts import choice, sentence
from ui.widgets.pad import PadPicture
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture


def ask_help(_view: AskHelp, kit: Kit) -> Scene:
    """The librarian is on the way."""
    scene = Scene(kit, theme.MINT, [choice(kit.words, Action.BACK)])
    scene.put(Picture(theme.picture("librarian")), scene.art.middle(58, 58))
    scene.put(Picture(theme.picture("bell")), scene.art.top(20).right(20))
    sentence(scene, kit.words.say("ask_help.title"), kit.words.say("ask_help.hint"))
    return scene


def reader_out(_view: ReaderOut, kit: Kit) -> Scene:
    """The pad is ill; it heals by itself or with a librarian."""
    scene = Scene(kit, theme.DUSK)
    scene.put(PadPicture(badge="bandage"), scene.art)
    sentence(scene, kit.words.say("reader_out.title"), kit.words.say("reader_out.hint"))
    return scene


def disk_full(_view: DiskFull, kit: Kit) -> Scene:
    """Nothing can be kept, so nothing is done."""
    scene = Scene(kit, theme.DUSK)
    scene.put(Picture(theme.picture("sleepy")), scene.art.middle(46, 46))
    scene.put(Picture(theme.picture("books")), scene.art.bottom(24).right(26))
    sentence(scene, kit.words.say("disk_full.title"), kit.words.say("disk_full.hint"))
    return scene


def out_of_order(_view: OutOfOrder, kit: Kit) -> Scene:
    """Closed: everybody sleeps."""
    scene = Scene(kit, theme.DUSK)
    scene.put(Picture(theme.animal("bear")), scene.art.middle(46, 46))
    scene.put(Picture(theme.picture("zzz")), scene.art.top(22).right(24))
    scene.put(Picture(theme.picture("moon")), scene.art.top(18).left(18))
    sentence(scene, kit.words.say("out.title"), kit.words.say("out.hint"))
    return scene
