"""Ranges of numbers, beside plain sets of them."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from central import ranges

_NUMBERS = st.sets(st.integers(1, 40))


def of(numbers: set[int]) -> list[ranges.Range]:
    return ranges.joined([], numbers)


@given(_NUMBERS, _NUMBERS)
def test_a_union_of_ranges_is_the_union_of_the_sets(one: set[int], other: set[int]) -> None:
    found = ranges.joined(of(one), other)
    assert {n for low, high in found for n in range(low, high + 1)} == one | other
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
    assert ranges.count(found) == len(one | other)


@given(_NUMBERS, st.integers(0, 45))
def test_a_number_is_contained_when_the_set_has_it(numbers: set[int], number: int) -> None:
    assert ranges.contains(of(numbers), number) == (number in numbers)


@given(_NUMBERS, st.integers(0, 20))
def test_a_watermark_is_raised_to_before_the_first_gap_and_every_gap_is_named(
    numbers: set[int], upto: int
) -> None:
    raised, left = ranges.raised(upto, of(numbers))
    held = numbers | set(range(1, upto + 1))
    assert raised == next(n for n in range(100) if n + 1 not in held)
    gaps = {n for low, high in ranges.between(raised, left) for n in range(low, high + 1)}
    assert gaps == {n for n in range(raised + 1, max(held, default=0)) if n not in held}
