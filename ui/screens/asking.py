"""Questions with two answers: return or keep, borrow or not, still here or not."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import Choose, Offer, StillThere
from ui import theme
from ui.screens.parts import choice, cover, due_day, written
from ui.widgets.box import Box
from ui.widgets.column import Column
from ui.widgets.scene import Kit, Scene
from ui.widgets.walk import WalkingAnimal


def choose(view: Choose, kit: Kit) -> Scene:
    """A book from home lies on the pad: back, or longer? Whoever lifts it off again has chosen neither."""
    words, item = kit.words, view.book.item_id
    scene = Scene(kit, theme.PEACH, [choice(words, Action.RETURN, item), choice(words, Action.KEEP, item)])
    column = Column(scene)
    column.headline(words.say("choose.title"), size_mm=theme.HUGE)
    column.name(view.book.name, drop=2)
    if view.book.due:
        due_day(column, scene, words.say("due.until"), view.book.due, view.today)
    column.lay()
    cover(scene, view.book, scene.art, child=view.child)
    return scene


def offer(view: Offer, kit: Kit) -> Scene:
    """A book that has just come back; does this child want it?"""
    words, item = kit.words, view.book.item_id
    scene = Scene(kit, theme.JOY, [choice(words, Action.NOT_NOW, item), choice(words, Action.BORROW, item)])
    column = Column(scene)
    column.headline(words.say("offer.title"), size_mm=theme.HUGE)
    written(column, view.book, drop=1)
    column.lay()
    cover(scene, view.book, scene.art, badge="sparkles", child=view.child)
    return scene


def still_there(view: StillThere, kit: Kit) -> Scene:
    """The child's animal walks home; a touch calls it back."""
    words = kit.words
    scene = Scene(kit, theme.DUSK, [choice(words, Action.DONE, quiet=True), choice(words, Action.STILL_HERE)])
    upper = scene.grid
    title = words.say("still.title", name=view.child.nickname)
    column = Column(scene, upper.top(upper.h * 0.5), valign="top")
    column.headline(title, size_mm=theme.HUGE)
    used = column.lay()
    way = Box(upper.x, upper.y - 3, upper.w, used.y - upper.y)
    scene.put(WalkingAnimal(view.child.animal, view.seconds), way.middle(way.w, 42) if scene.tall else way)
    return scene
