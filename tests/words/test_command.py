"""`kiosk words`: begins a language, writes the own texts, names what is wrong, draws what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from kiosk.cli import words as command
from kiosk.words import languages, po, use
from kiosk.words.catalogue import built_in
from tests.words.dropped import language
from tests.words.dropped import po as catalogue

VIETNAMESE = built_in("vi").sentences


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """The settings file of a station whose data lie beside it."""
    path = tmp_path / "station.toml"
    path.write_text('[station]\ndata = "data"\n[screen]\nwidth = 800\nheight = 480\ndpi = 133\n')
    return path


def kiosk(station: Path, *words: str) -> Result:
    return CliRunner().invoke(command.app, [*words, "--settings", str(station)])


def test_a_new_language_is_an_empty_catalogue_with_the_vietnamese_above_every_place(station: Path) -> None:
    assert kiosk(station, "new", "tyz", "--name", "Tày").exit_code == 0
    folder = station.parent / "data" / "languages" / "tyz"
    text = (folder / "gocdoc.po").read_text(encoding="utf-8")
    found = po.parse(text.encode())
    assert found.faults == []
    assert set(found.messages) == set(VIETNAMESE)
    assert not any("".join(each.texts) for each in found.messages.values())
    assert (
        '#. Chào {name}!\n#. (Hello, {name}!)\n#. Giữ nguyên {name}: trạm tự điền.\nmsgid "hello.title"'
        in text
    )
    assert found.messages["due.sleeps"].counted
    assert use(station.parent / "data") == ()
    assert languages() == ("vi", "en")  # it says nothing yet


@pytest.mark.parametrize(("code", "forms"), [("tyz", 1), ("hmn-VN", 1), ("fr", 2), ("de", 2)])
def test_a_new_catalogue_has_the_plural_forms_of_its_language(station: Path, code: str, forms: int) -> None:
    kiosk(station, "new", code)
    found = po.parse((station.parent / "data" / "languages" / code / "gocdoc.po").read_bytes())
    assert po.plural_of(found.header)[0] == forms
    assert len(found.messages["due.sleeps"].forms) == forms


def test_what_a_translator_fills_in_is_said(station: Path) -> None:
    kiosk(station, "new", "tyz")
    path = station.parent / "data" / "languages" / "tyz" / "gocdoc.po"
    empty = 'msgid "welcome.title"\nmsgstr ""'
    path.write_text(path.read_text(encoding="utf-8").replace(empty, f'{empty[:-1]}A"'), encoding="utf-8")
    listed = kiosk(station, "list").stdout
    assert f"tyz         Tày               1 of {len(VIETNAMESE)} texts" in listed
    checked = kiosk(station, "check")
    assert checked.exit_code == 0
    assert f"1 of {len(VIETNAMESE)} said in Tày, the rest in Tiếng Việt" in checked.stdout


@pytest.mark.parametrize(
    ("code", "said"), [("Tày", "no language code"), ("../x", "no language code"), ("vi", "built in")]
)
def test_a_language_that_cannot_be_begun_is_refused(station: Path, code: str, said: str) -> None:
    ran = kiosk(station, "new", code)
    assert isinstance(ran.exception, command.WordsError)
    assert said in str(ran.exception)
    assert not (station.parent / "data" / "languages").exists()


def test_nothing_is_written_over_a_catalogue_that_is_there(station: Path) -> None:
    folder = language(station.parent / "data", "tyz", catalogue(("welcome.title", "A")))
    ran = kiosk(station, "new", "tyz")
    assert "is there already" in str(ran.exception)
    assert (folder / "gocdoc.po").read_text() == catalogue(("welcome.title", "A"))


def test_the_check_names_every_problem_and_its_exit_status_tells(station: Path) -> None:
    data = station.parent / "data"
    language(data, "tyz", catalogue(("hello.title", "{nam}"), ("hello.none", "A")))
    (data / "words.toml").write_text('[vi]\n"hello.title" = "{0}"\n')
    station.write_text(station.read_text().replace('data"', 'data"\nlanguage = "hmn"'))
    ran = kiosk(station, "check")
    assert ran.exit_code == 1
    assert f"{data}/languages/tyz/gocdoc.po:6: hello.title: has {{nam}}" in ran.stdout
    assert f"{data}/words.toml: [vi] hello.title: '{{0}}' is no placeholder" in ran.stdout
    assert "station.language: 'hmn' is not spoken here; vi is used" in ran.stdout
    assert "3 to mend." in ran.stdout


def test_the_own_texts_are_written_once_and_kept_when_written_again(station: Path) -> None:
    file = station.parent / "data" / "words.toml"
    assert '# "welcome.title" = "Chào con!"' in kiosk(station, "own").stdout
    assert not file.exists()
    assert kiosk(station, "own", "--write").exit_code == 0
    changed = file.read_text(encoding="utf-8").replace(
        '# "welcome.title" = "Chào con!"', '"welcome.title" = "Chào!"'
    )
    file.write_text(changed, encoding="utf-8")
    assert "1 texts of your own" in kiosk(station, "own", "--write").stdout
    assert (
        file.read_text(encoding="utf-8")
        == file.with_suffix(".toml.old").read_text(encoding="utf-8")
        == changed
    )


def test_a_broken_file_is_never_written_over(station: Path) -> None:
    file = station.parent / "data" / "words.toml"
    file.parent.mkdir()
    file.write_text("[vi]\nx = \n")
    ran = kiosk(station, "own", "--write")
    assert "is not valid TOML" in str(ran.exception)
    assert file.read_text() == "[vi]\nx = \n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("welcome.titel",), "there is welcome.title"),
        (("nothing",), "'kiosk words own' lists them all"),
        (("welcome.title", "--language", "tyz"), "'tyz' is not spoken here"),
    ],
)
def test_a_preview_of_what_is_not_there_says_what_is(
    station: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in str(kiosk(station, "preview", *arguments).exception)


@pytest.mark.display
def test_a_preview_draws_the_screens_that_say_the_text_and_tells_what_was_cut(station: Path) -> None:
    long = (
        "Chào tất cả các bạn nhỏ của thôn mình, hôm nay chúng ta cùng nhau đọc sách thật vui nhé các bạn ơi"
    )
    file = station.parent / "data" / "words.toml"
    file.parent.mkdir()
    file.write_text(f'[en]\n"take_off.title" = "{long}"\n', encoding="utf-8")
    picture = station.parent / "pictures" / "one.png"
    ran = kiosk(station, "preview", "take_off.title", "--language", "en", "--out", str(picture))
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(f"{picture}\n")
    assert Image.open(picture).size == (800, 480)
    assert 'too long for its place; the screen says: "Chào tất cả' in ran.stdout
