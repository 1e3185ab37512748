"""What every section of the settings file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kiosk.errors import StationError


class SettingsError(StationError, ValueError):
    """The settings file cannot be used; the message names the file, the key and the remedy."""


class Section(BaseModel):
    """A table of the file: its keys are fixed, an unknown one is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Positive = Annotated[int, Field(gt=0)]
Bcm = Annotated[int, Field(ge=0, le=27)]
"""A pin of the 40-pin header by its BCM number."""
