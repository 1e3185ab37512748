"""The centre's figures for Prometheus, in its text format (version 0.0.4): nothing of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from central.overview import Figures, Station

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(
    stations: Sequence[Station], totals: Mapping[str, Figures], *, broker: bool, alerts: Mapping[str, int]
) -> str:
    """Everything that is measured. `alerts`: how many are open, by kind."""
    return "\n".join(_lines(stations, totals, broker=broker, alerts=alerts)) + "\n"


def _lines(
    stations: Sequence[Station], totals: Mapping[str, Figures], *, broker: bool, alerts: Mapping[str, int]
) -> Iterator[str]:
    yield from _family(
        "gocdoc_broker_connected", "gauge", "1 while the ingest is connected", [({}, int(broker))]
    )
    each: list[tuple[str, str, Callable[[Station], int]]] = [
        ("connected", "1 while the station is connected", lambda one: int(one.connected)),
        ("behind", "facts the station has written that are not here", lambda one: one.behind),
        ("missing", "gaps in what is here", lambda one: len(one.missing)),
        ("faults", "devices of the station that do not work", lambda one: len(one.faults)),
        ("quarantined", "facts that contradict one that is held", lambda one: one.quarantined),
        ("deadletters", "messages that are no facts", lambda one: one.deadletters),
        ("forked", "1 when its card was restored or cloned", lambda one: int(one.forked)),
    ]
    for name, words, value in each:
        samples = [({"station": one.id}, value(one)) for one in stations]
        yield from _family(f"gocdoc_station_{name}", "gauge", words, samples)
    for name in ("loans", "returns", "renewals", "refusals", "visits_in", "visits_out", "help_calls"):
        samples = [({"station": one}, getattr(of, name)) for one, of in sorted(totals.items())]
        # An undone checkout takes a loan back: a counter that may fall by one is a gauge.
        yield from _family(f"gocdoc_{name}", "gauge", f"{name.replace('_', ' ')} ever counted", samples)
    open_alerts = [({"kind": kind}, n) for kind, n in sorted(alerts.items())]
    yield from _family(
        "gocdoc_alerts_open", "gauge", "alerts people were told of that are not over", open_alerts
    )


def _family(
    name: str, kind: str, words: str, samples: Iterable[tuple[Mapping[str, str], int]]
) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{told}}} {value}" if told else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
