"""The HTTP/1.1 server: accepts connections, hands each request to the pipeline, sends the answer.

One handler over aiohttp's low-level server, without its router and middlewares. Everything that
comes from the client and everything that goes to it passes through `_exchange`.
"""

import asyncio
import contextlib
import logging
import time
from typing import Protocol

from ferrox import ids
from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.config import Address, Config
from ferrox.errors import InternalError, S3Error
from ferrox.gateway import bridge, health, listeners
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.aiohttp_parts import BaseRequest, StreamResponse
from ferrox.gateway.connection import CLOSE, KEEP, Connection, Listener
from ferrox.gateway.health import Health
from ferrox.gateway.limits import BACKLOG, Limits
from ferrox.gateway.listeners import Sockets
from ferrox.gateway.reply import Dating, Reply, StalledError
from ferrox.protocol import encode
from ferrox.protocol.message import Request, Response

CUT_S = 1.0
"""How long requests that outlived the grace get to react to their cancellation."""


class Answering(Protocol):
    """What the gateway needs of the pipeline."""

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        ...


class Gateway:
    """Listens, and serves what arrives."""

    def __init__(
        self,
        pipeline: Answering,
        config: Config,
        health: Health,
        clock: Clock,
        *,
        log: logging.Logger | None = None,
        access_log: AccessLog | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._config = config
        self._health = health
        self._log = log or logging.getLogger(f"{logs.LOGGER_NAME}.gateway")
        self._limits = Limits(
            config.max_header_bytes,
            config.max_connections,
            config.idle_timeout,
            config.body_timeout,
        )
        if access_log is None and config.access_log and config.log_level in ("debug", "info"):
            access_log = AccessLog(config.log_format, clock)
        self._access_log = access_log
        self._host_id = ids.host_id()
        self._dating = Dating(clock)
        self._listener: Listener | None = None
        self._servers: list[asyncio.Server] = []
        self._running = 0
        self._all_done: asyncio.Event | None = None

    async def start(self, sockets: Sockets | None = None) -> Address:
        """Listen, and return the address that was really bound; StartError if it cannot be.

        sockets  those that were made for this process, when there are several
        """
        if sockets is None:
            (sockets,) = listeners.listen(self._config.bind)
        self._listener = Listener(self._handle, self._refuse, self._limits, self._log)
        loop = asyncio.get_running_loop()
        address = listeners.address_of(sockets)
        for one in sockets:
            server = await loop.create_server(self._listener, sock=one, backlog=BACKLOG)
            self._servers.append(server)
        return address

    async def stop(self, grace_s: float) -> None:
        """Accept nothing new, let running requests end for up to `grace_s`, then cut the rest."""
        if self._listener is None:
            return
        self._health.is_stopping = True
        for server in self._servers:
            server.close()
        self._listener.close_idle()
        if self._running:
            self._all_done = asyncio.Event()
            try:
                async with asyncio.timeout(grace_s):
                    await self._all_done.wait()
            except TimeoutError:
                self._log.warning("cutting %d requests after %g s", self._running, grace_s)
        await self._listener.shutdown(CUT_S)
        if self._access_log is not None:
            self._access_log.flush()

    async def _handle(self, wire: BaseRequest) -> StreamResponse:
        """Serve one request; what aiohttp learns is only whether the connection lives on."""
        connection = _connection_of(wire)
        return await self._finish(
            wire, connection, bridge.request(wire, connection, self._limits), None
        )

    async def _refuse(self, wire: BaseRequest, error: S3Error) -> StreamResponse:
        """Answer what could not be parsed."""
        connection = _connection_of(wire)
        return await self._finish(wire, connection, bridge.unreadable(wire, connection), error)

    async def _finish(
        self,
        wire: BaseRequest,
        connection: Connection,
        request: Request,
        error: S3Error | None,
    ) -> StreamResponse:
        self._running += 1
        try:
            keep_alive = await self._exchange(wire, connection, request, error)
        finally:
            self._running -= 1
            if self._all_done is not None and not self._running:
                self._all_done.set()
        if not keep_alive:
            await connection.linger()
        return KEEP if keep_alive else CLOSE

    async def _exchange(
        self,
        wire: BaseRequest,
        connection: Connection,
        request: Request,
        error: S3Error | None,
    ) -> bool:
        """Answer one request and log it; whether the connection may be used again."""
        began_s = time.perf_counter()  # the time of an event loop is too coarse for small requests
        reply = Reply(wire, connection, self._dating.lines(), self._limits.body_timeout_s)
        body = bridge.body_of(request)
        status = 0
        is_whole = False
        try:
            response = await self._answer(wire, connection, request, error)
            status = response.status
            keep_alive = self._may_keep_alive(wire, connection, request, body)
            is_whole = await self._send(reply, connection, request, response, keep_alive=keep_alive)
            if is_whole and keep_alive and not body.is_complete:
                keep_alive = await body.drain()
        finally:
            if self._access_log is not None:
                self._access_log.write(
                    request,
                    status,
                    body.received_bytes,
                    reply.sent_bytes,
                    time.perf_counter() - began_s,
                    is_aborted=not is_whole,
                )
        return is_whole and keep_alive and reply.keeps_connection

    async def _answer(
        self,
        wire: BaseRequest,
        connection: Connection,
        request: Request,
        error: S3Error | None,
    ) -> Response:
        if error is not None:
            return self._refusal(error, request)
        try:
            bridge.check(request, wire, connection, self._limits)
        except S3Error as refused:
            connection.may_continue = False
            return self._refusal(refused, request)
        if request.path in health.PATHS:
            response = await self._health.answer(request, self._config.domain)
            if response is not None:
                return response
        return await self._pipeline.answer(request)

    def _may_keep_alive(
        self,
        wire: BaseRequest,
        connection: Connection,
        request: Request,
        body: bridge.IncomingBody,
    ) -> bool:
        if self._health.is_stopping or not wire.keep_alive or not connection.may_continue:
            return False
        if connection.is_last_request:
            return False
        return body.is_complete or body.is_worth_draining(request.headers.get("content-length"))

    async def _send(
        self,
        reply: Reply,
        connection: Connection,
        request: Request,
        response: Response,
        *,
        keep_alive: bool,
    ) -> bool:
        """Send the response; whether all of it left.

        What fails before the head is out becomes an error document; what fails later cuts the
        connection, so that no client takes a part for the whole.
        """
        is_head = request.method == "HEAD"
        try:
            await reply.send(response, keep_alive=keep_alive, is_head=is_head)
        except (ConnectionError, StalledError) as error:
            self._log.debug("%s: the client is gone: %r", request.request_id, error)
        except Exception:  # noqa: BLE001 - a body may fail in any way; it is logged and cut
            self._log.exception("%s: the response broke off", request.request_id)
            if not reply.has_begun:
                refusal = self._refusal(InternalError(), request)
                with contextlib.suppress(ConnectionError, StalledError):
                    await reply.send(refusal, keep_alive=False, is_head=is_head)
                    return True
        else:
            return True
        connection.cut()
        return False

    def _refusal(self, error: S3Error, request: Request) -> Response:
        """The error document for what did not reach the pipeline."""
        request.facts["error_code"] = error.code
        response = encode.error(
            error,
            request_id=request.request_id,
            host_id=self._host_id,
            resource=request.path,
            is_head=request.method == "HEAD",
        )
        response.headers["x-amz-request-id"] = request.request_id
        response.headers["x-amz-id-2"] = self._host_id
        return response


def _connection_of(wire: BaseRequest) -> Connection:
    connection = wire.protocol
    assert isinstance(connection, Connection)  # noqa: S101 - the listener makes no other
    return connection
