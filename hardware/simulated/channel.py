"""How a client comes to the simulated wires: a Unix stream socket whose first line names its role."""

from __future__ import annotations

import json
import socket
from pathlib import Path

_ANSWER_S = 5.0  # the wires answer in microseconds; this is for a machine that is busy starting everything


def greet(path: Path, role: dict[str, object]) -> socket.socket:
    """Connect and name the role; the connected socket, blocking without a time limit.

    Raises OSError naming the socket when nobody serves it or the wires refuse the role.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(_ANSWER_S)
    try:
        connection.connect(str(path))
        connection.sendall(json.dumps(role).encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            # Byte by byte: what follows the line belongs to the role, not to the greeting.
            part = connection.recv(1)
            if not part:
                raise ConnectionResetError("the connection was closed")
            line += part
        answer = json.loads(line)
        if not answer.get("ok"):
            raise ConnectionRefusedError(str(answer.get("error", "refused")))
    except (OSError, ValueError) as error:
        connection.close()
        raise OSError(f"simulated wires at {path}: {error}; start them with --socket {path}") from error
    connection.settimeout(None)
    return connection
