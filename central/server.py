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

from central.errors import PortTaken
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.pages.app import create_app
from central.store import CentralStore, DataLock, url_of

log = logging.getLogger(__name__)

_REMEDIES = {
    errno.EADDRINUSE: "stop the program that uses it, or choose another --port",
    errno.EADDRNOTAVAIL: "choose an address of this machine with --host",
    errno.EACCES: "choose a --port of 1024 or above",
}


def run(data: Path, broker: BrokerAddress, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises DataInUse, DatabaseUnusable, NewerDatabase, PortTaken."""
    with ExitStack() as stack:
        _end_in_order(stack)
        lock = DataLock(data)
        stack.callback(lock.release)
        store = CentralStore(url_of(data))
        stack.callback(store.close)
        _serve(store, broker, stack.enter_context(_listen(host, port)))


def _end_in_order(stack: ExitStack) -> None:
    """A signal leaves the stack with exit status 0, until the stack is left.

    The web server raises the signal anew once it has shut: by default SIGTERM would then end the process
    before the ingest has committed what came and said goodbye.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.signal(number, lambda *_: sys.exit(0))
        stack.callback(signal.signal, number, before)


def _serve(store: CentralStore, broker: BrokerAddress, listening: socket.socket) -> None:
    ingest = Ingest(Ledger(store), broker)
    pages = create_app(store, lambda: ingest.status)
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
    try:
        log.info("the pages are at http://%s:%d/", f"[{address}]" if ":" in address else address, port)
        server.run(sockets=[listening])
    finally:
        ingest.stop()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTaken(f"{host} is no address of this machine ({error}); choose another --host") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        remedy = _REMEDIES.get(error.errno or 0, "choose another --port")
        raise PortTaken(f"{host}:{port} cannot be used for the pages ({error.strerror}); {remedy}") from error
    return listening
