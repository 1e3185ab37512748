"""How much working memory the board has, and how much of it a program could still get."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.board.tree import Tree, decimal


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; None = the kernel does not tell. `available` counts what can be given up at once (proc(5))."""

    total: int | None = None
    available: int | None = None
    swap_total: int | None = None
    swap_free: int | None = None


def read_memory(tree: Tree) -> Memory:
    """The lines of /proc/meminfo that matter; they are in kB of 1024 bytes."""
    found: dict[str, int] = {}
    for line in (tree.text("/proc/meminfo") or "").splitlines():
        name, _, rest = line.partition(":")
        kilobytes = decimal(rest.strip().removesuffix("kB").strip())
        if kilobytes is not None and kilobytes >= 0:
            found.setdefault(name, kilobytes * 1024)
    total, available = found.get("MemTotal"), found.get("MemAvailable")
    if total is not None and available is not None and available > total:
        available = None
    return Memory(total, available, found.get("SwapTotal"), found.get("SwapFree"))
