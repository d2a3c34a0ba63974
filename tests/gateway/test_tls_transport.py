"""Requests over TLS, and clients that do not do it right: in parts, not at all, too slowly."""

import asyncio
import contextlib
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from ferrox.config import Address
from ferrox.errors import IncompleteBody
from ferrox.gateway import limits
from ferrox.gateway.connection import Connection
from ferrox.gateway.tls_transport import TlsTransport
from ferrox.protocol.message import Request, Response
from tests.gateway.wire import Answer, Serving, connected, echo, get, ok, put, serving
from tests.issuing import Issuer


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    issuer = Issuer(tmp_path_factory.mktemp("pki"))
    issuer.server()
    return issuer


@asynccontextmanager
async def secured(issuer: Issuer, answer: Answer, **settings: Any) -> AsyncIterator[Serving]:
    """A gateway that can be reached over TLS only."""
    certificate = issuer.folder / "server.crt"
    async with serving(
        answer,
        bind=None,
        tls_bind=Address("127.0.0.1", 0),
        tls_certificate=(certificate,),
        tls_key=(certificate.with_suffix(".key"),),
        **settings,
    ) as running:
        yield running


def the_only_connection(running: Serving) -> Connection:
    """It speaks HTTP/1.1."""
    (connection,) = running.gateway._listener.connections
    return cast("Connection", connection)


class Hand:
    """A client that does TLS by hand, so that it can cut, withhold and damage what it sends."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self.tls: Any = None
        self.cut: Callable[[bytes], list[bytes]] = lambda data: [data]

    async def shake(self, context: ssl.SSLContext) -> None:
        self.tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")
        await self._until(self.tls.do_handshake)

    async def send(self, data: bytes) -> None:
        self.tls.write(data)
        await self.flush()

    async def receive(self) -> bytes:
        """What comes next; b"" at the end of what TLS sends."""
        try:
            return bytes(await self._until(lambda: self.tls.read(65_536)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def receive_all(self) -> bytes:
        pieces = []
        while piece := await self.receive():
            pieces.append(piece)
        return b"".join(pieces)

    async def flush(self) -> None:
        data = self._out.read()
        for piece in self.cut(data) if data else ():
            self.writer.write(piece)
            await self.writer.drain()
            if len(piece) < 100:
                await asyncio.sleep(0)

    async def close_sending(self) -> None:
        """Say in TLS that no more comes, and nothing to TCP."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        await self.flush()

    async def _until(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self.flush()
                data = await self.reader.read(65_536)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            else:
                await self.flush()
                return done


@asynccontextmanager
async def by_hand(address: Address) -> AsyncIterator[Hand]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield Hand(reader, writer)
    finally:
        writer.transport.abort()


def in_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def at_random(data: bytes) -> list[bytes]:
    chance = random.Random(len(data))
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(5))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


# Requests


async def test_a_request_knows_how_it_came(issuer: Issuer) -> None:
    async with (
        secured(issuer, ok) as running,
        connected(running.address, issuer.context()) as client,
    ):
        reply = await client.ask(get())

    request = running.pipeline.requests[0]
    assert (200, b"fine") == (reply.status, reply.body)
    assert request.tls is not None
    assert ("127.0.0.1", True) == (request.peer, request.is_secure)
    assert ("TLSv1.3", ()) == (request.tls.version, request.tls.subject)
    assert request.tls.cipher.startswith("TLS_")
    assert " tls=TLSv1.3" in running.access.getvalue()


async def test_the_log_says_who_the_client_is(issuer: Issuer) -> None:
    alice = issuer.client("alice", "operators")
    async with (
        secured(issuer, ok, tls_client_ca=issuer.trusted) as running,
        connected(running.address, issuer.context(alice)) as client,
        connected(running.address, issuer.context()) as nobody,
    ):
        await client.ask(get())
        await nobody.ask(get())

    known, unknown = [request.tls for request in running.pipeline.requests]
    assert known is not None
    assert unknown is not None
    assert {("commonName", "alice"), ("organizationalUnitName", "operators")} == set(known.subject)
    assert () == unknown.subject
    first, second = running.access.getvalue().splitlines()
    assert "client=OU=operators,CN=alice" in first
    assert "client=" not in second


