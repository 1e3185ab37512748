"""Draws the screens on which one text stands: the process behind `kiosk words preview`.

    python -m ui.preview KEY --data DIR --out DIR --language vi --width 1024 --height 600 --dpi 169

Answers one JSON object a line for every screen: its name, its picture, and how the text reads where it had to
be shortened ("" when all of it is there). A screen shows a key when drawing it asks for the key.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ui.samples import samples
from ui.window import prepare


class Asked(dict[str, set[str]]):
    """What a drawing asked for: each key with the sentences that were said for it."""

    def __call__(self, key: str, said: str) -> None:
        """Put it down."""
        self.setdefault(key, set()).add(said)


def drawn(key: str, language: str, out: Path) -> Iterator[dict[str, str]]:
    """Draw every screen that says the key, in this process's window."""
    from kivy.base import EventLoop, runTouchApp  # noqa: PLC0415  the window must be prepared first
    from kivy.uix.widget import Widget  # noqa: PLC0415

    from kiosk.words import clean, words_for  # noqa: PLC0415
    from ui.inspection import save_pixels, settle  # noqa: PLC0415
    from ui.painted import widgets  # noqa: PLC0415
    from ui.screens import draw  # noqa: PLC0415
    from ui.widgets.scene import Kit  # noqa: PLC0415
    from ui.widgets.text import Say  # noqa: PLC0415

    EventLoop.ensure_window()
    root = Widget()
    runTouchApp(root, embedded=True)
    for name, view in samples().items():
        asked = Asked()
        words = words_for(language).listened_to(asked)
        scene = draw(view, Kit(words, Path("no covers"), lambda *_: None, tuple(EventLoop.window.size)))
        if key not in asked:
            continue
        root.add_widget(scene)
        settle()
        picture = out / f"{name}.png"
        save_pixels(picture)
        texts = {clean(said) for said in asked[key]}
        short = [
            each.text.replace("\n", " ") for each in widgets(scene)
            if isinstance(each, Say) and each.said in texts and each.text.replace("\n", " ") != each.said
        ]  # fmt: skip
        root.clear_widgets()
        yield {"screen": name, "picture": str(picture), "shortened": short[0] if short else ""}


def main() -> None:
    """Draw, and answer on standard output."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("key")
    parser.add_argument("--data", type=Path, required=True, help="the station's data folder")
    parser.add_argument("--out", type=Path, required=True, help="folder for the PNG files")
    parser.add_argument("--language", default="vi")
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--height", type=int, default=600)
    parser.add_argument("--dpi", type=int, default=169)
    wish = parser.parse_args()
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        prepare(width=wish.width, height=wish.height, dpi=wish.dpi, home=Path(home))
        from kiosk.words import use  # noqa: PLC0415  Kivy takes over logging first

        use(wish.data)
        for answer in drawn(wish.key, wish.language, wish.out):
            print(json.dumps(answer, ensure_ascii=False))  # noqa: T201  a command that prints
    sys.stdout.flush()
    os._exit(0)  # Kivy's own end of a process may hang on a window nobody sees


if __name__ == "__main__":
    main()
