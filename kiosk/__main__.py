"""The `kiosk` command."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kiosk import __version__, bootstrap
from kiosk.cli import door, pad, staff, tags, voice, words
from kiosk.cli.announce import announce
from kiosk.cli.board import board
from kiosk.cli.devices import devices
from kiosk.cli.enrol import enrol
from kiosk.cli.options import DEFAULT_SETTINGS, SettingsFile
from kiosk.cli.screens import screens
from kiosk.cli.tags import waited_tag
from kiosk.errors import StationError
from kiosk.ports import StoreError
from kiosk.settings import Settings, SettingsError, load, rescued
from kiosk.settings.explained import explained
from kiosk.store import DataInUse, read_counts

app = typer.Typer(
    help="Góc Đọc: a self-service library station.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
items = typer.Typer(help="Books and their tags.", no_args_is_help=True)
patrons = typer.Typer(help="Patrons and their cards.", no_args_is_help=True)
demo = typer.Typer(help="The demonstration library.", no_args_is_help=True)
app.add_typer(items, name="items")
app.add_typer(patrons, name="patrons")
app.add_typer(demo, name="demo")

app.add_typer(pad.app, name="pad")
app.add_typer(door.app, name="door")
app.add_typer(tags.app, name="tags")
app.add_typer(staff.app, name="staff")
app.add_typer(voice.app, name="voice")
app.add_typer(words.app, name="words")
app.command("announce")(announce)
app.command("board")(board)
app.command("devices")(devices)
app.command("enrol")(enrol)
app.command("screens")(screens)


@app.command()
def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    inspect: Annotated[
        Path | None, typer.Option(help="socket on which a test may look at the screen and touch it")
    ] = None,
) -> None:
    """Run the station until its window is closed."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    chosen = None
    try:
        chosen = load(settings)
        bootstrap.run_station(chosen, inspect)
    except DataInUse:
        raise  # somebody else serves: say so and leave the screen to them
    except (SettingsError, StoreError) as error:
        shown = chosen or rescued(settings)
        if not shown.screen.fullscreen:
            raise
        logging.getLogger("kiosk").critical("%s", error)
        bootstrap.show_out_of_order(shown, str(error))
        raise typer.Exit(1) from error


@app.command()
def doctor(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Say in words what is there and what is missing. Exit status 1 if the station could not serve."""
    findings = bootstrap.examine(settings)
    for finding in findings:
        print(finding.line())
    broken = [finding for finding in findings if finding.needed and not finding.good]
    print()
    print("The station can serve." if not broken else f"The station cannot serve: {len(broken)} to mend.")
    if broken:
        raise typer.Exit(1)


@app.command("settings")
def settings_command(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Print every setting with its meaning and the value in force."""
    chosen = load(settings) if settings.exists() else Settings()
    print(f"# {settings}" if settings.exists() else f"# {settings} does not exist: these are the defaults")
    print()
    print(explained(chosen))


@app.command("import")
def import_lists(
    settings: SettingsFile = DEFAULT_SETTINGS,
    titles: Annotated[Path | None, typer.Option(help="titles.csv")] = None,
    items_file: Annotated[Path | None, typer.Option("--items", help="items.csv")] = None,
    patrons_file: Annotated[Path | None, typer.Option("--patrons", help="patrons.csv")] = None,
    covers: Annotated[
        Path | None, typer.Option(help="folder of your own covers, each named after its title's id")
    ] = None,
) -> None:
    """Bring in the library's lists: all rows or, when one is broken, none; and its own covers, one by one."""
    from kiosk.imports.cover_files import take_covers
    from kiosk.imports.covers import draw_covers
    from kiosk.imports.csv_files import import_files
    from kiosk.store.collection import Collection

    given = {"titles": titles, "items": items_file, "patrons": patrons_file}
    if not any(given.values()) and covers is None:
        raise SettingsError("nothing to import: name --titles, --items, --patrons or --covers")
    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock):
        report = import_files(store, clock.now(), **given) if any(given.values()) else None
        with store.begin(clock.now()) as work:
            known = Collection(work).titles()
        drawn = draw_covers(known, bootstrap.covers_of(chosen))
        taken = take_covers(covers, known, bootstrap.covers_of(chosen)) if covers is not None else None
    if report is not None:
        print(f"Taken in: {report.titles} titles, {report.items} items, {report.patrons} patrons.")
    print(f"{drawn} covers drawn.")
    if taken is not None:
        print(f"{taken.taken} covers of your own taken.")
    warnings = report.warnings if report is not None else ()
    refused = taken.refused if taken is not None else ()
    for line in (*warnings, *map(str, refused)):
        print(f"Look at this: {line}", file=sys.stderr)


@demo.command("load")
def demo_load(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Fill the station with the demonstration library."""
    from kiosk.demo import load_demo

    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock):
        report = load_demo(store, bootstrap.covers_of(chosen), clock.now())
    print(f"Demonstration library: {report.titles} titles, {report.items} items, {report.patrons} patrons.")


@app.command()
def counts(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """How much there is of everything, as JSON; says nothing of anyone. A station may be running."""
    print(json.dumps(asdict(read_counts(bootstrap.database_of(load(settings))))))


@items.command("bind")
def bind_item(item: str, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Bind the tag that lies on the pad to the item with this number."""
    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock):
        with store.begin(clock.now()) as work:
            if work.item(item) is None:
                raise StoreError(f"there is no item {item!r}; 'kiosk import --items' brings items in")
        with waited_tag(chosen) as (_, tag):
            bound = store.bind_item(item, tag.uid, clock.now())
    print(f"{bound.id} ({bound.title.name}) now carries the tag {tag.uid}.")


@patrons.command("bind")
def bind_patron(patron: str, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Bind the card that lies on the pad to the patron with this number."""
    chosen = load(settings)
    with bootstrap.opened_store(chosen) as (store, clock):
        with store.begin(clock.now()) as work:
            if work.patron(patron) is None:
                raise StoreError(f"there is no patron {patron!r}; 'kiosk import --patrons' brings them in")
        with waited_tag(chosen) as (_, tag):
            bound = store.bind_card(patron, tag.uid, clock.now())
    print(f"The card on the pad is now the card of patron {bound.id}.")


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def _add_firmware() -> None:
    from firmware_config.command import app as firmware

    app.add_typer(firmware, name="firmware")


def main() -> None:
    """Entry point: errors a person can mend are one sentence, never a traceback."""
    _add_firmware()
    try:
        app()
    except (StationError, KeyboardInterrupt) as error:
        for line in str(error).splitlines() or ["stopped"]:
            print(f"kiosk: {line}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
