"""The chip's timer (data sheet section 8.5): one tick every (2 TPrescaler + 1) carrier periods."""

from __future__ import annotations

from hardware.simulated.agenda import Agenda
from hardware.simulated.frames import FC
from hardware.simulated.interrupts import TIMER, Interrupts
from hardware.simulated.registers import Reg, RegisterFile

_SHORTEST_S = 100e-6  # a timer that restarts more often than that requests only so often, to save work


class TimerUnit:
    """Counts down from TReload; TimerIRq at zero. Gated modes (TGated) are not modelled."""

    def __init__(self, registers: RegisterFile, interrupts: Interrupts, agenda: Agenda) -> None:
        self._registers, self._interrupts, self._agenda = registers, interrupts, agenda
        self._started_at: float | None = None
        self._stopped_value = 0
        self._reload = 0
        self._tick = 1 / FC
        self._entry = 0

    @property
    def running(self) -> bool:
        """Status1Reg.TRunning."""
        return self._started_at is not None

    @property
    def automatic(self) -> bool:
        """TModeReg.TAuto: starts at the end of a transmission, stops when an answer begins."""
        return self._registers.bit(Reg.T_MODE, 7)

    def counter(self, now: float) -> int:
        """TCounterValReg."""
        if self._started_at is None:
            return self._stopped_value
        return max(0, self._reload - int((now - self._started_at) / self._tick))

    def start(self) -> None:
        """Load TReload and count. Delay = (2 TPrescaler + 1)(TReload + 1)/fc; even option: + 2."""
        prescaler = (self._registers[Reg.T_MODE] & 0x0F) << 8 | self._registers[Reg.T_PRESCALER]
        even = self._registers.bit(Reg.DEMOD, 4)  # TPrescalEven, section 9.3.2.10
        self._tick = (2 * prescaler + (2 if even else 1)) / FC
        self._reload = self._registers[Reg.T_RELOAD_H] << 8 | self._registers[Reg.T_RELOAD_L]
        self._agenda.cancel(self._entry)
        self._started_at = self._agenda.now
        self._entry = self._agenda.at(self._started_at + self._period, self._expired)

    @property
    def _period(self) -> float:
        return self._tick * (self._reload + 1)

    def stop(self) -> None:
        """Keep the count where it is."""
        self._stopped_value = self.counter(self._agenda.now)
        self._agenda.cancel(self._entry)
        self._started_at = None

    def reset(self) -> None:
        """As after power-up."""
        self._agenda.cancel(self._entry)
        self._started_at, self._stopped_value = None, 0

    def _expired(self) -> None:
        self._interrupts.request(TIMER)
        self._started_at, self._stopped_value = None, 0
        if self._registers.bit(Reg.T_MODE, 4):  # TAutoRestart
            self.start()
            if self._period < _SHORTEST_S:
                self._agenda.cancel(self._entry)
                self._entry = self._agenda.at(self._agenda.now + _SHORTEST_S, self._expired)
