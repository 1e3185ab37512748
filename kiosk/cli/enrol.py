"""`kiosk enrol`: gets this station its certificate, with a code from the centre."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from kiosk import pairing
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.link.enrolment import SUPERSEDED, refuse_living
from kiosk.link.enrolment import enrol as get_certificate
from kiosk.link.identity import IdentityError
from kiosk.settings import load
from kiosk.settings.edit import change_file


def enrol(
    centre: Annotated[str, typer.Option("--centre", help="HOST or HOST:PORT, as 'central enrol' says it")],
    code: Annotated[
        str,
        typer.Argument(help="the code; left out it is asked for, and then it stands in no list of processes"),
    ] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    again: Annotated[bool, typer.Option("--again", help="replace the identity this station has")] = False,
) -> None:
    """Let the centre know this station: a key is made here, and the centre certifies it."""
    chosen = load(settings)
    if not again:
        refuse_living(chosen.station.data, datetime.now(UTC))
    try:
        told = pairing.typed(code or _asked())
    except pairing.CodeError as error:
        raise IdentityError(str(error)) from error
    made = get_certificate(chosen.station.data, chosen.station.id, told, centre)
    change_file(settings, "link", made.settings(), without=SUPERSEDED)
    print(
        f"This station is enrolled as {chosen.station.id}, until {made.ends:%Y-%m-%d}. It renews by itself."
    )
    print(f"{settings}: [link] now leads to {made.host}:{made.port}. Let the station begin anew:")
    print("    sudo systemctl restart gocdoc-station")


def _asked() -> str:
    """The code, from whoever sits there or from a pipe."""
    if sys.stdin.isatty():
        return str(typer.prompt("Code", hide_input=True))
    return sys.stdin.readline(200)
