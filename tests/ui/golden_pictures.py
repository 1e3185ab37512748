"""The main path as pictures that were looked at and found good.

`python -m tests.ui.golden_pictures` renews them.
They are half the panel's size. Two versions of Mesa draw an edge a shade differently, so what is compared is
the mean difference and how many pixels differ visibly.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from ui import gallery

FOLDER = Path(__file__).parent / "golden"
WAY = {
    "1024x600": ("welcome", "hello", "lent", "choose", "returned", "goodbye"),
    "720x1280": ("welcome", "lent"),
}
"""Panel -> names of samples."""

VISIBLE = 24  # of 255: a smaller difference of a pixel is a shade
MOST_MEAN = 1.5  # of 255, over the whole picture
MOST_CHANGED = 0.006  # share of pixels that differ visibly; one button's word changes about a hundredth


def render(out: Path) -> dict[str, Path]:
    """Draw the main path; name -> picture as it was drawn, halved."""
    drawn = {}
    for panel, names in WAY.items():
        gallery.render(out, ["vi"], ["plain"], [panel], ",".join(names))
        for name in names:
            picture = Image.open(out / panel / "vi-plain" / f"{name}.png")
            half = out / f"{name}-{panel}.png"
            picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX).save(half)
            drawn[half.stem] = half
    return drawn


def difference(one: Path, other: Path) -> tuple[float, float]:
    """Mean difference of two pictures of one size, and the share of pixels that differ visibly."""
    left, right = (Image.open(path).convert("RGB") for path in (one, other))
    if left.size != right.size:
        return 255.0, 1.0
    grey = ImageChops.difference(left, right).convert("L")
    counts = grey.histogram()
    pixels = left.width * left.height
    mean = sum(value * count for value, count in enumerate(counts)) / pixels
    return mean, sum(counts[VISIBLE:]) / pixels


def renew() -> None:
    """Draw them anew and keep them. Look at them before they are committed."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name, path in render(Path(place)).items():
            Image.open(path).save(FOLDER / f"{name}.png", optimize=True)
            sys.stdout.write(f"{FOLDER / name}.png\n")


if __name__ == "__main__":
    renew()
