"""A program that a test needs: named and skipped where it is missing, a failure under CI=true."""

from __future__ import annotations

import os
import shutil

import pytest


def need(program: str, package: str) -> str:
    """The program's path."""
    found = shutil.which(program)
    if found is None:
        words = f"{program} is missing (apt-get install {package})"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return found
