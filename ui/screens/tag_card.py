"""The card that says what lies on the pad. The table of tags decides; the tag's own text is only compared."""

from __future__ import annotations

from kiosk.events import Action
from kiosk.screens import TagLine, TagVerdict
from kiosk.words import Words
from ui import theme
from ui.screens.parts import choice
from ui.widgets.box import Box
from ui.widgets.pad import PadPicture, Thing
from ui.widgets.plate import Plate
from ui.widgets.scene import Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Say

PICTURES = {
    TagVerdict.CARD: "card",
    TagVerdict.AGREES: "check",
    TagVerdict.BLANK: "book",
    TagVerdict.UNKNOWN: "question",
}
"""Signs of verdicts; every other one wants to be looked at."""

SAYS_ITEM = {TagVerdict.AGREES, TagVerdict.BLANK, TagVerdict.DISAGREES}  # in their own words
PAD = 2.6
ROW = 4.4


def tag_card(scene: Scene, tag: TagLine | None, passport: bool | None, box: Box) -> None:
    """What the tag is; or the invitation to lay one down. Of a child's card, whether its passport is kept."""
    scene.put(Plate(scene.style), box)
    inner = box.less(left=PAD, right=PAD, top=PAD, bottom=PAD)
    words = scene.words
    if tag is None:
        picture = inner.top(inner.h - 16)
        scene.put(PadPicture(coming=(Thing.CARD, Thing.BOOK)), picture)
        invitation = Say(
            words.say("tag.none"),
            size_mm=theme.BODY,
            least_mm=3.8,
            weight="strong",
            lines=3,
            halign="center",
            colour=scene.style.ink,
        )
        scene.put(invitation, inner.bottom(14.5))
        return
    head = inner.top(10.4 if tag.words else 11.5)  # what was found needs a line of its own
    scene.put(Picture(theme.picture(PICTURES.get(tag.verdict, "warning"))), head.left(9.5))
    title = words.say(f"tag.{tag.verdict}", item=tag.item)
    style = scene.style
    headline = Say(title, size_mm=4.6, least_mm=3.1, weight="title", lines=2, colour=style.ink)
    scene.put(headline, head.less(left=11.5))
    if passport is not None:
        inner = _family_says(scene, inner, kept=passport)
    rows = _rows(tag, passport, words)
    foot = inner.bottom(ROW * len(rows))
    for number, (name, value) in enumerate(rows):
        row = foot.less(top=ROW * number).top(ROW)
        scene.put(Say(name, size_mm=3.2, least_mm=2.8, colour=style.soft, lines=1), row.left(15))
        said = Say(value, size_mm=3.2, least_mm=2.4, weight="strong", lines=1, colour=style.ink)
        scene.put(said, row.less(left=16))
    middle = inner.less(top=head.h + 0.6, bottom=foot.h + 0.6)
    if tag.words:
        found = Say(tag.words, size_mm=2.9, least_mm=2.7, colour=style.soft, lines=1)
        scene.put(found, middle.bottom(ROW))
        middle = middle.less(bottom=ROW)
    if passport is not None:
        return  # whose it is, is not said; what can be done with it takes the room
    hint = Say(_hint(tag, words), size_mm=3.5, least_mm=2.8, lines=4, valign="top", colour=style.ink)
    scene.put(hint, middle)


def _family_says(scene: Scene, inner: Box, *, kept: bool) -> Box:
    """The one thing a librarian does about a passport, as the family wishes; what remains of the card."""
    action = Action.ERASE if kept else Action.ALLOW
    scene.button(choice(scene.words, action), inner.bottom(theme.STAFF_TARGET))
    return inner.less(bottom=theme.STAFF_TARGET + 1)


def _hint(tag: TagLine, words: Words) -> str:
    """The verdict in a sentence: the station's word before the tag's, which may be endless."""
    key = f"tag.{tag.verdict}.hint"
    if tag.verdict is TagVerdict.AGREES and not tag.says:
        key = "tag.agrees.unread"
    elif tag.verdict is TagVerdict.UNKNOWN and tag.says:
        key = "tag.unknown.says"
    return words.say(key, item=tag.item, says=tag.says)


def _rows(tag: TagLine, passport: bool | None, words: Words) -> list[tuple[str, str]]:
    if passport is not None:
        return [(words.say("tag.passport"), words.say(f"tag.passport.{'kept' if passport else 'not_kept'}"))]
    rows = []
    if tag.item and tag.verdict not in SAYS_ITEM:
        rows.append((words.say("tag.item"), tag.item))
    if tag.uid:
        rows.append((words.say("tag.uid"), tag.uid))
    rows.append((words.say("tag.kind"), words.tag_kind(tag.kind)))
    return rows
