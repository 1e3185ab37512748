"""What is wrong with a drawn scene, by measuring it: `faults(scene)`.

It reads what was really painted, instruction by instruction, so no widget has to declare anything: where
every shape lies, in which colour, and what lies under each text. Lengths are in millimetres of the panel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from kivy.metrics import mm
from kivy.uix.widget import Widget

from kiosk.events import Action
from kiosk.words import Words
from ui import theme
from ui.painted import Colour, Paint, Rect, code, painted, widgets
from ui.widgets.book import CoverPicture
from ui.widgets.button import BigButton
from ui.widgets.day import DueDay, Leaf
from ui.widgets.scene import Scene
from ui.widgets.text import Say

LEAST_TARGET, LEAST_GAP, DEAD = 20.0, 8.0, 12.0  # what a child's hand needs
READABLE, STRONG = 4.5, 12.0  # contrast of text (WCAG 2.2 AA), and where the look asks for a strong one
ROUNDING = 0.2  # millimetres that whole pixels may take
TOUCH = 0.6  # millimetres two drawn things may share before it is seen

KEYPAD = {Action.DIGIT, Action.RUB_OUT, Action.ENTER}
GROWN_UPS = KEYPAD | {Action.STAFF, Action.ALLOW, Action.ERASE}
"""Targets for a grown-up's finger."""


def faults(scene: Scene) -> list[str]:
    """Everything a demanding eye would not accept, each in a sentence; [] when there is nothing."""
    return [*_of_targets(scene), *_of_texts(scene), *_of_grounds(scene)]


def _of_targets(scene: Scene) -> Iterator[str]:
    unit = mm(1)
    for each in scene.targets:
        name, grown = each.choice.action, scene.staff or each.choice.action in GROWN_UPS
        least = theme.STAFF_TARGET if grown else LEAST_TARGET
        if min(each.size) / unit < least - ROUNDING:
            yield f"{name}: {each.width / unit:.1f} x {each.height / unit:.1f} mm, less than {least:g}"
        if each.y / unit < DEAD - ROUNDING:
            yield f"{name}: reaches {each.y / unit:.1f} mm into the dead strip"
        if each.x < 0 or each.right > scene.width or each.top > scene.height:
            yield f"{name}: leaves the page"
        if not (scene.staff or scene.grids) and each.top > scene.height / 2 + unit:
            yield f"{name}: stands in the upper half"
    for one, other in combinations(scene.targets, 2):
        keys = scene.staff or {one.choice.action, other.choice.action} <= KEYPAD
        gap = theme.STAFF_GAP if keys else LEAST_GAP
        if _overlap(_rect(one), _rect(other), (gap - ROUNDING) * unit):
            yield f"{one.choice.action} and {other.choice.action}: closer than {gap:g} mm"


def _of_texts(scene: Scene) -> Iterator[str]:
    unit = mm(1)
    free: list[Say] = []
    for say in _sayings(scene):
        x, y, w, h = say.drawn
        if w > say.width + 1 or h > say.height + 1:
            yield f"{say.text!r}: larger than its box"
        if x < -1 or y < -1 or x + w > scene.width + 1 or y + h > scene.height + 1:
            yield f"{say.text!r}: leaves the page"
        whole = say.text.replace("\n", " ") == say.said
        if not whole and (_within(say, DueDay, BigButton) or _own(say.said, scene.words)):
            yield f"{say.text!r}: {say.said!r} is not whole"
        lost = {letter for letter in say.text if letter not in _letters(say.font)} - {"\n"}
        if lost:
            yield f"{say.text!r}: the font lacks {' '.join(sorted(lost))}"
        if not whole and say.said.isdigit():
            yield f"{say.text!r}: the number {say.said} is not whole"
        meant_small = say._wish[0] < theme.SMALL or _within(say, CoverPicture, Leaf)
        if not scene.staff and not meant_small and say.font_size / unit < theme.SMALL - 0.1:
            yield f"{say.text!r}: {say.font_size / unit:.1f} mm, too small for a child to read"
        if not _within(say, CoverPicture):
            free.append(say)
    for one, other in combinations(free, 2):
        # A line's box has room for two accents above and a dot below; that much may touch.
        if _overlap(_ink(one), _ink(other)):
            yield f"{one.text!r} lies on {other.text!r}"
    for say in free:
        for button in scene.targets:
            if not _inside(say, button) and _overlap(_ink(say), _rect(button)):
                yield f"{say.text!r} lies on the button {button.choice.action}"


