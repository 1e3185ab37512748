"""The way to the centre."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.settings.section import Section


class LinkSection(Section):
    """The way to the centre."""

    enabled: bool = Field(True, description="report to the centre; off = keep everything for later")
    host: str = Field("localhost", description="the broker's name or address")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(1883, description="8883 with TLS")
    username: str = Field("", description="login at the broker; empty = none or by certificate")
    password_file: Path | None = Field(None, description="file that holds the password, mode 0600")
    ca: Path | None = Field(None, description="CA certificate: switches TLS on")
    certificate: Path | None = Field(None, description="this station's certificate; 'kiosk enrol' gets it")
    key: Path | None = Field(None, description="its private key, when it is not in the same file")
    centre: str = Field("", description="HOST:PORT where the certificate is renewed; empty = by hand")
    keepalive_s: Annotated[int, Field(ge=5, le=600)] = Field(30, description="MQTT keep-alive")
    window: Annotated[int, Field(ge=1, le=200)] = Field(100, description="facts in flight")
    resend_s: Annotated[float, Field(ge=0.5, le=300)] = Field(
        10.0, description="no progress for so long: send again from the centre's watermark"
    )
