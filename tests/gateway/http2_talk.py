"""An HTTP/2 connection with memory for a network: h2's client speaks to the program's server."""

import asyncio
import io
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.settings import SettingCodes, Settings

from ferrox.clock import SettableClock
from ferrox.errors import S3Error
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.connection import Listener
from ferrox.gateway.front import Front, RequestLog
from ferrox.gateway.health import Health
from ferrox.gateway.http2.connection import Http2Connection
from ferrox.gateway.limits import Limits
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import NOON_MS, Answer, Pipeline, echo, ok

LIMITS = Limits(
    header_bytes=16_384, connections=0, idle_timeout_s=60.0, body_timeout_s=30.0,
    body_bytes_per_s=100,
)  # fmt: skip
LIMIT_S = 20.0

Cut = Callable[[bytes], Iterable[bytes]]


def whole(data: bytes) -> Iterable[bytes]:
    return [data] if data else []


def in_bytes(data: bytes) -> Iterable[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def at_random(data: bytes) -> Iterable[bytes]:
    chance = random.Random(len(data))
    while data:
        size = chance.choice([1, 3, 9, 10, 100, 20_000])
        yield data[:size]
        data = data[size:]


def client_side() -> H2Connection:
    """A client that says what it is told to, be it wrong."""
    return H2Connection(
        H2Configuration(
            client_side=True,
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
    )


def fields(
    *more: tuple[str, str], method: str = "GET", path: str = "/b/k"
) -> list[tuple[str, str]]:
    return [
        (":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path),
        *more,
    ]  # fmt: skip


async def patient_echo(request: Request) -> Response:
    """As the pipeline, which answers whatever happens."""
    try:
        return await echo(request)
    except S3Error as error:
        return Response(error.status, {}, error.code.encode())


class MemoryTransport(asyncio.Transport):
    """The server's end of a network that takes everything, until it is told not to."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.unsent_bytes = 0
        self.has_news = asyncio.Event()
        self.is_ended = False
        self.is_aborted = False
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.is_ended:
            raise RuntimeError("nothing can be written after the end")
        self.written.append(bytes(data))
        self.has_news.set()

    def write_eof(self) -> None:
        self.is_ended = True
        self.has_news.set()

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True
        self.write_eof()

    def abort(self) -> None:
        self.is_aborted = True
        self.close()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.7", 1234) if name == "peername" else default


@dataclass
class Heard:
    """What came on one stream."""

    interim: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_ended: bool = False
    reset_code: int | None = None

    @property
    def status(self) -> int:
        return int(self.headers.get(":status", "0"))


class Talk:
    """Both ends of a connection.

    acknowledges  whether what is read makes room for more
    has_begun     whether the client has said what every client begins with
    others        how many connections there are besides
    """

    def __init__(
        self,
        answer: Answer = ok,
        *,
        limits: Limits = LIMITS,
        cut: Cut = whole,
        request_log: RequestLog | None = None,
        settings: dict[SettingCodes, int] | None = None,
        has_begun: bool = True,
        others: int = 0,
    ) -> None:
        async def probe() -> None:
            return

        clock = SettableClock(NOON_MS)
        self.pipeline = Pipeline(answer)
        self.access = io.StringIO()
        self.front = Front(
            self.pipeline, Health(probe), limits, (), clock, log=logging.getLogger("ferrox.test"),
            access_log=AccessLog("text", clock, self.access), request_log=request_log,
        )  # fmt: skip
        self.listener = Listener(_no_exchange, limits, self.front.log)
        self.connection = Http2Connection(self.front, self.listener, asyncio.get_running_loop())
        self.transport = MemoryTransport()
        self.client = client_side()
        self.cut = cut
        self.acknowledges = True
        self._unread = b""
        self.heard: defaultdict[int, Heard] = defaultdict(Heard)
        self.order: list[int] = []
        self.end: events.ConnectionTerminated | None = None
        if settings is not None:
            self.client.local_settings = Settings(client=True, initial_values=settings)
        for _ in range(others):
            self.listener.admission.enter()
        self.connection.connection_made(self.transport)
        if has_begun:
            self.client.initiate_connection()
            self.send()

    def send(self, data: bytes | None = None) -> None:
        """Have the server receive bytes, or what the client has to say."""
        for piece in self.cut(self.client.data_to_send() if data is None else data):
            self.connection.data_received(piece)

    def ask(
        self,
        *more: tuple[str, str],
        body: bytes | None = None,
        method: str = "",
        path: str = "/b/k",
    ) -> int:
        """Send a request whose body fits into the window; returns its stream."""
        stream_id = self.client.get_next_available_stream_id()
        method = method or ("GET" if body is None else "PUT")
        head = fields(*more, method=method, path=path)
        self.client.send_headers(stream_id, head, end_stream=body is None)
        if body is not None:
            self.client.send_data(stream_id, body, end_stream=True)
        self.send()
        return stream_id

    def listen(self) -> None:
        """Read what the server has sent so far, and answer it as clients do."""
        written, self.transport.written = self.transport.written, []
        self._unread += b"".join(written)
        while len(self._unread) >= 9:
            end = 9 + int.from_bytes(self._unread[:3], "big")
            if len(self._unread) < end:
                break
            frame, self._unread = self._unread[:end], self._unread[end:]
            for event in self.client.receive_data(frame):
                self._note(event)
        if not self.transport.is_ended:
            self.send()

    async def until(self, is_enough: Callable[[], bool]) -> None:
        """Listen until something is so."""
        async with asyncio.timeout(LIMIT_S):
            self.listen()
            while not is_enough():
                await self.transport.has_news.wait()
                self.transport.has_news.clear()
                self.listen()

    async def reply(self, stream_id: int) -> Heard:
        """What was answered, when it is all there."""
        heard = self.heard[stream_id]
        await self.until(lambda: heard.is_ended or heard.reset_code is not None)
        return heard

    async def ended(self) -> int:
        """The code with which the server went away, when it has closed."""
        await self.until(lambda: self.end is not None and self.transport.is_ended)
        assert self.end is not None
        return int(self.end.error_code or 0)

    async def settled(self) -> None:
        """Listen until every answer under way is over."""
        await self.over()
        self.listen()

    async def over(self) -> None:
        """Until every answer under way is over."""
        async with asyncio.timeout(LIMIT_S):
            while tasks := [one.task for one in self.connection._streams.values() if one.task]:
                await asyncio.wait(tasks)

    def log_lines(self) -> list[str]:
        self.front.flush()
        return self.access.getvalue().splitlines()

    def _note(self, event: events.Event) -> None:
        match event:
            case events.InformationalResponseReceived():
                self.heard[event.stream_id].interim.append(dict(event.headers))  # type: ignore[arg-type] # decoded
            case events.ResponseReceived():
                self.heard[event.stream_id].headers = dict(event.headers)  # type: ignore[arg-type] # decoded
            case events.DataReceived():
                self.heard[event.stream_id].body += event.data or b""
                self.order.append(event.stream_id)
                if self.acknowledges and event.flow_controlled_length:
                    self.client.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
            case events.StreamEnded():
                self.heard[event.stream_id].is_ended = True
            case events.StreamReset():
                self.heard[event.stream_id].reset_code = int(event.error_code or 0)
            case events.ConnectionTerminated():
                self.end = event
                # To h2 this is the end of everything, but answers that were asked for still come.
                self.client.state_machine.state = ConnectionState.CLIENT_OPEN
            case _:
                pass


async def _no_exchange(*_: object) -> bool:
    raise AssertionError("nobody speaks HTTP/1.1 here")
