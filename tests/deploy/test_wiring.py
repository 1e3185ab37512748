"""The wiring: one table, in step with settings, boot settings and pages; pictures that can be read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from firmware_config.fragments import HOME
from hardware.wiring.__main__ import main
from hardware.wiring.devices import DEVICES, Wire, device, gpio, rail
from hardware.wiring.gallery import pictures
from hardware.wiring.header import BCM_TO_PIN, GROUND, PIN_TO_BCM, RAILS, NoSuchPin, label_of, pin_of
from hardware.wiring.route import Run, tracks
from hardware.wiring.svg import WIDTH, width_of, wrapped
from hardware.wiring.words import LANGUAGES, keys, say
from kiosk.settings import Settings, claims

ROOT = Path(__file__).parents[2]
WIRES = [(each.name, wire) for each in DEVICES for wire in each.wires]
PICTURES = dict(pictures())
SVG = "{http://www.w3.org/2000/svg}"
SHARED = {"SCLK", "MISO", "MOSI", "SDA", "SCL"}  # a bus: several devices on one wire are meant
EITHER = [{"beams", "tof"}, {"lamp", "rgb"}, {"pn532", "rdm6300"}]  # one or the other


def bcm(wire: Wire) -> int | None:
    return PIN_TO_BCM.get(wire.pin)


def test_the_header_has_forty_pins_each_once() -> None:
    assert sorted([*BCM_TO_PIN.values(), *RAILS]) == list(range(1, 41))
    assert sorted(BCM_TO_PIN) == list(range(28))


def test_an_unknown_pin_is_answered_with_what_there_is() -> None:
    with pytest.raises(NoSuchPin, match="GPIO0 to GPIO27"):
        pin_of(28)
    with pytest.raises(NoSuchPin, match="1 to 40"):
        label_of(41)
    with pytest.raises(NoSuchPin, match="supplies nothing"):
        rail("GND", 11)
    with pytest.raises(NoSuchPin, match="rc522, rc522-second"):
        device("toaster")
    assert (gpio("x", 8).pin, label_of(24)) == (24, "GPIO8 CE0")


def default_of(key: str) -> object:
    """The default of a settings key such as "door.outer_pin" or "lamp.rgb_pins[0]"."""
    value: object = Settings()
    for part in re.findall(r"\w+", key):
        value = value[int(part)] if part.isdecimal() else getattr(value, part)  # type: ignore[index]
    return value


@pytest.mark.parametrize("wire", [wire for _, wire in WIRES if wire.setting], ids=lambda wire: wire.setting)
def test_a_pin_that_has_a_setting_is_drawn_where_the_setting_has_it(wire: Wire) -> None:
    assert default_of(wire.setting) in {None, bcm(wire)}, f"{wire.setting} and the picture disagree"


def test_every_pin_in_the_settings_is_drawn() -> None:
    drawn = {wire.setting for _, wire in WIRES}
    settings = Settings.model_validate(
        {
            "sounder": {"enabled": True},
            "door": {"presence_pin": 26},
            "buttons": {"help_pin": 20, "louder_pin": 19, "quieter_pin": 4},
        }
    )
    rgb = Settings.model_validate({"lamp": {"kind": "rgb"}})
    for each in (settings, rgb):
        claimed = claims.pins(each.pad, each.door, each.lamp, each.sounder, each.buttons)
        assert {name for name, _ in claimed} <= drawn


def test_a_station_wired_as_drawn_is_accepted() -> None:
    pins = {wire.setting: bcm(wire) for _, wire in WIRES if wire.setting}
    settings = Settings.model_validate(
        {
            "sounder": {"enabled": True, "pin": pins["sounder.pin"]},
            "door": {"presence_pin": pins["door.presence_pin"]},
            "buttons": {key: pins[f"buttons.{key}"] for key in ("help_pin", "louder_pin", "quieter_pin")},
            "pad": {"irq_pin": pins["pad.irq_pin"], "second": {"driver": "rc522", "device": 1}},
        }
    )
    assert settings.buttons.help_pin == 23


def test_no_pin_is_promised_to_two_devices_that_go_together() -> None:
    users: dict[int, set[str]] = {}
    for name, wire in WIRES:
        if wire.pin not in RAILS and not SHARED & set(label_of(wire.pin).split()):
            users.setdefault(wire.pin, set()).add(name)
    for pin, names in users.items():
        for pair in combinations(sorted(names), 2):
            assert set(pair) in EITHER, f"pin {pin}: {pair}"


def test_buses_are_wired_to_the_pins_of_their_bus() -> None:
    expected = {
        "SCK": "SCLK",
        "MOSI": "MOSI",
        "MISO": "MISO",
        "RXD": "TXD",
        "TXD": "RXD",
        "TX": "RXD",
        "SCL": "SCL",
    }
    for name, wire in WIRES:
        if wire.terminal in expected:
            assert expected[wire.terminal] in label_of(wire.pin).split(), (name, wire.terminal)
        if wire.terminal == "GND":
            assert RAILS[wire.pin] == GROUND
    assert {bcm(wire) for name, wire in WIRES if wire.terminal == "SDA (SS)"} == {7, 8}


def test_five_volts_go_only_where_they_may() -> None:
    assert {name for name, wire in WIRES if RAILS.get(wire.pin) == "5 V"} == {"panel", "pir", "rdm6300"}
    (divided,) = [wire for wire in device("rdm6300").wires if wire.terminal == "TX"]
    assert divided.part, "5 V of the RDM6300 reach GPIO15 through a divider only"


def test_the_boot_settings_speak_of_the_same_pins() -> None:
    reader = (HOME / "readers" / "rc522-spi0.txt").read_text(encoding="utf-8").replace("\n# ", " ")
    said = re.search(r"SCK GPIO(\d+), MOSI GPIO(\d+), MISO GPIO(\d+), SDA \(chip select\) GPIO(\d+)", reader)
    assert said
    wires = {wire.terminal: bcm(wire) for wire in device("rc522").wires}
    assert [int(each) for each in said.groups()] == [
        wires[each] for each in ("SCK", "MOSI", "MISO", "SDA (SS)")
    ]
    common = (HOME / "common.txt").read_text(encoding="utf-8")
    outer = next(wire for _, wire in WIRES if wire.setting == "door.outer_pin")
    assert set(re.findall(r"GPIO(\d+), where the outer beam", common)) == {str(bcm(outer))}


INSTALL = {
    ("reader", "3.3V"): ("rc522", "3.3V"),
    ("reader", "RST"): ("rc522", "RST"),
    ("reader", "GND"): ("rc522", "GND"),
    ("reader", "MISO"): ("rc522", "MISO"),
    ("reader", "MOSI"): ("rc522", "MOSI"),
    ("reader", "SCK"): ("rc522", "SCK"),
    ("reader", "SDA (SS)"): ("rc522", "SDA (SS)"),
    ("outer beam", "signal"): ("beams", "signal"),
    ("both beams", "ground"): ("beams", "GND"),
    ("green LED", "long leg, through 330 Ω"): ("lamp", "leg.long"),
    ("both LEDs", "short leg"): ("lamp", "leg.short"),
}


def test_the_page_on_installing_speaks_of_the_same_pins() -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    rows = {
        (what, name): int(pin)
        for what, name, pin in re.findall(r"^\| ([^|]+) \| ([^|]+) \| (\d+) \|", page, re.M)
    }
    for row, (name, terminal) in INSTALL.items():
        first = next(wire for wire in device(name).wires if wire.terminal == terminal)
        assert rows[row] == first.pin, row
    assert rows["inner beam", "signal"] == pin_of(27)
    assert rows["yellow LED", "long leg, through 330 Ω"] == pin_of(6)


@pytest.mark.parametrize("page", ["hardware.md", "hardware.vi.md"])
def test_the_page_on_hardware_lists_every_wire(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name, wire in WIRES:
        if bcm(wire) is not None:
            row = rf"^\|[^\n]*\| GPIO{bcm(wire)} \| {wire.pin} \|"
            assert re.search(row, text, re.M), f"{name}: {wire.terminal} on GPIO{bcm(wire)}, pin {wire.pin}"


@pytest.mark.parametrize(("page", "language"), [("hardware.md", "en"), ("hardware.vi.md", "vi")])
def test_the_page_on_hardware_shows_every_picture(page: str, language: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shown = set(re.findall(r"pictures/(wiring-[\w-]+\.svg)", text))
    assert shown == {name for name in PICTURES if name.endswith(f"-{language}.svg")}
    assert "<!-- door cases -->" in text


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_the_pictures_in_the_pages_are_what_the_table_says(name: str) -> None:
    kept = (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8")
    assert kept == PICTURES[name], "draw them anew: python -m hardware.wiring docs/pictures"


def test_no_picture_is_left_over() -> None:
    assert {path.name for path in (ROOT / "docs" / "pictures").glob("wiring-*")} == set(PICTURES)


class Box(NamedTuple):
    """Where a text is: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float
    words: str


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg: str) -> list[Box]:
    found = []
    for text in parsed(svg).iter(f"{SVG}text"):
        words, size = text.text or "", float(text.attrib["font-size"])
        wide = width_of(words, size, bold=text.get("font-weight") == "bold")
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.attrib["text-anchor"]]
        found.append(Box(left, y - size * 0.73, left + wide, y + size * 0.18, words))
    return found


