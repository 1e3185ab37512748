"""The station's words: catalogues, languages, a librarian's own texts, what is said aloud. No Kivy here."""

from kiosk.words.faces import PLAIN as PLAIN_FACE
from kiosk.words.faces import face_file, face_for
from kiosk.words.language import CODE
from kiosk.words.words import (
    DEVICES,
    LONGEST,
    TAG_KINDS,
    Words,
    catalogue,
    clean,
    font_of,
    language_name,
    languages,
    spoken_here,
    tongues,
    use,
    voice_of,
    words_for,
)

__all__ = [
    "CODE",
    "DEVICES",
    "LONGEST",
    "PLAIN_FACE",
    "TAG_KINDS",
    "Words",
    "catalogue",
    "clean",
    "face_file",
    "face_for",
    "font_of",
    "language_name",
    "languages",
    "spoken_here",
    "tongues",
    "use",
    "voice_of",
    "words_for",
]
