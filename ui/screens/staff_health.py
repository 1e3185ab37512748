"""How every device is, the broken ones first with what to do about them; beside it what lies on the pad."""

from __future__ import annotations

import math
from dataclasses import replace

from kivy.metrics import mm

from kiosk.events import Action
from kiosk.screens import DeviceLine, StaffHealth
from ui import theme
from ui.screens.parts import choice
from ui.screens.tag_card import tag_card
from ui.widgets.box import Box
from ui.widgets.plate import Plate
from ui.widgets.scene import Kit, Scene
from ui.widgets.shapes import Picture
from ui.widgets.text import Ruler, Say

PAD = 2.2  # between a card's edge and what is on it
APART = 1.2  # between two broken devices
NAME, REMEDY = 5.6, 4.9  # heights of the lines of a broken device
TALL_CARD, TALL_EDGE = 41.0, 3.0  # height of the tag's card on a standing panel, and the border there
FULL = 16.0  # its least height, with one line of its cause
ROOMY = 25.0  # its height where there is room
ROW, TALL_ROW = 5.0, 9.4  # of a device of which only the state is said
MOST = 22  # devices; the catalogues name 20
NAMED = 4.4  # height of a line of the names of devices that work
STATE = 3.0  # font size of the state of a device in a row
STATES = {True: "state.good", False: "state.bad"}


def staff_health(view: StaffHealth, kit: Kit) -> Scene:
    """Two cards: the devices, and the tag on the pad with the way out under it."""
    words = kit.words
    lines = _that_fit(view.devices)
    broken = [each for each in lines if not each.good]
    scene = Scene(kit, theme.PEACH if broken else theme.MINT, staff=True)
    edge = TALL_EDGE if scene.tall else theme.EDGE
    page = scene.page.less(left=edge, right=edge, top=3.5, bottom=2.5)
    done = replace(
        choice(words, Action.DONE, quiet=bool(broken)), words=words.say("button.done_short"), picture="door"
    )
    above = theme.DEAD_STRIP + theme.BUTTON_HEIGHT + theme.STAFF_GAP + 0.5 - page.y  # of the way out and help
    if scene.tall:
        row = scene.free.bottom(theme.BUTTON_HEIGHT)
        card = page.less(bottom=above).bottom(TALL_CARD)
        place = page.less(bottom=above + TALL_CARD + 3.5)
    else:
        side = page.right(2 * (theme.TARGET + 2) + theme.GAP)
        row = Box(side.x, theme.DEAD_STRIP, side.w, theme.BUTTON_HEIGHT)
        card, place = side.less(bottom=above), page.less(right=side.w + 4)
    scene.button(done, row.left(theme.TARGET + 2))
    tag_card(scene, view.tag, view.passport, card)
    scene.put(Plate(scene.style), place)
    inner = place.less(left=PAD, right=PAD, top=PAD, bottom=PAD)
    good = [each for each in lines if each.good]
    if broken:
        _broken_first(scene, broken, good, inner)
    else:
        _all_good(scene, good, inner)
    return scene


def _that_fit(devices: tuple[DeviceLine, ...]) -> list[DeviceLine]:
    """The broken ones first; a station with more devices than the screen has rows says how many more."""
    lines = sorted(devices, key=lambda each: each.good)
    if len(lines) <= MOST:
        return lines
    rest = lines[MOST - 1 :]
    more = DeviceLine(f"+{len(rest)}", all(each.good for each in rest))
    return sorted([*lines[: MOST - 1], more], key=lambda each: each.good)


def _all_good(scene: Scene, good: list[DeviceLine], box: Box) -> None:
    head = box.top(9)
    scene.put(Picture(theme.picture("check")), head.left(9))
    title = Say(
        scene.words.say("staff_health.all_good"),
        size_mm=theme.LEAD,
        weight="title",
        lines=1,
        colour=scene.style.ink,
    )
    scene.put(title, head.less(left=11.5))
    _rows(scene, good, box.less(top=head.h + 2))


