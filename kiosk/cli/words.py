"""`kiosk words`: languages, the library's own texts, what is wrong with them, how they look."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.errors import StationError
from kiosk.settings import ScreenSection, Settings, load
from kiosk.words import Words, own, spoken_here, starting, tongues, use, words_for
from kiosk.words.catalogue import FIRST, NAME, Problem
from kiosk.words.language import CODE, FILE

app = typer.Typer(help="Languages and texts of the screen.", no_args_is_help=True)

DRAWING_S = 300.0  # all screens that say a text; a Pi needs about a second each


class WordsError(StationError, ValueError):
    """A command about words cannot be carried out; the message says why and what would be right."""


@app.command("list")
def list_command(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """The languages the station speaks, and how much each says itself."""
    chosen = _in_use(settings)
    here = tongues()
    for code, language in here.languages.items():
        said, whole = here.said(code)
        face = Path(language.face).name
        voice = f"voice {language.voice}" if language.voice else "no voice but recordings"
        line = f"{code:10}  {language.name:16}  {said} of {whole} texts, font {face}, {voice}"
        print(line if code in here.offered else f"{line}; not offered: nothing said or recorded yet")
    if chosen.station.language not in here.offered:
        print(f"\nstation.language = {chosen.station.language!r} is none of them: {FIRST} is used.")
    if here.problems:
        print(f"\n{len(here.problems)} to mend: 'kiosk words check' says where.")


@app.command("check")
def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Everything that is wrong in catalogues, language.toml and words.toml. Exit status 1 for any."""
    chosen = _in_use(settings)
    here = tongues()
    for problem in here.problems:
        print(problem)
    wrong = len(here.problems)
    if chosen.station.language not in here.offered:
        wrong += 1
        print(
            f"{settings}: station.language: {chosen.station.language!r} is not spoken here; {FIRST} is used"
        )
    if wrong:
        print()
    for code, language in here.languages.items():
        said, whole = here.said(code)
        rest = "" if said == whole else f", the rest in {here.languages[language.falls_back_to].name}"
        print(f"{said} of {whole} said in {language.name}{rest}")
    print("Nothing to mend." if not wrong else f"{wrong} to mend.")
    if wrong:
        raise typer.Exit(1)


@app.command("new")
def new(
    code: Annotated[str, typer.Argument(help="the language's code: tyz, nut, hmn, mww, hmv, ium, blt ...")],
    name: Annotated[str, typer.Option(help="its own name for itself")] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Begin a language: an empty catalogue for a translator, and its language.toml. Overwrites nothing."""
    if not CODE.fullmatch(code):
        raise WordsError(f"{code!r} is no language code; for instance tyz, hmn or blt-Tavt")
    folder = _in_use(settings).station.data / "languages" / code
    if code in tongues().languages and not folder.is_dir():
        raise WordsError(f"{code} is built in; change its texts with 'kiosk words own --write'")
    for file, text in {
        folder / NAME: starting.catalogue_text(code),
        folder / FILE: starting.language_text(code, name),
    }.items():
        _written(file, text)
        print(file)
    print(
        "Next: fill it in with Poedit or any editor, then 'kiosk words check'. docs/languages.md tells how."
    )


@app.command("own")
def own_command(
    settings: SettingsFile = DEFAULT_SETTINGS,
    write: Annotated[bool, typer.Option("--write", help="make the file, or bring it up to date")] = False,
) -> None:
    """Every text a librarian may change, as one file: print it, or write it keeping what was changed."""
    file = _in_use(settings).station.data / own.FILE
    here = tongues()
    problems: list[Problem] = []
    given = own.given_in(file, problems)
    if problems:
        raise WordsError("\n".join(map(str, problems)))
    text = own.written(here.languages, here.catalogues, given)
    if not write:
        print(text, end="")
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            shutil.copy2(file, file.with_suffix(".toml.old"))
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WordsError(f"{file} cannot be written ({error.strerror}); try with sudo") from error
    print(f"{file}: {sum(map(len, given.values()))} texts of your own. Take a # away to change one.")


@app.command("preview")
def preview(
    key: Annotated[str, typer.Argument(help="a text's name, for instance welcome.title")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    language: Annotated[str, typer.Option(help="in which language; default: the station's")] = "",
    out: Annotated[Path | None, typer.Option(help="folder for the pictures, or one .png file")] = None,
) -> None:
    """Draw the screens where a text stands, as they would look on this station's panel."""
    chosen = _in_use(settings)
    spoken = language or spoken_here(chosen.station.language)
    if spoken not in tongues().languages:
        raise WordsError(f"{spoken!r} is not spoken here; 'kiosk words list' names the languages")
    if key not in words_for(spoken).all_keys():
        raise WordsError(f"there is no text {key!r}; {_like(key, words_for(spoken))}")
    single = out if out is not None and out.suffix == ".png" else None
    folder = Path(tempfile.mkdtemp(prefix="gocdoc-preview-")) if out is None or single else out
    screens = _drawn(key, spoken, folder.resolve(), chosen.station.data, chosen.screen)
    if not screens:
        print(f"No screen shows {key}: it is only said aloud, or only seen in the middle of something.")
        raise typer.Exit(1)
    if single:
        single.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(screens[0]["picture"], single)
        screens = [{**screens[0], "picture": str(single)}]
        shutil.rmtree(folder)
    for screen in screens:
        print(screen["picture"])
        if screen["shortened"]:
            print(f'   too long for its place; the screen says: "{screen["shortened"]}"')


def _drawn(key: str, language: str, out: Path, data: Path, screen: ScreenSection) -> list[dict[str, str]]:
    """What the drawing process answers. Kivy needs a process of its own, and none of it is in this one."""
    size = ["--width", str(screen.width), "--height", str(screen.height), "--dpi", str(screen.dpi)]
    order = [sys.executable, "-m", "ui.preview", key, "--data", str(data.resolve()), "--out", str(out)]
    place = Path(__file__).parents[2]  # from the checkout or from where the packages are installed
    ran = subprocess.run(
        [*order, "--language", language, *size],
        capture_output=True, text=True, timeout=DRAWING_S, check=False, cwd=place,
    )  # fmt: skip
    if ran.returncode:
        said = ran.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise WordsError(f"the screens could not be drawn: {said[0]}")
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def _in_use(path: Path) -> Settings:
    """The settings; their data folder's languages and texts are in use."""
    chosen = load(path) if path.exists() else Settings()
    logging.getLogger("kiosk.words").addHandler(logging.NullHandler())  # the command prints what is wrong
    use(chosen.station.data)
    return chosen


def _like(key: str, words: Words) -> str:
    """What somebody may have meant."""
    begun = sorted(name for name in words.all_keys() if name.startswith(key.partition(".")[0]))
    return f"there is {', '.join(begun[:8])}" if begun else "'kiosk words own' lists them all"


def _written(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise WordsError(f"{file} is there already; nothing was written over it") from error
    except OSError as error:
        raise WordsError(f"{file} cannot be written ({error.strerror}); try with sudo") from error
