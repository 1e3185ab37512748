"""What kind of ISO/IEC 14443 A tag it is, by its SAK (NXP AN10833). Only a hint, never an identity."""

from __future__ import annotations

from kiosk.events import TagKind

TYPE2_SAK = 0x00  # NFC Forum Type 2: Ultralight and NTAG

_KINDS = dict.fromkeys((0x08, 0x09, 0x18, 0x28, 0x38, 0x88), TagKind.CLASSIC)
_KINDS[TYPE2_SAK] = TagKind.ULTRALIGHT


def kind_by_sak(sak: int) -> TagKind:
    """The kind of a tag whose last cascade level answered with `sak`."""
    return _KINDS.get(sak, TagKind.OTHER)
