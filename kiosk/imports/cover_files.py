"""Takes in a librarian's own cover pictures: `<title id>.jpg`, `.png` or `.webp` in a folder of hers.

Each becomes a JPEG of 480 x 640 beside the drawn covers and goes before the drawn one. Scaling once, here,
is what lets the screen show it at once; nothing here trusts a file, and one bad picture stops no other.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from kiosk.imports.covers import HEIGHT, QUALITY, WIDTH, CoversNotDrawn
from kiosk.model import Title

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp"})
FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 40_000_000  # bytes; a photograph of a good telephone has some 10 MB
LARGEST_PICTURE = 50_000_000  # pixels: 150 MB while it is scaled, which the smallest Pi can spare
SMALLEST_SIDE = 60  # pixels; less is an icon, and looks worse than the drawn cover
EDGE = 4  # pixels at the picture's rim that give the ground their colour where it is not 3:4


@dataclass(frozen=True, slots=True)
class RefusedCover:
    """A file that did not become a cover: its name, made fit for a terminal, and why, with the remedy."""

    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class CoversTaken:
    """What a folder of covers gave: how many were taken, and every file that was not."""

    taken: int
    refused: tuple[RefusedCover, ...]


class _Refused(ValueError):
    """Why one file is no cover."""


def take_covers(source: Path, titles: Iterable[Title], folder: Path) -> CoversTaken:
    """Make `<folder>/<title id>.jpg` of every picture in `source` that is named after a title.

    A file is replaced whole or not at all. Raises CoversNotDrawn when `source` cannot be listed or `folder`
    not be written; a file that is no good is named in the answer.
    """
    known = {title.id for title in titles}
    taken: dict[str, str] = {}
    refused: list[RefusedCover] = []
    try:
        files = sorted(source.iterdir())
    except OSError as error:
        raise CoversNotDrawn(
            f"{source}: the folder of your covers cannot be read ({error.strerror}); name a folder with "
            "pictures in it"
        ) from error
    for file in files:
        title = file.stem
        try:
            if file.suffix.lower() not in ENDINGS:
                raise _Refused("no picture by its name; give it as .jpg, .png or .webp")
            if title not in known:
                raise _Refused("no title has this id; name the file after the title's id")
            if title in taken:
                raise _Refused(f"{taken[title]} is this title's cover already; keep one of the two")
            with _opened(file) as stream:
                cover = _cover(stream)
        except _Refused as error:
            refused.append(RefusedCover(_named(file), str(error)))
            continue
        _write(cover, folder / f"{title}.jpg", len(taken))
        taken[title] = _named(file)
    return CoversTaken(len(taken), tuple(refused))


def _named(file: Path) -> str:
    # Whatever a file may be called, control characters stay out of the terminal.
    return file.name if file.name.isprintable() else repr(file.name)


def _opened(file: Path) -> IO[bytes]:
    """An ordinary file of a sensible size; never a link to elsewhere, never a pipe that would not end."""
    try:
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if file.is_symlink():
            raise _Refused("a link; copy the picture itself into the folder") from error
        raise _Refused(f"cannot be read ({error.strerror}); allow reading it") from error
    about = os.fstat(number)
    wrong = ""
    if not stat.S_ISREG(about.st_mode):
        wrong = "no ordinary file; only pictures may lie in the folder"
    elif about.st_size == 0:
        wrong = "empty, 0 bytes; copy the picture again"
    elif about.st_size > LARGEST_FILE:
        wrong = f"{about.st_size:,} bytes; make it smaller than {LARGEST_FILE:,}"
    if wrong:
        os.close(number)
        raise _Refused(wrong)
    return os.fdopen(number, "rb")


def _cover(stream: IO[bytes]) -> Image.Image:
    """The picture on 480 x 640, whole, on a ground of its rim's colour. Raises _Refused."""
    try:
        with Image.open(stream, formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > LARGEST_PICTURE:
                raise _Refused(
                    f"{width} x {height} pixels; make it smaller than {LARGEST_PICTURE // 1_000_000} "
                    "million pixels"
                )
            if min(width, height) < SMALLEST_SIDE:
                raise _Refused(f"{width} x {height} pixels; give one of at least {SMALLEST_SIDE} a side")
            # A JPEG is read at half, a quarter or an eighth of its size where that is enough.
            picture.draft("RGB", (2 * WIDTH, 2 * HEIGHT))
            return _on_ground(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        raise _Refused("no JPEG, PNG or WebP inside; save it as one of these") from error
    except Image.DecompressionBombError as error:
        raise _Refused("far too many pixels; make it smaller") from error
    except _Refused:
        raise
    except Exception as error:
        # Whatever a decoder may raise about a file from outside.
        raise _Refused(f"damaged or cut off ({type(error).__name__}); copy the picture again") from error


def _on_ground(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    whole = picture.convert("RGB")
    whole = ImageOps.contain(whole, (WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    mask = Image.new("L", whole.size, 255)
    mask.paste(0, (EDGE, EDGE, whole.width - EDGE, whole.height - EDGE))
    ground = tuple(round(part) for part in ImageStat.Stat(whole, mask).median)
    cover = Image.new("RGB", (WIDTH, HEIGHT), ground)
    cover.paste(whole, ((WIDTH - whole.width) // 2, (HEIGHT - whole.height) // 2))
    return cover


def _write(cover: Image.Image, final: Path, before: int) -> None:
    half = final.with_suffix(".part")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        cover.save(half, "JPEG", quality=QUALITY)
        half.replace(final)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink()
        raise CoversNotDrawn(
            f"{final.parent}: after {before} of your covers no more could be written ({error.strerror}); "
            "free some room, then import again"
        ) from error
