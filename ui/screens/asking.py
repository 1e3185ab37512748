"""Questions with two answers: return or keep, borrow or not, still here or not."""

from __future__ import annotations

from dataclasses import replace

from kiosk.events import Action
from kiosk.screens import Choose, Offer, StillThere
from ui import theme
from ui.screens.parts import about, choice, cover, headline, sentence
from ui.widgets.box import Box
from ui.widgets.day import DueDay
from ui.widgets.scene import Kit, Scene
from ui.widgets.walk import WalkingAnimal


def choose(view: Choose, kit: Kit) -> Scene:
    """A book from home lies on the pad: back, or longer? A quiet way out is in the corner."""
    words, item = kit.words, view.book.item_id
    scene = Scene(kit, theme.PEACH, [choice(words, Action.RETURN, item), choice(words, Action.KEEP, item)])
    corner = scene.page.less(right=theme.EDGE, top=theme.EDGE).top(theme.TARGET).right(theme.TARGET + 2)
    scene.button(
        replace(choice(words, Action.DONE, quiet=True), words=words.say("button.done_short")), corner
    )
    cover(scene, view.book, scene.art, child=view.child)
    text = scene.text
    headline(scene, words.say("choose.title"), text.top(19).less(right=corner.w + 4))
    if view.book.due:
        due = DueDay(words.say("due.until"), view.book.due, view.today, words)
        scene.put(due, text.less(top=21).less(right=corner.w + 4))
    return scene


def offer(view: Offer, kit: Kit) -> Scene:
    """A book that has just come back; does this child want it?"""
    words, item = kit.words, view.book.item_id
    scene = Scene(kit, theme.JOY, [choice(words, Action.NOT_NOW, item), choice(words, Action.BORROW, item)])
    cover(scene, view.book, scene.art, badge="sparkles", child=view.child)
    headline(scene, words.say("offer.title"), scene.text.top(20))
    about(scene, view.book, scene.text.less(top=21))
    return scene


def still_there(view: StillThere, kit: Kit) -> Scene:
    """The child's animal walks home; a touch calls it back."""
    words = kit.words
    scene = Scene(kit, theme.DUSK, [choice(words, Action.DONE, quiet=True), choice(words, Action.STILL_HERE)])
    upper = Box(scene.art.x, scene.art.y, scene.page.w - 2 * theme.EDGE, scene.art.h)
    sentence(scene, words.say("still.title", name=view.child.nickname), box=upper.top(13))
    scene.put(WalkingAnimal(view.child.animal, view.seconds), upper.less(top=14))
    return scene
