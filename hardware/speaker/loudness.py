"""How loud the station may be: a volume in steps, a ceiling, and hours of quiet."""

from __future__ import annotations

from datetime import time

from hardware.errors import HardwareError

LOUDEST = 100


class SpeakerFault(HardwareError, ValueError):
    """The loudspeaker cannot be set up like this."""


class Loudness:
    """A volume from 0 to `ceiling`, changed in steps; silent from `quiet_from` to `quiet_until`.

    Quiet hours may go past midnight; equal ends mean none. The time of day is always an argument. Raises
    SpeakerFault for figures that make no sense.
    """

    def __init__(
        self,
        volume: int = 60,
        *,
        step: int = 10,
        ceiling: int = 85,
        quiet_from: time | None = None,
        quiet_until: time | None = None,
    ) -> None:
        for name, value, least in (("volume", volume, 0), ("ceiling", ceiling, 0), ("step", step, 1)):
            if not least <= value <= LOUDEST:
                raise SpeakerFault(f"the loudspeaker's {name} is {least} to {LOUDEST}, not {value}")
        if (quiet_from is None) != (quiet_until is None):
            raise SpeakerFault("quiet hours need both ends, when they begin and when they end")
        self._step, self._ceiling = step, ceiling
        self._quiet_from, self._quiet_until = quiet_from, quiet_until
        self._volume = min(volume, ceiling)

    def __repr__(self) -> str:
        return f"<Loudness {self._volume} of at most {self._ceiling}>"

    @property
    def volume(self) -> int:
        """What is set, 0 to 100, whether it is quiet just now or not."""
        return self._volume

    def louder(self) -> int:
        """One step up, to the ceiling at most; the new volume."""
        return self.set(self._volume + self._step)

    def quieter(self) -> int:
        """One step down, to silence at least; the new volume."""
        return self.set(self._volume - self._step)

    def set(self, volume: int) -> int:
        """Set a volume, kept between silence and the ceiling; the new volume."""
        self._volume = max(0, min(volume, self._ceiling))
        return self._volume

    def quiet(self, now: time | None) -> bool:
        """Whether a time of day lies in the quiet hours; no time (a clock nobody trusts) lies in none."""
        begin, end = self._quiet_from, self._quiet_until
        if now is None or begin is None or end is None:
            return False
        now = now.replace(tzinfo=None)
        if begin <= end:
            return begin <= now < end
        return now >= begin or now < end

    def at(self, now: time | None) -> int:
        """How loud a sound of this moment is: the volume, or 0."""
        return 0 if self.quiet(now) else self._volume


def gain_of(volume: int) -> float:
    """What samples are multiplied by. The square makes equal steps sound about equal: half is -12 dB."""
    return (volume / LOUDEST) ** 2
