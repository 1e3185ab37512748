"""My booklet: the tree that grows with every book brought back, the stars, the badges."""

from __future__ import annotations

from kiosk.screens import Badge as Earned
from kiosk.screens import MyPassport
from ui import theme
from ui.screens.booklet import FACE, LINE, booklet, page_title
from ui.screens.parts import headline
from ui.widgets.badge import Badge
from ui.widgets.box import Box
from ui.widgets.child import Avatar, Stars
from ui.widgets.scene import Kit, Scene
from ui.widgets.text import Say
from ui.widgets.trail import Trail
from ui.widgets.tree import Tree

MOST = 6  # badges on a page
PICTURES = {
    Earned.FIRST_BOOK: "hatching",
    Earned.TEN_BOOKS: "trophy",
    Earned.FIFTY_BOOKS: "crown",
    Earned.THREE_SHELVES: "compass",
    Earned.SHELF_FRIEND: "heart_hands",
    Earned.FOUR_WEEKS: "rainbow",
    Earned.AGAIN: "two_hearts",
}
TREE = 44.0  # millimetres of the tree's place beside the words
STARS = 9.0
TRAIL = 4.6
BADGE, BADGE_GAP = 12.2, 0.5  # of a badge's height under the tree, and between two of them
TALLEST = 13.4  # of a badge where letters are larger: the tree needs its place too
CHEER = 10  # books from one cheer to the next


def my_passport(view: MyPassport, kit: Kit) -> Scene:
    """What is not earned yet is not shown: nobody looks at what is missing."""
    scene = booklet(kit, theme.MINT, view.page, view.pages)
    badges = view.badges[:MOST] if view.kept else ()
    title = kit.words.say("my_passport.title")
    if scene.tall:
        _standing(scene, view, badges, title)
        return scene
    whole = scene.grid
    wide = TREE if badges else whole.w * 0.36
    _tree(scene, view, whole.left(wide))
    words = page_title(scene, title, view.child, whole.less(left=wide + 4))
    if not badges:
        _next(scene, view, words, lines=3)
        return scene
    if len(badges) <= 3 and scene.style.scale == 1.0:  # otherwise the medals need the softer line's room
        _next(scene, view, words.top(theme.BODY * 1.35), lines=1, size_mm=theme.BODY)
        words = words.less(top=theme.BODY * 1.35 + 1)
    _badges(scene, badges, words, across=3 if len(badges) > 2 else 2)
    return scene


def _standing(scene: Scene, view: MyPassport, badges: tuple[Earned, ...], title: str) -> None:
    """The tree beside the headline, the badges under them; without any the tree has the page."""
    style, grid = scene.style, scene.grid
    if not badges:
        place = page_title(scene, title, view.child, grid)
        high = style.size(theme.LEAD) * LINE * 2
        _next(scene, view, place.bottom(high), lines=2, halign="center")
        _tree(scene, view, place.less(bottom=high))
        return
    rows = -(-len(badges) // 2)
    medals = rows * min(style.size(BADGE), TALLEST) + (rows - 1) * BADGE_GAP
    _badges(scene, badges, grid.bottom(medals), across=2)
    upper = grid.less(bottom=medals + 2)
    tree = upper.left(min(upper.h - TRAIL - 1, upper.w * 0.52))
    _tree(scene, view, tree)
    words = upper.less(left=tree.w + 5)
    scene.put(Avatar(view.child.animal), words.top(FACE).left(FACE))
    words = words.less(top=FACE + 1)
    high = min(style.size(theme.TITLE) * LINE * 2, words.h)
    headline(scene, title, words.top(high), lines=2)
    words = words.less(top=high + 1)
    if words.h > theme.SMALL * LINE * 3 + 0.5:
        _next(scene, view, words, lines=4, size_mm=theme.BODY, halign="left")


def _tree(scene: Scene, view: MyPassport, place: Box) -> None:
    """The tree in a soft light, the number of stars at its foot, and the way to the next cheer."""
    scene.put(Trail(CHEER - view.next_cheer, CHEER, scene.style), place.bottom(TRAIL))
    place = place.less(bottom=TRAIL + 1)
    scene.halo(place)
    scene.put(Tree(view.child.stamps), place)
    if view.child.stamps > 0:
        number = str(view.child.stamps)
        wide = STARS + 5 + 3.6 * scene.style.scale * len(number)
        side = min(place.w, place.h)
        corner = place.middle(side, side)
        scene.put(
            Stars(number, scene.style),
            Box(
                max(place.x, min(corner.x + corner.w * 0.64, place.x + place.w - wide)), corner.y, wide, STARS
            ),
        )


def _next(
    scene: Scene,
    view: MyPassport,
    place: Box,
    *,
    lines: int,
    size_mm: float = theme.LEAD,
    halign: str = "left",
) -> None:
    """How many books until the next cheer."""
    said = Say(
        scene.words.count("my_passport.next", view.next_cheer),
        size_mm=scene.style.size(size_mm),
        least_mm=theme.SMALL,
        lines=lines,
        colour=scene.style.soft,
        halign=halign,
    )
    scene.put(said, place)


def _badges(scene: Scene, badges: tuple[Earned, ...], place: Box, *, across: int) -> None:
    """So many in a row."""
    rows = -(-len(badges) // across)
    height = (place.h - BADGE_GAP * (rows - 1)) / rows
    for number, badge in enumerate(badges):
        row = place.less(top=number // across * (height + BADGE_GAP)).top(height)
        box = row.columns(across, 3)[number % across]
        name = scene.words.say(f"badge.{badge}.short")
        scene.put(Badge(PICTURES[badge], name, scene.style), box)
