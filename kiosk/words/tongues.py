"""All that this station can speak: built-in languages, those dropped in, and a librarian's own texts.

`<data>/languages/<code>/` has language.toml and gocdoc.po; `<data>/words.toml` has the own texts. Nothing
in them can stop the station: what cannot be used is named and left out, and the sentence is said in the
language it falls back to, in the end in Vietnamese, which is built in and whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kiosk.words import own
from kiosk.words.catalogue import (
    FIRST,
    NAME,
    Catalogue,
    Problem,
    built_in,
    built_in_languages,
    read_foreign,
)
from kiosk.words.faces import letters_of
from kiosk.words.glyphs import FontError
from kiosk.words.language import BUILT_IN, FILE, Language, LanguageRefused, read_language
from kiosk.words.sentences import Sentence, Words

FOLDER = "languages"
VOICES = "voices"  # recordings, a folder a language
MOST = 24  # languages; more would not find room to be chosen from


@dataclass(frozen=True, slots=True)
class Tongues:
    """The languages of a station by code, Vietnamese first, and what was wrong with what it was given."""

    languages: Mapping[str, Language]
    words: Mapping[str, Words]
    catalogues: Mapping[str, Catalogue]
    problems: tuple[Problem, ...] = ()
    recorded: frozenset[str] = frozenset()
    """Languages in which somebody has recorded something."""

    @property
    def offered(self) -> tuple[str, ...]:
        """Languages a child can choose: one that neither says nor speaks anything yet would only confuse."""
        return tuple(code for code in self.languages if self.said(code)[0] or code in self.recorded)

    def said(self, code: str) -> tuple[int, int]:
        """How many sentences a language says of its own catalogue, and of how many."""
        return len(self.catalogues[code].sentences), len(self.catalogues[FIRST].sentences)


def gathered(folder: Path | None) -> Tongues:
    """The languages built in and those of a data folder. Raises CatalogueError for built-in ones only."""
    problems: list[Problem] = []
    languages = {each.code: each for each in BUILT_IN if each.code in built_in_languages()}
    catalogues = {code: built_in(code) for code in languages}
    originals = catalogues[FIRST].sentences
    said: dict[str, dict[str, Sentence]] = {}
    if folder is not None:
        for language in _dropped_in(folder / FOLDER, problems):
            languages[language.code] = language
        for language in list(languages.values()):
            languages[language.code] = _with_a_way_down(language, languages, problems)
            if language.folder is not None:
                catalogues[language.code] = read_foreign(
                    language.folder / NAME, language.code, language.face, originals, problems
                )
        file = folder / own.FILE
        given = own.given_in(file, problems)
        said = own.own_sentences(given, file, languages, catalogues, originals, problems)
    words = {
        code: Words(code, _whole(code, languages, catalogues, said), font=language.font)
        for code, language in languages.items()
    }
    recorded = frozenset(code for code in languages if folder and any((folder / VOICES / code).glob("*.wav")))
    return Tongues(languages, words, catalogues, tuple(problems), recorded)


def _dropped_in(folder: Path, problems: list[Problem]) -> list[Language]:
    try:
        places = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.append(Problem(folder, f"cannot be read ({error.strerror})"))
        return []
    found: list[Language] = []
    names = {each.name.casefold() for each in BUILT_IN}
    for place in places:
        try:
            if len(found) == MOST:
                raise LanguageRefused(f"is left out: at most {MOST} languages can be chosen from")
            language = read_language(place, problems)
            if language.name.casefold() in names:
                raise LanguageRefused(f"name: {language.name!r} is another language's already")
        except (LanguageRefused, FontError) as error:
            problems.append(Problem(place / FILE, str(error)))
            continue
        names.add(language.name.casefold())
        found.append(language)
    return found


def _with_a_way_down(
    language: Language, languages: Mapping[str, Language], problems: list[Problem]
) -> Language:
    """The language; falling back to Vietnamese where what it names is not spoken or leads round in a ring."""
    passed, code = [language.code], language.falls_back_to
    while code != FIRST:
        if code not in languages or code in passed:
            way = " -> ".join([*passed, code])
            reason = "leads round in a ring" if code in passed else "is not spoken here"
            file = (language.folder or Path()) / FILE
            problems.append(Problem(file, f"{way} {reason}; {FIRST} is used", "falls_back_to"))
            return replace(language, falls_back_to=FIRST)
        passed.append(code)
        code = languages[code].falls_back_to
    return language


def _whole(
    code: str,
    languages: Mapping[str, Language],
    catalogues: Mapping[str, Catalogue],
    own_said: Mapping[str, Mapping[str, Sentence]],
) -> dict[str, Sentence]:
    """Every sentence there is, each from the nearest language that says it in letters this one's face has."""
    way = [code]
    while way[-1] != FIRST:
        way.append(languages[way[-1]].falls_back_to)
    letters = letters_of(languages[code].face)
    sentences: dict[str, Sentence] = {}
    for each in reversed(way):
        for texts in (catalogues[each].sentences, own_said.get(each, {})):
            sentences |= {
                key: sentence
                for key, sentence in texts.items()
                if each == code or letters.issuperset("".join(sentence.forms))
            }
    return sentences
