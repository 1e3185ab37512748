"""The player's thread: one sound at a time, by a program that may be missing, complain or hang.

Nothing of it ever reaches the desk: who asks for a sound is gone before it begins, and a sound that cannot be
played is a note in `troubles`.
"""

from __future__ import annotations

import io
import logging
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hardware.speaker.child import Child
from hardware.speaker.loudness import gain_of
from hardware.speaker.waves import Wave, WaveRefused, parse_wave, read_wave

log = logging.getLogger(__name__)

_PROGRAMS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "aplay": (("-q",), "--device={}"),
    "pw-play": ((), "--target={}"),
    "paplay": ((), "--device={}"),
}  # program -> its options, and the one that names a sound device; alsa-utils, pipewire-bin, pulseaudio-utils
_LOOK_S = 0.02  # between two looks at a program that runs
_KILLED_S = 0.3  # a killed program is gone in milliseconds, or held by a driver
_CLOSED_S = 1.0  # the thread, from whatever it is doing


@dataclass(frozen=True, slots=True)
class Recording:
    """A WAV file to play, at a volume of 0 to 100."""

    path: Path
    volume: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence to say at a volume: as recorded, if it was; otherwise spoken by espeak-ng in `voice`."""

    text: str
    voice: str
    volume: int
    recorded: Path | None = None


Sound = Recording | Utterance


class _Overtaken(Exception):  # nothing failed: something newer is to be heard
    pass


class Player:
    """Plays sounds on a thread of its own, from construction to `close`.

    A recording stops whatever sounds; a sentence stops another sentence, and waits for a recording to end, so
    that a chime is followed by its words. `device`: the program's own name for a sound device, None = the
    default one. After a failure it plays nothing for `retry_s`, then tries again, with the next program if
    there are several. A program is killed `patience_s` after its sound must have ended.
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
        self._inbox: queue.SimpleQueue[Sound | None] = queue.SimpleQueue()
        self._now: Sound | None = None
        self._next: Sound | None = None
        self._retry_at = float("-inf")
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
        self._inbox.put(None)

    def close(self) -> None:
        """Silence, the program ended, the thread too, within a second. May be called twice."""
        self._stopping.set()
        self._inbox.put(None)
        self._thread.join(_CLOSED_S)
        if self._thread.is_alive():
            log.warning("the loudspeaker's thread did not end within %g s; it is left behind", _CLOSED_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._now, self._next = self._next, None
            if self._now is None:
                self._overtaken(None)
                continue
            try:
                self._sound(self._now)
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
        self._next = newer
        return not (isinstance(newer, Utterance) and isinstance(self._now, Recording))

    def _sound(self, sound: Sound) -> None:
        if self._monotonic() < self._retry_at or self._held():
            return
        wave = self._recorded(sound.path) if isinstance(sound, Recording) else self._words(sound)
        if wave is None or self._overtaken(0):
            return
        found = [program for program in map(shutil.which, _PROGRAMS) if program]
        if not found:
            self._fail("player", "no program to play sounds was found; install Debian's alsa-utils")
            return
        program = found[self._turn % len(found)]
        options, device = _PROGRAMS[Path(program).name]
        named = [device.format(self._device)] if self._device else []
        with _memory(wave.scaled(gain_of(sound.volume)).to_bytes()) as file:
            command = [program, *options, *named, _path_of(file)]
            self._do("player", command, file, limit_s=wave.seconds + self._patience_s)

    def _words(self, sentence: Utterance) -> Wave | None:
        """A sentence as sound: the librarian's recording, or the machine's voice, or nothing."""
        if sentence.recorded is not None:
            wave = self._recorded(sentence.recorded, wanted=False)
            if wave is not None:
                return wave
        if not sentence.text:
            return None
        program = shutil.which("espeak-ng")
        if program is None:
            self._note("voice", "sentences are not spoken: install Debian's espeak-ng, or record them")
            return None
        # The text comes from the catalogue: on stdin it cannot be taken for an option.
        with _memory(sentence.text.encode("utf-8", "replace")) as text, _memory() as made:
            command = [program, "-b", "1", "-v", sentence.voice, "--stdin", "-w", _path_of(made)]
            if not self._do("voice", command, made, stdin=text, limit_s=self._patience_s):
                return None
            try:
                return parse_wave(made.readall(), "what espeak-ng made")
            except WaveRefused as error:
                self._note("voice", f"sentences are not spoken: {error}")
                return None

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
            self._mend(what)
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


def _memory(content: bytes = b"") -> io.FileIO:
    """A file that is on no disk: a beep a minute would wear out an SD card. Gone with its last reader."""
    file = io.FileIO(os.memfd_create("sound"), "r+")
    file.write(content)
    file.seek(0)
    return file


def _path_of(file: io.FileIO) -> str:
    """Where a program that was handed the file opens it, from its beginning."""
    return f"/proc/self/fd/{file.fileno()}"
