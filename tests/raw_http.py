"""Raw bytes to a real server and back: one plain socket, and requests that may be signed."""

import hashlib
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import NamedTuple, Self

from tests import signing
from tests.server_process import ServerProcess

ANSWER_LIMIT_S = 20.0
UNSIGNED = "UNSIGNED-PAYLOAD"


class Reply(NamedTuple):
    """One response as it stood on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The error code of an S3 error document, "" without one."""
        found = re.search(rb"<Error>.*?<Code>(\w+)</Code>", self.body, re.DOTALL)
        return found[1].decode() if found else ""

    def element(self, name: str) -> str:
        """The text of the first element of that name."""
        found = re.search(rf"<{name}>([^<]*)</{name}>".encode(), self.body)
        assert found, f"no {name} in {self.body!r}"
        return found[1].decode()


class Closed(Exception):
    """The server closed the connection before the end of a response."""


class Wire:
    """One connection to a server."""

    def __init__(self, server: ServerProcess) -> None:
        address = (server.host, server.port)
        self.socket = socket.create_connection(address, timeout=ANSWER_LIMIT_S)
        self._received = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send everything; a server that has heard enough may close before."""
        self.socket.sendall(data)

    def half_close(self) -> None:
        """Send no more, but go on reading."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Vanish: the server sees a reset, not an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def reply(self, *, is_head: bool = False) -> Reply:
        """The next final response; 100 Continue is passed over."""
        while True:
            status, headers = self._head()
            if status != 100:
                break
        wanted = 0 if is_head or status in (204, 304) else int(headers.get("content-length", "0"))
        while len(self._received) < wanted:
            self._receive()
        body = bytes(self._received[:wanted])
        del self._received[:wanted]
        return Reply(status, headers, body)

    def rest(self) -> bytes:
        """Everything up to the end of the connection, however it ends."""
        try:
            while True:
                self._receive()
        except (Closed, ConnectionResetError):
            return bytes(self._received)

    def ask(self, data: bytes, *, is_head: bool = False) -> Reply:
        """Send a request and read its response, also when the server stops listening before."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send(data)
        return self.reply(is_head=is_head)

    def _head(self) -> tuple[int, dict[str, str]]:
        while b"\r\n\r\n" not in self._received:
            self._receive()
        end = self._received.index(b"\r\n\r\n")
        status_line, *lines = self._received[:end].decode("latin-1").split("\r\n")
        del self._received[: end + 4]
        pairs = (line.partition(": ") for line in lines)
        return int(status_line.split(" ")[1]), {name.lower(): value for name, _, value in pairs}

    def _receive(self) -> None:
        data = self.socket.recv(65_536)
        if not data:
            raise Closed(bytes(self._received))
        self._received += data


def now_ms() -> int:
    """The time that signatures are made for."""
    return time.time_ns() // 1_000_000


def signed_headers(
    server: ServerProcess,
    method: str,
    path: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    content_sha256: str = UNSIGNED,
) -> dict[str, str]:
    """Headers with a signature; `path` is not escaped yet."""
    return signing.sign(
        method,
        signing.quoted_path(path),
        signing.query_string(dict(query or {})),
        {"host": f"{server.host}:{server.port}", **(headers or {})},
        content_sha256,
        now_ms(),
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


def request(
    server: ServerProcess,
    method: str,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    content_sha256: str | None = None,
) -> bytes:
    """A whole signed request. A Content-Length among the headers is believed, right or wrong."""
    given = dict(headers or {})
    if (body or method in ("PUT", "POST")) and "transfer-encoding" not in given:
        given.setdefault("content-length", str(len(body)))
    sha256 = content_sha256 or hashlib.sha256(body).hexdigest()
    signed = signed_headers(server, method, path, query, given, content_sha256=sha256)
    target = signing.quoted_path(path)
    if query:
        target += "?" + signing.query_string(dict(query))
    return head(f"{method} {target} HTTP/1.1", signed) + body


def head(request_line: str, headers: Mapping[str, str]) -> bytes:
    """Request line and headers, up to and with the empty line."""
    lines = [request_line, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


@contextmanager
def connected(server: ServerProcess) -> Iterator[Wire]:
    """A connection for the length of a block."""
    with Wire(server) as wire:
        yield wire
