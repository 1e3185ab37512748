"""Catalogues: the built-in ones, and one from outside checked against them, message by message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.words import po
from kiosk.words.faces import letters_of
from kiosk.words.sentences import Sentence
from kiosk.words.text import TextRefused, message, placeholders

LOCALE = Path(__file__).parent / "locale"
FIRST = "vi"
NAME = "gocdoc.po"
COUNT = "count"  # the placeholder that a form for one thing may leave out


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file of texts, and by that what is not said. `line` from 1, 0 = of no line."""

    file: Path
    reason: str
    key: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.key}: {self.reason}" if self.key else f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a language says of its own, and how it counts: its number of plural forms, and their rule."""

    sentences: Mapping[str, Sentence]
    forms: int = 1
    plural: po.Plural = po.one


def catalogue(language: str) -> Path:
    """Path of a built-in language's translation file."""
    return LOCALE / language / "LC_MESSAGES" / NAME


def built_in_languages() -> tuple[str, ...]:
    """Languages that come with the station, Vietnamese first."""
    found = sorted(path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{NAME}"))
    return (FIRST, *(name for name in found if name != FIRST))


def built_in(language: str) -> Catalogue:
    """The catalogue of a built-in language. Raises CatalogueError."""
    path = catalogue(language)
    found = po.parse(po.opened(path))
    for fault in found.faults:
        raise po.CatalogueError(f"{path}:{fault.line}: {fault.reason}")
    count, plural = po.plural_of(found.header)
    said = {
        each.key: Sentence(each.texts, language, each.counted, plural) for each in found.messages.values()
    }
    return Catalogue(said, count, plural)


def sections() -> dict[str, tuple[po.Message, ...]]:
    """The Vietnamese messages under their headings, in the file's order."""
    groups: dict[str, list[po.Message]] = {}
    for each in po.parse(po.opened(catalogue(FIRST))).messages.values():
        groups.setdefault(each.section, []).append(each)
    return {section: tuple(group) for section, group in groups.items()}


def checked(
    forms: tuple[str, ...], original: Sentence, *, count: int, letters: frozenset[str]
) -> tuple[str, ...]:
    """The texts of a message as they may be said. Raises TextRefused.

    `original` is the Vietnamese sentence, `count` how many plural forms the language has, `letters` those
    of its face.
    """
    wanted = count if original.counted else 1
    if len(forms) != wanted:
        raise TextRefused(f"has {len(forms)} forms, {wanted} {'is' if wanted == 1 else 'are'} wanted")
    texts = tuple(map(message, forms))
    if not all(texts):
        raise TextRefused("has an empty form; write every one")
    for number, text in enumerate(texts):
        _same_placeholders(text, original, last=number == len(texts) - 1)
        if missing := sorted(set(text) - letters):
            signs = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing[:6])
            raise TextRefused(f"has letters that the font lacks: {signs}")
    return texts


def _same_placeholders(text: str, original: Sentence, *, last: bool) -> None:
    known, used = placeholders(original.forms[-1]), placeholders(text)
    if foreign := sorted(used - known):
        may = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
        raise TextRefused(
            f"has {{{foreign[0]}}}, which the station does not fill in; here it fills in: {may}"
        )
    lacking = sorted(known - used - (set() if last else {COUNT}))
    if lacking:
        raise TextRefused(f"lacks {{{lacking[0]}}}; put it where the station fills it in")


def read_foreign(
    path: Path, language: str, face: str, originals: Mapping[str, Sentence], problems: list[Problem]
) -> Catalogue:
    """What may be said of a catalogue from outside; what may not goes to `problems`."""
    try:
        found = po.parse(po.opened(path))
    except po.CatalogueError as error:
        problems.append(Problem(path, str(error).removeprefix(f"{path}: ")))
        return Catalogue({})
    problems += [Problem(path, fault.reason, line=fault.line) for fault in found.faults]
    try:
        count, plural = po.plural_of(found.header)
    except po.CatalogueError as error:
        problems.append(Problem(path, f"{error}; taken as a language without plurals"))
        count, plural = 1, po.one
    letters = letters_of(face)
    said = {}
    for each, judged in _judged(found, originals, count, letters):
        if isinstance(judged, str):
            problems.append(Problem(path, judged, each.key, each.line))
        else:
            said[each.key] = Sentence(judged, language, originals[each.key].counted, plural)
    return Catalogue(said, count, plural)


def _judged(
    found: po.PoFile, originals: Mapping[str, Sentence], count: int, letters: frozenset[str]
) -> Iterator[tuple[po.Message, str | tuple[str, ...]]]:
    """Each message that says something, with why it is refused or with its texts."""
    for each in found.messages.values():
        if not any(text.strip() for text in each.texts):
            continue  # not translated yet: counted, not told
        original = originals.get(each.key)
        if original is None:
            yield each, "there is no such text; 'kiosk words own' lists all of them"
        elif each.fuzzy:
            yield each, "is marked fuzzy: a tool guessed it; read it, then take the mark away"
        else:
            try:
                yield each, checked(each.texts, original, count=count, letters=letters)
            except TextRefused as refused:
                yield each, str(refused)