async def test_many_requests_come_over_one_connection(issuer: Issuer) -> None:
    async with (
        secured(issuer, echo) as running,
        connected(running.address, issuer.context()) as client,
    ):
        bodies = [(await client.ask(put(b"%d" % n))).body for n in range(20)]
        client.writer.write(b"".join(put(b"%d" % n) for n in range(20, 40)))
        bodies += [(await client.reply()).body for _ in range(20)]

    assert [b"%d" % n for n in range(40)] == bodies


async def test_long_bodies_pass_both_ways(issuer: Issuer) -> None:
    body = random.Random(1).randbytes(5_000_001)
    async with (
        secured(issuer, echo) as running,
        connected(running.address, issuer.context()) as client,
    ):
        sending = asyncio.ensure_future(client.send(put(body)))
        reply = await client.reply()
        await sending

    assert body == reply.body


@pytest.mark.parametrize("cut", [in_bytes, at_random])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_connection_whose_bytes_drip_is_one_like_others(
    issuer: Issuer, cut: Callable[[bytes], list[bytes]], version: ssl.TLSVersion
) -> None:
    context = issuer.context()
    context.minimum_version = context.maximum_version = version
    async with secured(issuer, echo) as running, by_hand(running.address) as client:
        client.cut = cut
        await client.shake(context)
        await client.send(put(b"one") + put(b"two", "Connection: close"))
        answers = await client.receive_all()

    assert (b"one", b"two") == (answers.split(b"\r\n\r\n")[1][:3], answers[-3:])


async def test_a_client_that_said_it_sends_no_more_still_gets_its_answer(issuer: Issuer) -> None:
    release = asyncio.Event()

    async def slow(_request: Request) -> Response:
        await release.wait()
        return Response(200, {}, b"late")

    async with secured(issuer, slow) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        await client.send(get())
        await client.close_sending()
        await running.pipeline.wait_asked()
        release.set()
        answer = b""
        while not answer.endswith(b"late"):
            data = await client.reader.read(65_536)
            assert data
            client._in.write(data)
            with contextlib.suppress(ssl.SSLWantReadError):
                answer += client.tls.read(65_536)

    assert b"Connection: close" in answer


async def test_a_body_that_ends_early_is_incomplete(issuer: Issuer) -> None:
    async def read(request: Request) -> Response:
        with pytest.raises(IncompleteBody):
            await echo(request)
        return Response(400, {}, b"early")

    async with secured(issuer, read) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        await client.send(put(b"hello")[:-2])
        await running.pipeline.wait_asked()
        client.writer.write_eof()
        answer = await client.receive_all()

    assert answer.endswith(b"early")


async def test_a_refused_upload_can_read_why(issuer: Issuer) -> None:
    async def refuse(_request: Request) -> Response:
        return Response(403, {}, b"no")

    async with secured(issuer, refuse) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        await client.send(put(bytes(4_000_000))[:3_000_000])
        answer = await client.receive_all()

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.endswith(b"no")


async def test_who_takes_nothing_more_is_cut(issuer: Issuer) -> None:
    async def long(_request: Request) -> Response:
        async def blocks() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield bytes(1 << 20)

        return Response(200, {"content-length": str(100 << 20)}, blocks())

    async with (
        secured(issuer, long, body_timeout=0.1) as running,
        by_hand(running.address) as client,
    ):
        await client.shake(issuer.context())
        await client.send(get())
        await running.pipeline.wait_asked()
        while running.gateway._listener.connections:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)

    assert "aborted=true" in running.access.getvalue()


async def test_all_that_is_not_taken_is_counted(issuer: Issuer) -> None:
    """It waits in one place: nobody takes slow progress for none."""
    async with secured(issuer, ok) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        while not running.gateway._listener.connections:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        connection = the_only_connection(running)
        transport = cast("TlsTransport", connection._transport)

        transport.write(bytes(50 << 20))

        unsent_bytes = transport.get_write_buffer_size()
        assert unsent_bytes > 30 << 20
        assert connection.is_writing_paused
        while unsent_bytes == transport.get_write_buffer_size():
            assert await client.receive()
        transport.abort()


# Clients that do not do it right


async def test_a_request_in_the_open_is_told_so(issuer: Issuer) -> None:
    async with secured(issuer, ok) as running, connected(running.address) as client:
        await client.send(get())
        reply = await client.head()
        rest = await client.rest()

    assert (400, "close") == (reply.status, reply.headers["connection"])
    assert b"This port speaks TLS: use https:// in the URL.\n" == rest
    assert [] == running.pipeline.requests


