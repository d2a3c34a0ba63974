"""What an answer to bad input may look like, and how to see that nothing stayed behind."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.raw_http import Closed, Reply, Wire
from tests.server_process import ServerProcess

SETTLE_LIMIT_S = 10.0

PYTHON_WORDS = (
    *(
        b"Traceback",
        b"Exception",
        b"raise ",
        b".py",
        b"aiohttp",
        b"asyncio",
        b"sqlite",
        b"object at",
    ),
    *(b"<class", b"NoneType", b"KeyError", b"ValueError", b"TypeError", b"UnicodeDecodeError"),
)


def expect_refusal(reply: Reply, *codes: str) -> None:
    """Fail unless this is an S3 error document with one of these codes, and nothing else."""
    assert reply.code in codes, f"{reply.status} {reply.body!r}"
    assert 400 <= reply.status < 500 or reply.code == "NotImplemented"
    assert "application/xml" == reply.headers["content-type"]
    assert reply.headers["x-amz-request-id"] == reply.element("RequestId")
    expect_no_python(reply.body)


def expect_no_python(data: bytes) -> None:
    """Fail if an answer shows how the server is made."""
    assert not [word for word in PYTHON_WORDS if word in data], data


def expect_closed(wire: Wire) -> None:
    """Fail unless the server ends the connection without a further word."""
    assert b"" == wire.rest()


def expect_refused_or_closed(wire: Wire, *codes: str) -> None:
    """Fail unless the server answers with an S3 error or not at all, and then hangs up."""
    try:
        reply = wire.reply()
    except (Closed, ConnectionResetError):
        return
    expect_refusal(reply, *codes)
    expect_closed(wire)


def blob_files(server: ServerProcess) -> list[Path]:
    """Every file that holds bytes of an object or part."""
    return [path for path in (server.data_dir / "blobs").rglob("*") if path.is_file()]


def open_descriptors(server: ServerProcess) -> int:
    """How many sockets, pipes and blob files the server has open.

    Connections to the databases are left out: they come with threads, when these are first needed,
    and there are never more of them than threads.
    """
    targets = []
    for pid in (server.pid, *server.workers):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with suppress(FileNotFoundError):  # closed meanwhile
                targets.append(os.readlink(f"/proc/{pid}/fd/{name}"))
    return sum(".db" not in target for target in targets)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for what the server does after it has answered."""
    deadline = time.monotonic() + SETTLE_LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        threading.Event().wait(0.01)
