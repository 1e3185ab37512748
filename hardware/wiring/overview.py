"""Draws the picture of all pins, and the one of what hangs on USB."""

from __future__ import annotations

from typing import Final

from hardware.wiring.devices import DEVICES
from hardware.wiring.header import GROUND, RAILS, label_of
from hardware.wiring.picture import PITCH, RADIUS, RAIL_COLOURS, row_y
from hardware.wiring.svg import GREY, SMALL, WIDTH, Drawing, width_of, wrapped
from hardware.wiring.words import Language, say

_ODD_X, _EVEN_X = 393.0, 427.0
_FLAG_LEFT, _FLAG_RIGHT = 250.0, 566.0  # where the flags of a side begin, beyond the pins' own labels
_CHIP: Final = 18.0
_CHIP_GAP: Final = 9.0
_COLUMNS: Final = 3

_UNTOLD: Final = {"signal", "leg.one", "leg.long"}  # the box says more than its terminal

_SIGNS: Final = (
    "#0060a8", "#3f7fb5", "#007a55", "#2b8f72", "#00707f", "#8a6d00", "#a07d10",
    "#a03070", "#5b4bb0", "#7a6cc4", "#6b4a2b", "#b04a1e", "#7f3f98",
)  # fmt: skip

_USB: Final = (
    ("usb.scanner", "usb.cable", "", "USB"),
    ("usb.feig", "usb.rs232", "usb.own", "RS-232"),
    ("PN532", "usb.ttl33", "HSU: TX–RX, RX–TX, GND, VCC", "TTL 3.3 V"),
    ("RDM6300", "usb.ttl5", "TX–RX, GND, 5V", "TTL 5 V"),
)  # what, through what, a word about it, what goes over the wire


