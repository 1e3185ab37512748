"""The readings as lines for a person at a terminal; what the board does not tell is left out."""

from __future__ import annotations

from hardware.board.readings import BoardReadings
from hardware.board.worries import GIB, MIB

_HOUR_S, _DAY_S = 3600, 86400


def in_words(readings: BoardReadings) -> tuple[tuple[str, str], ...]:
    """(what, words) in the order people ask: board, power, heat, memory, disk, card, clock."""
    lines = (
        ("board", _board(readings)),
        ("power", _power(readings)),
        ("heat", _heat(readings)),
        ("memory", _memory(readings)),
        ("disk", _disk(readings)),
        ("card", _card(readings)),
        ("clock", _clock(readings)),
    )
    return tuple((what, words) for what, words in lines if words)


def _listed(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _board(readings: BoardReadings) -> str:
    return _listed(
        readings.model or "not a Raspberry Pi",
        readings.revision and f"revision {readings.revision}",
        None if readings.uptime_s is None else f"on for {_span(readings.uptime_s)}",
    )


def _span(seconds: float) -> str:
    if seconds >= 2 * _DAY_S:
        return f"{seconds / _DAY_S:.0f} days"
    return f"{seconds / _HOUR_S:.1f} hours" if seconds >= _HOUR_S else f"{seconds / 60:.0f} minutes"


def _power(readings: BoardReadings) -> str:
    power = readings.power
    if power.under_voltage is None:
        return ""
    now = "voltage too low" if power.under_voltage else "voltage good"
    slowed = power.throttled or power.capped or power.soft_limit
    return _listed(
        now,
        "slowed down" if slowed else None,
        "voltage was too low before" if power.was_under_voltage and not power.under_voltage else None,
        "was slowed down before" if power.was_throttled and not slowed else None,
    )


def _heat(readings: BoardReadings) -> str:
    heat = readings.heat
    return _listed(
        None if heat.temperature_c is None else f"{heat.temperature_c:.1f} °C",
        None if heat.fan_level is None else f"fan at {heat.fan_level} of {heat.fan_levels or '?'}",
        None if heat.fan_rpm is None else f"{heat.fan_rpm} turns a minute",
    )


def _memory(readings: BoardReadings) -> str:
    memory = readings.memory
    if memory.total is None or memory.available is None:
        return ""
    return f"{memory.available // MIB} of {memory.total // MIB} MB free"


def _disk(readings: BoardReadings) -> str:
    storage = readings.storage
    return _listed(
        None
        if storage.free is None or storage.total is None
        else f"{storage.free / GIB:.1f} of {storage.total / GIB:.1f} GB free",
        storage.device and f"{storage.kind} on {storage.device}",
        "read-only" if storage.read_only else None,
        "in memory: forgets everything" if storage.forgets else None,
        None if storage.written is None else f"{storage.written / GIB:.0f} GB ever written",
        None if not storage.errors else f"{storage.errors} errors",
    )


def _card(readings: BoardReadings) -> str:
    card = readings.card
    if card is None:
        return ""
    return _listed(
        card.kind,
        card.name,
        card.made and f"made {card.made}",
        None if card.life_used is None else f"up to {card.life_used} % of its life used",
        card.reserve and f"reserve {card.reserve}",
        None if not card.errors else f"{card.errors} failed transfers",
    )


def _clock(readings: BoardReadings) -> str:
    clock = readings.clock
    kept = {True: "set by a time server", False: "no time server reached"}
    return _listed(
        kept.get(clock.synchronised) if clock.synchronised is not None else None,
        f"clock chip {clock.chip_name or 'there'}" if clock.chip else "no clock chip",
        None if clock.battery_v is None else f"its cell has {clock.battery_v:.1f} V",
    )
