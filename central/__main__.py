"""The `central` command: serve, counts, recount, announce."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from central.down import command_line as down
from central.errors import CentreError
from central.identity import commands as identity
from central.overview import counts as all_counts
from central.people import command as people
from central.recount import differences, mend
from central.store import DATABASE, CentralStore, holds_data, url_of

app = typer.Typer(
    help="The centre: takes in what the stations report, counts it, shows it to librarians.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataOption = Annotated[Path, typer.Option("--data", help="folder of the centre's database")]

BrokerOption = Annotated[str, typer.Option(help="HOST:PORT of the MQTT broker")]
UsernameOption = Annotated[str, typer.Option(help="login at the broker")]
PasswordOption = Annotated[Path | None, typer.Option(help="file with the password, mode 0600")]
CaOption = Annotated[Path | None, typer.Option(help="CA certificate: switches TLS on")]
ByCertificateOption = Annotated[
    Path | None, typer.Option(help="folder of the centre's data: log in with the certificate made there")
]


@app.command()
def serve(
    data: DataOption,
    broker: BrokerOption = "localhost:1883",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port of the pages")] = 8080,
    host: Annotated[str, typer.Option(help="address the pages listen on")] = "127.0.0.1",
    username: UsernameOption = "",
    password_file: PasswordOption = None,
    ca: CaOption = None,
    by_certificate: Annotated[
        bool, typer.Option("--by-certificate", help="at the broker, with what 'central ca init' made")
    ] = False,
    enrol: Annotated[
        str, typer.Option(help="HOST:PORT where stations enrol, once there is an authority")
    ] = identity.DOOR,
    passphrase_file: identity.PassphraseOption = None,
) -> None:
    """Take in facts and show the pages, until stopped."""
    from central.identity.premises import INGEST
    from central.ingest import BrokerAddress  # the other commands need no server
    from central.server import run

    where = _address(broker)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    address = BrokerAddress(*where, username=username, password_file=password_file, ca=ca)
    if by_certificate:
        address = BrokerAddress(*where, **identity.files_of(data, INGEST))
    door = _address(enrol, "--enrol")
    _in_words(lambda: run(data, address, host=host, port=port, door=door, passphrase_file=passphrase_file))


@app.command()
def announce(
    text: Annotated[str, typer.Argument(help="what to tell; or: list, clear")],
    until: Annotated[str, typer.Option(help="until when: 2026-11-30T16:00, or a whole day")] = "",
    begins: Annotated[str, typer.Option("--from", help="from when; at once when not told")] = "",
    station: Annotated[str, typer.Option(help="only this station; all of them when not told")] = "",
    picture: Annotated[str, typer.Option(help="a picture of the stations' screens, by name")] = "",
    language: Annotated[str, typer.Option(help="only while a screen speaks this language: vi, en")] = "",
    name: Annotated[str, typer.Option("--id", help="clear: only the one with this name")] = "",
    broker: BrokerOption = "localhost:1883",
    username: UsernameOption = "",
    password_file: PasswordOption = None,
    ca: CaOption = None,
    by_certificate: ByCertificateOption = None,
) -> None:
    """Tell everybody something on the stations' Welcome screens; 'list' what is told, 'clear' it."""
    from central import announce as announcing  # the other commands need no broker
    from central.identity.premises import ANNOUNCE
    from central.ingest import BrokerAddress

    address = BrokerAddress(*_address(broker), username=username, password_file=password_file, ca=ca)
    if by_certificate is not None:
        address = BrokerAddress(*_address(broker), **identity.files_of(by_certificate, ANNOUNCE))
    wall = datetime.now().astimezone()

    def tell() -> None:
        if text == "list" and not until:
            told = announcing.news(address, station)
        elif text == "clear" and not until:
            told = announcing.news(address, station, announcing.without(name))
        else:
            one = announcing.made(
                text, until=until, begins=begins, language=language, picture=picture, wall=wall
            )
            told = announcing.news(address, station, announcing.added(one, wall))
        print(
            "Nothing is announced."
            if not told
            else f"Announced {f'at {station}' if station else 'everywhere'}:"
        )
        for one in told:
            print(f"{one.id}  {one.begins:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M}")
            print(f"    {one.text}")

    _in_words(tell)


@app.command()
def counts(
    data: DataOption,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """What was counted, by station, and how complete it is."""
    _in_words(lambda: _print_counts(data, as_json=as_json))


@app.command()
def recount(
    data: DataOption,
    repair: Annotated[bool, typer.Option("--mend", help="write wrong counters anew")] = False,
) -> None:
    """Count all facts again and compare. Exit status 1 when a counter was wrong."""
    _in_words(lambda: _recount(data, repair=repair))


@app.command("contract")
def print_contract() -> None:
    """Print what stations and centre say to each other, as an AsyncAPI document."""
    from central.contract import text

    sys.stdout.write(text())


@app.command()
def replay(
    data: DataOption,
    station: Annotated[str, typer.Argument(help="the station's name")],
    first: Annotated[int, typer.Option("--from", min=1, help="only from this number on")] = 1,
) -> None:
    """Have a station send again what is missing here. The running server tells it."""
    _in_words(lambda: _replay(data, station, first))


@app.command()
def restored(data: DataOption) -> None:
    """Say that this database came from a backup: every station sends again what is missing."""
    _in_words(lambda: _restored(data))


def _replay(data: Path, station: str, first: int) -> None:
    from central.replay import replay as ask

    with closing(_existing(data)) as store:
        missing = ask(store, station, first)
    if missing:
        print(f"{missing} facts are missing; {station} is asked for them.")
    else:
        print(f"Nothing is missing from number {first} on.")


def _restored(data: Path) -> None:
    from central.replay import restored as say

    with closing(_existing(data)) as store:
        print(f"The stations are told. The database's generation is now {say(store)}.")


def _print_counts(data: Path, *, as_json: bool) -> None:
    store = _existing(data)
    try:
        with store.reading() as connection:
            found = all_counts(connection)
    finally:
        store.close()
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        print("No station has reported anything yet.")
    for name, figures in found.items():
        print(name)
        for key, value in figures.items():
            if key != "epochs":
                print(f"  {key:12} {value}")


def _recount(data: Path, *, repair: bool) -> None:
    store = _existing(data)
    try:
        if repair:
            with store.writing() as connection:
                wrong = mend(connection)
            print(f"{wrong} counters were wrong and are mended." if wrong else "Every counter is right.")
            return
        with store.reading() as connection:
            found = differences(connection)
    finally:
        store.close()
    for one in found:
        print(f"{' '.join(map(str, one.cell))}: counted {one.counted}, the facts say {one.facts}")
    if found:
        raise CentreError(f"{len(found)} counters are wrong; 'central recount --mend' writes them anew")
    print("Every counter is right.")


def _existing(data: Path) -> CentralStore:
    if not holds_data(data):
        raise CentreError(f"{data}: there is no {DATABASE} here; name the folder 'central serve' uses")
    return CentralStore(url_of(data))


def _address(text: str, option: str = "--broker") -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise typer.BadParameter(f"{text!r} is not HOST:PORT, for instance localhost:1883", param_hint=option)
    return host.strip("[]"), int(port)


def _in_words(action: Callable[[], None]) -> None:
    """Run it; our own errors become one sentence and exit status 1."""
    try:
        action()
    except CentreError as error:
        print(f"central: {error}", file=sys.stderr)
        raise typer.Exit(1) from error


identity.add_to(app, _in_words)
people.add_to(app, _in_words)
down.add_to(app, _in_words)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
