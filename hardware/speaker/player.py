"""The player's thread: one sound at a time, by a program that may be missing, complain or hang.

Nothing of it ever reaches the desk: who asks for a sound is gone before it begins, and a sound that cannot be
played is a note in `troubles`.
"""

from __future__ import annotations

import io
import logging
import math
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from hardware.speaker.child import Child
from hardware.speaker.loudness import gain_of
from hardware.speaker.waves import Soundless, Wave, WaveRefused, parse_wave, read_wave

log = logging.getLogger(__name__)

_PROGRAMS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "aplay": (("-q",), "--device={}"),
    "pw-play": ((), "--target={}"),
    "paplay": ((), "--device={}"),
}  # program -> its options, and the one that names a sound device; alsa-utils, pipewire-bin, pulseaudio-utils
_LOOK_S = 0.02  # between two looks at a program that runs
_CHIME_S = 0.1  # a chime that belongs to the words comes so soon after them
_READ_S = 20.0  # a title made of numbers would be read for a minute
_BREATH = 160  # letters read in one go: about 10 s, and on a slow board made before anybody wonders
_ENDS = (".", "!", "?", "…", ",", ":", ";")
_KILLED_S = 0.3  # a killed program is gone in milliseconds, or held by a driver
_CLOSED_S = 1.0  # the thread, from whatever it is doing


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV file to play, at a volume of 0 to 100."""

    path: Path
    volume: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of speech: as in the first of the recordings that is there, or by espeak-ng's `voice`.

    "" is no voice: then a recording speaks, or nobody.
    """

    text: str
    voice: str
    recorded: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Speech:
    """Phrases to say one after the other at a volume; none = be quiet."""

    phrases: tuple[Phrase, ...]
    volume: int


Sound = Recording | Speech


class _Order(Enum):
    HUSH = 0
    FINISH = 1


class _Overtaken(Exception):  # nothing failed: something newer is to be heard
    pass


