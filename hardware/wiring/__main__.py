"""`python -m hardware.wiring docs/pictures` draws all wiring pictures anew."""

from __future__ import annotations

import sys
from pathlib import Path

from hardware.wiring.gallery import PictureNotWritten, write


def main(arguments: list[str]) -> int:
    """Draw into the folder named, or docs/pictures."""
    folder = Path(arguments[0]) if arguments else Path("docs/pictures")
    try:
        written = write(folder)
    except PictureNotWritten as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(written)} pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
