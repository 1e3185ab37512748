"""Languages dropped in: what of them can be said is said, what cannot is named and said in Vietnamese."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.words import (
    faces,
    font_of,
    language_name,
    languages,
    spoken_here,
    tongues,
    use,
    voice_of,
    words_for,
)
from kiosk.words.catalogue import built_in, catalogue
from kiosk.words.language import CODE
from tests.words.dropped import language, po

VIETNAMESE = built_in("vi").sentences
TAI = "ꪼꪕ ꪀꪳ꫁"


def reasons(data: Path) -> list[str]:
    """What is wrong in a folder, without the folder."""
    return [str(problem).replace(f"{data}/", "") for problem in use(data)]


def test_without_anything_dropped_in_the_station_speaks_vietnamese_and_english(tmp_path: Path) -> None:
    assert use(tmp_path) == ()
    assert languages() == ("vi", "en")
    assert (language_name("vi"), language_name("en")) == ("Tiếng Việt", "English")
    assert (voice_of("vi"), voice_of("en"), voice_of("tyz")) == ("vi", "en", "")
    assert (font_of("vi"), font_of("tyz")) == ("", "")


def test_what_a_dropped_in_catalogue_says_is_said_and_the_rest_in_vietnamese(tmp_path: Path) -> None:
    language(tmp_path, "tyz", po(("welcome.title", "Một câu"), ("hello.title", "{name} một câu")))
    assert use(tmp_path) == ()
    words = words_for("tyz")
    assert languages() == ("vi", "en", "tyz")
    assert language_name("tyz") == "Tày"
    assert words.language == "tyz"
    assert words.say("welcome.title") == "Một câu"
    assert words.say("hello.title", name="{name.__class__}") == "{name.__class__} một câu"
    assert words.say("hello.none") == VIETNAMESE["hello.none"].forms[0]
    assert (words.language_of("welcome.title"), words.language_of("hello.none")) == ("tyz", "vi")
    assert tongues().said("tyz") == (2, len(VIETNAMESE))


def test_a_language_may_fall_back_to_another_that_falls_back_to_vietnamese(tmp_path: Path) -> None:
    language(tmp_path, "tyz", po(("welcome.title", "a tyz"), ("hello.none", "b tyz")))
    language(tmp_path, "nut", po(("hello.none", "b nut")), 'name = "Nùng"\nfalls_back_to = "tyz"\n')
    assert use(tmp_path) == ()
    words = words_for("nut")
    assert [words.say(key) for key in ("hello.none", "welcome.title")] == ["b nut", "a tyz"]
    assert words.say("take_off.title") == VIETNAMESE["take_off.title"].forms[0]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("xx", "tyz -> xx is not spoken here"),
        ("tyz", "tyz -> tyz leads round"),
        ("nut", "-> tyz -> nut leads round"),
    ],
)
def test_a_fall_back_that_leads_nowhere_is_vietnamese(tmp_path: Path, code: str, said: str) -> None:
    language(tmp_path, "tyz", po(("welcome.title", "a")), f'name = "Tày"\nfalls_back_to = "{code}"\n')
    language(tmp_path, "nut", po(("welcome.title", "b")), 'name = "Nùng"\nfalls_back_to = "tyz"\n')
    assert [each for each in reasons(tmp_path) if said in each and "falls_back_to" in each]
    assert words_for("tyz").say("hello.none") == VIETNAMESE["hello.none"].forms[0]


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        (
            "hello.title",
            "Chào {nam}!",
            "has {nam}, which the station does not fill in; here it fills in: {name}",
        ),
        ("hello.title", "Chào!", "lacks {name}"),
        ("hello.title", "Chào {name", "'{name' is no placeholder"),
        ("hello.title", "Chào {0}", "'{0}' is no placeholder"),
        ("hello.title", "{name.__class__}", "'{name.__class__}' is no placeholder"),
        ("hello.title", "{name!r}", "'{name!r}' is no placeholder"),
        ("hello.none", "{name}", "here it fills in: none"),
        ("hello.nothing", "A", "there is no such text"),
        ("hello.none", "ꪼꪕ", "has letters that the font lacks: ꪕ (U+AA95), ꪼ (U+AABC)"),
        ("hello.none", "a\u202eb", "U+202E"),
        ("hello.none", "a" * 300, "shorten it"),
    ],
)
def test_a_refused_text_is_named_by_file_line_and_key_and_said_in_vietnamese(
    tmp_path: Path, key: str, text: str, reason: str
) -> None:
    language(tmp_path, "tyz", po(("welcome.title", "A"), (key, text)))
    (told,) = reasons(tmp_path)
    assert told.startswith(f"languages/tyz/gocdoc.po:9: {key}: ")
    assert reason in told
    words = words_for("tyz")
    assert words.say("welcome.title") == "A"
    if key in VIETNAMESE:
        assert words.say(key, name="Mây") == words_for("vi").say(key, name="Mây")


def test_a_guess_of_a_tool_and_a_broken_entry_are_named_too(tmp_path: Path) -> None:
    guess = '#, fuzzy\nmsgid "hello.none"\nmsgstr "A"\n\nmsgid "take_off.title"\nmsgstr oops\n'
    language(tmp_path, "tyz", po(("welcome.title", "B")) + guess)
    told = reasons(tmp_path)
    assert told[0] == "languages/tyz/gocdoc.po:13: not a quoted string: msgstr oops"
    assert "hello.none: is marked fuzzy" in told[1]
    assert tongues().said("tyz")[0] == 1


def test_plural_forms_must_be_as_many_as_the_language_has(tmp_path: Path) -> None:
    many = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
    entry = 'msgid "{key}"\nmsgid_plural "{key}"\nmsgstr[0] "{one}"\nmsgstr[1] "{more}"\n'
    good = entry.format(key="due.sleeps", one="une nuit", more="{count} nuits")
    short = 'msgid "hello.home"\nmsgid_plural "hello.home"\nmsgstr[0] "{count}"\n'
    lacking = entry.format(key="lent.title", one="{count}", more="many")
    language(tmp_path, "fr", many + good + short + lacking, 'name = "Français"\n')
    told = reasons(tmp_path)
    assert [each.split(": ", 1)[1] for each in told] == [
        "hello.home: has 1 forms, 2 are wanted",
        "lent.title: lacks {count}; put it where the station fills it in",
    ]
    words = words_for("fr")
    assert [words.count("due.sleeps", number) for number in (1, 4)] == ["une nuit", "4 nuits"]
    assert words.count("hello.home", 3) == words_for("vi").count("hello.home", 3)


def test_a_rule_that_fails_on_a_large_number_still_says_something(tmp_path: Path) -> None:
    rule = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=n/(n!=5000);\\n"\n'.replace("n/(", "0*n/(")
    entry = 'msgid "due.sleeps"\nmsgid_plural "due.sleeps"\nmsgstr[0] "{count}"\nmsgstr[1] "{count} x"\n'
    language(tmp_path, "tyz", rule + entry)
    assert use(tmp_path) == ()
    assert words_for("tyz").count("due.sleeps", 7) == "7"
    assert words_for("tyz").count("due.sleeps", 5000) == "5000 x"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('msgid "welcome.title"\nmsgstr "Chào à"\n'.encode("latin-1"), ":2: is not UTF-8"),
        ("msgid".encode("utf-16"), ":1: is not UTF-8"),
        (b"\x00\xff\x00", ":1: is not UTF-8"),
        (b"#" * 2_000_001, "larger than"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_a_station_that_speaks_vietnamese(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    language(tmp_path, "tyz", content)
    (told,) = reasons(tmp_path)
    assert reason in told
    assert words_for("tyz").say("welcome.title") == VIETNAMESE["welcome.title"].forms[0]


def test_a_byte_order_mark_windows_lines_and_decomposed_letters_are_no_problem(tmp_path: Path) -> None:
    text = "\ufeff" + po(("welcome.title", "Cha\u0300o")).replace("\n", "\r\n")
    language(tmp_path, "tyz", text, '\ufeffname = "Ta\u0300y"\r\n')
    assert use(tmp_path) == ()
    assert words_for("tyz").say("welcome.title") == "Chào"
    assert language_name("tyz") == "Tày"


@pytest.mark.parametrize(
    ("code", "toml", "reason"),
    [
        ("Tày", 'name = "Tày"', "is no language code"),
        ("en", 'name = "Anglais"', "en is built in"),
        ("tyz", "name = ", "is not valid TOML"),
        ("tyz", "x = " + "[" * 5000, "is not valid TOML"),
        ("tyz", 'name = "Tày"'.encode("cp1258"), "line 1 is not UTF-8"),
        ("tyz", "", "write the language's own name"),
        ("tyz", 'name = "Tiếng Việt"', "is another language's already"),
        ("tyz", f'name = "{"a" * 25}"', "1 to 24 letters"),
        ("tyz", 'name = "a\u202eb"', "U+202E"),
        ("tyz", f'name = "{TAI}"', "has letters that the font lacks"),
    ],
)
def test_a_folder_that_is_no_language_is_left_out_by_name(
    tmp_path: Path, code: str, toml: str | bytes, reason: str
) -> None:
    language(tmp_path, code, po(("welcome.title", "A")), toml)
    (told,) = reasons(tmp_path)
    assert told.startswith(f"languages/{code}/language.toml: ")
    assert reason in told
    assert languages() == ("vi", "en")
    assert words_for(code).language in {"vi", "en"}


@pytest.mark.parametrize(
    ("line", "key", "reason"),
    [
        ('font = "arial"', "font", "write be-vietnam-pro, tai-viet, or the name of a .ttf file"),
        ('font = "../../../etc/x.ttf"', "font", "write be-vietnam-pro"),
        ('font = "gone.ttf"', "font", "cannot be read"),
        ('font = "bad.ttf"', "font", "is not a TrueType or OpenType font"),
        ("font = 7", "font", "must be a text"),
        ('voice = "vi; rm -rf /"', "voice", "is no voice"),
        ('voice = "-w/etc/passwd"', "voice", "is no voice"),
        ('fnt = "x"', "fnt", "there is no such key; the keys are name, font, voice, falls_back_to"),
    ],
)
def test_what_is_wrong_in_a_language_file_is_left_out_and_the_language_is_spoken(
    tmp_path: Path, line: str, key: str, reason: str
) -> None:
    folder = language(tmp_path, "tyz", po(("welcome.title", "A")), f'name = "Tày"\n{line}\n')
    (folder / "bad.ttf").write_bytes(b"GIF89a")
    (told,) = reasons(tmp_path)
    assert told.startswith(f"languages/tyz/language.toml: {key}: ")
    assert reason in told
    assert words_for("tyz").say("welcome.title") == "A"
    assert (font_of("tyz"), voice_of("tyz")) == ("", "")


def test_a_language_in_tai_viet_has_its_own_face_and_vietnamese_words_in_it(tmp_path: Path) -> None:
    language(
        tmp_path, "blt", po(("welcome.title", TAI), ("hello.title", f"{TAI} {{name}} 12/8")),
        f'name = "{TAI}"\nfont = "tai-viet"\n',
    )  # fmt: skip
    assert use(tmp_path) == ()
    assert font_of("blt") == words_for("blt").font == faces.TAI_VIET
    assert words_for("blt").say("hello.title", name="Mây") == f"{TAI} Mây 12/8"
    letters = faces.letters_of(faces.TAI_VIET)
    assert all(letters.issuperset(sentence) for sentence in words_for("blt").sentences())


def test_a_sentence_whose_letters_the_face_lacks_is_not_borrowed_from_the_fall_back(tmp_path: Path) -> None:
    language(
        tmp_path, "blt", po(("welcome.title", TAI), ("hello.none", "Latin")),
        f'name = "{TAI}"\nfont = "tai-viet"\n',
    )  # fmt: skip
    language(tmp_path, "twh", po(("take_off.title", "x")), 'name = "Thái Trắng"\nfalls_back_to = "blt"\n')
    assert use(tmp_path) == ()
    words = words_for("twh")
    assert words.say("hello.none") == "Latin"
    assert words.say("welcome.title") == VIETNAMESE["welcome.title"].forms[0]


def test_a_librarians_own_font_is_used_when_it_has_the_letters(tmp_path: Path) -> None:
    folder = language(tmp_path, "tyz", po(("welcome.title", "A")), 'name = "Tày"\nfont = "mine.ttf"\n')
    shutil.copy(faces.face_file(faces.PLAIN), folder / "mine.ttf")
    assert use(tmp_path) == ()
    assert font_of("tyz") == str(folder / "mine.ttf")


def test_a_language_that_says_nothing_yet_is_offered_once_it_has_a_recording(tmp_path: Path) -> None:
    language(tmp_path, "hmn", toml='name = "H\'Mông"\n')
    use(tmp_path)
    assert languages() == ("vi", "en")
    voices = tmp_path / "voices" / "hmn"
    voices.mkdir(parents=True)
    (voices / "welcome.title.wav").write_bytes(b"")
    use(tmp_path)
    assert languages() == ("vi", "en", "hmn")
    assert words_for("hmn").language_of("welcome.title") == "vi"


def test_the_log_is_told_what_is_wrong_but_not_a_thousand_times(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    language(tmp_path, "tyz", po(("welcome.title", "A"), *((f"no.{number}", "x") for number in range(500))))
    with caplog.at_level(logging.INFO, logger="kiosk.words"):
        assert len(use(tmp_path)) == 500
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) < 20
    assert any("and 488 more; 'kiosk words check' tells all" in line for line in lines)
    assert f"1 of {len(VIETNAMESE)} said in Tày (tyz)" in lines


def test_a_wish_for_a_language_that_is_not_spoken_is_vietnamese_and_said_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert (spoken_here("en"), spoken_here("tyz")) == ("en", "vi")
    assert "station.language: 'tyz' is not spoken here (vi, en); vi is used" in caplog.text


def test_a_file_where_the_folder_of_languages_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "languages").write_text("")
    assert reasons(tmp_path) == ["languages: cannot be read (Not a directory)"]
    assert languages() == ("vi", "en")


@given(st.text(max_size=12))
def test_a_code_is_never_a_path(code: str) -> None:
    if CODE.fullmatch(code):
        assert code.replace("-", "").isascii()
        assert code.replace("-", "").isalnum()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_dropped_in_every_sentence_can_still_be_said(tmp_path: Path, data: st.DataObject) -> None:
    """Random texts for real keys, random bytes, random TOML: nothing is raised, nothing is blank."""
    shutil.rmtree(tmp_path / "languages", ignore_errors=True)
    keys = st.sampled_from(sorted(VIETNAMESE))
    pieces = st.lists(
        st.sampled_from(["{name}", "{count}", "{", "}", "{0}", "ă", TAI, " ", "\u202e", "\\n"]), max_size=5
    )
    entries = st.lists(st.tuples(keys, pieces.map("".join)), max_size=6, unique_by=lambda entry: entry[0])
    content = data.draw(st.binary(max_size=60) | entries.map(lambda drawn: po(*drawn).encode()))
    toml = data.draw(
        st.binary(max_size=40) | st.sampled_from([b'name = "T"', b'name = "T"\nfont = "tai-viet"'])
    )
    language(tmp_path, "tyz", content, toml)
    use(tmp_path)
    words = words_for("tyz")
    letters = faces.letters_of(words.font or faces.PLAIN)
    for key, original in VIETNAMESE.items():
        values = dict.fromkeys(
            ("name", "count", "item", "says", "names", "weekday", "day", "month", "shelf", "age"), 3
        )
        said = (
            words.count(key, 3, **{k: v for k, v in values.items() if k != "count"})
            if original.counted
            else words.say(key, **values)
        )
        assert said.strip()
        assert letters.issuperset(said)
        assert "{" not in said


def test_the_built_in_catalogues_pass_the_checks_that_others_must_pass(tmp_path: Path) -> None:
    english = catalogue("en").read_text(encoding="utf-8")
    language(tmp_path, "tyz", english)
    assert use(tmp_path) == ()
    assert tongues().said("tyz") == (len(VIETNAMESE), len(VIETNAMESE))
