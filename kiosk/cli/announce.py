"""`kiosk announce`: what the Welcome screen tells everybody, until when. The station may be running."""

from __future__ import annotations

import secrets
from datetime import datetime
from importlib.resources import files
from typing import Annotated

import typer

from kiosk import bootstrap
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.errors import StationError
from kiosk.model import Announcement
from kiosk.news import NewsError, moment, notice
from kiosk.settings import load
from kiosk.store import noticeboard

_SOURCES = {"station": "here", "all": "from the centre, for all", "own": "from the centre, for this station"}


class NotAnnounced(StationError, ValueError):
    """The announcement was not made; says why and what to change."""


def announce(
    text: Annotated[str, typer.Argument(help="what to tell; or: list, clear")],
    until: Annotated[str, typer.Option(help="until when: 2026-11-30T16:00, or a whole day")] = "",
    begins: Annotated[str, typer.Option("--from", help="from when; at once when not told")] = "",
    picture: Annotated[str, typer.Option(help="a picture of the screen's own, by name")] = "",
    language: Annotated[str, typer.Option(help="only while the screen speaks this language: vi, en")] = "",
    name: Annotated[str, typer.Option("--id", help="clear: only the one with this name")] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Tell everybody something on the Welcome screen; 'list' what stands there, 'clear' what was made."""
    path = bootstrap.database_of(load(settings))
    wall = datetime.now().astimezone()
    if text == "list" and not until:
        _print(noticeboard.posted(path, wall), wall)
    elif text == "clear" and not until:
        gone = noticeboard.take_down(path, name)
        if name and not gone:
            raise NotAnnounced(
                f"there is no announcement {name!r} made here; 'kiosk announce list' shows them"
            )
        print(f"{gone} announcement{'' if gone == 1 else 's'} taken down.")
    else:
        made = _made(text, until=until, begins=begins, picture=picture, language=language, wall=wall)
        noticeboard.post(path, made, wall)
        print(f"{made.id}: shown {_when(made)}.")


def _made(text: str, *, until: str, begins: str, picture: str, language: str, wall: datetime) -> Announcement:
    if not until:
        raise NotAnnounced(
            "until when? An announcement without an end stays for ever: --until 2026-11-30T16:00"
        )
    if picture and picture not in (known := _pictures()):
        raise NotAnnounced(f"the screen has no picture {picture[:40]!r}; it has {', '.join(known)}")
    try:
        one = notice(
            secrets.token_hex(3),
            text,
            begins=moment(begins, None) if begins else wall,
            ends=moment(until, None, end=True),
            picture=picture,
            language=language,
        )
    except NewsError as error:
        raise NotAnnounced(str(error)) from error
    if one.ends <= wall:
        raise NotAnnounced(f"{until} is over already; it is {wall:%Y-%m-%dT%H:%M} now")
    return Announcement(one.id, one.text, one.begins, one.ends, one.language, one.picture)


def _pictures() -> list[str]:
    there = files("ui").joinpath("assets", "pictures").iterdir()
    return sorted(file.name.removesuffix(".png") for file in there if file.name.endswith(".png"))


def _print(board: tuple[noticeboard.Posted, ...], wall: datetime) -> None:
    if not board:
        print("Nothing is announced.")
    for one in board:
        told = one.announcement
        state = "over" if told.ends <= wall else "later" if told.begins > wall else "now"
        print(f"{told.id}  {state:5}  {_when(told)}  {_SOURCES.get(one.source, one.source)}")
        print(f"    {told.text}")


def _when(one: Announcement) -> str:
    return f"{one.begins:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M}"
