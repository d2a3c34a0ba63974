"""The client of the bench, against servers of a few lines."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from build.bench import walker
from build.bench.figures import MeasurementFailed

REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A server that gives one connection the same answer, byte by byte, to each request."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while connection.recv(1000):
                for at in range(len(answer)):
                    connection.sendall(answer[at : at + 1])
                if not answer:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def walk(answer: bytes, count: int = 3, *, is_head: bool = False) -> walker.Tally:
    with answering(answer) as port:
        return walker.walk(port, iter([REQUEST] * count), 1, limit_s=20, is_head=is_head)


def test_each_request_is_sent_once_and_each_answer_counted() -> None:
    tally = walk(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    assert (3, 0) == (tally.count, tally.refused)


def test_head_has_no_body_whatever_its_length_says() -> None:
    assert 3 == walk(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", is_head=True).count


def test_refusals_are_counted_and_the_first_is_kept() -> None:
    tally = walk(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    assert (3, 3) == (tally.count, tally.refused)
    assert tally.first_refusal.startswith("HTTP/1.1 403")


def test_a_connection_that_is_closed_early_is_a_failure() -> None:
    with pytest.raises(MeasurementFailed, match="closed"):
        walk(b"")


def test_after_the_time_nothing_is_sent() -> None:
    with answering(b"") as port:
        assert 0 == walker.walk(port, iter([REQUEST]), 1, limit_s=-1).count
