"""One connection to the broker, from its name to its end, and every failure of it in words.

A connection is never used twice: the next one is a new object with a new MQTT client, so nothing of an
older one (queued messages, message numbers) can reach the new one.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.errors import StationError
from kiosk.link import identity
from kiosk.link.enrolment import Renewal
from kiosk.settings import LinkSection

CONNECT_TIMEOUT_S = 5.0
"""For TCP and for the TLS handshake, each. A mobile link repeats its first packet after 1 and 3 s."""


class LinkError(StationError, ConnectionError):
    """There is no connection to the broker; the message names it, the cause and the remedy."""


class Connection:
    """An MQTT 5 connection driven by the thread that made it.

    `hear(topic, payload)` is called for every message, inside `pump`.
    """

    def __init__(
        self,
        link: LinkSection,
        *,
        client_id: str,
        will_topic: str,
        will: bytes,
        hear: Callable[[str, bytes], None],
    ) -> None:
        self._link = link
        self._hear = hear
        self._over = ""
        self._refused = ""
        self._unanswered: set[int] = set()
        self._ready = False
        self._answers = 0
        self._stirs = 0
        self._renewal = Renewal(link, time.monotonic())
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        # The window is kept by the sender; paho's own would hold messages back in its memory.
        client.max_inflight_messages_set(0xFFFF)
        client.will_set(will_topic, will, qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._client = client

    @property
    def ready(self) -> bool:
        """The broker has accepted the login."""
        return self._ready

    @property
    def unanswered(self) -> int:
        """Publishes the broker has not taken yet."""
        return len(self._unanswered)

    @property
    def answers(self) -> int:
        """Publishes the broker has taken: a sign of life, never of delivery."""
        return self._answers

    @property
    def stirs(self) -> int:
        """How often bytes came in: parts of a long message too, which is heard only when it is whole."""
        return self._stirs

    def take_refusal(self) -> str:
        """In words, why the broker refused a publish since this was last asked; empty when it did not."""
        words, self._refused = self._refused, ""
        return words

    def open(self) -> None:
        """Connect, and send the login. Raises LinkError; `ready` follows inside `pump`."""
        try:
            if self._link.username:
                self._client.username_pw_set(self._link.username, self._password())
            if self._link.ca is not None:
                self._client.tls_set_context(self._tls(self._link.ca))
            self._client.connect(
                self._link.host, self._link.port, keepalive=self._link.keepalive_s, clean_start=True
            )
        except LinkError:
            raise
        except (OSError, ValueError) as error:
            raise LinkError(self._in_words(error)) from error

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Send; with QoS 1 the broker answers. Raises LinkError when the connection is gone."""
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkError(self._over or f"the connection to {self._where} was lost while sending")
        if qos:
            self._unanswered.add(info.mid)

    def subscribe(self, *topics: str) -> None:
        """Ask for topics with QoS 1. Raises LinkError when the connection is gone."""
        code, _ = self._client.subscribe([(topic, 1) for topic in topics])
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkError(self._over or f"the connection to {self._where} was lost while subscribing")

    def unsubscribe(self, topic: str) -> None:
        """Hear no more of a topic. Raises LinkError when the connection is gone."""
        code, _ = self._client.unsubscribe(topic)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkError(self._over or f"the connection to {self._where} was lost while unsubscribing")

    def pump(self, timeout_s: float, wake: socket.socket) -> bool:
        """Move bytes both ways, for at most `timeout_s` seconds; True when `wake` was readable.

        Raises LinkError when the connection has ended.
        """
        wire = self._client.socket()
        if wire is None or self._over:
            raise LinkError(self._over or f"the connection to {self._where} was lost")
        if isinstance(wire, ssl.SSLSocket) and wire.pending():
            timeout_s = 0.0  # already decrypted: select would not see it
        writable: list[Any] = [wire] if self._client.want_write() else []
        readable, can_write, _ = select.select([wire, wake], writable, [], max(0.0, timeout_s))
        if wake in readable:
            drain(wake)
        if wire in readable or (isinstance(wire, ssl.SSLSocket) and wire.pending()):
            self._stirs += 1
            self._client.loop_read()
        if can_write:
            self._client.loop_write()
        self._client.loop_misc()
        if self._over:
            raise LinkError(self._over)
        if self._ready and (words := self._renewal.look(time.monotonic())):
            self._refused = words
        return wake in readable

    def close(self) -> None:
        """Say goodbye to the broker (which then drops the will) and release the socket. Never raises."""
        self._ready = False
        self._client.on_disconnect = None
        try:
            self._client.disconnect()
            self._client.loop_write()
        except (OSError, ValueError):
            pass  # it was gone already: that is what was wanted
        finally:
            wire = self._client.socket()
            if wire is not None:
                wire.close()

    def abandon(self) -> None:
        """Let go without goodbye: the broker then publishes the will. Never raises."""
        self._ready = False
        self._client.on_disconnect = None
        wire = self._client.socket()
        if wire is not None:
            wire.close()

    @property
    def _where(self) -> str:
        return f"{self._link.host}:{self._link.port}"

    def _password(self) -> str | None:
        if self._link.password_file is None:
            return None
        return self._link.password_file.read_text(encoding="utf-8").rstrip("\r\n")

    def _tls(self, ca: Path) -> ssl.SSLContext:
        for file in (ca, self._link.certificate, self._link.key):
            if file is not None:
                file.read_bytes()  # the TLS library would not say which file is missing
        try:
            context = ssl.create_default_context(cafile=str(ca))
        except ssl.SSLError as error:
            raise LinkError(f"{ca} holds no certificate of an authority; check [link] ca") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Python 3.13 asks an authority for the key usage extension, which a library's own, made with one
        # openssl command, has not. Whom to trust is decided by `ca` all the same.
        context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
        if self._link.certificate is not None:
            try:
                context.load_cert_chain(self._link.certificate, self._link.key)
            except ssl.SSLError as error:
                raise LinkError(
                    f"{self._link.certificate} and its key do not fit ({error.reason});"
                    " check [link] certificate and key"
                ) from error
        return context

    def _on_connect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            self._over = self._refusal_in_words(reason)
        else:
            self._ready = True

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:
        was_ready, self._ready = self._ready, False
        if self._over:
            return
        if reason.getName() == "Session taken over":
            self._over = (
                f"another station has logged in at {self._where} under this one's name;"
                " give each its own [station] id, or switch the clone off"
            )
        elif flags.is_disconnect_packet_from_server:
            self._over = f"the broker {self._where} ended the connection: {reason.getName()}"
        elif not was_ready:
            self._over = (
                f"the connection to {self._where} was lost before the login was answered; {self._why()}"
            )
        else:
            self._over = f"the connection to {self._where} was lost"

    def _why(self) -> str:
        """Why a broker may hang up on a login; with TLS 1.3 it refuses a certificate after the handshake."""
        if self._link.certificate is None:
            return (
                "check whether the broker wants TLS or a certificate: [link] port, ca, certificate and key;"
                " 'sudo kiosk enrol' gets one"
            )
        if self._link.key is None:
            try:
                mine = identity.read(self._link.certificate)
            except identity.IdentityError as error:
                return str(error)
            if mine.ends <= datetime.now(UTC):
                return identity.ended(mine)
        return (
            "the broker does not accept this station's certificate: was it revoked, is [link] certificate of"
            " another centre, or does the clock here or there go wrong?"
        )

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        if mid not in self._unanswered:
            return  # QoS 0: it has left, and that is all
        self._unanswered.discard(mid)
        self._answers += 1
        if reason.is_failure:
            self._refused = (
                f"the broker {self._where} refuses this station's messages ({reason.getName()});"
                " the access rules at the broker must allow this login its own topics"
            )

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._hear(message.topic, bytes(message.payload))

    def _refusal_in_words(self, reason: ReasonCode) -> str:
        name = reason.getName()
        if name in {"Bad user name or password", "Not authorized", "Bad authentication method"}:
            who = repr(self._link.username) if self._link.username else "a client without a name"
            return (
                f"the broker {self._where} refuses the login of {who} ({name});"
                f" check [link] username and password_file, or the certificate"
            )
        return f"the broker {self._where} refuses the connection: {name}"

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, socket.gaierror):
            name = repr(self._link.host)
            return f"the name {name} cannot be resolved; check [link] host and the network's name server"
        if isinstance(error, ConnectionRefusedError):
            return f"nothing listens at {self._where}; start the broker, or correct [link] host and port"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"the certificate of {self._where} is not trusted ({error.verify_message});"
                " check [link] ca and host, and this station's clock"
            )
        if isinstance(error, ssl.SSLError):
            cause = error.reason or str(error)
            return f"no TLS with {self._where} ({cause}); check [link] port, ca, certificate and key"
        if isinstance(error, TimeoutError):
            return f"{self._where} does not answer; check the network, [link] host and port"
        if isinstance(error, OSError) and error.filename is not None:
            return f"{error.filename} cannot be read ({error.strerror}); check the files named in [link]"
        return f"no connection to {self._where}: {error}"


def drain(wake: socket.socket) -> None:
    """Take the wake-up bytes out of a non-blocking socket."""
    try:
        while wake.recv(4096):
            pass
    except BlockingIOError:
        pass
