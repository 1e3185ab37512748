"""Cover files: opened with distrust, read at the size at which they are drawn, forgotten with the visit."""

from __future__ import annotations

import io
import os
import re
import stat
from functools import lru_cache
from pathlib import Path

from kivy.graphics.texture import Texture
from kivy.logger import Logger
from PIL import Image

from ui.widgets.textures import Textures, stepped, uploaded

COVER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # a title id that is safe as a file name
ENDINGS = (".jpg", ".jpeg", ".png")  # the library's own cover goes before the drawn one, or an old drawn one
LARGEST_FILE = 1_000_000  # bytes; what the import writes has at most some 150,000
LARGEST_SIDE = 1000  # pixels, read in some 15 ms; the import writes 480 x 640
MOST_BYTES = 2_000_000

covers = Textures(MOST_BYTES)
"""The covers of this visit's screens. Whoever shows a screen without any empties it: what somebody borrowed
is nobody else's business."""


class CoverUnusable(ValueError):
    """A cover file that is not drawn; the message says why."""


def cover_texture(folder: Path, title_id: str, width: float) -> Texture | None:
    """The cover of a title for being drawn `width` pixels wide; None when there is none that can be drawn."""
    if not COVER_NAME.fullmatch(title_id):
        return None
    taken = stepped(width)
    for ending in ENDINGS:
        path = folder / f"{title_id}{ending}"
        try:
            return covers.get((str(path), taken), lambda path=path: _read(path, taken))  # type: ignore[misc]
        except FileNotFoundError:
            continue
        except Exception as error:
            # Whatever a picture's decoder may raise about a file from outside, the book is drawn.
            why = str(error) if isinstance(error, CoverUnusable) else f"damaged ({type(error).__name__})"
            _tell(path.name, why)
    return None


@lru_cache(256)
def _tell(name: str, why: str) -> None:
    """Log once what is wrong with a file, not every time its book is shown."""
    Logger.warning("Cover: %s is %s; drawn instead. Import the covers again", name, why)


def _read(path: Path, width: int) -> Texture:
    """Raises FileNotFoundError when there is none, CoverUnusable or what the decoder raises on a bad one."""
    with Image.open(io.BytesIO(_content(path)), formats=("JPEG", "PNG")) as image:
        if max(image.size) > LARGEST_SIDE:
            raise CoverUnusable(
                f"{image.width} x {image.height} pixels, more than {LARGEST_SIDE} a side, which would "
                "hold the screen up"
            )
        size = (width, max(1, round(width * image.height / image.width)))
        image.draft("RGB", size)
        return uploaded(image.convert("RGB"), size)


def _content(path: Path) -> bytes:
    """The bytes of a file that is one: neither a link out of the folder nor a pipe that never ends."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CoverUnusable(f"not to be opened, or a link ({error.strerror})") from error
    about = os.fstat(number)
    wrong = ""
    if not stat.S_ISREG(about.st_mode):
        wrong = "no ordinary file"
    elif not 0 < about.st_size <= LARGEST_FILE:
        wrong = f"{about.st_size} bytes, not 1 to {LARGEST_FILE}"
    if wrong:
        os.close(number)
        raise CoverUnusable(wrong)
    with os.fdopen(number, "rb") as file:
        return file.read(LARGEST_FILE)
