"""A grown-up is called, or the station cannot serve."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import AskHelp, DiskFull, OutOfOrder, ReaderOut
from ui import theme
from ui.screens.parts import choice, sentence
from ui.widgets.box import Box
from ui.widgets.column import Column
from ui.widgets.pad import PadPicture
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture

NOTE_SIZE = 3.4  # the librarian's sentence: for grown-ups only


def ask_help(_view: AskHelp, kit: Kit) -> Scene:
    """The librarian is on the way."""
    scene = Scene(kit, theme.MINT, [choice(kit.words, Action.BACK)])
    sentence(scene, kit.words.say("ask_help.title"), kit.words.say("ask_help.hint"))
    scene.halo(scene.art)
    side = min(scene.art.w / 48, scene.art.h / 58)
    place = scene.art.middle(48 * side, 58 * side)
    scene.put(Picture(theme.picture("librarian")), place.bottom(44 * side))
    scene.put(Picture(theme.picture("bell")), place.top(18 * side).right(18 * side))
    return scene


def reader_out(_view: ReaderOut, kit: Kit) -> Scene:
    """The pad is ill; it heals by itself or with a librarian, whose small key stands low at the left."""
    scene = Scene(kit, theme.DUSK)
    sentence(scene, kit.words.say("reader_out.title"), kit.words.say("reader_out.hint"))
    # Not beside what children press, but where a grown-up who knows of it finds it.
    side = theme.STAFF_TARGET + 5
    if scene.tall:
        key = scene.choices_row.left(side).bottom(theme.STAFF_TARGET + 1)
        scene.art = scene.art.less(bottom=max(0.0, key.y + key.h + 2 - scene.art.y))
    else:
        key = scene.free.left(side).bottom(theme.STAFF_TARGET + 1)
        scene.art = scene.art.less(bottom=key.h + 2)
    scene.halo(scene.art)
    scene.put(PadPicture(badge="ill"), scene.art)
    scene.button(choice(kit.words, Action.STAFF), key)
    scene.friends("hedgehog", "owl")
    return scene


def disk_full(_view: DiskFull, kit: Kit) -> Scene:
    """Nothing can be kept, so nothing is done."""
    scene = Scene(kit, theme.DUSK)
    sentence(scene, kit.words.say("disk_full.title"), kit.words.say("disk_full.hint"))
    _sleeper(scene, "panda", "books")
    scene.friends("snail", "mouse")
    return scene


def out_of_order(view: OutOfOrder, kit: Kit) -> Scene:
    """Closed: everybody sleeps. The librarian's sentence stands where nobody looks for a story."""
    scene = Scene(kit, theme.DUSK)
    column = Column(scene)
    column.headline(kit.words.say("out.title"), size_mm=theme.HUGE)
    column.line(kit.words.say("out.hint"))
    column.say(view.note, size_mm=NOTE_SIZE, least_mm=2.7, lines=4, colour=column.soft, gap=3)
    column.lay()
    _sleeper(scene, "bear", "moon")
    if not view.note:
        scene.friends("owl", "hamster")
    return scene


def _sleeper(scene: Scene, animal: str, beside: str) -> None:
    """An animal asleep with something beside it."""
    scene.halo(scene.art)
    side = min(scene.art.w / 54, scene.art.h / 58)
    place = scene.art.middle(54 * side, 58 * side)
    scene.put(Picture(theme.animal(animal)), place.bottom(44 * side))
    scene.put(Picture(theme.picture("zzz")), place.top(18 * side).right(18 * side))
    corner = place.bottom(20 * side).right(20 * side)
    if beside == "moon":
        corner = Box(place.x, place.y + place.h - 16 * side, 16 * side, 16 * side)
    scene.put(Picture(theme.picture(beside)), corner)