@pytest.mark.parametrize(
    "data",
    [bytes(99), b"SSH-2.0-a\r\n", b"\x16\x03\1\xff\xff" + bytes(99), b"DELETE / HTTP/1.1\r\n\r\n"],
    ids=["zeros", "ssh", "too long", "delete"],
)  # fmt: skip
async def test_garbage_is_cut(issuer: Issuer, data: bytes) -> None:
    async with secured(issuer, ok, idle_timeout=5) as running, connected(running.address) as client:
        await client.send(data)
        rest = await client.rest()
        async with connected(running.address, issuer.context()) as other:
            reply = await other.ask(get())

    assert not rest.startswith(b"HTTP")
    assert (200, 1) == (reply.status, len(running.pipeline.requests))


async def test_garbage_after_the_handshake_is_cut(issuer: Issuer) -> None:
    async with secured(issuer, ok) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        client.writer.write(b"\x17\x03\x03\0\x20" + bytes(32))
        with contextlib.suppress(ConnectionResetError, ssl.SSLError):
            await client.receive_all()

    assert [] == running.pipeline.requests


async def test_a_client_that_is_refused_is_told_why(issuer: Issuer) -> None:
    context = issuer.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    async with secured(issuer, ok) as running, by_hand(running.address) as client:
        with pytest.raises(ssl.SSLError, match=r"(?i)handshake failure"):
            await client.shake(context)


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01"], ids=["silent", "slow"])
async def test_a_handshake_that_does_not_end_is_cut(issuer: Issuer, sent: bytes) -> None:
    async with (
        secured(issuer, ok, idle_timeout=0.05) as running,
        connected(running.address) as client,
    ):
        await client.send(sent)
        with contextlib.suppress(ConnectionResetError):
            assert b"" == await client.rest()

    assert 0 == running.gateway._listener.admission.count


def test_a_handshake_has_less_time_than_a_connection_may_be_idle() -> None:
    assert 0 < limits.HANDSHAKE_S < 75


async def test_connections_whose_handshake_is_under_way_are_counted(issuer: Issuer) -> None:
    async with (
        secured(issuer, ok, max_connections=1) as running,
        connected(running.address) as silent,
    ):
        await silent.send(b"\x16")
        async with connected(running.address, issuer.context()) as client:
            refused = await client.ask(get())
        silent.writer.transport.abort()
        while running.gateway._listener.admission.count:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        async with connected(running.address, issuer.context()) as client:
            served = await client.ask(get())

    assert b"<Code>SlowDown</Code>" in refused.body
    assert 200 == served.status


async def test_stopping_waits_for_no_handshake(issuer: Issuer) -> None:
    async with (
        secured(issuer, ok) as running,
        connected(running.address) as silent,
    ):
        await silent.send(b"\x16")
        while not running.gateway._listener.handshakes:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        await running.gateway.stop(1)
        with contextlib.suppress(ConnectionResetError):
            assert b"" == await silent.rest()

    assert set() == running.gateway._listener.handshakes


async def test_who_asks_tls_for_answers_and_takes_none_is_cut(issuer: Issuer) -> None:
    """OpenSSL answers some messages by itself; such answers must not pile up without end."""
    async with secured(issuer, ok) as running, by_hand(running.address) as client:
        await client.shake(issuer.context())
        while not running.gateway._listener.connections:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        connection = the_only_connection(running)
        transport = cast("TlsTransport", connection._transport)
        transport.pause_writing()
        transport._ssl.write(b"an answer of TLS")

        transport.data_received(b"")

        assert transport.is_closing()


async def test_reading_pauses_while_a_body_waits_for_its_reader(issuer: Issuer) -> None:
    may_read = asyncio.Event()

    async def late(request: Request) -> Response:
        await may_read.wait()
        return await echo(request)

    body = bytes(3_000_000)
    async with (
        secured(issuer, late) as running,
        connected(running.address, issuer.context()) as client,
    ):
        sending = asyncio.ensure_future(client.send(put(body)))
        await running.pipeline.wait_asked()
        connection = the_only_connection(running)
        while not connection._is_paused:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.001)
        may_read.set()
        reply = await client.reply()
        await sending

    assert body == reply.body


async def test_an_idle_connection_is_closed_in_an_orderly_way(issuer: Issuer) -> None:
    async with (
        secured(issuer, ok, idle_timeout=0.05) as running,
        by_hand(running.address) as client,
    ):
        await client.shake(issuer.context())
        end = await client.receive()

    assert b"" == end
