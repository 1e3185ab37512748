"""All pictures, by the names of their files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hardware.errors import HardwareError
from hardware.wiring.devices import DEVICES
from hardware.wiring.overview import draw_all, draw_usb
from hardware.wiring.picture import draw
from hardware.wiring.words import LANGUAGES


class PictureNotWritten(HardwareError, OSError):
    """A picture could not be put into its folder."""


def pictures() -> Iterator[tuple[str, str]]:
    """(file name, SVG) of every picture in every language."""
    for language in LANGUAGES:
        for device in DEVICES:
            yield f"wiring-{device.name}-{language}.svg", draw(device, language)
        yield f"wiring-usb-{language}.svg", draw_usb(language)
        yield f"wiring-all-{language}.svg", draw_all(language)


def write(folder: Path) -> list[Path]:
    """Draw everything into a folder; answers with the files. Raises PictureNotWritten."""
    written = []
    for name, svg in pictures():
        path = folder / name
        try:
            path.write_text(svg, encoding="utf-8")
        except OSError as error:
            raise PictureNotWritten(
                f"{path}: cannot be written ({error.strerror}); name a folder that is there, such as "
                "docs/pictures"
            ) from error
        written.append(path)
    return written
