"""A scripted pipeline behind a real gateway, and a client that writes and reads raw bytes."""

import asyncio
import io
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import NamedTuple

from ferrox.clock import SettableClock
from ferrox.config import Address, Config
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.entrance import open_entrances
from ferrox.gateway.front import RequestLog
from ferrox.gateway.health import Health
from ferrox.gateway.server import Gateway
from ferrox.protocol.message import Request, Response

Answer = Callable[[Request], Awaitable[Response]]

CONFIG = Config(bind=Address("127.0.0.1", 0))
NOON_MS = 1_790_000_000_000


class Pipeline:
    """Answers by the function it is given, and remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[Request] = []
        self._is_asked = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        self._is_asked.set()
        return await self._answer(request)

    async def wait_asked(self) -> None:
        """Wait for the first request."""
        await self._is_asked.wait()


class Serving(NamedTuple):
    """A running gateway with everything a test wants to look at."""

    gateway: Gateway
    pipeline: Pipeline
    address: Address
    access: io.StringIO
    health: Health


@asynccontextmanager
async def serving(
    answer: Answer, request_log: RequestLog | None = None, **settings: object
) -> AsyncIterator[Serving]:
    """Run a gateway on a free port of the loopback interface."""

    async def probe() -> None:
        return

    pipeline = Pipeline(answer)
    clock = SettableClock(NOON_MS)
    access = io.StringIO()
    health = Health(probe)
    gateway_config = replace(CONFIG, **settings)  # type: ignore[arg-type] # replace checks the names
    gateway = Gateway(
        pipeline,
        gateway_config,
        health,
        clock,
        access_log=AccessLog("text", clock, access),
        request_log=request_log,
    )
    (entrance,) = open_entrances(gateway_config, logging.getLogger("ferrox.gateway"))
    await gateway.start(entrance)
    address = entrance.plain_address or entrance.secured_address
    assert address is not None
    try:
        yield Serving(gateway, pipeline, address, access, health)
    finally:
        await gateway.stop(0)


class Reply(NamedTuple):
    """One response as it stood on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send_forever(self) -> None:
        while True:
            await self.send(bytes(65_536))

    async def head(self) -> Reply:
        """Read status line and headers."""
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(lines[0].split(" ")[1])
        pairs = (line.partition(": ") for line in lines[1:-2])
        return Reply(status, {name.lower(): value for name, _, value in pairs}, b"")

    async def reply(self, *, is_head: bool = False) -> Reply:
        """Read one whole response with a Content-Length."""
        head = await self.head()
        length = 0 if is_head else int(head.headers.get("content-length", "0"))
        return head._replace(body=await self.reader.readexactly(length))

    async def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        return await self.reader.read()

    async def ask(self, data: bytes) -> Reply:
        await self.send(data)
        return await self.reply()


@asynccontextmanager
async def connected(address: Address, tls: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    """A connection to the gateway."""
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection(*address, ssl=tls, server_hostname=name)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


def get(path: str = "/b/k", *more: str, version: str = "1.1", method: str = "GET") -> bytes:
    """A request without a body."""
    lines = [f"{method} {path} HTTP/{version}", "Host: localhost", *more]
    return "".join(line + "\r\n" for line in (*lines, "")).encode("utf-8", "surrogateescape")


def put(body: bytes, *more: str, path: str = "/b/k") -> bytes:
    """A request with a body of announced length."""
    return get(path, f"Content-Length: {len(body)}", *more, method="PUT") + body


async def ok(_request: Request) -> Response:
    """Answer without looking at the body."""
    return Response(200, {"content-type": "text/plain"}, b"fine")


async def echo(request: Request) -> Response:
    """Answer with the request's body."""
    body = b"".join([data async for data in request.body])
    return Response(200, {}, body)
