"""Words in use belong to the whole process: each test here leaves it speaking what is built in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.words import use


@pytest.fixture(autouse=True)
def _built_in_afterwards() -> Iterator[None]:
    yield
    use(None)
