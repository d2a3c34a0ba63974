"""outgoing_connections.py: requests and answers of any size on connections that are used again."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ferrox.outgoing_connections import BLOCK_BYTES, Connections, Endpoint, endpoint_of
from tests.clients.tls_front import write_certificate
from tests.issuing import Issuer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Stage:
    """A server that plays one scene for each connection, the last one again and again."""

    def __init__(self, *scenes: Play) -> None:
        self.scenes = list(scenes)
        self.connections = 0
        self.playing: set[asyncio.Task[None] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.playing.add(asyncio.current_task())
        scene = self.scenes[min(self.connections, len(self.scenes) - 1)]
        self.connections += 1
        try:
            await scene(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def playing(
    stage: Stage, tls: ssl.SSLContext | None = None, ca_file: str = "", stall_s: float = 10.0
) -> AsyncIterator[Connections]:
    server = await asyncio.start_server(stage.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme = "https" if tls else "http"
    connections = Connections(
        endpoint_of(f"{scheme}://127.0.0.1:{port}"), ca_file=ca_file, stall_s=stall_s
    )
    async with server:
        yield connections
        await connections.close()
        await asyncio.gather(*(task for task in stage.playing if task), return_exceptions=True)


def answering(answer: bytes, *, times: int = 100) -> Play:
    """Answer so to every request on a connection; bodies are read by their length."""

    async def scene(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(times):
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(
                line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
            )
            await reader.readexactly(int(fields.get(b"content-length", b"0")))
            writer.write(answer)
            await writer.drain()

    return scene


async def _get(connections: Connections, method: str = "GET") -> tuple[int, bytes]:
    async with connections.asked(method, "/", {"host": "h"}) as answer:
        return answer.status, await answer.whole(10_000_000)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (CHUNKED + b"3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", b"abcd"),
        (CHUNKED + b"1\r\na\r\n0\r\nTrailer: t\r\n\r\n", b"a"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
    ],
)  # fmt: skip
async def test_a_connection_is_used_again_after_a_whole_answer(answer: bytes, body: bytes) -> None:
    stage = Stage(answering(answer))

    async with playing(stage) as connections:
        bodies = [(await _get(connections))[1] for _ in range(3)]

    assert [body] * 3 == bodies
    assert 1 == stage.connections


async def test_the_answer_to_head_has_no_body() -> None:
    stage = Stage(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"))

    async with playing(stage) as connections:
        assert [(200, b"")] * 2 == [await _get(connections, "HEAD") for _ in range(2)]

    assert 1 == stage.connections


async def test_headers_come_in_lower_case_with_the_bytes_they_had() -> None:
    answer = b"HTTP/1.1 200 OK\r\nX-Amz-Meta-A: \xc3\xbc\xff\r\nContent-Length: 0\r\n\r\n"

    async with (
        playing(Stage(answering(answer))) as connections,
        connections.asked("GET", "/", {"host": "h", "x-amz-meta-b": "ü"}) as found,
    ):
        assert "ü\udcff" == found.headers["x-amz-meta-a"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nok",
    ],
)
async def test_a_connection_that_ends_is_not_used_again(answer: bytes) -> None:
    stage = Stage(answering(answer, times=1))

    async with playing(stage) as connections:
        assert [(200, b"ok")] * 2 == [await _get(connections) for _ in range(2)]

    assert 2 == stage.connections


async def test_a_connection_whose_answer_was_not_read_is_closed() -> None:
    stage = Stage(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000))

    async with playing(stage) as connections:
        async with connections.asked("GET", "/", {"host": "h"}) as answer:
            first = await anext(answer.body)
        assert 0 < len(first) <= BLOCK_BYTES
        assert 200_000 == len((await _get(connections))[1])

    assert 2 == stage.connections


async def test_what_an_idle_connection_did_not_hear_is_said_again() -> None:
    """The other side closes after its first answer, which only the next request finds out."""
    closes = answering(OK, times=1)
    stage = Stage(closes, closes, closes)

    async with playing(stage) as connections:
        assert [200] * 3 == [(await _get(connections))[0] for _ in range(3)]

    assert 3 == stage.connections


async def _blocks(*blocks: bytes) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


async def test_a_body_is_sent_as_it_is_made() -> None:
    stage = Stage(answering(OK))
    headers = {"host": "h", "content-length": "6"}

    async with playing(stage) as connections:
        for _ in range(2):
            body = _blocks(b"abc", b"def")
            async with connections.asked("PUT", "/", headers, body) as answer:
                assert (200, b"ok") == (answer.status, await answer.whole(10))

    assert 1 == stage.connections


async def test_a_refusal_comes_before_the_rest_of_the_body() -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    has_refused = asyncio.Event()
    asked_for = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refusal)
        await writer.drain()
        has_refused.set()
        await reader.read()

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked_for
        while True:
            asked_for += 1
            await has_refused.wait()
            yield bytes(BLOCK_BYTES)

    stage = Stage(refuse)
    async with playing(stage) as connections:
        headers = {"host": "h", "content-length": "1000000000"}
        async with connections.asked("PUT", "/", headers, endless()) as answer:
            assert (403, b"no") == (answer.status, await answer.whole(10))
        with pytest.raises(TimeoutError):  # it is not idle now, as it waits for the rest
            async with asyncio.timeout(0):
                await _get(connections)
    assert asked_for < 1_000_000_000 // BLOCK_BYTES


async def test_a_body_that_fails_ends_the_connection() -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        heard.put_nowait(await reader.read())

    async def failing() -> AsyncIterator[bytes]:
        yield b"abc"
        raise RuntimeError("the source has ended")

    async with playing(Stage(listen)) as connections:
        with pytest.raises(RuntimeError, match="has ended"):
            async with connections.asked("PUT", "/", {"content-length": "9"}, failing()):
                pass
        assert b"abc" == await heard.get()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"9\r\nabc",
        CHUNKED + b"1" * 5000 + b"\r\n",
        CHUNKED + b"1" * 600_000,
    ],
)
async def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    async with playing(Stage(answering(answer, times=1))) as connections:
        with pytest.raises(ConnectionError):
            await _get(connections)


async def test_an_answer_that_is_too_long_is_not_kept() -> None:
    async with playing(Stage(answering(OK))) as connections:
        with pytest.raises(ConnectionError, match="too long"):
            async with connections.asked("GET", "/", {}) as answer:
                await answer.whole(1)


async def test_silence_is_not_waited_for_for_ever() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with playing(Stage(silence), stall_s=0.05) as connections:
        with pytest.raises(TimeoutError):
            await _get(connections)


async def test_a_header_cannot_end_its_line() -> None:
    async with playing(Stage(answering(OK))) as connections:
        with pytest.raises(ValueError, match="an end of its own"):
            async with connections.asked("GET", "/", {"x": "a\r\ny: b"}):
                pass


async def test_the_other_side_is_known_by_its_certificate(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)

    async with playing(Stage(answering(OK)), tls, str(certificate)) as connections:
        assert (200, b"ok") == await _get(connections)
    async with playing(Stage(answering(OK)), tls) as connections:
        with pytest.raises(OSError, match="certificate"):
            await _get(connections)


async def test_a_server_of_this_machine_need_not_prove_its_name(tmp_path: Path) -> None:
    """Unless somebody says whose certificates it has."""
    certificate, key = write_certificate(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    other = str(Issuer(tmp_path / "other").trusted)

    async with playing(Stage(answering(OK)), tls) as connections:
        endpoint = connections.endpoint._replace(is_own=True)
        own, known = Connections(endpoint), Connections(endpoint, ca_file=other)
        assert (200, b"ok") == await _get(own)
        with pytest.raises(OSError, match="certificate"):
            await _get(known)
        await own.close()


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://h", Endpoint(False, "h", 80, "h")),
        ("https://h:443/", Endpoint(True, "h", 443, "h")),
        ("http://h:9000", Endpoint(False, "h", 9000, "h:9000")),
        ("http://[::1]:9000", Endpoint(False, "::1", 9000, "[::1]:9000")),
    ],
)
def test_an_address_is_read(url: str, endpoint: Endpoint) -> None:
    assert endpoint == endpoint_of(url)


@pytest.mark.parametrize("url", ["", "h:9000", "ftp://h", "http://", "http://h/path", "http://u@h"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        endpoint_of(url)
