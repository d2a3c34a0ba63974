"""HTTP/2 to a real server over TLS, with h2's client: signed requests, whole or in parts."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from h2 import events
from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection

from tests import signing
from tests.server_process import ServerProcess

LIMIT_S = 30.0
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass
class Answer:
    """What came on one stream so far."""

    headers: dict[str, str] = field(default_factory=dict)
    received: bytearray = field(default_factory=bytearray)
    is_whole: bool = False
    reset_code: int | None = None

    @property
    def body(self) -> bytes:
        return bytes(self.received)

    @property
    def status(self) -> int:
        return int(self.headers.get(":status", "0"))


class Http2Client:
    """One connection."""

    def __init__(self, secured: ssl.SSLSocket, server: ServerProcess) -> None:
        self.answers: dict[int, Answer] = {}
        self.has_end = False
        self.reads = True
        self._secured = secured
        self._server = server
        self._authority = urlsplit(server.tls_endpoint).netloc
        self._wire = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self._wire.initiate_connection()
        self._wire.increment_flow_control_window(1 << 24)
        self._flush()

    def ask(
        self, method: str, path: str, query: str = "", body: bytes = b"", **headers: str
    ) -> Answer:
        """Ask, and wait for the answer."""
        stream_id = self.begin(method, path, query, has_body=bool(body), **headers)
        if body:
            self.send(stream_id, body, is_last=True)
        return self.answer(stream_id)

    def begin(
        self, method: str, path: str, query: str = "", *, has_body: bool = False, **headers: str
    ) -> int:
        """Send the head of a signed request; returns its stream."""
        stream_id = self._wire.get_next_available_stream_id()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = signing.sign(
            method, path, query, {"host": self._authority, **named}, UNSIGNED,
            time.time_ns() // 1_000_000,
            access_key=self._server.access_key, secret_key=self._server.secret_key,
        )  # fmt: skip
        del signed["host"]
        target = f"{path}?{query}" if query else path
        head = [(":method", method), (":scheme", "https"), (":authority", self._authority)]
        self.answers[stream_id] = Answer()
        self._wire.send_headers(
            stream_id, [*head, (":path", target), *signed.items()], end_stream=not has_body
        )
        self._flush()
        return stream_id

    def send(self, stream_id: int, body: bytes, *, is_last: bool) -> None:
        """Send some of a body as the server makes room for it."""
        left = memoryview(body)
        while left:
            room = min(
                self._wire.local_flow_control_window(stream_id),
                self._wire.max_outbound_frame_size,
                len(left),
            )
            if not room:
                self._hear()
                continue
            self._wire.send_data(stream_id, left[:room])
            left = left[room:]
            self._flush()
        if is_last:
            self._wire.end_stream(stream_id)
            self._flush()

    def reset(self, stream_id: int) -> None:
        """Want no more of a stream."""
        self._wire.reset_stream(stream_id, 8)
        self._flush()

    def answer(self, stream_id: int) -> Answer:
        """The whole answer, or that there is none."""
        answer = self.answers[stream_id]
        self.until(lambda: answer.is_whole or answer.reset_code is not None)
        return answer

    def until(self, is_enough: Callable[[], bool]) -> None:
        """Read until something is so."""
        while not is_enough():
            self._hear()

    def _flush(self) -> None:
        self._secured.sendall(self._wire.data_to_send())

    def _hear(self) -> None:
        data = self._secured.recv(1 << 16)
        if not data:
            raise EOFError("the server closed the connection")
        for event in self._wire.receive_data(data):
            self._note(event)
        self._flush()

    def _note(self, event: events.Event) -> None:
        match event:
            case events.ResponseReceived():
                self.answers[event.stream_id].headers = dict(event.headers)  # type: ignore[arg-type] # decoded
            case events.DataReceived():
                self.answers[event.stream_id].received += event.data or b""
                if self.reads and event.flow_controlled_length:
                    self._wire.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
            case events.StreamEnded():
                self.answers[event.stream_id].is_whole = True
            case events.StreamReset():
                self.answers[event.stream_id].reset_code = int(event.error_code or 0)
            case events.ConnectionTerminated():
                self.has_end = True
                self._wire.state_machine.state = ConnectionState.CLIENT_OPEN
            case _:
                pass


@contextmanager
def http2_to(server: ServerProcess, context: ssl.SSLContext) -> Iterator[Http2Client]:
    """A connection to the server's TLS address."""
    context.set_alpn_protocols(["h2"])
    parts = urlsplit(server.tls_endpoint)
    address = (parts.hostname or "", parts.port or 0)
    with (
        socket.create_connection(address, timeout=LIMIT_S) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as secured,
    ):
        assert secured.selected_alpn_protocol() == "h2"
        yield Http2Client(secured, server)
