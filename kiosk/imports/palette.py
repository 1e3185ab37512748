"""The colours covers are painted in: a family for each shelf, so that book and shelf belong together."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scheme:
    """The colours of one cover. `ink` on `ground` has a contrast of at least 4.5 (WCAG 2.2, 1.4.3)."""

    ground: Colour  # behind the title
    accent: Colour  # shapes of the pattern
    deep: Colour  # hills, waves, bands
    glow: Colour  # behind the picture
    ink: Colour  # the title


_CREAM = (255, 250, 236)
_NIGHT = (30, 27, 58)


def _rgb(hexes: str) -> tuple[Colour, ...]:
    return tuple((int(h[0:2], 16), int(h[2:4], 16), int(h[4:6], 16)) for h in hexes.split())


def _family(*lines: str) -> tuple[Scheme, ...]:
    schemes = []
    for line in lines:
        ground, accent, deep, glow = _rgb(line)
        schemes.append(Scheme(ground, accent, deep, glow, ink_on(ground)))
    return tuple(schemes)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: Colour) -> Colour:
    """Cream or night, whichever reads better."""
    return max((_CREAM, _NIGHT), key=lambda ink: contrast(ink, ground))


FAMILIES: dict[str, tuple[Scheme, ...]] = {
    # ground, accent, deep, glow
    "red": _family(
        "b3202c d8434a 7f1420 ffd27a", "fbe3d0 f4b59a c8323a ffb37c", "c6362f e2665a 8c1d22 ffe3a3",
        "ffd9cf f79f8f b3202c fff3df", "8e1b3a b83a58 5f0f27 ffc3a0",
    ),
    "orange": _family(
        "ffb14a ffcb82 d9661f fff0cf", "e8641b f58b47 a8410c ffe1a6", "ffe2b8 ffc57a e07a1f c9e8f0",
        "b34a0c d66d2c 7d3106 ffd28a",
    ),
    "yellow": _family(
        "ffd54a ffe58c e09a10 fff6cf", "fff0bd ffdd75 e8a61c bfe3f5", "f7bc2a ffd669 c47f08 fff1bf",
        "ffe9a0 9fd3c7 3d8f86 cdeee4", "fbd38a f2a65a 9c5b23 fff3d0",
    ),
    "green": _family(
        "2f7d4f 4fa36e 1d5635 d9f2a5", "d6f0c2 a9da8f 3f8f4f fff2ad", "1f6b62 3f938a 114640 bff0d4",
        "b9e39a 8cc96a 2f7d4f fff7c9", "4c7a25 73a548 30520f f3efa0",
    ),
    "blue": _family(
        "1f5fa8 4687cc 123c70 ffe39a", "cfe8fb 9dcdf3 2a6fb5 fff0b8", "16457a 2f6cab 0b2a4f a9dcff",
        "a6dcec 72c2dc 1c7f9c fff6cf", "2b4c9b 5875c4 182d66 ffd0b0",
    ),
    "purple": _family(
        "4b2a86 6d4bb0 2d1558 ffd98a", "e6d8fa c9b0f0 6a45a8 fff0b3", "6a2c82 9150a8 431554 ffc2e2",
        "33266e 5446a0 1c1346 a8d8ff", "d5c4f5 ae93e6 513391 ffe0c2",
    ),
    "pink": _family(
        "ffc9dc ff9fc0 d94f86 fff3c9", "c4366f e26a9a a0265a ffe1b0", "ffe0e6 ffb3c4 e0668c cdeef5",
        "f49ab8 fbc0d4 b83a72 fff6da",
    ),
    "brown": _family(
        "6b4226 8f6242 452714 ffdca0", "ecd9c0 d6b68f 7d5232 fff3d6", "8a5a33 ad7c52 5c3819 ffe6b3",
    ),
    "teal": _family(
        "0b7a7a 35a09c 064f50 ffe7a8", "c9ece6 8fd3c8 14837f fff1c4", "0f5a63 2d8791 083b42 ffc9a3",
    ),
    "white": _family(
        "f6f1e4 e6d9bd b08d57 ffd98c", "eef3f6 cfdde6 5f87a3 ffe8b8", "faf0f0 efd0d0 b56a76 d8ecdf",
    ),
    "grey": _family(
        "5d5a6b 827e94 3a3745 ffdf9e", "dcdbe3 b9b6c9 6e6a7c fff0c2", "474f5e 6f7a8d 2b313c c6e6f2",
    ),
}  # fmt: skip