def segments(svg: str) -> list[tuple[float, float, float, float]]:
    found = []
    for line in parsed(svg).iter(f"{SVG}polyline"):
        if line.get("class") != "wire":
            continue
        points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
        for (x0, y0), (x1, y1) in pairwise(points):
            found.append((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return found


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_every_text_is_legible_within_the_picture_and_free_of_others(name: str) -> None:
    svg = PICTURES[name]
    sizes = [float(text.attrib["font-size"]) for text in parsed(svg).iter(f"{SVG}text")]
    assert min(sizes) >= 12
    height = float(parsed(svg).attrib["height"])
    boxes = texts(svg)
    for box in boxes:
        assert 8 <= box.left <= box.right <= WIDTH - 8, box
        assert 8 <= box.top <= box.bottom <= height - 4, box
    for one, other in combinations(boxes, 2):
        apart = (
            one.right <= other.left
            or other.right <= one.left
            or one.bottom <= other.top
            or other.bottom <= one.top
        )
        assert apart, (one.words, other.words)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_no_wire_runs_through_a_text(name: str) -> None:
    for box in texts(PICTURES[name]):
        if box.words.isdecimal():
            continue  # the number in the pin the wire begins at
        for left, top, right, bottom in segments(PICTURES[name]):
            apart = (
                right + 1.5 <= box.left
                or left - 1.5 >= box.right
                or bottom + 1.5 <= box.top
                or top - 1.5 >= box.bottom
            )
            assert apart or any(box.words.endswith(unit) for unit in ("Ω",)), (
                box,
                (left, top, right, bottom),
            )


@pytest.mark.parametrize("each", DEVICES, ids=lambda each: each.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wire_is_named_at_both_ends(each: object, language: str) -> None:
    found = device(getattr(each, "name", ""))
    words = [box.words for box in texts(PICTURES[f"wiring-{found.name}-{language}.svg"])]
    for wire in found.wires:
        assert say(wire.terminal, language) in words  # type: ignore[arg-type]
        assert any(each.endswith(f"{say('pin', language)} {wire.pin}") for each in words)  # type: ignore[arg-type]
        assert label_of(wire.pin) in words


def test_every_device_has_a_title_and_a_note_in_both_languages() -> None:
    for name in [*(each.name for each in DEVICES), "usb", "all"]:
        assert {f"title.{name}", f"note.{name}"} <= keys()
    for key in keys():
        assert all(say(key, language).strip() for language in LANGUAGES)
    assert len({each.letter for each in DEVICES}) == len(DEVICES)


def test_pictures_need_nothing_from_outside() -> None:
    for svg in PICTURES.values():
        assert not re.search(r"script|href|url\(|@import|style=", svg)


def test_tracks_cross_no_more_than_they_must() -> None:
    straight = [Run(pin, pin * 10.0, pin * 10.0 + 1) for pin in range(5)]
    assert sorted(tracks(straight)) == list(range(5))
    assert tracks([]) == []
    down = [Run(1, 0, 100), Run(2, 10, 110)]
    assert tracks(down) == [1, 0], "the lower one turns first, so the upper passes outside"


def test_long_words_are_wrapped_never_lost() -> None:
    lines = wrapped("một hai ba " + "x" * 200 + " bốn", 14, 300)
    assert " ".join(lines) == "một hai ba " + "x" * 200 + " bốn"
    assert len(lines) == 3


def test_a_number_is_never_parted_from_its_unit() -> None:
    for width in range(20, 400, 7):
        lines = wrapped("it takes 3.3 V, not 5 V, through 330 Ω", 14, width)
        assert not any(re.search(r"\d$", line) for line in lines), lines


def test_the_command_draws_into_a_folder_and_names_one_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(PICTURES)
    assert main([str(tmp_path / "nowhere")]) == 1
    assert "cannot be written" in capsys.readouterr().err
