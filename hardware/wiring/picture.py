"""Draws the header and what is wired to it: one picture a device."""

from __future__ import annotations

from typing import Final

from hardware.wiring.devices import Device
from hardware.wiring.header import GROUND, RAILS, V3, V5, label_of
from hardware.wiring.route import Run, tracks
from hardware.wiring.svg import GREY, WIDTH, Drawing, Point, wrapped
from hardware.wiring.words import Language, say

PITCH: Final = 34.0  # between two rows of pins
TOP: Final = 108.0  # the middle of the first row
RADIUS: Final = 10.0
ODD_X, EVEN_X = 160.0, 194.0
_UNDER: Final = 13.0  # a wire from the inner row passes so far below the middle of its row
_FIRST_TRACK, _LAST_TRACK = 330.0, 480.0
_PART_X, _PART_WIDTH = 498.0, 54.0
_BOX_X, _BOX_WIDTH = 566.0, 220.0
_TERMINAL_BELOW: Final = 23.0  # terminals lie between the heights at which wires leave the header
_ROWS: Final = 20

RAIL_COLOURS: Final = {V3: "#c65f00", V5: "#c00000", GROUND: "#1a1a1a"}
SIGNAL_COLOURS: Final = ("#0060a8", "#007a55", "#a03070", "#8a6d00", "#5b4bb0", "#00707f")
_RED, _GREEN, _BLUE, _YELLOW = "#c0392b", "#007a55", "#0060a8", "#b38600"
_OF_LIGHTS: Final = {"red": _RED, "green": _GREEN, "blue": _BLUE, "led.green": _GREEN, "led.yellow": _YELLOW}
_BOARD, _STRIP, _PIN, _PLAIN = "#e9f2ea", "#3a3a3a", "#f4d679", "#f7f7f7"


def row_y(pin: int) -> float:
    """The height of a pin's middle."""
    return TOP + (pin - 1) // 2 * PITCH


def draw(device: Device, language: Language) -> str:
    """The picture of one device, as an SVG file."""
    title = say(f"title.{device.name}", language)
    notes = wrapped(say(f"note.{device.name}", language), 14, WIDTH - 40)
    bottom = TOP + _ROWS * PITCH
    drawing = Drawing(title, bottom + 24 + 22 * len(notes))
    drawing.text((20, 32), title, size=22, bold=True)
    _board(drawing, language)
    used = {wire.pin for wire in device.wires}
    ends = _terminals(drawing, device, language)
    _wires(drawing, device, ends)
    for pin in range(1, 2 * _ROWS + 1):
        _pin(drawing, pin, pin in used)
    for number, line in enumerate(notes):
        drawing.text((20, bottom + 22 + 22 * number), line, size=14)
    return drawing.svg()


def _board(drawing: Drawing, language: Language) -> None:
    drawing.box((20, 60), (290, TOP - 60 + _ROWS * PITCH - 8), fill=_BOARD, edge="#8fae93", round_by=10)
    drawing.box((ODD_X - 16, TOP - 17), (EVEN_X - ODD_X + 32, _ROWS * PITCH), fill=_STRIP, round_by=3)
    drawing.text((ODD_X - 20, 76), say("row.inner", language), anchor="end", colour=GREY)
    drawing.text((EVEN_X + 20, 76), say("row.edge", language), colour=GREY)


def _pin(drawing: Drawing, pin: int, used: bool) -> None:
    odd, y = pin % 2 == 1, row_y(pin)
    x = ODD_X if odd else EVEN_X
    fill = RAIL_COLOURS.get(RAILS.get(pin, ""), _PIN) if used else "#d8d8d8"
    if pin == 1:
        drawing.box((x - RADIUS - 1, y - RADIUS - 1), (2 * RADIUS + 2, 2 * RADIUS + 2), fill=fill, round_by=0)
    else:
        drawing.disc((x, y), RADIUS, fill=fill)
    dark = used and pin in RAILS
    drawing.text((x, y), str(pin), anchor="middle", bold=used, colour="#ffffff" if dark else "#1a1a1a")
    colour = "#1a1a1a" if used else GREY
    if odd:
        drawing.text((ODD_X - 22, y), label_of(pin), anchor="end", bold=used, colour=colour)
    else:
        drawing.text((EVEN_X + 20, y - (10 if used else 0)), label_of(pin), bold=used, colour=colour)


