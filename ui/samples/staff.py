"""The librarian's screens: the PIN, every device, what a tag says."""

from __future__ import annotations

from dataclasses import replace

from kiosk import screens as views
from kiosk.screens import DeviceLine, Screen, TagLine, TagVerdict

DEVICES = (
    "pad", "door", "lamp", "speaker", "buttons", "scanner", "link", "gate", "panel-light", "board.power",
    "board.heat", "board.disk", "board.card", "board.clock",
)  # fmt: skip
CAUSES = {
    "door": "sensor door: beam A has been dark for 10 minutes, beam B is free: something stands in the way",
    "board.power": "the voltage is too low: use the Pi's own power supply and a short cable, and give lights "
    "and sensors a supply of their own",
    "link": "tls handshake failed: " + "certificate verify failed: unable to get local issuer; " * 8,
}
LONG_CAUSE = CAUSES["link"][:400]


def health(*broken: str, tag: TagLine | None = None) -> views.StaffHealth:
    """A sample of the librarian's page with these devices broken."""
    lines = [DeviceLine(each, False, CAUSES.get(each, LONG_CAUSE)[:400]) for each in broken]
    good = [DeviceLine(each, True) for each in DEVICES if each not in broken]
    return views.StaffHealth((*lines, *good), tag)


def tag_sample(verdict: TagVerdict) -> TagLine:
    """A sample tag with this verdict."""
    match verdict:
        case TagVerdict.CARD:
            return TagLine("", "classic", verdict)
        case TagVerdict.AGREES:
            return TagLine("E00401507A12B3C4", "iso15693", verdict, "LK-0012345", "LK-0012345")
        case TagVerdict.BLANK:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345")
        case TagVerdict.DISAGREES:
            return TagLine("E00401507A12B3C4", "iso15693", verdict, "LK-0012345", "LK-0099999")
        case TagVerdict.UNKNOWN:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict)
        case TagVerdict.FOREIGN:
            words = "http://example.org/a-very-long-address-of-some-shop/" + "x" * 200
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345", words=words)
        case _:
            return TagLine("04A1B2C3D4E580", "ultralight", verdict, "LK-0012345")


def screens() -> dict[str, Screen]:
    """The librarian's screens."""
    card = health(tag=tag_sample(TagVerdict.CARD))
    every: dict[str, Screen] = {
        "staff_pin": views.StaffPin(0),
        "staff_pin_typing": views.StaffPin(4),
        "staff_pin_full": views.StaffPin(8),
        "staff_pin_wrong": views.StaffPin(0, wrong=True),
        "staff_pin_locked": views.StaffPin(0, wrong=True, locked=True),
        "staff_health": health(),
        "staff_health_one": health("pad", tag=tag_sample(TagVerdict.CARD)),
        "staff_health_two": health("door", "scanner"),
        "staff_health_three": health("door", "board.power", "link", tag=tag_sample(TagVerdict.DISAGREES)),
        "staff_health_all": health(*DEVICES),
        "staff_health_strange": health(
            "door-2", tag=TagLine("04A1B2C3D4E580", "no kind", TagVerdict.AGREES, "LK-1")
        ),
        "staff_card_kept": replace(card, passport=True),
        "staff_card_not_kept": replace(card, passport=False),
        "staff_card_kept_faults": replace(health("door", "link", tag=card.tag), passport=True),
    }
    for verdict in TagVerdict:
        every[f"staff_tag_{verdict}"] = health(tag=tag_sample(verdict))
    return every
