"""What can go wrong at the centre. Every message names the thing, what was found, and the remedy."""

from __future__ import annotations


class CentreError(Exception):
    """Root of everything the centre raises itself."""


class DataInUse(CentreError, RuntimeError):
    """Another ingest works on the same data."""


class SettingsWrong(CentreError, ValueError):
    """The centre's settings cannot be used."""


class NoSuchStation(CentreError, LookupError):
    """No station of this name has reported anything."""


class DatabaseUnusable(CentreError, OSError):
    """The database cannot be opened, read or written."""


class NewerDatabase(CentreError, RuntimeError):
    """The database was written by a newer version of the centre."""


class BrokerTrouble(CentreError, ConnectionError):
    """There is no connection to the broker, or the broker refuses something."""


class MosquittoMissing(CentreError, FileNotFoundError):
    """The mosquitto program is not installed."""


class PortTaken(CentreError, OSError):
    """The address for the pages cannot be had."""


class IdentityTrouble(CentreError, RuntimeError):
    """The authority, a certificate or a code cannot be made or used."""
