"""The `kiosk` command as a person calls it, and a small library to do it with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TITLES = "id,title,author,language,age_from,shelf\nT1,Dế Mèn phiêu lưu ký,Tô Hoài,vi,6,green\n"
ITEMS = "item,title_id,status,tag\nLK-1,T1,lendable,\nLK-2,T1,lendable,04AABBCCDDEE01\n"
PATRONS = "id,nickname,animal,category,birth_year\nP1,Mai,cat,tieu-hoc,2018\n"


def kiosk(*words: str | Path, good: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode == 0) is good, done.stdout + done.stderr
    return done


def bring_in(settings: Path, good: bool = True) -> subprocess.CompletedProcess[str]:
    folder = settings.parent
    return kiosk(
        "import", "-s", settings, "--titles", folder / "titles.csv", "--items", folder / "items.csv",
        "--patrons", folder / "patrons.csv", good=good,
    )  # fmt: skip
