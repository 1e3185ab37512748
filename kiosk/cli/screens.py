"""`kiosk screens`: every screen as a picture, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.settings import SettingsError


def screens(
    out: Annotated[
        Path | None, typer.Option(help="folder for the pictures; without it they are only measured")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="vi, en; may be given more than once")] = None,
    panel: Annotated[
        list[str] | None, typer.Option(help="pixels of the panel, as 1024x600; may be given more than once")
    ] = None,
    look: Annotated[
        list[str] | None, typer.Option(help="plain, contrast, large, both; may be given more than once")
    ] = None,
    only: Annotated[
        str, typer.Option(help="names of screens, with * for any letters, with commas between")
    ] = "*",
) -> None:
    """Draw every screen in every state, and say what is wrong with any. Exit status 1 if something is."""
    from kiosk.words import languages
    from ui import gallery

    wanted = {
        "language": (language or list(languages()), languages()),
        "panel": (panel or list(gallery.PANELS), tuple(gallery.PANELS)),
        "look": (look or ["plain"], tuple(gallery.LOOKS)),
    }
    for name, (given, known) in wanted.items():
        for each in given:
            if each not in known:
                raise SettingsError(f"--{name} {each!r} is not known; there are {', '.join(known)}")
    try:
        faults = gallery.render(out, wanted["language"][0], wanted["look"][0], wanted["panel"][0], only)
    except gallery.GalleryError as error:
        raise SettingsError(str(error)) from error
    for fault in faults:
        print(fault)
    if out:
        print(f"{out / 'index.html'} shows them all.")
    print("Nothing is wrong with any of them." if not faults else f"{len(faults)} faults.")
    if faults:
        raise typer.Exit(1)
