"""Makes the motif pictures again from the unpacked npm package @lobehub/fluent-emoji-3d 1.1.0.

    python -m kiosk.imports.make_motifs FOLDER     # the folder that holds the package's assets/

`motifs/manifest.csv` says which picture each motif is. Needed only to add a motif; the PNGs are committed.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from PIL import Image

MOTIFS = Path(__file__).parent / "motifs"
SIDE = 256  # pixels; the package's own size


def make(package: Path) -> int:
    """Write every picture of the manifest; returns how many. Raises OSError for one that is missing."""
    with (MOTIFS / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        with Image.open(package / "assets" / f"{row['code_points']}.webp") as picture:
            drawn = picture.convert("RGBA")
        if drawn.size != (SIDE, SIDE):
            drawn = drawn.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        drawn.save(MOTIFS / f"{row['motif']}.png", optimize=True)
    return len(rows)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
