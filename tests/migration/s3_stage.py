"""A source made of words: what it answers to each request is said by the test."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from ferrox.auth.signing import Credentials
from ferrox.clock import SystemClock
from ferrox.migration.client import S3
from ferrox.migration.patience import Patience
from ferrox.outgoing_connections import endpoint_of


class Asked(NamedTuple):
    """One request."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Answers = Callable[[Asked], bytes]


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """An answer as it stands on the wire; `_` stands for a dash in names of headers."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""])
    return head.encode() + body


def error(status: str, code: str, more: str = "") -> bytes:
    """A refusal as it stands on the wire."""
    body = f"<Error><Code>{code}</Code><Message>{code}!</Message>{more}</Error>"
    return answer(body.encode(), status)


class Stage:
    """Answers, and remembers what it was asked."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[Asked] = []
        self.url = ""
        self.serving: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            while True:
                asked = await _read(reader)
                self.asked.append(asked)
                said = self.answers(asked)
                if said.startswith(b"CUT"):
                    writer.write(said[3:])
                    return
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, target, _ = head.split(" ", 2)
    headers = {name.lower(): value for name, value in re.findall(r"\r\n([^:]+): *([^\r]*)", head)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


@asynccontextmanager
async def asking(answers: Answers, attempts: int = 3) -> AsyncIterator[tuple[S3, Stage]]:
    """A client of such a source."""
    stage = Stage(answers)
    server = await asyncio.start_server(stage.serve, "127.0.0.1", 0)
    stage.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        patience = Patience(attempts, pause_s=0.0)
        s3 = S3(
            endpoint_of(stage.url), Credentials("id", "secret"), SystemClock(), patience=patience
        )
        try:
            yield s3, stage
        finally:
            await s3.close()
            serving = [task for task in stage.serving if task]
            await asyncio.gather(*serving, return_exceptions=True)
