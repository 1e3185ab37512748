"""Makes the committed pictures from an unpacked npm package `@lobehub/fluent-emoji-3d` 1.1.0.

    python ui/assets/make_pictures.py PACKAGE_FOLDER

The drawings are Microsoft's Fluent Emoji, MIT (LICENSE-fluent-emoji.txt beside this file).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

ANIMALS = {
    "cat": "1f431", "dog": "1f436", "rabbit": "1f430", "tiger": "1f42f", "panda": "1f43c", "frog": "1f438",
    "elephant": "1f418", "chick": "1f424", "owl": "1f989", "fox": "1f98a", "bear": "1f43b", "koala": "1f428",
    "monkey": "1f435", "pig": "1f437", "cow": "1f42e", "buffalo": "1f403", "horse": "1f434",
    "turtle": "1f422",
    "fish": "1f41f", "whale": "1f433", "bee": "1f41d", "butterfly": "1f98b", "snail": "1f40c",
    "dragon": "1f432", "lion": "1f981", "penguin": "1f427", "hedgehog": "1f994", "mouse": "1f42d",
    "hamster": "1f439", "deer": "1f98c", "giraffe": "1f992", "parrot": "1f99c", "duck": "1f986",
    "dolphin": "1f42c", "octopus": "1f419", "ladybird": "1f41e", "otter": "1f9a6", "hen": "1f414",
    "goat": "1f410", "squirrel": "1f43f-fe0f",
}  # fmt: skip
"""Animals a child may choose: name -> code point."""

PICTURES = {
    "books": "1f4da", "book": "1f4d6", "help": "1f64b-1f3fb", "librarian": "1f469-1f3fb-200d-1f3eb",
    "wave": "1f44b", "check": "2705", "return": "1f4e5", "calendar": "1f4c5", "moon": "1f319",
    "star": "1f31f",
    "undo": "1f504", "backpack": "1f392", "home": "1f3e0", "zzz": "1f4a4",
    "sparkles": "2728", "globe": "1f30f", "card": "1faaa", "heart": "2764-fe0f",
    "sprout": "1f331",
    "hug": "1f917", "bell": "1f514", "cloud": "2601-fe0f", "sun": "1f31e",
    "thumb": "1f44d", "question": "2753", "sofa": "1f6cb-fe0f", "down": "1f447", "up": "1f446",
    "tulip": "1f337", "mushroom": "1f344",
    "apple": "1f34e", "orange": "1f34a", "sunflower": "1f33b", "clover": "1f340", "drop": "1f4a7",
    "grapes": "1f347", "blossom": "1f338", "chestnut": "1f330", "shell": "1f41a", "leaf": "1f343",
    "hourglass": "23f3", "ill": "1f912",
    "key": "1f511", "door": "1f6aa", "left": "2b05-fe0f", "right": "27a1-fe0f", "warning": "26a0-fe0f",
    # how a book was
    "face_great": "1f929", "face_fine": "1f642", "face_not_mine": "1f914",
    # how the screen should be
    "magnifier": "1f50d", "palette": "1f3a8", "loud": "1f50a",
    # badges
    "hatching": "1f423", "trophy": "1f3c6", "crown": "1f451", "compass": "1f9ed", "heart_hands": "1faf6",
    "rainbow": "1f308", "two_hearts": "1f49e",
    # what a tree bears
    "mango": "1f96d",
    # classes
    "kite": "1fa81", "balloon": "1f388", "rocket": "1f680", "ball": "26bd", "bicycle": "1f6b2",
    "boat": "26f5", "train": "1f682", "umbrella": "2602-fe0f", "teddy": "1f9f8", "drum": "1f941",
    "bus": "1f68c", "guitar": "1f3b8", "lantern": "1f3ee", "plane": "2708-fe0f", "car": "1f697",
    "tent": "26fa", "puzzle": "1f9e9", "trumpet": "1f3ba", "wheel": "1f3a1", "saucer": "1f6f8",
    "yoyo": "1fa80", "carps": "1f38f", "tractor": "1f69c", "circus": "1f3aa", "gift": "1f381",
    "target": "1f3af",
}  # fmt: skip
"""Pictures of the screens: name -> code point."""


def with_soft_edge(picture: Image.Image, reach: int = 6) -> Image.Image:
    """Carry the colours a few pixels into what is transparent, else scaling draws a pale line at the edge."""
    *colours, alpha = picture.split()
    near = alpha.filter(ImageFilter.BoxBlur(reach))
    carried = []
    for channel in colours:
        thick = ImageChops.multiply(channel, alpha).filter(ImageFilter.BoxBlur(reach))
        filled = [
            min(255, t * 255 // n) if n else 0 for t, n in zip(thick.tobytes(), near.tobytes(), strict=True)
        ]
        mean = Image.frombytes("L", picture.size, bytes(filled))
        carried.append(Image.composite(channel, mean, alpha.point(lambda a: 255 if a > 8 else 0)))
    return Image.merge("RGBA", (*carried, alpha))


def main() -> None:
    """Read the package's WebP files, write PNGs of 256 pixels beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="unpacked npm package: the folder with assets/ in it")
    assets = parser.parse_args().package / "assets"
    here = Path(__file__).parent
    for folder, manifest in (("animals", ANIMALS), ("pictures", PICTURES)):
        (here / folder).mkdir(exist_ok=True)
        for name, code in manifest.items():
            source = assets / f"{code}.webp"
            if not source.exists():
                raise SystemExit(f"{name}: {source} is not there; is this @lobehub/fluent-emoji-3d 1.1.0?")
            picture = Image.open(source).convert("RGBA")
            picture.thumbnail((256, 256), Image.Resampling.LANCZOS)
            picture = with_soft_edge(picture)
            picture.save(here / folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
