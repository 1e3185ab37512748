"""Where alerts go: `alerts.toml` in the centre's data folder. Without it they are on the page and on MQTT.

language = "vi"               # of the mails: vi or en
pages = "https://centre.example/"   # said at the end of a mail
metrics_token = ""            # what Prometheus says; without it /metrics answers this machine only

[mail]
server = "localhost:25"
security = "none"             # none, starttls or tls
sender = "goc-doc@thuvien.example"
to = ["thuthu@thuvien.example"]
username = ""                 # with a password_file, mode 0600
password_file = ""
"""

from __future__ import annotations

import tomllib
from email.headerregistry import Address
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from central.errors import SettingsWrong

FILE = "alerts.toml"


class Mail(BaseModel):
    """The mail server, and whom to write to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str
    sender: str
    to: tuple[str, ...] = Field(min_length=1)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password_file: Path | None = None

    @field_validator("server")
    @classmethod
    def _has_a_port(cls, text: str) -> str:
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
            raise ValueError(f"{text!r} is not HOST:PORT, for instance localhost:25")
        return text

    @field_validator("sender", "to")
    @classmethod
    def _are_addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for text in (value,) if isinstance(value, str) else value:
            try:
                if not Address(addr_spec=text).domain:
                    raise ValueError(text)
            except (ValueError, IndexError) as error:
                raise ValueError(f"{text!r} is not a mail address") from error
        return value

    @model_validator(mode="after")
    def _sends_no_password_in_the_clear(self) -> Mail:
        host = self.server.rpartition(":")[0]
        if self.username and self.security == "none" and host not in {"localhost", "127.0.0.1", "[::1]"}:
            raise ValueError("a login is not sent without encryption; set security to starttls or tls")
        return self


class AlertSettings(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["vi", "en"] = "vi"
    pages: str = ""
    metrics_token: str = ""
    mail: Mail | None = None


def read_alert_settings(folder: Path) -> AlertSettings:
    """The folder's file. Raises SettingsWrong, naming the key and what is wrong with it."""
    path = folder / FILE
    try:
        return AlertSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):  # of the folder others speak
        return AlertSettings()
    except OSError as error:
        raise SettingsWrong(f"{path} cannot be read ({error.strerror}); check who may read it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsWrong(f"{path}: {where}: {first['msg']}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise SettingsWrong(f"{path} is not TOML: {error}") from error
