"""The HTTP server: listens, and ends in an orderly way."""

import asyncio
import functools
import logging
from collections.abc import Callable

from ferrox import log as logs
from ferrox.clock import Clock
from ferrox.config import Address, Config
from ferrox.gateway import listeners
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.connection import Listener
from ferrox.gateway.exchange import exchange
from ferrox.gateway.front import Answering, Front, RequestLog
from ferrox.gateway.health import Health
from ferrox.gateway.limits import BACKLOG, Limits
from ferrox.gateway.listeners import Sockets

CUT_S = 1.0
"""How long requests that outlived the grace get to react to their cancellation."""


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
    ) -> None:
        """Make a gateway.

        on_stop  called when nothing new is accepted any more, before running requests are awaited
        """
        self._config = config
        self._on_stop = on_stop
        self._log = log or logging.getLogger(f"{logs.LOGGER_NAME}.gateway")
        limits = Limits(
            header_bytes=config.max_header_bytes,
            connections=config.max_connections,
            idle_timeout_s=config.idle_timeout,
            body_timeout_s=config.body_timeout,
            body_bytes_per_s=config.min_body_rate,
        )
        if access_log is None and config.access_log and config.log_level in ("debug", "info"):
            access_log = AccessLog(config.log_format, clock)
        self._front = Front(
            pipeline,
            health,
            limits,
            config.domain + config.website_domain,
            clock,
            log=self._log,
            access_log=access_log,
            request_log=request_log,
        )
        self._listener: Listener | None = None
        self._servers: list[asyncio.Server] = []

    async def start(self, sockets: Sockets | None = None) -> Address:
        """Listen, and return the address that was really bound; StartError if it cannot be.

        sockets  those that were made for this process, when there are several
        """
        if sockets is None:
            (sockets,) = listeners.listen(self._config.bind)
        answer = functools.partial(exchange, self._front)
        self._listener = Listener(answer, self._front.limits, self._log)
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
