"""The HTTP server: listens, and ends in an orderly way."""

import asyncio
import functools
import logging
import socket
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.config import Config
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.connection import Listener, Speaker
from ferrox.gateway.entrance import Entrance
from ferrox.gateway.exchange import exchange
from ferrox.gateway.front import Answering, Front, Refuse, RequestLog
from ferrox.gateway.health import Health
from ferrox.gateway.limits import BACKLOG, Limits
from ferrox.gateway.listeners import Sockets
from ferrox.gateway.metrics_page import MetricsPage
from ferrox.gateway.tls import Certificates
from ferrox.gateway.tls_transport import TlsTransport

_KEEPING_THE_FILE: dict[str, Any] = {"cleanup_socket": False} if sys.version_info >= (3, 13) else {}
"""Who made the file removes it: what the socket is called may be a name for a moment only, which
loops of Python 3.13 would look at to remove it themselves."""

CUT_S = 1.0
"""How long requests that outlived the grace get to react to their cancellation."""


class Figures(NamedTuple):
    """What a gateway has done since it was made.

    requests       that were answered, or could not be any more
    client_errors  of them, with a status of 4xx; server_errors with one of 5xx
    under_way      requests that are being answered
    """

    requests: int
    client_errors: int
    server_errors: int
    under_way: int
    connections: int


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
        request_log: RequestLog | None = None,
        on_stop: Callable[[], None] | None = None,
        refuse: Refuse | None = None,
        metrics: MetricsPage | None = None,
        is_counted: bool = True,
    ) -> None:
        """Make a gateway.

        on_stop     called when nothing new is accepted any more, before running requests are
                    awaited
        refuse      says no to what does not reach the pipeline, where that is not S3's way
        is_counted  whether metrics tell of its requests
        """
        self._config = config
        self._on_stop = on_stop
        self._log = log or logging.getLogger(f"{logs.LOGGER_NAME}.gateway")
        limits = _limits(config)
        if access_log is None and config.access_log and config.log_level in ("debug", "info"):
            access_log = AccessLog(config.log_format, clock)
        self._front = Front(
            pipeline,
            health,
            limits,
            config.domain,
            clock,
            website_domains=config.website_domain,
            log=self._log,
            access_log=access_log,
            request_log=request_log,
            refuse=refuse,
            metrics=metrics,
            is_counted=is_counted,
        )
        answer = functools.partial(exchange, self._front)
        http2 = functools.partial(_speak_http2, self._front)
        self._listener = Listener(answer, limits, self._log, http2, is_counted=is_counted)
        self._servers: list[asyncio.Server] = []

    def figures(self) -> Figures:
        """Return what it has done so far."""
        counts = self._front.answered_counts
        connections = self._listener.admission.count
        return Figures(sum(counts), counts[4], counts[5], self._front.running_count, connections)

    async def start(self, entrance: Entrance) -> None:
        """Accept what arrives, until told to stop."""
        await self._accept(entrance.plain, None)
        await self._accept(entrance.secured, entrance.certificates)

    async def _accept(self, sockets: Sockets, certificates: Certificates | None) -> None:
        protocol: Callable[[], asyncio.Protocol] = self._listener
        if certificates is not None:
            protocol = functools.partial(TlsTransport, self._listener, certificates.context)
        loop = asyncio.get_running_loop()
        for one in sockets:
            if one.family == socket.AF_UNIX:
                server = await loop.create_unix_server(
                    protocol, sock=one, backlog=BACKLOG, **_KEEPING_THE_FILE
                )
            else:
                server = await loop.create_server(protocol, sock=one, backlog=BACKLOG)
            self._servers.append(server)

    async def stop(self, grace_s: float) -> None:
        """Accept nothing new, let running requests end for up to `grace_s`, then cut the rest."""
        for server in self._servers:
            server.close()
        self._listener.close_idle()
        if self._on_stop is not None:
            self._on_stop()
        try:
            async with asyncio.timeout(grace_s):
                await self._front.stop()
        except TimeoutError:
            self._log.warning("cutting %d requests after %g s", self._front.running_count, grace_s)
        await self._listener.shutdown(CUT_S)
        self._front.flush()


def _limits(config: Config) -> Limits:
    return Limits(
        header_bytes=config.max_header_bytes,
        connections=config.max_connections,
        idle_timeout_s=config.idle_timeout,
        body_timeout_s=config.body_timeout,
        body_bytes_per_s=config.min_body_rate,
    )


def _speak_http2(front: Front, listener: Listener) -> Speaker:
    """What speaks HTTP/2; it is loaded when the first client asks for it."""
    from ferrox.gateway.http2.connection import Http2Connection

    return Http2Connection(front, listener, asyncio.get_running_loop())
