"""A librarian's own texts: `<data>/words.toml`, one line a text, taken instead of the built-in one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from kiosk.words.catalogue import Catalogue, Problem, checked, sections
from kiosk.words.faces import letters_of
from kiosk.words.language import Language, LanguageRefused, table
from kiosk.words.sentences import Sentence
from kiosk.words.text import TextRefused

FILE = "words.toml"
KEPT = "No text has these names any more; take the lines out"

Given = Mapping[str, Mapping[str, object]]
"""What stands in the file: by language, by key."""

HEAD = """\
# Lời của trạm do thư viện tự đặt. Bỏ dấu # ở đầu dòng rồi sửa phần sau dấu bằng; xong thì bật lại trạm.
# {trong ngoặc nhọn} là chỗ trạm tự điền: giữ nguyên. Xem thử: kiosk words preview welcome.title
# Kiểm tra: kiosk words check. Bỏ trống hoặc xóa dòng thì trạm nói như cũ.
#
# The station's texts as this library wants them. Take the # away and change what stands behind the
# equals sign. {curly} names are filled in by the station; keep them. Look: kiosk words preview KEY
"""


def given_in(path: Path, problems: list[Problem]) -> Given:
    """The texts in the file, as they stand; none where it cannot be read, which goes to `problems`."""
    if not path.exists():
        return {}
    try:
        tables = table(path)
    except LanguageRefused as error:
        problems.append(Problem(path, f"{error}; the built-in texts are said"))
        return {}
    found = {}
    for language, texts in tables.items():
        if isinstance(texts, dict):
            found[language] = dict(_flat("", texts))
        else:
            problems.append(Problem(path, "stands under no language; put it below a line [vi]", language))
    return found


def _flat(before: str, texts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """A key without its quotes, welcome.title, is tables in a table: put together again."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from _flat(f"{before}{key}.", value)
        else:
            yield f"{before}{key}", value


def own_sentences(
    given: Given,
    path: Path,
    languages: Mapping[str, Language],
    catalogues: Mapping[str, Catalogue],
    originals: Mapping[str, Sentence],
    problems: list[Problem],
) -> dict[str, dict[str, Sentence]]:
    """What may be said of the file, by language; what may not goes to `problems`."""
    said: dict[str, dict[str, Sentence]] = {}
    for code, texts in given.items():
        if code not in languages:
            there = ", ".join(languages)
            problems.append(Problem(path, f"the station does not speak it; it speaks {there}", code))
            continue
        counts = catalogues[code]
        letters = letters_of(languages[code].face)
        said[code] = {}
        for key, value in texts.items():
            if value == "":
                continue  # left empty: as it was
            try:
                original = _known(key, originals)
                forms = checked(_forms(value), original, count=counts.forms, letters=letters)
            except TextRefused as refused:
                problems.append(Problem(path, str(refused), f"[{code}] {key}"))
            else:
                said[code][key] = Sentence(forms, code, original.counted, counts.plural)
    return said


def _known(key: str, originals: Mapping[str, Sentence]) -> Sentence:
    if key not in originals:
        raise TextRefused("there is no such text; 'kiosk words own' lists all of them")
    return originals[key]


def _forms(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise TextRefused('must be a text between quotes, or of several: ["one", "many"]')


def written(languages: Mapping[str, Language], catalogues: Mapping[str, Catalogue], given: Given) -> str:
    """The file with every text as a commented line under its heading; what is `given` stands uncommented.

    A text that a language does not have yet is there in Vietnamese.
    """
    lines = [HEAD]
    for code, language in languages.items():
        texts = dict(given.get(code, {}))
        lines += ["", f"[{code}]", f"# {language.name}"]
        for section, messages in sections().items():
            lines += ["", f"# --- {section}"]
            for each in messages:
                if each.key in texts:
                    lines.append(f"{json.dumps(each.key)} = {_value(texts.pop(each.key))}")
                    continue
                known = catalogues[code].sentences.get(each.key)
                forms = known.forms if known else each.texts
                lines.append(
                    f"# {json.dumps(each.key)} = {_value(forms[0] if len(forms) == 1 else list(forms))}"
                )
        if texts:
            lines += ["", f"# --- {KEPT}"]
            lines += [f"{_text(key)} = {_value(value)}" for key, value in texts.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else _text(str(value))


def _text(text: str) -> str:
    # A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
