"""One large object over one connection: nothing in the client but the socket."""

import http.client
import os
import time

from build.bench.figures import MeasurementFailed
from build.bench.target import Target

PIECE_BYTES = 1 << 20
LIMIT_S = 120.0  # for one send or receive to go on
_PIECE = os.urandom(PIECE_BYTES)


def upload(target: Target, key: str, size: int, until: float = float("inf")) -> int:
    """Send an object; how many bytes went. `until`: the moment at which to break off."""
    connection = _connect(target)
    try:
        connection.putrequest("PUT", target.signer.target("PUT", target.path(key)))
        connection.putheader("Content-Length", str(size))
        connection.endheaders()
        sent = 0
        while sent < size:
            piece = _PIECE[: size - sent]
            connection.sock.sendall(piece)
            sent += len(piece)
            if time.perf_counter() > until:
                return sent
        response = connection.getresponse()
        response.read()
        _expect_ok(response)
        return sent
    finally:
        connection.close()


def download(target: Target, key: str, until: float = float("inf")) -> int:
    """Receive an object; how many bytes came."""
    connection = _connect(target)
    try:
        connection.request("GET", target.signer.target("GET", target.path(key)))
        response = connection.getresponse()
        _expect_ok(response)
        buffer = bytearray(PIECE_BYTES)
        received = 0
        while count := response.readinto(buffer):
            received += count
            if time.perf_counter() > until:
                break
        return received
    finally:
        connection.close()


def _connect(target: Target) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", target.server.port, timeout=LIMIT_S)


def _expect_ok(response: http.client.HTTPResponse) -> None:
    if response.status != http.HTTPStatus.OK:
        raise MeasurementFailed(f"answered with {response.status}")
