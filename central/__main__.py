"""The `central` command: serve, counts, recount."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from central.errors import CentreError
from central.overview import counts as all_counts
from central.recount import differences, mend
from central.store import DATABASE, CentralStore, url_of

app = typer.Typer(
    help="The centre: takes in what the stations report, counts it, shows it to librarians.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataOption = Annotated[Path, typer.Option("--data", help="folder of the centre's database")]


@app.command()
def serve(
    data: DataOption,
    broker: Annotated[str, typer.Option(help="HOST:PORT of the MQTT broker")] = "localhost:1883",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port of the pages")] = 8080,
    host: Annotated[str, typer.Option(help="address the pages listen on")] = "127.0.0.1",
    username: Annotated[str, typer.Option(help="login at the broker")] = "",
    password_file: Annotated[Path | None, typer.Option(help="file with the password, mode 0600")] = None,
    ca: Annotated[Path | None, typer.Option(help="CA certificate: switches TLS on")] = None,
) -> None:
    """Take in facts and show the pages, until stopped."""
    from central.ingest import BrokerAddress  # the other commands need no server
    from central.server import run

    where = _address(broker)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    address = BrokerAddress(*where, username=username, password_file=password_file, ca=ca)
    _in_words(lambda: run(data, address, host=host, port=port))


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
    if not (data / DATABASE).is_file():
        raise CentreError(f"{data}: there is no {DATABASE} here; name the folder 'central serve' uses")
    return CentralStore(url_of(data))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise typer.BadParameter(
            f"{text!r} is not HOST:PORT, for instance localhost:1883", param_hint="--broker"
        )
    return host.strip("[]"), int(port)


def _in_words(action: Callable[[], None]) -> None:
    """Run it; our own errors become one sentence and exit status 1."""
    try:
        action()
    except CentreError as error:
        print(f"central: {error}", file=sys.stderr)
        raise typer.Exit(1) from error


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
