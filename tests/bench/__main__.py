"""`python -m tests.bench [part ...]`: every figure beside its floor or peer, measured in the same run.

Compare ratios, not absolute numbers: machines differ and are shared.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys

from tests.bench.row import Row

PARTS = ("spi", "pad", "transaction", "drain", "screen", "ingest", "year", "tls", "catalogue", "fleet")


def main() -> int:
    """Measure the named parts, or all of them; 2 when one is unknown."""
    parts = sys.argv[1:] or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    cores = len(os.sched_getaffinity(0))
    print(f"Python {platform.python_version()}, {platform.machine()}, {cores} cores\n")
    print(f"{'what':52} {'ours':>10} {'peer':>10} {'ratio':>8}  unit; beside what; bar")
    for part in parts:
        print(f"-- {part}")
        for row in importlib.import_module(f"tests.bench.{part}").measure():
            print(line(row), flush=True)
    return 0


def line(row: Row) -> str:
    """One row of the table."""
    peer = "" if row.peer is None else f"{row.peer:.4g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
    words = "; ".join(word for word in (row.unit, row.peer_name, row.bar) if word)
    return f"{row.what:52} {row.ours:>10.4g} {peer:>10} {ratio:>8}  {words}"


if __name__ == "__main__":
    sys.exit(main())