def draw_all(language: Language) -> str:
    """Every pin with every terminal that may be wired to it."""
    title = say("title.all", language)
    notes = wrapped(say("note.all", language), 14, WIDTH - 40)
    legend_top = row_y(40) + 40
    rows = -(-len(DEVICES) // _COLUMNS)
    drawing = Drawing(title, legend_top + 26 * rows + 22 * len(notes) + 12)
    drawing.text((20, 32), title, size=22, bold=True)
    drawing.text((_ODD_X - 24, 78), say("row.inner", language), anchor="end", colour=GREY)
    drawing.text((_EVEN_X + 24, 78), say("row.edge", language), colour=GREY)
    drawing.box((_ODD_X - 16, row_y(1) - 17), (_EVEN_X - _ODD_X + 32, 20 * PITCH), fill="#3a3a3a", round_by=3)
    for pin in range(1, 41):
        _flag(drawing, pin, _terminals_at(pin, language))
    for number, device in enumerate(DEVICES):
        x = 20 + (WIDTH - 40) / _COLUMNS * (number // rows)
        y = legend_top + 26 * (number % rows)
        _sign(drawing, x, y, device.letter)
        name = say(f"title.{device.name}", language)
        drawing.text((x + 26, y), name)
    for number, line in enumerate(notes):
        drawing.text((20, legend_top + 26 * rows + 8 + 22 * number), line, size=14)
    return drawing.svg()


def _terminals_at(pin: int, language: Language) -> list[tuple[str, str]]:
    """Who is wired to a pin: letter and terminal, each once."""
    found: dict[tuple[str, str], None] = {}
    for device in DEVICES:
        for box in device.boxes:
            for wire in box.wires:
                if wire.pin != pin:
                    continue
                name = ""
                if RAILS.get(pin) != GROUND and wire.terminal != "end.one":
                    name = box.name if wire.terminal in _UNTOLD else wire.terminal
                part = wire.part
                found[device.letter, f"{say(name, language)} {part}".strip()] = None
    return list(found)


def _flag(drawing: Drawing, pin: int, terminals: list[tuple[str, str]]) -> None:
    odd, y = pin % 2 == 1, row_y(pin)
    x, way = (_ODD_X, -1) if odd else (_EVEN_X, 1)
    rail = RAIL_COLOURS.get(RAILS.get(pin, ""))
    label = label_of(pin)
    if terminals:
        near = x + way * (28 + width_of(label, SMALL, bold=True))
        far = (_FLAG_LEFT if odd else _FLAG_RIGHT) - way * 5
        if way * (far - near) > 0:
            drawing.wire([(near, y), (far, y)], rail or "#0060a8")
    fill = (rail or "#f4d679") if terminals else "#d8d8d8"
    if pin == 1:
        drawing.box((x - RADIUS - 1, y - RADIUS - 1), (2 * RADIUS + 2, 2 * RADIUS + 2), fill=fill, round_by=0)
    else:
        drawing.disc((x, y), RADIUS, fill=fill)
    white = bool(terminals) and rail is not None
    drawing.text(
        (x, y), str(pin), anchor="middle", bold=bool(terminals), colour="#ffffff" if white else "#1a1a1a"
    )
    anchor = "end" if odd else "start"
    drawing.text(
        (x + way * 22, y), label, anchor=anchor, bold=bool(terminals), colour="#1a1a1a" if terminals else GREY
    )
    _chips(drawing, terminals, y, odd)


def _chips(drawing: Drawing, terminals: list[tuple[str, str]], y: float, odd: bool) -> None:
    widths = [_CHIP + (4 + width_of(words, SMALL) if words else 0) for _, words in terminals]
    x = _FLAG_LEFT - sum(widths) - _CHIP_GAP * max(0, len(widths) - 1) if odd else _FLAG_RIGHT
    for (letter, words), width in zip(terminals, widths, strict=True):
        _sign(drawing, x, y, letter)
        if words:
            drawing.text((x + _CHIP + 4, y), words)
        x += width + _CHIP_GAP


def _sign(drawing: Drawing, x: float, y: float, letter: str) -> None:
    colour = _SIGNS[[device.letter for device in DEVICES].index(letter)]
    drawing.box((x, y - _CHIP / 2), (_CHIP, _CHIP), fill=colour, edge=colour, round_by=3)
    drawing.text((x + _CHIP / 2, y), letter, anchor="middle", bold=True, colour="#ffffff")


def draw_usb(language: Language) -> str:
    """What hangs on USB, each with what stands between."""
    title = say("title.usb", language)
    notes = wrapped(say("note.usb", language), 14, WIDTH - 40)
    row, top = 96.0, 70.0
    drawing = Drawing(title, top + row * len(_USB) + 22 * len(notes) + 12)
    drawing.text((20, 32), title, size=22, bold=True)
    drawing.box((20, top), (150, row * len(_USB) - 24), fill="#e9f2ea", edge="#8fae93", round_by=10)
    for number, line in enumerate(wrapped(say("usb.port", language), 15, 120)):
        drawing.text((95, top + 24 + 20 * number), line, size=15, anchor="middle", bold=True)
    for number, (what, through, about, wires) in enumerate(_USB):
        y = top + row * number + 36
        drawing.wire([(170, y), (240, y)], "#5b4bb0")
        drawing.text((205, y - 14), "USB", anchor="middle")
        drawing.box((240, y - 30), (210, 60), fill="#f7f7f7", round_by=8)
        drawing.text((345, y), say(through, language), anchor="middle", bold=True)
        drawing.wire([(450, y), (560, y)], "#0060a8")
        drawing.text((505, y - 14), wires, anchor="middle")
        drawing.box((560, y - 30), (220, 60), fill="#f7f7f7", round_by=8)
        drawing.text((670, y - (10 if about else 0)), say(what, language), anchor="middle", bold=True)
        if about:
            drawing.text((670, y + 13), say(about, language), anchor="middle")
    for number, line in enumerate(notes):
        drawing.text((20, top + row * len(_USB) + 6 + 22 * number), line, size=14)
    return drawing.svg()
