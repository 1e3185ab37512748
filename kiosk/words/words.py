"""The words of this station: the one place that knows which languages and texts are in use.

`use` is called once, at the start, with the station's data folder; without it the built-in languages are
spoken. Everybody else asks: `words_for`, `languages`, `language_name`, `font_of`, `voice_of`.
"""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

from kiosk.words.catalogue import FIRST, Problem, catalogue
from kiosk.words.sentences import DEVICES, TAG_KINDS, Words
from kiosk.words.text import LONGEST, clean
from kiosk.words.tongues import Tongues, gathered

__all__ = [
    "DEVICES", "LONGEST", "TAG_KINDS", "Words", "catalogue", "clean", "font_of", "language_name", "languages",
    "spoken_here", "tongues", "use", "voice_of", "words_for",
]  # fmt: skip

log = logging.getLogger(__name__)

MOST_TOLD = 12  # problems of one file that the log is told; the command tells all


class _InUse:
    """What `use` has loaded. It is set whole and never changed, so any thread may read it."""

    tongues: Tongues | None = None


def use(folder: Path | None) -> tuple[Problem, ...]:
    """Speak the languages and own texts of a data folder, None = the built-in ones only.

    What cannot be used of them is logged and answered; it is never fatal. Raises CatalogueError when a
    built-in catalogue is damaged.
    """
    found = _InUse.tongues = gathered(folder)
    told: Counter[Path] = Counter()
    for problem in found.problems:
        told[problem.file] += 1
        if told[problem.file] <= MOST_TOLD:
            log.warning("%s", problem)
    for file, count in told.items():
        if count > MOST_TOLD:
            log.warning("%s: and %d more; 'kiosk words check' tells all", file, count - MOST_TOLD)
    for code, language in found.languages.items():
        if language.folder is not None:
            log.info("%d of %d said in %s (%s)", *found.said(code), language.name, code)
    return found.problems


def tongues() -> Tongues:
    """What is in use."""
    if _InUse.tongues is None:
        _InUse.tongues = gathered(None)
    return _InUse.tongues


def languages() -> tuple[str, ...]:
    """Codes of the languages a child can choose, Vietnamese first."""
    return tongues().offered


def words_for(language: str) -> Words:
    """The words of a language; of Vietnamese when the station does not speak it."""
    words = tongues().words
    return words.get(language) or words[FIRST]


def language_name(code: str) -> str:
    """What a language calls itself: "Tiếng Việt", "English"; its code when it is not spoken here."""
    known = tongues().languages.get(code)
    return known.name if known else clean(code)


def font_of(language: str) -> str:
    """The face a language is drawn in: "" the plain one, "tai-viet", or the path of a font file."""
    known = tongues().languages.get(language)
    return known.font if known else ""


def voice_of(language: str) -> str:
    """The espeak-ng voice that stands in for recordings of a language; "" when there is none."""
    known = tongues().languages.get(language)
    return known.voice if known else ""


def spoken_here(language: str) -> str:
    """The language a setting wishes for; Vietnamese, and a line in the log, when it is not spoken here."""
    if language in languages():
        return language
    there = ", ".join(languages())
    log.warning("station.language: %r is not spoken here (%s); %s is used", language, there, FIRST)
    return FIRST
