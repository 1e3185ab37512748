"""`central catalogue`, `central policy` and `central command`: what goes down to the stations.

They only write into the database; the running `central serve` carries it.
"""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from central import catalogue, commands, policies
from central.down.lists import read_lists
from central.errors import CentreError
from central.store import DATABASE, CentralStore, holds_data, url_of
from kiosk.catalogue import CatalogueError, scope_of

DataOption = Annotated[Path, typer.Option("--data", help="folder of the centre's database")]
StationOption = Annotated[str, typer.Option("--station", help="only this station")]
LibraryOption = Annotated[str, typer.Option("--library", help="only stations of this [station] library")]
InWords = Callable[[Callable[[], None]], None]


def add_to(app: typer.Typer, in_words: InWords) -> None:
    """Give the `central` command what is here."""
    app.add_typer(_catalogue(in_words), name="catalogue", help="Titles and items, for the stations.")
    app.add_typer(_policy(in_words), name="policy", help="Lending rules and closed days, for the stations.")
    app.add_typer(_command(in_words), name="command", help="Ask a station for something.")


def _catalogue(in_words: InWords) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("import")
    def take_in(
        titles: Annotated[Path, typer.Argument(help="titles.csv: the whole list")],
        items: Annotated[Path, typer.Argument(help="items.csv: the whole list")],
        data: DataOption,
        station: StationOption = "",
        library: LibraryOption = "",
        shrink: Annotated[bool, typer.Option("--shrink", help="also when more than half would go")] = False,
    ) -> None:
        """Make these lists the catalogue; stations load what changed."""

        def work() -> None:
            scope = _scope(station, library)
            found_titles, found_items = read_lists(titles, items)
            with closing(_opened(data)) as store:
                done = catalogue.take_in(store, scope, found_titles, found_items, by=_who(), shrink=shrink)
            if not done.changed and not done.gone:
                typer.echo(f"Nothing has changed: the catalogue {scope} is at version {done.version}.")
                return
            typer.echo(
                f"The catalogue {scope} is at version {done.version}:"
                f" {done.titles} titles, {done.items} items."
            )
            typer.echo(f"{done.changed} are new or changed, {done.gone} are gone.")
            for what, size in (("What changed is", done.delta_bytes), ("All of it is", done.snapshot_bytes)):
                if size:
                    typer.echo(f"{what} {size:,} bytes on the line: {_span(size * 8 / 64_000)} at 64 kbit/s.")

        in_words(work)

    @app.command("show")
    def show(data: DataOption) -> None:
        """Which catalogues there are, and how far the stations are."""

        def work() -> None:
            with closing(_opened(data)) as store, store.reading() as connection:
                heads, held = catalogue.heads(connection), catalogue.held(connection)
            if not heads:
                typer.echo("There is no catalogue yet: central catalogue import titles.csv items.csv")
            for scope, head in heads.items():
                typer.echo(f"{scope}: version {head.version}")
            for one in held:
                far = f"part {one.part} of {one.parts}" if one.parts else ""
                typer.echo(f"  {one.station}: {one.state} {one.scope} version {one.version} {far}".rstrip())

        in_words(work)

    return app


def _policy(in_words: InWords) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("put")
    def put(
        file: Annotated[Path, typer.Argument(help="TOML as a station's [lending], or JSON")],
        data: DataOption,
        station: StationOption = "",
    ) -> None:
        """Let stations lend by these rules from their next visit on."""

        def work() -> None:
            try:
                rules = policies.read_file(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise CentreError(f"{file}: cannot be read; check the name, and that it is UTF-8") from error
            with closing(_opened(data)) as store:
                version = policies.put(store, rules, station=station, by=_who())
            typer.echo(f"Version {version} is for {station or 'all stations that have none of their own'}.")

        in_words(work)

    @app.command("clear")
    def clear(data: DataOption, station: StationOption = "") -> None:
        """Take the rules back: stations lend by those for all, or by their own settings."""

        def work() -> None:
            with closing(_opened(data)) as store:
                policies.take_back(store, station=station, by=_who())
            typer.echo("They are taken back.")

        in_words(work)

    @app.command("show")
    def show(data: DataOption, station: StationOption = "") -> None:
        """The rules, and what stations say of them."""

        def work() -> None:
            with closing(_opened(data)) as store, store.reading() as connection:
                document = policies.current(connection, station)
                told = policies.answers(connection, station)
            typer.echo(document.to_json().decode() if document else "There are none.")
            for one in told:
                kept = f"{one.station} ({one.source}): version {one.version}"
                typer.echo(f"  {kept}, {one.status} {one.words}".rstrip())

        in_words(work)

    return app


def _command(in_words: InWords) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.command("send")
    def send(
        station: Annotated[str, typer.Argument(help="the station's name")],
        name: Annotated[str, typer.Argument(help=", ".join(commands.NAMES))],
        data: DataOption,
        args: Annotated[str, typer.Option(help='JSON, for instance {"on": true, "text": "..."}')] = "{}",
        minutes: Annotated[int, typer.Option(min=1, max=7 * 1440, help="how long it may wait")] = 60,
        wait: Annotated[int, typer.Option(min=0, max=600, help="seconds to wait for the answer")] = 20,
    ) -> None:
        """Ask for it, and wait for the answer."""

        def work() -> None:
            try:
                given = json.loads(args)
            except (ValueError, RecursionError) as error:
                raise CentreError(f"--args {args[:60]!r} is not JSON") from error
            with closing(_opened(data)) as store:
                made = commands.send(
                    store, station, name, given, by=_who(), expires=timedelta(minutes=minutes)
                )
                limit = time.monotonic() + wait
                while (found := _one(store, made)).open and time.monotonic() < limit:
                    time.sleep(0.2)
            typer.echo(
                f"{made} {found.status or 'no answer yet; the centre goes on asking'} {found.words}".rstrip()
            )
            if found.data:
                typer.echo(json.dumps(found.data, ensure_ascii=False, indent=2))
            if found.status not in {"", "done"}:
                raise typer.Exit(1)

        in_words(work)

    @app.command("list")
    def newest(station: Annotated[str, typer.Argument(help="the station's name")], data: DataOption) -> None:
        """The newest commands of a station, and how they ended."""

        def work() -> None:
            with closing(_opened(data)) as store, store.reading() as connection:
                for one in commands.of_station(connection, station):
                    how = one.status or "waits"
                    asked = f"{one.made:%Y-%m-%d %H:%M}Z {one.id} {one.name} by {one.by}"
                    typer.echo(f"{asked}: {how} {one.words}".rstrip())

        in_words(work)

    return app


def _opened(data: Path) -> CentralStore:
    if not holds_data(data):
        raise CentreError(f"{data}: there is no {DATABASE} here; name the folder 'central serve' uses")
    return CentralStore(url_of(data))


def _one(store: CentralStore, command_id: str) -> commands.Sent:
    with store.reading() as connection:
        found = commands.one(connection, command_id)
    if found is None:
        raise CentreError(f"the command {command_id} is gone from the database")
    return found


def _scope(station: str, library: str) -> str:
    try:
        return scope_of(station=station, library=library)
    except CatalogueError as error:
        raise CentreError(str(error)) from error


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
