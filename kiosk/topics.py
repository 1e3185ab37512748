"""The topics of what goes down to the stations; those of facts and presence are in kiosk.facts.

Whatever of it is to stay is a retained message. Part of the contract that the centre shares.
"""

from __future__ import annotations

from kiosk.facts import PROTOCOL


def topic_policy(kiosk: str) -> str:
    """The lending rules for a station, retained; of EVERY_STATION (kiosk.facts), those of all others."""
    return f"{PROTOCOL}/{kiosk}/policy"


def topic_command(kiosk: str, name: str) -> str:
    """Where the centre asks a station for something; `+` hears all of it."""
    return f"{PROTOCOL}/{kiosk}/cmd/{name}"


def topic_result(kiosk: str, name: str) -> str:
    """Where a station answers: a command by its name, "policy" and "catalogue" unasked."""
    return f"{PROTOCOL}/{kiosk}/res/{name}"


def topic_catalogue(scope: str, edition: str = "", part: int = 0) -> str:
    """A catalogue's head, the index of an edition (part 0) or a part from 1; all retained."""
    return f"{PROTOCOL}/cat/{scope}/{edition}/{part}" if edition else f"{PROTOCOL}/cat/{scope}/head"
