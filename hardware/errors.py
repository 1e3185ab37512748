"""One tree of exceptions for everything that hangs on wires, real or simulated."""

from __future__ import annotations


class HardwareError(Exception):
    """Root of everything the hardware package raises itself."""


class SimulationError(HardwareError, ValueError):
    """The simulated world was asked for what cannot be: no legal UID, a tag that is there already."""


class WiresInUse(HardwareError, OSError):
    """Another wires process already serves this socket."""


class BenchError(HardwareError):
    """Root of what the bench raises."""


class BenchRefused(BenchError, ValueError):
    """The simulated wires understood the command and refused it; they say why."""


class BenchLost(BenchError, ConnectionError):
    """The simulated wires are not there, or went away."""
