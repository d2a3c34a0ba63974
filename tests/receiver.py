"""A target of events: a real HTTP server that remembers what it was told, and answers as asked."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple


class Told(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    @property
    def key(self) -> str:
        return str(self.message["Records"][0]["s3"]["object"]["key"])

    @property
    def event(self) -> str:
        """What happened; of the test message what it calls itself."""
        message = self.message
        return str(message.get("EventName") or message["Event"])


class Receiver:
    """Takes what it is sent. `answer` says with which status, or which bytes; None: not at all."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.answer: Callable[[Told], int | bytes | None] = lambda _: 200
        self.url = ""
        self.arrived = asyncio.Condition()
        self.serving: set[asyncio.Task[None] | None] = set()

    async def until(self, count: int) -> None:
        """Wait until so much has been told."""
        async with asyncio.timeout(30), self.arrived:
            await self.arrived.wait_for(lambda: len(self.told) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.partition(": ") for line in head[1:] if line)
            headers = {name.lower(): value for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            told = Told(head[0].split()[1], headers, body)
            answer = self.answer(told)
            if isinstance(answer, int):
                answer = b"HTTP/1.1 %d Answer\r\nContent-Length: 2\r\n\r\nok" % answer
            if answer is None:
                await reader.read()
                return
            writer.write(answer)
            await writer.drain()
            async with self.arrived:
                self.told.append(told)
                self.arrived.notify_all()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver for the length of a block."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/hook"
    async with server:
        yield receiver
        await asyncio.gather(*(task for task in receiver.serving if task is not None))
