"""`central people`: accounts for the pages, made on the centre's own terminal."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from central.errors import DatabaseUnusable
from central.people import accounts
from central.people.accounts import Role
from central.store import CentralStore, url_of

NameArgument = Annotated[str, typer.Argument(help="the name to log in with")]
DataOption = Annotated[Path, typer.Option("--data", help="folder of the centre's database")]


def add_to(app: typer.Typer, in_words: Callable[[Callable[[], None]], None]) -> None:
    """Give the `central` command its `people`."""
    people = typer.Typer(help="Who may log in to the pages.", no_args_is_help=True)
    app.add_typer(people, name="people")

    @people.command()
    def add(
        name: NameArgument,
        data: DataOption,
        role: Annotated[Role, typer.Option(help="what they may do")] = Role.LIBRARIAN,
    ) -> None:
        """Make an account; the password is asked here, or read from a pipe."""

        def act() -> None:
            with _opened(data) as store:
                password = _asked(f"Password for {name}: ")
                with store.writing() as connection:
                    accounts.add(connection, name, role, password, _now())
            typer.echo(f"{name} may log in as {role.value}.")

        in_words(act)

    @people.command()
    def password(name: NameArgument, data: DataOption) -> None:
        """Another password for an account; whoever is logged in with it is logged out."""

        def act() -> None:
            with _opened(data) as store:
                fresh = _asked(f"New password for {name}: ")
                with store.writing() as connection:
                    accounts.change_password(connection, name, fresh, _now())
            typer.echo(f"{name} has a new password.")

        in_words(act)

    @people.command()
    def remove(name: NameArgument, data: DataOption) -> None:
        """Take an account away; what it did stays in the log."""

        def act() -> None:
            with _opened(data) as store, store.writing() as connection:
                accounts.remove(connection, name, _now())
            typer.echo(f"{name} may not log in any more.")

        in_words(act)

    @people.command("list")
    def listed(data: DataOption) -> None:
        """Everybody who may log in."""

        def act() -> None:
            with _opened(data) as store, store.reading() as connection:
                found = accounts.accounts(connection)
            for one in found:
                typer.echo(f"{one.name:40} {one.role.value:10} since {one.made[:10]}")
            if not found:
                typer.echo("Nobody may log in yet; the first account: central people add NAME --role admin")

        in_words(act)


@contextmanager
def _opened(data: Path) -> Iterator[CentralStore]:
    """The database, made where there is none: accounts may come before the first start."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"{data}: cannot be made ({error.strerror}); choose another --data") from error
    with closing(CentralStore(url_of(data))) as store:
        yield store


def _now() -> datetime:
    return datetime.now().astimezone()


def _asked(words: str) -> str:
    """A password from the terminal, twice, or one line from a pipe. Raises AccountRefused."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    said = getpass.getpass(words)
    if getpass.getpass("Once more: ") != said:
        raise accounts.AccountRefused("the two were not the same; nothing is changed")
    return said
