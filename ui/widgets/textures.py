"""Pixels on the graphics chip: scaled to what they take on the screen, and kept within a bound of bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from kivy.graphics.texture import Texture
from PIL import Image

STEPS = ((64, 8), (128, 16), (4096, 32))
"""Up to so many pixels, textures are so many pixels apart: neighbours share one, and a picture that grows
does not make a new one every frame."""

GAP = 1.0  # what is twice too large or more is first divided by a whole number, which takes half the time


class Textures:
    """Textures that were made once, at most so many bytes; the one not asked for longest goes first.

    One that goes stays alive as long as a widget draws it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: dict[Hashable, Texture] = {}
        self.bytes = 0
        self.asked = 0  # how often something was asked for since the beginning

    def get(self, key: Hashable, make: Callable[[], Texture]) -> Texture:
        """The texture of that key; made now when it is not there. Whatever `make` raises is raised."""
        self.asked += 1
        texture = self._kept.pop(key, None)
        if texture is None:
            texture = make()
            self.bytes += _bytes(texture)
        self._kept[key] = texture
        while self.bytes > self._most and len(self._kept) > 1:
            self.bytes -= _bytes(self._kept.pop(next(iter(self._kept))))
        return texture

    def empty(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self.bytes = 0

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)


def _bytes(texture: Texture) -> int:
    width, height = texture.size
    return int(width * height * 4)


def fitted(size: tuple[float, float], box: tuple[float, float]) -> tuple[float, float]:
    """The largest size of those proportions inside a box."""
    scale = max(0.0, min(box[0] / size[0], box[1] / size[1]))
    return size[0] * scale, size[1] * scale


def stepped(width: float) -> int:
    """The pixels a texture gets that is drawn so wide: the next step up, at most a fifth too many or 8."""
    step = next((step for upto, step in STEPS if width <= upto), STEPS[-1][1])
    return max(step, -int(-width // step) * step)


def uploaded(image: Image.Image, size: tuple[int, int]) -> Texture:
    """An RGB or RGBA image on the graphics chip, scaled to `size`, never enlarged. No copy stays behind.

    Always RGBA there: for every other format the graphics driver prepares, and keeps, a program of its own.
    """
    if size[0] < image.width and size[1] < image.height:
        image = _shrunk(image, size)
    texture = Texture.create(size=image.size, colorfmt="rgba")
    texture.blit_buffer(image.convert("RGBA").tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Colours and alpha apart: scaled together, what is transparent would turn black and edge the picture."""
    small = image.convert("RGB").resize(size, Image.Resampling.HAMMING, reducing_gap=GAP)
    if image.mode == "RGBA":
        small.putalpha(image.getchannel("A").resize(size, Image.Resampling.HAMMING, reducing_gap=GAP))
    return small
