"""A server in front of another that breaks what it is told to: refusals, cuts, wrong bytes, ETags.

It handles one request on each connection, and sends it on with the very bytes that came, so that
signatures hold.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal, NamedTuple

Fault = Literal["", "busy", "cut", "wrong", "etag", "lost", "refused"]
"""Answered with 503; cut in the middle of the answer's body; one byte of it another; with another
ETag; carried out without an answer; closed without a word."""


class Seen(NamedTuple):
    """One request."""

    method: str
    target: str

    @property
    def is_read(self) -> bool:
        """Whether it asks for an object, or some of it."""
        path, _, query = self.target.partition("?")
        selectors = {piece.partition("=")[0] for piece in query.split("&")} - {"versionId"}
        return self.method == "GET" and path.count("/") >= 2 and selectors <= {""}


class FaultyProxy:
    """Stands before a server. `fault` says of each request what shall go wrong with it."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.fault: Callable[[Seen], Fault] = lambda _: ""
        self.seen: list[Seen] = []
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until it is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head, body = _head(connection)
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            seen = Seen(method, target)
            with self._lock:
                self.seen.append(seen)
            fault = self.fault(seen)
            if fault == "refused":
                return
            if fault == "busy":
                text = b"<Error><Code>SlowDown</Code><Message>later</Message></Error>"
                connection.sendall(_answer(b"503 Slow Down", text))
                return
            self._pass_on(connection, head, body, fault)

    def _pass_on(self, connection: socket.socket, head: bytes, body: bytes, fault: Fault) -> None:
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        left = int(length[1]) - len(body) if length else 0
        with socket.create_connection(self._upstream) as upstream:
            upstream.sendall(head[:-2] + b"Connection: close\r\n\r\n" + body)
            while left > 0 and (block := connection.recv(min(left, 65_536))):
                upstream.sendall(block)
                left -= len(block)
            answer, begun = _head(upstream)
            if fault == "etag":
                answer = re.sub(rb'(?i)(\r\netag: *")[^"]*', rb"\g<1>" + b"0" * 32, answer)
            if fault == "lost":
                while upstream.recv(65_536):
                    pass
                return
            connection.sendall(answer)
            self._send_body(connection, upstream, answer, begun, fault)

    def _send_body(
        self,
        connection: socket.socket,
        upstream: socket.socket,
        answer: bytes,
        begun: bytes,
        fault: Fault,
    ) -> None:
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)
        middle, sent = (int(found[1]) // 2 if found else 0), 0
        block = begun or upstream.recv(65_536)
        while block:
            if fault == "cut" and sent + len(block) > middle:
                connection.sendall(block[: middle - sent])
                return
            if fault == "wrong" and sent <= middle < sent + len(block):
                damaged = bytearray(block)
                damaged[middle - sent] ^= 1
                block = bytes(damaged)
            connection.sendall(block)
            sent += len(block)
            block = upstream.recv(65_536)


@contextmanager
def standing_before(host: str, port: int) -> Iterator[FaultyProxy]:
    """A proxy for the length of a block."""
    proxy = FaultyProxy((host, port))
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def once_each(fault: Fault, of: Callable[[Seen], bool] = lambda _: True) -> Callable[[Seen], Fault]:
    """A fault that every request of some kind meets the first time that it is made."""
    met: set[Seen] = set()

    def decide(seen: Seen) -> Fault:
        if seen in met or not of(seen):
            return ""
        met.add(seen)
        return fault

    return decide


def _head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(65_536)
        if not block:
            raise ConnectionError("no head")
        data += block
        while data.startswith(b"HTTP/1.1 1") and b"\r\n\r\n" in data:
            data = data.partition(b"\r\n\r\n")[2]
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _answer(status: bytes, text: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status,
        len(text),
        text,
    )