def _terminals(drawing: Drawing, device: Device, language: Language) -> list[Point]:
    """Draw the boxes, stacked round the middle of their pins; answers where each wire ends."""
    rows = sum(1 + len(box.wires) for box in device.boxes) + len(device.boxes) - 1
    middle = sum((wire.pin - 1) // 2 for wire in device.wires) / len(device.wires)
    row = max(0, min(round(middle - rows / 2), _ROWS - rows))
    ends: list[Point] = []
    for box in device.boxes:
        top = TOP + row * PITCH + _TERMINAL_BELOW - PITCH / 2
        size = (_BOX_WIDTH, (1 + len(box.wires)) * PITCH - 4)
        drawing.box((_BOX_X, top), size, fill=_PLAIN, round_by=8)
        head = (_BOX_X + _BOX_WIDTH / 2, top + 17)
        drawing.text(head, say(box.name, language), size=15, anchor="middle", bold=True)
        for wire in box.wires:
            row += 1
            y = TOP + row * PITCH + _TERMINAL_BELOW
            ends.append((_BOX_X, y))
            drawing.text((_BOX_X + 14, y), say(wire.terminal, language), bold=True)
            far = f"{say('pin', language)} {wire.pin}"
            if wire.optional:
                far = f"{say('optional', language)}, {far}"
            drawing.text((_BOX_X + _BOX_WIDTH - 10, y), far, anchor="end")
        row += 2
    return ends


def _wires(drawing: Drawing, device: Device, ends: list[Point]) -> None:
    wires = device.wires
    runs = [Run(wire.pin, _leaves(wire.pin), end[1]) for wire, end in zip(wires, ends, strict=True)]
    step = (_LAST_TRACK - _FIRST_TRACK) / max(len(runs) - 1, 1)
    lanes = [_FIRST_TRACK + min(step, 30.0) * track for track in tracks(runs)]
    colours = _colours(device)
    for run, lane, colour, wire, end in zip(runs, lanes, colours, wires, ends, strict=True):
        x = ODD_X if wire.pin % 2 else EVEN_X
        way: list[Point] = [(x, row_y(wire.pin))]
        if run.start != row_y(wire.pin):
            way.append((x, run.start))
        drawing.wire([*way, (lane, run.start), (lane, run.end), end], colour, dashed=wire.optional)
        drawing.disc(end, 5, fill=colour)
        if wire.part:
            drawing.box((_PART_X, run.end - 11), (_PART_WIDTH, 22), fill="#fff3d6", round_by=2)
            drawing.text((_PART_X + _PART_WIDTH / 2, run.end), wire.part, anchor="middle", bold=True)
    for pin, joined in _joins(runs, lanes).items():
        for lane in joined:
            drawing.disc((lane, _leaves(pin)), 5, fill=colours[[run.pin for run in runs].index(pin)])


def _leaves(pin: int) -> float:
    """The height at which a wire leaves the header: from the inner row it passes below the outer one."""
    return row_y(pin) + (_UNDER if pin % 2 else 0.0)


def _joins(runs: list[Run], lanes: list[float]) -> dict[int, list[float]]:
    """Where wires that share a pin part: at every lane but the furthest."""
    shared: dict[int, list[float]] = {}
    for run, lane in zip(runs, lanes, strict=True):
        shared.setdefault(run.pin, []).append(lane)
    return {pin: sorted(found)[:-1] for pin, found in shared.items() if len(found) > 1}


def _colours(device: Device) -> list[str]:
    """Supplies in their usual colours, lights in theirs, other signals each in one of its own."""
    chosen: dict[int, str] = {}
    for box in device.boxes:
        for wire in box.wires:
            signals = sum(pin not in RAILS for pin in chosen)
            colour = RAIL_COLOURS.get(RAILS.get(wire.pin, "")) or _OF_LIGHTS.get(wire.terminal)
            colour = colour or _OF_LIGHTS.get(box.name) or SIGNAL_COLOURS[signals % len(SIGNAL_COLOURS)]
            chosen.setdefault(wire.pin, colour)
    return [chosen[wire.pin] for wire in device.wires]
