"""Every screen as a picture and measured: a library, and the process that draws for one panel.

`render()` starts one process a panel, because Kivy fixes the window and its dots per inch once:

    python -m ui.gallery --panel 1024x600 --out DIR --language vi --look plain [--check]

It prints a line per fault (`ui.geometry`), and exits with 1 when there was one. Where the screens to be drawn
come from is told in `ui.samples`: a new screen's samples are a module there.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.screens import Look
from ui.samples import samples
from ui.window import prepare

PANELS = {
    "1024x600": (1024, 600, 169),  # 7 inches
    "800x480": (800, 480, 133),  # 7 inches, the first Touch Display
    "1280x720": (1280, 720, 210),  # Touch Display 2 on its side
    "720x1280": (720, 1280, 210),  # and standing
}
"""Pixels and dots per inch of the panels."""

LOOKS = {
    "plain": Look(),
    "contrast": Look(contrast=True),
    "large": Look(large=True),
    "both": Look(contrast=True, large=True),
}

WAIT_S = 600  # for one panel's process; 700 pictures take half a minute


class GalleryError(RuntimeError):
    """The pictures could not be drawn; the message says which panel and why."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One screen drawn: where its picture is (None when it was only measured) and what is wrong with it."""

    name: str
    panel: str
    language: str
    look: str
    picture: Path | None
    faults: tuple[str, ...]

    @property
    def where(self) -> str:
        """Which one it is, in words."""
        return f"{self.panel} {self.language} {self.look} {self.name}"


def draw_all(
    panel: str, languages: Sequence[str], looks: Sequence[str], out: Path | None, only: str = "*"
) -> Iterator[Drawn]:
    """Draw and measure in this process, whose window is that panel. Without `out` nothing is written."""
    from kivy.base import EventLoop, runTouchApp  # noqa: PLC0415  the window must be prepared first
    from kivy.uix.widget import Widget  # noqa: PLC0415

    from kiosk.words import words_for  # noqa: PLC0415
    from ui.geometry import faults  # noqa: PLC0415
    from ui.inspection import save_pixels  # noqa: PLC0415
    from ui.screens import draw  # noqa: PLC0415
    from ui.widgets.scene import Kit  # noqa: PLC0415

    EventLoop.ensure_window()
    root = Widget()
    runTouchApp(root, embedded=True)
    size = tuple(EventLoop.window.size)
    patterns = only.split(",")
    wanted = {
        name: view
        for name, view in samples().items()
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
    }
    for language in languages:
        for look in looks:
            for name, view in wanted.items():
                kit = Kit(
                    words_for(language), Path("no covers"), lambda *_: None, size, LOOKS[look], can_speak=True
                )
                scene = draw(view, kit)
                picture = None
                root.add_widget(scene)
                if out:
                    picture = out / panel / f"{language}-{look}" / f"{name}.png"
                    save_pixels(picture)
                found = tuple(faults(scene))
                root.clear_widgets()
                yield Drawn(name, panel, language, look, picture, found)


def render(
    out: Path | None,
    languages: Sequence[str],
    looks: Sequence[str],
    panels: Sequence[str] = tuple(PANELS),
    only: str = "*",
) -> list[str]:
    """Draw every screen for these panels, each in a process of its own; answer with a line per fault.

    Writes `<out>/<panel>/<language>-<look>/<name>.png` and an `index.html`; without `out` it only measures.
    Raises GalleryError when a panel could not be drawn at all.
    """
    lines: list[str] = []
    for panel in panels:
        lines += _in_its_own_process(panel, out, languages, looks, only)
    if out:
        write_index(out)
    return lines


def _in_its_own_process(
    panel: str, out: Path | None, languages: Sequence[str], looks: Sequence[str], only: str
) -> list[str]:
    order = [sys.executable, "-m", "ui.gallery", "--panel", panel, "--only", only]
    order += [part for language in languages for part in ("--language", language)]
    order += [part for look in looks for part in ("--look", look)]
    order += ["--out", str(out)] if out else ["--check"]
    # From the checkout or from where the packages are installed: the child must find the same ones.
    place = Path(__file__).parent.parent
    ran = subprocess.run(order, capture_output=True, text=True, timeout=WAIT_S, check=False, cwd=place)
    lines = ran.stdout.splitlines()
    if ran.returncode not in {0, 1} or (ran.returncode == 1 and not lines):
        said = ran.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise GalleryError(f"{panel}: the pictures could not be drawn: {said[0]}")
    return lines


def write_index(out: Path) -> Path:
    """A page of thumbnails of everything that lies in the folder."""
    parts = [
        "<!doctype html><meta charset=utf-8><title>Góc Đọc</title><style>"
        "body{font-family:sans-serif;background:#f4f1fa;color:#2c2350;margin:2em}"
        "figure{display:inline-block;margin:6px}"
        "img{height:190px;border-radius:8px;box-shadow:0 1px 4px #0003}"
        "figcaption{font-size:12px}</style>"
    ]
    for folder in sorted({path.parent for path in out.glob("*/*/*.png")}):
        place = folder.relative_to(out)
        parts.append(f"<h2>{place}</h2>")
        parts += [
            f"<figure><a href='{place}/{path.name}'><img loading=lazy src='{place}/{path.name}'></a>"
            f"<figcaption>{path.stem}</figcaption></figure>"
            for path in sorted(folder.glob("*.png"))
        ]
    page = out / "index.html"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def main() -> None:
    """Draw or measure every screen for one panel."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder for the PNG files")
    parser.add_argument("--check", action="store_true", help="measure only, write nothing")
    parser.add_argument("--panel", choices=list(PANELS), default="1024x600")
    parser.add_argument("--language", action="append", help="vi, en; may be given more than once")
    parser.add_argument("--look", action="append", choices=list(LOOKS), help="may be given more than once")
    parser.add_argument("--only", default="*", help="names, with * for any letters, with commas")
    wish = parser.parse_args()
    if not wish.check and not wish.out:
        parser.error("--out says where the pictures go; --check measures without any")
    width, height, dpi = PANELS[wish.panel]
    os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    out = None if wish.check else wish.out
    found = 0
    with tempfile.TemporaryDirectory() as home:
        prepare(width=width, height=height, dpi=dpi, home=Path(home))
        for drawn in draw_all(wish.panel, wish.language or ["vi"], wish.look or ["plain"], out, wish.only):
            for fault in drawn.faults:
                found += 1
                print(f"{drawn.where}: {fault}")  # noqa: T201  a command that prints
    sys.stdout.flush()
    os._exit(1 if found else 0)  # Kivy's own end of a process may hang on a window nobody sees


if __name__ == "__main__":
    main()
