"""Faults that tests ask for: between the requests of S3 and those who answer them.

A request that no rule concerns goes on as if there were none. What was injected stands in the
answer's header `x-ferrox-injected`, where there is an answer, and in the access log.

- An error is answered before anything is looked at: nobody is authenticated, nothing is done.
- `reset` cuts the connection at the same point.
- `truncate` lets the request be answered, and cuts the connection half-way through the body of the
  answer; one without a body is not sent at all. What was asked for has been done all the same.
- `corrupt` flips one bit of the bytes of an object.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple, NoReturn, Protocol

from ferrox import fault_rules, ids
from ferrox.accounting.fault_board import FaultBoard, Placed
from ferrox.accounting.faults import NAMES
from ferrox.errors import S3Error
from ferrox.fault_rules import FaultRule, Kind, spelled_plainly
from ferrox.operations import sharing
from ferrox.operations.call import Services
from ferrox.protocol import address, control, cors, encode, router
from ferrox.protocol.address import Object, Service
from ferrox.protocol.kms.service import operation_name
from ferrox.protocol.message import Body, Request, Response
from ferrox.protocol.query.service import service_of

HEADER = "x-ferrox-injected"
FACT = "injected"


class Answering(Protocol):
    """Whoever answers requests that nothing happens to."""

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        ...


class _Asked(NamedTuple):
    """What rules go by."""

    operation: str
    bucket: str = ""
    key: str = ""


class Injection:
    """Has faults happen to requests, and hands on all others."""

    def __init__(
        self, board: FaultBoard, services: Services, others: Answering, domains: tuple[str, ...]
    ) -> None:
        self._board = board
        self._services = services
        self._others = others
        self._domains = domains
        self._generation = -1
        self._rules: list[Placed] = []

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens; only a cancelled task is not answered."""
        if self._board.generation != self._generation:
            self._generation = self._board.generation
            self._rules = self._board.rules()
        if not self._rules or (asked := _asked(request, self._domains)) is None:
            return await self._others.answer(request)
        injected: list[str] = []
        last = await self._draw(request, asked, injected)
        if last is not None and last.kind in {Kind.REFUSE, Kind.RESET}:
            request.request_id = request.request_id or ids.request_id()
            names = {"operation": NAMES[asked.operation], "bucket": asked.bucket, "key": asked.key}
            request.facts |= names
            response = self._unasked(request, last)
        else:
            response = await self._others.answer(request)
            if last is not None:
                _spoil(response, last.kind, is_head=request.method == "HEAD")
        if injected:
            response.headers[HEADER] = ", ".join(injected)
        return response

    async def _draw(self, request: Request, asked: _Asked, injected: list[str]) -> FaultRule | None:
        """Wait as rules say, up to the first fault of another kind, which is returned."""
        for placed in self._rules:
            rule = placed.rule
            if rule.concerns(*asked) and self._board.draw(placed):
                injected.append(rule.fault)
                request.facts[FACT] = ", ".join(injected)
                if rule.kind is not Kind.DELAY:
                    return rule
                await asyncio.sleep(rule.delay_s)
        return None

    def _unasked(self, request: Request, rule: FaultRule) -> Response:
        """What is answered in place of those who would answer."""
        if rule.kind is Kind.RESET:
            return Response(0, {}, _Cut())
        error = fault_rules.error(rule.code)
        request.facts["error_code"] = error.code
        response = encode.error(
            error,
            request_id=request.request_id,
            host_id=self._services.host_id,
            resource=request.path,
            is_head=request.method == "HEAD",
            is_wrapped=control.locate(request) is not None,
        )
        if cors.ORIGIN in request.headers:
            sharing.share(self._services, request, response)
        response.headers["x-amz-request-id"] = request.request_id
        response.headers["x-amz-id-2"] = self._services.host_id
        return response


def _asked(request: Request, domains: tuple[str, ...]) -> _Asked | None:
    """What a request is about; None for those of other services, and what nobody understands."""
    if request.path == "/" and (operation_name(request) or service_of(request)):
        return None
    try:
        if control.locate(request) is not None:
            return _Asked(spelled_plainly(control.resolve(request).name))
        target = address.locate(request, domains)
        operation = spelled_plainly(router.resolve(request, target.level).name)
    except S3Error:
        return None
    if isinstance(target, Service):
        return _Asked(operation)
    return _Asked(operation, target.bucket, target.key if isinstance(target, Object) else "")


def _spoil(response: Response, kind: Kind, *, is_head: bool) -> None:
    """Make an answer one that a client should not accept."""
    body = response.body
    if kind is Kind.CORRUPT:
        if response.status in {200, 206}:
            response.body = _flipped(body) if isinstance(body, bytes) else _corrupted(body)
        return
    if is_head or response.status in {204, 304} or body == b"":
        if not isinstance(body, bytes):
            response.body = _Cut(body)
        else:
            response.body = _Cut()
    elif isinstance(body, bytes):
        response.headers["content-length"] = str(len(body))
        response.body = _torn(_whole(body), len(body))
    else:
        response.body = _torn(body, int(response.headers.get("content-length", "0")))


class _Cut(AsyncIterator[bytes]):
    """A body that fails before its first byte, and when it is not wanted: nothing is sent."""

    def __init__(self, unsent: Body | None = None) -> None:
        self._unsent = unsent

    async def __anext__(self) -> bytes:
        _cut()

    async def aclose(self) -> None:
        """Fail, so that no head is sent for a body that nobody asked for either."""
        if self._unsent is not None:
            await _close(self._unsent)
        _cut()


def _cut() -> NoReturn:
    """Have the gateway cut the connection as it does when a client is gone."""
    raise ConnectionResetError("a fault was injected")


async def _whole(data: bytes) -> Body:
    yield data


async def _torn(body: Body, length_bytes: int) -> Body:
    """Half of a body; of one whose length nobody knows its first piece."""
    left_bytes = length_bytes // 2
    try:
        async for piece in body:
            yield piece[:left_bytes] if length_bytes else piece
            left_bytes -= len(piece)
            if left_bytes <= 0:
                break
    finally:
        await _close(body)
    _cut()


async def _corrupted(body: Body) -> Body:
    """A body whose first piece is not what it should be."""
    is_whole = True
    try:
        async for piece in body:
            yield _flipped(piece) if is_whole else piece
            is_whole = is_whole and not piece
    finally:
        await _close(body)


def _flipped(data: bytes) -> bytes:
    """The same bytes but for one bit in their middle; nothing where there is nothing."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


async def _close(body: Body) -> None:
    close = getattr(body, "aclose", None)
    if close is not None:
        await close()
