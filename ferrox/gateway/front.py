"""What all connections share: who answers a request, what is logged, how many are under way.

This is the seam between the versions of HTTP and the program: each makes a `Request` of what it
received, has it answered here, and sends the `Response` in its own way.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from ferrox import ids
from ferrox.clock import Clock
from ferrox.errors import S3Error
from ferrox.gateway import counting, health, metrics_page
from ferrox.gateway.access_log import AccessLog
from ferrox.gateway.body import IncomingBody
from ferrox.gateway.health import Health
from ferrox.gateway.limits import Limits
from ferrox.gateway.metrics_page import MetricsPage
from ferrox.gateway.reply import Dating
from ferrox.protocol import address, encode
from ferrox.protocol.message import Outcome, Request, Response

_PAGES = {*health.PATHS, metrics_page.PATH}


class Answering(Protocol):
    """What the gateway needs of the pipeline."""

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        ...


class RequestLog(Protocol):
    """Whoever wants to know what became of requests."""

    def note(self, request: Request, outcome: Outcome) -> None:
        """Take note of one request that was answered."""
        ...


class RequestLogs:
    """Several of them."""

    def __init__(self, *logs: RequestLog) -> None:
        self._logs = logs

    def note(self, request: Request, outcome: Outcome) -> None:
        """Have each take note."""
        for log in self._logs:
            log.note(request, outcome)


Refuse = Callable[[Request, S3Error], Response]


class Sending(Protocol):
    """The sending of an answer.

    begun_s  when it began; 0: not yet
    """

    sent_bytes: int
    begun_s: float


class Front:
    """Answers requests, and knows about them all.

    running_count    requests under way
    answered_counts  those that were answered, by the first digit of the status; 0: not at all
    is_counted       whether metrics tell of them

    domains          names whose subdomains are buckets
    website_domains  names that are websites of buckets, as their subdomains are
    """

    def __init__(
        self,
        pipeline: Answering,
        health: Health,
        limits: Limits,
        domains: tuple[str, ...],
        clock: Clock,
        *,
        website_domains: tuple[str, ...] = (),
        log: logging.Logger,
        access_log: AccessLog | None,
        request_log: RequestLog | None = None,
        refuse: Refuse | None = None,
        metrics: MetricsPage | None = None,
        is_counted: bool = True,
    ) -> None:
        self.limits = limits
        self.is_counted = is_counted
        self.log = log
        self.dating = Dating(clock)
        self._pipeline = pipeline
        self._health = health
        self._metrics = metrics
        self._domains = domains
        self._website_domains = website_domains
        self._access_log = access_log
        self.request_log = request_log
        self._refuse = refuse
        self._host_id = ids.host_id()
        self.running_count = 0
        self.answered_counts = [0] * 10
        self._all_done: asyncio.Event | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether connections should come to their end."""
        return self._health.is_stopping

    async def answer(self, request: Request) -> Response:
        """The answer to a request that can be read."""
        response = await self._page(request) if request.path in _PAGES else None
        if response is None:
            return await self._pipeline.answer(request)
        response.headers["x-amz-request-id"] = request.request_id
        return response

    async def _page(self, request: Request) -> Response | None:
        """A page of the server itself; None where the host is a bucket's."""
        host = request.headers.get("host", "")
        if address.website_bucket(host, self._website_domains, self._domains):
            return None
        if request.path in health.PATHS:
            return await self._health.answer(request, self._domains)
        if self._metrics is None:
            return None
        return await self._metrics.answer(request, self._domains)

    def refuse(self, request: Request, error: S3Error) -> Response:
        """The error document for what did not reach the pipeline, or broke after it."""
        request.facts["error_code"] = error.code
        if self._refuse is not None:
            return self._refuse(request, error)
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

    def begin(self) -> None:
        """One more request is under way."""
        self.running_count += 1
        if self.is_counted:
            counting.begin()

    def end(
        self,
        request: Request,
        answered: tuple[Response, float] | None,
        began_s: float,
        body: IncomingBody,
        sending: Sending,
        *,
        is_whole: bool,
    ) -> None:
        """One less; tell metrics and logs what became of it.

        answered  the response and when it was there; None when there was none
        """
        duration_s = time.perf_counter() - began_s
        received_bytes, sent_bytes = body.received_bytes, sending.sent_bytes
        status = 0 if answered is None else answered[0].status
        self.running_count -= 1
        self.answered_counts[status // 100] += 1
        if self._all_done is not None and not self.running_count:
            self._all_done.set()
        if self.is_counted:
            first_byte_s = sending.begun_s - began_s if sending.begun_s else None
            counting.end(
                request,
                status,
                received_bytes=received_bytes,
                sent_bytes=sent_bytes,
                first_byte_s=first_byte_s,
                duration_s=duration_s,
                is_whole=is_whole,
            )
        if self._access_log is not None:
            self._access_log.write(
                request, status, received_bytes, sent_bytes, duration_s, is_aborted=not is_whole
            )
        if self.request_log is not None and answered is not None:
            response, answered_s = answered
            # What is answered before its body has come to its end took no time after that.
            turnaround_s = max(0.0, answered_s - max(began_s, body.ended_s))
            outcome = Outcome(
                status, response.headers, sent_bytes, duration_s, turnaround_s, received_bytes
            )
            self.request_log.note(request, outcome)

    async def stop(self) -> None:
        """Ask connections to end; return when no request is under way."""
        self._health.is_stopping = True
        if self.running_count:
            self._all_done = asyncio.Event()
            await self._all_done.wait()

    def flush(self) -> None:
        """Write what the log still holds back."""
        if self._access_log is not None:
            self._access_log.flush()
