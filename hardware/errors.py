"""One tree of exceptions for everything that hangs on wires, real or simulated."""

from __future__ import annotations


class HardwareError(Exception):
    """Root of everything the hardware package raises itself."""


class SimulationError(HardwareError, ValueError):
    """The simulated world was asked for what cannot be: no legal UID, a tag that is there already."""


class BenchError(HardwareError, OSError):
    """A bench command was refused by the simulated wires, or the wires are not there."""


class WiresInUse(HardwareError, OSError):
    """Another wires process already serves this socket."""