class Player:
    """Plays sounds on a thread of its own, from construction to `close`.

    A recording stops whatever sounds. Speech stops other speech and waits for a recording to end, so that a
    chime is followed by its words; a chime that comes just after its words goes first all the same. `device`:
    the program's own name for a sound device, None = the default one. After a failure it plays nothing, or
    lets nobody speak, for `retry_s`, then tries again, with the next program if there are several. A program
    is killed `patience_s` after its sound must have ended.
    """

    def __init__(
        self,
        *,
        device: str | None = None,
        retry_s: float = 10.0,
        patience_s: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._device, self._retry_s, self._patience_s = device, retry_s, patience_s
        self._monotonic = monotonic
        self.troubles: Mapping[str, str] = {}
        self._inbox: queue.SimpleQueue[Sound | _Order] = queue.SimpleQueue()
        self._now: Sound | None = None
        self._cue: Recording | None = None  # what comes next, a chime before any words
        self._speech: Speech | None = None
        self._finishing = False  # end when nothing is left to play
        self._heard = False  # something of `_now` could be heard already
        self._retry_at = self._speak_at = float("-inf")
        self._turn = 0
        self._undead: Child | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Player, {'closed' if self.closed else '; '.join(self.troubles.values()) or 'working'}>"

    @property
    def closed(self) -> bool:
        """Whether it was told to end."""
        return self._stopping.is_set()

    def play(self, sound: Sound) -> None:
        """Have a sound played soon. Never raises, never waits."""
        if not self._stopping.is_set():
            self._inbox.put(sound)

    def hush(self) -> None:
        """Silence, soon: what sounds now and what waits."""
        self._inbox.put(_Order.HUSH)

    def finish(self, within_s: float) -> None:
        """Close when everything that was asked for has been heard, or after so long."""
        self._inbox.put(_Order.FINISH)
        self._thread.join(within_s)
        self.close()

    def close(self) -> None:
        """Silence, the program ended, the thread too, within a second. May be called twice."""
        self._stopping.set()
        self._inbox.put(_Order.HUSH)
        self._thread.join(_CLOSED_S)
        if self._thread.is_alive():
            log.warning("the loudspeaker's thread did not end within %g s; it is left behind", _CLOSED_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._heard = False
            if self._cue is not None:
                self._now, self._cue = self._cue, None
            elif self._speech is not None:
                self._now, self._speech = self._speech, None
            elif self._finishing:
                self._stopping.set()
                continue
            else:
                self._now = None
                self._overtaken(None)
                continue
            try:
                if isinstance(self._now, Recording):
                    self._chime(self._now)
                else:
                    self._say(self._now)
            except _Overtaken:
                continue
            except Exception as error:
                self._fail("player", f"the loudspeaker cannot be used: {error or type(error).__name__}")

    def _overtaken(self, within_s: float | None) -> bool:
        """Wait for something newer; whether what sounds now must end for it."""
        try:
            newer = self._inbox.get(timeout=within_s)
        except queue.Empty:
            return False
        now = self._now
        match newer:
            case Recording():
                self._cue = newer
                if isinstance(now, Speech) and not self._heard and self._speech is None:
                    self._speech = now  # its chime comes first, then the words from the beginning
                return True
            case Speech():
                self._speech = newer
                return isinstance(now, Speech)
            case _Order.FINISH:
                self._finishing = True
                return False
        self._cue = self._speech = None
        return True

    def _chime(self, sound: Recording) -> None:
        if self._able():
            wave = self._recorded(sound.path)
            if wave is not None and not self._overtaken(0):
                self._play(wave, sound.volume)

    def _say(self, speech: Speech) -> None:
        """Each phrase in turn; those that nobody recorded and one voice reads are read in one breath."""
        if not speech.phrases:
            return
        if self._overtaken(_CHIME_S):
            raise _Overtaken
        waiting = list(speech.phrases)
        while waiting and self._able():
            first = waiting.pop(0)
            wave = self._one_of(first.recorded)
            if wave is None:
                breath = [first.text]
                while waiting and self._joins(first, waiting[0], breath):
                    breath.append(waiting.pop(0).text)
                wave = self._read(_sentence(breath), first.voice)
            if wave is None:
                continue
            self._heard = True
            if not self._play(wave, speech.volume):
                return

    def _joins(self, first: Phrase, other: Phrase, breath: list[str]) -> bool:
        if other.voice != first.voice or sum(map(len, breath)) + len(other.text) > _BREATH:
            return False
        return not any(path.is_file() for path in other.recorded)

    def _one_of(self, recorded: tuple[Path, ...]) -> Wave | None:
        waves = (self._recorded(path, wanted=False) for path in recorded)
        return next((wave for wave in waves if wave is not None), None)

    def _able(self) -> bool:
        return self._monotonic() >= self._retry_at and not self._held()

    def _play(self, wave: Wave, volume: int) -> bool:
        """Have a program play it to its end; whether it did. Raises _Overtaken."""
        found = [program for program in map(shutil.which, _PROGRAMS) if program]
        if not found:
            self._fail("player", "no program to play sounds was found; install Debian's alsa-utils")
            return False
        program = found[self._turn % len(found)]
        options, device = _PROGRAMS[Path(program).name]
        named = [device.format(self._device)] if self._device else []
        with _memory(wave.scaled(gain_of(volume)).to_bytes()) as file:
            command = [program, *options, *named, _path_of(file)]
            played = self._do("player", command, file, limit_s=wave.seconds + self._patience_s)
        if played:
            self._mend("player")
        return played

    def _read(self, text: str, voice: str) -> Wave | None:
        """A text in the machine's voice; None where there is no such voice, or it does not work just now."""
        if not text or not voice or self._monotonic() < self._speak_at:
            return None
        program = shutil.which("espeak-ng")
        if program is None:
            self._fail("voice", "sentences are not spoken: install Debian's espeak-ng, or record them")
            return None
        # Titles come from outside: on stdin no text can be taken for an option.
        with _memory(text.encode("utf-8", "replace")) as words, _memory() as made:
            command = [program, "-b", "1", "-v", voice, "--stdin", "-w", _path_of(made)]
            if not self._do("voice", command, made, stdin=words, limit_s=self._patience_s):
                return None
            try:
                wave = parse_wave(made.readall(), "what espeak-ng made", math.inf).first(_READ_S)
            except Soundless:  # of a title like "- - -" nothing is to be heard
                wave = None
            except WaveRefused as error:
                self._fail("voice", f"sentences are not spoken: {error}")
                return None
        self._mend("voice")
        return wave

    def _recorded(self, path: Path, *, wanted: bool = True) -> Wave | None:
        try:
            wave = read_wave(path)
        except FileNotFoundError as error:
            if wanted:
                self._note(str(path), f"a sound is missing: {error}")
            return None
        except (OSError, WaveRefused) as error:
            self._note(str(path), f"a sound cannot be played: {error}")
            return None
        self._mend(str(path))
        return wave

    def _do(
        self,
        what: str,
        command: list[str],
        file: io.FileIO,
        *,
        stdin: io.FileIO | None = None,
        limit_s: float,
    ) -> bool:
        """Run a program to its end; whether it did its work. Raises _Overtaken."""
        until = self._monotonic() + limit_s
        try:
            child = Child(command, stdin=stdin, files=(file.fileno(),))
        except OSError as error:
            self._fail(what, f"{command[0]} cannot be started: {error}")
            return False
        try:
            in_time = self._attend(child, until)
        finally:
            if not child.end(_KILLED_S):
                self._undead = child
        if not in_time:
            self._fail(what, f"{child.name} hung and was ended after {limit_s:.1f} s")
        elif child.code:
            self._fail(what, f"{child.name} failed: {child.complaint or f'exit status {child.code}'}")
        else:
            return True
        return False

    def _attend(self, child: Child, until: float) -> bool:
        while not child.ended():
            if self._overtaken(_LOOK_S):
                raise _Overtaken
            if self._monotonic() >= until:
                return False
        return True

    def _held(self) -> bool:
        """Whether a program killed earlier still hangs in a driver: another one would only join it."""
        if self._undead is None or self._undead.end(0):
            self._undead = None
            return False
        self._note("player", f"{self._undead.name} was killed and does not end: the sound driver hangs")
        return True

    def _fail(self, what: str, why: str) -> None:
        if what == "player":
            self._retry_at = self._monotonic() + self._retry_s
            self._turn += 1
        elif what == "voice":  # one sentence is lost, not the time of all that follow
            self._speak_at = self._monotonic() + self._retry_s
        self._note(what, why)

    def _note(self, what: str, why: str) -> None:
        """Keep a trouble and warn of it, once until it is mended."""
        if what not in self.troubles:
            log.warning("%s", why)
        self.troubles = {**self.troubles, what: why}

    def _mend(self, what: str) -> None:
        if what in self.troubles:
            log.info("mended: %s", self.troubles[what])
            self.troubles = {key: why for key, why in self.troubles.items() if key != what}


def _sentence(breath: list[str]) -> str:
    """Texts as one: a comma's pause between those that end without a sign of their own."""
    ended = [text if text.endswith(_ENDS) else f"{text}," for text in breath[:-1] if text]
    return " ".join((*ended, *breath[-1:])).strip()


def _memory(content: bytes = b"") -> io.FileIO:
    """A file that is on no disk: a beep a minute would wear out an SD card. Gone with its last reader."""
    file = io.FileIO(os.memfd_create("sound"), "r+")
    file.write(content)
    file.seek(0)
    return file


def _path_of(file: io.FileIO) -> str:
    """Where a program that was handed the file opens it, from its beginning."""
    return f"/proc/self/fd/{file.fileno()}"
