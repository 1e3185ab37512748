"""The loudspeaker at the desk: a sound for each cue, spoken sentences, louder and quieter."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path

from hardware.closing import Closing
from hardware.speaker.loudness import Loudness
from hardware.speaker.player import Player, Recording, Utterance

log = logging.getLogger(__name__)

SOUNDS = Path(__file__).parent / "sounds"
"""The station's own sounds, made by hardware.speaker.make_sounds."""

VOICES: Mapping[str, str] = {"vi": "vi", "en": "en"}
"""Screen language -> espeak-ng's voice; "vi" is its northern one, "vi-vn-x-south" the southern."""

_CUES = frozenset({"ok", "ask", "no", "help"})  # the others are silent
_TICK = "tick"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}", re.ASCII)
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_LONGEST_TEXT = 300  # characters; about 20 s of speech


class Speaker(Closing):
    """Plays cues and speaks sentences through whichever player program the machine has.

    `now` tells the time of day for the quiet hours, or None when no clock can be trusted. `sounds`: folder of
    <cue>.wav; `voices`: folder of recorded <language>/<key>.wav, which go before espeak-ng; `spoken`: screen
    language -> espeak-ng's voice. `device`, `retry_s`, `patience_s`: see Player. Needs no pin and no program
    to be constructed: what is missing is said by `working` and `trouble`, and tried again.
    """

    def __init__(
        self,
        loudness: Loudness | None = None,
        *,
        now: Callable[[], time | None] = lambda: None,
        sounds: Path = SOUNDS,
        voices: Path | None = None,
        spoken: Mapping[str, str] = VOICES,
        device: str | None = None,
        retry_s: float = 10.0,
        patience_s: float = 2.0,
    ) -> None:
        self._loudness = loudness or Loudness()
        self._time_of_day = now
        self._sounds, self._voices, self._spoken = sounds, voices, spoken
        self._player = Player(device=device, retry_s=retry_s, patience_s=patience_s)

    def __repr__(self) -> str:
        state = "closed" if self.closed else self.trouble or "working"
        return f"<Speaker, volume {self.volume}, {state}>"

    @property
    def closed(self) -> bool:
        """Whether it was told to end."""
        return self._player.closed

    @property
    def volume(self) -> int:
        """What is set, 0 to 100; in quiet hours too."""
        return self._loudness.volume

    @property
    def working(self) -> bool:
        """Whether all that was asked for could be heard, as far as a program can tell."""
        return not self._player.troubles

    @property
    def trouble(self) -> str:
        """Why not, for the staff's page and the log; empty when it works."""
        return "; ".join(self._player.troubles.values())

    def play(self, cue: str) -> None:
        """Sound "ok", "ask", "no" or "help"; other cues are silent, disturb none. Never raises or waits."""
        if str(cue) in _CUES:
            self._play(str(cue))

    def tick(self) -> None:
        """A short tick: something was put down, or the volume changed. Never raises, never waits."""
        self._play(_TICK)

    def speak(self, text: str, language: str, *, key: str | None = None) -> None:
        """Say a sentence, as recorded under `key` or else by espeak-ng. Never raises, never waits."""
        if _LANGUAGE.fullmatch(language) is None or (key is not None and _KEY.fullmatch(key) is None):
            log.warning("a sentence is not spoken: language %r or key %r is not a plain name", language, key)
            return
        volume = self._audible()
        recorded = None
        if self._voices is not None and key is not None:
            recorded = self._voices / language / f"{key}.wav"
        if volume:
            voice = self._spoken.get(language, language)
            self._player.play(Utterance(_speakable(text), voice, volume, recorded))

    def hush(self) -> None:
        """Silence: nothing of a child is said when the child is gone."""
        self._player.hush()

    def louder(self) -> int:
        """One step louder, and a tick to hear it; the new volume."""
        return self._changed(self._loudness.louder())

    def quieter(self) -> int:
        """One step quieter, and a tick to hear it; the new volume."""
        return self._changed(self._loudness.quieter())

    def close(self) -> None:
        """Silent and ended within a second. May be called twice."""
        self._player.close()

    def _changed(self, volume: int) -> int:
        if volume:
            self.tick()
        else:
            self.hush()
        return volume

    def _play(self, name: str) -> None:
        volume = self._audible()
        if volume:
            self._player.play(Recording(self._sounds / f"{name}.wav", volume))

    def _audible(self) -> int:
        try:
            return self._loudness.at(self._time_of_day())
        except Exception as error:
            log.warning("the time of day is not known, so no hours are quiet: %s", error)
            return self._loudness.volume


def _speakable(text: str) -> str:
    """Text as espeak-ng reads it: no control signs, no [[phonemes]], not endless."""
    plain = unicodedata.normalize("NFC", str(text)[:_LONGEST_TEXT])
    plain = "".join(" " if unicodedata.category(sign).startswith("C") else sign for sign in plain)
    return plain.replace("[", "(").replace("]", ")").strip()
