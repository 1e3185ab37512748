"""A mail server of a few lines: takes letters over real sockets, or refuses them."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType


class MailServer(socketserver.ThreadingTCPServer):
    """Listens while the `with` lasts. `refusing`: answers every sender with a 5xx."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.letters: list[EmailMessage] = []
        self.receivers: list[str] = []
        self.refusing = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> MailServer:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail.test")
        while line := self.rfile.readline():
            match line.split(b" ")[0].strip().upper():
                case b"MAIL":
                    self._say("550 no letters today" if self.server.refusing else "250 ok")
                case b"RCPT":
                    self.server.receivers.append(line.decode().partition("<")[2].partition(">")[0])
                    self._say("250 ok")
                case b"DATA":
                    self._say("354 go on")
                    whole = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        whole += part.removeprefix(b".") if part.startswith(b"..") else part
                    letter = message_from_bytes(whole, policy=policy.default)
                    assert isinstance(letter, EmailMessage)
                    self.server.letters.append(letter)
                    self._say("250 taken")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 ok")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
