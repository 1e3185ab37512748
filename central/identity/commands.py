"""`central ca`, `central enrol`, `central revoke`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from central.errors import IdentityTrouble
from central.identity import premises
from central.identity.authority import Authority, utc_now
from central.identity.eviction import shut_out
from central.identity.office import Office
from kiosk import pairing

DataOption = Annotated[Path, typer.Option("--data", help="folder of the centre's data")]
PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="file with the authority's pass phrase, mode 0600")
]
NamesOption = Annotated[
    list[str], typer.Option("--name", help="a name or address of this machine; may come more than once")
]

DOOR = f"0.0.0.0:{pairing.PORT}"
"""On every address of this machine: stations are elsewhere."""


def files_of(data: Path, login: str) -> dict[str, Path]:
    """What one of the centre's own programs logs in with."""
    return {
        "ca": premises.folder_of(data) / "ca.crt",
        "certificate": premises.certificate_file(data, login),
    }


def add_to(app: typer.Typer, in_words: Callable[[Callable[[], None]], None]) -> None:
    """Give the commands to `app`; `in_words` runs one and tells its errors."""
    ca = typer.Typer(help="The centre's own certificate authority.", no_args_is_help=True)
    app.add_typer(ca, name="ca")

    @ca.command("init")
    def init(
        data: DataOption,
        name: NamesOption = [],  # noqa: B006 (typer copies it)
        passphrase_file: PassphraseOption = None,
    ) -> None:
        """Make the authority, the server's certificate and the centre's own logins. Once."""
        in_words(lambda: _init(data, name, passphrase_file))

    @ca.command("rename")
    def rename(data: DataOption, name: NamesOption, passphrase_file: PassphraseOption = None) -> None:
        """Give the server's certificate other names: this machine has moved."""
        in_words(lambda: _rename(data, name, passphrase_file))

    @ca.command("login")
    def login(
        name: str,
        data: DataOption,
        into: Annotated[Path, typer.Option(help="folder to put it into; bring it where it is used")],
        passphrase_file: PassphraseOption = None,
    ) -> None:
        """Make a login for another program of the centre, on another machine: gocdoc-ingest-2."""
        in_words(lambda: _login(data, name, into, passphrase_file))

    @ca.command("show")
    def show(data: DataOption, passphrase_file: PassphraseOption = None) -> None:
        """Tell of the authority, and which stations it has let in."""
        in_words(lambda: _show(data, passphrase_file))

    @app.command()
    def enrol(
        station: str,
        data: DataOption,
        again: Annotated[bool, typer.Option("--again", help="although it has a certificate")] = False,
        port: Annotated[int, typer.Option(help="where 'central serve' enrols")] = pairing.PORT,
        passphrase_file: PassphraseOption = None,
    ) -> None:
        """Print a one-time code that lets a station in. It is good for 15 minutes."""
        in_words(lambda: _enrol(data, station, again, port, passphrase_file))

    @app.command()
    def revoke(
        station: str,
        data: DataOption,
        broker: Annotated[str, typer.Option(help="HOST:PORT of the broker")] = "localhost:8883",
        passphrase_file: PassphraseOption = None,
    ) -> None:
        """Shut a station out, at once: its certificate counts no more, its connection is closed."""
        in_words(lambda: _revoke(data, station, broker, passphrase_file))


def opened(data: Path, passphrase_file: Path | None, *, ask: bool = True) -> Authority:
    """The authority of a data folder. Raises IdentityTrouble; may `ask` for the pass phrase."""
    folder = premises.folder_of(data)
    passphrase = _passphrase(passphrase_file)
    if passphrase is None and ask and _is_locked(folder / "ca.key"):
        passphrase = typer.prompt("Pass phrase of the authority", hide_input=True, err=True).encode()
    return Authority(folder, passphrase)


def _passphrase(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        words = file.read_text(encoding="utf-8").rstrip("\r\n").encode()
    except (OSError, UnicodeDecodeError) as error:
        raise IdentityTrouble(f"{file}: the pass phrase cannot be read ({error})") from error
    if not words:
        raise IdentityTrouble(f"{file} is empty; write the pass phrase into its first line")
    return words


def _is_locked(key: Path) -> bool:
    try:
        return b"ENCRYPTED" in key.read_bytes()
    except OSError:
        return False


def _init(data: Path, names: list[str], passphrase_file: Path | None) -> None:
    names = names or premises.names_of_this_machine()
    authority = premises.found(data, names, utc_now(), _passphrase(passphrase_file))
    folder = premises.folder_of(data)
    typer.echo(
        f"The authority is in {folder}. Keep a copy of that folder in a safe place, not in this machine:"
    )
    typer.echo("whoever has it can pretend to be any station, and without it none can be let in.")
    _tell_of(data, authority)


def _rename(data: Path, names: list[str], passphrase_file: Path | None) -> None:
    premises.rename(data, opened(data, passphrase_file), names, utc_now())
    typer.echo(f"The servers are now: {', '.join(premises.server_names(data))}")
    typer.echo("Restart them: sudo systemctl restart gocdoc-central mosquitto")


def _login(data: Path, name: str, into: Path, passphrase_file: Path | None) -> None:
    ends = premises.log_in_elsewhere(opened(data, passphrase_file), name, into, utc_now())
    typer.echo(f"{into} holds ca.crt and {name}.pem, until {ends:%Y-%m-%d}.")
    typer.echo("It does not renew by itself. The broker's access rules need a section for this name.")


def _tell_of(data: Path, authority: Authority) -> None:
    typer.echo(f"fingerprint  {authority.fingerprint}")
    typer.echo(f"until        {authority.certificate.not_valid_after_utc:%Y-%m-%d}")
    typer.echo(f"servers      {', '.join(premises.server_names(data))}")


def _show(data: Path, passphrase_file: Path | None) -> None:
    authority = opened(data, passphrase_file)
    _tell_of(data, authority)
    now = utc_now()
    with Office(premises.folder_of(data), authority) as office:
        for one in office.stations():
            if one.revoked is not None:
                words = f"revoked {one.revoked:%Y-%m-%d}"
            elif one.ends <= now:
                words = f"ended {one.ends:%Y-%m-%d}; enrol it again"
            else:
                words = f"until {one.ends:%Y-%m-%d}, {(one.ends - now).days} days"
            typer.echo(f"station      {one.name:40} {words}")


def _enrol(data: Path, station: str, again: bool, port: int, passphrase_file: Path | None) -> None:
    with Office(premises.folder_of(data), opened(data, passphrase_file)) as office:
        code = office.open_code(station, again=again)
    host = premises.server_names(data)[0]
    address = host if port == pairing.PORT else f"{host}:{port}"
    typer.echo(f"At the station {station}, within {pairing.LIFETIME_S // 60} minutes:\n")
    typer.echo(f"    sudo kiosk enrol --centre {address}\n")
    typer.echo(f"and type the code when it asks:    {pairing.shown(code)}\n")
    typer.echo("It works once. Tell it to nobody who should not let a station in.")


def _revoke(data: Path, station: str, broker: str, passphrase_file: Path | None) -> None:
    host, _, port = broker.rpartition(":")
    if not host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise typer.BadParameter(
            f"{broker!r} is not HOST:PORT, for instance localhost:8883", param_hint="--broker"
        )
    gone = shut_out(data, opened(data, passphrase_file), station, (host.strip("[]"), int(port)))
    if gone:
        typer.echo(
            f"{station} is shut out: the broker refuses its certificate, and its connection is closed."
        )
    else:
        typer.echo(f"{station} had no certificate that still counted; the broker has the list all the same.")
