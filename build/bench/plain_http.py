"""One large object over one connection: nothing in the client but the socket."""

import http.client
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from build.bench.figures import MeasurementFailed
from build.bench.target import Target

PIECE_BYTES = 1 << 20
LIMIT_S = 120.0  # for one send or receive to go on
FOR_EVER = float("inf")
_PIECE = os.urandom(PIECE_BYTES)


def upload(target: Target, key: str, size: int, until: float = FOR_EVER) -> int:
    """Send an object; how many bytes went. `until`: the moment at which to break off."""
    sent = 0
    with _connected(target, until) as connection:
        connection.putrequest("PUT", target.signer.target("PUT", target.path(key)))
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        while sent < size and time.perf_counter() < until:
            piece = _PIECE[: size - sent]
            connection.sock.sendall(piece)
            sent += len(piece)
        if sent == size:
            response = connection.getresponse()
            response.read()
            _expect_ok(response)
    return sent


def download(target: Target, key: str, until: float = FOR_EVER) -> int:
    """Receive an object; how many bytes came."""
    received = 0
    with _connected(target, until) as connection:
        connection.request("GET", target.signer.target("GET", target.path(key)))
        response = connection.getresponse()
        _expect_ok(response)
        buffer = bytearray(PIECE_BYTES)
        while time.perf_counter() < until and (count := response.readinto(buffer)):
            received += count
    return received


@contextmanager
def _connected(target: Target, until: float) -> Iterator[http.client.HTTPConnection]:
    limit_s = min(LIMIT_S, until - time.perf_counter())
    connection = http.client.HTTPConnection("127.0.0.1", target.server.port, timeout=limit_s)
    try:
        yield connection
    except TimeoutError:
        if time.perf_counter() < until:
            raise
    finally:
        connection.close()


def _expect_ok(response: http.client.HTTPResponse) -> None:
    if response.status != http.HTTPStatus.OK:
        raise MeasurementFailed(f"answered with {response.status}")