def _broken_first(scene: Scene, broken: list[DeviceLine], good: list[DeviceLine], box: Box) -> None:
    """As many in full as fit; what remains says only its state, so that every device is on the screen."""
    in_full = len(broken)
    while in_full > 1 and (
        in_full * (FULL + APART) + _rows_height(len(broken) - in_full) + _names_height(good) > box.h
    ):
        in_full -= 1
    spare = broken[in_full:]
    low = _rows_height(len(spare) + len(good))
    as_rows = in_full * (FULL + 4 + APART) + low <= box.h
    if not as_rows:
        low = _rows_height(len(spare)) + _names_height(good)
    each = min(ROOMY, (box.h - low) / in_full - APART)
    for number, line in enumerate(broken[:in_full]):
        _fault(scene, line, box.less(top=number * (each + APART)).top(each))
    below = box.less(top=in_full * (each + APART))
    if as_rows:
        _rows(scene, spare + good, below)
    else:
        _rows(scene, spare, below.top(_rows_height(len(spare))))
        _names(scene, good, below.less(top=_rows_height(len(spare))))


def _fault(scene: Scene, line: DeviceLine, box: Box) -> None:
    """Name and state, what to do, and small the cause as it was found."""
    words = scene.words
    style = scene.style
    scene.put(Plate(style, face="#FFF1E6", lip="#F3C9AE", lip_mm=0.5, round_mm=2.5), box)
    inner = box.less(left=2, right=2, top=0.5, bottom=0.2)
    name = inner.top(NAME)
    scene.put(Picture(theme.picture("warning")), name.left(NAME).middle(NAME, 5))
    state, text = name.right(16), inner.less(left=NAME + 1.6)
    scene.put(_small(words.say("state.bad"), 3.5, style.bad, halign="right"), state)
    device = Say(
        words.device(line.device), size_mm=3.9, least_mm=3.2, weight="title", lines=1, colour=style.ink
    )
    scene.put(device, text.top(NAME).less(right=state.w + 1))
    below = text.less(top=NAME)
    remedy = Say(words.remedy(line.device), size_mm=3.3, least_mm=2.9, lines=1, colour=style.ink)
    scene.put(remedy, below.top(REMEDY))
    cause = Say(line.cause, size_mm=2.7, least_mm=2.7, colour=style.soft, lines=3, valign="top")
    scene.put(cause, below.less(top=REMEDY))


def _small(text: str, size_mm: float, colour: str, *, halign: str = "left") -> Say:
    return Say(text, size_mm=size_mm, least_mm=2.7, weight="strong", colour=colour, lines=1, halign=halign)


def _rows(scene: Scene, lines: list[DeviceLine], box: Box) -> None:
    """Two columns, read downwards; a device a row: its sign, its name, its state in a word."""
    if not lines:
        return
    count = math.ceil(len(lines) / 2)
    height = min(TALL_ROW, box.h / count)
    columns = box.columns(2, 3)
    size = 3.2 if height < ROW + 1 or not all(line.good for line in lines) else 3.6
    measure = Ruler("strong", round(mm(STATE)))
    widths = {good: measure(scene.words.say(STATES[good])) / mm(1) + 0.4 for good in STATES}
    for number, line in enumerate(lines):
        row = columns[number // count].less(top=number % count * height).top(height)
        sign = min(height * 0.82, 5.0)
        scene.put(Picture(theme.picture("check" if line.good else "warning")), row.left(sign))
        state = scene.words.say(STATES[line.good])
        word = row.right(widths[line.good])
        tint = scene.style.soft if line.good else scene.style.bad
        scene.put(_small(state, STATE, tint, halign="right"), word)
        name = row.less(left=sign + 1.4, right=word.w + 0.4)
        scene.put(_small(scene.words.device(line.device), size, scene.style.ink), name)


def _names(scene: Scene, lines: list[DeviceLine], box: Box) -> None:
    """Names in a sentence, where a row for each would take the room of what is broken."""
    if not lines:
        return
    scene.put(Picture(theme.picture("check")), box.less(left=2).left(NAME).top(NAMED).middle(4.4, 4.4))
    names = ", ".join(scene.words.device(line.device) for line in lines)
    text = scene.words.say("staff_health.good", names=names)
    said = Say(text, size_mm=3.1, least_mm=2.7, lines=4, valign="top", colour=scene.style.ink)
    scene.put(said, box.less(left=9.4))


def _names_height(lines: list[DeviceLine]) -> float:
    return 1.0 + NAMED * math.ceil((len(lines) + 1) / 4) if lines else 0.0


def _rows_height(count: int) -> float:
    return ROW * math.ceil(count / 2)