def _of_grounds(scene: Scene) -> Iterator[str]:
    unit = mm(1)
    paints = painted(scene)
    for each in paints:
        if each.owner is scene or each.say is not None or not each.colour[3]:
            continue
        x, y, w, h = each.rect
        if each.picture:
            for button in scene.targets:
                if not _inside(each.owner, button) and _overlap(_shrunk(each.rect), _rect(button), -unit):
                    yield f"a picture ({_place(each, unit)}) lies on the button {button.choice.action}"
        if x < -unit or y < -unit * 1.5 or x + w > scene.width + unit or y + h > scene.height + unit:
            yield f"{type(each.owner).__name__} at {x / unit:.0f}, {y / unit:.0f}: leaves the page"
    for number, each in enumerate(paints):
        say = each.say
        if say is None or not say.text:
            continue
        on_cover = _within(say, CoverPicture)
        ink, grounds = _ink(say), [(0.0, 0.0, 0.0)]
        pictures: list[Paint] = []
        for other in paints[:number]:
            if other.picture:
                if not on_cover and _overlap(ink, _shrunk(other.rect), -TOUCH * unit):
                    pictures.append(other)
                continue
            grounds = _under(grounds, other, ink, scene)
            if other.colour[3] == 1 and other.share_of(ink) == 1:
                pictures.clear()  # paper lies between
        for other in pictures:
            yield f"{say.text!r}: lies on a picture ({_place(other, unit)})"
        for other in paints[number + 1 :]:
            if other.say is None and _hides(other, ink, unit) and not on_cover:
                yield f"{say.text!r}: {type(other.owner).__name__} lies on it ({_place(other, unit)})"
        least = STRONG if scene.style.contrast and not on_cover else READABLE
        for ground in grounds:
            ratio = theme.contrast(code(each.colour), code((*ground, 1.0)))
            if ratio < least:
                yield f"{say.text!r}: contrast {ratio:.1f} on {code((*ground, 1.0))}, less than {least:g}"


def _under(
    grounds: list[tuple[float, float, float]], paint: Paint, ink: Rect, scene: Scene
) -> list[tuple[float, float, float]]:
    """The colours that may lie under a text after one more shape was painted."""
    share = paint.share_of(ink)
    if share == 0 or paint.colour[3] == 0:
        return grounds
    colours: list[Colour] = [paint.colour]
    if paint.owner is scene and not paint.uneven and not scene.style.contrast:
        low, high = theme.colour(scene.mood.bottom), theme.colour(scene.mood.top)
        places = (ink[1] / scene.height, (ink[1] + ink[3]) / scene.height)
        colours = [_mixed(low, high, min(1.0, max(0.0, place))) for place in places]
    painted_over = [
        tuple(old * (1 - colour[3]) + new * colour[3] for old, new in zip(ground, colour[:3], strict=True))
        for colour in colours
        for ground in grounds
    ]
    kept = grounds if share < 1 else []
    return list({(round(r, 3), round(g, 3), round(b, 3)) for r, g, b in (*kept, *painted_over)})


def _hides(paint: Paint, ink: Rect, unit: float) -> bool:
    if not paint.colour[3]:
        return False
    rect = _shrunk(paint.rect) if paint.picture else paint.rect
    return _overlap(ink, rect, -TOUCH * unit) and paint.share_of(ink) > 0


def _mixed(low: Colour, high: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(low[:3], high[:3], strict=True))
    return red, green, blue, 1.0


def _sayings(scene: Scene) -> list[Say]:
    return [each for each in widgets(scene) if isinstance(each, Say) and each.text]


def _ink(say: Say) -> Rect:
    """Where letters are: a line's box is taller, for two accents above and a dot below."""
    x, y, w, h = say.drawn
    line = h / (say.text.count("\n") + 1)
    return x, y + line * 0.14, w, h - line * 0.3


def _rect(widget: Widget) -> Rect:
    return (*widget.pos, *widget.size)


def _shrunk(rect: Rect) -> Rect:
    """A picture without the empty margin all of them have."""
    x, y, w, h = rect
    return x + w * 0.06, y + h * 0.06, w * 0.88, h * 0.88


def _overlap(one: Rect, other: Rect, gap: float = 0.0) -> bool:
    return (
        one[0] < other[0] + other[2] + gap
        and other[0] < one[0] + one[2] + gap
        and one[1] < other[1] + other[3] + gap
        and other[1] < one[1] + one[3] + gap
    )


def _inside(widget: Widget, whole: Widget) -> bool:
    while widget.parent is not None and widget.parent is not widget:
        widget = widget.parent
        if widget is whole:
            return True
    return False


def _within(widget: Widget, *kinds: type) -> bool:
    while widget.parent is not None and widget.parent is not widget:
        if isinstance(widget, kinds):
            return True
        widget = widget.parent
    return False


def _place(paint: Paint, unit: float) -> str:
    x, y, w, h = (side / unit for side in paint.rect)
    return f"at {x:.0f}, {y:.0f}, {w:.0f} x {h:.0f} mm"


def _own(said: str, words: Words) -> bool:
    """Whether the station's own words say this: they must never end in "…"; titles and news may."""
    return any(pattern.fullmatch(said) for pattern in _patterns(words))


@cache
def _patterns(words: Words) -> tuple[re.Pattern[str], ...]:
    patterns = []
    for sentence in words.sentences():
        parts = re.split(r"\{\w+\}", sentence)
        if "{says}" in sentence:
            continue  # what a stranger's tag says may be endless
        if len(parts) == 1 or sum(map(str.isalpha, "".join(parts))) >= 4:
            patterns.append(re.compile(".+".join(re.escape(part) for part in parts)))
    return tuple(patterns)


@cache
def _letters(font: str) -> frozenset[str]:
    """Letters a font file has."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415  whoever develops has it

    return frozenset(map(chr, TTFont(font, lazy=True).getBestCmap()))
