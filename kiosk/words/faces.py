"""The faces texts are drawn in: Be Vietnam Pro, the same with Tai Viet letters, or a font of the librarian's.

A label has one font and nothing to fall back on, so a face has every letter that may come beside the
language's own: Vietnamese names, digits, signs.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

import fontpkg_be_vietnam_pro

from kiosk.words.glyphs import FontError, letters_in

PLAIN = "be-vietnam-pro"
TAI_VIET = "tai-viet"
BUILT_IN = (PLAIN, TAI_VIET)

ROOTS: dict[str, Path] = {
    PLAIN: Path(fontpkg_be_vietnam_pro.ROOT) / "files" / "BeVietnamPro",
    TAI_VIET: Path(__file__).parent / "fonts" / "GocDocTaiViet",
}
"""Where the files of a face begin; a weight ("SemiBold") and ".ttf" follow."""

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
NEEDED = frozenset(
    unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for tone in _TONES
) | frozenset(map(chr, (*range(0x20, 0x7F), *map(ord, "đĐ…–«»“”’×·"))))
"""What every face must have: Vietnamese letters, ASCII, and the signs of the screens and of book titles."""


def face_file(face: str, weight: str = "SemiBold") -> Path:
    """The font file of a face: a built-in one by its weight; a librarian's own is one for all weights."""
    if face in ROOTS:
        return ROOTS[face].with_name(f"{ROOTS[face].name}-{weight}.ttf")
    return Path(face)


def face_for(text: str, face: str = "") -> str:
    """The face that draws `text`: `face` ("" = the plain one); Tai Viet's where the plain one could not."""
    if face in {"", PLAIN} and any("\uaa80" <= letter <= "\uaadf" for letter in text):
        return TAI_VIET
    return face or PLAIN


@cache
def letters_of(face: str) -> frozenset[str]:
    """Every letter a face has. Raises FontError."""
    return letters_in(face_file(face))


def examined(path: Path) -> None:
    """Raises FontError where a librarian's font cannot be opened, or lacks what every face must have."""
    from PIL import ImageFont  # noqa: PLC0415  only where there is such a font

    missing = sorted(NEEDED - letters_of(str(path)))
    if missing:
        raise FontError(
            f"{path}: lacks {len(missing)} letters that names and titles need: {' '.join(missing[:12])}; "
            f"take a font with the Vietnamese letters in it, or leave the font to '{PLAIN}'"
        )
    try:
        ImageFont.truetype(str(path), 24).getbbox("Ế")
    except (OSError, ValueError) as error:
        raise FontError(f"{path}: cannot be opened as a font ({error})") from error
