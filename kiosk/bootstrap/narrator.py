"""Says what the screen shows, where the station has a voice: a prompt unasked, all of it for whoever asks.

It hears of every screen from the desk's thread and of keys and fingers from the screen's; what it wants said
goes to the loudspeaker, which never makes anybody wait.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from kiosk.desk import Cue
from kiosk.screens import Goodbye, Hello, Returned, Shown, StaffPin, Welcome
from kiosk.settings import Settings
from kiosk.words import languages, voice_of, words_for
from kiosk.words.spoken import Utterance, named, pointed_at, prompt, whole

log = logging.getLogger(__name__)

VOICES = "voices"
"""Folder of recordings among the station's data: <language>/<key>.wav."""

REPEAT_S = 5.0
"""A prompt that comes again within so long is not said again: a card that is moved about makes no chatter."""

Said = tuple[Utterance, ...]
Mode = Literal["prompts", "asked", "never"]


def voices_of(settings: Settings) -> Path:
    """Where a person's recordings are."""
    return settings.station.data / VOICES


def speaks(settings: Settings) -> bool:
    """Whether this station speaks at all: then its screens offer to read themselves."""
    return settings.speaker.enabled and settings.speaker.voice != "never"


def machine_voices() -> dict[str, str]:
    """espeak-ng's voice of each language of the station that has one."""
    return {language: voice for language in languages() if (voice := voice_of(language))}


def name_the_silent(folder: Path) -> tuple[str, ...]:
    """The languages that nobody speaks, neither a recording nor the machine's voice; each is logged once."""
    silent = tuple(
        language
        for language in languages()
        if not voice_of(language) and not any((folder / language).glob("*.wav"))
    )
    for language in silent:
        log.warning(
            "the screen's language %r has no voice: record it into %s ('kiosk voice list --script')",
            language,
            folder / language,
        )
    return silent


class Narrator:
    """Decides what is said, and when. `speak` says it in place of what was being said; () = be quiet.

    `mode`: "prompts" says a prompt with every screen, "asked" only what a child asks for, "never" nothing.
    A child whose own wish it is has every screen read whole in both of the first.
    """

    def __init__(
        self,
        *,
        speak: Callable[[Said, str], None],
        mode: Mode = "prompts",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._speak, self._mode, self._monotonic = speak, mode, monotonic
        self._shown: Shown | None = None
        self._last: Said = ()
        self._said: dict[Said, float] = {}  # when each prompt was said last

    def __repr__(self) -> str:
        return f"<Narrator, {self._mode}>"

    def shown(self, shown: Shown) -> None:
        """A screen came. Its words take the place of the last one's. On the desk's thread."""
        self._shown = shown
        if self._mode == "never":
            return
        said, now = self._unasked(shown), self._monotonic()
        if said and said == self._last:
            return  # the same words: they are being said, or have just been
        self._last = said
        if isinstance(shown.screen, Welcome):
            self._said = {}  # nothing of a child outlives its visit
        self._said = {words: at for words, at in self._said.items() if now - at < REPEAT_S}
        if said in self._said and not shown.look.spoken:
            said = ()
        elif said:
            self._said[said] = now
        self._speak(said, shown.language)

    def cue(self, cue: Cue) -> None:
        """READ reads what is shown, whole; the other cues are not words."""
        shown = self._shown
        if cue is Cue.READ and shown is not None and self._mode != "never":
            self._speak(whole(shown.screen, words_for(shown.language)), shown.language)

    def sound(self, cue: Cue) -> str:
        """The sound that goes with a cue on the screen that is shown."""
        match cue, self._shown and self._shown.screen:
            case Cue.OK, Hello():
                return "place"
            case Cue.OK, Returned(cheer=cheer) if cheer:
                return "cheer"
            case Cue.OFF, Goodbye():
                return "goodbye"
        return cue.value

    def focused(self, key: str, language: str) -> None:
        """The ring of the keys came to a button, or to a thing with a name. From the screen's thread."""
        shown = self._shown
        spoken = shown is not None and shown.look.spoken
        if self._mode == "never" or (self._mode == "asked" and not spoken):
            return
        words = words_for(language)
        if shown is not None and isinstance(shown.screen, StaffPin) and named(key, words).key == "":
            return  # the digits of a PIN are nobody else's business
        said = pointed_at(shown.screen if shown is not None else None, key, words)
        if said:
            self._speak(said, language)

    def _unasked(self, shown: Shown) -> Said:
        """What is said when a screen comes. In an empty room nobody is read to, whatever was wished."""
        words = words_for(shown.language)
        if shown.look.spoken and not isinstance(shown.screen, Welcome):
            return whole(shown.screen, words)
        return prompt(shown.screen, words) if self._mode == "prompts" else ()
