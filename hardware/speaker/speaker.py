"""The loudspeaker at the desk: sounds, spoken sentences, louder and quieter."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Protocol

from hardware.closing import Closing
from hardware.speaker.loudness import Loudness
from hardware.speaker.player import Phrase, Player, Recording, Speech

log = logging.getLogger(__name__)

SOUNDS = Path(__file__).parent / "sounds"
"""The station's own sounds, made by hardware.speaker.make_sounds."""

VOICES: Mapping[str, str] = {"vi": "vi", "en": "en"}
"""Screen language -> espeak-ng's voice; "vi" is its northern one, "vi-vn-x-south" the southern."""

SOUNDED = frozenset({"tick", "place", "ok", "no", "ask", "help", "cheer", "goodbye"})
"""Sounds by name; a cue that has none is silent."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_KEY = re.compile(r"[a-z0-9_-]{1,40}(\.[a-z0-9_-]{1,40}){0,5}", re.ASCII)
_LONGEST_TEXT = 240  # characters, as of a title on the screen; about 15 s of speech
_MOST_PARTS = 120  # of one screen read whole


class Part(Protocol):
    """Something to say: a recording's name or "", the text, and its language or "" for the speech's own."""

    @property
    def key(self) -> str: ...  # noqa: D102

    @property
    def text(self) -> str: ...  # noqa: D102

    @property
    def language(self) -> str: ...  # noqa: D102


class Speaker(Closing):
    """Plays sounds and speaks through whichever player program the machine has.

    `now` tells the time of day for the quiet hours, or None when no clock can be trusted. `sounds`: folder of
    <name>.wav; `voices`: folder of recorded <language>/<key>.wav, which go before espeak-ng; `spoken`: screen
    language -> espeak-ng's voice; a language that is not in it has recordings or is silent. `device`,
    `retry_s`, `patience_s`: see Player. Needs no pin and no program to be constructed: what is missing is
    said by `working` and `trouble`, and tried again.
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

    def play(self, name: str) -> None:
        """Sound one of SOUNDED; any other name is silent and disturbs nothing. Never raises, never waits."""
        volume = self._audible() if name in SOUNDED else 0
        if volume:
            self._player.play(Recording(self._sounds / f"{name}.wav", volume))

    def tick(self) -> None:
        """A finger landed: a quiet tick, and what was being said ends. Never raises, never waits."""
        self.hush()
        self.play("tick")

    def say(self, parts: Sequence[Part], language: str) -> None:
        """Say this in place of whatever is being said; nothing = be quiet. Never raises, never waits."""
        volume = self._audible()
        made = (self._phrase(part, language) for part in parts[:_MOST_PARTS])
        phrases = tuple(phrase for phrase in made if phrase is not None) if volume else ()
        self._player.play(Speech(phrases, volume))

    def hush(self) -> None:
        """Silence: nothing of a child is said when the child is gone."""
        self._player.hush()

    def louder(self) -> int:
        """One step louder, and a note to hear it; the new volume."""
        return self._changed(self._loudness.louder())

    def quieter(self) -> int:
        """One step quieter, and a note to hear it; the new volume."""
        return self._changed(self._loudness.quieter())

    def finish(self, within_s: float) -> None:
        """Close when everything that was asked for has been heard, or after so long."""
        self._player.finish(within_s)

    def close(self) -> None:
        """Silent and ended within a second. May be called twice."""
        self._player.close()

    def _changed(self, volume: int) -> int:
        if volume:
            self.play("place")
        else:
            self.hush()
        return volume

    def _phrase(self, part: Part, language: str) -> Phrase | None:
        """Who recorded it in the speech's language goes first: such a language may have no texts yet."""
        tongues = tuple(dict.fromkeys((language, part.language or language)))
        plain = all(map(_LANGUAGE.fullmatch, tongues)) and (not part.key or _KEY.fullmatch(part.key))
        if not plain:
            log.warning("not spoken: languages %r or key %r is not a plain name", tongues, part.key)
            return None
        recorded: tuple[Path, ...] = ()
        if self._voices is not None and part.key:
            recorded = tuple(self._voices / tongue / f"{part.key}.wav" for tongue in tongues)
        return Phrase(_speakable(part.text), self._spoken.get(tongues[-1], ""), recorded)

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
