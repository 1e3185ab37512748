"""The loudspeaker: sounds and spoken sentences, played by other programs, which may hang without harm."""

from hardware.speaker.loudness import Loudness, SpeakerFault
from hardware.speaker.speaker import Speaker

__all__ = ["Loudness", "Speaker", "SpeakerFault"]
