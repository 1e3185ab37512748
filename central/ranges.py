"""Sets of numbers as sorted ranges that neither touch nor overlap: what is held above a watermark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Range = tuple[int, int]
"""Both ends included."""


def joined(ranges: Iterable[Sequence[int]], numbers: Iterable[int] = ()) -> list[Range]:
    """The union of ranges and single numbers."""
    found: list[Range] = []
    for first, last in sorted([*((one[0], one[1]) for one in ranges), *((n, n) for n in numbers)]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def raised(upto: int, held: Iterable[Range]) -> tuple[int, list[Range]]:
    """The watermark once these are held too, and the ranges that stay above it."""
    left = []
    for first, last in held:
        if first <= upto + 1:
            upto = max(upto, last)
        else:
            left.append((first, last))
    return upto, left


def contains(held: Sequence[Sequence[int]], number: int) -> bool:
    """Whether a number is in one of the ranges."""
    low, high = 0, len(held)
    while low < high:
        middle = (low + high) // 2
        if held[middle][1] < number:
            low = middle + 1
        else:
            high = middle
    return low < len(held) and held[low][0] <= number


def between(upto: int, held: Iterable[Sequence[int]]) -> list[Range]:
    """The gaps: what is missing between the watermark and the last range."""
    gaps = []
    for first, last in held:
        gaps.append((upto + 1, first - 1))
        upto = last
    return gaps


def count(ranges: Iterable[Range]) -> int:
    """How many numbers they hold."""
    return sum(last - first + 1 for first, last in ranges)
