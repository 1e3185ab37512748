"""Everything `central serve` runs: the lock, the database, the ingest, the pages; stopped in reverse."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import uvicorn

from central import announce
from central.alerts import mail, wire
from central.alerts.settings import AlertSettings, read_alert_settings
from central.alerts.watch import AlertWatch, Teller
from central.down.courier import Courier
from central.errors import CentreError, PortTaken
from central.identity import commands, premises
from central.identity.authority import utc_now
from central.identity.door import Door
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.pages.app import create_app, local_now
from central.settings import read_settings
from central.store import CentralStore, DataLock, url_of
from central.upkeep import Upkeep

log = logging.getLogger(__name__)

_REMEDIES = {
    errno.EADDRINUSE: "stop the program that uses it, or choose another --port",
    errno.EADDRNOTAVAIL: "choose an address of this machine with --host",
    errno.EACCES: "choose a --port of 1024 or above",
}


def run(
    data: Path,
    broker: BrokerAddress,
    *,
    host: str,
    port: int,
    door: tuple[str, int] = ("", 0),
    passphrase_file: Path | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises DataInUse, DatabaseUnusable, NewerDatabase, PortTaken, SettingsWrong.
    """
    with ExitStack() as stack:
        _end_in_order(stack)
        if not (settings := read_settings(data)).database:  # a server of databases lets in several
            lock = DataLock(data)
            stack.callback(lock.release)
        alert_settings = read_alert_settings(data)
        store = CentralStore(url_of(data))
        stack.callback(store.close)
        upkeep = Upkeep(store, settings.keep_facts_months)
        upkeep.start()
        stack.callback(upkeep.stop)
        listening = stack.enter_context(_listen(host, port))
        _open_door(stack, data, broker, door, passphrase_file)
        _serve(store, broker, listening, alert_settings)


def _end_in_order(stack: ExitStack) -> None:
    """A signal leaves the stack with exit status 0, until the stack is left.

    The web server raises the signal anew once it has shut: by default SIGTERM would then end the process
    before the ingest has committed what came and said goodbye.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.signal(number, lambda *_: sys.exit(0))
        stack.callback(signal.signal, number, before)


def _open_door(
    stack: ExitStack, data: Path, broker: BrokerAddress, place: tuple[str, int], passphrase_file: Path | None
) -> None:
    """Let stations enrol and renew, where there is an authority. Counting goes on without it."""
    if not place[0] or not (premises.folder_of(data) / "ca.key").exists():
        return
    try:
        authority = commands.opened(data, passphrase_file, ask=False)
        for name in premises.keep_fresh(data, authority, utc_now()):
            log.info("the certificate %s was made anew", name)
        listening = stack.enter_context(_listen(*place, "--enrol"))
        where = (broker.host, broker.port)
        door = Door(data, authority, where, listening, guarded=broker.certificate is not None)
    except (CentreError, OSError, ValueError) as error:
        log.error("stations cannot enrol or renew: %s", error)  # noqa: TRY400 (in words)
        return
    door.open()
    stack.callback(door.close)
    log.info("stations enrol at port %d", place[1])


def _serve(
    store: CentralStore, broker: BrokerAddress, listening: socket.socket, settings: AlertSettings
) -> None:
    ingest = Ingest(Ledger(store), broker)
    courier = Courier(store, broker.named(premises.COURIER))
    tellers: dict[str, Teller] = {
        "MQTT": lambda alerts, _now: wire.publish(broker.named(premises.ALERTS), alerts)
    }
    if (by_mail := mail.mailer(settings)) is not None:
        tellers["mail"] = by_mail
    watch = AlertWatch(store, lambda: ingest.status.connected, tellers, local_now)
    pages = create_app(
        store,
        lambda: ingest.status,
        news=lambda station, change: announce.news(broker.named(premises.ANNOUNCE), station, change),
        alert_trouble=lambda: watch.trouble,
        courier_trouble=lambda: courier.trouble,
        metrics_token=settings.metrics_token,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            pages,
            log_level="warning",
            access_log=False,  # who looked at what is nobody's business
            server_header=False,
            timeout_graceful_shutdown=3,
        )
    )
    address, port = listening.getsockname()[:2]
    ingest.start()
    courier.start()
    watch.start()
    try:
        log.info("the pages are at http://%s:%d/", f"[{address}]" if ":" in address else address, port)
        server.run(sockets=[listening])
    finally:
        watch.stop()
        courier.stop()
        ingest.stop()


def _listen(host: str, port: int, option: str = "--host") -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTaken(f"{host} is no address of this machine ({error}); choose another {option}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        remedy = _REMEDIES.get(error.errno or 0, "choose another --port")
        if option == "--host":
            raise PortTaken(
                f"{host}:{port} cannot be used for the pages ({error.strerror}); {remedy}"
            ) from error
        raise PortTaken(
            f"{host}:{port} cannot be used ({error.strerror}); choose another {option}"
        ) from error
    return listening
