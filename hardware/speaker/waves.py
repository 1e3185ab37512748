"""WAV files as sound in memory: read, made softer, written again. Every player understands 16-bit PCM."""

from __future__ import annotations

import io
import struct
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from hardware.errors import HardwareError

_LONGEST_S = 30.0  # a sentence for a child is never so long
_LARGEST = 8_000_000  # bytes; 30 s of 48 kHz stereo are 5.8 million
_SLOWEST_HZ, _FASTEST_HZ = 4_000, 96_000
_SIGN = bytes(value ^ 0x80 for value in range(256))  # 8-bit samples count from 0, wider ones around it
_BROKEN = (wave.Error, EOFError, struct.error, ValueError, ArithmeticError, RuntimeError)


class WaveRefused(HardwareError, ValueError):
    """A file is not the kind of WAV the station can play."""


class Soundless(WaveRefused):
    """It is one, with nothing in it."""


@dataclass(frozen=True, slots=True)
class Wave:
    """16-bit sound: samples (channels in turn), channels, samples a second."""

    samples: array[int]
    channels: int
    rate: int

    def first(self, seconds: float) -> Wave:
        """Its beginning, or all of it where it is shorter."""
        most = int(seconds * self.rate) * self.channels
        return Wave(self.samples[:most], self.channels, self.rate)

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / self.channels / self.rate

    def scaled(self, gain: float) -> Wave:
        """The same sound, softer: every sample times `gain` (0 to 1), towards zero."""
        if gain >= 1:
            return self
        return Wave(array("h", [int(sample * gain) for sample in self.samples]), self.channels, self.rate)

    def to_bytes(self) -> bytes:
        """A whole WAV file."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(self.channels)
            writer.setsampwidth(2)
            writer.setframerate(self.rate)
            writer.writeframes(self.samples.tobytes())
        return file.getvalue()


def read_wave(path: Path) -> Wave:
    """The sound in a WAV file. Raises WaveRefused, and OSError when there is none to read."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there")
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    return parse_wave(content, str(path))


def parse_wave(content: bytes, name: str, longest_s: float = _LONGEST_S) -> Wave:
    """The sound in a WAV file's content; `name` is for the message. Raises WaveRefused, Soundless."""
    if len(content) > _LARGEST:
        raise WaveRefused(f"{name} is larger than {_LARGEST} bytes; record one short sentence a file")
    try:
        with wave.open(io.BytesIO(content), "rb") as reader:
            channels, width, rate = reader.getnchannels(), reader.getsampwidth(), reader.getframerate()
            raw = reader.readframes(min(reader.getnframes(), len(content)))
    except _BROKEN as error:
        why = str(error) or "it ends too early"
        raise WaveRefused(f"{name} is no WAV file of plain PCM ({why}); save it as 16-bit PCM") from error
    if channels not in {1, 2} or width not in {1, 2, 3, 4} or not _SLOWEST_HZ <= rate <= _FASTEST_HZ:
        raise WaveRefused(
            f"{name} has {channels} channels of {8 * width} bits at {rate} Hz; save it as mono, 16 bit, "
            "22050 Hz"
        )
    whole = len(raw) // (channels * width) * channels * width
    sound = Wave(_sixteen_bits(raw[:whole], width), channels, rate)
    if not sound.samples:
        raise Soundless(f"{name} holds no sound")
    if sound.seconds > longest_s:
        raise WaveRefused(f"{name} lasts {sound.seconds:.0f} s; the longest is {longest_s:.0f} s")
    return sound


def _sixteen_bits(raw: bytes, width: int) -> array[int]:
    """The two highest bytes of every sample."""
    if width == 2:
        return array("h", raw)
    both = bytearray(len(raw) // width * 2)
    if width == 1:
        both[1::2] = raw.translate(_SIGN)
    else:
        both[0::2] = raw[width - 2 :: width]
        both[1::2] = raw[width - 1 :: width]
    return array("h", bytes(both))
