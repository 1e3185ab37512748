"""Everything `central serve` runs: the lock, the database, the ingest, the pages; stopped in reverse."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import uvicorn

from central.errors import PortTaken
from central.ingest import BrokerAddress, Ingest
from central.ledger import Ledger
from central.pages.app import create_app
from central.store import CentralStore, DataLock, url_of

log = logging.getLogger(__name__)


def run(data: Path, broker: BrokerAddress, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM. Raises DataInUse, DatabaseUnusable, NewerDatabase, PortTaken."""
    lock = DataLock(data)
    try:
        store = CentralStore(url_of(data))
        try:
            with _listen(host, port) as listening:
                _serve(store, broker, listening)
        finally:
            store.close()
    finally:
        lock.release()


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
        raise PortTaken(
            f"{host}:{port} cannot be used for the pages ({error.strerror});"
            " stop the program that uses it, or choose another --port"
        ) from error
    return listening
